"""Hearing a clip: me, the original or both, at equal loudness, and swapped at the same place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from asa_desktop.core.take_timing import along
from asa_desktop.core.types import TakeTiming
from asa_desktop.ui.pages.review_clip import BOTH, ME, ORIGINAL
from asa_desktop.ui.playing import Player, prepared

if TYPE_CHECKING:
    from asa_desktop.engine.messages import Play
    from asa_desktop.ui.context import AppContext
    from asa_desktop.ui.jobs import Task


@dataclass(frozen=True, slots=True)
class Voices:
    """The recordings of one review: the take, how it lies to the song, and the original.

    `path` is `Alignment.path` of a take that was found in the song, at its singer's tempo.
    """

    take: Path
    timing: TakeTiming
    original: Path | None = None
    path: tuple[tuple[float, float], ...] = ()

    def tempo(self, start_s: float, end_s: float) -> float:
        """Seconds of the take in a second of the song, between these two of the song."""
        return along(self.path, start_s=start_s, end_s=end_s).clock_ratio if self.path else 1.0

    def sung_s(self, start_s: float, end_s: float) -> float:
        """The second of the take's file where the singing of this part begins."""
        timing = self.timing
        if self.path:
            start_s = along(self.path, start_s=start_s, end_s=end_s).latency_s
        return timing.latency_s + (start_s - timing.start_s) * timing.clock_ratio


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

        sung_s = self.of.sung_s(start_s, end_s)
        # The take goes at its own tempo: all of it is heard, and no more.
        tempo = self.of.tempo(start_s, end_s) if voice == ME else 1.0
        first, second = self.gains(voice)
        return Play(
            accompaniment=self.original,
            vocal=self.take,
            accompaniment_gain=first,
            vocal_gain=second,
            start_s=start_s,
            end_s=start_s + (end_s - start_s) * tempo,
            vocal_later_s=sung_s - start_s,
        )


class ClipSound(QObject):
    """Plays what a review asks for, one thing at a time.

    `moved` gives the second that sounds and its voice, `ended` follows when nothing sounds any
    more; `busy` tells that the recordings are being made ready. The devices stay open until
    `close`, so that the next clip sounds at once.
    """

    moved = Signal(float, str)
    ended = Signal()
    busy = Signal(bool)

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self._ready: Prepared | None = None
        self._voice = ""
        self._start_s, self._tempo = 0.0, 1.0
        self._sound = Player(context, self)
        self._sound.busy.connect(self.busy)
        self._sound.moved.connect(self._moved)
        self._sound.ended.connect(self.stop)

    @property
    def playing(self) -> str:
        """The voice that sounds, or is about to; "" for none."""
        return self._voice

    def play(self, voices: Voices, voice: str, start_s: float, end_s: float) -> None:
        """Sound from one second of the song to another; what sounded before ends."""
        if voices.original is None and voice != ME:
            return
        self._voice = voice
        self._start_s, self._tempo = start_s, voices.tempo(start_s, end_s)

        def ready(made: Prepared) -> None:
            self._ready = made
            self._sound.play(made.play(self._voice, start_s, end_s))

        if self._ready is not None and self._ready.of == voices and self._sound.has_devices:
            ready(self._ready)
        else:
            self._ready = None
            self._sound.make_ready(partial(_prepared, voices, self.context.places.cache), ready)

    def swap(self, voice: str) -> None:
        """Go on in another voice, at the same place."""
        if not self._voice:
            return
        self._voice = voice
        if self._ready is not None:  # else it begins in that voice
            first, second = self._ready.gains(voice)
            self._sound.gains(accompaniment=first, vocal=second)

    def _moved(self, second: float) -> None:
        if self._voice == ME:  # shown on the song's clock
            second = self._start_s + (second - self._start_s) / self._tempo
        self.moved.emit(second, self._voice)

    def stop(self) -> None:
        """Be silent."""
        sounded, self._voice = bool(self._voice), ""
        self._sound.stop()
        if sounded:
            self.ended.emit()

    def close(self) -> None:
        """Be silent, and let go of the devices."""
        self.stop()
        self._ready = None
        self._sound.let_go()


def _prepared(voices: Voices, cache: Path, rate: int, task: Task) -> Prepared:
    from asa_desktop.services.loudness import playing_gain

    files = [each for each in (voices.take, voices.original) if each is not None]
    made = prepared(files, rate=rate, cache=cache, task=task)
    gains = []
    for each in made:
        task.check()
        gains.append(playing_gain(each.path))
    first = Prepared(voices, rate, made[0].path, gains[0], None, 0.0)
    if len(made) == 1:
        return first
    return replace(first, original=made[1].path, original_gain=gains[1])
