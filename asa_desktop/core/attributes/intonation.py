"""Intonation: how far the notes lie from where they belong, in cents."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from asa_desktop.core.attributes.beside import Beside, NoteBeside
from asa_desktop.core.attributes.reading import Measured, Reading, falling, measured
from asa_desktop.core.types import AttributePlace

HIGH, LOW, WRONG_NOTE, MISSED_NOTE = "high", "low", "wrong_note", "missed_note"

WRONG_CENTS = 200.0
"""A note so far off, or farther, is as wrong as can be."""
MISSED_CENTS = 100.0
"""What a note costs that was not sung: between one sung in tune and one sung wrong."""

# Chosen out of 18 pairs on the first ten melodies of MAST (F0 of examinations, graded by experts),
# in which Spearman's correlation moves from .81 to .83 for all that charge a missed note.
_TO_SCORE = falling((10.0, 100.0), (150.0, 0.0))
_OFF_CENTS = 40.0
_ANOTHER_NOTE = 80.0
_SHORTEST_S, _LONGEST_S = 0.1, 1.0


def intonation(beside: Beside) -> Measured:
    """The mean distance of the notes from their pitch: 200 cents at most, and 100 if not sung.

    A note weighs by its length from 0.1 to 1 s. 100 points stand for 10 cents and less, which is
    what the trackers themselves are unsure of; 0 for 150 cents and more. `detail` has the shares of
    notes (by number) that are more than 50 and 100 cents off or were not sung, and the mean
    deviation of the intervals between neighbours (300 cents at most).
    """
    readings = [_reading(each, beside.removed_cents) for each in beside.notes]
    off = [abs(each.cents) for each in beside.notes if each.cents is not None]
    detail: dict[str, float] = {}
    if off:
        detail = {
            "over_50": float(np.mean(np.array(off) > 50)),
            "over_100": float(np.mean(np.array(off) > 100)),
            "missed": 1 - len(off) / len(beside.notes),
            "interval": _intervals(beside.notes),
        }
    return measured(readings, unit="cents", to_score=_TO_SCORE, detail=detail)


def _reading(each: NoteBeside, removed_cents: float) -> Reading:
    note = each.note
    value = MISSED_CENTS if each.cents is None else min(abs(each.cents), WRONG_CENTS)
    place = None
    meant = note.midi + removed_cents / 100
    if each.cents is None:
        place = AttributePlace(note.start, note.end, MISSED_NOTE, each.voiced, meant)
    elif abs(each.cents) >= _OFF_CENTS:
        code = WRONG_NOTE if abs(each.cents) > _ANOTHER_NOTE else HIGH if each.cents > 0 else LOW
        place = AttributePlace(note.start, note.end, code, abs(each.cents), meant)
        if code == WRONG_NOTE:
            place = AttributePlace(note.start, note.end, code, each.cents, meant)
    weight = float(np.clip(note.end - note.start, _SHORTEST_S, _LONGEST_S))
    return Reading(note.start, note.end, value, weight, place)


def _intervals(notes: tuple[NoteBeside, ...]) -> float:
    """Mean deviation of the steps from note to note in cents, folded, 300 at most."""
    steps = [
        abs((after.cents - before.cents + 600) % 1200 - 600)
        for before, after in pairwise(notes)
        if before.cents is not None and after.cents is not None
    ]
    return float(np.mean(np.minimum(steps, 300.0))) if steps else 0.0
