"""Hearing a clip: me, the original or both, at equal loudness, and swapped at the same place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from asa_desktop.core.errors import AsaError, PlaceError
from asa_desktop.core.types import TakeTiming
from asa_desktop.ui.pages.review_clip import BOTH, ME, ORIGINAL

if TYPE_CHECKING:
    from asa_desktop.engine.messages import Play
    from asa_desktop.services.recorder import Recorder
    from asa_desktop.ui.context import AppContext
    from asa_desktop.ui.jobs import Task

FRAME_MS, LOOK_MS = 40, 160
_DIED = ("engine_died", "engine_silent")


@dataclass(frozen=True, slots=True)
class Voices:
    """The recordings of one review: the take, how it lies to the song, and the original."""

    take: Path
    timing: TakeTiming
    original: Path | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """Files that the engine plays at `rate`, each with the factor that makes it equally loud."""

    of: Voices
    rate: int
    take: Path
    take_gain: float
    original: Path | None
    original_gain: float

    def gains(self, voice: str) -> tuple[float, float]:
        """How loud original and take are in this voice. Two at once are 3 dB less loud each."""
        share = 2**-0.5 if voice == BOTH else 1.0
        return (
            share * self.original_gain if voice in (ORIGINAL, BOTH) else 0.0,
            share * self.take_gain if voice in (ME, BOTH) else 0.0,
        )

    def play(self, voice: str, start_s: float, end_s: float) -> Play:
        """What to ask of the engine, in seconds of the song."""
        from asa_desktop.engine.messages import Play

        timing = self.of.timing
        sung_s = timing.latency_s + (start_s - timing.start_s) * timing.clock_ratio
        first, second = self.gains(voice)
        return Play(
            accompaniment=self.original,
            vocal=self.take,
            accompaniment_gain=first,
            vocal_gain=second,
            start_s=start_s,
            end_s=end_s,
            vocal_later_s=sung_s - start_s,
        )


class ClipSound(QObject):
    """Plays what a review asks for, one thing at a time.

    `moved` gives the second that sounds and its voice, `ended` follows when nothing sounds any
    more; `busy` tells that the recordings are being made ready.
    """

    moved = Signal(float, str)
    ended = Signal()
    busy = Signal(bool)

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self._ready: Prepared | None = None
        self._voice = ""
        self._turn = 0
        self._open = self._asking = False
        self._frames = QTimer(self, interval=FRAME_MS)
        self._frames.setTimerType(Qt.TimerType.PreciseTimer)
        self._frames.timeout.connect(self._show)
        self._looks = QTimer(self, interval=LOOK_MS)
        self._looks.timeout.connect(self._look)

    @property
    def playing(self) -> str:
        """The voice that sounds, or is about to; "" for none."""
        return self._voice

    def play(self, voices: Voices, voice: str, start_s: float, end_s: float) -> None:
        """Sound from one second of the song to another; what sounded before ends."""
        if voices.original is None and voice != ME:
            return
        self._hush()
        turn = self._turn
        self._voice = voice

        def ready(prepared: Prepared) -> None:
            if turn == self._turn:
                self._ready = prepared
                self._start(prepared, prepared.play(voice, start_s, end_s), turn)

        self._prepare(voices, turn, ready)

    def swap(self, voice: str) -> None:
        """Go on in another voice, at the same place."""
        if not self._voice or self._ready is None:
            return
        self._voice = voice
        first, second = self._ready.gains(voice)
        self.context.recorder.run(
            lambda it: it.gains(accompaniment=first, vocal=second),
            failed=self._failed(self._turn),
            owner=self,
        )

    def stop(self) -> None:
        """Be silent."""
        sounded = bool(self._voice)
        self._hush()
        if sounded:
            self.ended.emit()

    def close(self) -> None:
        """Be silent, and let go of the devices."""
        self.stop()
        self._ready = None
        if self._open:
            self._open = False
            self.context.recorder.run(
                lambda it: it.close_devices(), failed=lambda error: None, owner=self
            )

    # Step by step; whoever pressed something else meanwhile has made `turn` another

    def _prepare(self, voices: Voices, turn: int, ready: Callable[[Prepared], object]) -> None:
        known, settings = self._ready, self.context.settings
        cache = self.context.places.cache

        def opened(recorder: Recorder) -> int:
            from asa_desktop.services.rehearsal import setup_of

            if recorder.recording:
                raise PlaceError("engine_busy")
            return recorder.open(setup_of(settings)).rate

        def prepare(rate: int) -> None:
            if turn != self._turn:
                return
            self._open = True
            self.busy.emit(True)
            self.context.jobs.start(
                lambda task: _prepared(voices, rate, cache, task),
                done=lambda made: (self.busy.emit(False), ready(made)),
                failed=self._failed(turn),
                stopped=lambda: self.busy.emit(False),
                owner=self,
            )

        if known is not None and known.of == voices and self._open:
            ready(known)
            return
        self.context.recorder.run(opened, done=prepare, failed=self._failed(turn), owner=self)

    def _start(self, prepared: Prepared, request: Play, turn: int) -> None:
        def begun(recorder: Recorder) -> None:
            recorder.events()  # what was said before is of no use any more
            recorder.play(request)

        def done(_: object) -> None:
            if turn == self._turn:
                self._frames.start()
                self._looks.start()

        self.context.recorder.run(begun, done=done, failed=self._failed(turn), owner=self)

    def _show(self) -> None:
        from asa_desktop.engine.snapshot import State

        it = self.context.recorder.value
        if it is None or not self._voice:
            return
        try:
            now = it.snapshot()
        except ValueError:  # the engine was just closed
            return
        if now.state is State.PLAYING:
            self.moved.emit(float(now.song_s), self._voice)

    def _look(self) -> None:
        if self._asking:
            return
        self._asking = True
        turn = self._turn

        def looked(over: bool) -> None:
            self._asking = False
            if over and turn == self._turn:
                self._turn += 1
                self._still()
                self.ended.emit()

        def failed(error: BaseException) -> None:
            self._asking = False
            self._failed(turn)(error)

        self.context.recorder.run(_is_over, done=looked, failed=failed, owner=self)

    def _hush(self) -> None:
        sounding = self._frames.isActive()
        self._turn += 1
        self._still()
        if sounding:
            self.context.recorder.run(lambda it: it.stop(), failed=lambda error: None, owner=self)

    def _still(self) -> None:
        self._voice = ""
        self._frames.stop()
        self._looks.stop()

    def _failed(self, turn: int) -> Callable[[BaseException], None]:
        def failed(error: BaseException) -> None:
            self.busy.emit(False)
            if turn != self._turn:
                return
            if isinstance(error, AsaError) and error.code in (*_DIED, "no_device_open"):
                self._open = False
            self._turn += 1
            self._still()
            self.ended.emit()
            self.context.complain(error)

        return failed


def _prepared(voices: Voices, rate: int, cache: Path, task: Task) -> Prepared:
    from asa_desktop.services.loudness import playing_gain
    from asa_desktop.services.playback import prepare_in_worker
    from asa_desktop.services.rehearsal import PLAYBACK

    files = [each for each in (voices.take, voices.original) if each is not None]
    made = prepare_in_worker(
        files, rate=rate, cache=cache / PLAYBACK, cancelled=lambda: task.cancelled
    )
    gains = [playing_gain(each.path) for each in made]
    first = Prepared(voices, rate, made[0].path, gains[0], None, 0.0)
    if len(made) == 1:
        return first
    return replace(first, original=made[1].path, original_gain=gains[1])


def _is_over(recorder: Recorder) -> bool:
    """Whether what was played has ended."""
    from asa_desktop.engine.faults import error_of
    from asa_desktop.engine.messages import Fault, Lost, Played

    events: list[Any] = recorder.events()
    for event in events:
        if isinstance(event, Fault):
            raise error_of(event)
        if isinstance(event, Lost):
            raise PlaceError("device_lost")
    return any(isinstance(event, Played) for event in events)
