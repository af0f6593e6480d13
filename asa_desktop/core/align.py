"""How a take lies to its reference: here the key; both are taken to start together."""

from __future__ import annotations

import numpy as np

from asa_desktop.core.types import FloatArray, PitchTrack

_STEP = 10.0
_SMOOTH = 2.5
_LEAST_FRAMES = 15
_NEAR_CENTS = 150.0
_LEAST_SHARED = 60


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


def tune(take: PitchTrack, reference: PitchTrack) -> float | None:
    """How far a take follows its reference's tune, 0 to 1.5, or None where too little is shared.

    The share of the frames pitched in both that lie within 150 cents once the key is off, octaves
    folded, and half of the correlation of the two curves where that is positive. The share alone
    is a third by chance, because the key is where two curves agree most; who misses every note by
    two semitones still rises and falls with the tune. Two unrelated voices get 0.4.
    """
    count = min(len(take.hz), len(reference.hz))
    ours, theirs = _cents(take.hz[:count]), _cents(reference.hz[:count])
    both = np.isfinite(ours) & np.isfinite(theirs)
    key = key_of(ours, theirs)
    if key is None or np.count_nonzero(both) < _LEAST_SHARED:
        return None
    gap = np.mod(ours - theirs - key + 600, 1200)[both] - 600
    near = float(np.mean(np.abs(gap) <= _NEAR_CENTS))
    ours, theirs = ours[both].astype(np.float64), theirs[both].astype(np.float64)
    ours, theirs = ours - ours.mean(), theirs - theirs.mean()
    size = float(np.sqrt(np.vdot(ours, ours) * np.vdot(theirs, theirs)))
    return near + 0.5 * max(float(np.vdot(ours, theirs)) / max(size, 1.0), 0.0)


def _cents(hz: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        cents = 1200 * np.log2(np.asarray(hz, dtype=np.float64) / 10)
    return np.where(np.isfinite(cents), cents, np.nan).astype(np.float32)
