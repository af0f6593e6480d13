"""Which defect belongs to which attribute of singing, fixed before anything was measured.

A measure or a head for an attribute is judged by the severities of the defects listed there, and
by how little it follows all others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from asa_desktop.core.assess.overall import WEIGHTS

DEFECTS_OF: dict[str, tuple[str, ...]] = {
    "intonation": ("off_pitch", "drift", "wrong_notes"),
    "rhythm": ("timing", "held"),
    "vibrato": ("vibrato",),
    "dynamics": ("dynamics",),
    "steadiness": ("unsteady", "scoops"),
    "tone": ("tone",),
}
ATTRIBUTES = tuple(DEFECTS_OF)
_WORST = 1.5

Value = Any
"""A number, or an array of numbers."""


def attribute_severity(realised: Mapping[str, Value]) -> dict[str, Value]:
    """How strongly each attribute was spoilt: the root of the sum of its defects' squares.

    The defects are drawn independently, so their sizes add as those of independent errors do; the
    worst defect alone would hide the second. Not bounded by 1. `realised` is what
    `asa_training.render.truth.realised` gives, or arrays of it, of one shape; where its
    `vibrato_notes` is 0 there was no vibrato to take away, and the 0 for vibrato says nothing
    about the singing.
    """
    return {
        name: np.sqrt(sum(np.square(realised[defect]) for defect in defects))
        for name, defects in DEFECTS_OF.items()
    }


def total_severity(realised: Mapping[str, float]) -> float:
    """One number for a rendition: the root mean square of its attributes' severities, about 0-1.

    Every attribute weighs the same, a common choice and not one that listeners made.
    """
    parts = list(attribute_severity(realised).values())
    return float(np.sqrt(np.mean(np.square(parts))))


def heard_severity(realised: Mapping[str, Value]) -> Value:
    """As `total_severity`, of the attributes that the program's score counts, by its weights.

    An attribute weighs by its share of the score; vibrato only where there was any to lose, and
    nothing is worse than 1.5.
    """
    severity = attribute_severity(realised)
    weights = {name: WEIGHTS.get(name, 0.0) for name in ATTRIBUTES}
    there = {name: np.float32(weight) for name, weight in weights.items()}
    there["vibrato"] = np.where(realised["vibrato_notes"] > 0, weights["vibrato"], 0.0)
    squares = {name: np.square(np.minimum(severity[name], _WORST)) for name in ATTRIBUTES}
    weighed = sum(there[name] * squares[name] for name in ATTRIBUTES)
    return np.sqrt(weighed / sum(there.values()))
