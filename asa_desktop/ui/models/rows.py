"""What our table models share: frozen rows under a search, found again by their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from asa_desktop.services.library.text import searchable

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column; `spoken` is read out where nothing is written."""

    head: str
    spoken: str = ""
    right: bool = False


class RowsModel(QAbstractTableModel, Generic[Row]):
    """Rows of one kind. Subclasses say what a cell shows, what is searched and what a row's key is.

    The model holds all rows; it shows those that hold every word of the search.
    """

    columns: tuple[Column, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self._all: tuple[Row, ...] = ()
        self._texts: tuple[str, ...] = ()
        self._shown: tuple[Row, ...] = ()
        self._words: tuple[str, ...] = ()

    # What subclasses say

    def key_of(self, row: Row) -> int:
        """The row's number in the library."""
        raise NotImplementedError

    def text_of(self, row: Row) -> str:
        """What a search looks in."""
        raise NotImplementedError

    def cell(self, row: Row, column: int, role: int) -> object:
        """What a cell shows, for the display role and those of `widgets.table`."""
        raise NotImplementedError

    def spoken(self, row: Row, column: int) -> str:
        """What is read out for a cell; by default what is written."""
        return str(self.cell(row, column, Qt.ItemDataRole.DisplayRole) or "")

    def wanted(self, row: Row) -> bool:
        """Whether a row is to be shown, besides what is searched for."""
        return True

    def ordered(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows in the order in which they are shown."""
        return rows

    # Rows

    @property
    def all(self) -> tuple[Row, ...]:
        return self._all

    @property
    def shown(self) -> tuple[Row, ...]:
        return self._shown

    @property
    def searching(self) -> bool:
        return bool(self._words)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show other rows. Where they are the same ones, only what they say is drawn anew."""
        self._all = tuple(rows)
        self._texts = tuple(searchable(self.text_of(row)) for row in self._all)
        self.sift()

    def search(self, text: str) -> None:
        """Show the rows that hold every word of `text`, whatever its case and accents."""
        words = tuple(searchable(text).split())
        if words != self._words:
            self._words = words
            self.sift()

    def sift(self) -> None:
        """Choose and order the rows that are shown."""
        words = self._words
        found = [
            row
            for row, text in zip(self._all, self._texts, strict=True)
            if self.wanted(row) and all(word in text for word in words)
        ]
        shown = tuple(self.ordered(found))
        same = [self.key_of(one) for one in shown] == [self.key_of(one) for one in self._shown]
        if same:
            self._shown = shown
            if shown:
                last = self.index(len(shown) - 1, len(self.columns) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self._shown = shown
        self.endResetModel()

    def row_of(self, key: int) -> int:
        """Where the row with this number is shown; -1 where it is not."""
        return next((at for at, row in enumerate(self._shown) if self.key_of(row) == key), -1)

    def at(self, row: int) -> Row | None:
        """The row at a place, None outside."""
        return self._shown[row] if 0 <= row < len(self._shown) else None

    # Qt's side

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:  # noqa: N802
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.head
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return column.head or column.spoken
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column.right else LEFT
        return None

    def data(self, index: Index, role: int = 0) -> object:
        row = self.at(index.row()) if index.isValid() else None
        if row is None:
            return None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.spoken(row, index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(RIGHT if self.columns[index.column()].right else LEFT)
        return self.cell(row, index.column(), role)
