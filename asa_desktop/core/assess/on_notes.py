"""Where a song has notes but no original voice: karaoke points and cents against the notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from asa_desktop.core.align import key_of
from asa_desktop.core.assess import karaoke
from asa_desktop.core.assess.evidence import Evidence
from asa_desktop.core.assess.systems import SYSTEMS
from asa_desktop.core.clips import unfit
from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.pitch import midi
from asa_desktop.core.types import (
    TUNEFUL,
    Clip,
    ClipScore,
    FloatArray,
    Melody,
    Overall,
    SystemScore,
)

NO_NOTES = "no_notes"


@dataclass(frozen=True, slots=True)
class NotesResult:
    """Scores against notes. `key` is in semitones, None where it could not be told."""

    clips: tuple[ClipScore, ...]
    overall: Overall | None
    key: float | None
    systems: Mapping[str, SystemScore]


def score(
    take: TrackFeatures, clips: Sequence[Clip], melody: Melody, *, offset_s: float
) -> NotesResult:
    """Score a take with the `usdx` profile; a clip's score is its share of beats hit."""
    game = karaoke.usdx(take.pitch, melody, offset_s=offset_s)
    scored = tuple(_clip_score(clip, take, game.beats) for clip in clips)
    sung = any(each.score is not None for each in scored)
    cents = karaoke.cents_off(take.pitch, melody, offset_s=offset_s)
    evidence = Evidence(pitch=take.pitch, melody=melody, offset_s=offset_s, aligned=True)
    systems = {"usdx": SYSTEMS["usdx"](evidence)}
    if cents is not None:
        systems["cents"] = SystemScore(score=None, value=cents, unit="cents")
    return NotesResult(
        clips=scored,
        overall=Overall(score=game.points / 100, low=None, high=None) if sung else None,
        key=_key(take, melody, offset_s),
        systems=systems if sung else {},
    )


def _clip_score(clip: Clip, take: TrackFeatures, beats: Sequence[karaoke.Beat]) -> ClipScore:
    reason = unfit(clip, take, None)
    inside = [beat for beat in beats if clip.start <= beat.time < clip.end]
    if reason is None and not inside:
        reason = NO_NOTES
    if reason is not None:
        return ClipScore(clip=clip, score=None, reason=reason)
    total = sum(beat.weight for beat in inside)
    hit = sum(beat.weight for beat in inside if beat.hit)
    return ClipScore(clip=clip, score=100 * hit / total)


def _key(take: TrackFeatures, melody: Melody, offset_s: float) -> float | None:
    target = np.full(take.frames, np.nan, dtype=np.float32)
    for note in melody.notes:
        if note.kind in TUNEFUL:
            first = max(0, round((note.start + offset_s) / take.spec.hop_s))
            last = max(0, round((note.end + offset_s) / take.spec.hop_s))
            target[first:last] = note.midi * 100
    sung: FloatArray = midi(take.pitch.hz) * 100
    cents = key_of(sung, target)
    return None if cents is None else cents / 100
