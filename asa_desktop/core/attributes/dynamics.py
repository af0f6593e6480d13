"""Dynamics: how the loudness of the notes follows the original's, in dB."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.attributes.beside import Beside
from asa_desktop.core.attributes.reading import Measured, Reading, falling, measured, unmeasured
from asa_desktop.core.notes.fine import FineTrack
from asa_desktop.core.types import AttributePlace

JUMPING = "jumping_level"
NO_COMPARISON = "no_comparison"

Floats = NDArray[np.float64]

_MOST_DB = 12.0
_PLACE_DB = 5.0
_TO_SCORE = falling((1.0, 100.0), (7.0, 0.0))
_LOUD_SHARE = 0.5
_LOST = 0.5  # what is left of a note that was cut short has no level of its own
_SHORTEST_S, _LONGEST_S = 0.1, 1.0
_SURE = 0.6  # a singer may shade a song otherwise than the original does


def dynamics(beside: Beside) -> Measured:
    """The mean distance of the notes' levels from the original's, once the gain is taken off.

    A note's level is the mean power of the louder half of its frames in dB; the gain is the median
    difference over the notes. 12 dB at most. `detail` has the spread of the levels (standard
    deviation in dB) of the take and of the original: a flat take has less.
    """
    take, reference = beside.take, beside.reference
    if reference is None or take.level_db is None or reference.level_db is None:
        return unmeasured(NO_COMPARISON, unit="dB")
    notes = [each for each in beside.notes if each.cents is not None and each.lost < _LOST]
    ours = np.array([_level(take, each.start, each.end) for each in notes])
    theirs = np.array([_level(reference, each.note.start, each.note.end) for each in notes])
    gap = ours - theirs
    known = np.isfinite(gap)
    if not known.any():
        return unmeasured(NO_COMPARISON, unit="dB")
    gap = gap - np.median(gap[known])
    readings = []
    for each, away, there in zip(notes, gap, known, strict=True):
        if not there:
            continue
        note = each.note
        place = None
        if abs(away) >= _PLACE_DB:
            place = AttributePlace(note.start, note.end, JUMPING, float(away), note.midi)
        weight = float(np.clip(note.end - note.start, _SHORTEST_S, _LONGEST_S))
        readings.append(
            Reading(note.start, note.end, min(abs(float(away)), _MOST_DB), weight, place)
        )
    detail = {"spread": float(np.std(ours[known])), "reference": float(np.std(theirs[known]))}
    return measured(readings, unit="dB", to_score=_TO_SCORE, detail=detail, confidence=_SURE)


def _level(track: FineTrack, start: float, end: float) -> float:
    """Mean power of the louder half of a note's frames, in dB; NaN where there are none."""
    assert track.level_db is not None
    level = track.level_db[track.frames(start, end)]
    if not len(level):
        return float("nan")
    loud = np.sort(level.astype(np.float64))[int(len(level) * (1 - _LOUD_SHARE)) :]
    return float(10 * np.log10(np.mean(10 ** (loud / 10))))
