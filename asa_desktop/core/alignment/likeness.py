"""How much two frames look like the same moment of a song, in log odds.

Positive where "the same moment" is likelier than "any two moments", negative where it is not.
The shapes are those of the log odds of two normal distributions, their numbers rounded from
WORLD renditions of pjs and vocadito in other voices and keys, some of them sung badly: the cosine
of MFCC is 0.5 +- 0.25 at the same moment and 0.0 +- 0.33 elsewhere, the pitch is within a semitone
in 45 to 100 % of the frames and elsewhere in 23 %. All are bounded, as successive frames repeat
each other and neither a wrong note nor a strange vowel may outweigh the rest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.alignment.features import Sequence
from asa_desktop.core.types import FloatArray

_TIMBRE = (4.0, 0.3, -1.5, 2.0)
"""Slope of the log odds over the cosine, where they are 0, and their bounds."""
_CHANGE = (2.0, 0.0, -1.0, 1.0)
"""The same of the slopes of MFCC. What moves is sharper in time."""
_PITCH = (70.0, -0.5, 1.4)
"""Width in cents, the least (any wrong note), the most (in tune)."""
_CONTOUR = (100.0, -0.4, 0.6)
_SUNG_ALONE = -0.8
_LEVEL = -3.0
_ONSET = 2.0
_OUTSIDE = -3.0
_BINS = 120
_ROWS = 512

IntArray = NDArray[np.intp]


def everywhere(reference: Sequence, take: Sequence, *, key_cents: float | None) -> FloatArray:
    """The log odds of all pairs of frames, by timbre and pitch. Shape: (R, T).

    Where neither is sung they are 0: silence may last as long as it likes. The contour of the
    pitch always counts, since it forgives a drift of the key; pitch itself counts where the key is
    known.
    """
    found = _sung_alone(reference.sung[:, None], take.sung)
    ours, theirs = np.flatnonzero(reference.sung), np.flatnonzero(take.sung)
    tables = [(_by_bin(take.contour[theirs], _CONTOUR), _bins(reference.contour[ours]))]
    if key_cents is not None:
        cents = take.cents[theirs] - np.float32(key_cents)
        tables.append((_by_bin(cents, _PITCH), _bins(reference.cents[ours])))
    for first in range(0, len(ours), _ROWS):
        rows = slice(first, first + _ROWS)
        block = np.sum([of_bin[bins[rows]] for of_bin, bins in tables], axis=0)
        if reference.timbre is not None and take.timbre is not None:
            block += _line(reference.timbre[ours[rows]] @ take.timbre[theirs].T, *_TIMBRE)
        found[ours[rows, None], theirs] = block
    return found


def attainable(reference: Sequence, take: Sequence) -> float:
    """What a path gains by `everywhere` at most: all that the shorter one has, in perfect likeness.

    Never 0, so that it may divide.
    """
    timbre = _TIMBRE[-1] if reference.timbre is not None and take.timbre is not None else 0.0

    def most(one: Sequence) -> float:
        pitched = _PITCH[-1] * np.isfinite(one.cents) + _CONTOUR[-1] * np.isfinite(one.contour)
        return float(np.sum((pitched + timbre)[one.sung]))

    return max(min(most(reference), most(take)), 1e-6)


def alongside(
    reference: Sequence, take: Sequence, frames: IntArray, places: IntArray, *, key_cents: float
) -> FloatArray:
    """The log odds of the reference's `frames` (n,) and `places` (n, k) in the take. Shape: (n, k).

    The take may be on finer frames. Level and onsets count here too, since they tell where a note
    begins; places beyond the take's ends are unlikely.
    """
    inside = (places >= 0) & (places < len(take))
    at = np.clip(places, 0, len(take) - 1)
    gap = take.cents[at] - (reference.cents[frames, None] + np.float32(key_cents))
    found = _bell(np.mod(gap + 600, 1200) - 600, *_PITCH)
    if reference.timbre is not None and take.timbre is not None:
        found += _line(_dots(reference.timbre[frames], take.timbre[at]), *_TIMBRE)
    if reference.change is not None and take.change is not None:
        found += _line(_dots(reference.change[frames], take.change[at]), *_CHANGE)
    ours, theirs = reference.sung[frames, None], take.sung[at]
    found = np.where(ours & theirs, found, _sung_alone(ours, theirs))
    if reference.level is not None and take.level is not None:
        found += _LEVEL * np.abs(reference.level[frames, None] - take.level[at])
    elif reference.onsets is not None and take.onsets is not None:
        found += _ONSET * reference.onsets[frames, None] * take.onsets[at]
    return np.where(inside, found, np.float32(_OUTSIDE))


def _dots(one: FloatArray, others: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("nd,nkd->nk", one, others), dtype=np.float32)


def _line(cosine: FloatArray, slope: float, zero: float, least: float, most: float) -> FloatArray:
    return np.asarray(np.clip(slope * (cosine - zero), least, most), dtype=np.float32)


def _bell(gap: FloatArray, width: float, least: float, most: float) -> FloatArray:
    """Log odds of a distance in cents; 0 where one of the two has no pitch."""
    near = np.exp(np.square(gap) * np.float32(-0.5 / width**2))
    found = near * np.float32(most - least) + np.float32(least)
    return np.where(np.isnan(found), np.float32(0), found)


def _by_bin(cents: FloatArray, bell: tuple[float, float, float]) -> FloatArray:
    """Log odds of these cents against each tenth of a semitone of the octave, and against none.

    Shape: (121, T). The octave is folded, for contours as well: theirs hardly reach half of it.
    """
    gap = cents - 10 * np.arange(_BINS, dtype=np.float32)[:, None]
    found = _bell(np.mod(gap + 600, 1200) - 600, *bell)
    return np.concatenate([found, np.zeros((1, len(cents)), dtype=np.float32)])


def _bins(cents: FloatArray) -> IntArray:
    known = np.isfinite(cents)
    bins = np.round(np.where(known, cents, 0) / 10).astype(np.intp) % _BINS
    return np.where(known, bins, _BINS)


def _sung_alone(reference: NDArray[np.bool_], take: NDArray[np.bool_]) -> FloatArray:
    return np.where(reference ^ take, np.float32(_SUNG_ALONE), np.float32(0))
