"""Karaoke scoring on target notes, compatible with four games, and plain cents.

Rules read in the games' source code: UltraStar Deluxe (UNote), Vocaluxe (CGame), UltraStar Play
(PlayerScoreControl) and Performous (notes.cc). Pitch trackers differ, so the points are compatible
with a game's, not equal to them. All games fold octaves, and none removes a key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.pitch import midi
from asa_desktop.core.types import Melody, Note, NoteKind, PitchTrack

POINTS = 9000.0
LINE_BONUS = 1000.0
TOLERANCE: Mapping[str, float] = {"easy": 2, "medium": 1, "hard": 0}
USPLAY_TOLERANCE: Mapping[str, float] = {"easy": 2, "medium": 1, "hard": 0.5}
PERFORMOUS_TOLERANCE: Mapping[str, tuple[float, float]] = {
    "normal": (0.5, 1.5),
    "hard": (0.5, 1.0),
    "perfect": (0.2151, 0.5),
}
"""Semitones within which a tone earns all, and from which it earns nothing."""

_GOLDEN = (NoteKind.GOLDEN, NoteKind.GOLDEN_RAP)
_RAP = (NoteKind.RAP, NoteKind.GOLDEN_RAP)
_MIDDLE = 0.65
_PERFECT_LINE = 0.95
_PERFECT_LINES = 20

Within = Callable[[float, float], bool]
"""Whether a sung tone is near enough to a target (MIDI numbers)."""


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
    beats = _decisions(pitch, melody, offset_s, _whole_tones(TOLERANCE[level]))
    return _score(beats, lambda lines: float(np.mean([_ultrastar_line(*line) for line in lines])))


def vocaluxe(
    pitch: PitchTrack, melody: Melody, *, offset_s: float = 0.0, level: str = "medium"
) -> KaraokeScore:
    """As `usdx`, but a line's bonus rises with its share of points: none to .4, all from .9.

    Between them ((share - .4) * 2)^2 of it is given.
    """
    beats = _decisions(pitch, melody, offset_s, _whole_tones(TOLERANCE[level]))
    return _score(beats, lambda lines: float(np.mean([_vocaluxe_line(*line) for line in lines])))


def usplay(
    pitch: PitchTrack, melody: Melody, *, offset_s: float = 0.0, level: str = "medium"
) -> KaraokeScore:
    """As UltraStar Play: hits within 2, 1 or 0.5 semitones, a bonus for perfect lines only.

    The half semitone is measured on the exact pitch, the others on whole tones. A line is perfect
    with 95 % of its beats; the bonus is given in full for 20 perfect lines, or for all where there
    are fewer. The game's "joker", which forgives a single beat, is left out.
    """
    tolerance = USPLAY_TOLERANCE[level]
    within = _whole_tones(tolerance) if tolerance >= 1 else _exact(tolerance)
    beats = _decisions(pitch, melody, offset_s, within)

    def bonus(lines: Sequence[tuple[float, float]]) -> float:
        hits: dict[int, list[bool]] = {}
        for beat in beats:
            hits.setdefault(beat.line, []).append(beat.hit)
        perfect = sum(float(np.mean(line)) >= _PERFECT_LINE for line in hits.values())
        return min(1.0, perfect / min(len(lines), _PERFECT_LINES))

    return _score(beats, bonus)


def performous(
    pitch: PitchTrack, melody: Melody, *, offset_s: float = 0.0, level: str = "normal"
) -> KaraokeScore:
    """As Performous: every moment of a note earns by how near the exact pitch is, no line bonus.

    10000 * sum(w * overlap) / sum(length) over the notes, w falling from 1 to 0 between the two
    tolerances of the level (semitones, octaves folded); golden notes weigh twice, rap takes any
    tone. Freestyle is left out, as in the other profiles; the game itself fills it with any tone.
    There are no beats to show.
    """
    full, none = PERFORMOUS_TOLERANCE[level]
    tones = midi(pitch.hz)
    edges = (np.arange(len(tones) + 1) - 0.5) * pitch.hop_s - offset_s
    earned = possible = 0.0
    for note in melody.notes:
        if note.kind is NoteKind.FREESTYLE:
            continue
        weight = 2.0 if note.kind in _GOLDEN else 1.0
        inside = np.clip(edges, note.start, note.end)
        overlap = np.diff(inside)
        error = np.abs(np.mod(tones - note.midi + 6, 12) - 6)
        near = np.clip((none - error) / (none - full), 0.0, 1.0)
        if note.kind in _RAP:
            near = np.ones_like(near)
        earned += weight * float(np.sum(np.where(np.isfinite(tones), near * overlap, 0.0)))
        possible += weight * (note.end - note.start)
    points = (POINTS + LINE_BONUS) * earned / possible if possible else 0.0
    return KaraokeScore(points=points, beats=())


PROFILES: Mapping[str, Callable[..., KaraokeScore]] = {
    "usdx": usdx,
    "vocaluxe": vocaluxe,
    "usplay": usplay,
    "performous": performous,
}
LEVELS: Mapping[str, tuple[str, ...]] = {
    "usdx": tuple(TOLERANCE),
    "vocaluxe": tuple(TOLERANCE),
    "usplay": tuple(USPLAY_TOLERANCE),
    "performous": tuple(PERFORMOUS_TOLERANCE),
}
"""The levels of each profile, from the easiest."""


def _whole_tones(tolerance: float) -> Within:
    return lambda tone, target: abs((round(tone) - round(target) + 6) % 12 - 6) <= tolerance


def _exact(tolerance: float) -> Within:
    return lambda tone, target: abs((tone - target + 6) % 12 - 6) <= tolerance


def _decisions(
    pitch: PitchTrack, melody: Melody, offset_s: float, within: Within
) -> tuple[Beat, ...]:
    tones = midi(pitch.hz)
    return tuple(
        beat
        for note in melody.notes
        if note.kind is not NoteKind.FREESTYLE
        for beat in _decide(note, tones, pitch.hop_s, melody.beat_s, offset_s, within)
    )


def _decide(
    note: Note,
    tones: NDArray[np.float32],
    hop_s: float,
    beat_s: float,
    offset_s: float,
    within: Within,
) -> list[Beat]:
    count = max(1, round((note.end - note.start) / beat_s))
    width = (note.end - note.start) / count
    weight = 2.0 if note.kind in _GOLDEN else 1.0
    beats = []
    for index in range(count):
        time = note.start + (index + 0.5) * width
        frame = round((time + offset_s) / hop_s)
        tone = float(tones[frame]) if 0 <= frame < len(tones) else np.nan
        hit = bool(np.isfinite(tone)) and (note.kind in _RAP or within(tone, note.midi))
        beats.append(Beat(time=time + offset_s, line=note.line, weight=weight, hit=hit))
    return beats


def _score(
    beats: tuple[Beat, ...], bonus: Callable[[Sequence[tuple[float, float]]], float]
) -> KaraokeScore:
    """Points for the beats and the share of the bonus that the lines' (got, most) points earn."""
    total = sum(beat.weight for beat in beats)
    if not total:
        return KaraokeScore(points=0.0, beats=())
    lines: dict[int, tuple[float, float]] = {}
    for beat in beats:
        got, most = lines.get(beat.line, (0.0, 0.0))
        worth = POINTS * beat.weight / total
        lines[beat.line] = (got + worth * beat.hit, most + worth)
    points = POINTS * sum(beat.weight for beat in beats if beat.hit) / total
    return KaraokeScore(points=points + LINE_BONUS * bonus(list(lines.values())), beats=beats)


def _ultrastar_line(got: float, most: float) -> float:
    return min(1.0, max(0.0, got / (most - 2))) if most > 2 else 1.0


def _vocaluxe_line(got: float, most: float) -> float:
    share = got / most
    if share >= 0.9 - 1e-9:
        return 1.0
    return ((share - 0.4) * 2) ** 2 if share > 0.4 else 0.0


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
