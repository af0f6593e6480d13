"""All attributes of a take."""

from __future__ import annotations

from collections.abc import Mapping

from asa_desktop.core.attributes.beside import Beside
from asa_desktop.core.attributes.dynamics import dynamics
from asa_desktop.core.attributes.intonation import intonation
from asa_desktop.core.attributes.reading import Measured
from asa_desktop.core.attributes.rhythm import rhythm
from asa_desktop.core.attributes.steadiness import steadiness
from asa_desktop.core.attributes.tone import tone
from asa_desktop.core.attributes.vibrato import vibrato

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
