"""What lies over all rows at once: the selected clip, places, the crosshair and the playhead."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from asa_desktop.ui.plots import ink
from asa_desktop.ui.plots.places import PlaceMarks
from asa_desktop.ui.plots.row import Row
from asa_desktop.ui.plots.timeaxis import GUTTER, TimeAxis
from asa_desktop.ui.theme.theme import colour, on_picture
from asa_desktop.ui.widgets.painting import left_to_right

_DOT = 4.0
_SEEN = 0.92
_REACH = 8


class Overlay(QWidget):
    """A sheet of glass over the rows. Only the columns that changed are painted anew."""

    def __init__(self, axis: TimeAxis, rows: Sequence[Row], parent: QWidget) -> None:
        super().__init__(parent)
        self._axis, self._rows = axis, rows
        self._playhead: float | None = None
        self._cross: float | None = None
        self._clip: tuple[float, float] | None = None
        self._marks = PlaceMarks()
        self.dot: Callable[[float], tuple[Row, float] | None] = lambda second: None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        axis.changed.connect(self.update)

    @property
    def playhead(self) -> float | None:
        """Second that is heard, None where nothing plays."""
        return self._playhead

    @property
    def cross(self) -> float | None:
        """Second under the pointer or the keyboard's crosshair."""
        return self._cross

    def set_playhead(self, second: float | None) -> None:
        """Move the playhead."""
        self._refresh(self._playhead, 2)
        self._playhead = second
        self._refresh(second, 2)

    def set_cross(self, second: float | None) -> None:
        """Move the crosshair."""
        self._refresh(self._cross, _DOT + 2)
        self._cross = second
        self._refresh(second, _DOT + 2)

    def set_clip(self, clip: tuple[float, float] | None) -> None:
        """Show this stretch as selected."""
        if clip != self._clip:
            for each in (self._clip, clip):
                if each is not None:
                    left = int(self._axis.x_of(each[0], self.width())) - 2
                    right = int(self._axis.x_of(each[1], self.width())) + 3
                    self.update(QRect(left, 0, right - left, self.height()))
            self._clip = clip

    def set_places(self, marks: PlaceMarks) -> None:
        """Mark these places; call it again when another of them is chosen."""
        self._marks = marks
        self.update()

    @property
    def places(self) -> PlaceMarks:
        """What is marked."""
        return self._marks

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = left_to_right(QPainter(self))
        painter.setClipRect(QRect(GUTTER, 0, int(self._axis.room(self.width())) + 1, self.height()))
        if self._clip is not None:
            self._paint_clip(painter, *self._clip)
        if self._marks:
            self._paint_places(painter, event.rect())
        if self._cross is not None:
            self._paint_cross(painter, self._cross)
        if self._playhead is not None:
            self._paint_playhead(painter, self._playhead)

    def _paint_playhead(self, painter: QPainter, second: float) -> None:
        x = round(self._axis.x_of(second, self.width()))
        painter.fillRect(QRect(x - 1, 0, 2, self.height()), ink.playhead(on_heat=False))
        for row in self._shown():
            if row.outlined:
                box = self._place(row)
                line = QRect(x - 1, box.top(), 2, box.height())
                painter.fillRect(line, ink.playhead(on_heat=True))

    def _paint_clip(self, painter: QPainter, start: float, end: float) -> None:
        left = round(self._axis.x_of(start, self.width()))
        right = round(self._axis.x_of(end, self.width()))
        for row in self._shown():
            box = self._place(row)
            place = QRectF(left, box.top(), right - left, box.height())
            if row.outlined:
                painter.setPen(QPen(on_picture(_SEEN), 1.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(place.adjusted(0.75, 0.75, -0.75, -0.75))
            else:
                painter.fillRect(place, ink.chosen())

    def _paint_places(self, painter: QPainter, exposed: QRect) -> None:
        def x_of(second: float) -> float:
            return self._axis.x_of(second, self.width())

        # A mark may be wider than its place: an arrow, or the least that can be seen.
        start = self._axis.second_at(exposed.left() - _REACH, self.width())
        end = self._axis.second_at(exposed.right() + _REACH, self.width())
        start, end = max(start, self._axis.start), min(end, self._axis.end)
        for row in self._shown():
            self._marks.paint_on_row(painter, row, self._place(row), x_of, start, end)

    def _paint_cross(self, painter: QPainter, second: float) -> None:
        x = round(self._axis.x_of(second, self.width()))
        for row in self._shown():
            box = self._place(row)
            painter.setPen(QPen(on_picture(_SEEN) if row.outlined else colour("muted"), 1))
            painter.drawLine(x, box.top(), x, box.bottom())
        found = self.dot(second)
        if found is not None and found[0].isVisible():
            row, level = found
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(ink.surface(), 2))
            painter.setBrush(colour("take"))
            y = self._place(row).top() + row.y_of(level)
            painter.drawEllipse(QPointF(self._axis.x_of(second, self.width()), y), _DOT, _DOT)

    def _shown(self) -> list[Row]:
        return [row for row in self._rows if row.isVisible()]

    def _place(self, row: Row) -> QRect:
        return QRect(row.mapTo(self.parentWidget(), row.rect().topLeft()) - self.pos(), row.size())

    def _refresh(self, second: float | None, reach: float) -> None:
        if second is None:
            return
        x, wide = self._axis.x_of(second, self.width()), int(reach) + 1
        self.update(QRect(round(x) - wide, 0, 2 * wide + 1, self.height()))
