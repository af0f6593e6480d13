"""The review of a take in the library: found, analysed where needed, heard, exported."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from asa_desktop.core.errors import AsaError
from asa_desktop.services.example import EXAMPLE, example_review, example_song
from asa_desktop.services.keeping import Review, open_review, reviewable, timing_of
from asa_desktop.services.take_list import TakeEntry, take_entries
from asa_desktop.ui.analysis import AnalysisDesk
from asa_desktop.ui.faults import sentence_of
from asa_desktop.ui.models.people import shown_name
from asa_desktop.ui.models.takes import name_of, when
from asa_desktop.ui.opening import open_path
from asa_desktop.ui.pages.review_sound import ClipSound, Voices
from asa_desktop.ui.pages.review_view import TakeView
from asa_desktop.ui.pages.takes_actions import TakeActions, file_name
from asa_desktop.ui.playing import readying
from asa_desktop.ui.plots.sheet import Sheet
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.score import score_text

if TYPE_CHECKING:
    from asa_desktop.core.types import Analysis, ClipScore
    from asa_desktop.services.library import AnalysisRow, Library
    from asa_desktop.ui.context import AppContext
    from asa_desktop.ui.jobs import Task
    from asa_desktop.ui.pages.review import ReviewPage

_VIEW = "review"


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """The take that is shown; `original` is the song's voice apart, where there is one."""

    review: Review
    entry: TakeEntry
    original: Path | None = None
    sheet: Sheet | None = None


