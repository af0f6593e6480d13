"""Tables that people and corpora publish: any separator, line ends, encoding and decimal sign."""

from __future__ import annotations

import csv
import io
import math
import re
from pathlib import Path

from asa_desktop.core.errors import SongError, UsageError
from asa_desktop.core.songs.notices import NoticeList
from asa_desktop.core.songs.textfile import decode, read_bounded

LIMIT = 16_000_000

_NUMBER = re.compile(r"[+-]?(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)")


def read_sheet(path: Path, *, separator: str | None = None) -> list[list[str]]:
    """The rows of a table that are not empty, as stripped cells.

    Parameters
    ----------
    separator
        What stands between cells; if None, the one of comma, semicolon and tab that the first
        row uses most.

    Raises
    ------
    UsageError
        ``table_too_large``, ``table_broken``.
    PlaceError
        Where the file is missing or closed to us.
    """
    try:
        text = decode(read_bounded(path, limit=LIMIT), NoticeList(path))
    except SongError as error:
        limit = f"{LIMIT // 1_000_000} MB"
        raise UsageError("table_too_large", path=path, limit=limit) from error
    if separator is None:
        first = re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0]
        separator = max(",;\t", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise UsageError("table_broken", path=path, why=str(error)) from error
    stripped = [[cell.strip() for cell in line] for line in lines]
    return [line for line in stripped if any(line)]


def number(cell: str) -> float | None:
    """The number in a cell, with a decimal point or comma; None where there is none."""
    if not _NUMBER.fullmatch(cell):
        return None
    value = float(cell.replace(",", "."))
    return value if math.isfinite(value) else None
