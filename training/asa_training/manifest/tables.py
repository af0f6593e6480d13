"""A manifest's file as rows of text cells: CSV as spreadsheets write it, or Parquet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asa_desktop.core.errors import SongError, UsageError, place_error
from asa_desktop.core.songs.textfile import read_bounded
from asa_training.manifest.faults import Fault
from asa_training.manifest.values import COLUMNS
from asa_training.writing import write_text, write_whole

LIMIT = 64_000_000
"""Bytes; a manifest of the largest corpora that people have rated is a hundredth of that."""
MOST_ROWS = 200_000

_MEGABYTES = f"{LIMIT // 1_000_000} MB"


@dataclass(frozen=True, slots=True)
class Table:
    """The first row, and the others as (number, cells), the first row being number 1."""

    header: tuple[str, ...]
    rows: Iterator[tuple[int, list[str]]]


def read_table(path: Path, faults: list[Fault]) -> Table:
    """Open a manifest; what is wrong within its rows joins `faults` while they are read.

    Raises
    ------
    UsageError
        ``manifest_kind``, ``manifest_too_large``, ``manifest_not_utf8``, ``manifest_empty``,
        ``manifest_broken``, ``manifest_needs_pyarrow``.
    PlaceError
        Where the file is missing or closed to us.
    """
    kind = path.suffix.lower()
    if kind == ".csv":
        return csv_table(_text(path), path, faults)
    if kind == ".parquet":
        return _parquet_table(path)
    raise UsageError("manifest_kind", path=path)


def _text(path: Path) -> str:
    try:
        data = read_bounded(path, limit=LIMIT)
    except SongError as error:
        raise UsageError("manifest_too_large", path=path, limit=_MEGABYTES) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + len(re.findall(rb"\r\n|\r|\n", data[: error.start]))
        raise UsageError("manifest_not_utf8", path=path, line=line) from None


def csv_table(text: str, path: Path, faults: list[Fault]) -> Table:
    """A table from CSV text; the separator is the one that the first row uses most."""
    first = text.lstrip("\r\n").partition("\n")[0].partition("\r")[0]
    separator = max(",;\t", key=first.count)
    # newline="" leaves line ends within cells as they are and knows CR, LF and CRLF between them.
    records = _records(csv.reader(io.StringIO(text, newline=""), delimiter=separator), faults)
    header = next(records, None)
    if header is None:
        raise UsageError("manifest_empty", path=path)
    return Table(tuple(cell.strip() for cell in header[1]), records)


def _records(reader: Any, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            faults.append(Fault(number, "", "cells_broken", {"why": str(error)}))
            return
        if any(cell.strip() for cell in cells):
            yield number, cells


def _parquet(path: Path) -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise UsageError("manifest_needs_pyarrow", path=path) from error
    return pyarrow


def _parquet_table(path: Path) -> Table:
    pyarrow = _parquet(path)
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            # The bytes say little: a column of one value packs to nothing.
            if path.stat().st_size > LIMIT or file.metadata.num_rows > MOST_ROWS:
                raise UsageError("manifest_too_large", path=path, limit=_MEGABYTES)
            table = file.read()
        names = [str(name) for name in table.column_names]
        columns = [table.column(at).to_pylist() for at in range(len(names))]
    except FileNotFoundError as error:
        raise place_error(error, path) from error
    except (OSError, ValueError, pyarrow.ArrowException) as error:
        raise UsageError("manifest_broken", path=path, why=str(error)) from error
    rows = (
        (number, ["" if cell is None else str(cell) for cell in cells])
        for number, cells in enumerate(zip(*columns, strict=True), start=2)
    )
    return Table(tuple(names), rows)


def write_table(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write rows of cells whole or not at all. Raises UsageError or PlaceError."""
    kind = path.suffix.lower()
    if kind == ".csv":
        stream = io.StringIO()
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_text(path, stream.getvalue())
    elif kind == ".parquet":
        pyarrow = _parquet(path)
        table = pyarrow.table({name: [row[name] for row in rows] for name in COLUMNS})
        sink = io.BytesIO()
        pyarrow.parquet.write_table(table, sink)
        write_whole(path, lambda file: file.write(sink.getvalue()))
    else:
        raise UsageError("manifest_kind", path=path)
