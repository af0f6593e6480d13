"""Steadiness: how straight held notes are held, and how directly they are reached, in cents."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.attributes.beside import Beside, NoteBeside, frames_of
from asa_desktop.core.attributes.frames import read_at
from asa_desktop.core.attributes.reading import Measured, Reading, falling, measured
from asa_desktop.core.notes.segment import cents_of
from asa_desktop.core.types import AttributePlace

UNSTEADY, SCOOP = "unsteady", "scoop"

Floats = NDArray[np.float64]

_TO_SCORE = falling((15.0, 100.0), (52.0, 0.0))
_SHORTEST_S = 0.2
_MOST_LOST = 0.1
_SWING_S = 0.2
_TREMBLING_S = 0.09
_GLIDE_S = 0.05
_BEGINNING_S = 0.15
_RELEASE_S = 0.08
_MOST = 150.0
_FARTHEST = 300.0
_FAR = 60.0
_PLACE_CENTS = 45.0
_SCOOP_CENTS = 60.0
_LONGEST_S = 1.5
_OF_BEGINNING, _OF_TREMBLING = 0.5, 3.0


@dataclass(frozen=True, slots=True)
class _Straying:
    """How a note strays from its own middle, in cents: in its `beginning` (where each frame counts
    60 at most; `scoop` is all of it), in the `course` it then takes, and how it is `trembling`."""

    beginning: float
    scoop: float
    course: float
    trembling: float

    @property
    def cents(self) -> float:
        parts = (
            _OF_BEGINNING * self.beginning,
            self.course,
            _OF_TREMBLING * self.trembling,
        )
        return min(float(np.linalg.norm(parts)), _MOST)

    @property
    def scooped(self) -> bool:
        return bool(_OF_BEGINNING * self.beginning > self.cents / np.sqrt(2))


def steadiness(beside: Beside) -> Measured:
    """How far notes (0.2 s and more) stray from the course that the original takes in them.

    What is looked at is the take's pitch less the original's, freed of its median, so that an
    ornament that both sing costs nothing; without an original it is the pitch alone. Three things
    make it stray, which are measured apart, since a vibrato that is not the original's must not
    count as any of them, and are then added as squares:

    - the beginning: mean distance over the first 0.15 s, a frame counting 60 cents at most (a
      scoop, a slide); half of it, since how a note is approached is partly the singer's own;
    - the course: median distance of what comes after, averaged over a turn of vibrato (0.2 s);
    - trembling: median distance from the parabola through 90 ms around, which follows a vibrato
      and not what moves more than 8 times a second. Three times as much is about what a movement
      of 8 to 20 Hz measures as root mean square, after what the tracker and the parabola take.

    The last 80 ms of a note are its release. A note that was cut short, of which a tenth and more
    is missing, is left out: what sounds in its place belongs to another. The value is the mean over
    the steadier seven tenths of the notes, in which single slides and a tracker's slips do not
    count. 15 cents and less are 100 points: as much is in the tracks of two renditions that are
    held well.
    """
    ours = cents_of(beside.take.pitch)
    theirs = None if beside.reference is None else cents_of(beside.reference.pitch)
    readings = []
    for each in beside.notes:
        note = each.note
        if note.end - note.start < _SHORTEST_S or each.cents is None or each.lost >= _MOST_LOST:
            continue
        found = _straying(beside, ours, theirs, each)
        if found is None:
            continue
        place = None
        meant = beside.meant(note)
        if found.scooped and found.scoop >= _SCOOP_CENTS:
            place = AttributePlace(note.start, note.end, SCOOP, found.scoop, meant)
        elif found.cents >= _PLACE_CENTS:
            place = AttributePlace(note.start, note.end, UNSTEADY, found.cents, meant)
        weight = min(note.end - note.start, _LONGEST_S)
        readings.append(Reading(note.start, note.end, found.cents, weight, place))
    return measured(readings, unit="cents", to_score=_TO_SCORE, centre="better")


def _straying(
    beside: Beside, ours: Floats, theirs: Floats | None, each: NoteBeside
) -> _Straying | None:
    hop_s = beside.take.pitch.hop_s
    gap = _gap(beside, ours, theirs, each)
    if gap is None:
        return None
    gap = gap[: max(len(gap) - round(_RELEASE_S / hop_s), len(gap) // 2)]
    first = min(max(1, round(_BEGINNING_S / hop_s)), len(gap) // 2)
    gap = gap - np.median(gap[first:])
    trembling = _off_parabolas(gap, max(3, round(_TREMBLING_S / hop_s) | 1))
    begun = np.abs(_averaged(gap, _GLIDE_S, hop_s)[:first])
    return _Straying(
        beginning=float(np.mean(np.minimum(begun, _FAR))),
        scoop=float(np.mean(begun)),
        course=float(np.median(np.abs(_averaged(gap, _SWING_S, hop_s)[first:]))),
        trembling=float(np.median(np.abs(trembling))) if len(trembling) else 0.0,
    )


def _gap(beside: Beside, ours: Floats, theirs: Floats | None, each: NoteBeside) -> Floats | None:
    """A note's pitch against the original's, about 0, without gaps; None where hardly voiced."""
    hop_s = beside.take.pitch.hop_s
    there, at = frames_of(each, hop_s)
    gap = read_at(ours, there / hop_s)
    if theirs is not None and beside.reference is not None:
        gap = gap - read_at(theirs, at / beside.reference.pitch.hop_s)
    known = np.isfinite(gap)
    if known.mean() < 0.6 or known.sum() * hop_s < _SHORTEST_S / 2:
        return None
    places = np.arange(len(gap))
    gap = np.interp(places, places[known], gap[known])
    return np.clip(gap - np.median(gap), -_FARTHEST, _FARTHEST)


def _averaged(gap: Floats, seconds: float, hop_s: float) -> Floats:
    """The running mean over so many seconds, the ends held. Shape: as `gap`."""
    width = max(1, min(round(seconds / hop_s), len(gap))) | 1
    ends = np.full(width // 2 + 1, gap[0]), np.full(width // 2, gap[-1])
    total = np.cumsum(np.concatenate([ends[0], gap, ends[1]]))
    return np.asarray((total[width:] - total[:-width]) / width)


def _off_parabolas(gap: Floats, width: int) -> Floats:
    """How far each frame lies from the parabola fitted to `width` frames around it.

    Savitzky and Golay (1964). Shape: (T - width + 1,); empty where there are fewer frames.
    """
    if len(gap) < width:
        return np.zeros(0)
    inside = gap[width // 2 : len(gap) - width // 2]
    return inside - np.convolve(gap, _middle_of_parabola(width), mode="valid")


@lru_cache
def _middle_of_parabola(width: int) -> Floats:
    """What of each of `width` frames is in the middle of the parabola through them."""
    return np.asarray(np.linalg.pinv(np.vander(np.arange(width) - width // 2, 3))[-1])
