"""A report folder appears whole or not at all, and never in the place of somebody else's files."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asa_desktop.core.errors import PlaceError, place_error
from asa_desktop.services.report.page import GENERATOR
from asa_desktop.services.result import is_result

PAGE = "report.html"
RESULT = "analysis.json"
PLOTS = "plots"
_PLOT = re.compile(r"(?:(?:clips|pitch|maps|places)-\d+|pitch-histogram)(?:-dark)?\.svg")
_OF_THE_SYSTEM = {".DS_Store", "Thumbs.db", "desktop.ini"}  # left by merely looking at a folder


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """A new empty folder to build in, which becomes `folder` when the block ends well.

    Missing parents are made. An earlier report is replaced; on any failure all is as before.

    Raises
    ------
    PlaceError
        ``report_folder_not_ours`` (with `found`, a name within that no report of ours holds),
        ``report_place_taken`` for a file, and what `place_error` knows.
    """
    made: list[Path] = []
    try:
        target = Path(os.path.realpath(folder))
        refuse_foreign(target, named=folder)
        made = _make_parents(target.parent)
        workshop = target.with_name(f".{target.name[:80]}.{secrets.token_hex(4)}.part")
        workshop.mkdir()
        try:
            new = workshop / "new"
            new.mkdir()
            yield new
            refuse_foreign(target, named=folder)
            _swap(new, target, aside=workshop / "old")
            made = []
        finally:
            shutil.rmtree(workshop, ignore_errors=True)
    except OSError as error:
        raise place_error(error, folder) from error
    except ValueError as error:
        if "null byte" in str(error) or "null character" in str(error):
            raise PlaceError("missing_file", path=folder) from error
        raise
    finally:
        for each in reversed(made):
            with contextlib.suppress(OSError):
                each.rmdir()


def refuse_foreign(folder: Path, *, named: Path) -> None:
    """Raise unless `folder` is absent, empty, or holds an earlier report and nothing else."""
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        raise PlaceError("report_place_taken", path=named)
    entries = [each for each in sorted(folder.iterdir()) if each.name not in _OF_THE_SYSTEM]
    foreign = next((each.name for each in entries if not _is_ours(each)), None)
    if foreign is not None:
        raise PlaceError("report_folder_not_ours", path=named, found=foreign)


def _is_ours(entry: Path) -> bool:
    if entry.is_symlink():
        return False
    if entry.name == PLOTS and entry.is_dir():
        inside = [each for each in entry.iterdir() if each.name not in _OF_THE_SYSTEM]
        return all(_PLOT.fullmatch(each.name) and each.is_file() for each in inside)
    if entry.name == PAGE and entry.is_file():
        with entry.open("rb") as file:
            return GENERATOR.encode() in file.read(1000)
    return entry.name == RESULT and entry.is_file() and is_result(entry)


def _make_parents(folder: Path) -> list[Path]:
    missing = []
    while not folder.exists() and folder != folder.parent:
        missing.append(folder)
        folder = folder.parent
    made: list[Path] = []
    for each in reversed(missing):
        try:
            each.mkdir()
        except OSError:
            for other in reversed(made):
                with contextlib.suppress(OSError):
                    other.rmdir()
            raise
        made.append(each)
    return made


def _swap(new: Path, target: Path, *, aside: Path) -> None:
    """Put `new` where `target` is; what was there goes aside, and back if that fails."""
    had = target.exists()
    if had:
        target.rename(aside)
    try:
        new.rename(target)
    except OSError:
        if had:
            aside.rename(target)
        raise
