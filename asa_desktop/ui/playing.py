"""What pages play: made ready beside the window, sounded by the engine, ended by anybody."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from asa_desktop.core.errors import AsaError, PlaceError
from asa_desktop.ui import faults
from asa_desktop.ui.pages.record_words import fault_text
from asa_desktop.ui.tr import tr

if TYPE_CHECKING:
    from asa_desktop.engine.messages import Play, Setup
    from asa_desktop.services.playback import Playable
    from asa_desktop.services.recorder import Recorder
    from asa_desktop.ui.context import AppContext
    from asa_desktop.ui.jobs import Job, Task

FRAME_MS, LOOK_MS = 40, 160
LIST_AFTER_MS = 1200
"""Most files are played as they lie, and that is known in less."""
_DIED = ("engine_died", "engine_silent")
_SLACK_S = 0.2

log = logging.getLogger(__name__)

R = TypeVar("R")


class Player(QObject):
    """Sounds one thing at a time over the chosen headphones; no microphone is opened for it.

    First `make_ready`, which opens the devices, then `play` as often as wanted, at last `let_go`.
    `busy` tells that something is being made ready (the window lists it, with a cross, where that
    takes long), `moved` which second sounds. `ended` comes where nothing sounds any more though
    nobody stopped it here: at the end, after a fault, and where the cross was pressed. Faults are
    said in the window's bar.
    """

    busy = Signal(bool)
    moved = Signal(float)
    ended = Signal()

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.has_devices = False
        """Whether the devices were asked for and not given back."""
        self._asked = self._asking = self._is_busy = False
        self._turn = 0
        self._job: Job | None = None
        self._span = (0.0, math.inf)
        self._frames = QTimer(self, interval=FRAME_MS)
        self._frames.setTimerType(Qt.TimerType.PreciseTimer)
        self._frames.timeout.connect(self._show)
        self._looks = QTimer(self, interval=LOOK_MS)
        self._looks.timeout.connect(self._look)

    def make_ready(self, make: Callable[[int, Task], R], ready: Callable[[R], object]) -> None:
        """Open the devices, do ``make(rate, task)`` on a job's thread, then ``ready(made)`` here.

        What sounds ends. `ready` never follows where something else was asked for meanwhile.
        """
        from asa_desktop.services.rehearsal import setup_of

        self.stop()
        setup = replace(setup_of(self.context.settings), listen=False)
        self.has_devices = True
        self._say_busy(True)
        self.context.recorder.run(
            lambda it: _opened(it, setup),
            done=self.in_turn(lambda rate: self._make(partial(make, rate), ready)),
            failed=self.in_turn(self.fail),
            owner=self,
        )

    def play(self, request: Play) -> None:
        """Sound what is ready for the devices that are open; what sounded before ends."""
        self.stop()
        end_s = math.inf if request.end_s is None else request.end_s
        self._span = (request.start_s - _SLACK_S, end_s + _SLACK_S)
        self._asked = True
        self.context.recorder.run(
            lambda it: _begun(it, request),
            done=self.in_turn(self._begun),
            failed=self.in_turn(self.fail),
            owner=self,
        )

    def gains(self, *, accompaniment: float, vocal: float) -> None:
        """Change how loud the two stems are that sound, or are about to."""
        if self._asked:
            self.context.recorder.run(
                lambda it: it.gains(accompaniment=accompaniment, vocal=vocal),
                failed=self.in_turn(self.fail),
                owner=self,
            )

    def stop(self) -> None:
        """Be silent, and give up what is being made ready."""
        self._turn += 1
        self._frames.stop()
        self._looks.stop()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        asked, self._asked = self._asked, False
        if asked:  # also where the engine has not answered yet: it carries out one after the other
            self._tell_engine(_hush)
        self._say_busy(False)

    def let_go(self) -> None:
        """Be silent, and give the devices back, also where they are still being opened."""
        self.stop()
        if self.has_devices:
            self.has_devices = False
            self._tell_engine(_closed)

    def fail(self, error: BaseException) -> None:
        """Say what stood in the way; nothing sounds, and no device is held."""
        if isinstance(error, AsaError) and error.code in _DIED:
            self._asked = self.has_devices = False  # with the engine went all that it had
        self.let_go()
        self.ended.emit()
        if faults.surroundings(error) is None:
            log.error("nothing could be played", exc_info=error)
        self.context.notify(fault_text(error, self.context.diary), level="error")

    def in_turn(self, done: Callable[[Any], object]) -> Callable[[Any], object]:
        """`done`, unless something else was begun or stopped meanwhile."""
        turn = self._turn
        return lambda result: done(result) if turn == self._turn else None

    # Step by step

    def _make(self, make: Callable[[Task], R], ready: Callable[[R], object]) -> None:
        self._job = self.context.jobs.start(
            make,
            done=self.in_turn(lambda made: self._made(made, ready)),
            failed=self.in_turn(self.fail),
            stopped=partial(self.in_turn(self._given_up), None),
            owner=self,
        )
        QTimer.singleShot(LIST_AFTER_MS, self, partial(self.in_turn(self._list), self._job))

    def _list(self, job: Job) -> None:
        self.context.jobs.list_late(job, readying(True))

    def _made(self, made: R, ready: Callable[[R], object]) -> None:
        self._job = None
        self._say_busy(False)
        ready(made)

    def _given_up(self, _: object) -> None:
        self.stop()
        self.ended.emit()

    def _begun(self, _: object) -> None:
        self._frames.start()
        self._looks.start()

    def _show(self) -> None:
        from asa_desktop.engine.snapshot import State

        it = self.context.recorder.value
        if it is None:
            return
        try:
            now = it.snapshot()
        except ValueError:  # the engine was just closed
            return
        first_s, last_s = self._span  # the newest state may be older than what was asked for
        if now.state is State.PLAYING and first_s <= now.song_s <= last_s:
            self.moved.emit(float(now.song_s))

    def _look(self) -> None:
        if self._asking:
            return
        self._asking = True
        over, fail = self.in_turn(self._looked), self.in_turn(self.fail)

        def then(go_on: Callable[[Any], object], result: object) -> None:
            self._asking = False
            go_on(result)

        self.context.recorder.run(
            _is_over, done=partial(then, over), failed=partial(then, fail), owner=self
        )

    def _looked(self, over: bool) -> None:
        if over:
            self._asked = False
            self.stop()
            self.ended.emit()

    def _tell_engine(self, work: Callable[[Recorder], object]) -> None:
        self.context.recorder.run(work, failed=_note, owner=self)

    def _say_busy(self, busy: bool) -> None:
        if busy != self._is_busy:
            self._is_busy = busy
            self.busy.emit(busy)


def prepared(files: Sequence[Path], *, rate: int, cache: Path, task: Task) -> tuple[Playable, ...]:
    """Each file as the engine plays it at `rate`; in a job of `Player.make_ready`.

    `cache` is the user's cache folder. Raises as `prepare_in_worker`.
    """
    from asa_desktop.services.playback import prepare_in_worker
    from asa_desktop.services.rehearsal import PLAYBACK

    task.check()
    return prepare_in_worker(
        files,
        rate=rate,
        cache=cache / PLAYBACK,
        progress=task.progress,
        cancelled=lambda: task.cancelled,
    )


def readying(busy: bool) -> str:
    """What a page says while `Player.busy`; empty where it is not."""
    return tr("Making the recording ready") if busy else ""


# On the recorder's thread. A take that is recorded or written is nobody's to stop here.


def _opened(recorder: Recorder, setup: Setup) -> int:
    if recorder.recording:
        raise PlaceError("engine_busy")
    return recorder.open(setup).rate


def _begun(recorder: Recorder, request: Play) -> None:
    recorder.events()  # what was said before is of no use any more
    recorder.play(request)


def _hush(recorder: Recorder) -> None:
    if not recorder.recording:
        recorder.stop()


def _closed(recorder: Recorder) -> None:
    if not recorder.recording:
        recorder.close_devices()
        recorder.events()  # whoever opens them next is not told of our losses


def _is_over(recorder: Recorder) -> bool:
    """Whether what was played has ended. Raises what went wrong meanwhile."""
    from asa_desktop.engine.faults import error_of
    from asa_desktop.engine.messages import Fault, Lost, Played

    events: list[Any] = recorder.events()
    for event in events:
        if isinstance(event, Fault):
            raise error_of(event)
        if isinstance(event, Lost):
            raise PlaceError("device_lost")
    return any(isinstance(event, Played) for event in events)


def _note(error: BaseException) -> None:
    log.info("not silenced or closed: %s", error)
