"""Strangers' files looked at in a process of its own, which a broken one may take down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from asa_desktop.core.errors import AsaError, AudioError, Cancelled, PlaceError
from asa_desktop.services.processes import end, ending, spawned

R = TypeVar("R")
Progress = Callable[[int, int], object]
Cancel = Callable[[], bool]


def looked_at(
    paths: Sequence[Path],
    look: Callable[[Path], R],
    *,
    progress: Progress | None = None,
    cancelled: Cancel | None = None,
) -> list[R | AsaError]:
    """``look(path)`` for each path, or what was wrong with it, in their order.

    `look` is a function of a module; it runs in another process. A file that brings this process
    down is an `AudioError` ``decoder_died``, and the rest goes on in a new one. `progress` is told
    how many are done, and of how many. Raises `Cancelled` when `cancelled` said so.
    """
    found: list[R | AsaError] = []
    while len(found) < len(paths):
        rest = tuple(paths[len(found) :])
        process, connection = spawned(_work, look, rest, name="asa-reading")
        try:
            for _ in rest:
                if cancelled is not None and cancelled():
                    raise Cancelled
                while not connection.poll(0.1):
                    if cancelled is not None and cancelled():
                        raise Cancelled
                found.append(connection.recv())
                if progress is not None:
                    progress(len(found), len(paths))
        except (EOFError, OSError):
            path = paths[len(found)]
            found.append(AudioError("decoder_died", path=path, **ending(process).facts))
        except BaseException:
            process.terminate()
            raise
        finally:
            connection.close()
            end(process)
    return found


def _work(connection: Connection, look: Callable[[Path], object], paths: Sequence[Path]) -> None:
    for path in paths:
        try:
            connection.send(look(path))
        except AsaError as error:
            connection.send(error)
        except MemoryError:
            connection.send(PlaceError("out_of_memory"))
