"""The square that stands for a song without a cover: its initials."""

from __future__ import annotations

import unicodedata
import zlib

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import blend, colour
from asa_desktop.ui.theme.tokens import RADIUS_CONTROL
from asa_desktop.ui.widgets.painting import antialiased, plate

SIZE = 40


def initials(title: str) -> str:
    """Two letters: the first of the first two words, or the first two of the only one."""
    words = [
        "".join(c for c in word if unicodedata.category(c)[0] in "LN") for word in title.split()
    ]
    words = [word for word in words if word]
    if not words:
        return "–"
    if ord(words[0][0]) >= 0x2E80:  # one character of these scripts says enough
        return words[0][0]
    letters = words[0][0] + words[1][0] if len(words) > 1 else words[0][:2]
    return letters.upper()


def paint_tile(painter: QPainter, box: QRectF, title: str, *, cover: QPixmap | None = None) -> None:
    """A cover, or the initials on a quiet ground; the same title has the same ground always."""
    antialiased(painter)
    if cover is not None and not cover.isNull():
        painter.drawPixmap(box.toRect(), cover)
        return
    tinted = zlib.crc32(title.encode("utf-8", "replace")) % 2
    fill = blend("surface", "accent", 0.22) if tinted else blend("raised", "control", 0.12)
    plate(painter, box, fill=fill, radius=RADIUS_CONTROL)
    painter.setPen(colour("text"))
    painter.setFont(font("strong"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, initials(title))


class InitialsTile(QWidget):
    """The tile as a widget; the title beside it is what is read out."""

    def __init__(self, title: str, *, cover: QPixmap | None = None) -> None:
        super().__init__()
        self.title, self.cover = title, cover
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(SIZE, SIZE)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        paint_tile(QPainter(self), QRectF(self.rect()), self.title, cover=self.cover)
