"""The inline bar for what went wrong or has to be known: one sentence, one button, closable."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from asa_desktop.ui.theme import icons
from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.theme.tokens import ICON, M, S
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.button import Button, IconButton
from asa_desktop.ui.widgets.frames import label, row

LEVELS = {"info": ("info", "muted"), "warning": ("triangle-alert", "sharp"),
          "error": ("circle-alert", "record")}  # fmt: skip
"""Sign and colour of each level."""


_FRESH_S = 2.0
"""What is said together with the turning of a page belongs to the new one."""


class Sign(QWidget):
    """A sign in a colour of the theme, for those who see; the words beside it say the same."""

    def __init__(self, name: str = "info", token: str = "muted", *, size: int = ICON) -> None:
        super().__init__()
        self.name, self.token, self._size = name, token, size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_sign(self, name: str, token: str) -> None:
        self.name, self.token = name, token
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(self._size, self._size)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        icons.draw(QPainter(self), self.name, QRectF(self.rect()), colour(self.token))


class NoticeBar(QFrame):
    """Hidden until `say`. `closed` comes when the reader closes it or presses its button."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notice")
        self._action: Callable[[], object] | None = None
        self._said_at = 0.0
        self._sign = Sign()
        self._words = label("", wrap=True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._button = Button("", action=self._act)
        self._close = IconButton("x", tr("Close this message"), action=self.dismiss)
        box = row(self._sign, self._words, self._button, self._close, spacing=M)
        box.setContentsMargins(M, S - 2, S, S - 2)
        self.setLayout(box)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.dismiss)
        self.hide()

    @property
    def sentence(self) -> str:
        """What is said now; empty when nothing is."""
        return self._words.text() if not self.isHidden() else ""

    def say(
        self,
        sentence: str,
        *,
        level: str = "info",
        button: str = "",
        action: Callable[[], object] | None = None,
        for_s: float = 0.0,
        stands: bool = False,
    ) -> None:
        """Show one sentence and read it out; `for_s` closes it by itself (0: it stays).

        `stands`: it has no cross, for what it says is so until something else is.
        """
        repeated = sentence == self.sentence
        self._said_at = time.monotonic()
        sign, token = LEVELS[level]
        self._sign.show_sign(sign, token)
        self._words.setText(sentence)
        self._action = action
        self._button.say(button)
        self._button.setVisible(bool(button))
        self._close.setVisible(not stands)
        self.setProperty("level", level)
        self.style().unpolish(self)
        self.style().polish(self)
        self.setAccessibleName(sentence)
        self.show()
        self._timer.stop()
        if for_s > 0:
            self._timer.start(round(for_s * 1000))
        if not repeated:
            announce(self, sentence, urgent=level == "error")

    def dismiss(self) -> None:
        """Close the bar."""
        if not self.isHidden():
            self._timer.stop()
            self.hide()
            self.closed.emit()

    def page_turned(self) -> None:
        """Another page is shown: a mere remark on the one before goes, unless it is fresh."""
        fresh = time.monotonic() - self._said_at < _FRESH_S
        if self.property("level") == "info" and not fresh:
            self.dismiss()

    def _act(self) -> None:
        action = self._action
        self.dismiss()
        if action is not None:
            action()


def announce(widget: QWidget, sentence: str, *, urgent: bool = False) -> None:
    """Have a screen reader say `sentence`, without moving the focus."""
    event = QAccessibleAnnouncementEvent(widget, sentence)
    politeness = QAccessible.AnnouncementPoliteness
    event.setPoliteness(politeness.Assertive if urgent else politeness.Polite)
    QAccessible.updateAccessibility(event)
