"""From CREPE's activation to one F0 a frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.types import FloatArray, PitchTrack

FIRST_CENTS = 1997.3794084376191
"""Cents of bin 0 above 10 Hz, from torchcrepe."""
PITCHED = 0.5
"""Confidence from which a frame counts as pitched."""
LOWEST_HZ = 60.0
HIGHEST_HZ = 1600.0
"""What is sung lies between these; mains hum and whistles do not."""

_REACH = 10
_STRIDES = (1, 2, 4, 3)
_PIECE = 1024
_STEP_COST = 0.12
_JUMP_COST = 4.0
_AROUND = 4


def track_pitch(activation: FloatArray, hop_s: float) -> PitchTrack:
    """Follow the best path through the activation and read F0 to a fraction of a bin.

    A step of one bin (20 cents) costs 0.12 and a leap anywhere 4 in log activation, so that a
    single frame heard an octave off does not show.

    Parameters
    ----------
    activation
        Shape: (360, T); columns of zeros are frames without voice.
    """
    path = _best_path(activation)
    frames = np.arange(activation.shape[1])
    around = path[None, :] + np.arange(-_AROUND, _AROUND + 1)[:, None]
    inside = (around >= 0) & (around < activation.shape[0])
    around = np.clip(around, 0, activation.shape[0] - 1)
    weights = np.where(inside, activation[around, frames], 0.0)
    total = weights.sum(axis=0)
    cents = (weights * around).sum(axis=0) / np.maximum(total, 1e-9) * 20 + FIRST_CENTS
    hz = 10 * 2 ** (cents / 1200)
    confidence = np.where(total > 0, activation[path, frames], 0.0)
    sung = (confidence >= PITCHED) & (hz >= LOWEST_HZ) & (hz <= HIGHEST_HZ)
    return PitchTrack(
        hop_s=hop_s,
        hz=np.where(sung, hz, 0.0).astype(np.float32),
        confidence=confidence.astype(np.float32),
    )


def _best_path(activation: FloatArray) -> NDArray[np.intp]:
    """The bins of the path with the most evidence, by Viterbi's algorithm. Shape: (T,)."""
    bins, count = activation.shape
    reached = np.zeros((count, bins))
    for first in range(0, count, _PIECE):
        reached[first : first + _PIECE] = np.log(
            activation[:, first : first + _PIECE].T.astype(np.float64) + 1e-4
        )
    near = _Near(bins)
    for frame in range(1, count):
        before = reached[frame - 1]
        reached[frame] += np.maximum(near(before), before.max() - _JUMP_COST)
    path = np.zeros(count, dtype=np.intp)
    if count:
        path[-1] = reached[-1].argmax()
    for frame in range(count - 1, 0, -1):
        path[frame - 1] = _came_from(reached[frame - 1], int(path[frame]))
    return path


class _Near:
    """The best of the bins within reach, less what the steps from there cost.

    Both directions at once, and in doubling strides: 1, 2, 4 and 3 make the reach of 10.
    """

    def __init__(self, bins: int) -> None:
        self._both = np.full((2, bins + _REACH), -np.inf)

    def __call__(self, score: NDArray[np.float64]) -> NDArray[np.float64]:
        self._both[0, _REACH:] = score
        self._both[1, _REACH:] = score[::-1]
        best = self._both
        for stride in _STRIDES:
            best = np.maximum(best[:, stride:], best[:, :-stride] - stride * _STEP_COST)
        nearest: NDArray[np.float64] = np.maximum(best[0], best[1, ::-1])
        return nearest


def _came_from(score: NDArray[np.float64], bin_: int) -> int:
    first = max(bin_ - _REACH, 0)
    near = score[first : bin_ + _REACH + 1]
    near = near - _STEP_COST * np.abs(np.arange(first - bin_, first - bin_ + len(near)))
    best, top = int(near.argmax()), int(score.argmax())
    return top if near[best] < score[top] - _JUMP_COST else first + best


def midi(hz: FloatArray) -> FloatArray:
    """MIDI note numbers (69 = 440 Hz), NaN where `hz` is 0."""
    with np.errstate(divide="ignore"):
        numbers = 69 + 12 * np.log2(np.asarray(hz, dtype=np.float64) / 440)
    return np.where(np.isfinite(numbers), numbers, np.nan).astype(np.float32)
