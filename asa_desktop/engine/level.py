"""How loud the microphone is, as a meter shows it, and whether it is too loud.

Levels are dBFS by amplitude: a sine at full scale peaks at 0 and has an RMS of -3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from asa_desktop.core.types import FloatArray

FLOOR_DB = -120.0
FULL_SCALE = 0.999
SHOWN_S = 2.0
"""How long "clipped lately" stays."""

_FALL_DB_S = 20 / 1.7
"""A digital peak meter's return: 20 dB in 1.7 s (IEC 60268-18)."""
_RMS_S = 0.3
"""Integration time of the RMS, a VU meter's."""
_CARRIED = 4
"""Samples of the block before that a run or a top may begin in."""
_LEVEL = 2.0**-15
"""One step of 16 bits: flatter than this is flat."""
_STEEP = 16 * _LEVEL
"""Over its last two steps, a round top that is flat for three samples rises by less."""
_QUIETEST_TOP = 0.1


@dataclass(frozen=True, slots=True)
class Level:
    """`peak_db`, `rms_db`: with the meter's ballistics. `now_db`: RMS of the last block alone.

    `clipped` counts the places that clipped since the beginning; `clipping`: one of them lately.
    """

    peak_db: float = FLOOR_DB
    rms_db: float = FLOOR_DB
    now_db: float = FLOOR_DB
    clipped: int = 0
    clipping: bool = False


class LevelMeter:
    """Takes the sound block by block, 10 ms each or whatever comes. `level`: the newest."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self.reset()

    def reset(self) -> None:
        """Begin anew, as for a new take."""
        self.level = Level()
        self._power = 0.0
        self._shown = 0
        self._before = np.zeros(_CARRIED, np.float32)
        self._ceiling = 0.0

    def silence(self) -> None:
        """No sound comes any more: nothing is loud, and what clipped stays counted."""
        self._power = 0.0
        self.level = Level(clipped=self.level.clipped)

    def add(self, block: FloatArray) -> Level:
        """The level after `block`. Shape: (n,), n at least 1.

        Infinite samples count as full scale, NaN as silence.
        """
        sound = np.nan_to_num(block, nan=0.0, posinf=1.0, neginf=-1.0)
        seconds = len(sound) / self._rate
        peak = float(np.abs(sound).max())
        power = float(np.mean(np.square(sound, dtype=np.float64)))
        self._power = power + (self._power - power) * math.exp(-seconds / _RMS_S)
        found = self._clips(sound, peak)
        self._shown = round(SHOWN_S * self._rate) if found else max(0, self._shown - len(sound))
        self.level = Level(
            peak_db=max(_db(peak), self.level.peak_db - _FALL_DB_S * seconds),
            rms_db=_db(math.sqrt(self._power)),
            now_db=_db(math.sqrt(power)),
            clipped=self.level.clipped + found,
            clipping=self._shown > 0,
        )
        return self.level

    def _clips(self, sound: FloatArray, peak: float) -> int:
        heights = np.concatenate((self._before, np.abs(sound)))
        self._before = heights[-_CARRIED:]
        return _runs_at_full_scale(heights) + self._tops_at_ceiling(heights, peak)

    def _tops_at_ceiling(self, heights: FloatArray, peak: float) -> int:
        """How many tops are cut at the height at which the one before was cut.

        A preamplifier clips, and what comes after it turns the sound down: tops are flat far
        below full scale, all at one height, and nothing is higher.
        """
        if peak > self._ceiling + 2 * _LEVEL:
            self._ceiling = 0.0
        tops = _flat_tops(heights)
        tops = tops[(tops >= peak - 2 * _LEVEL) & (tops < FULL_SCALE)]
        if not len(tops):
            return 0
        known = self._ceiling > 0
        if not known:
            self._ceiling = float(tops.max())
        at_ceiling = int(np.sum(np.abs(tops - self._ceiling) <= 2 * _LEVEL))
        return at_ceiling if known else at_ceiling - 1


def _runs_at_full_scale(heights: FloatArray) -> int:
    """Runs of at least three; each is counted where its third sample comes."""
    over = heights[_CARRIED - 3 :] >= FULL_SCALE
    full = over[2:] & over[1:-1] & over[:-2]
    return int(np.sum(full[1:] & ~full[:-1]))


def _flat_tops(heights: FloatArray) -> FloatArray:
    """Heights of tops that are reached steeply and then stay for three samples."""
    flat = np.abs(np.diff(heights)) <= _LEVEL
    tops = heights[2:-2]
    reached = (tops - heights[:-4] >= _STEEP) & (tops - heights[1:-3] > _LEVEL)
    return tops[reached & flat[2:-1] & flat[3:] & (tops >= _QUIETEST_TOP)]


def _db(amplitude: float) -> float:
    return max(FLOOR_DB, 20 * math.log10(max(amplitude, 1e-9)))
