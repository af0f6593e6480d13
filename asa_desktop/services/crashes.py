"""What is written down when the program falls over, for whoever mends it. Nothing is sent.

A report has the versions, where in the code it happened, and the last lines of the diary without
what was filled into them: no name of a song, a singer or a file, and no sound.

While the program runs a file in the folder of the logs takes these lines as they come, and Python's
own word on a native crash; it goes with an end that is one. What is left makes the next start a
report. The processes that the program starts (`services.processes`) do the same, each with a file
of its own, of which whoever started it makes a report as soon as it is seen to have ended.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import platform
import re
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from asa_desktop import __version__
from asa_desktop.core.errors import AsaError, PlaceError
from asa_desktop.services.logs import LOGGER
from asa_desktop.services.paths import private_folder

_RUN, _REPORT = "run-", "crash-"
_KEPT, _MOST_A_RUN = 10, 5
_LINES, _LARGEST = 60, 1 << 16
_NATIVE = re.compile(r"^(Fatal Python error|Windows fatal exception): ", re.MULTILINE)
_PLACE = re.compile(r'File "([^"\n]*)"')


class Watch(logging.Handler):
    """This run's file. Without a folder to write into it does nothing."""

    def __init__(self, folder: Path, facts: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.folder = folder
        self._head = "".join(f"{line}\n" for line in _about(facts or {}))
        self._lines: deque[str] = deque(maxlen=_LINES)
        self._written = self._reports = 0
        self._file: BinaryIO | None = None
        self._path = folder / f"{_RUN}{os.getpid()}-{_stamp()}.txt"
        with contextlib.suppress(OSError, PlaceError):
            private_folder(folder)
            self._file = self._path.open("ab", buffering=0)
            self._file.write(self._head.encode())
            faulthandler.enable(self._file)

    def follow(self) -> None:
        """Take the lines of the diary from now on."""
        logging.getLogger(LOGGER).addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """The line as it stands in the code, before names are filled in."""
        when = time.strftime("%H:%M:%S", time.gmtime(record.created))
        what = str(record.msg) if record.args else _without_names(str(record.msg))
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        fault = f" [{_kind(error)}]" if error is not None else ""
        line = f"{when}Z {record.levelname} {record.name}: {what}{fault}\n"
        self._lines.append(line)
        with contextlib.suppress(OSError, ValueError):
            self._write(line)

    def _write(self, line: str) -> None:
        if self._file is None:
            return
        if self._written > _LARGEST:
            self._file.truncate(0)
            line, self._written = self._head + "".join(self._lines), 0
        self._written += len(line)
        self._file.write(line.encode("utf-8", "backslashreplace"))

    def escaped(self, error: BaseException) -> Path | None:
        """Write a report of an error that nobody caught; of many in one run the first few."""
        self._reports += 1
        if self._reports > _MOST_A_RUN:
            return None
        lines = [f"thread {threading.current_thread().name.rpartition('-')[0] or 'main'}\n"]
        return _report(self.folder, [self._head, *lines, *_trace(error), "\n", *self._lines])

    def close(self) -> None:
        """The run ends as it should: nothing stays of it."""
        logging.getLogger(LOGGER).removeHandler(self)
        if self._file is not None:
            faulthandler.disable()
            with contextlib.suppress(OSError):
                self._file.close()
                self._path.unlink()
            self._file = None
        super().close()


class _Here:
    """The watch over this process, where it was begun by `watched`."""

    watch: Watch | None = None


@contextlib.contextmanager
def watched(folder: Path, process: str) -> Iterator[None]:
    """Watch over the whole life of a process of our own: the block is all that it does.

    What escapes the block or one of its threads is written down, and goes on as it would have.
    """
    watch = Watch(folder, {"process": process})
    watch.follow()
    _Here.watch, before = watch, threading.excepthook
    threading.excepthook = _noting(before)
    try:
        yield
    except Exception as error:
        watch.escaped(error)
        raise
    finally:
        threading.excepthook = before
        _Here.watch = None
        watch.close()


def note(error: BaseException) -> None:
    """Write a report of an error that this process caught only to end, or to give a job up."""
    if _Here.watch is not None:
        _Here.watch.escaped(error)


def _noting(
    before: Callable[[threading.ExceptHookArgs], object],
) -> Callable[[threading.ExceptHookArgs], None]:
    def hook(found: threading.ExceptHookArgs) -> None:
        if found.exc_value is not None and not isinstance(found.exc_value, SystemExit):
            note(found.exc_value)
        before(found)

    return hook


def collect(folder: Path, *, process: int | None = None) -> list[Path]:
    """Make reports of the runs that ended in a native crash; the files of dead runs go.

    With `process` only of that one's, which has ended. A run that was killed, or a machine that
    went down, leaves no report.
    """
    made = []
    runs = f"{_RUN}*.txt" if process is None else f"{_RUN}{process}-*.txt"
    for path in sorted(folder.glob(runs)):
        if _is_alive(path):
            continue
        with contextlib.suppress(OSError):
            said = path.read_text("utf-8", "backslashreplace")
            path.unlink()
            if _NATIVE.search(said) and (report := _report(folder, [_shortened(said)])):
                made.append(report)
    return made


def reports(folder: Path) -> list[Path]:
    """The reports that are kept, the newest last."""
    return sorted(folder.glob(f"{_REPORT}*.txt"))


def _report(folder: Path, lines: Iterable[str]) -> Path | None:
    path = folder / f"{_REPORT}{_stamp()}.txt"
    try:
        private_folder(folder)
        path.write_text("".join(lines), encoding="utf-8", errors="backslashreplace")
    except (OSError, PlaceError):
        return None
    for old in reports(folder)[:-_KEPT]:
        with contextlib.suppress(OSError):
            old.unlink()
    return path


def _about(facts: Mapping[str, str]) -> Iterable[str]:
    yield f"ASA Desktop {__version__}"
    yield f"{platform.system()} {platform.release()}, {platform.machine()}"
    yield f"Python {platform.python_version()}"
    yield from (f"{name} {value}" for name, value in facts.items())
    yield f"started {datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z"
    yield ""


def _trace(error: BaseException) -> Iterable[str]:
    """Where it happened and of which kind it is; its words may name somebody."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield f"{_kind(one)}\n"
        for frame in traceback.extract_tb(one.__traceback__, limit=-40):
            yield f'  File "{_last_parts(frame.filename)}", line {frame.lineno} in {frame.name}\n'
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def _kind(error: BaseException) -> str:
    name = type(error).__name__
    return f"{name} {error.code}" if isinstance(error, AsaError) else name


def _shortened(said: str) -> str:
    return _PLACE.sub(lambda found: f'File "{_last_parts(found[1])}"', said)


def _last_parts(name: str) -> str:
    """A file of the program by its last parts: the first ones may hold the user's name."""
    return "/".join(name.replace("\\", "/").split("/")[-3:])


def _without_names(said: str) -> str:
    """A line that was put together beforehand, without quoted names and paths."""
    return re.sub(r"([\"'“]).*?([\"'”])|\S*[/\\]\S*", "…", said)


def _is_alive(path: Path) -> bool:
    """Whether the run of this file goes on: by its number, on Windows by its hold on the file."""
    number = path.stem.removeprefix(_RUN).partition("-")[0]
    if not number.isdigit():
        return False
    if int(number) == os.getpid():
        return True
    if sys.platform == "win32":
        return False  # then the file cannot be removed, and nothing comes of it
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _stamp() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
