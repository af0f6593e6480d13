"""Dynamics: how the loudness of the notes follows the original's, in dB."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.attributes.beside import Beside, NoteBeside, frames_of
from asa_desktop.core.attributes.frames import read_at, sounds, sounds_beside
from asa_desktop.core.attributes.reading import Measured, Reading, falling, measured, unmeasured
from asa_desktop.core.notes.fine import FineTrack
from asa_desktop.core.types import AttributePlace

JUMPING = "jumping_level"
NO_COMPARISON = "no_comparison"

Floats = NDArray[np.float64]

_MOST_DB = 12.0
_PLACE_DB = 5.0
_TO_SCORE = falling((2.0, 100.0), (6.0, 0.0))
_LEAST_SUNG = 0.5
_LEAST_FRAMES = 5
_SHORTEST_S, _LONGEST_S = 0.1, 1.0
_SURE = 0.6  # a singer may shade a song otherwise than the original does


def dynamics(beside: Beside) -> Measured:
    """The mean distance of the notes' levels from the original's, once the gain is taken off.

    A note is read frame by frame where both sing it, and is the mean of the differences there: a
    note that was cut short, or that a room prolongs, is not softer for that. One that is not sung
    for half of its length has no level. The gain is the median over the notes. A note counts 12 dB
    at most and weighs by what was sung of it, from 0.1 to 1 s. 2 dB and less are 100 points: so
    much a singer's phrasing, another vowel and the microphone move of themselves. `detail` has the
    spread of the levels (standard deviation in dB) of the take and of the original: a flat take
    has less.
    """
    take, reference = beside.take, beside.reference
    if reference is None or beside.gain_db is None:
        return unmeasured(NO_COMPARISON, unit="dB")
    notes = [each for each in beside.notes if each.cents is not None and each.lost < _LEAST_SUNG]
    read = [_levels(take, reference, each, gain_db=beside.gain_db) for each in notes]
    known = [
        (each, ours, theirs)
        for each, (ours, theirs) in zip(notes, read, strict=True)
        if len(ours) >= _LEAST_FRAMES
    ]
    if not known:
        return unmeasured(NO_COMPARISON, unit="dB")
    gaps = np.array([float(np.mean(ours - theirs)) for _, ours, theirs in known])
    gaps -= np.median(gaps)
    readings = []
    for (each, ours, _), away in zip(known, gaps, strict=True):
        note = each.note
        place = None
        if abs(away) >= _PLACE_DB:
            place = AttributePlace(note.start, note.end, JUMPING, float(away), beside.meant(note))
        weight = float(np.clip(len(ours) * take.pitch.hop_s, _SHORTEST_S, _LONGEST_S))
        readings.append(
            Reading(note.start, note.end, min(abs(float(away)), _MOST_DB), weight, place)
        )
    detail = {
        "spread": float(np.std([np.mean(ours) for _, ours, _ in known])),
        "reference": float(np.std([np.mean(theirs) for _, _, theirs in known])),
    }
    return measured(readings, unit="dB", to_score=_TO_SCORE, detail=detail, confidence=_SURE)


def _levels(
    take: FineTrack, reference: FineTrack, each: NoteBeside, *, gain_db: float
) -> tuple[Floats, Floats]:
    """Levels of the frames of a note that both sing, in dB: the take's and the reference's.

    Empty where they are less than half of the note.
    """
    assert take.level_db is not None
    assert reference.level_db is not None
    there, at = frames_of(each, take.pitch.hop_s)
    sung = sounds(reference, at)
    sung &= sounds_beside(take, reference, there, at, gain_db=gain_db)
    ours = read_at(take.level_db, there / take.pitch.hop_s)[sung]
    theirs = read_at(reference.level_db, at / reference.pitch.hop_s)[sung]
    if sung.mean() < _LEAST_SUNG:
        ours, theirs = ours[:0], theirs[:0]
    return ours, theirs