class ReviewFlow(QObject):
    """Gives the page what it shows, and does what it asks for."""

    def __init__(self, context: AppContext, desk: AnalysisDesk, page: ReviewPage) -> None:
        super().__init__(page)
        self.context, self.desk, self.page = context, desk, page
        self.sound = ClipSound(context, self)
        self.acts = TakeActions(context, page)
        self.take: int | None = None
        self._found: _Found | None = None
        self._analysis: Analysis | None = None
        self._model: str | None = None
        self._delay_s: float | None = None
        self._newest: Analysis | None = None
        self._turn = 0
        self._listen()

    def _listen(self) -> None:
        page, desk = self.page, self.desk
        page.asked.connect(self._asked)
        page.left.connect(self.sound.close)
        page.play.connect(self._play)
        page.swap.connect(self._swap)
        page.stop.connect(self.sound.stop)
        page.sing_again.connect(self._sing)
        page.export_report.connect(self._export_report)
        page.export_recording.connect(self._export_recording)
        page.leave.connect(lambda: self.context.navigate("takes"))
        page.cancel.connect(self._cancel)
        page.retry.connect(self._analyse)
        page.analyse.connect(self._analyse)
        page.assess_again.connect(self._assess_again)
        page.analysis_picked.connect(self._pick)
        self.sound.moved.connect(page.set_playhead)
        self.sound.ended.connect(lambda: page.set_playhead(None))
        self.sound.busy.connect(lambda busy: page.set_status(readying(busy)))
        desk.clip_done.connect(self._clip_done)
        desk.progressed.connect(self._progressed)
        desk.analysed.connect(self._analysed)
        desk.failed.connect(self._failed)

    # Which take

    def open(
        self,
        take: int,
        *,
        again: bool = False,
        model: str | None = None,
        delay_s: float | None = None,
        analysis: int | None = None,
    ) -> None:
        """Show a take and its newest analysis, or the one asked for.

        `again`: analyse it anew, with this model and delay (see `AnalysisDesk.analyse`).
        """
        self.sound.stop()
        self._turn += 1
        if take != self.take:
            self.page.show_take(None)
            self._found = None
        self.take, self._model, self._delay_s = take, model, delay_s
        self._analysis = self._newest = None
        cache, turn = self.context.places.cache, self._turn

        def look(library: Library) -> tuple[Review, TakeEntry]:
            review = open_review(library, take, cache=cache, analysis=analysis)
            entries = take_entries(library)
            entry = next((one for one in entries if one.take.id == take), None)
            return review, entry or TakeEntry(review.take, 1, "")

        def found(both: tuple[Review, TakeEntry]) -> None:
            if turn == self._turn:
                self._read(*both, again=again, turn=turn)

        self.context.library.run(look, done=found, owner=self)

    def open_example(self, *, again: bool = False) -> None:
        """Show the take that came with the program; nothing of it enters the library."""
        self.sound.stop()
        self._turn += 1
        if self.take != EXAMPLE:
            self.page.show_take(None)
            self._found = None
        self.take, self._model, self._delay_s = EXAMPLE, None, None
        self._analysis = self._newest = None
        cache, model, turn = self.context.places.cache, self.context.settings.model, self._turn

        def found(review: Review) -> None:
            if turn == self._turn:
                self._read(review, TakeEntry(review.take, 1, ""), again=again, turn=turn)

        self.context.jobs.start(
            lambda task: example_review(cache, model=model), done=found, owner=self
        )

    def _asked(self, arguments: dict[str, Any]) -> None:
        take = arguments.get("take")
        if arguments.get("example"):
            self.open_example()
        elif isinstance(take, int):
            self.open(
                take,
                again=bool(arguments.get("again")),
                model=arguments.get("model"),
                delay_s=arguments.get("delay_s"),
            )

    def _read(self, review: Review, entry: TakeEntry, *, again: bool, turn: int) -> None:
        self._analysis = review.analysis

        def work(task: Task) -> _Found:
            from asa_desktop.core.songs import load_song

            sheet = None if review.analysis is None else Sheet.of(review.analysis)
            try:
                original = load_song(review.song).vocal
            except AsaError:
                original = None  # the song is away; the take can still be seen and heard
            return _Found(review, entry, original, sheet)

        def done(found: _Found) -> None:
            if turn == self._turn:
                self._show(found, again=again)

        self.context.jobs.start(work, done=done, owner=self)

    def _show(self, found: _Found, *, again: bool) -> None:
        self._found = found
        take = found.review.take
        example = take.id == EXAMPLE
        work = self.desk.work_of(take.id)
        done, self._newest = self._newest, None  # while the page was looked up
        known = found.sheet is not None or (done is not None and not again)
        if again or (work is None and not known):
            self.desk.analyse(take.id, model=self._model, delay_s=self._delay_s, again=again)
            work = self.desk.work_of(take.id)
        told = () if work is None else tuple(clip for clip, _ in work.clips.values())
        view = TakeView(
            song=take.song_title,
            take=tr("an example, rendered, not sung") if example else name_of(found.entry),
            singer=shown_name(take.singer),
            state="done" if work is None else "analysing",
            sheet=found.sheet,
            clips=told,
            seconds=take.duration_s or 0.0,
            stage="" if work is None else work.stage,
            progress=None if work is None else work.share,
            has_original=found.original is not None,
            example=example,
            analyses=tuple((str(one.id), _analysis_text(one)) for one in found.review.others),
            analysis="" if found.review.row is None else str(found.review.row.id),
        )
        self.page.show_take(view)
        if work is not None:
            for clip, provisional in list(work.clips.values()):
                self.page.set_clip(clip, provisional)
        elif done is not None:
            self._analysed(take.id, done)

    # The analysis

    def _pick(self, analysis: str) -> None:
        if self.take is not None:
            self.open(self.take, analysis=int(analysis))

    def _analyse(self) -> None:
        if self.take is not None:
            self.desk.analyse(self.take, model=self._model, delay_s=self._delay_s)

    def _assess_again(self) -> None:
        if self.take == EXAMPLE:
            self.open_example(again=True)
        elif self.take is not None:
            self.open(self.take, again=True)

    def _cancel(self) -> None:
        if self.take is not None:
            self.desk.cancel(self.take)

    def _clip_done(self, take: int | None, clip: ClipScore, provisional: bool) -> None:
        if take is not None and take == self.take and self._found is not None:
            self.page.set_clip(clip, provisional)

    def _progressed(self, take: int | None, stage: str, share: float | None) -> None:
        if take is not None and take == self.take and self._found is not None:
            self.page.set_progress(stage, share)

    def _analysed(self, take: int, analysis: Analysis) -> None:
        if take != self.take:
            return
        if self._found is None:
            self._newest = analysis
            return
        turn = self._turn

        def done(sheet: Sheet) -> None:
            view, found = self.page.view, self._found
            if turn != self._turn or view is None or found is None:
                return
            self._analysis = analysis
            self._found = replace(found, sheet=sheet)
            self.page.show_take(replace(view, state="done", sheet=sheet, clips=()))
            self.context.library.run(
                lambda library: reviewable(library, take, cache=cache),
                done=others_known, owner=self,
            )  # fmt: skip

        def others_known(others: tuple[AnalysisRow, ...]) -> None:
            if turn == self._turn and self.page.view is not None and others:
                texts = tuple((str(one.id), _analysis_text(one)) for one in others)
                self.page.offer_analyses(texts, str(others[0].id))

        cache = self.context.places.cache
        self.context.jobs.start(lambda task: Sheet.of(analysis), done=done, owner=self)

    def _failed(self, take: int, error: BaseException | None) -> None:
        if take != self.take:
            return
        view = self.page.view
        if error is not None:
            self.page.set_failed(sentence_of(error, self.context.diary))
        elif view is not None:
            state = "waiting" if view.sheet is None else "done"
            self.page.show_take(replace(view, state=state, clips=()))

    # Sound

    def _play(self, voice: str, start_s: float, end_s: float) -> None:
        found = self._found
        if found is not None:
            # As it was analysed, not as its row may say by now.
            shown = self._analysis
            timing = timing_of(found.review.take) if shown is None else shown.timing
            path = () if shown is None else shown.alignment.path
            voices = Voices(found.review.audio, timing, found.original, path)
            self.sound.play(voices, voice, start_s, end_s)
            self.page.set_playhead(start_s, voice)

    def _swap(self, voice: str) -> None:
        self.sound.swap(voice)

    # Elsewhere

    def _sing(self) -> None:
        if self.take == EXAMPLE:
            self.context.library.run(
                example_song, done=lambda song: self.context.navigate("record", song=song.id),
                owner=self,
            )  # fmt: skip
        elif self._found is not None:
            self.context.navigate("record", song=self._found.review.take.song)

    def _export_recording(self) -> None:
        if self._found is not None:
            self.acts.export(self._found.entry)

    def _export_report(self) -> None:
        analysis, found = self._analysis, self._found
        if analysis is None or found is None:
            return
        kept = self.context.view(_VIEW).get("folder")
        start = Path(kept if isinstance(kept, str) else Path.home())
        name = Path(file_name(found.entry)).stem
        chosen, _ = QFileDialog.getSaveFileName(
            self.page, tr("Folder for the report"), str(start / name)
        )
        if chosen:
            self.context.keep_view(_VIEW, folder=str(Path(chosen).parent))
            self.report_to(Path(chosen))

    def report_to(self, folder: Path) -> None:
        """Write the report of what is shown into a folder of its own."""
        analysis = self._analysis
        if analysis is None:
            return

        def work(task: Task) -> Path:
            from asa_desktop import words
            from asa_desktop.services.report import write_report

            with words.in_english():  # as all of the report's own words are
                return write_report(
                    analysis, folder, reason_text=words.reason_text, notice_text=words.notice_text
                )

        def done(page: Path) -> None:
            self.context.notify(
                tr("The report is in {path}.", path=page.parent),
                button=tr("Open"),
                action=partial(open_path, page),
            )

        self.context.jobs.start(work, title=tr("Drawing the report"), done=done, owner=self)


def _analysis_text(row: AnalysisRow) -> str:
    """What tells one analysis of a take from the others."""
    score = tr("not scored") if row.score is None else score_text(row.score)
    delay = f"{round(1000 * row.latency_s)} ms"
    facts = (row.model or "", delay, when(row.made_at))
    return f"{score}: {', '.join(one for one in facts if one)}"
