"""How sure a mean over clips is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_DRAWS = 2000
_SEED = 20211107


def mean_range(scores: Sequence[float], *, share: float = 0.9) -> tuple[float, float] | None:
    """The range that holds the mean over clips with `share` (bootstrap, fixed seed).

    None for fewer than three clips: their spread says nothing yet.
    """
    if len(scores) < 3:
        return None
    values = np.asarray(scores, dtype=np.float64)
    rng = np.random.default_rng(_SEED)
    means = rng.choice(values, size=(_DRAWS, len(values))).mean(axis=1)
    low, high = np.quantile(means, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)
