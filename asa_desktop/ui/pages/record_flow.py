"""Takes of a song that is ready: begun, ended, brought into the library, whatever happens."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal

from asa_desktop.core.errors import AsaError, PlaceError
from asa_desktop.engine.messages import Back, Event, Finished, Job, Kept, Lost, Moved
from asa_desktop.services.rehearsal import calibrated
from asa_desktop.services.singers import singer
from asa_desktop.services.taking import begin_take, end_take, refuse_little_room
from asa_desktop.ui.pages import record_words
from asa_desktop.ui.pages.record_ready import IDLE_LOOK_MS, Preparation
from asa_desktop.ui.tr import tr

if TYPE_CHECKING:
    from asa_desktop.services.library import Library, TakeRow
    from asa_desktop.ui.context import AppContext
    from asa_desktop.ui.jobs import Task

log = logging.getLogger(__name__)

LOOK_MS = 80
_HOLD_TRIES, _HOLD_PAUSE_S = 20, 0.1
_FATAL = ("engine_died", "engine_silent")


class Flow(Preparation):
    """Records takes of what was prepared and brings them into the library.

    `began` comes with the engine's job when a take grows, `ended` with its row and what the
    engine measured (None where it was rescued); `kept` where it did not become a take by itself.
    `limit_s` ends a take by itself before the song does.
    """

    began = Signal(object)
    ended = Signal(object, object)
    kept = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._looking = self._setting = False
        self._gains: tuple[float, float] | None = None
        self.limit_s: float | None = None
        self._looks.timeout.connect(self._look)

    @property
    def end_s(self) -> float | None:
        """Where in the song a take ends by itself; None: nowhere, or it is not ready."""
        end_s = self.ready.end_s if self.ready is not None else None
        if self.ready is None or self.limit_s is None:
            return end_s
        return self.limit_s if end_s is None else min(self.limit_s, end_s)

    def start(self) -> None:
        """Begin a take; nothing where it is not ready."""
        if self.stage != "ready" or self.ready is None or self.sheet is None or not self.opened:
            return
        self._go("starting")
        self.hushed.emit()
        self.context.library.run(
            self._plan(), done=self._in_turn(self._record), failed=self._not_begun, owner=self
        )

    def _plan(self) -> Callable[[Library], Job]:
        assert self.ready is not None
        assert self.sheet is not None
        assert self.opened is not None
        settings, song, rate = self.context.settings, self.sheet.row.id, self.opened.rate
        delay, end_s = calibrated(self.delay), self.end_s
        heard = self.ready.heard(
            backing_gain=settings.accompaniment_volume, voice_gain=settings.voice_volume,
            end_s=end_s,
        )  # fmt: skip

        def plan(library: Library) -> Job:
            person = singer(library, settings.singer).id
            job = begin_take(library, song=song, person=person, heard=heard, delay=delay)
            refuse_little_room(job.part.parent, job.target.parent, rate=rate, seconds=end_s)
            return job

        return plan

    def _record(self, job: Job) -> None:
        self.job = job
        self.context.recorder.run(
            lambda it: it.record(job),
            done=self._in_turn(lambda _: self._recording(job)),
            failed=self._not_begun,
            owner=self,
        )

    def _recording(self, job: Job) -> None:
        if self.stage != "starting":
            return
        self._go("singing")
        self._looks.start(LOOK_MS)
        self.began.emit(job)

    def stop(self) -> None:
        """End the take and keep it."""
        if self.stage == "starting":
            # The engine has not answered yet; the take ends as soon as it has begun.
            QTimer.singleShot(LOOK_MS, self.stop)
        elif self.stage == "singing":
            self._go("ending")
            self.context.recorder.run(lambda it: it.stop(), failed=self._gone, owner=self)

    def retake(self) -> None:
        """End the take, keep it, and begin the next at once."""
        if self.stage == "singing":
            self._again = True
            self.stop()
        else:
            self.start()

    def set_gains(self, accompaniment: float, voice: float) -> None:
        """How loud the two are from now on; of many changes the newest counts."""
        if self.stage == "singing":
            self._gains = (accompaniment, voice)
            self._send_gains()

    def _send_gains(self) -> None:
        if self._setting or self._gains is None:
            return
        (accompaniment, vocal), self._gains, self._setting = self._gains, None, True
        self.context.recorder.run(
            lambda it: it.gains(accompaniment=accompaniment, vocal=vocal),
            done=self._gains_set,
            failed=self._gone,
            owner=self,
        )

    def _gains_set(self, _: object) -> None:
        self._setting = False
        self._send_gains()

    # What the engine tells

    def _look(self) -> None:
        if self._looking:
            return
        self._looking = True
        self.context.recorder.run(
            lambda it: it.events(), done=self._heard, failed=self._gone, owner=self
        )

    def _heard(self, events: list[Event]) -> None:
        self._looking = False
        for event in events:
            match event:
                case Finished():
                    self._finished(event)
                case Kept():
                    self._left_as_part(event)
                case Lost():
                    self._lose(event)
                case Back():
                    self._is_back(event)
                case Moved():
                    self.said.emit(record_words.moved_text(event), "warning", "", None)

    def _lose(self, event: Lost) -> None:
        """The devices went; the engine looks for them until they are back."""
        self.away = True
        self._stand_in_the_way(record_words.lost_text(event, singing=False), "device_lost")
        if self.busy:
            self.said.emit(record_words.lost_text(event, singing=True), "error", "", None)
        elif self.stage == "ready":
            self._go_ready()

    def _is_back(self, event: Back) -> None:
        self.away, self.obstacle = False, ""
        if self.stage == "away":
            self.hushed.emit()
            self._go_ready()
        self.said.emit(record_words.back_text(event), "info", "", None)

    def _finished(self, event: Finished) -> None:
        if self.stage not in ("singing", "ending"):
            return
        self._go("ending")
        self._looks.start(IDLE_LOOK_MS)
        self.context.library.run(
            lambda it: end_take(it, event),
            done=lambda row: self._listed(row, event),
            failed=lambda error: self._unlisted(error, event),
            owner=self,
        )

    def _listed(self, row: TakeRow, event: Finished) -> None:
        self.job = None
        again, self._again = self._again, False
        self._go_ready()
        self.context.library_changed.emit()
        self.ended.emit(row, event.measured)
        if event.fault is not None:  # in the window's bar: another page may be shown by now
            self.context.notify(record_words.event_text(event.fault), level="warning")
        if again:
            self.start()

    def _unlisted(self, error: BaseException, event: Finished) -> None:
        log.error("take without a row", exc_info=error)
        self.job, self._again = None, False
        self._go_ready()
        why = record_words.fault_text(error, self.context.diary)
        self.said.emit(
            tr("{why} The take itself is whole; it comes into the list at the next start.",
               why=why), "error", "", None,
        )  # fmt: skip
        self.kept.emit()

    def _left_as_part(self, event: Kept) -> None:
        self.job, self._again = None, False
        self._go_ready()
        self._looks.start(IDLE_LOOK_MS)
        part = event.path
        if event.seconds > 0:
            self.said.emit(
                record_words.kept_text(event), "error", tr("Finish it now"),
                lambda: self.recover(part),
            )  # fmt: skip
        else:
            self.said.emit(record_words.kept_text(event), "error", "", None)
        self.kept.emit()

    def recover(self, part: Path, *, why: str = "") -> None:
        """Make a take of a part that was left behind, and go to it."""
        self.hushed.emit()

        where = self.context.places.library

        def work(task: Task) -> TakeRow:
            from asa_desktop.services.library import Library
            from asa_desktop.services.parts import recover_part

            # A library of its own: a long part takes a while, and the next take does not wait.
            with Library.open(where) as library:
                for _ in range(_HOLD_TRIES):
                    try:
                        return recover_part(library, part)
                    except PlaceError as error:
                        if error.code != "part_held":  # a dying engine holds it a moment longer
                            raise
                        time.sleep(_HOLD_PAUSE_S)
                return recover_part(library, part)

        self.context.jobs.start(
            work,
            done=lambda row: self._recovered(row, why),
            failed=lambda error: self._not_recovered(error, part),
            owner=self,
        )

    def _recovered(self, row: TakeRow, why: str) -> None:
        self.context.library_changed.emit()
        if not why:
            self.ended.emit(row, None)
            return
        self.said.emit(why, "warning", tr("Show the take"), lambda: self.ended.emit(row, None))

    def _not_recovered(self, error: BaseException, part: Path) -> None:
        why = record_words.fault_text(error, self.context.diary)
        self.said.emit(
            tr("{why} What was sung is still kept.", why=why), "error", tr("Try again"),
            lambda: self.recover(part),
        )  # fmt: skip

    def _gone(self, error: BaseException) -> None:
        """The engine is away, or no longer does what it is asked."""
        self._looking = self._setting = False
        fatal = isinstance(error, AsaError) and error.code in _FATAL
        if not fatal:
            self._fail(error)
            return
        if self.stage in ("empty", "broken"):
            return
        job, self.job = self.job, None
        self._again = False
        if job is None or not job.part.exists():
            self._fail(error)
            self.kept.emit()
            return
        self._looks.stop()
        self._go("broken")
        self.kept.emit()
        self.refresh()  # a new engine, so that singing can go on
        if isinstance(error, AsaError) and "signal" in error.facts:
            why = tr("The sound engine was ended from outside. What was sung until then is kept as"
                     " a take.")  # fmt: skip
        else:
            why = tr(
                "The sound engine ended by itself. What was sung until then is kept as a take."
            )
        self.recover(job.part, why=why)

    def _not_begun(self, error: BaseException) -> None:
        if isinstance(error, AsaError) and error.code in _FATAL:
            self._gone(error)
            return
        self.job, self._again = None, False
        code = error.code if isinstance(error, AsaError) else ""
        if code == "device_lost":  # its `Lost` was said, or is on its way, and `Back` will follow
            self.away = True
            self._stand_in_the_way(record_words.fault_text(error, self.context.diary), code)
            self._go_ready()
        elif code in record_words.COMES_BACK:  # the engine let go of what was open
            self._fail(error)
        else:
            self._go_ready()
            self.said.emit(record_words.fault_text(error, self.context.diary), "error", "", None)
        self.kept.emit()
