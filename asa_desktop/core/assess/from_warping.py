"""The distances after dynamic time warping as systems, mapped by S = k1 exp(k2 Dist).

A melody, where there is one, is the reference of pitch and rhythm, as in the paper's table; else
the original's recording is. Where the take is aligned, frames that only one side has are left out;
else the whole sequences are warped onto each other.

Tsai and Lee fit k1 and k2 to ratings. Here they are set by two distances measured on singing that
nobody rated: 80, which the paper calls good, is a good singer's against another good singer's
recording (14 makam sections sung by two) or against the notes (10 PJS songs); 40, which it calls
poor, is the same with every note off by a random amount, named below. What lies nearer than good
singers do is soon 100.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypedDict

from asa_desktop.core.assess import dtw
from asa_desktop.core.assess.drawn import drawn_onsets, drawn_pitch, has_tune
from asa_desktop.core.assess.evidence import Evidence
from asa_desktop.core.assess.from_notes import judged
from asa_desktop.core.assess.measured import (
    LEAST_PITCHED_S,
    NEEDS_REFERENCE,
    NEEDS_SOUND,
    REFERENCE_SILENT,
    TOO_LITTLE_PITCH,
    Found,
    Measured,
    pitched_s,
)
from asa_desktop.core.types import FloatArray, PitchTrack

TOO_FEW_ONSETS = "too_few_onsets"
SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Decay:
    """S = k1 exp(k2 Dist), 80 at the distance `good` and 40 at `poor`."""

    good: float
    poor: float

    def __call__(self, distance: float) -> float:
        """The score; over 100 for distances far under `good`."""
        return 80 * math.exp(math.log(0.5) * (distance - self.good) / (self.poor - self.good))


PITCH_DECAY = Decay(good=0.30, poor=0.53)
"""Semitones. Medians 0.33 and 0.26; with notes off by 100 cents (sd) 0.53 and 0.52."""
VOLUME_DECAY = Decay(good=2.9, poor=4.3)
"""dB. Median 2.9; with notes too loud or too soft by 6 dB (sd) 4.3."""
RHYTHM_DECAY = Decay(good=0.077, poor=0.097)
"""Medians 0.065 and 0.088; with notes too long or too short by a factor of exp(0.8) (sd) 0.084 and
0.109. The path makes up for most of such a fault: this measure tells little."""


def _pitch(evidence: Evidence) -> Found | str:
    if pitched_s(evidence.pitch) < LEAST_PITCHED_S:
        return TOO_LITTLE_PITCH
    take, target = evidence.pitch, evidence.reference_pitch
    if evidence.melody is not None and has_tune(evidence.melody):
        target = drawn_pitch(evidence.melody, **_clock(evidence))
    if target is None:
        return NEEDS_REFERENCE
    if evidence.aligned:
        frames = min(len(take.hz), len(target.hz))
        take, target = _first(take, frames), _first(target, frames)
    found = dtw.pitch_match(take, target)
    if found is None:
        return REFERENCE_SILENT
    return Found(found.distance, detail={"key": found.key})


def _volume(evidence: Evidence) -> Found | str:
    if evidence.level_db is None:
        return NEEDS_SOUND
    if evidence.reference_level_db is None:
        return NEEDS_REFERENCE
    take, target = _common(evidence, evidence.level_db, evidence.reference_level_db)
    distance = dtw.volume_distance(take, target, hop_s=evidence.pitch.hop_s)
    return SILENCE if distance is None else Found(distance)


def _rhythm(evidence: Evidence) -> Found | str:
    if evidence.onsets is None:
        return NEEDS_SOUND
    reference = evidence.reference_onsets
    if evidence.melody is not None and judged(evidence.melody):
        reference = drawn_onsets(evidence.melody, **_clock(evidence))
    if reference is None:
        return NEEDS_REFERENCE
    take, target = _common(evidence, evidence.onsets, reference)
    distance = dtw.rhythm_distance(take, target, hop_s=evidence.pitch.hop_s)
    return TOO_FEW_ONSETS if distance is None else Found(distance)


class _Clock(TypedDict):
    hop_s: float
    offset_s: float
    frames: int | None


def _clock(evidence: Evidence) -> _Clock:
    """On which frames a melody is drawn: the take's, or on its own where it is not aligned."""
    return _Clock(
        hop_s=evidence.pitch.hop_s,
        offset_s=evidence.offset_s if evidence.aligned else 0.0,
        frames=len(evidence.pitch.hz) if evidence.aligned else None,
    )


def _common(
    evidence: Evidence, take: FloatArray, target: FloatArray
) -> tuple[FloatArray, FloatArray]:
    if not evidence.aligned:
        return take, target
    frames = min(len(take), len(target))
    return take[:frames], target[:frames]


def _first(track: PitchTrack, frames: int) -> PitchTrack:
    return replace(track, hz=track.hz[:frames], confidence=track.confidence[:frames])


def _system(
    name: str,
    unit: str,
    needs: tuple[str, str],
    measure: Callable[[Evidence], Found | str],
    decay: Decay,
) -> Measured:
    return Measured(
        name=name,
        unit=unit,
        better="low",
        needs=frozenset(needs),
        measure=measure,
        to_score=decay,
    )


WARPING_SYSTEMS: tuple[Measured, ...] = (
    _system("dtw_pitch", "semitones", ("pitch", "reference_pitch"), _pitch, PITCH_DECAY),
    _system("dtw_volume", "dB", ("level_db", "reference_level_db"), _volume, VOLUME_DECAY),
    _system("dtw_rhythm", "share", ("onsets", "reference_onsets"), _rhythm, RHYTHM_DECAY),
)
