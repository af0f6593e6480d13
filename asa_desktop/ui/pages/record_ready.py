"""Everything that must be there before somebody can sing: the song, the devices, the files."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, QTimer, Signal

from asa_desktop.core.errors import AsaError
from asa_desktop.core.types import Song
from asa_desktop.engine.messages import Job, Opened
from asa_desktop.services.delays import delay_for
from asa_desktop.services.rehearsal import Ready, kept_pitch, make_ready, setup_of
from asa_desktop.ui.pages import record_words
from asa_desktop.ui.pages.choosing import choose_devices
from asa_desktop.ui.plots.lane_lyrics import Line, lines_of
from asa_desktop.ui.plots.lane_score import LaneScore
from asa_desktop.ui.tr import tr

if TYPE_CHECKING:
    from asa_desktop.engine.messages import Setup
    from asa_desktop.services.library import DelayRow, SongRow
    from asa_desktop.services.recorder import Recorder
    from asa_desktop.ui.context import AppContext
    from asa_desktop.ui.jobs import Job as Work
    from asa_desktop.ui.jobs import Task

log = logging.getLogger(__name__)

Stage = Literal[
    "empty", "preparing", "ready", "away", "starting", "singing", "ending", "broken"
]  # fmt: skip
"""``away``: ready but for the devices, which the engine waits for; ``broken``: nothing is open."""

IDLE_LOOK_MS = 400
OPEN_AGAIN_MS = 2000


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

    `obstacle` is the sentence on why nobody can sing now, empty where somebody can. Devices that
    may come back by themselves are looked for until they have, or the page is left.
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
        self.obstacle = ""
        self._came_late = False
        self._way: tuple[str, Callable[[], object]] = ("", self.refresh)
        self._asked_for_devices = False
        self._song_id: int | None = None
        self._again = False
        self._turn = 0
        self._work: Work | None = None
        self._looks = QTimer(self, interval=IDLE_LOOK_MS)
        self._opens = QTimer(self, interval=OPEN_AGAIN_MS, singleShot=True)
        self._opens.timeout.connect(self._open_again)

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
        self._opens.stop()
        self.opened = self.delay = self.ready = self.job = None
        self._again = self.away = self._came_late = False
        self.obstacle = ""
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
        self._open(failed=self._fail)

    def _open(self, *, failed: Callable[[BaseException], object]) -> None:
        setup = setup_of(self.context.settings)
        self._asked_for_devices = True
        self.context.recorder.run(
            lambda it: _opened_by(it, setup),
            done=self._in_turn(self._opened),
            failed=self._in_turn(failed),
            owner=self,
        )

    def _open_again(self) -> None:
        """The devices once more, with nothing said where they are still as they were."""
        if self.stage == "broken" and self.sheet is not None:
            self._open(failed=self._still_broken)

    def _still_broken(self, error: BaseException) -> None:
        if record_words.fault_text(error, self.context.diary) != self.obstacle:
            self._fail(error)
        else:
            self._opens.start()

    def _opened(self, opened: Opened) -> None:
        if self.stage == "broken":
            self.obstacle, self._came_late = "", True
            self.hushed.emit()
            self._go("preparing")
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
        self._go_ready()
        came_late, self._came_late = self._came_late, False
        if came_late and not self.away:
            self.said.emit(tr("Microphone and headphones are ready."), "info", "", None)

    def _go_ready(self) -> None:
        """Ready, as far as the devices are there."""
        self._go("away" if self.away else "ready")
        if self.away:
            self.say_obstacle()

    def _fail(self, error: BaseException) -> None:
        """Nothing is open: say why, and look for the devices where they may come back."""
        code = error.code if isinstance(error, AsaError) else ""
        self.away, self.opened = False, None
        self._stand_in_the_way(record_words.fault_text(error, self.context.diary), code)
        self._go("broken")
        self.say_obstacle()
        if code in record_words.COMES_BACK:
            self._opens.start()

    def _stand_in_the_way(self, why: str, code: str) -> None:
        self.obstacle = why
        if code in record_words.ANOTHER_HELPS:
            self._way = (tr("Choose a device"), self._choose)
        else:
            self._way = (tr("Try again"), self.refresh)

    def say_obstacle(self) -> None:
        """Say what stands in the way, and offer what can be done about it."""
        self.said.emit(self.obstacle, "error", *self._way)

    def _choose(self) -> None:
        choose_devices(self.context, page="record", song=self._song_id)

    def _in_turn(self, done: Callable[..., object]) -> Callable[..., object]:
        """`done`, unless something else was begun meanwhile."""
        turn = self._turn
        return lambda result: done(result) if turn == self._turn else None

    def _go(self, stage: Stage) -> None:
        if stage != self.stage:
            self.stage = stage
            self.stage_changed.emit(stage)


def _opened_by(recorder: Recorder, setup: Setup) -> Opened:
    if not recorder.recording:
        recorder.events()  # losses of what was open before are none of ours
    return recorder.open(setup)


def _note(error: BaseException) -> None:
    log.info("devices not closed: %s", error)
