"""Who is at work on a part: a lock that the system drops with the process that took it.

The lock is on a file of its own (`<part>.lock`), because Windows keeps others from reading what is
locked. The file may outlive a kill; only a lock on it says that somebody lives.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from asa_desktop.core.errors import PlaceError, place_error

LOCK = ".lock"
_TRIES = 10
_PAUSE_S = 0.02
_TAKEN = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)
_LATELY_S = 10.0

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int, *, alone: bool) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int, *, alone: bool) -> None:
        fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)


def lock_path(part: Path) -> Path:
    """Where the lock of a part lies."""
    return part.with_name(part.name + LOCK)


class Held:
    """The lock on a part, from `hold` to `close`."""

    def __init__(self, handle: int, path: Path) -> None:
        self._handle = handle
        self._path = path

    def close(self) -> None:
        """Let go and take the lock's file away; a second time does nothing."""
        if self._handle < 0:
            return
        handle, self._handle = self._handle, -1
        ours = _is_at(handle, self._path)
        with contextlib.suppress(OSError):
            if ours and os.name != "nt":  # while it is locked, so that nobody else's goes
                self._path.unlink()
        with contextlib.suppress(OSError):
            os.close(handle)
        with contextlib.suppress(OSError):
            if ours and os.name == "nt":  # an open file cannot go, so nobody else's does
                self._path.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def hold(part: Path) -> Held:
    """Lock `part`, which need not be there yet, against every other process and this one.

    Raises `PlaceError`: ``part_held`` if somebody has it, ``no_rights`` and the like.
    """
    path = lock_path(part)
    for _ in range(_TRIES):
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise place_error(error, path) from error
        if _locked(handle) and _is_at(handle, path):
            return Held(handle, path)
        os.close(handle)
        time.sleep(_PAUSE_S)  # perhaps somebody only asked, or was about to let go
    raise PlaceError("part_held", path=part)


def is_held(part: Path) -> bool:
    """Whether a living process has `part`; by its age where the disk knows no locks."""
    try:
        handle = os.open(lock_path(part), os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError:
        return True  # if in doubt, hands off
    try:
        _lock(handle, alone=False)
    except OSError as error:
        return error.errno in _TAKEN or _grew_lately(part)
    finally:
        os.close(handle)
    return False


def _locked(handle: int) -> bool:
    try:
        _lock(handle, alone=True)
    except OSError as error:
        # A disk that knows no locks (some network ones) is no reason not to sing.
        return error.errno not in _TAKEN
    return True


def _is_at(handle: int, path: Path) -> bool:
    """Whether the open file is still the one of this name, and not one that somebody let go."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except OSError:
        return False


def _grew_lately(part: Path) -> bool:
    try:
        return time.time() - part.stat().st_mtime < _LATELY_S
    except OSError:
        return False
