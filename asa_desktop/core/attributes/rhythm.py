"""Rhythm: how far the notes begin from where they belong, in milliseconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.attributes.beside import Beside, NoteBeside
from asa_desktop.core.attributes.reading import Measured, Reading, falling, measured
from asa_desktop.core.medians import weighted_median
from asa_desktop.core.types import AttributePlace

LATE, EARLY, SHORT, LONG = "late", "early", "short", "long"
MISSED_NOTE = "missed_note"
LEFT_OUT = "left_out"
"""Name of a detail: the share of the notes that were not sung."""

Floats = NDArray[np.float64]

_MOST_MS = 300.0
_TO_SCORE = falling((25.0, 100.0), (180.0, 0.0))
_LENIENT = 0.15  # consonants and breath
_PLACE_MS = 90.0
_PAUSE_S = 0.6
_OWN_TEMPO = 6
_TEMPO_RANGE = (0.85, 1.15)
_WEIGHT_S = 0.5


def rhythm(beside: Beside) -> Measured:
    """The mean distance of the onsets from where they belong, 300 ms at most.

    In step with the accompaniment an onset belongs where the reference has it. Sung freely, the
    tempo is the singer's: each phrase (between pauses of 0.6 s) is laid on the reference's by one
    line, with the tempo of the whole take or, from 6 notes on, its own within 15 % of that; what
    the line leaves is uneven. A note that is cut short or held over counts by the share that it
    lacks or has too much as if it were so much of 300 ms late, and one that was left out as all of
    it. All notes weigh alike. 25 ms and less are 100 points: players of an ensemble who are heard
    as together begin 30 to 50 ms apart (Rasch 1979), and a displacement within a sequence of tones
    is noticed from 6 ms at short intervals and 2.5 % of long ones (Friberg and Sundberg 1995); 0
    stands for 180 ms and more.
    """
    readings = [
        _left_out(each, beside.meant(each.note)) for each in beside.notes if each.cents is None
    ]
    away: list[float] = []
    for phrase, late in _phrases(beside):
        away += late.tolist()
        readings += [
            _reading(each, float(ms), beside.meant(each.note))
            for each, ms in zip(phrase, late, strict=True)
        ]
    detail = {"late_ms": float(np.median(away))} if away and not beside.free else {}
    if beside.notes:
        left_out = sum(each.cents is None for each in beside.notes) / len(beside.notes)
        detail[LEFT_OUT] = left_out
    return measured(readings, unit="ms", to_score=_TO_SCORE, detail=detail)


def _left_out(each: NoteBeside, meant: float) -> Reading:
    note = each.note
    place = AttributePlace(note.start, note.end, MISSED_NOTE, each.voiced, meant)
    return Reading(note.start, note.end, _MOST_MS, _WEIGHT_S, place)


def _reading(each: NoteBeside, late_ms: float, meant: float) -> Reading:
    note = each.note
    short, long = _short_and_long(each)
    value = min(float(np.hypot(late_ms, max(short, long))), _MOST_MS)
    place = None
    if value >= _PLACE_MS:
        by = {
            LATE: max(late_ms, 0.0),
            EARLY: max(-late_ms, 0.0),
            SHORT: short,
            LONG: long,
        }
        code = max(by, key=lambda name: by[name])
        size = {SHORT: 1000 * each.lost * (note.end - note.start), LONG: 1000 * each.over}
        place = AttributePlace(note.start, note.end, code, size.get(code, by[code]), meant)
    return Reading(note.start, note.end, value, _WEIGHT_S, place)


def _short_and_long(each: NoteBeside) -> tuple[float, float]:
    """What a note lacks and has too much of its length, as if it were late, in ms."""
    length = max(each.note.end - each.note.start, 0.1)
    return _as_late(each.lost), _as_late(each.over / length)


def _as_late(share: float) -> float:
    return _MOST_MS * max(0.0, min(share, 1.0) - _LENIENT) / (1 - _LENIENT)


def _phrases(beside: Beside) -> Iterator[tuple[list[NoteBeside], Floats]]:
    """Phrases of sung notes, and by how many ms each begins late."""
    sung = [each for each in beside.notes if each.cents is not None]
    phrases = _parted(sung)
    tempo = _tempo(phrases)
    for phrase in phrases:
        begun = np.array([each.begun for each in phrase])
        if not beside.free:
            yield phrase, 1000 * (begun - np.array([each.due for each in phrase]))
        elif len(phrase) > 1:
            onsets = np.array([each.note.start for each in phrase])
            yield phrase, 1000 * _off_the_line(onsets, begun, tempo)


def _parted(notes: Sequence[NoteBeside]) -> list[list[NoteBeside]]:
    phrases: list[list[NoteBeside]] = []
    for each in notes:
        if phrases and each.note.start - phrases[-1][-1].note.end < _PAUSE_S:
            phrases[-1].append(each)
        else:
            phrases.append([each])
    return phrases


def _tempo(phrases: Sequence[Sequence[NoteBeside]]) -> float:
    """Seconds of the take for one of the reference: the median over steps within phrases."""
    slopes, weights = [], []
    for phrase in phrases:
        if len(phrase) > 1:
            due = phrase[-1].note.start - phrase[0].note.start
            slopes.append((phrase[-1].begun - phrase[0].begun) / max(due, 1e-3))
            weights.append(due)
    return weighted_median(slopes, weights) if slopes else 1.0


def _off_the_line(onsets: Floats, begun: Floats, tempo: float) -> Floats:
    """What a straight line leaves of the onsets, in seconds."""
    slope = tempo
    if len(onsets) >= _OWN_TEMPO:
        own = float(np.polyfit(onsets, begun, 1)[0])
        slope = float(np.clip(own, _TEMPO_RANGE[0] * tempo, _TEMPO_RANGE[1] * tempo))
    left = begun - slope * onsets
    return np.asarray(left - np.median(left))
