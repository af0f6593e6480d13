"""One row over the shared time axis: a pyqtgraph view without frame, menu or mouse of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QEnterEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from asa_desktop.ui.plots import ink
from asa_desktop.ui.plots.timeaxis import GUTTER, RIGHT, TimeAxis
from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.widgets.painting import left_to_right

_A_NOTCH = 120.0
_ZOOM_A_NOTCH = 1.25
_PAN_A_NOTCH = 0.12
_CLICK_PIXELS = 4.0
_RADIUS = 4.0

Levels = Sequence[tuple[float, str]]


class Row(pg.GraphicsView):
    """A row of the time axis. Its scene is measured in pixels, its `box` in seconds and levels.

    Wheel zooms, shift-wheel and dragging pan, a double click shows all of the take; + and -,
    arrows and Home do the same. `pointed` tells where the pointer is (None, None: away) and
    `clicked` the second that was clicked.
    """

    pointed = Signal(object, object)
    clicked = Signal(float)

    outlined = False
    """Whether a selected clip is outlined here rather than tinted."""

    def __init__(self, axis: TimeAxis, *, low: float, high: float) -> None:
        super().__init__(useOpenGL=False, background=None)
        self.axis = axis
        self.low, self.high = low, high
        self.box = pg.ViewBox(enableMenu=False, defaultPadding=0)
        self.box.setMouseEnabled(x=False, y=False)
        self.box.disableAutoRange()
        self.addItem(self.box)
        self._pressed: QPointF | None = None
        self._dragged = False
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(40)
        self.setFrameStyle(0)
        # What changes is painted anew by us; the scene would have every move painted twice.
        self.setViewportUpdateMode(self.ViewportUpdateMode.NoViewportUpdate)
        axis.changed.connect(self.follow)
        self.set_levels(low, high)
        self.follow()

    # What is shown

    def set_levels(self, low: float, high: float) -> None:
        """The lowest and the highest level of the row."""
        self.low, self.high = low, high
        self.box.setYRange(low, high, padding=0)
        self.viewport().update()

    def follow(self) -> None:
        """Show what the time axis shows."""
        self.box.setXRange(self.axis.start, self.axis.end, padding=0)
        self.box.prepareForPaint()
        self.repaint_all()

    def repaint_all(self) -> None:
        """Paint everything anew, the background too, which pyqtgraph keeps as a picture."""
        self.resetCachedContent()
        self.viewport().update()

    def level_labels(self) -> Levels:
        """Levels to be named in the gutter."""
        return ()

    def hairlines(self) -> Levels:
        """Levels with a line across, and "" or "faint"."""
        return ()

    def title(self) -> tuple[str, ...]:
        """The row's name at the left edge, a line each; none where it is named elsewhere."""
        return ()

    def level_words(self, level: float) -> str:
        """What the crosshair says of a level; nothing where that means nothing."""
        return ""

    # Pixels

    def area(self) -> QRectF:
        """Where time is, without the gutter."""
        return QRectF(GUTTER, 0, self.axis.room(self.width()), self.height())

    def y_of(self, level: float) -> float:
        """Pixel of a level."""
        return float((self.high - level) / (self.high - self.low) * self.height())

    def level_at(self, y: float) -> float:
        """Level at a pixel."""
        return float(self.high - y / max(self.height(), 1) * (self.high - self.low))

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:  # noqa: N802
        """Surface and hairlines."""
        area = self.area()
        painter.fillRect(rect, ink.surface())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for second, _ in self.axis.ticks(self.width()):
            x = round(self.axis.x_of(second, self.width()))
            painter.setPen(QPen(ink.hairline(faint=True), 1))
            painter.drawLine(QPointF(x, 0), QPointF(x, area.height()))
        for level, kind in self.hairlines():
            painter.setPen(QPen(ink.hairline(faint=bool(kind)), 1))
            y = round(self.y_of(level))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:  # noqa: N802
        """Names in the gutter."""
        left_to_right(painter)
        if self.outlined:
            self._round_corners(painter)
        if rect.left() < GUTTER:
            painter.setFont(font("caption"))
            painter.setPen(colour("muted"))
            tall = QFontMetricsF(painter.font()).height()
            half = tall / 2
            for number, words in enumerate(self.title()):
                box = QRectF(0, number * (tall + 1), GUTTER, tall)
                painter.drawText(box, Qt.AlignmentFlag.AlignLeft, words)
            for level, words in self.level_labels():
                y = min(max(self.y_of(level), half), self.height() - half)
                box = QRectF(0, y - half, GUTTER - 8, 2 * half)
                painter.drawText(
                    box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words
                )

    def _round_corners(self, painter: QPainter) -> None:
        corners, inside = QPainterPath(), QPainterPath()
        corners.addRect(self.area())
        inside.addRoundedRect(self.area(), _RADIUS, _RADIUS)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(corners - inside, ink.surface())

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        super().resizeEvent(event)
        if hasattr(self, "box") and self.width() > GUTTER + RIGHT:
            self.box.setGeometry(self.area())

    # The pointer

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        delta = event.angleDelta()
        across = event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(delta.x()) > abs(
            delta.y()
        )
        notches = (delta.x() if abs(delta.x()) > abs(delta.y()) else delta.y()) / _A_NOTCH
        if across:
            self.axis.pan(-notches * _PAN_A_NOTCH)
        else:
            second = self.axis.second_at(event.position().x(), self.width())
            self.axis.zoom(_ZOOM_A_NOTCH**notches, at=second)
        self._point(event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.LeftButton:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self._pressed, self._dragged = event.position(), False
            self._grabbed = self.axis.start
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        place = event.position()
        if self._pressed is not None:
            away = place.x() - self._pressed.x()
            self._dragged |= abs(away) > _CLICK_PIXELS
            if self._dragged:
                per_pixel = self.axis.span / self.axis.room(self.width())
                start = self._grabbed - away * per_pixel
                self.axis.show(start, start + self.axis.span)
        self._point(place)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.LeftButton and self._pressed is not None:
            pressed, self._pressed = self._pressed, None
            if not self._dragged and pressed.x() >= GUTTER:
                self.clicked.emit(self.axis.second_at(event.position().x(), self.width()))
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.LeftButton:
            self.axis.reset()
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        event.accept()  # the library's menu is not ours

    def leaveEvent(self, event: object) -> None:  # noqa: N802
        self.pointed.emit(None, None)

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        self._point(event.position())

    def _point(self, place: QPointF) -> None:
        if place.x() < GUTTER or place.x() > self.width() - RIGHT:
            self.pointed.emit(None, None)
            return
        second = self.axis.second_at(place.x(), self.width())
        self.pointed.emit(second, self.level_at(place.y()))

    # The keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if not move_by_key(self.axis, event):
            QWidget.keyPressEvent(self, event)


def move_by_key(axis: TimeAxis, event: QKeyEvent) -> bool:
    """Zoom or pan as a key says; False for a key that says neither."""
    key = event.key()
    if event.modifiers() & ~(
        Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
    ):
        return False
    if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
        axis.zoom(math.sqrt(2))
    elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
        axis.zoom(1 / math.sqrt(2))
    elif key == Qt.Key.Key_Left:
        axis.pan(-_PAN_A_NOTCH)
    elif key == Qt.Key.Key_Right:
        axis.pan(_PAN_A_NOTCH)
    elif key == Qt.Key.Key_PageUp:
        axis.pan(-0.9)
    elif key == Qt.Key.Key_PageDown:
        axis.pan(0.9)
    elif key in (Qt.Key.Key_Home, Qt.Key.Key_0):
        axis.reset()
    else:
        return False
    return True
