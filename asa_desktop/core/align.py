"""How a take lies to its reference: here the key; both are taken to start together."""

from __future__ import annotations

import numpy as np

from asa_desktop.core.types import FloatArray, PitchTrack

_STEP = 10.0
_SMOOTH = 2.5
_LEAST_FRAMES = 15


def key_cents(take: PitchTrack, reference: PitchTrack) -> float | None:
    """Cents by which the take lies above the reference, or None where too little is shared.

    The mode of the pitch difference, found within the octave (a tracker's octave errors and
    wrong notes do not move it), plus the octaves of the median. One value a take: taken per
    phrase it would forgive what is to be judged.
    """
    return key_of(_cents(take.hz), _cents(reference.hz))


def key_of(take: FloatArray, reference: FloatArray) -> float | None:
    """As `key_cents`, of two F0 curves in cents with NaN where there is no pitch."""
    count = min(len(take), len(reference))
    gap = take[:count] - reference[:count]
    gap = gap[np.isfinite(gap)]
    if len(gap) < _LEAST_FRAMES:
        return None
    bins = round(1200 / _STEP)
    places = np.round(np.mod(gap, 1200) / _STEP).astype(int) % bins
    counts = np.bincount(places, minlength=bins).astype(np.float64)
    around = np.arange(-8, 9)
    kernel = np.exp(-0.5 * (around / _SMOOTH) ** 2)
    smooth = sum(
        weight * np.roll(counts, int(shift)) for shift, weight in zip(around, kernel, strict=True)
    )
    rough = float(np.argmax(smooth)) * _STEP
    near = np.mod(gap - rough + 600, 1200) - 600
    near = near[np.abs(near) <= 50]
    within = rough + (float(np.median(near)) if len(near) else 0.0)
    octaves = np.round((np.median(gap) - within) / 1200)
    return float(within + 1200 * octaves)


def agreement(take: PitchTrack, reference: PitchTrack, *, cents: float) -> float:
    """Share of the frames pitched in both that lie within a semitone, octaves folded.

    `cents` is the key of the take, taken off first. Two unrelated voices agree in about a third
    of their frames, because the key is where they agree most.
    """
    count = min(len(take.hz), len(reference.hz))
    gap = _cents(take.hz[:count]) - _cents(reference.hz[:count]) - cents
    gap = gap[np.isfinite(gap)]
    if not len(gap):
        return 0.0
    return float(np.mean(np.abs(np.mod(gap + 600, 1200) - 600) <= 100))


def _cents(hz: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        cents = 1200 * np.log2(np.asarray(hz, dtype=np.float64) / 10)
    return np.where(np.isfinite(cents), cents, np.nan).astype(np.float32)
