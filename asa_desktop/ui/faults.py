"""Errors into words, and nothing that escapes a slot ends the window."""

from __future__ import annotations

import errno
import logging
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from asa_desktop import words
from asa_desktop.core.errors import AsaError, Cancelled, PlaceError, place_error

log = logging.getLogger(__name__)

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EROFS, errno.EFBIG)


def sentence_of(error: BaseException, diary: Path | None = None) -> str:
    """One sentence on `error`; empty where there is nothing to say (it was stopped)."""
    if isinstance(error, Cancelled):
        return ""
    known = surroundings(error)
    return words.say(known) if known is not None else words.our_fault(error, diary)


def surroundings(error: BaseException) -> AsaError | None:
    """The fault that a user can do something about, None where the fault is ours."""
    if isinstance(error, AsaError):
        return error
    if isinstance(error, MemoryError):
        return PlaceError("out_of_memory")
    if isinstance(error, OSError) and error.errno in _FULL:
        return place_error(error, Path(str(error.filename or ".")))
    return None


class Net:
    """Catches what escapes a slot, a thread or a finaliser: logged, to `note` and `tell`."""

    def __init__(
        self,
        tell: Callable[[BaseException], object],
        stop: Callable[[], object],
        *,
        note: Callable[[BaseException], object] = lambda error: None,
    ) -> None:
        self._tell, self._stop, self._note = tell, stop, note
        self._telling = False
        self._before = (sys.excepthook, threading.excepthook)

    def spread(self) -> None:
        sys.excepthook = self._caught
        threading.excepthook = lambda found: self._caught(
            found.exc_type, found.exc_value or found.exc_type(), found.exc_traceback
        )

    def fold(self) -> None:
        """Put back what was there before."""
        sys.excepthook, threading.excepthook = self._before

    def _caught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt | SystemExit):
            self._stop()
            return
        log.error("something escaped", exc_info=(kind, error, trace))
        self._note(error)
        if self._telling:
            return
        self._telling = True
        try:
            self._tell(error)
        except Exception:
            log.exception("and could not be told")
        finally:
            self._telling = False
