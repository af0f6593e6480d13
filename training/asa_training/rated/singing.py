"""The program's own score and its attributes as lines of an evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from asa_desktop.core.assess.overall import score_of
from asa_desktop.core.attributes.measure import measure
from asa_desktop.core.attributes.sides import beside_pitch
from asa_desktop.core.types import TUNEFUL, Analysis, Attribute, Melody, PitchTrack, SystemScore
from asa_training.rated.combining import over_recordings
from asa_training.rated.performances import Better, Said

OVERALL = "asa overall"
_BETTER: dict[str, tuple[str, Better]] = {
    "intonation": ("cents", "low"),
    "rhythm": ("ms", "low"),
    "vibrato": ("share", "high"),
    "dynamics": ("dB", "low"),
    "steadiness": ("cents", "low"),
}


@dataclass(frozen=True, slots=True)
class Sung:
    """What the program measured of one recording: its score, 0 to 100, and the attributes."""

    overall: float | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


def of_analysis(analysis: Analysis) -> Sung:
    """The attributes of an analysis, and its score; of attributes alone where no model was asked.

    A take that was turned away has neither.
    """
    overall = analysis.overall.score
    if overall is None and analysis.attributes:
        overall = score_of(analysis.attributes)
    return Sung(overall, analysis.attributes)


def of_pitch(take: PitchTrack, references: Sequence[PitchTrack], melody: Melody | None) -> Sung:
    """F0 alone, beside the reference that suits it best, or beside notes where there is none."""
    if references:
        sides = [beside_pitch(take, reference=each) for each in references]
    elif melody is not None:
        notes = [note for note in melody.notes if note.kind in TUNEFUL]
        sides = [beside_pitch(take, notes=notes)]
    else:
        return Sung()
    found = []
    for side in sides:
        attributes = {name: each.attribute for name, each in measure(side).items()}
        found.append(Sung(score_of(attributes), attributes))
    return max(found, key=lambda each: -1.0 if each.overall is None else each.overall)


def lines(each: Sequence[Sung], sung_s: Sequence[float]) -> dict[str, Said]:
    """A line for the score and one for every attribute that has a value anywhere."""
    if not any(one.attributes for one in each):
        return {}
    overall = [SystemScore(score=one.overall, value=None, unit="score") for one in each]
    found = {OVERALL: over_recordings(overall, sung_s, unit="score", better="high")}
    for name, (unit, better) in _BETTER.items():
        said = [_said(one.attributes.get(name)) for one in each]
        found[f"asa {name}"] = over_recordings(said, sung_s, unit=unit, better=better)
    return found


def _said(attribute: Attribute | None) -> SystemScore | None:
    if attribute is None:
        return None
    return SystemScore(
        score=attribute.score,
        value=attribute.value,
        unit=attribute.unit,
        reason=attribute.reason,
    )
