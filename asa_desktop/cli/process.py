"""What a process of our own needs and a test that calls `run` must not get."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from types import FrameType
from typing import TextIO


@contextlib.contextmanager
def own_process() -> Iterator[None]:
    """UTF-8 out, SIGTERM as Ctrl-C, and nothing on the error stream but our own sentences."""
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where it is ignored
        signal.signal(signal.SIGINT, _stop)
    warnings.simplefilter("ignore")  # libraries warn about their own affairs, not the singer's
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    with _chatter_of_libraries_away():
        yield
        _finish_stdout()


def break_off_if_asked() -> None:
    """Raise KeyboardInterrupt (again) where an interrupt came.

    Raised inside a callback from C, or where a library tries an import and takes any exception
    for "not there", the first one is lost.
    """
    if _asked:
        raise KeyboardInterrupt


_asked: list[int] = []


def _stop(number: int, frame: FrameType | None) -> None:
    _asked.append(number)
    raise KeyboardInterrupt


@contextlib.contextmanager
def _chatter_of_libraries_away() -> Iterator[None]:
    """Codecs written in C print their own warnings; only Python's stream stays connected.

    The error stream itself moves to another descriptor, so that ours are still seen.
    """
    try:
        kept = os.dup(2)
    except OSError:  # started without an error stream
        yield
        return
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    before: TextIO = sys.stderr
    sys.stderr = os.fdopen(
        kept, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False
    )
    try:
        yield
    finally:
        sys.stderr.flush()
        sys.stderr = before
        os.dup2(kept, 2)
        os.close(kept)


def _finish_stdout() -> None:
    """Flush now: at the interpreter's end a closed pipe would print a complaint."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
