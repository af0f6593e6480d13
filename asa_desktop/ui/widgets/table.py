"""A calm table: rows of 56 px, a whole row lights up, everything reachable by keys.

A model gives what a cell shows by roles: the display role is its text (and what is read out),
the others are below.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPainterPath
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from asa_desktop.ui.theme import icons
from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import blend, colour
from asa_desktop.ui.theme.tokens import ICON_SMALL, RADIUS_CARD, ROW, M, S
from asa_desktop.ui.widgets.painting import antialiased, mirrored, plate
from asa_desktop.ui.widgets.tile import SIZE, paint_tile

SUBTITLE = Qt.ItemDataRole.UserRole + 1
"""str: a second, quiet line."""
TILE = Qt.ItemDataRole.UserRole + 2
"""str: the title whose initials stand before the text."""
TONE = Qt.ItemDataRole.UserRole + 3
"""str: a token for the text, such as ``muted`` or ``sharp``."""
KIND = Qt.ItemDataRole.UserRole + 4
"""str: a kind of `tokens.TYPE`; the plain one is ``body``, ``strong`` where there is a subtitle."""
BUTTON = Qt.ItemDataRole.UserRole + 5
"""str: the sign of a button; the cell's text is its word, a click gives `Table.acted`."""
CHIP = Qt.ItemDataRole.UserRole + 6
"""bool: the text stands in an outline, such as "needs: notes"."""

Index = QModelIndex | QPersistentModelIndex
_BUTTON_TALL = 36


class RowDelegate(QStyledItemDelegate):
    """Paints cells by their roles. Pages override `paint_content` for what is their own."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        table = option.widget
        box = QRectF(option.rect)
        chosen = isinstance(table, Table) and table.currentIndex().row() == index.row()
        over = isinstance(table, Table) and table.hovered_row == index.row()
        antialiased(painter)
        if chosen:
            painter.fillPath(ground(painter, box, index), colour("raised"))
        elif over:
            painter.fillPath(ground(painter, box, index), blend("surface", "raised", 0.5))
        if index.row() < index.model().rowCount() - 1:
            below = QRectF(box.left(), box.bottom() - 1, box.width(), 1)
            painter.fillRect(below, colour("border"))
        self.paint_content(painter, box.adjusted(M, 0, -M, -1), index, chosen=chosen, over=over)
        painter.restore()

    def paint_content(
        self, painter: QPainter, box: QRectF, index: Index, *, chosen: bool, over: bool
    ) -> None:
        """Paint one cell into `box`; `chosen` and `over` speak of its row."""
        text = str(index.data() or "")
        if sign := index.data(BUTTON):
            self._button(painter, box, text, str(sign), chosen=chosen, over=over)
            return
        if title := index.data(TILE):
            tile = QRectF(box.left(), box.center().y() - SIZE / 2, SIZE, SIZE)
            paint_tile(painter, mirrored(painter, tile, box), str(title))
            box = mirrored(painter, box.adjusted(SIZE + M, 0, 0, 0), box)
        below = str(index.data(SUBTITLE) or "")
        kind = str(index.data(KIND) or ("strong" if below else "body"))
        ink = colour(str(index.data(TONE) or "text"))
        if index.data(CHIP) and text:
            self._chip(painter, box, text)
            return
        given = index.data(Qt.ItemDataRole.TextAlignmentRole)
        across = Qt.AlignmentFlag(int(given)) if given else Qt.AlignmentFlag.AlignLeft
        across &= Qt.AlignmentFlag.AlignHorizontal_Mask
        if not below:
            _line(painter, box, text, kind, ink, across)
            return
        middle = box.center().y()
        upper = QRectF(box.left(), middle - 19, box.width(), 20)
        lower = QRectF(box.left(), middle + 1, box.width(), 18)
        _line(painter, upper, text, kind, ink, across)
        _line(painter, lower, below, "caption", colour("muted"), across)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        wide = QFontMetricsF(font("strong")).horizontalAdvance(str(index.data() or ""))
        wide += (SIZE + M if index.data(TILE) else 0) + (
            ICON_SMALL + S if index.data(BUTTON) else 0
        )
        return QSize(round(wide + 0.5) + 4 * M, ROW)

    def _button(
        self, painter: QPainter, box: QRectF, text: str, sign: str, *, chosen: bool, over: bool
    ) -> None:
        box = button_box(box, text)
        ink = colour("on_accent" if chosen else "text")
        plate(
            painter,
            box,
            fill=colour("accent") if chosen else blend("surface", "raised", 1.0 if over else 0.0),
            edge=None if chosen else colour("control"),
        )
        x = box.left() + M
        icon = QRectF(round(x), round(box.center().y() - ICON_SMALL / 2), ICON_SMALL, ICON_SMALL)
        icons.draw(painter, sign, mirrored(painter, icon, box), ink)
        rest = mirrored(painter, box.adjusted(M + ICON_SMALL + S, 0, -M + 2, 0), box)
        _line(painter, rest, text, "button", ink, Qt.AlignmentFlag.AlignLeft)

    def _chip(self, painter: QPainter, box: QRectF, text: str) -> None:
        wide = min(box.width(), QFontMetricsF(font("caption")).horizontalAdvance(text) + 2 * S)
        chip = QRectF(box.left(), round(box.center().y() - 10), wide, 20)
        chip = mirrored(painter, chip, box)
        plate(painter, chip, edge=colour("control"), radius=4)
        inner = mirrored(painter, chip.adjusted(S, 0, -S + 2, 0), chip)
        _line(painter, inner, text, "caption", colour("text"),
              Qt.AlignmentFlag.AlignLeft)  # fmt: skip


def ground(painter: QPainter, cell: QRectF, index: Index) -> QPainterPath:
    """What a cell covers: the table's last row is round where the table is."""
    path = QPainterPath()
    model = index.model()
    ends = {0: -RADIUS_CARD, model.columnCount() - 1: RADIUS_CARD}
    if index.row() < model.rowCount() - 1 or index.column() not in ends:
        path.addRect(cell)
        return path
    # All round corners but the one at the table's lie outside the cell.
    over = ends[index.column()]
    over = -over if painter.layoutDirection() == Qt.LayoutDirection.RightToLeft else over
    wide = cell.adjusted(min(0, -over), -RADIUS_CARD, max(0, -over), 0)
    path.addRoundedRect(wide, RADIUS_CARD - 1, RADIUS_CARD - 1)
    whole = QPainterPath()
    whole.addRect(cell)
    return path.intersected(whole)


