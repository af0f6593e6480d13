"""One command from its words to its exit status."""

from __future__ import annotations

import contextlib
import errno
import logging
import logging.handlers
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path

from asa_desktop import words
from asa_desktop.cli.arguments import COMMANDS, parse
from asa_desktop.core.errors import AsaError, Cancelled, PlaceError, place_error

DONE, OUR_FAULT, NOT_POSSIBLE, STOPPED = 0, 1, 2, 130

log = logging.getLogger(__name__)


Window = Callable[[Sequence[Path]], int | None]
"""Opens the window with these files and gives its exit status, None where there is no screen."""


def run(arguments: Sequence[str], *, window: Window | None = None) -> int:
    """Carry out one command; the exit status. One sentence on stderr says what went wrong.

    Without a command it is `window` that is opened, with the files and folders that are named.
    """
    with _diary() as write_down:
        try:
            return _carry_out(arguments, window)
        except (KeyboardInterrupt, Cancelled):
            complain(words.sentence("cancelled"))
            return STOPPED
        except BrokenPipeError:  # whoever read our results has read enough
            return STOPPED
        except AsaError as error:
            complain(words.say(error))
            return NOT_POSSIBLE
        except MemoryError:
            complain(words.say(PlaceError("out_of_memory")))
            return NOT_POSSIBLE
        except Exception as error:
            if (fault := _surroundings(error)) is not None:
                complain(words.say(fault))
                return NOT_POSSIBLE
            log.exception("%s failed", " ".join(arguments[:1]))
            kept = write_down()
            complain(words.our_fault(error, kept))
            return OUR_FAULT


def complain(sentence: str) -> None:
    """One line on the error stream; a closed one is no reason to fail."""
    with contextlib.suppress(OSError, ValueError):
        print(sentence, file=sys.stderr, flush=True)


def _carry_out(arguments: Sequence[str], window: Window | None) -> int:
    try:
        options = parse(arguments)
    except SystemExit as end:  # --help and --version
        return int(end.code or 0)
    if options.command is None:
        status = window(options.files) if window is not None else None
        if status is not None:
            return status
        print(words.sentence("no_command"))
        return DONE
    module = import_module(f"asa_desktop.cli.{COMMANDS[options.command]}")
    return int(module.run(options))


def _surroundings(error: Exception) -> AsaError | None:
    """A full or read-only disk is nobody's fault here, wherever it was met."""
    full = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EROFS, errno.EFBIG)
    if isinstance(error, OSError) and error.errno in full:
        return place_error(error, Path(str(error.filename or ".")))
    return None


@contextlib.contextmanager
def _diary() -> Iterator[Callable[[], Path | None]]:
    """Keep what is logged in memory, and open a log file only for what is worth keeping.

    So a slip of the user leaves no trace on the disk. Yields what writes it all down at once and
    returns the file.
    """
    logger = logging.getLogger("asa_desktop")
    before = (logger.level, logger.propagate)
    memory = logging.handlers.MemoryHandler(1000, flushLevel=logging.CRITICAL + 1)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(memory)
    written: list[Path | None] = []

    def write_down() -> Path | None:
        from asa_desktop.services.logs import start_logging, stop_logging
        from asa_desktop.services.paths import places

        logger.removeHandler(memory)
        path = start_logging(places().logs)
        for record in memory.buffer:
            logger.handle(record)
        stop_logging()
        written.append(path)
        return path

    try:
        yield write_down
        if not written and any(each.levelno >= logging.WARNING for each in memory.buffer):
            write_down()
    finally:
        logger.removeHandler(memory)
        memory.close()
        logger.setLevel(before[0])
        logger.propagate = before[1]
