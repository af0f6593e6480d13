"""Strokes that our own widgets share."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen

from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import blend, colour
from asa_desktop.ui.theme.tokens import RADIUS_CONTROL

KEY_HEIGHT, KEY_PAD = 18, 5


def antialiased(painter: QPainter) -> QPainter:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return painter


def left_to_right(painter: QPainter) -> QPainter:
    """For plots: a painter follows the application's direction, whatever its widget's is."""
    painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    return painter


def plate(
    painter: QPainter,
    box: QRectF,
    *,
    fill: QColor | None = None,
    edge: QColor | None = None,
    radius: float = RADIUS_CONTROL,
    width: float = 1.0,
    dashed: bool = False,
) -> None:
    """A rounded plate whose edge lies inside `box`, on whole pixels."""
    pen = QPen(edge, width) if edge is not None else QPen(Qt.PenStyle.NoPen)
    if edge is not None and dashed:
        pen.setDashPattern([3, 3])
    painter.setPen(pen)
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    inset = width / 2 if edge is not None else 0.0
    painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), radius, radius)


def mirrored(painter: QPainter, box: QRectF, within: QRectF) -> QRectF:
    """`box` on the other side of `within` where one reads from right to left, else as it is.

    Texts need only this: Qt turns their alignment round by itself.
    """
    if painter.layoutDirection() != Qt.LayoutDirection.RightToLeft:
        return box
    return QRectF(within.left() + within.right() - box.right(), box.top(), box.width(),
                  box.height())  # fmt: skip


def hatched(painter: QPainter, box: QRectF, *, radius: float = RADIUS_CONTROL) -> None:
    """The mark of "not scored": a dashed outline over faint strokes."""
    brush = QBrush(colour("border"), Qt.BrushStyle.BDiagPattern)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(brush)
    painter.drawRoundedRect(box, radius, radius)
    plate(painter, box, edge=colour("control"), radius=radius, dashed=True)


def key_width(keys: str) -> float:
    """How wide the chip of `keys` is; 0 for none."""
    if not keys:
        return 0.0
    wide = QFontMetricsF(font("caption")).horizontalAdvance(keys)
    return max(float(KEY_HEIGHT), round(wide + 2 * KEY_PAD))


def paint_key(painter: QPainter, right: QPointF, keys: str, *, on: str = "") -> None:
    """The chip of a key; `right` is the middle of its right edge, `on` the ground's text token."""
    wide = key_width(keys)
    box = QRectF(right.x() - wide, round(right.y() - KEY_HEIGHT / 2), wide, KEY_HEIGHT)
    plate(painter, box, edge=colour(on, 0.5) if on else colour("border"), radius=4)
    painter.setPen(colour(on) if on else colour("muted"))
    painter.setFont(font("caption"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, keys)


def hover_ground() -> QColor:
    return blend("surface", "raised", 1.0)
