"""One line of the sound check: its sign, its name, what was found, what can be done."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from asa_desktop.ui.theme.tokens import CONTROL, L, M, S
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.button import Button
from asa_desktop.ui.widgets.frames import column, label, row, set_tone
from asa_desktop.ui.widgets.notice import Sign

State = Literal["waiting", "busy", "good", "warning", "bad"]

_SIGNS = {
    "waiting": ("minus", "muted"),
    "busy": ("clock", "muted"),
    "good": ("check", "in_tune"),
    "warning": ("triangle-alert", "sharp"),
    "bad": ("circle-alert", "record"),
}
_NAME_WIDE = 132


class CheckRow(QWidget):
    """`say` sets state and words; buttons are shown where `offer` names them."""

    def __init__(
        self, name: str, *buttons: Button, below: QWidget | None = None, stacked: bool = False
    ) -> None:
        super().__init__()
        self.name = name
        self.state: State = "waiting"
        self.buttons = buttons
        self._sign = Sign("minus", "muted")
        title = label(name, "strong")
        title.setFixedWidth(_NAME_WIDE)
        self.words = label("", tone="muted", wrap=True)
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        middle = column(self.words, spacing=S)
        if below is not None:
            middle.addWidget(below)
        actions = row(*buttons, spacing=S)
        box = row(self._sign, title, spacing=M)
        box.addLayout(middle, 1)
        if stacked:  # more buttons than there is room for beside the words
            actions.addStretch(1)
            middle.addLayout(actions)
        else:
            box.addLayout(actions)
        box.setContentsMargins(0, S, 0, S)
        box.setAlignment(self._sign, Qt.AlignmentFlag.AlignVCenter)
        self.setLayout(box)
        self.setMinimumHeight(CONTROL + L // 2)
        self.offer()
        self.say("waiting", "")

    def say(self, state: State, text: str) -> None:
        """What was found, in words; the sign says the same."""
        if (state, text) == (self.state, self.words.text()):
            return
        self.state = state
        self._sign.show_sign(*_SIGNS[state])
        self.words.setText(text)
        set_tone(self.words, "muted" if state in ("good", "waiting", "busy") else "")
        spoken = {
            "waiting": tr("not measured yet"), "busy": tr("is being measured"),
            "good": tr("good"), "warning": tr("could be better"), "bad": tr("stands in the way"),
        }[state]  # fmt: skip
        self.setAccessibleName(f"{self.name}, {spoken}")
        self.setAccessibleDescription(text)

    def offer(self, *shown: Button) -> None:
        """Show these of the row's buttons."""
        for each in self.buttons:
            each.setVisible(each in shown)
