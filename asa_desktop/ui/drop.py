"""Files held over the window: which they are, and the frame that says what would happen."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.theme.tokens import RADIUS_CARD, L, M, S
from asa_desktop.ui.widgets.painting import antialiased, plate


def dropped_paths(data: QMimeData) -> list[Path]:
    """The files and folders in what is dragged; other things (text, web addresses) are not ours."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


class DropFrame(QWidget):
    """A frame round the whole window with a few words at its foot; it takes no clicks."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._hint = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_hint(self, hint: str) -> None:
        """Show what a drop would do; nothing is shown for an empty hint."""
        self._hint = hint
        self.setVisible(bool(hint))
        if hint:
            self.raise_()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = antialiased(QPainter(self))
        box = QRectF(self.rect()).adjusted(S, S, -S, -S)
        plate(painter, box, edge=colour("accent"), width=2, dashed=True, radius=RADIUS_CARD)
        wide = QFontMetricsF(font("strong")).horizontalAdvance(self._hint) + 2 * L
        tall = 2 * M + 12
        words = QRectF((self.width() - wide) / 2, box.bottom() - tall - L, wide, tall)
        plate(painter, words, fill=colour("accent"))
        painter.setPen(colour("on_accent"))
        painter.setFont(font("strong"))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self._hint)
