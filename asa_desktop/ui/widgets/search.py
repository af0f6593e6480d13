"""The field to search in; "/" goes there from anywhere on the page."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit

from asa_desktop.ui.theme import icons
from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.theme.tokens import CONTROL, ICON_SMALL, M, S
from asa_desktop.ui.widgets.painting import antialiased, key_width, mirrored, paint_key

_WIDE, _LEAST = 260, 200


class SearchField(QLineEdit):
    """A line to type in, with a lens and the chip of its key. Escape empties it, then leaves it."""

    def __init__(self, prompt: str, *, name: str = "") -> None:
        super().__init__()
        self.setPlaceholderText(prompt)
        self.setAccessibleName(name or prompt)
        self.setAccessibleDescription("/")
        self.setFont(font())
        self.setMinimumWidth(_LEAST)
        self.setMaximumHeight(CONTROL)
        self.setAcceptDrops(False)  # a file dropped here is meant for the window
        self.setTextMargins(ICON_SMALL + S, 0, ICON_SMALL + S, 0)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(_WIDE, super().sizeHint().height())

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()  # the first escape is the field's, the next the page's
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.text():
            self.clear()
        else:
            self.clearFocus()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        painter = antialiased(QPainter(self))
        middle = self.height() / 2
        lens = QRectF(M, round(middle - ICON_SMALL / 2), ICON_SMALL, ICON_SMALL)
        whole = QRectF(self.rect())
        icons.draw(painter, "search", mirrored(painter, lens, whole), colour("muted"))
        if not self.hasFocus() and not self.text():
            wide = key_width("/")
            chip = mirrored(painter, QRectF(self.width() - S - wide, middle, wide, 0), whole)
            paint_key(painter, QPointF(chip.right(), middle), "/")
