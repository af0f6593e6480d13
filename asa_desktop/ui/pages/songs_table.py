"""A table over one of our models: as high as its rows, columns that give way, a small trend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QModelIndex, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QHeaderView, QStyleOptionViewItem, QWidget

from asa_desktop.ui.models.rows import Index, RowsModel
from asa_desktop.ui.models.songs import TREND
from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.theme.tokens import ROW, M
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.painting import antialiased, mirrored
from asa_desktop.ui.widgets.table import RowDelegate, Table, button_width, ground

_HEAD = 36
_EDGES = 2
_NARROW_BELOW = 900
_MARK_WIDE = 3
_TREND_WIDE, _TREND_TALL = 56, 18
_DOT = 2.5


@dataclass(frozen=True, slots=True)
class Width:
    """A column's pixels, and those it has in a narrow table (0: it goes there).

    `buttons` are the words (English, `marked`) that its buttons can have: in every language it is
    at least as wide as the longest of them.
    """

    usual: int
    narrow: int
    buttons: tuple[str, ...] = ()

    def pixels(self, *, narrow: bool) -> int:
        given = self.narrow if narrow else self.usual
        longest = max((button_width(tr(word)) for word in self.buttons), default=-2 * M)
        return given and max(given, longest + 2 * M)


class RowsTable(Table):
    """`widths` by column; a column without one takes the room that is left."""

    def __init__(self, name: str, model: RowsModel[Any], *, widths: Mapping[int, Width]) -> None:
        super().__init__(name)
        self.rows = model
        self._widths = widths
        self._key: int | None = None
        self.setProperty("paints_focus", True)  # the chosen row shows it
        self.setItemDelegate(RowsDelegate(self))
        self.setModel(model)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.horizontalHeader()
        header.setMinimumSectionSize(32)
        for column in range(len(model.columns)):
            fixed = column in widths
            mode = QHeaderView.ResizeMode.Fixed if fixed else QHeaderView.ResizeMode.Stretch
            header.setSectionResizeMode(column, mode)
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._restore)
        self._fit()

    @property
    def current(self) -> Any:
        """The row that is chosen, None where none is."""
        return self.rows.at(self.currentIndex().row())

    def choose(self, key: int) -> bool:
        """Choose the row with this number and have it seen; False where it is not shown."""
        row = self.rows.row_of(key)
        if row < 0:
            return False
        self.setCurrentIndex(self.rows.index(row, 0))
        self.scrollTo(self.rows.index(row, 0))
        return True

    def row_under(self, page: QWidget, at: QPoint) -> int:
        """The row at a place of the page, -1 where there is none."""
        spot = self.viewport().mapFrom(page, at)
        if self.isHidden() or at.x() < 0 or not self.viewport().rect().contains(spot):
            return -1
        return self.rowAt(spot.y())

    def take_over(self, page: QWidget) -> None:
        """Take the focus where the page itself has it: it had nothing to give it to before."""
        if page.hasFocus() and not self.isHidden():
            self.setFocus()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.rows.shown:
            self.setCurrentIndex(self.rows.index(0, 0))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        narrow = self.width() < _NARROW_BELOW
        for column, width in self._widths.items():
            pixels = width.pixels(narrow=narrow)
            self.setColumnHidden(column, not pixels)
            if pixels:
                self.setColumnWidth(column, pixels)
        super().resizeEvent(event)

    def _remember(self) -> None:
        row = self.current
        self._key = None if row is None else self.rows.key_of(row)

    def _restore(self) -> None:
        self.hovered_row = -1
        self._fit()
        if self._key is not None:
            self.choose(self._key)

    def _fit(self) -> None:
        self.setMaximumHeight(_HEAD + ROW * max(1, len(self.rows.shown)) + _EDGES)


class RowsDelegate(RowDelegate):
    """Marks the chosen row while the keyboard is here, and draws trends after their text."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        table = option.widget
        if index.column() or not isinstance(table, RowsTable) or not table.hasFocus():
            return
        if table.currentIndex().row() == index.row():
            box = QRectF(option.rect)
            edge = QRectF(box.left(), box.top(), _MARK_WIDE, box.height() - 1)
            mark = QPainterPath()
            mark.addRect(mirrored(painter, edge, box))
            painter.save()
            antialiased(painter)
            painter.fillPath(mark.intersected(ground(painter, box, index)), colour("accent"))
            painter.restore()

    def paint_content(
        self, painter: QPainter, box: QRectF, index: Index, *, chosen: bool, over: bool
    ) -> None:
        scores = index.data(TREND)
        if scores is None or box.width() < _TREND_WIDE + 6 * M:
            super().paint_content(painter, box, index, chosen=chosen, over=over)
            return
        if len(scores) > 1:
            middle = box.center().y()
            place = QRectF(
                box.right() - _TREND_WIDE, middle - _TREND_TALL / 2, _TREND_WIDE, _TREND_TALL
            )
            _trend(painter, place, scores)
        words = box.adjusted(0, 0, -_TREND_WIDE - M, 0)
        painter.setFont(font())
        painter.setPen(colour("muted"))
        text = QFontMetricsF(font()).elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, words.width()
        )
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def _trend(painter: QPainter, box: QRectF, scores: Sequence[float]) -> None:
    latest = scores[-24:]
    low, high = min(latest), max(latest)
    span = max(high - low, 20.0)  # two points up are no climb
    middle = (low + high) / 2
    step = (box.width() - 2 * _DOT) / (len(latest) - 1)
    tall = box.height() - 2 * _DOT
    points = [
        QPointF(box.left() + at * step, box.center().y() - (score - middle) / span * tall)
        for at, score in enumerate(latest)
    ]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour("take"), 1.5))
    painter.drawPolyline(QPolygonF(points))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour("take"))
    painter.drawEllipse(points[-1], _DOT, _DOT)


def row_at(table: RowsTable, index: QModelIndex) -> Any:
    """The row of an index."""
    return table.rows.at(index.row())
