"""The program's diary: what it did and what went wrong, never what was sung."""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import time
from pathlib import Path

from asa_desktop.core.errors import PlaceError
from asa_desktop.services.paths import private_folder

LOGGER = "asa_desktop"
_BYTES = 1_000_000
_KEPT = 4


class _QuietRotation(logging.handlers.RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the base's name
        """Lose the line: a full disk must not print a traceback over a singer's screen."""


def start_logging(folder: Path, *, name: str = "asa", level: int = logging.INFO) -> Path | None:
    """Write this process's log to `folder`/`name`.log, 1 MB and four older ones.

    Each process takes a `name` of its own, for two cannot rotate one file. Calling it again
    moves the log. Returns the file, or None where none can be written: that stops nobody.
    """
    logger = logging.getLogger(LOGGER)
    stop_logging()
    logger.setLevel(level)
    logger.propagate = False
    path = folder / f"{name}.log"
    try:
        private_folder(folder)
        handler = _QuietRotation(
            path,
            maxBytes=_BYTES,
            backupCount=_KEPT,
            encoding="utf-8",
            errors="backslashreplace",  # file names may hold bytes that are no UTF-8
        )
    except (OSError, PlaceError):
        logger.addHandler(logging.NullHandler())
        return None
    handler.setFormatter(_utc_lines())
    logger.addHandler(handler)
    return path


def stop_logging() -> None:
    """Close the log and let go of its file."""
    logger = logging.getLogger(LOGGER)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        with contextlib.suppress(OSError):  # the last lines may not fit on the disk
            handler.close()
    logger.propagate = True


def _utc_lines() -> logging.Formatter:
    lines = logging.Formatter(
        "%(asctime)sZ %(levelname)s %(process)d %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S"
    )
    lines.converter = time.gmtime
    return lines
