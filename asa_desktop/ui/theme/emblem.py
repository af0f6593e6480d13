"""The program's own sign, for task bars: the waveform on the accent."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from asa_desktop.ui.theme import icons
from asa_desktop.ui.theme.tokens import LIGHT

SIZES = (16, 24, 32, 48, 64, 128, 256)


def emblem() -> QIcon:
    """The same in both themes, in every size that a desktop asks for."""
    made = QIcon()
    for size in SIZES:
        made.addPixmap(_drawn(size))
    return made


def _drawn(size: int) -> QPixmap:
    picture = QPixmap(size, size)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(LIGHT.accent))
    painter.drawRoundedRect(QRectF(0, 0, size, size), size * 0.22, size * 0.22)
    inner = size * 0.66
    edge = (size - inner) / 2
    icons.draw(painter, "audio-lines", QRectF(edge, edge, inner, inner), QColor(LIGHT.on_accent))
    painter.end()
    return picture
