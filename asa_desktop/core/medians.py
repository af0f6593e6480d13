"""The median of values that weigh differently."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def weighted_median(values: ArrayLike, weights: ArrayLike) -> float:
    """The value (n,) at which half of the weights (n,) is reached."""
    known = np.asarray(values, dtype=np.float64)
    order = np.argsort(known)
    share = np.cumsum(np.asarray(weights, dtype=np.float64)[order])
    return float(known[order][int(np.searchsorted(share, share[-1] / 2))])
