"""Score against severity, per defect: what a model makes of renditions whose fault is known."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from asa_desktop.core.assess.score_map import ScoreMap
from asa_training.evaluate import ClipRow, clean, distinct, select
from asa_training.render.plan import DEFECTS

STEPS = (0.1, 0.3, 0.5, 0.7, 0.9)


@dataclass(frozen=True, slots=True)
class Point:
    """Scores of the clips near one severity: median and middle half; NaN where that is unknown.

    `clips` is how many there are, None where a model's card does not say.
    """

    severity: float
    clips: int | None
    median: float = math.nan
    low: float = math.nan
    high: float = math.nan


Curve = tuple[Point, ...]


def curves(table: Sequence[ClipRow], to_score: ScoreMap) -> dict[str, Curve]:
    """One curve a defect, from clips without any to the strongest."""
    base = _point(0.0, clean(table), to_score)
    return {
        name: (
            base,
            *(_point(at, select(table, (name,), severity=at), to_score) for at in STEPS),
        )
        for name in DEFECTS
    }


def curves_of_card(card: Mapping[str, Any]) -> dict[str, Curve]:
    """The medians that a model's card carries, measured when it was exported; {} without any."""
    kept = card.get("evaluation", {}).get("curve", {})
    return {
        name: tuple(
            Point(float(at), None, math.nan if median is None else float(median))
            for at, median in points.items()
        )
        for name, points in kept.items()
    }


def _point(severity: float, rows: Sequence[ClipRow], to_score: ScoreMap) -> Point:
    if not rows:
        return Point(severity, 0)
    scores = [to_score(row.cosine) for row in rows]
    low, median, high = (float(value) for value in np.quantile(scores, [0.25, 0.5, 0.75]))
    return Point(severity, distinct(rows), median, low, high)
