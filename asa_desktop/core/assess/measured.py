"""A system made of a measure and a map: what the transparent systems have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from asa_desktop.core.assess.evidence import Evidence
from asa_desktop.core.types import PitchTrack, SystemScore

NEEDS_REFERENCE = "needs_reference"
NEEDS_NOTES = "needs_notes"
NEEDS_SOUND = "needs_sound"
NEEDS_ALIGNMENT = "needs_alignment"
TOO_LITTLE_PITCH = "too_little_pitch"
REFERENCE_SILENT = "reference_silent"

LEAST_PITCHED_S = 1.0
"""Seconds of pitch without which nothing is said of it."""

Better = Literal["high", "low"]


@dataclass(frozen=True, slots=True)
class Found:
    """A raw value and what else was found on the way."""

    value: float
    detail: Mapping[str, float] = field(default_factory=dict)


Measure = Callable[[Evidence], Found | str]
"""Finds the raw value, or says by a reason code why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A `systems.System`: the measure's value, and its score by a monotone map, cut to 0-100."""

    name: str
    unit: str
    better: Better
    needs: frozenset[str]
    measure: Measure
    to_score: Callable[[float], float]

    def __call__(self, evidence: Evidence) -> SystemScore:
        """The raw value and its score, or the reason why there is none."""
        found = self.measure(evidence)
        if isinstance(found, str):
            return SystemScore(score=None, value=None, unit=self.unit, reason=found)
        score = min(100.0, max(0.0, self.to_score(found.value)))
        return SystemScore(score=score, value=found.value, unit=self.unit, detail=found.detail)


def pitched_s(pitch: PitchTrack) -> float:
    """Seconds of a track that have a pitch."""
    return float((pitch.hz > 0).sum()) * pitch.hop_s
