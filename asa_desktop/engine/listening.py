"""Calibration: play a known sound, record it, and say when it came back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from asa_desktop.core.types import FloatArray
from asa_desktop.engine import chirps, taps
from asa_desktop.engine.line import Line
from asa_desktop.engine.messages import Calibrated
from asa_desktop.engine.player import ArrayStem, Player

LATEST_S = 1.2
"""How late the last sound may come back."""

Measure = Callable[[FloatArray, float], Calibrated]


class Listening:
    """Plays `sound` (n,) once over a line and hands what was heard to `measure`."""

    def __init__(self, line: Line, sound: FloatArray, measure: Measure, *, level: float) -> None:
        self.level = level
        self._measure = measure
        self._wanted = len(sound) + round(LATEST_S * line.rate)
        self._player = Player((ArrayStem(sound),), (1.0,), rate=line.rate, frames=len(sound))
        self._line = line
        line.arm(self._player)

    def tick(self, line: Line) -> Calibrated | None:
        """The outcome once all was heard. Raises `AudioError` ``no_loop``, ``delay_unsteady``."""
        start = line.begin_frame()
        if start is None or line.ring.total < start + self._wanted:
            return None
        self.stop()
        return self._measure(line.ring.read(start, self._wanted), line.stamp_delay_s)

    def stop(self) -> None:
        self._line.disarm()
        self._player.close()


def chirping(line: Line, *, level: float) -> Listening:
    """Twelve chirps, for a microphone that can hear the speakers."""
    sound, onsets = chirps.chirps(line.rate, level=level)

    def measure(heard: FloatArray, stamp_delay_s: float) -> Calibrated:
        found = chirps.accepted(chirps.measure(heard, line.rate, onsets))
        return _calibrated(found, "chirps", stamp_delay_s)

    return Listening(line, sound, measure, level=level)


def tapping(line: Line, *, level: float) -> Listening:
    """A beat that somebody taps or claps along to by ear."""
    sound, beats = taps.clicks(line.rate, level=level)

    def measure(heard: FloatArray, stamp_delay_s: float) -> Calibrated:
        found = taps.accepted_taps(taps.measure_taps(heard, line.rate, beats))
        return _calibrated(found, "taps", stamp_delay_s)

    return Listening(line, sound, measure, level=level)


def _calibrated(
    found: chirps.Found, method: Literal["chirps", "taps"], stamp_delay_s: float
) -> Calibrated:
    return Calibrated(
        delay_s=found.median_s,
        spread_s=found.spread_s,
        found=found.found,
        played=found.played,
        method=method,
        stamp_delay_s=stamp_delay_s,
    )
