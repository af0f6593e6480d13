"""The selected clip: its score and why, the numbers behind it, and how to hear it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QSizePolicy, QWidget

from asa_desktop.core.types import ClipScore
from asa_desktop.ui.pages.review_systems import system_lines
from asa_desktop.ui.pages.review_why import WhyPart
from asa_desktop.ui.plots.clipwords import clip_name, clip_says, clip_time, span_words
from asa_desktop.ui.plots.histogram import HistogramPlot, width_words
from asa_desktop.ui.plots.pitch_row import signed
from asa_desktop.ui.plots.sheet import Distance, Sheet
from asa_desktop.ui.theme.tokens import XS, L, M, S
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.button import Button
from asa_desktop.ui.widgets.choice import Segmented
from asa_desktop.ui.widgets.frames import Card, column, label, line, row
from asa_desktop.ui.widgets.hints import KeyHints

ME, ORIGINAL, BOTH = "me", "original", "both"
KEYS = {ME: "A", ORIGINAL: "B", BOTH: "D"}
SWAP_KEY = "X"
IN_TUNE_CENTS = 10.0
"""Within this of the other voice a clip is called in tune; a fifth of a quarter tone."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One number of a clip: its name, the number in words, its tone and what it means."""

    name: str
    value: str
    meaning: str
    tone: str = ""


