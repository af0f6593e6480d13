"""Processes of our own: spawned, so that they start clean, and out of reach of Ctrl-C."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

_END_S = 2.0


def spawned(
    work: Callable[..., None], *arguments: Any, name: str, daemon: bool = True
) -> tuple[BaseProcess, Connection]:
    """Start ``work(connection, *arguments)`` in a new process; it and our end of the connection.

    An interrupt typed at the terminal goes to every process of a program. Ours alone decides what
    it means, so the new one is born deaf to it.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=True)
    process = context.Process(
        target=_deafened, args=(work, theirs, *arguments), name=name, daemon=daemon
    )
    try:
        with _interrupts_held_back():
            process.start()
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()  # or the end of the process would not be seen
    return process, ours


def end(process: BaseProcess, *, patience_s: float = _END_S) -> None:
    """Wait for a process to end by itself, then ask it to, then make it."""
    for insist in (None, process.terminate, process.kill):
        if insist is not None:
            insist()
        process.join(patience_s)
        if process.exitcode is not None:
            process.close()
            return


def _deafened(work: Callable[..., None], connection: Connection, *arguments: Any) -> None:
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    work(connection, *arguments)


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Block SIGINT while a process is born: it inherits that, and ours gets it a moment later."""
    if os.name == "nt":
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # started later, it would lift the block again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
