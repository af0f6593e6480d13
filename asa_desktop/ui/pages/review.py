"""The review: how was it, where did it go wrong, and every place heard with one click."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QMetaMethod, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from asa_desktop.core.types import AttributePlace, ClipScore
from asa_desktop.ui.pages.base import Page
from asa_desktop.ui.pages.review_attributes import AttributesCard
from asa_desktop.ui.pages.review_clip import BOTH, KEYS, ME, ORIGINAL, SWAP_KEY, ClipPanel
from asa_desktop.ui.pages.review_head import Head
from asa_desktop.ui.pages.review_places import PlaceDesk, PlacesCard, heard_with, seen_with
from asa_desktop.ui.pages.review_rows import RowsCard, row_names
from asa_desktop.ui.pages.review_states import instead_of_plots, stage_words
from asa_desktop.ui.pages.review_tour import Tour, stops_of
from asa_desktop.ui.pages.review_view import TakeView
from asa_desktop.ui.plots.stack import NAMES
from asa_desktop.ui.plots.strip import ClipStrip
from asa_desktop.ui.plots.timeaxis import TimeAxis
from asa_desktop.ui.theme import theme
from asa_desktop.ui.theme.tokens import XL, L, M, S
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.frames import Card, column
from asa_desktop.ui.widgets.notice import NoticeBar
from asa_desktop.ui.widgets.progress import ProgressRow

if TYPE_CHECKING:
    from asa_desktop.ui.context import AppContext

_PANEL, _PANEL_NARROW, _PANEL_LEAST, _NARROW = 328, 300, 160, 1000
_LOW, _ROOM_FOR_TWO = 720, 820
_LEAD_SHARE = 0.05
_NAME = "review"


class ReviewPage(Page):
    """One take, from its score to every frame.

    It shows what `show_take` gives and is told more by `set_clip`, `set_progress`, `set_failed`
    and `set_playhead`. What it asks for are signals; a button whose signal nobody listens to is
    not shown.

    `play`: sound ``me``, ``original`` or ``both`` from one second to another, at equal loudness;
    `swap`: go on with that voice at the same place; `stop`: be silent. Seconds are on the clock
    of the analysis, which is the song's. `asked` comes with what ``navigate`` was given, `left`
    when another page is shown. `flow` is whoever does all that.
    """

    flow: object = None

    play = Signal(str, float, float)
    swap = Signal(str)
    stop = Signal()
    sing_again = Signal()
    export_report = Signal()
    export_recording = Signal()
    leave = Signal()
    cancel = Signal()
    retry = Signal()
    analyse = Signal()
    assess_again = Signal()
    clip_selected = Signal(int)
    analysis_picked = Signal(str)
    asked = Signal(dict)
    left = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__(context, title=tr("Review"))
        self.view: TakeView | None = None
        self._playing, self._voice = "", ME
        self.axis = TimeAxis(self)
        self.head = Head()
        self.strip = ClipStrip(self.axis)
        self.rows = RowsCard(self.axis)
        self.panel = ClipPanel()
        self.attributes = AttributesCard()
        self.places = PlaceDesk(
            self.attributes, PlacesCard(), strip=self.strip, overlay=self.rows.stack.overlay,
            parent=self,
        )  # fmt: skip
        self.notice = NoticeBar()
        self.progress: ProgressRow | None = None
        self.tour = Tour(self, look=self._look_at_example)
        self._lay_out()
        self.rows.stack.restore(context.view(_NAME))
        self._connect()
        self.show_take(None)

    # Slots

    def show_take(self, view: TakeView | None) -> None:
        """Show a take from its beginning; None: no take is chosen."""
        self._silence()
        self.view = view
        sheet = None if view is None else view.sheet
        clips = () if view is None else (sheet.clips if sheet is not None else view.clips)
        seconds = 0.0 if view is None else (sheet.seconds if sheet is not None else view.seconds)
        known = [seconds, *(each.clip.end for each in clips)]
        self.axis.set_total(max(known))
        self.strip.set_clips(clips, seconds=max(known))
        self.head.show_view(view)
        self.places.show_view(view)
        self._strip_card.setVisible(view is not None and (bool(clips) or view.state == "analysing"))
        self._show_progress()
        if sheet is not None:
            self.rows.show_sheet(sheet)
        else:
            self.rows.show_instead(self._instead())
        self._fit()
        self._show_hooks()
        self._select(self._first_to_see())
        self._tell()

    def set_clip(self, score: ClipScore, provisional: bool = True) -> None:
        """Add a clip while the analysis runs, or correct it."""
        if self.view is None:
            return
        selected = self._selected_clip()
        self.strip.set_clip(score, provisional=provisional)
        self.axis.grow(score.clip.end)
        self._strip_card.setVisible(True)
        self._fit()
        if selected is not None and selected.clip.index == score.clip.index:
            self._show_clip()
        elif selected is None:
            self.panel.show_clip(None, self.view.sheet, number=0)

    def set_progress(self, stage: str, share: float | None) -> None:
        """How far the analysis is: a stage of `core.analysis` and the share of it, or None."""
        if self.view is None:
            return
        if self.view.state != "analysing":
            self.view = replace(self.view, state="analysing", stage=stage, progress=share)
            self.head.show_view(self.view)
            self._show_progress()
            if self.view.sheet is None:
                self.rows.show_instead(self._instead())
        if self.progress is not None:
            self.progress.show_part(share, stage_words(stage))

    def offer_analyses(self, analyses: tuple[tuple[str, str], ...], shown: str) -> None:
        """Which analyses of this take can be shown: values and texts, and the one that is."""
        if self.view is not None:
            self.view = replace(self.view, analyses=analyses, analysis=shown)
            self.head.show_view(self.view)

    def set_failed(self, sentence: str) -> None:
        """The analysis ended without a result; what was shown before stays."""
        if self.view is None:
            return
        self.view = replace(self.view, state="failed", fault=sentence)
        self.head.show_view(self.view)
        self._show_progress()
        if self.view.sheet is None:
            self.rows.show_instead(self._instead())

    def set_playhead(self, second: float | None, what: str = "") -> None:
        """Which second of the take sounds now, in which voice; None: nothing sounds."""
        self._playing = "" if second is None else what or self._voice
        self.panel.set_playing(self._playing)
        self.rows.stack.overlay.set_playhead(second)
        self.strip.set_playhead(second)
        if second is not None and not self.axis.start <= second <= self.axis.end:
            start = second - _LEAD_SHARE * self.axis.span
            self.axis.show(start, start + self.axis.span)

    def select_clip(self, index: int) -> None:
        """Select the clip of this index, as its score calls it."""
        for place, each in enumerate(self.strip.clips):
            if each.clip.index == index:
                self._select(place)

    def back(self) -> bool:
        """Silence first, then no attribute, then from the clip to the take, then all of it."""
        if self._playing:
            self.stop.emit()
        elif self.tour.at is not None:
            self.tour.end()
        elif self.places.name:
            self.places.choose("")
        elif self.strip.selected is not None:
            self._select(None)
        elif not self.axis.whole:
            self.axis.reset()
        else:
            return False
        return True

    def activated(self, **arguments: object) -> None:
        self.asked.emit(arguments)
        if self.isActiveWindow() and not self.strip.isHidden():
            self.strip.setFocus()  # its keys zoom and choose

    def deactivated(self) -> None:
        self._silence()
        self.tour.leave()
        self.left.emit()

    # What is shown

    def _lay_out(self) -> None:
        self._strip_card = Card(margin=0, spacing=0, name=tr("Clips of the take"))
        self._strip_card.box.setContentsMargins(4, 8, 4, 4)
        self._strip_card.box.addWidget(self.strip)
        self._progress_place = column(self.notice, spacing=0)
        self._body = QHBoxLayout()
        self._body.setSpacing(L)
        self._body.addWidget(self.rows, 1)
        self._side = column(self.places.card, self.panel, spacing=L)
        self._side.setStretch(0, 2)
        self._side.setStretch(1, 3)
        self._side.addStretch(0)
        self.panel.setMinimumHeight(_PANEL_LEAST)  # a window may be made lower than what it shows
        self._body.addLayout(self._side)
        self.box.addWidget(self.head)
        self.box.addLayout(self._progress_place)
        self.box.addWidget(self.attributes)
        self.box.addWidget(self._strip_card)
        self.box.addLayout(self._body, 1)
        self._fit()

    def _connect(self) -> None:
        self.strip.chosen.connect(self._select)
        self.strip.clicked.connect(self._hear)
        self.strip.play.connect(self._toggle)
        self.rows.stack.clicked.connect(self._clicked)
        self.panel.play.connect(self._press)
        self.panel.made_of.picked.connect(self.places.pick_of)
        self.places.asked.connect(self._go_to)
        self.places.changed.connect(self._fit)
        self.attributes.assess.connect(self.assess_again)
        self.head.clip_named.connect(self.select_clip)
        self.head.sing.connect(self.sing_again)
        self.head.report.connect(self.export_report)
        self.head.recording.connect(self.export_recording)
        self.head.back.connect(self.leave)
        self.head.analysis_picked.connect(self.analysis_picked)
        theme.current().changed.connect(self._repaint)
        stack = self.rows.stack
        for signal in (stack.rows_changed, stack.splitter.splitterMoved):
            signal.connect(lambda *_: self.context.keep_view(_NAME, **stack.state()))
        self._add_keys()

    def _add_keys(self) -> None:
        does = {ME: tr("play me"), ORIGINAL: tr("play the original"), BOTH: tr("play both")}
        self.add_shortcut("Space", tr("play, stop"), self._toggle)
        for voice, key in KEYS.items():
            self.add_shortcut(key, does[voice], partial(self._press, voice))
        self.add_shortcut(SWAP_KEY, tr("swap me and the original"), self._swap)
        self.add_shortcut("J", tr("next clip"), lambda: self._step(1), repeats=True)
        self.add_shortcut("K", tr("clip before"), lambda: self._step(-1), repeats=True)
        self.add_shortcut("N", tr("next place"), lambda: self.places.step(1), repeats=True)
        self.add_shortcut("0", tr("show the whole take"), self.axis.reset)
        for number, (name, row) in enumerate(zip(NAMES, row_names(), strict=True), 1):
            said = tr("show or hide {row}", row=row)
            self.add_shortcut(str(number), said, partial(self.rows.toggle, name))

    def _first_to_see(self) -> int | None:
        """The lowest clip: where to look first. While clips still come, none."""
        if self.view is None or self.view.state == "analysing" or not self.strip.clips:
            return None
        scored = [
            (each.score, place)
            for place, each in enumerate(self.strip.clips)
            if each.score is not None
        ]
        return min(scored)[1] if scored else None

    def _instead(self) -> QWidget:
        return instead_of_plots(
            self.view,
            retry=self.retry.emit if self._heard("retry") else None,
            analyse=self.analyse.emit if self._heard("analyse") else None,
        )

    def _show_progress(self) -> None:
        view = self.view
        if self.progress is not None:
            self.progress.hide()
            self.progress.deleteLater()
            self.progress = None
        if view is not None and view.state == "failed" and view.sheet is not None:
            again = tr("Try again") if self._heard("retry") else ""
            self.notice.say(view.fault, level="error", button=again, action=self.retry.emit)
        else:
            self.notice.dismiss()
        if view is None or view.state != "analysing":
            return
        heard = self._heard("cancel")
        self.progress = ProgressRow(
            stage_words(view.stage), cancel=self.cancel.emit if heard else None
        )
        self.progress.show_part(view.progress)
        self._progress_place.addWidget(self.progress)

    def _go_to(self, place: AttributePlace) -> None:
        """Select the clip of a place, show where it is and let it be heard."""
        self._select(self.strip.place_at((place.start + place.end) / 2), heard=False)
        start, end = seen_with(place, self.axis, self.rows.stack.width())
        self.axis.show(start, end)
        if self.view is not None and self._heard("play"):
            voice = self._playing or self._voice
            self._voice = voice
            self.play.emit(voice, *heard_with(place, self.axis.total))

    def _select(self, place: int | None, *, heard: bool = True) -> None:
        self.strip.select(place)
        self._show_clip()
        each = self._selected_clip()
        if each is None:
            return
        self.axis.reveal(each.clip.start, each.clip.end)
        self.clip_selected.emit(each.clip.index)
        if self._playing and heard:
            self._start(self._playing)

    def _show_clip(self) -> None:
        each, place = self._selected_clip(), self.strip.selected
        sheet = None if self.view is None else self.view.sheet
        overlay = self.rows.stack.overlay
        if each is None or place is None:
            self.panel.show_clip(None, sheet, number=0)
            overlay.set_clip(None)
            self.rows.stack.describe("")
            return
        provisional = self.strip.is_provisional(place)
        number = self.strip.number(place)
        self.panel.show_clip(each, sheet, number=number, provisional=provisional)
        overlay.set_clip((each.clip.start, each.clip.end))
        self.rows.stack.describe(self.strip.words(place))

    def _selected_clip(self) -> ClipScore | None:
        place = self.strip.selected
        return None if place is None else self.strip.clips[place]

    def _clicked(self, second: float) -> None:
        place = self.strip.place_at(second)
        if place is not None:
            self._select(place)
            self._hear()

    def _hear(self) -> None:
        """A clip that was clicked is heard; where something sounds, `_select` has seen to it."""
        if not self._playing:
            self._start(self._voice)

    def _step(self, by: int) -> None:
        now = self.strip.selected
        self.strip.choose(0 if now is None else now + by)

    # Sound

    def _press(self, voice: str) -> None:
        """Play the clip in a voice; where that sounds already, stop."""
        if voice != ME and not self._has_original():
            return
        if self._playing == voice:
            self.stop.emit()
        else:
            self._start(voice)

    def _toggle(self) -> None:
        if self._playing:
            self.stop.emit()
        else:
            self._start(self._voice)

    def _swap(self) -> None:
        """Me for the original and back: at the same place while one of them sounds."""
        if not self._has_original():
            return
        other = ME if (self._playing or self._voice) == ORIGINAL else ORIGINAL
        if self._playing and self._heard("swap"):
            self._voice = other
            self.swap.emit(other)
        else:
            self._start(other)

    def _start(self, voice: str) -> None:
        if self.view is None or not self._heard("play"):
            return
        each = self._selected_clip()
        start, end = (0.0, self.axis.total) if each is None else (each.clip.start, each.clip.end)
        self._voice = voice
        self.play.emit(voice, start, end)

    def _silence(self) -> None:
        if self._playing:
            self.stop.emit()
        self._voice = ME
        self.set_playhead(None)

    def _has_original(self) -> bool:
        return self.view is not None and self.view.has_original

    # Who listens

    def connectNotify(self, signal: QMetaMethod) -> None:  # noqa: N802
        if hasattr(self, "panel"):
            self._show_hooks()

    def disconnectNotify(self, signal: QMetaMethod) -> None:  # noqa: N802
        if hasattr(self, "panel"):
            self._show_hooks()

    def _heard(self, name: str) -> bool:
        return self.isSignalConnected(QMetaMethod.fromSignal(getattr(self, name)))

    def _show_hooks(self) -> None:
        there = self.view is not None
        own = self.view is None or not self.view.example
        self.head.offer(
            sing=there and self._heard("sing_again"),
            report=self._heard("export_report"),
            recording=own and self._heard("export_recording"),
            back=self._heard("leave"),
        )
        self.attributes.offer(assess=self._heard("assess_again"))
        self.panel.offer(can_play=self._heard("play"), has_original=self._has_original())

    # The introduction

    def _tell(self) -> None:
        """Explain the take that is shown, where it is the introduction's."""
        self.tour.leave()
        if self.context.touring:
            # Only once the page is laid out is it known where its parts are.
            QTimer.singleShot(0, self, self._begin_tour)

    def _begin_tour(self) -> None:
        done = self.view is not None and self.view.state == "done"
        if done and self.context.touring and self.isVisible() and (stops := stops_of(self)):
            self.tour.begin(stops)

    def _look_at_example(self) -> None:
        self.context.navigate("review", example=True)

    # Room and colours

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fit()
        QTimer.singleShot(0, self, self.tour.place)

    def _fit(self) -> None:
        narrow, low = self.width() < _NARROW, self.height() < _LOW
        margin = L if narrow else XL
        self.box.setContentsMargins(margin, S if low else L, margin, S if low else L)
        self.box.setSpacing(S if low else L)
        self._body.setSpacing(M if low else L)
        for card in (self.panel, self.places.card):
            card.setFixedWidth(_PANEL_NARROW if narrow else _PANEL)
        self.head.set_low(low)
        self.attributes.set_low(low)
        self._show_side()
        self.strip.setFixedHeight(72 if low else min(max(112, self.height() // 8), 176))

    def _show_side(self) -> None:
        """Where there is room for one card only, the list of places stands over the clip."""
        view = self.view
        drawn = view is not None and (bool(self.strip.clips) or view.sheet is not None)
        crowded = self.height() < _ROOM_FOR_TWO and bool(self.places.name)
        self.panel.setVisible(drawn and not crowded)

    def _repaint(self) -> None:
        for row in self.rows.stack.rows.values():
            row.repaint_all()
        self.head.show_view(self.view)
        self._show_clip()  # links keep the colours that they were made in
        self.update()
