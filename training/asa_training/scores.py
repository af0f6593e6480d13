"""From what a network says to scores: the knots of the map.

Those of cosines are fitted on validation renditions alone; a head says the score itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from asa_desktop.core.assess.score_map import ScoreMap
from asa_desktop.core.errors import UsageError
from asa_training.evaluate import ClipRow, clean, cosines, select

PITCH_DEFECTS = ("off_pitch", "drift", "wrong_notes")
STATEMENT = "scale of rendered defects, not of listeners"
MARKS = "scale of people's marks of {target}, brought to 0 to 100"
PLAIN = ScoreMap.from_knots([[0.0, 0.0], [1.0, 100.0]])
"""Of systems with a head: shares of 100 as points."""


def fit_score_map(table: Sequence[ClipRow]) -> ScoreMap:
    """The median clip of severity 0 gets 90, of 0.5 gets 50, of 1 gets 10.

    The end pieces run on with the slope of their neighbours to 100 and 0, where they are clamped.

    Raises
    ------
    UsageError
        ``model_orders_nothing`` when the three medians do not rise, or one is missing.
    """
    high = _median(clean(table))
    middle = _median(select(table, PITCH_DEFECTS, severity=0.5))
    low = _median(select(table, PITCH_DEFECTS, severity=1.0))
    if not low < middle < high:
        raise UsageError("model_orders_nothing", low=low, middle=middle, high=high)
    bottom = max(low - 10 * (middle - low) / 40, -1.0)
    top = min(high + 10 * (high - middle) / 40, 1.0)
    knots = [(bottom, 0.0), (low, 10.0), (middle, 50.0), (high, 90.0), (top, 100.0)]
    kept = [knots[0]]
    for knot in knots[1:]:
        if knot[0] > kept[-1][0] + 1e-4:
            kept.append(knot)
    return ScoreMap.from_knots([[round(cosine, 4), score] for cosine, score in kept])


def _median(rows: Sequence[ClipRow]) -> float:
    """NaN, which compares as false, where there is no clip."""
    return float(np.median(cosines(rows))) if rows else float("nan")
