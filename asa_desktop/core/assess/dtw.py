"""How far a take lies from its reference after dynamic time warping: pitch, volume, rhythm.

After Tsai and Lee, "Automatic evaluation of karaoke singing based on pitch, volume, and rhythm
features", IEEE TASLP 20(4), 2012. Both are read as one sequence of numbers, the path through them
follows

    D(t, l) = min{ D(t-2, l-1) + 2 d(t, l),  D(t-1, l-1) + d(t, l),  D(t-1, l-2) + d(t, l) }

so that neither side is stretched more than twice, and D(T, L) / T is the distance: the weights
along any path sum to T, and t runs over the reference, so it is the mean over the reference's
points. The beginnings and the ends belong together.

Long takes: a sequence keeps at most 3000 points, by reading both sides on coarser steps. Where one
side has more than twice the other's points, no path exists; it is then thinned evenly to the most
that one can reach.

Chosen on the ten first melodies of MAST (F0 of sung examinations, graded by three experts), where
25 variants were tried: the capped and folded cost, the pitched frames alone and the nearest of
several references.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.pitch import midi
from asa_desktop.core.types import FloatArray, PitchTrack

Points = NDArray[np.float64]
Cost = Callable[[Points], Points]
"""What differences cost, element by element."""

WRONG_NOTE = 2.0
"""Semitones from which a pitch is as wrong as can be."""
QUIETEST_DB = 40.0
"""How far under the loud parts levels are told apart."""

_STEP_S = 0.02
_FILTER_S = 0.1
_MOST = 3000
_LEAST_S = 0.5
_LOUD = 95
_STARTS = 0.3

_COARSE = 3
_KEYS = np.arange(-6.0, 6.0, 0.5)
_TUNINGS = np.array([-0.4, -0.2, 0.0, 0.2, 0.4])


@dataclass(frozen=True, slots=True)
class PitchMatch:
    """The distance in semitones and the key (semitones above the reference, -6 up to 6) it has."""

    distance: float
    key: float


def pitch_distance(take: PitchTrack, references: Sequence[PitchTrack]) -> float | None:
    """Mean distance of the pitches in semitones from the nearest of some references, or None.

    Where a song was rendered several times, the take is as good as its best likeness.
    None where the take or every reference has less than half a second of pitch.
    """
    found = [pitch_match(take, reference) for reference in references]
    return min((each.distance for each in found if each), default=None)


def pitch_match(take: PitchTrack, reference: PitchTrack) -> PitchMatch | None:
    """Warp a take's pitch to one reference, in the key in which that goes best.

    Only pitched frames are read, on steps of 20 ms or one frame, through a median filter of 0.1 s.
    A difference is folded to the octave frame by frame, so that octaves (a singer's or a tracker's)
    cost nothing, and capped at 2 semitones. The key is the global shift of least distance: first
    in steps of half a semitone around the octave, on every third point, then within 0.4 semitones
    in steps of 0.2.
    """
    sides = _pitched(take, reference)
    if sides is None:
        return None
    sung, target = sides
    rough = warped(target[::_COARSE], sung[None, ::_COARSE] - _KEYS[:, None], _folded_cost)
    keys = _KEYS[int(np.argmin(rough))] + _TUNINGS
    found = warped(target, sung[None, :] - keys[:, None], _folded_cost)
    best = int(np.argmin(found))
    key = float(np.mod(keys[best] + 6, 12) - 6)
    return PitchMatch(distance=float(found[best]), key=key)


def volume_distance(take_db: FloatArray, reference_db: FloatArray, *, hop_s: float) -> float | None:
    """Mean distance of the levels in dB after warping, or None where one side is silent or short.

    Each side's own loud level (the 95th percentile) is 0 dB and all under -40 dB counts as -40, so
    that neither the gain nor the noise floor matters; what is at the floor before and after the
    song is cut off.
    """
    sides = [_loudness(curve) for curve in (reference_db, take_db)]
    return _distance(*(_trimmed(side, side > -QUIETEST_DB) for side in sides), hop_s=hop_s)


def rhythm_distance(take: FloatArray, reference: FloatArray, *, hop_s: float) -> float | None:
    """Mean distance of the onset strengths (0 to 1) after warping, or None where there are none.

    Each side is the strength over its median, in units of its own strong onsets (the 95th
    percentile) and capped at 1; what comes before the first and after the last onset (0.3 and more)
    is cut off.
    """
    sides = [_strength(curve) for curve in (reference, take)]
    return _distance(*(_trimmed(side, side >= _STARTS) for side in sides), hop_s=hop_s)


def warped(reference: Points, takes: Points, cost: Cost) -> Points:
    """D(T, L) / T of each take, as the module says.

    Parameters
    ----------
    reference
        Shape: (T,).
    takes
        Several of one length. Shape: (K, L).
    cost
        Applied to the differences take - reference.

    Returns
    -------
    Shape: (K,); infinite where T or L is 0.
    """
    if not len(reference) or not takes.shape[1]:
        return np.full(len(takes), np.inf)
    reference = _thinned(reference, most=2 * takes.shape[1] - 1)
    takes = _thinned(takes, most=2 * len(reference) - 1)
    rows, columns = len(reference), takes.shape[1]
    before = np.full((len(takes), columns + 2), np.inf)
    last = before.copy()
    last[:, 2] = cost(takes[:, 0] - reference[0])
    for t in range(1, rows):
        left = rows - 1 - t
        low = max((t + 1) // 2, columns - 1 - 2 * left)
        high = min(2 * t, columns - 1 - (left + 1) // 2) + 1
        here = cost(takes[:, low:high] - reference[t])
        row = np.full_like(last, np.inf)
        one = np.minimum(last[:, low + 1 : high + 1], last[:, low:high]) + here
        row[:, low + 2 : high + 2] = np.minimum(one, before[:, low + 1 : high + 1] + 2 * here)
        before, last = last, row
    return last[:, -1] / rows


def _thinned(points: Points, *, most: int) -> Points:
    """At most so many of the points along the last axis, evenly chosen, the outer ones kept."""
    count = points.shape[-1]
    if count <= most:
        return points
    return points[..., np.round(np.linspace(0, count - 1, most)).astype(np.intp)]


def _folded_cost(gap: Points) -> Points:
    folded: Points = np.abs(np.mod(gap + 6, 12) - 6)
    return np.minimum(folded, WRONG_NOTE)


def _pitched(take: PitchTrack, reference: PitchTrack) -> tuple[Points, Points] | None:
    """The pitched parts of both in MIDI numbers on steps that suit both."""
    lengths = [float(np.sum(track.hz > 0)) * track.hop_s for track in (take, reference)]
    if min(lengths) < _LEAST_S:
        return None
    least_s = max(lengths) / _MOST
    sung, target = (_pitch_points(track, least_s) for track in (take, reference))
    return (sung, target) if len(sung) and len(target) else None


def _pitch_points(track: PitchTrack, least_s: float) -> Points:
    """Median pitch of each step of which more than half is pitched, median filtered.

    A step is the whole number of frames nearest to 20 ms, and no shorter than `least_s`.
    """
    group = max(1, round(_STEP_S / track.hop_s), math.ceil(least_s / track.hop_s - 1e-9))
    count = len(track.hz) // group
    steps = midi(track.hz[: count * group]).astype(np.float64).reshape(count, group)
    steps = steps[2 * np.isfinite(steps).sum(axis=1) > group]
    if not len(steps):
        return np.zeros(0)
    return _median_filtered(np.nanmedian(steps, axis=1), _FILTER_S / (group * track.hop_s))


def _median_filtered(points: Points, width: float) -> Points:
    """Running median over the odd number of points nearest to `width`; the ends are held."""
    half = max(0, round((width - 1) / 2))
    padded = np.pad(points, half, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    return np.asarray(np.median(windows, axis=-1), dtype=np.float64)


def _loudness(level_db: FloatArray) -> Points:
    level = np.asarray(level_db, dtype=np.float64)
    if not len(level):
        return level
    return np.clip(level - np.percentile(level, _LOUD), -QUIETEST_DB, 0.0)


def _strength(onsets: FloatArray) -> Points:
    curve = np.asarray(onsets, dtype=np.float64)
    if not len(curve):
        return curve
    over = np.maximum(curve - np.median(curve), 0.0)
    strong = float(np.percentile(over, _LOUD))
    strong = strong if strong > 0 else float(over.max())
    return np.minimum(over / strong, 1.0) if strong > 0 else over


def _trimmed(points: Points, kept: NDArray[np.bool_]) -> Points:
    inside = np.flatnonzero(kept)
    return points[inside[0] : inside[-1] + 1] if len(inside) else points[:0]


def _distance(reference: Points, take: Points, *, hop_s: float) -> float | None:
    if min(len(reference), len(take)) * hop_s < _LEAST_S:
        return None
    group = max(1, -(-max(len(reference), len(take)) // _MOST))
    target, sung = (_grouped(points, group) for points in (reference, take))
    return float(warped(target, sung[None, :], np.abs)[0])


def _grouped(points: Points, group: int) -> Points:
    """Means of `group` points each; what is left at the end makes a smaller group."""
    edges = np.arange(0, len(points), group)
    return np.add.reduceat(points, edges) / np.diff(np.append(edges, len(points)))
