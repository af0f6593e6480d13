"""All attributes of a take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from asa_desktop.core.attributes.beside import Beside
from asa_desktop.core.attributes.dynamics import NO_COMPARISON, dynamics
from asa_desktop.core.attributes.intonation import intonation
from asa_desktop.core.attributes.reading import Measured, unmeasured
from asa_desktop.core.attributes.rhythm import rhythm
from asa_desktop.core.attributes.sides import alone
from asa_desktop.core.attributes.steadiness import steadiness
from asa_desktop.core.attributes.tone import tone
from asa_desktop.core.attributes.vibrato import vibrato

if TYPE_CHECKING:
    from asa_desktop.core.features.track import TrackFeatures

MEASURES = {
    "intonation": intonation,
    "rhythm": rhythm,
    "vibrato": vibrato,
    "dynamics": dynamics,
    "steadiness": steadiness,
    "tone": tone,
}


def measure(beside: Beside) -> Mapping[str, Measured]:
    """Every attribute by its name."""
    return {name: each(beside) for name, each in MEASURES.items()}


def measure_alone(take: TrackFeatures) -> Mapping[str, Measured]:
    """What can be said of a take with nothing to compare it with.

    Its own notes are set beside the nearest semitones of its own tuning: out of tune by more than
    half a semitone is another note then, and an even distance from all of them is a tuning, so the
    intonation is half as sure. Vibrato and steadiness need no original. Raises ValueError without
    a fine track.
    """
    found: dict[str, Measured] = dict(measure(alone(take.fine_track)))
    for name, unit in (("rhythm", "ms"), ("dynamics", "dB"), ("tone", "dB")):
        found[name] = unmeasured(NO_COMPARISON, unit=unit)
    own = found["intonation"]
    attribute = replace(own.attribute, confidence=own.attribute.confidence / 2, places=())
    found["intonation"] = replace(own, attribute=attribute)
    return found
