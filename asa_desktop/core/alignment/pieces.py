"""What lies between the matched pieces of a path, and what each of two recordings has alone."""

from __future__ import annotations

from collections.abc import Sequence as Many
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.alignment.features import spread

LEAST_ALONE_S = 1.0
"""What one singer has alone for less than this is a note held or cut short, not a phrase."""

_EVEN = 2.0
_LEAST_SUNG = 3
_NEAR_FRAMES = 5
_RISE = 1e-3

BoolArray = NDArray[np.bool_]
Cells = NDArray[np.intp]
Curve = NDArray[np.float64]
Spans = tuple[tuple[float, float], ...]


def with_badly_sung(
    pieces: Many[Cells], reference_sung: BoolArray, take_sung: BoolArray
) -> list[Cells]:
    """The pieces (n, 2) with those added that both recordings have at the same place.

    What was sung so badly that the path left it out in both is not missing: it is to be judged.
    So where both have voice between two pieces, one at most twice as long as the other, the two
    are laid on each other along a straight line; and so are the whole recordings where there is no
    piece at all.
    """
    if not pieces:
        begin, end = np.array([-1, -1]), np.array([len(reference_sung), len(take_sung)])
        return _line_between(begin, end, reference_sung, take_sung)
    found = list(pieces[:1])
    for one, other in pairwise(pieces):
        found += _line_between(one[-1], other[0], reference_sung, take_sung)
        found.append(other)
    return found


def _line_between(
    before: Cells, after: Cells, reference_sung: BoolArray, take_sung: BoolArray
) -> list[Cells]:
    """A straight line over what both have sung between two pairs, if both have about as much."""
    ours = np.flatnonzero(reference_sung[before[0] + 1 : after[0]]) + before[0] + 1
    theirs = np.flatnonzero(take_sung[before[1] + 1 : after[1]]) + before[1] + 1
    if min(len(ours), len(theirs)) < _LEAST_SUNG:
        return []
    run, rise = np.ptp(ours) + 1, np.ptp(theirs) + 1
    if max(rise / run, run / rise) > _EVEN:
        return []
    frames = np.arange(ours[0], ours[-1] + 1)
    line = np.linspace(theirs[0], theirs[-1], len(frames))
    return [np.stack([frames, np.round(line).astype(np.intp)], axis=1)]


def rising(reference: Curve, take: Curve) -> tuple[Curve, Curve]:
    """The knots at which both rise by a millisecond or more; the others are left out."""
    kept = [0]
    for at in range(1, len(reference)):
        last = kept[-1]
        if reference[at] >= reference[last] + _RISE and take[at] >= take[last] + _RISE:
            kept.append(at)
    return reference[kept], take[kept]


def alone(
    sung: BoolArray, place: Curve, matched: BoolArray, other_sung: BoolArray, *, hop_s: float
) -> Spans:
    """The stretches, in seconds, that a recording has and the other does not.

    Parameters
    ----------
    sung, place, matched
        Per frame: whether it is sung, where it lies in the other (in frames), and whether it is
        in a matched piece. Shapes: (n,).
    other_sung
        Whether the other is sung; within 0.16 s is enough. Shape: (m,).
    """
    near = spread(other_sung, _NEAR_FRAMES)
    at = np.round(place).astype(np.intp)
    inside = matched & (at >= 0) & (at < len(other_sung))
    answered = inside & near[np.clip(at, 0, len(other_sung) - 1)]
    frames = np.flatnonzero(sung)
    edges = np.flatnonzero(np.diff(answered[frames].astype(np.int8))) + 1
    return tuple(
        (float(run[0] * hop_s), float((run[-1] + 1) * hop_s))
        for run in np.split(frames, edges)
        if len(run) and not answered[run[0]] and len(run) * hop_s >= LEAST_ALONE_S
    )