class ClipPanel(Card):
    """Everything about one clip. `play` asks for it in one of the three voices."""

    play = Signal(str)

    def __init__(self) -> None:
        super().__init__(margin=L, spacing=M, name=tr("Selected clip"))
        self._sheet: Sheet | None = None
        self._clip: ClipScore | None = None
        self._playing = ""
        self._can_play = self._has_original = False
        self.name = label("", "section")
        self.time = label("", tone="muted")
        self.number = label("", "page")
        self.why = label("", wrap=True)
        self.buttons = {
            ME: Button(tr("Me"), icon="play", keys=KEYS[ME], action=lambda: self.play.emit(ME)),
            ORIGINAL: Button(
                tr("Original"), icon="play", keys=KEYS[ORIGINAL],
                action=lambda: self.play.emit(ORIGINAL),
            ),
            BOTH: Button(
                tr("Both"), icon="play", keys=KEYS[BOTH], action=lambda: self.play.emit(BOTH)
            ),
        }  # fmt: skip
        self.hints = KeyHints((SWAP_KEY, tr("swaps the voices")))
        self.made_of = WhyPart()
        self.facts = _Facts()
        self.histogram = HistogramPlot()
        self.of_what = Segmented(
            tr("Histogram of"), (("clip", tr("Clip")), ("take", tr("Take"))), value="clip"
        )
        self.peaks = label("", "caption", tone="muted")
        self.of_what.chosen.connect(lambda _value: self._show_histogram())
        self._lay_out()
        self.show_clip(None, None, number=0)

    def _lay_out(self) -> None:
        head = row(self.name, self.time, None, self.number, spacing=S)
        head.setAlignment(self.time, Qt.AlignmentFlag.AlignVCenter)
        self.box.addLayout(head)
        pair = row(self.buttons[ME], self.buttons[ORIGINAL], spacing=S)
        pair.setStretch(0, 1)
        pair.setStretch(1, 1)
        both = row(self.buttons[BOTH], self.hints, spacing=M)
        both.setStretch(1, 1)
        self._sound = QWidget()
        self._sound.setLayout(column(pair, both, spacing=S))
        self.box.addWidget(self._sound)
        self._scrolled = QWidget()
        self._scrolled.setObjectName("scrolled")
        self._title = label(tr("Pitch histogram"), "strong", wrap=True)
        self._histogram_part = QWidget()
        title = row(self._title, self.of_what, spacing=S)
        title.setStretch(0, 1)
        part = column(title, self.peaks, self.histogram, spacing=XS)
        part.setStretchFactor(self.histogram, 1)
        part.addStretch(0)
        self._histogram_part.setLayout(part)
        self.peaks.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        inside = column(self.why, self.made_of, self.facts, self._histogram_part, spacing=M)
        inside.setStretch(3, 1)
        inside.addStretch(0)
        self._scrolled.setLayout(inside)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self._scrolled)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setAccessibleName(tr("Numbers of the clip"))
        self._area.viewport().setAccessibleName(tr("Numbers of the clip"))
        self.box.addWidget(self._area, 1)

    def offer(self, *, can_play: bool, has_original: bool) -> None:
        """Show the buttons that somebody listens to and that have something to play."""
        self._can_play, self._has_original = can_play, has_original
        self._show_buttons()

    def set_playing(self, what: str) -> None:
        """Which voice sounds now; "" for none."""
        if what == self._playing:
            return
        self._playing = what
        for voice, button in self.buttons.items():
            button.sign = "square" if voice == what else "play"
            button.setAccessibleDescription(KEYS[voice] if voice != what else tr("stop"))
            button.update()

    def show_clip(
        self, each: ClipScore | None, sheet: Sheet | None, *, number: int, provisional: bool = False
    ) -> None:
        """Show a clip, with what the sheet knows of it; None shows the take alone."""
        self._clip, self._sheet = each, sheet
        if each is None:
            self._show_whole()
        else:
            self.name.setText(clip_name(number))
            self.time.setText(clip_time(each))
            self.number.setText("–" if each.score is None else str(round(each.score)))
            self.number.setAccessibleName(clip_says(each, provisional=provisional))
            self.why.setText(_why(each, provisional))
            self.facts.show_facts(facts_of(each, sheet))
        self.why.setVisible(bool(self.why.text()))
        self.made_of.show_clip(each, {} if sheet is None else sheet.attributes)
        self._show_buttons()
        self._show_histogram()

    def _show_whole(self) -> None:
        """No clip is selected: what the take as a whole has to say."""
        sheet = self._sheet
        score = None if sheet is None else sheet.overall.score
        self.name.setText(tr("Whole take"))
        self.time.setText("" if sheet is None else span_words(0.0, sheet.seconds))
        self.number.setText("" if score is None else str(round(score)))
        self.number.setAccessibleName(
            "" if score is None else tr("{score} of 100", score=round(score))
        )
        self.why.setText(tr("Choose a clip above to see and hear it alone."))
        self.facts.show_facts(() if sheet is None else facts_of_take(sheet))

    def _show_buttons(self) -> None:
        there = self._can_play
        self._sound.setVisible(there)
        for voice, button in self.buttons.items():
            button.setVisible(there and (voice == ME or self._has_original))
        self.hints.setVisible(there and self._has_original)

    def _show_histogram(self) -> None:
        self._histogram_part.setVisible(self._sheet is not None)
        if self._sheet is None:
            return
        self.of_what.setVisible(self._clip is not None)
        clip = None if self._clip is None or self.of_what.value == "take" else self._clip.clip
        if clip is None:
            take, original = self._sheet.histograms()
        else:
            take, original = self._sheet.histograms(clip.start, clip.end)
        self.histogram.set_histograms(take, original, smooth=clip is not None)
        self.histogram.setVisible(take.median is not None)
        self.peaks.setText(width_words(take, original))


