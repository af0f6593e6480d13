"""Time-domain pitch-synchronous overlap and add (Moulines and Charpentier 1990).

The engine held out for testing: it shares neither code nor artefacts with the vocoder.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asa_training.render.engines import RATE
from asa_training.segment import FRAME_S, Array

_FINE = 4  # grains are read from a copy at 64 kHz, so that a period may be any fraction
_UNVOICED_S = 0.005


@dataclass(frozen=True, slots=True)
class Marked:
    """A recording at 64 kHz (`fine`) with one mark per glottal cycle.

    `marks` and `periods` are (n,) in seconds, rising; `f0` (T,) in Hz on 5 ms frames.
    """

    fine: Array
    marks: Array
    periods: Array
    f0: Array
    samples: int


class Psola:
    """Grains of two periods, cut at the glottal marks and laid down at the new periods."""

    name = "psola"

    def prepare(self, audio: Array, f0: Array) -> Marked:
        """See `Engine.prepare`."""
        import soxr

        fine = soxr.resample(np.asarray(audio, dtype=np.float64), RATE, RATE * _FINE)
        marks: list[float] = []
        for first, last in _runs(f0 > 0):
            marks += _marks_of_run(fine, f0, first, last)
        at = np.array(marks)
        hz = np.interp(at, np.flatnonzero(f0 > 0) * FRAME_S, f0[f0 > 0]) if marks else at
        return Marked(fine=fine, marks=at, periods=1 / hz, f0=f0, samples=audio.size)

    def render(self, source: Marked, *, f0: Array, source_time: Array, formant: float) -> Array:
        """See `Engine.render`."""
        sound = np.zeros(source.samples)
        end = source.samples / RATE
        when = 0.0
        while when < end:
            frame = min(int(when / FRAME_S + 0.5), f0.size - 1)
            at = _between(source_time, when)
            if f0[frame] > 0 and source.marks.size:
                step = 1 / f0[frame]
                near = _nearest(source.marks, at)
                centre, reach = source.marks[near], source.periods[near]
                # Denser grains add up; their power is to stay what it was.
                gain = np.sqrt(np.clip(step / reach, 0.25, 4.0))
                if abs(centre - at) > 2 * reach:  # a seam of voicing: take what is there
                    centre = at
                _lay(sound, source.fine, when, centre, reach, formant, gain)
            else:
                step = _UNVOICED_S
                _lay(sound, source.fine, when, at, _UNVOICED_S * formant, formant, 1.0)
            when += step
        return sound


def _lay(
    sound: Array, fine: Array, when: float, centre: float, reach: float, formant: float, gain: float
) -> None:
    """Add the grain of +-`reach` seconds around `centre`, read `formant` times as fast."""
    half = reach / formant
    first, last = int(np.ceil((when - half) * RATE)), int(np.floor((when + half) * RATE))
    first, last = max(first, 0), min(last, sound.size - 1)
    if last <= first:
        return
    offset = np.arange(first, last + 1) / RATE - when
    place = (centre + offset * formant) * RATE * _FINE
    below = np.clip(place.astype(int), 0, fine.size - 2)
    part = np.clip(place - below, 0.0, 1.0)
    read = fine[below] * (1 - part) + fine[below + 1] * part
    sound[first : last + 1] += gain * read * (0.5 + 0.5 * np.cos(np.pi * offset / half))


def _runs(voiced: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], voiced.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _marks_of_run(fine: Array, f0: Array, first: int, last: int) -> list[float]:
    """Peaks of the low-passed voice, one per period, walking from the strongest both ways."""
    from scipy.signal import butter, sosfiltfilt

    rate = RATE * _FINE
    low, high = int(first * FRAME_S * rate), min(int(last * FRAME_S * rate), fine.size)
    pad = int(0.02 * rate)
    begin, stop = max(0, low - pad), min(fine.size, high + pad)
    cutoff = min(1.6 * float(np.median(f0[first:last])), 2000.0)
    sos = butter(2, cutoff, fs=rate, output="sos")
    wave = sosfiltfilt(sos, fine[begin:stop])
    if high - low < 64:
        return []
    clock = np.arange(f0.size) * FRAME_S
    voiced = f0 > 0

    def period_at(sample: float) -> float:
        return rate / float(np.interp(sample / rate, clock[voiced], f0[voiced]))

    def peak_near(sample: float, period: float) -> float:
        a = max(int(sample - 0.2 * period), begin)
        b = min(int(sample + 0.2 * period) + 1, stop)
        if b - a < 3:
            return sample
        top = a + int(np.argmax(wave[a - begin : b - begin]))
        return float(top) if a < top < b - 1 else sample

    strongest = low + int(np.argmax(wave[low - begin : high - begin]))
    marks = [float(strongest)]
    while (ahead := marks[-1] + period_at(marks[-1])) < high:
        marks.append(peak_near(ahead, period_at(ahead)))
    behind = [float(strongest)]
    while (back := behind[-1] - period_at(behind[-1])) >= low:
        behind.append(peak_near(back, period_at(back)))
    return [mark / rate for mark in sorted({*marks, *behind})]


def _between(curve: Array, when: float) -> float:
    place = min(when / FRAME_S, curve.size - 1.0)
    below = int(place)
    above = min(below + 1, curve.size - 1)
    return float(curve[below] + (place - below) * (curve[above] - curve[below]))


def _nearest(marks: Array, at: float) -> int:
    after = int(np.searchsorted(marks, at))
    if after == 0:
        return 0
    if after == marks.size or at - marks[after - 1] < marks[after] - at:
        return after - 1
    return after
