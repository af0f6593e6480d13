"""Which line is whose, in one row of words."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from asa_desktop.ui.plots import ink
from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.widgets.painting import antialiased

_SWATCH, _GAP, _APART = 12, 6, 16

Entry = tuple[str, str]
"""A word and what it is drawn as: ``take``, ``reference`` (lines), ``note`` (a bar)."""


class Legend(QWidget):
    """Swatches with their words."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: tuple[Entry, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_entries(self, *entries: Entry) -> None:
        """Show these."""
        self._entries = entries
        self.setAccessibleName(", ".join(words for words, _ in entries))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        metrics = QFontMetricsF(font("caption"))
        wide = sum(
            _SWATCH + _GAP + _APART + metrics.horizontalAdvance(words) for words, _ in self._entries
        )
        return QSize(round(wide), 20)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(0, 20)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = antialiased(QPainter(self))
        painter.setFont(font("caption"))
        metrics = QFontMetricsF(painter.font())
        x, middle = 0.0, self.height() / 2
        for words, kind in self._entries:
            if kind == "note":
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(ink.note())
                painter.drawRoundedRect(QRectF(x, middle - 3, _SWATCH, 6), 2, 2)
            else:
                painter.setPen(QPen(colour(kind), 2))
                painter.drawLine(QPointF(x + 1, middle), QPointF(x + _SWATCH - 1, middle))
            x += _SWATCH + _GAP
            painter.setPen(colour("take" if kind == "take" else "muted"))
            wide = metrics.horizontalAdvance(words)
            box = QRectF(x, 0, wide + 2, self.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)
            x += wide + _APART
