"""Steadiness: how straight held notes are held, and how directly they are reached, in cents."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.attributes.beside import Beside
from asa_desktop.core.attributes.reading import Measured, Reading, falling, measured
from asa_desktop.core.notes.fine import FineTrack
from asa_desktop.core.notes.segment import cents_of
from asa_desktop.core.types import AttributePlace

UNSTEADY, SCOOP = "unsteady", "scoop"

Floats = NDArray[np.float64]

_TO_SCORE = falling((8.0, 100.0), (70.0, 0.0))
_SHORTEST_S = 0.25
_SWING_S = 0.2
_BEGINNING_S = 0.18
_MOST = 150.0
_PLACE_CENTS = 40.0
_LONGEST_S = 1.5


def steadiness(beside: Beside) -> Measured:
    """The mean straying of notes of 0.25 s and more, beyond what the original does on the same.

    A note strays within (what is left of its pitch after averaging over a turn of vibrato, 0.2 s,
    and taking its straight line off: root mean square) and at its beginning (how far, on average
    over 0.18 s, it is from the pitch that it then takes). Both are taken as a power less the
    original's, so that an ornament that the original has costs nothing.
    """
    ours = cents_of(beside.take.pitch)
    theirs = None if beside.reference is None else cents_of(beside.reference.pitch)
    readings = []
    for each in beside.notes:
        note = each.note
        if note.end - note.start < _SHORTEST_S or each.cents is None:
            continue
        found = _strays(beside.take, ours, each.start, each.end)
        model = (0.0, 0.0)
        if theirs is not None and beside.reference is not None:
            known = _strays(beside.reference, theirs, note.start, note.end)
            if known is None:
                continue
            model = known
        if found is None:
            continue
        within, begun = (_beyond(a, b) for a, b in zip(found, model, strict=True))
        value = min(float(np.hypot(within, begun)), _MOST)
        place = None
        if value >= _PLACE_CENTS:
            code = UNSTEADY if within >= begun else SCOOP
            place = AttributePlace(
                note.start, note.end, code, value, note.midi + beside.removed_cents / 100
            )
        weight = min(note.end - note.start, _LONGEST_S)
        readings.append(Reading(note.start, note.end, value, weight, place))
    return measured(readings, unit="cents", to_score=_TO_SCORE)


def _strays(
    track: FineTrack, cents: Floats, start: float, end: float
) -> tuple[float, float] | None:
    """How far a note strays within and at its beginning, in cents; None where it is hardly
    voiced."""
    hop_s = track.pitch.hop_s
    curve = cents[max(round(start / hop_s), 0) : max(round(end / hop_s), 0)]
    known = np.isfinite(curve)
    if len(curve) * hop_s < _SHORTEST_S / 2 or known.mean() < 0.7:
        return None
    at = np.arange(len(curve))
    curve = np.interp(at, at[known], curve[known])
    width = max(1, min(round(_SWING_S / hop_s), len(curve) // 2))
    smooth = np.convolve(curve, np.ones(width) / width, mode="valid")
    line = np.polyval(np.polyfit(np.arange(len(smooth)), smooth, 1), np.arange(len(smooth)))
    within = float(np.sqrt(np.mean(np.square(smooth - line)))) if len(smooth) > 2 else 0.0
    first = max(1, min(round(_BEGINNING_S / hop_s), len(curve) // 2))
    taken = float(np.median(curve[first:]))
    begun = float(np.mean(np.minimum(np.abs(curve[:first] - taken), 300.0)))
    return within, begun


def _beyond(ours: float, theirs: float) -> float:
    return float(np.sqrt(max(0.0, ours**2 - theirs**2)))
