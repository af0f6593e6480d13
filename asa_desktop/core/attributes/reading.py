"""What single notes say about an attribute, and how that becomes its value and its score."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from asa_desktop.core.types import Attribute, AttributePlace

TOO_LITTLE = "too_little"
"""Reason: hardly a note of the take can be compared."""

_LEAST_WEIGHT_S = 1.0
_SURE_WEIGHT_S = 8.0
_MOST_PLACES = 200

Score = Callable[[float], float]
"""From a value to 0-100."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one note says: `value` in the attribute's unit, and how much it weighs (seconds).

    `start` and `end` lie on the clock of the clips; `place` is set where it falls short.
    """

    start: float
    end: float
    value: float
    weight: float
    place: AttributePlace | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """An attribute of a take with the readings it was made of, from which clips are scored, too."""

    attribute: Attribute
    readings: tuple[Reading, ...] = ()
    to_score: Score | None = None

    def part(self, start: float, end: float) -> float | None:
        """The score of a stretch, 0 to 100; None where hardly a note lies in it.

        A note weighs there by the share of it that lies in the stretch.
        """
        if self.to_score is None:
            return None
        shares = [_share(each, start, end) for each in self.readings]
        weights = [
            each.weight * share for each, share in zip(self.readings, shares, strict=True)
        ]
        if sum(weights) < _LEAST_WEIGHT_S / 4:
            return None
        return self.to_score(float(np.average([one.value for one in self.readings], weights=weights)))


def measured(
    readings: Sequence[Reading],
    *,
    unit: str,
    to_score: Score,
    detail: Mapping[str, float] | None = None,
    reason: str = TOO_LITTLE,
    confidence: float = 1.0,
) -> Measured:
    """The attribute that readings make: their weighted mean, scored.

    Its confidence grows with the seconds that they weigh, up to `confidence` at 8 s; under 1 s
    there is no value, for `reason`.
    """
    seconds = sum(each.weight for each in readings)
    if seconds < _LEAST_WEIGHT_S:
        return unmeasured(reason, unit=unit)
    value = float(
        np.average([each.value for each in readings], weights=[one.weight for one in readings])
    )
    places = [each.place for each in readings if each.place is not None]
    attribute = Attribute(
        score=to_score(value),
        value=value,
        unit=unit,
        confidence=confidence * min(1.0, seconds / _SURE_WEIGHT_S),
        places=tuple(places[:_MOST_PLACES]),
        detail=dict(detail or {}),
    )
    return Measured(attribute, tuple(readings), to_score)


def unmeasured(reason: str, *, unit: str) -> Measured:
    """An attribute that nothing can be said of."""
    return Measured(Attribute(score=None, value=None, unit=unit, confidence=0.0, reason=reason))


def falling(*knots: tuple[float, float]) -> Score:
    """A map from values to scores along straight lines through (value, score), flat outside."""
    values, scores = zip(*knots, strict=True)
    return lambda value: float(np.interp(value, values, scores))


def _share(each: Reading, start: float, end: float) -> float:
    inside = min(each.end, end) - max(each.start, start)
    return max(0.0, inside) / max(each.end - each.start, 1e-6)
