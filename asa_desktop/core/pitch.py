"""From CREPE's activation to one F0 a frame."""

from __future__ import annotations

import numpy as np

from asa_desktop.core.types import FloatArray, PitchTrack

FIRST_CENTS = 1997.3794084376191
"""Cents of bin 0 above 10 Hz, from torchcrepe."""
PITCHED = 0.5
"""Confidence from which a frame counts as pitched."""
LOWEST_HZ = 60.0
HIGHEST_HZ = 1600.0
"""What is sung lies between these; mains hum and whistles do not."""

_REACH = 10
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


def _best_path(activation: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    bins, count = activation.shape
    evidence = np.log(activation.astype(np.float64) + 1e-4)
    steps = np.arange(-_REACH, _REACH + 1)
    costs = _STEP_COST * np.abs(steps)[:, None]
    score = evidence[:, 0] if count else np.zeros(bins)
    came_from = np.zeros((count, bins), dtype=np.intp)
    everywhere = np.arange(bins)
    padded = np.full(bins + 2 * _REACH, -np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, bins)
    for frame in range(1, count):
        padded[_REACH : _REACH + bins] = score
        near = windows - costs
        best = near.argmax(axis=0)
        value = near[best, everywhere]
        origin = everywhere + steps[best]
        top = int(score.argmax())
        leap = score[top] - _JUMP_COST
        origin = np.where(value < leap, top, origin)
        score = np.maximum(value, leap) + evidence[:, frame]
        came_from[frame] = origin
    path = np.zeros(count, dtype=np.intp)
    if count:
        path[-1] = score.argmax()
    for frame in range(count - 1, 0, -1):
        path[frame - 1] = came_from[frame, path[frame]]
    return path


def midi(hz: FloatArray) -> FloatArray:
    """MIDI note numbers (69 = 440 Hz), NaN where `hz` is 0."""
    with np.errstate(divide="ignore"):
        numbers = 69 + 12 * np.log2(np.asarray(hz, dtype=np.float64) / 440)
    return np.where(np.isfinite(numbers), numbers, np.nan).astype(np.float32)
