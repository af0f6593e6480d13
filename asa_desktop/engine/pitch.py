"""The pitch of the newest few milliseconds, for showing it while somebody sings.

After McLeod and Wyvill, "A smarter way to find pitch" (ICMC 2005): the newest stretch of sound is
compared with what came one lag earlier, and the lag at which both agree is the period. What is
different here is that several stretches are tried, each with the lags that fit into it: a high
voice is told from 6 ms of sound and only a low one needs 30 ms. The assessment never uses this;
it has a slower and better tracker.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.types import FloatArray

Floats = NDArray[np.float64]

LOWEST_HZ = 65.0
HIGHEST_HZ = 1100.0
WORKING_RATE = 16_000
QUIET_DB = -70.0
"""RMS in dBFS, of what passes the low-pass, below which nothing is called a voice."""

_STRETCHES_S = (0.016, 0.011, 0.007, 0.0045)
# How much clearer a shorter stretch must be before it is believed: the ringing of a vowel within
# one period looks like a high voice to a stretch that does not see the whole period.
_DOUBTS = (0.0, 0.05, 0.09, 0.13)
_CLEAR = 0.72
# The first peak this near to the highest is the period; those before it are harmonics.
_FIRST = 0.93
_FIRST_AT_LAST = 0.86
_SAME = 0.05
"""Of a lag: what may have become of the last one since then; 85 cents."""
_PASS_HZ = 2000.0
_TAPS_S = 0.001


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A length of newest sound and the longest lag that it is compared at, in samples."""

    length: int
    longest: int
    doubt: float


class LivePitch:
    """Reads F0 from the newest samples, as early as they allow.

    Attributes
    ----------
    needs
        How many samples `at` wants to see; with fewer it says that there is no voice.
    behind_s
        How far the middle of the sound that the last value stands for lies behind its end.
    """

    def __init__(self, rate: int) -> None:
        self._step = max(1, round(rate / WORKING_RATE))
        self._rate = rate / self._step
        self._taps = _low_pass(rate)
        self._delay_s = len(self._taps) / 2 / rate
        lowest = int(np.ceil(self._rate / LOWEST_HZ)) + 1
        self._stretches = tuple(
            _Stretch(length, min(length, lowest), doubt)
            for length, doubt in zip(
                (round(each * self._rate) for each in _STRETCHES_S), _DOUBTS, strict=True
            )
        )
        self._kept = max(each.length + each.longest for each in self._stretches)
        self.needs = (self._kept - 1) * self._step + len(self._taps)
        self.behind_s = 0.0
        self._last_lag = 0.0

    def at(self, samples: FloatArray) -> tuple[float, float]:
        """F0 and clarity at the end of `samples`.

        Parameters
        ----------
        samples
            The newest sound, its newest sample last. Shape: (n,), n at least `needs`.

        Returns
        -------
        Hz, 0 where nothing is sung; and how alike the newest periods are, 0 to 1.
        """
        newest = samples[-self.needs :]
        enough = len(newest) == self.needs and bool(np.isfinite(newest).all())
        hz, clarity = self._found(newest) if enough else (0.0, 0.0)
        self._last_lag = self._rate / hz if hz else 0.0
        return hz, clarity

    def _found(self, newest: FloatArray) -> tuple[float, float]:
        sound = self._thinned(newest)
        energy = np.concatenate(([0.0], np.cumsum(np.square(sound, dtype=np.float64))))
        longest = self._stretches[0].length
        if energy[-1] - energy[-1 - longest] <= longest * 10 ** (QUIET_DB / 10):
            return 0.0, 0.0
        trust, lag, clarity, length = max(self._heard(sound, energy, s) for s in self._stretches)
        self.behind_s = (length + lag) / 2 / self._rate + self._delay_s
        sung = trust >= _CLEAR and LOWEST_HZ <= self._rate / lag <= HIGHEST_HZ
        return self._rate / lag if sung else 0.0, min(1.0, clarity)

    def _heard(
        self, sound: FloatArray, energy: Floats, stretch: _Stretch
    ) -> tuple[float, float, float, float]:
        """How far to believe this stretch, and the lag, clarity and length that go with it."""
        lag, clarity = self._period(_likeness(sound, energy, stretch))
        return clarity - stretch.doubt, lag, clarity, stretch.length

    def _thinned(self, newest: FloatArray) -> FloatArray:
        """The sound at the working rate, without what lies above a voice's strong part."""
        windows = np.lib.stride_tricks.sliding_window_view(newest, len(self._taps))
        thin = windows[:: self._step] @ self._taps
        return np.asarray(thin - thin.mean(), dtype=np.float32)

    def _period(self, likeness: Floats) -> tuple[float, float]:
        """The lag of the period, to a fraction, and its likeness; 0 and 0 without any."""
        below = np.flatnonzero(likeness[1:] < 0)
        start = int(below[0]) + 1 if len(below) else len(likeness)
        middle = likeness[start:-1]
        peaks = (
            np.flatnonzero((middle > likeness[start - 1 : -2]) & (middle >= likeness[start + 1 :]))
            + start
        )
        if not len(peaks):
            return 0.0, 0.0
        lags, heights = _summits(likeness, peaks)
        same = np.abs(lags - self._last_lag) <= _SAME * self._last_lag
        wanted = np.where(same, _FIRST_AT_LAST, _FIRST) * heights.max()
        first = int(np.argmax(heights >= wanted))
        return float(lags[first]), float(heights[first])


def _likeness(sound: FloatArray, energy: Floats, stretch: _Stretch) -> Floats:
    """The normalised square difference, as 1 for equal and -1 for opposite, at lags from 0 on.

    Equation 9 of McLeod and Wyvill, but of a stretch of the same length at every lag.
    """
    end, length, longest = len(sound), stretch.length, stretch.longest
    products = np.correlate(sound[end - length - longest :], sound[end - length :])[::-1]
    ends = energy[end - longest : end + 1][::-1]
    starts = energy[end - longest - length : end - length + 1][::-1]
    energies = ends - starts
    return np.asarray(2 * products / (energies[0] + energies + 1e-12), dtype=np.float64)


def _summits(values: Floats, peaks: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Places and heights of the parabolas through the values at peaks and beside them."""
    before, here, after = values[peaks - 1], values[peaks], values[peaks + 1]
    shift = 0.5 * (before - after) / (before - 2 * here + after)
    return peaks + shift, here - 0.25 * (before - after) * shift


def _low_pass(rate: int) -> FloatArray:
    """A windowed sinc of odd length; its sum is 1. Shape: (taps,)."""
    half = max(4, round(_TAPS_S * rate / 2))
    places = np.arange(-half, half + 1)
    taps = np.sinc(2 * _PASS_HZ / rate * places) * np.hamming(2 * half + 1)
    return np.asarray(taps / taps.sum(), dtype=np.float32)
