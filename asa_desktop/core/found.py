"""What the steps of an analysis hand on to each other (`analysis`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from asa_desktop.core.assess.networks import NO_ACCOMPANIMENT, NO_REFERENCE
from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.placing import Placed
from asa_desktop.core.types import (
    Alignment,
    Attribute,
    Case,
    Clip,
    ClipScore,
    Overall,
    SystemScore,
)

NO_MODEL = "no_model"
LACKING = (NO_REFERENCE, NO_MODEL, NO_ACCOMPANIMENT)
"""Reasons that lie in the song or the choice of a model, not in the take."""


@dataclass(frozen=True, slots=True)
class Sung:
    """A take on its way: its features on the song's clock and on its own, its clips, where it was
    found, and why it cannot be scored as far as that is known."""

    track: TrackFeatures
    own: TrackFeatures
    clips: tuple[Clip, ...]
    placed: Placed | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """What was found out beyond the take's own pictures."""

    reason: str | None = None
    clips: tuple[ClipScore, ...] = ()
    overall: Overall | None = None
    case: Case | None = None
    alignment: Alignment = field(default_factory=Alignment)
    reference: TrackFeatures | None = None
    model: str | None = None
    systems: Mapping[str, SystemScore] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
