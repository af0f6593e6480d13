"""Intonation: how far the notes lie from where they belong, in cents."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from asa_desktop.core.attributes.beside import Beside, NoteBeside
from asa_desktop.core.attributes.reading import Measured, Reading, falling, measured
from asa_desktop.core.types import AttributePlace

HIGH, LOW, WRONG_NOTE = "high", "low", "wrong_note"

WRONG_CENTS = 200.0
"""A note so far off, or farther, is as wrong as can be."""

_TO_SCORE = falling((15.0, 100.0), (45.0, 85.0), (90.0, 50.0), (150.0, 10.0), (200.0, 0.0))
_OFF_CENTS = 40.0
_ANOTHER_NOTE = 80.0
_SHORTEST_S, _LONGEST_S = 0.1, 1.0


def intonation(beside: Beside) -> Measured:
    """The mean distance of the notes from their pitch, 200 cents at most.

    A note weighs by its length from 0.1 to 1 s; what was left out is a matter of `rhythm`. 15
    cents and less are 100 points, which is what a tracker is unsure of in a note that glides a
    little; 45 cents, less than half of a semitone, 85; 90 cents, nearly another note, 50; 200
    cents 0. `detail` has the shares of notes (by number) that are more than 50 and 100 cents off or
    were not sung, the mean deviation of the steps between neighbours (300 cents at most), and
    `whole`, by how many cents all of the take is off where its key counts, octaves apart.
    """
    sung = [each for each in beside.notes if each.cents is not None]
    readings = [_reading(each, each.cents or 0.0, beside.meant(each.note)) for each in sung]
    off = [abs(each.cents or 0.0) for each in sung]
    detail: dict[str, float] = {}
    if off:
        detail = {
            "over_50": float(np.mean(np.array(off) > 50)),
            "over_100": float(np.mean(np.array(off) > 100)),
            "missed": 1 - len(off) / len(beside.notes),
            "interval": _intervals(beside.notes),
            "whole": (beside.key_cents or 0.0) - beside.removed_cents,
        }
    return measured(readings, unit="cents", to_score=_TO_SCORE, detail=detail)


def _reading(each: NoteBeside, cents: float, meant: float) -> Reading:
    note = each.note
    place = None
    if abs(cents) >= _OFF_CENTS:
        code = WRONG_NOTE if abs(cents) > _ANOTHER_NOTE else HIGH if cents > 0 else LOW
        size = cents if code == WRONG_NOTE else abs(cents)
        place = AttributePlace(note.start, note.end, code, size, meant)
    weight = float(np.clip(note.end - note.start, _SHORTEST_S, _LONGEST_S))
    return Reading(note.start, note.end, min(abs(cents), WRONG_CENTS), weight, place)


def _intervals(notes: tuple[NoteBeside, ...]) -> float:
    """Mean deviation of the steps from note to note in cents, folded, 300 at most."""
    steps = [
        abs((after.cents - before.cents + 600) % 1200 - 600)
        for before, after in pairwise(notes)
        if before.cents is not None and after.cents is not None
    ]
    return float(np.mean(np.minimum(steps, 300.0))) if steps else 0.0
