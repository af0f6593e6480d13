"""Everything that must be there before somebody can sing: the song, the devices, the files."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, QTimer, Signal

from asa_desktop.core.types import Song
from asa_desktop.engine.messages import Job, Opened
from asa_desktop.services.delays import delay_for
from asa_desktop.services.rehearsal import Ready, kept_pitch, make_ready, setup_of
from asa_desktop.ui.pages import record_words
from asa_desktop.ui.plots.lane_lyrics import Line, lines_of
from asa_desktop.ui.plots.lane_score import LaneScore
from asa_desktop.ui.tr import tr

if TYPE_CHECKING:
    from asa_desktop.services.library import DelayRow, SongRow
    from asa_desktop.ui.context import AppContext
    from asa_desktop.ui.jobs import Job as Work
    from asa_desktop.ui.jobs import Task

log = logging.getLogger(__name__)

Stage = Literal["empty", "preparing", "ready", "starting", "singing", "ending", "broken"]

IDLE_LOOK_MS = 400


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a song gives the page: its row, itself, its targets and its words."""

    row: SongRow
    song: Song
    score: LaneScore
    lines: tuple[Line, ...]


class Preparation(QObject):
    """Makes a song ready to be sung on the devices that were chosen.

    `said` is (sentence, level, button, action); `hushed` takes it back. `loaded` comes with the
    `Sheet`, `opened_devices` with what was opened.
    """

    stage_changed = Signal(str)
    loaded = Signal(object)
    opened_devices = Signal(object)
    progressed = Signal(object, str)
    said = Signal(str, str, str, object)
    hushed = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.context = context
        self.stage: Stage = "empty"
        self.sheet: Sheet | None = None
        self.opened: Opened | None = None
        self.delay: DelayRow | None = None
        self.ready: Ready | None = None
        self.job: Job | None = None
        self.away = False
        self._asked_for_devices = False
        self._song_id: int | None = None
        self._again = False
        self._turn = 0
        self._work: Work | None = None
        self._looks = QTimer(self, interval=IDLE_LOOK_MS)

    @property
    def busy(self) -> bool:
        """Whether a take is under way, which must not be left behind."""
        return self.stage in ("starting", "singing", "ending")

    @property
    def delay_s(self) -> float | None:
        """The measured round trip of what is open; None where it was never measured."""
        return None if self.delay is None else self.delay.delay_s

    def prepare(self, song: int) -> None:
        """Read the song, open the devices, make its recordings ready."""
        self._turn += 1
        self._song_id = song
        self._forget()
        self._go("preparing")
        self.context.library.run(
            lambda it: it.song(song),
            done=self._in_turn(self._read),
            failed=self._in_turn(self._fail),
            owner=self,
        )

    def refresh(self) -> None:
        """As `prepare` with the same song: after trouble, or when devices were chosen anew."""
        if self._song_id is not None:
            self.prepare(self._song_id)

    def leave(self) -> None:
        """Let go of the devices: nobody listens while another page is shown."""
        self._turn += 1
        self._forget()
        self._go("empty")
        if self._asked_for_devices:  # also where they are still being opened
            self._asked_for_devices = False
            self.context.recorder.run(lambda it: it.close_devices(), failed=_note, owner=self)

    def _forget(self) -> None:
        if self._work is not None:
            self._work.cancel()
            self._work = None
        self._looks.stop()
        self.opened = self.delay = self.ready = self.job = None
        self._again = self.away = False
        self.hushed.emit()

    def _read(self, row: SongRow) -> None:
        places = self.context.places

        def work(task: Task) -> Sheet:
            from asa_desktop.core.songs import load_song
            from asa_desktop.services.featurestore import FeatureStore

            song = load_song(row.path)
            notes = song.melody.notes if song.melody is not None else ()
            pitch = None if notes else kept_pitch(song, FeatureStore(places.features))
            return Sheet(row, song, LaneScore.of(song, pitch), lines_of(song))

        self._work = self.context.jobs.start(
            work, done=self._in_turn(self._loaded), failed=self._in_turn(self._fail), owner=self
        )

    def _loaded(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.loaded.emit(sheet)
        setup = setup_of(self.context.settings)
        self._asked_for_devices = True
        self.context.recorder.run(
            lambda it: it.open(setup),
            done=self._in_turn(self._opened),
            failed=self._in_turn(self._fail),
            owner=self,
        )

    def _opened(self, opened: Opened) -> None:
        self.opened = opened
        self._looks.start(IDLE_LOOK_MS)
        self.context.library.run(
            lambda it: delay_for(opened, library=it),
            done=self._in_turn(self._knows_delay),
            failed=self._in_turn(self._fail),
            owner=self,
        )

    def _knows_delay(self, delay: DelayRow | None) -> None:
        assert self.opened is not None
        assert self.sheet is not None
        self.delay = delay
        self.opened_devices.emit(self.opened)
        song, rate, cache = self.sheet.song, self.opened.rate, self.context.places.cache
        self._work = self.context.jobs.start(
            lambda task: make_ready(
                song,
                rate=rate,
                cache=cache,
                progress=task.progress,
                cancelled=lambda: task.cancelled,
            ),
            done=self._in_turn(self._is_ready),
            progressed=self.progressed.emit,
            failed=self._in_turn(self._fail),
            owner=self,
        )

    def _is_ready(self, ready: Ready) -> None:
        self.ready = ready
        self._go("ready")

    def _fail(self, error: BaseException) -> None:
        self._go("broken")
        self._say_broken(record_words.fault_text(error, self.context.diary))

    def _say_broken(self, text: str) -> None:
        self.said.emit(text, "error", tr("Try again"), self.refresh)

    def _in_turn(self, done: Callable[..., object]) -> Callable[..., object]:
        """`done`, unless something else was begun meanwhile."""
        turn = self._turn
        return lambda result: done(result) if turn == self._turn else None

    def _go(self, stage: Stage) -> None:
        if stage != self.stage:
            self.stage = stage
            self.stage_changed.emit(stage)


def _note(error: BaseException) -> None:
    log.info("devices not closed: %s", error)