class _Facts(QWidget):
    """Names at the left, numbers at the right, a hairline between."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(S)
        self._grid.setVerticalSpacing(XS)
        self._grid.setColumnStretch(0, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def show_facts(self, facts: tuple[Fact, ...]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for index, fact in enumerate(facts):
            self._grid.addWidget(line(), 2 * index, 0, 1, 2)
            name = label(fact.name, tone="muted", wrap=True)
            value = label(fact.value, tone=fact.tone)
            for each in (name, value):
                each.setToolTip(fact.meaning)
            value.setAccessibleName(f"{fact.name}: {fact.value}")
            value.setAccessibleDescription(fact.meaning)
            self._grid.addWidget(name, 2 * index + 1, 0)
            self._grid.addWidget(value, 2 * index + 1, 1, Qt.AlignmentFlag.AlignRight)
        self.setVisible(bool(facts))

    def values(self) -> dict[str, str]:
        """Name and number of each, as shown."""
        found = {}
        for index in range(1, self._grid.rowCount(), 2):
            cells = [self._grid.itemAtPosition(index, column) for column in (0, 1)]
            widgets = [each.widget() for each in cells if each is not None]
            texts = [each for each in widgets if isinstance(each, QLabel)]
            if len(texts) == 2:
                found[texts[0].text()] = texts[1].text()
        return found


def facts_of(each: ClipScore, sheet: Sheet | None) -> tuple[Fact, ...]:
    """The numbers that exist for a clip, named for what they are."""
    facts: list[Fact] = []
    if sheet is not None:
        clip = each.clip
        distance = sheet.distance(clip.start, clip.end)
        if distance is not None:
            facts += _distance(distance, sheet, length=clip.end - clip.start)
    if each.cosine is not None:
        facts.append(
            Fact(
                tr("Likeness, cosine"),
                f"{each.cosine:.2f}".replace("-", "−"),
                tr(
                    "How near the model finds the clip to the original, from −1 to 1; the score"
                    " is made of it."
                ),
            )
        )
    voiced = Fact(
        tr("Voiced"),
        tr("{share} %", share=round(each.clip.voiced * 100)),
        tr("Share of the clip in which a voice was heard."),
    )
    pitched = Fact(
        tr("Pitch found"),
        tr("{share} %", share=round(each.clip.pitched * 100)),
        tr("Share of the clip in which a pitch was found."),
    )
    return (*facts, voiced, pitched)


def facts_of_take(sheet: Sheet) -> tuple[Fact, ...]:
    """The numbers that exist for the take as a whole."""
    distance = sheet.distance(0.0, sheet.seconds)
    facts = [] if distance is None else _distance(distance, sheet, length=sheet.seconds)
    scored = sum(each.score is not None for each in sheet.clips)
    count = Fact(
        tr("Clips scored"),
        tr("{scored} of {count}", scored=scored, count=len(sheet.clips)),
        tr("The score of the take is the mean of these."),
    )
    systems = tuple(Fact(*line) for line in system_lines(sheet))
    return (*facts, count, *systems) if sheet.clips else (*facts, *systems)


def _distance(distance: Distance, sheet: Sheet, *, length: float) -> list[Fact]:
    to_original = sheet.original is not None
    name = tr("Median to original") if to_original else tr("Median to notes")
    moved = ""
    if sheet.moved:
        moved = " " + tr("The original is moved by {count} semitones to the take's key.",
                         count=signed(sheet.moved))  # fmt: skip
    return [
        Fact(
            name,
            _in_words(distance.median),
            tr("Median distance in all frames in which both have a pitch.") + moved,
            tone=_tone(distance.median),
        ),
        Fact(
            tr("Scatter about it"),
            tr("{cents} ¢", cents=round(distance.scatter)),
            tr("Half of the frames lie within this of the median."),
        ),
        Fact(
            tr("Both have a pitch"),
            tr("{part} of {whole} s", part=f"{distance.seconds:.1f}", whole=f"{length:.1f}"),
            tr("As much of the clip is behind the two numbers above."),
        ),
    ]


def _in_words(cents: float) -> str:
    if cents > IN_TUNE_CENTS:
        return tr("{cents} ¢ sharp ▲", cents=signed(cents))
    if cents < -IN_TUNE_CENTS:
        return tr("{cents} ¢ flat ▼", cents=signed(cents))
    return tr("{cents} ¢ in tune ●", cents=signed(cents))


def _tone(cents: float) -> str:
    if abs(cents) <= IN_TUNE_CENTS:
        return "in_tune"
    return "sharp" if cents > 0 else "flat"


def _why(each: ClipScore, provisional: bool) -> str:
    if each.score is None:
        said = clip_says(each)
        return said[:1].upper() + said[1:] + "."
    if provisional:
        return tr("For now: the score may still change when the analysis is done.")
    return ""
