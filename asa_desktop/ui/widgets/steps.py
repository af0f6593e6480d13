"""Where the introduction is: its step, what to do now, and ways on."""

from __future__ import annotations

from PySide6.QtWidgets import QSizePolicy, QWidget

from asa_desktop.ui.theme.tokens import M, S
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.frames import Card, label, row

STEPS = 4


def step_text(step: int) -> str:
    """Step 2 of 4."""
    return tr("Step {step} of {of}", step=step, of=STEPS)


class StepBar(Card):
    """One line over a page that the introduction leads through."""

    def __init__(self, step: int, sentence: str, *actions: QWidget) -> None:
        super().__init__(margin=S, spacing=0, name=step_text(step))
        self.setAccessibleDescription(sentence)
        self.sentence = label(sentence, wrap=True)
        self.sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        box = row(label(step_text(step), "caption", tone="muted"), self.sentence, *actions,
                  spacing=M)  # fmt: skip
        box.setContentsMargins(M, 0, 0, 0)
        self.box.addLayout(box)
