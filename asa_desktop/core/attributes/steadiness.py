"""Steadiness: how straight held notes are held, and how directly they are reached, in cents."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.attributes.beside import Beside, NoteBeside, read_at
from asa_desktop.core.attributes.reading import Measured, Reading, falling, measured
from asa_desktop.core.notes.segment import cents_of
from asa_desktop.core.types import AttributePlace

UNSTEADY, SCOOP = "unsteady", "scoop"

Floats = NDArray[np.float64]

_TO_SCORE = falling((8.0, 100.0), (40.0, 0.0))
_SHORTEST_S = 0.25
_SWING_S = 0.2
_BEGINNING_S = 0.18
_MOST = 150.0
_FARTHEST = 300.0
_PLACE_CENTS = 25.0
_LONGEST_S = 1.5


def steadiness(beside: Beside) -> Measured:
    """How far held notes (0.25 s and more) stray from the course that the original takes in them.

    A note's straying is the mean distance of its pitch, less its own median and less the
    original's course, averaged over a turn of vibrato (0.2 s): a slow wobble, a scoop at its
    beginning, a sagging end; an ornament that the original has costs nothing. Without an original
    the course is a level one. The value is the median over the notes, in which a single slide does
    not count.
    """
    ours = cents_of(beside.take.pitch)
    theirs = None if beside.reference is None else cents_of(beside.reference.pitch)
    readings = []
    for each in beside.notes:
        note = each.note
        if note.end - note.start < _SHORTEST_S or each.cents is None:
            continue
        course = _course(beside, ours, theirs, each)
        if course is None:
            continue
        strays = np.abs(course)
        value = min(float(np.mean(strays)), _MOST)
        place = None
        if value >= _PLACE_CENTS:
            first = max(1, round(_BEGINNING_S / beside.take.pitch.hop_s))
            begun = float(np.mean(strays[:first])) if first < len(strays) else 0.0
            code = SCOOP if begun > 2 * value else UNSTEADY
            meant = note.midi + beside.removed_cents / 100
            place = AttributePlace(note.start, note.end, code, max(value, begun), meant)
        weight = min(note.end - note.start, _LONGEST_S)
        readings.append(Reading(note.start, note.end, value, weight, place))
    return measured(readings, unit="cents", to_score=_TO_SCORE, centre="median")


def _course(beside: Beside, ours: Floats, theirs: Floats | None, each: NoteBeside) -> Floats | None:
    """A note's smoothed course against the original's, about 0; None where it is hardly voiced."""
    hop_s = beside.take.pitch.hop_s
    there = np.linspace(each.start, each.end, max(2, round((each.end - each.start) / hop_s)))
    gap = read_at(ours, there / hop_s)
    if theirs is not None and beside.reference is not None:
        at = np.linspace(each.note.start, each.note.end, len(there))
        gap = gap - read_at(theirs, at / beside.reference.pitch.hop_s)
    known = np.isfinite(gap)
    if known.mean() < 0.6 or known.sum() * hop_s < _SHORTEST_S / 2:
        return None
    places = np.arange(len(gap))
    gap = np.interp(places, places[known], gap[known])
    gap = np.clip(gap - np.median(gap), -_FARTHEST, _FARTHEST)
    width = max(1, min(round(_SWING_S / hop_s), len(gap) // 2))
    return np.convolve(gap, np.ones(width) / width, mode="valid")
