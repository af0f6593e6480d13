"""Vibrato: how much of the movement of held notes is vibrato."""

from __future__ import annotations

import numpy as np

from asa_desktop.core.attributes.beside import Beside
from asa_desktop.core.attributes.reading import Measured, Reading, measured, unmeasured
from asa_desktop.core.attributes.swing import VIBRATO_HZ, Swing, swing
from asa_desktop.core.notes.fine import FineTrack
from asa_desktop.core.notes.segment import cents_of
from asa_desktop.core.types import AttributePlace

NO_VIBRATO, SLOW, FAST, UNEVEN = "no_vibrato", "slow_vibrato", "fast_vibrato", "uneven_vibrato"
NO_LONG_NOTES, REFERENCE_WITHOUT = "no_long_notes", "reference_without"

HELD_S = 0.4
"""From this length on a note has room for two swings, and vibrato is heard."""

_NONE, _FULL = 0.05, 0.6
_ENOUGH = 0.85
_AS_GOOD = 0.7
_ASKED_CENTS = 42.0
_EXPECTED = 0.2
_LEAST_S = 0.5
_LACKING = 0.4
_WIDE_CENTS = 20.0
_LONGEST_S = 2.0


def vibrato(beside: Beside) -> Measured:
    """The share of vibrato (4.5-8 Hz) in the movement of the notes that the reference holds.

    Measured on the take's own clock. What is expected is the share that the reference has on the
    same notes, 0.6 at most, and a note weighs by it. A note counts with its own share, what is
    expected at most and from 85 % of it on, and less in proportion where it swings less widely than
    the reference's, or than 42 cents. 70 % of what is expected is 100 points, so that nobody is
    asked for more than 30 cents: good singers' extents reach from 34 to 123 (Prame 1997), and a
    narrower vibrato than the original's is no worse. 0.05 (what jitter has) is no point. Where the
    reference has less than 0.2, its singer does without, and so may anybody. Without a reference
    0.6 is expected, of any extent.
    """
    ours = cents_of(beside.take.pitch)
    reference = beside.reference
    theirs = None if reference is None else cents_of(reference.pitch)
    readings: list[Reading] = []
    expected = 0.0
    held = 0.0
    for each in beside.notes:
        note = each.note
        if note.end - note.start < HELD_S:
            continue
        seconds = min(note.end - note.start, _LONGEST_S)
        found = _swing(beside.take, ours, each.start, each.end)
        share, wide = _FULL, 1.0
        if theirs is not None and reference is not None:
            model = _swing(reference, theirs, note.start, note.end)
            if model is None:
                continue
            share = min(model.share, _FULL)
            wide = (
                1.0
                if found is None
                else min(found.extent / np.clip(model.extent, 1.0, _ASKED_CENTS), 1.0)
            )
            held += seconds
            expected += share * seconds
        if found is None:
            continue
        place = _place(note.start, note.end, beside.meant(note), found)
        if share < _EXPECTED:
            place = None
        weight = seconds * share / _FULL
        reached = min(found.share / _ENOUGH, share) * wide
        readings.append(Reading(note.start, note.end, reached, weight, place, share))
    if theirs is not None and held and expected / held < _EXPECTED:
        return unmeasured(REFERENCE_WITHOUT, unit="share")
    if not readings:
        return unmeasured(NO_LONG_NOTES, unit="share")
    weights = [each.weight for each in readings]
    detail = {}
    if theirs is not None:
        detail["reference"] = float(np.average([each.due for each in readings], weights=weights))
    return measured(
        readings,
        unit="share",
        to_score=_score,
        detail=detail,
        reason=NO_LONG_NOTES,
        least_s=_LEAST_S,
    )


def _score(share: float, expected: float) -> float:
    return float(np.clip(100 * (share - _NONE) / (_AS_GOOD * expected - _NONE), 0, 100))


def _swing(track: FineTrack, cents: np.ndarray, start: float, end: float) -> Swing | None:
    return swing(cents[track.frames(start, end)], hop_s=track.pitch.hop_s)


def _place(start: float, end: float, midi: float, found: Swing) -> AttributePlace | None:
    """What is missing from a held note's vibrato."""
    if found.share >= _LACKING:
        return None
    if found.extent + found.wander >= _WIDE_CENTS and 3.0 < found.hz < VIBRATO_HZ[0]:
        return AttributePlace(start, end, SLOW, found.hz, midi)
    if found.extent + found.wander >= _WIDE_CENTS and found.hz > VIBRATO_HZ[1]:
        return AttributePlace(start, end, FAST, found.hz, midi)
    if found.extent >= _WIDE_CENTS:
        return AttributePlace(start, end, UNEVEN, found.share, midi)
    return AttributePlace(start, end, NO_VIBRATO, found.share, midi)
