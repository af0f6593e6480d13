"""Processes of our own: spawned, so that they start clean, and out of reach of Ctrl-C.

When one falls over, a report is written as of the program itself (`services.crashes`).
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Literal

from asa_desktop.services import crashes
from asa_desktop.services.paths import places

_END_S = 2.0
_LAST_WORDS_S = 2.0
_CRASHES = ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSYS", "SIGTRAP")
_FIRST_OF_WINDOWS = 0xC0000000  # exit codes from there on are exceptions that nobody caught


@dataclass(frozen=True, slots=True)
class Ending:
    """How a process ended: by itself, well or ``failed``, in a crash, or ``killed`` from outside.

    `signal` names the signal of the last two, where there was one.
    """

    kind: Literal["well", "failed", "crashed", "killed"]
    signal: str = ""

    @property
    def facts(self) -> dict[str, str]:
        """What an error says of it: only who was killed did nothing wrong."""
        return {"signal": self.signal} if self.kind == "killed" else {}

    def __str__(self) -> str:
        return f"{self.kind} ({self.signal})" if self.signal else self.kind


def ending_of(exitcode: int | None) -> Ending:
    """What an exit code of `multiprocessing` means; one that is not known yet is a failure."""
    if exitcode is None or exitcode > 0:
        crashed = exitcode is not None and exitcode >= _FIRST_OF_WINDOWS
        return Ending("crashed" if crashed else "failed")
    if exitcode == 0:
        return Ending("well")
    try:
        name = signal.Signals(-exitcode).name
    except ValueError:
        name = f"signal {-exitcode}"
    return Ending("crashed" if name in _CRASHES else "killed", name)


def ending(process: BaseProcess) -> Ending:
    """How a process ended whose end of the connection is closed."""
    process.join(_LAST_WORDS_S)
    return ending_of(process.exitcode)


def spawned(
    work: Callable[..., None], *arguments: Any, name: str, daemon: bool = True
) -> tuple[BaseProcess, Connection]:
    """Start ``work(connection, *arguments)`` in a new process; it and our end of the connection.

    An interrupt typed at the terminal goes to every process of a program. Ours alone decides what
    it means, so the new one is born deaf to it.
    """
    context = multiprocessing.get_context("spawn")
    logs = places().logs
    new = tuple(one for one in (logs, logs.parent) if not one.exists())
    ours, theirs = context.Pipe(duplex=True)
    process = context.Process(
        target=_begun, args=(work, logs, theirs, *arguments), name=name, daemon=daemon
    )
    try:
        with _interrupts_held_back():
            process.start()
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()  # or the end of the process would not be seen
    if process.pid is not None:
        _watched[process.pid] = (logs, new)
    return process, ours


_watched: dict[int, tuple[Path, tuple[Path, ...]]] = {}
"""Where each process writes down that it crashed, and which of these folders are there for that
alone, until it has been ended."""


def end(process: BaseProcess, *, patience_s: float = _END_S) -> None:
    """Wait for a process to end by itself, then ask it to, then make it.

    Of a crash a report is made; of any other end nothing stays.
    """
    number = process.pid
    for insist in (None, process.terminate, process.kill):
        if insist is not None:
            insist()
        process.join(patience_s)
        if process.exitcode is not None:
            process.close()
            if number is not None:
                _look_after(number)
            return


def _look_after(number: int) -> None:
    logs, new = _watched.pop(number, (None, ()))
    if logs is None:
        return
    crashes.collect(logs, process=number)
    for folder in new:  # who only looked leaves no trace
        with contextlib.suppress(OSError):
            folder.rmdir()


def _begun(work: Callable[..., None], logs: Path, connection: Connection, *arguments: Any) -> None:
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    with crashes.watched(logs, multiprocessing.current_process().name):
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
