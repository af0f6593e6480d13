"""Karaoke scoring on target notes, compatible with UltraStar Deluxe, and plain cents.

Pitch trackers differ, so the points are compatible with the game's, not equal to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from asa_desktop.core.pitch import midi
from asa_desktop.core.types import Melody, Note, NoteKind, PitchTrack

POINTS = 9000.0
LINE_BONUS = 1000.0
TOLERANCE = {"easy": 2, "medium": 1, "hard": 0}
_GOLDEN = (NoteKind.GOLDEN, NoteKind.GOLDEN_RAP)
_RAP = (NoteKind.RAP, NoteKind.GOLDEN_RAP)
_MIDDLE = 0.65


@dataclass(frozen=True, slots=True)
class Beat:
    """One decision: at `time` (s) the beat of a note was hit or not; golden beats weigh 2."""

    time: float
    line: int
    weight: float
    hit: bool


@dataclass(frozen=True, slots=True)
class KaraokeScore:
    """Points of 10000 and the decisions behind them."""

    points: float
    beats: tuple[Beat, ...]


def usdx(
    pitch: PitchTrack, melody: Melody, *, offset_s: float = 0.0, level: str = "medium"
) -> KaraokeScore:
    """Score a take as UltraStar Deluxe does: one decision a beat, 9000 points and a line bonus.

    A beat is decided in its middle; it is hit when the sung tone, folded to the octave, lies
    within 2, 1 or 0 semitones (easy, medium, hard). Golden beats count twice, freestyle not at
    all, rap takes any tone. The bonus of 1000 is shared by the non-empty lines in the measure
    clamp(line / (max - 2), 0, 1) of their points.

    Parameters
    ----------
    offset_s
        Where the notes' clock starts in the take, in seconds.
    """
    tones = np.round(midi(pitch.hz))
    beats = tuple(
        beat
        for note in melody.notes
        if note.kind is not NoteKind.FREESTYLE
        for beat in _decide(note, tones, pitch.hop_s, melody.beat_s, offset_s, TOLERANCE[level])
    )
    total = sum(beat.weight for beat in beats)
    if not total:
        return KaraokeScore(points=0.0, beats=())
    points = POINTS * sum(beat.weight for beat in beats if beat.hit) / total
    lines = sorted({beat.line for beat in beats})
    shares = [_line_share([beat for beat in beats if beat.line == line], total) for line in lines]
    return KaraokeScore(points=points + LINE_BONUS * float(np.mean(shares)), beats=beats)


def _decide(
    note: Note, tones: np.ndarray, hop_s: float, beat_s: float, offset_s: float, tolerance: int
) -> list[Beat]:
    count = max(1, round((note.end - note.start) / beat_s))
    width = (note.end - note.start) / count
    weight = 2.0 if note.kind in _GOLDEN else 1.0
    beats = []
    for index in range(count):
        time = note.start + (index + 0.5) * width
        frame = round((time + offset_s) / hop_s)
        tone = tones[frame] if 0 <= frame < len(tones) else np.nan
        hit = bool(np.isfinite(tone))
        if hit and note.kind not in _RAP:
            hit = abs((tone - round(note.midi) + 6) % 12 - 6) <= tolerance
        beats.append(Beat(time=time + offset_s, line=note.line, weight=weight, hit=hit))
    return beats


def _line_share(beats: Sequence[Beat], total: float) -> float:
    most = POINTS * sum(beat.weight for beat in beats) / total
    got = POINTS * sum(beat.weight for beat in beats if beat.hit) / total
    return min(1.0, max(0.0, got / (most - 2))) if most > 2 else 1.0


def cents_off(pitch: PitchTrack, melody: Melody, *, offset_s: float = 0.0) -> float | None:
    """Median over the notes of |cents| from the target, octaves folded, at the notes' middles.

    Per note the median over its middle 65 %, capped at 300 cents; None where no note was sung.
    """
    numbers = midi(pitch.hz)
    off = []
    for note in melody.notes:
        if note.kind in (NoteKind.FREESTYLE, *_RAP):
            continue
        spare = (note.end - note.start) * (1 - _MIDDLE) / 2
        first = round((note.start + spare + offset_s) / pitch.hop_s)
        last = round((note.end - spare + offset_s) / pitch.hop_s)
        sung = numbers[max(first, 0) : max(last, first + 1, 0)]
        sung = sung[np.isfinite(sung)]
        if len(sung):
            gap = (float(np.median(sung)) - note.midi + 6) % 12 - 6
            off.append(min(abs(gap) * 100, 300.0))
    return float(np.median(off)) if off else None
