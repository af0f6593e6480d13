"""From a coarse path to one that is better than a frame: a best course of small delays.

Around the smoothed coarse path each frame of the reference may lie up to half a second earlier or
later in the take, in steps of 8 ms. Viterbi's algorithm finds the course of these delays that
gains most log odds less a cost for every change of speed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.alignment import likeness
from asa_desktop.core.alignment.features import HOP_S, Sequence, unit
from asa_desktop.core.types import FloatArray

FINE = 4
"""Places in the take per frame: 8 ms."""
SLOWEST, FASTEST = 2, 8
"""Places that the take may go on in a frame of the reference: half to double speed."""

_REACH_S = 0.5
_BEND = 0.3
"""Cost of a change of speed by a quarter; four times as much for a half."""
_LARGEST_BEND = 3
_BASE_SMOOTH = 12.0
_SMOOTH = 3.0
"""Standard deviation in frames of what smooths the path: it keeps what lasts 0.2 s and more."""
_ROWS = 512

Curve = NDArray[np.float64]
IntArray = NDArray[np.intp]


def finer(take: Sequence) -> Sequence:
    """The take on `FINE` times as many frames, by straight lines between the old ones.

    Pitch is not drawn across a leap of more than 3 semitones.
    """
    at = np.arange(len(take) * FINE) / FINE
    below = np.minimum(at.astype(np.intp), max(len(take) - 1, 0))
    above = np.minimum(below + 1, max(len(take) - 1, 0))
    part = (at - below).astype(np.float32)
    nearest = np.where(part < 0.5, below, above)

    def between(values: FloatArray | None) -> FloatArray | None:
        if values is None:
            return None
        weight = part if values.ndim == 1 else part[:, None]
        return np.asarray(values[below] * (1 - weight) + values[above] * weight, dtype=np.float32)

    cents, line = take.cents[nearest], between(take.cents)
    if line is not None:
        near = np.abs(take.cents[below] - take.cents[above]) < 300
        cents = np.where(np.isfinite(line) & near, line, cents)
    return Sequence(
        sung=take.sung[nearest],
        cents=cents,
        contour=take.contour[nearest],
        timbre=_turned(between(take.timbre)),
        change=_turned(between(take.change)),
        level=between(take.level),
        onsets=between(take.onsets),
    )


def refined(
    reference: Sequence, fine: Sequence, frames: IntArray, coarse: Curve, *, key_cents: float
) -> Curve:
    """Where in the take the reference's `frames` lie, in frames. Shape: (n,), as `coarse`.

    Parameters
    ----------
    fine
        The take, as `finer` gives it.
    coarse
        Where they lie by the coarse path, in frames of the take.
    """
    base = smoothed(coarse, _BASE_SMOOTH)
    centre = np.round(base * FINE).astype(np.intp)
    reach = round(_REACH_S / HOP_S * FINE)
    delays = np.arange(-reach, reach + 1)
    odds = np.empty((len(frames), len(delays)), dtype=np.float32)
    for first in range(0, len(frames), _ROWS):
        rows = slice(first, first + _ROWS)
        places = centre[rows, None] + delays
        odds[rows] = likeness.alongside(reference, fine, frames[rows], places, key_cents=key_cents)
    chosen = _best_course(odds, np.diff(centre))
    found = (centre + delays[chosen]) / FINE
    return base + smoothed(found - base, _SMOOTH)


def smoothed(curve: Curve, width: float) -> Curve:
    """A running mean under a normal curve of `width` frames.

    Beyond its ends the curve is turned about them, so that a straight line stays one.
    """
    reach = min(round(3 * width), len(curve) - 1)
    if reach < 1:
        return curve
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    around = np.pad(curve, reach, mode="reflect", reflect_type="odd")
    return np.convolve(around, weights / weights.sum(), mode="valid")


def _turned(rows: FloatArray | None) -> FloatArray | None:
    return None if rows is None else unit(rows)


def _best_course(odds: FloatArray, steps: IntArray) -> IntArray:
    """The delays that gain most, where the base itself goes on by `steps` (n - 1,). Shape: (n,)."""
    count, width = odds.shape
    gain = odds[0].copy()
    came = np.zeros((count, width), dtype=np.int8)
    edge = np.full(_LARGEST_BEND, -np.inf, dtype=np.float32)
    for row in range(1, count):
        padded = np.concatenate([edge, gain, edge])
        step = int(steps[row - 1])
        slower = min(max(SLOWEST - step, -_LARGEST_BEND), 0)
        faster = max(min(FASTEST - step, _LARGEST_BEND), 0)
        best = np.full(width, -np.inf, dtype=np.float32)
        for bend in range(slower, faster + 1):
            start = _LARGEST_BEND - bend
            offered = padded[start : start + width] - np.float32(_BEND * bend * bend)
            better = offered > best
            best[better] = offered[better]
            came[row][better] = bend
        gain = best + odds[row]
    chosen = np.zeros(count, dtype=np.intp)
    chosen[-1] = int(np.argmax(gain))
    for row in range(count - 1, 0, -1):
        chosen[row - 1] = chosen[row] - came[row, chosen[row]]
    return chosen
