"""Workers of our own: processes that take one task after the other, and may die.

A worker that dies costs its task, which is done again by another; a task whose worker died three
times is given up. Whoever stops asking for results ends the workers.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar

from asa_desktop.core.errors import PlaceError

TRIES = 3
"""Workers that a task may cost."""

MOST_IN_A_ROW = 50
"""Workers that may die without any result between: then it is not the tasks.

Those that die over a task which has cost a worker before do not count: at the end of a queue there
may be nothing left but such tasks.
"""

Given = TypeVar("Given")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Done(Generic[Given, Found]):
    """A task and its result; None where `deaths` workers died over it."""

    task: Given
    result: Found | None
    deaths: int


class _Hand(Generic[Given]):
    """One worker as the job sees it."""

    def __init__(self, work: Callable[[Given], object]) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=_serve, args=(theirs, work), daemon=True)
        self.process.start()
        theirs.close()  # or the pipe would not end with the worker
        self.task: tuple[Given, int] | None = None

    def give(self, task: Given, deaths: int) -> None:
        """Hand over a task; if the worker is dead, the next look at its pipe will tell."""
        self.task = (task, deaths)
        with contextlib.suppress(OSError):
            self.pipe.send(task)

    def end(self) -> None:
        """Let go of the worker, whatever it does."""
        self.pipe.close()
        self.process.terminate()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def work_off(
    work: Callable[[Given], Found], tasks: Iterable[Given], *, workers: int
) -> Iterator[Done[Given, Found]]:
    """Let workers do `work` of every task; results come as they are done, in any order.

    `work` and the tasks are pickled; `work` must not raise. Raises PlaceError ``workers_die`` where
    workers die again and again without a result.
    """
    waiting: deque[tuple[Given, int]] = deque((task, 0) for task in tasks)
    hands: list[_Hand[Given]] = []
    in_a_row = 0
    try:
        while waiting or any(hand.task for hand in hands):
            _hand_out(waiting, hands, work, workers)
            done: list[Done[Given, Found]] = []
            ready = wait([hand.pipe for hand in hands])
            for hand in [hand for hand in hands if hand.pipe in ready]:
                try:
                    result = hand.pipe.recv()
                except (EOFError, OSError, pickle.UnpicklingError):
                    in_a_row += hand.task is None or hand.task[1] == 0
                    hands.remove(hand)
                    hand.end()
                    done += _lost(hand, waiting)
                else:
                    in_a_row = 0
                    assert hand.task is not None
                    (task, deaths), hand.task = hand.task, None
                    done.append(Done(task, result, deaths))
            if in_a_row >= MOST_IN_A_ROW:
                raise PlaceError("workers_die", count=in_a_row)
            _hand_out(waiting, hands, work, workers)  # nobody waits for what is made of results
            yield from done
    finally:
        for hand in hands:
            hand.end()


def _hand_out(
    waiting: deque[tuple[Given, int]],
    hands: list[_Hand[Given]],
    work: Callable[[Given], object],
    workers: int,
) -> None:
    idle = [hand for hand in hands if hand.task is None]
    while waiting and (idle or len(hands) < workers):
        if not idle:
            idle.append(_Hand(work))
            hands.append(idle[-1])
        idle.pop().give(*waiting.popleft())


def _lost(hand: _Hand[Given], waiting: deque[tuple[Given, int]]) -> list[Done[Given, Found]]:
    """What becomes of the task of a dead worker: last in the queue, or given up."""
    if hand.task is None:
        return []
    task, deaths = hand.task
    if deaths + 1 < TRIES:
        waiting.append((task, deaths + 1))
        return []
    return [Done(task, None, deaths + 1)]


def _serve(pipe: Connection, work: Callable[[Given], object]) -> None:
    """Do what comes until nobody is there any more."""
    # Ctrl-C reaches all processes of a terminal; the job alone decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(EOFError, OSError):
        while True:
            pipe.send(work(pipe.recv()))
