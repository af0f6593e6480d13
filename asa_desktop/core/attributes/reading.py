"""What single notes say about an attribute, and how that becomes its value and its score."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from asa_desktop.core.medians import mean_of_least
from asa_desktop.core.types import Attribute, AttributePlace

TOO_LITTLE = "too_little"
"""Reason: hardly a note of the take can be compared."""

_LEAST_WEIGHT_S = 1.0
_LEAST_IN_PART_S = 0.25
_SURE_WEIGHT_S = 8.0
_MOST_PLACES = 200
_BETTER = 0.7

Centre = Literal["mean", "better"]
"""Of all readings, or of the seven tenths (by weight) whose values are the smallest."""

Score = Callable[[float, float], float]
"""From a value, and what was due, to 0-100."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one note says: `value` in the attribute's unit, and how much it weighs (seconds).

    `start` and `end` lie on the clock of the clips; `place` is set where it falls short; `due` is
    what would be wanted there, for attributes of which not every note asks as much.
    """

    start: float
    end: float
    value: float
    weight: float
    place: AttributePlace | None = None
    due: float = 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """An attribute of a take with the readings it was made of, from which clips are scored, too."""

    attribute: Attribute
    readings: tuple[Reading, ...] = ()
    to_score: Score | None = None
    centre: Centre = "mean"

    def part(self, start: float, end: float) -> float | None:
        """The score of a stretch, 0 to 100; None where hardly a note lies in it.

        A note weighs there by the share of it that lies in the stretch.
        """
        if self.to_score is None:
            return None
        near = [each for each in self.readings if each.start < end and start < each.end]
        weights = [each.weight * _share(each, start, end) for each in near]
        if sum(weights) < _LEAST_IN_PART_S:
            return None
        return self.to_score(*_centres(near, weights, self.centre))


def measured(
    readings: Sequence[Reading],
    *,
    unit: str,
    to_score: Score,
    detail: Mapping[str, float] | None = None,
    reason: str = TOO_LITTLE,
    confidence: float = 1.0,
    least_s: float = _LEAST_WEIGHT_S,
    centre: Centre = "mean",
) -> Measured:
    """The attribute that readings make: their weighted mean (or that of the better), scored.

    Its confidence grows with the seconds that they weigh, up to `confidence` at 8 s; under
    `least_s` there is no value, for `reason`.
    """
    seconds = sum(each.weight for each in readings)
    if seconds < least_s:
        return unmeasured(reason, unit=unit)
    value, due = _centres(readings, [each.weight for each in readings], centre)
    places = [each.place for each in readings if each.place is not None]
    attribute = Attribute(
        score=to_score(value, due),
        value=value,
        unit=unit,
        confidence=confidence * min(1.0, seconds / _SURE_WEIGHT_S),
        places=tuple(places[:_MOST_PLACES]),
        detail=dict(detail or {}),
    )
    return Measured(attribute, tuple(readings), to_score, centre)


def unmeasured(reason: str, *, unit: str) -> Measured:
    """An attribute that nothing can be said of."""
    return Measured(Attribute(score=None, value=None, unit=unit, confidence=0.0, reason=reason))


def falling(*knots: tuple[float, float]) -> Score:
    """A map from values to scores along straight lines through (value, score), flat outside."""
    values, scores = zip(*knots, strict=True)
    return lambda value, due: float(np.interp(value, values, scores))


def _centres(
    readings: Sequence[Reading], weights: Sequence[float], centre: Centre
) -> tuple[float, float]:
    """The weighted mean of the values, or of the better, and the mean of what was due."""
    values = np.array([each.value for each in readings])
    due = float(np.average([each.due for each in readings], weights=weights))
    if centre == "mean":
        return float(np.average(values, weights=weights)), due
    return mean_of_least(values, weights, share=_BETTER), due


def _share(each: Reading, start: float, end: float) -> float:
    inside = min(each.end, end) - max(each.start, start)
    return max(0.0, inside) / max(each.end - each.start, 1e-6)
