"""Analyses under way: asked of the worker, told to whoever looks, kept when they are done."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from asa_desktop.core.errors import AsaError, Cancelled
from asa_desktop.core.types import ClipScore
from asa_desktop.services.example import EXAMPLE, bundled_example, keep_example, marked_example
from asa_desktop.services.keeping import keep_analysis, timing_of
from asa_desktop.services.model_list import model_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from asa_desktop.core.types import Analysis, Song, TakeTiming
    from asa_desktop.engine.messages import Job
    from asa_desktop.services.analyst import Analyst
    from asa_desktop.services.library import Library, TakeRow
    from asa_desktop.ui.context import AppContext

log = logging.getLogger(__name__)

LOOK_MS = 40


@dataclass
class Work:
    """One analysis under way. `take` is its row's number, None while it is still being sung.

    `delay_s` is the take's new delay, where it is to have another; `target` the file that a take
    which is still sung will be.
    """

    job: int | None = None
    take: int | None = None
    target: str = ""
    clips: dict[int, tuple[ClipScore, bool]] = field(default_factory=dict)
    stage: str = ""
    share: float | None = None
    ended: bool = False
    delay_s: float | None = None


@dataclass(frozen=True, slots=True)
class _Recording:
    """What is to be analysed; `elsewhere`: it was not recorded here."""

    audio: Path
    song: Path
    timing: TakeTiming
    elsewhere: bool


class AnalysisDesk(QObject):
    """The window's one place for analyses.

    `clip_done` gives (take, score, provisional), `progressed` (take, stage, share), `analysed`
    (take, `Analysis`) once it is kept, `failed` (take, error, or None where it was cancelled).
    Of the take that is being sung the number is None.
    """

    clip_done = Signal(object, object, bool)
    progressed = Signal(object, str, object)
    analysed = Signal(int, object)
    failed = Signal(int, object)

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.context = context
        self.song: Song | None = None
        self.live: Work | None = None
        self._works: list[Work] = []
        self._preparing: int | None = None
        self._early: dict[int, list[Any]] = {}
        self._looks = QTimer(self, interval=LOOK_MS)
        self._looks.timeout.connect(self._look)

    # While somebody sings

    def prepare(self, song: Song) -> None:
        """Have the worker ready for a song that is about to be sung."""
        left = self._preparing if song != self.song else None
        self.song, model = song, self._usual_model()

        def ask(it: Analyst) -> int:
            if left is not None:  # another song, looked at and left
                it.cancel(left)
            return it.prepare(song, model)

        def asked(job: int) -> None:
            self._preparing = job

        self._ask(ask, asked)

    def follow(self, job: Job) -> None:
        """Analyse the take that grows from now on."""
        self.drop()
        song, part, model = self.song, job.part, self._usual_model()
        if song is None or model is None:
            return  # the review says why there is no score
        work = self.live = Work(target=job.target.name)
        self._begin(work, lambda it: it.follow(part, song, model))

    def finish(self, take: TakeRow) -> None:
        """The take that was sung has its row: the analysis goes on to its end as that take's.

        Nothing where another take is being followed by now.
        """
        work = self.live
        if work is None or work.target != take.file:
            return
        self.live = None
        if work.ended:
            self.analyse(take.id)
            return
        work.take = take.id

        def located(audio: Path) -> None:
            if work.job is None or work.ended:
                self._forget(work)
                self.analyse(take.id)
                return
            job, timing = work.job, timing_of(take)
            self._ask(lambda it: it.finish(job, take=audio, timing=timing), lambda _: None)

        self.context.library.run(lambda library: library.audio(take), done=located, owner=self)

    def drop(self) -> None:
        """What was sung did not become a take."""
        work, self.live = self.live, None
        if work is not None:
            self._cancel(work)

    # Afterwards

    def work_of(self, take: int) -> Work | None:
        """The analysis of a take that is under way."""
        return next((one for one in self._works if one.take == take and not one.ended), None)

    def analyse(
        self,
        take: int,
        *,
        model: str | None = None,
        delay_s: float | None = None,
        again: bool = False,
    ) -> None:
        """Analyse a take; where that is under way nothing, or with `again` from its beginning.

        `model` is a model's name, empty for the one that the program came with, None for the one
        in the settings. `delay_s` is another delay for it, which its row gets when it is done.
        """
        under_way = self.work_of(take)
        if under_way is not None and not again:
            return
        if under_way is not None:
            self._withdraw(under_way)
        work = Work(take=take, delay_s=delay_s)
        self._works.append(work)

        def found(facts: _Recording) -> None:
            if work.ended:
                return
            try:
                folder = self._model(model)
            except AsaError as error:
                self._failed(work, error)
                return
            timing = facts.timing
            if delay_s is not None:
                from asa_desktop.core.take_timing import with_delay

                timing = with_delay(timing, delay_s)
            # A recording from elsewhere has to be found in the song first.
            align = facts.elsewhere and not timing.delay_from
            self._begin(
                work,
                lambda it: it.analyse(facts.audio, facts.song, folder, timing=timing, align=align),
            )

        def failed(error: BaseException) -> None:
            self._failed(work, error)

        if take == EXAMPLE:
            self.context.jobs.start(lambda task: _example(), done=found, failed=failed, owner=self)
        else:
            self.context.library.run(
                lambda library: _recording(library, take), done=found, failed=failed, owner=self
            )
        self.progressed.emit(take, "", None)

    def cancel(self, take: int) -> None:
        """Stop the analysis of a take; `failed` follows without an error."""
        if (work := self.work_of(take)) is not None:
            self._cancel(work)

    # The worker

    def _begin(self, work: Work, ask: Callable[[Analyst], int]) -> None:
        if work not in self._works:
            self._works.append(work)

        def begun(job: int) -> None:
            work.job = job
            if work.ended:
                self._ask(lambda it: it.cancel(job), lambda _: None)
            for event in self._early.pop(job, []):
                self._heard(event)

        self._ask(ask, begun, lambda error: self._failed(work, error))
        self._looks.start()

    def _ask(
        self,
        ask: Callable[[Analyst], Any],
        done: Callable[[Any], object],
        failed: Callable[[BaseException], object] | None = None,
    ) -> None:
        self.context.analyst.run(ask, done=done, failed=failed, owner=self)

    def _model(self, name: str | None) -> Path:
        return model_folder(self.context.settings.model if name is None else name)

    def _usual_model(self) -> Path | None:
        """The model of the settings; None where it is gone, which the analysis says then."""
        try:
            return self._model(None)
        except AsaError as error:
            log.warning("no model: %s", error)
            return None

    def _look(self) -> None:
        it = self.context.analyst.value
        if it is None:
            return
        for event in it.events():
            self._heard(event)
        if not self._works:
            self._looks.stop()

    def _heard(self, event: Any) -> None:
        from asa_desktop.services import analyst_messages as said

        work = next((one for one in self._works if one.job == event.job), None)
        if work is None:
            if any(one.job is None for one in self._works):  # its number is still on its way
                self._early.setdefault(event.job, []).append(event)
                return
            self._early.clear()
            if event.job == self._preparing and isinstance(event, said.LAST):
                self._preparing = None
            elif isinstance(event, said.Failed):
                log.warning("a job of the worker failed: %s", event.error)
            return
        match event:
            case said.ClipDone(clip=clip, provisional=provisional):
                work.clips[clip.clip.index] = (clip, provisional)
                self.clip_done.emit(work.take, clip, provisional)
            case said.Progress(done=done, of=of, what=what):
                work.stage, work.share = what, done / of if of else None
                self.progressed.emit(work.take, work.stage, work.share)
            case said.Analysed(analysis=analysis):
                self._keep(work, analysis)
            case said.Failed():
                self._failed(work, event.error)

    def _keep(self, work: Work, analysis: Analysis) -> None:
        take, cache = work.take, self.context.places.cache
        if take is None:  # it was left between its end and its row
            self._forget(work)
            return
        if take == EXAMPLE:
            self._forget(work)
            self.keep_apart(marked_example(analysis))
            return

        def kept(_: object) -> None:
            if not work.ended:  # else it was to be done again meanwhile
                self._forget(work)
                self.analysed.emit(take, analysis)
            self.context.library_changed.emit()

        def keep(library: Library) -> None:
            if work.delay_s is not None:
                library.set_latency(take, latency_s=work.delay_s)
            keep_analysis(library, take, analysis, cache=cache)

        self.context.library.run(
            keep,
            done=kept,
            failed=lambda error: self._failed(work, error),
            owner=self,
        )

    def keep_apart(self, analysis: Analysis) -> None:
        """The example was analysed: kept in the cache, never in the library."""
        cache, model = self.context.places.cache, self.context.settings.model
        self.context.jobs.start(
            lambda task: keep_example(cache, analysis, model=model),
            failed=lambda error: log.warning("example not kept: %s", error),
            owner=self,
        )
        self.analysed.emit(EXAMPLE, analysis)

    def _cancel(self, work: Work) -> None:
        if not work.ended:
            self._withdraw(work)
            if work.take is not None:
                self.failed.emit(work.take, None)

    def _withdraw(self, work: Work) -> None:
        """Have the worker stop, and tell nobody."""
        self._forget(work)
        if work.job is not None:
            job = work.job
            self._ask(lambda it: it.cancel(job), lambda _: None)

    def _failed(self, work: Work, error: BaseException | None) -> None:
        if work.ended:
            return
        self._forget(work)
        if work.take is not None:
            self.failed.emit(work.take, None if isinstance(error, Cancelled) else error)

    def _forget(self, work: Work) -> None:
        work.ended = True
        if work in self._works:
            self._works.remove(work)


def _recording(library: Library, take: int) -> _Recording:
    row = library.take(take)
    audio, song = library.audio(row), library.song(row.song).path
    return _Recording(audio, song, timing_of(row), row.source == "imported")


def _example() -> _Recording:
    found = bundled_example()
    return _Recording(found.audio, found.song, found.timing, elsewhere=True)
