"""What stands where there is nothing yet: what this place is for and how to fill it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from asa_desktop.ui.theme.tokens import XL, S
from asa_desktop.ui.widgets.frames import column, label, row
from asa_desktop.ui.widgets.notice import Sign


class EmptyState(QWidget):
    """A sign, a title, one sentence, and what can be done."""

    def __init__(self, title: str, sentence: str, *actions: QWidget, icon: str = "music") -> None:
        super().__init__()
        sign = Sign(icon, "control", size=XL)
        self.title = label(title, "section")
        self.sentence = label(sentence, tone="muted", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.sentence.setMinimumWidth(280)
        self.sentence.setMaximumWidth(480)
        box = column(None, spacing=S)
        for part in (sign, self.title):
            box.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        # An aligned label that wraps would be given the height of one line.
        box.addLayout(row(None, self.sentence, None))
        if actions:
            box.addSpacing(S)
            box.addLayout(row(None, *actions, None))
        box.addStretch(2)
        self.setLayout(box)
