"""A CSV that grows row by row and can be taken up again where a run was stopped."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from asa_desktop.core.errors import UsageError, place_error
from asa_training.writing import write_text

Row = Mapping[str, str]


class GrowingTable:
    """Rows of text under fixed columns; what is added is on the disk when `add` returns.

    Parameters
    ----------
    path
        Taken up where it exists. A last line that a stopped run left unfinished is dropped.

    Raises
    ------
    PlaceError
        When it cannot be read or written.
    UsageError
        ``table_of_another_run`` when it has other columns.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.path = path
        self.columns = tuple(columns)
        self.rows: list[Row] = self._read()

    def keep(self, rows: Iterable[Row]) -> None:
        """Hold these rows alone from now on, and write them whole."""
        self.rows = list(rows)
        stream = io.StringIO()
        writer = self._writer(stream)
        writer.writeheader()
        writer.writerows(self.rows)
        write_text(self.path, stream.getvalue())

    def add(self, rows: Iterable[Row]) -> None:
        """Append rows; `keep` was called before."""
        added = list(rows)
        stream = io.StringIO()
        self._writer(stream).writerows(added)
        try:
            with self.path.open("a", encoding="utf-8", newline="") as file:
                file.write(stream.getvalue())
        except OSError as error:
            raise place_error(error, self.path) from error
        self.rows += added

    def _writer(self, stream: io.StringIO) -> csv.DictWriter[str]:
        return csv.DictWriter(stream, self.columns, restval="", lineterminator="\n")

    def _read(self) -> list[Row]:
        try:
            text = self.path.read_text("utf-8")
        except FileNotFoundError:
            return []
        except UnicodeDecodeError:
            raise UsageError("table_of_another_run", path=self.path) from None
        except OSError as error:
            raise place_error(error, self.path) from error
        whole = text[: text.rfind("\n") + 1]
        lines = list(csv.reader(io.StringIO(whole, newline="")))
        if not lines and not text:
            return []
        if not lines or tuple(lines[0]) != self.columns:
            raise UsageError("table_of_another_run", path=self.path)
        return [
            dict(zip(self.columns, line, strict=True))
            for line in lines[1:]
            if len(line) == len(self.columns)
        ]
