"""Tone: how clear the voice is, as far as a recording tells: harmonics over noise, in dB."""

from __future__ import annotations

import numpy as np

from asa_desktop.core.attributes.beside import Beside
from asa_desktop.core.attributes.dynamics import NO_COMPARISON
from asa_desktop.core.attributes.reading import Measured, Reading, falling, measured, unmeasured
from asa_desktop.core.notes.fine import FineTrack
from asa_desktop.core.types import AttributePlace

BREATHY, PRESSED = "breathy", "pressed"

_TO_SCORE = falling((2.0, 100.0), (14.0, 0.0))
_PLACE_DB = 8.0
_MOST_DB = 20.0
_HIGHEST = 0.999
_SHORTEST_S, _LONGEST_S = 0.1, 1.0
_SURE = 0.4  # microphone, room and noise are in it, too


def tone(beside: Beside) -> Measured:
    """The mean distance of the notes' harmonics-to-noise ratio from the original's.

    From the likeness r of the sound below 2.5 kHz to itself a period later, as r / (1 - r) in dB
    (Boersma 1993). A low one is breath, or noise in the recording; the measure cannot tell which,
    and so is never sure.
    """
    if beside.reference is None:
        return unmeasured(NO_COMPARISON, unit="dB")
    readings = []
    for each in beside.notes:
        note = each.note
        ours = _clearness(beside.take, each.start, each.end)
        theirs = _clearness(beside.reference, note.start, note.end)
        if each.cents is None or ours is None or theirs is None:
            continue
        away = ours - theirs
        place = None
        if abs(away) >= _PLACE_DB:
            code = BREATHY if away < 0 else PRESSED
            place = AttributePlace(note.start, note.end, code, abs(away), note.midi)
        weight = float(np.clip(note.end - note.start, _SHORTEST_S, _LONGEST_S))
        readings.append(Reading(note.start, note.end, min(abs(away), _MOST_DB), weight, place))
    return measured(readings, unit="dB", to_score=_TO_SCORE, confidence=_SURE)


def _clearness(track: FineTrack, start: float, end: float) -> float | None:
    hop_s = track.pitch.hop_s
    part = slice(max(round(start / hop_s), 0), max(round(end / hop_s), 0))
    sure = track.pitch.confidence[part][track.pitch.hz[part] > 0]
    if len(sure) < 5:
        return None
    ratio = np.clip(sure, 1e-3, _HIGHEST)
    return float(np.median(10 * np.log10(ratio / (1 - ratio))))