def button_width(text: str) -> int:
    """How wide a cell's button with this word is."""
    return round(QFontMetricsF(font("button")).horizontalAdvance(text)) + ICON_SMALL + S + 2 * M


def button_box(cell: QRectF, text: str) -> QRectF:
    """Where in a cell (its padding taken off) its button lies: at its right end."""
    wide = min(button_width(text), round(cell.width()))
    top = round(cell.center().y() - _BUTTON_TALL / 2)
    return QRectF(round(cell.right()) - wide, top, wide, _BUTTON_TALL)


def _line(
    painter: QPainter, box: QRectF, text: str, kind: str, ink: QColor, across: Qt.AlignmentFlag
) -> None:
    painter.setFont(font(kind))
    painter.setPen(ink)
    cut = QFontMetricsF(font(kind)).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, across | Qt.AlignmentFlag.AlignVCenter, cut)


class Table(QTableView):
    """Rows. Enter or a double click gives `opened`, a press of a cell's button `acted`."""

    opened = Signal(QModelIndex)
    acted = Signal(QModelIndex)

    def __init__(self, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hovered_row = -1
        self.setAccessibleName(name)
        self.setItemDelegate(RowDelegate(self))
        self.setFont(font())
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(ROW // 2)
        across, down = self.horizontalHeader(), self.verticalHeader()
        across.setFont(font("caption"))
        across.setHighlightSections(False)
        across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        across.setFixedHeight(36)
        across.setAccessibleName(name)
        down.hide()
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setDefaultSectionSize(ROW)
        self.doubleClicked.connect(self._open)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self._hover(-1)
        super().leaveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._hover(self.rowAt(round(event.position().y())))
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and self._on_button(index, event):
            self.acted.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _open(self, index: QModelIndex) -> None:
        if not index.data(BUTTON):
            self.opened.emit(index)

    def _on_button(self, index: QModelIndex, event: QMouseEvent) -> bool:
        if not index.isValid() or not index.data(BUTTON):
            return False
        cell = QRectF(self.visualRect(index)).adjusted(M, 0, -M, -1)
        return button_box(cell, str(index.data())).contains(event.position())

    def _hover(self, row: int) -> None:
        if row != self.hovered_row:
            before, self.hovered_row = self.hovered_row, row
            for one in (before, row):
                if one >= 0:
                    top = self.rowViewportPosition(one)
                    self.viewport().update(0, top, self.viewport().width(), self.rowHeight(one))
