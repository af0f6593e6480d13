"""The distances after dynamic time warping as systems, mapped by S = 100 exp(k Dist).

A melody, where there is one, is the reference of pitch and rhythm, as in the paper's table; else
the original's recording is. Where the take is aligned, frames that only one side has are left out;
else the whole sequences are warped onto each other.

The decays k were set on rendered singing, none of which is rated: F0, levels and onsets of 45
pieces of real singing (PJS, NIT, vocadito, makam) against themselves with every note off by a
random amount. At the amount named below the score is 40, which the paper calls poor.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
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

_POOR = math.log(0.4)
PITCH_DECAY = _POOR / 0.55
"""Per semitone; notes off by 100 cents (standard deviation)."""
VOLUME_DECAY = _POOR / 4.0
"""Per dB; notes too loud or too soft by 6 dB."""
RHYTHM_DECAY = _POOR / 0.12
"""Notes too long or too short by a factor of exp(0.4)."""


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


def _decayed(decay: float, distance: float) -> float:
    return 100 * math.exp(decay * distance)


def _system(
    name: str,
    unit: str,
    needs: tuple[str, str],
    measure: Callable[[Evidence], Found | str],
    decay: float,
) -> Measured:
    return Measured(
        name=name,
        unit=unit,
        better="low",
        needs=frozenset(needs),
        measure=measure,
        to_score=partial(_decayed, decay),
    )


WARPING_SYSTEMS: tuple[Measured, ...] = (
    _system("dtw_pitch", "semitones", ("pitch", "reference_pitch"), _pitch, PITCH_DECAY),
    _system("dtw_volume", "dB", ("level_db", "reference_level_db"), _volume, VOLUME_DECAY),
    _system("dtw_rhythm", "share", ("onsets", "reference_onsets"), _rhythm, RHYTHM_DECAY),
)
