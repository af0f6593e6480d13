"""The first start: the language, and what comes; then the sound check, a try, and the review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from asa_desktop.services.catalogues import LANGUAGES
from asa_desktop.services.example import example_song
from asa_desktop.ui.pages.base import Page, in_the_middle
from asa_desktop.ui.pages.settings import setting
from asa_desktop.ui.theme.tokens import L, M, S
from asa_desktop.ui.tr import sentences, tr
from asa_desktop.ui.widgets.button import Button
from asa_desktop.ui.widgets.choice import DropDown
from asa_desktop.ui.widgets.frames import Card, column, label, line, row
from asa_desktop.ui.widgets.notice import Sign
from asa_desktop.ui.widgets.steps import step_text

if TYPE_CHECKING:
    from asa_desktop.services.library import SongRow
    from asa_desktop.ui.context import AppContext

WIDE = 640
TRY_S = 30.0
"""How long the try in the introduction lasts."""


class IntroductionPage(Page):
    """Step one. The others are the pages themselves, while `AppContext.touring` is set.

    It comes by itself once, whether or not it is gone through; the settings show it again.
    """

    def __init__(self, context: AppContext) -> None:
        super().__init__(context, title=tr("Introduction"))
        settings = context.settings
        languages = (("system", tr("As the system")), *LANGUAGES.items())
        self.language = DropDown(tr("Language"), languages, value=settings.language)
        self.language.picked.connect(lambda value: context.change(language=value))
        self.skip = Button(tr("Skip"), kind="quiet", keys=tr("Esc"), action=self._skip)
        self.example = Button(tr("Look at an example"), icon="eye", action=self._look)
        self.next = Button(tr("Next"), kind="primary", action=self._go_on)
        card = Card(margin=L, spacing=M, name=tr("What comes"))
        card.box.addWidget(setting(tr("Language"), self.language))
        card.box.addWidget(line())
        for sign, sentence in (
            ("headphones", tr("Microphone and headphones are checked.")),
            ("mic", tr("You sing along with a song for 30 seconds.")),
            ("audio-waveform", tr("You see and hear how it went.")),
        ):
            card.box.addLayout(_line(sign, sentence))
        said = sentences(
            tr("Sing a song, and see where it went well and where it did not."),
            tr("Nothing leaves this computer."),
        )
        middle = QWidget()
        middle.setMaximumWidth(WIDE)
        middle.setLayout(
            column(
                label(step_text(1), "caption", tone="muted"),
                label(tr("Welcome to ASA Desktop"), "page"),
                label(said, tone="muted", wrap=True), S, card, S,
                row(self.skip, None, self.example, self.next), spacing=S,
            )
        )  # fmt: skip
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.addWidget(in_the_middle(middle, name=self.title, below=2))

    def activated(self, **arguments: Any) -> None:
        self.context.touring = False
        self.context.change(introduced=True)
        self.next.setFocus()

    def resume(self, before: Page) -> None:
        if isinstance(before, IntroductionPage) and before.focusWidget() is before.language:
            self.language.setFocus()

    def back(self) -> bool:
        self._skip()
        return True

    def _skip(self) -> None:
        self.context.navigate("songs")

    def _look(self) -> None:
        look_at_example(self.context)

    def _go_on(self) -> None:
        def found(song: SongRow) -> None:
            self.context.touring = True
            self.context.navigate("check", song=song.id)

        self.context.library.run(example_song, done=found, owner=self)


def look_at_example(context: AppContext) -> None:
    """From the introduction straight to the review of the take that came along."""
    context.touring = True
    context.navigate("review", example=True)


def leave_introduction(context: AppContext) -> None:
    """To the songs; it does not come back by itself."""
    context.touring = False
    context.navigate("songs")


def _line(sign: str, sentence: str) -> QVBoxLayout:
    words = label(sentence, wrap=True)
    box = row(Sign(sign, "muted"), words, spacing=M)
    box.setStretch(1, 1)
    return column(box, spacing=0)
