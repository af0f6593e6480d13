"""From a cosine to a score that can be read: a monotone piecewise-linear map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from asa_desktop.core.errors import ModelError


@dataclass(frozen=True, slots=True)
class ScoreMap:
    """Knots (cosine, score), rising in both; beyond the outer knots the score stands still."""

    knots: tuple[tuple[float, float], ...]

    def __call__(self, cosine: float) -> float:
        """The score, 0 to 100, of a cosine."""
        cosines, scores = zip(*self.knots, strict=True)
        return float(np.clip(np.interp(cosine, cosines, scores), 0.0, 100.0))

    @classmethod
    def from_knots(cls, knots: Sequence[Sequence[float]]) -> ScoreMap:
        """Check the knots of a card, or raise ModelError ``score_map_broken``."""
        try:
            pairs = tuple((float(cosine), float(score)) for cosine, score in knots)
        except (TypeError, ValueError, OverflowError):
            raise ModelError("score_map_broken") from None
        rising = all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(pairs))
        finite = all(math.isfinite(value) for pair in pairs for value in pair)
        inside = all(-1.001 <= cosine <= 1.001 and 0 <= score <= 100 for cosine, score in pairs)
        if len(pairs) < 2 or not (rising and finite and inside):
            raise ModelError("score_map_broken")
        return cls(knots=pairs)
