"""The karaoke profiles as systems: points of 10000 in the game's middle level, all in the detail.

The detail holds the points of each level (`easy`, `medium`, `hard`; Performous `normal`, `hard`,
`perfect`), so that there is one system a game. The score is a hundredth of the points.
"""

from __future__ import annotations

from functools import partial

from asa_desktop.core.assess import karaoke
from asa_desktop.core.assess.evidence import Evidence
from asa_desktop.core.assess.measured import NEEDS_ALIGNMENT, NEEDS_NOTES, Found, Measured
from asa_desktop.core.types import Melody, NoteKind

MAIN_LEVEL = {"usdx": "medium", "vocaluxe": "medium", "usplay": "medium", "performous": "normal"}
"""The level whose points are the value."""


def judged(melody: Melody | None) -> bool:
    """Whether there is any note that a game judges."""
    return melody is not None and any(
        note.kind is not NoteKind.FREESTYLE and note.end > note.start for note in melody.notes
    )


def _points(profile: str, evidence: Evidence) -> Found | str:
    melody = evidence.melody
    if melody is None or not judged(melody):
        return NEEDS_NOTES
    if not evidence.aligned:
        return NEEDS_ALIGNMENT
    play = partial(karaoke.PROFILES[profile], evidence.pitch, melody, offset_s=evidence.offset_s)
    levels = {level: play(level=level).points for level in karaoke.LEVELS[profile]}
    return Found(levels[MAIN_LEVEL[profile]], detail=levels)


def _score(points: float) -> float:
    return points / 100


NOTE_SYSTEMS: tuple[Measured, ...] = tuple(
    Measured(
        name=profile,
        unit="points",
        better="high",
        needs=frozenset({"pitch", "melody"}),
        measure=partial(_points, profile),
        to_score=_score,
    )
    for profile in karaoke.PROFILES
)
