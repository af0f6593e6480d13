"""Small chips that say which key does something."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from asa_desktop.ui.theme.tokens import M, S
from asa_desktop.ui.widgets.frames import label
from asa_desktop.ui.widgets.painting import KEY_HEIGHT, antialiased, key_width, paint_key


class KeyHint(QWidget):
    """The chip of one key."""

    def __init__(self, keys: str) -> None:
        super().__init__()
        self.keys = keys
        self.setAccessibleName(keys)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(round(key_width(self.keys)), KEY_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        paint_key(antialiased(QPainter(self)), QPointF(self.width(), self.height() / 2), self.keys)


class KeyHints(QWidget):
    """A line of keys and what they do: ``KeyHints(("Space", "play"), ("A", "me"))``."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        super().__init__()
        self.setAccessibleName(", ".join(f"{keys}: {does}" for keys, does in pairs))
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(S)
        for number, (keys, does) in enumerate(pairs):
            if number:
                box.addSpacing(M - S)
            box.addWidget(KeyHint(keys))
            alone = len(pairs) == 1  # then it may take two lines
            box.addWidget(label(does, "caption", tone="muted", wrap=alone), int(alone))
        box.addStretch(0 if len(pairs) == 1 else 1)
