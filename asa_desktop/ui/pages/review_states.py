"""What stands on the review where there are no plots yet, and what a stage is called."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from asa_desktop import words
from asa_desktop.ui.pages.review_view import TakeView
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.button import Button
from asa_desktop.ui.widgets.empty import EmptyState

Action = Callable[[], object]


def instead_of_plots(
    view: TakeView | None, *, retry: Action | None, analyse: Action | None
) -> EmptyState:
    """Why there are no plots, and what can be done; an action that is None is not offered."""
    if view is None:
        return _state(
            tr("No take chosen"),
            tr("Choose a take, and see how it went."),
            icon="audio-waveform",
        )
    if view.state == "analysing":
        return _state(
            tr("Listening to the take"),
            tr("Pitch, chroma and spectrogram come when the analysis is done."),
            icon="audio-waveform",
        )
    if view.state == "failed":
        again = _button(tr("Try again"), retry)
        return _state(tr("Not analysed"), view.fault, *again, icon="triangle-alert")
    return _state(
        tr("Not analysed yet"),
        tr("The recording is kept. The analysis finds its scores and draws it."),
        *_button(tr("Analyse"), analyse),
        icon="audio-waveform",
    )


def stage_words(stage: str) -> str:
    """A stage of the analysis, as the beginning of a line."""
    said = words.stage_text(stage) if stage else tr("waiting for its turn")
    return said[:1].upper() + said[1:]


def _button(text: str, action: Action | None) -> tuple[QWidget, ...]:
    return () if action is None else (Button(text, kind="primary", action=action),)


def _state(title: str, sentence: str, *actions: QWidget, icon: str) -> EmptyState:
    made = EmptyState(title, sentence, *actions, icon=icon)
    text = made.sentence
    wide = min(text.fontMetrics().horizontalAdvance(sentence) + 4, text.maximumWidth())
    text.setMinimumSize(wide, text.heightForWidth(wide))  # centred, a label asks for one line
    return made
