"""The median of values that weigh differently, and the mean of their smaller part."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def weighted_median(values: ArrayLike, weights: ArrayLike) -> float:
    """The value (n,) at which half of the weights (n,) is reached."""
    known = np.asarray(values, dtype=np.float64)
    order = np.argsort(known)
    share = np.cumsum(np.asarray(weights, dtype=np.float64)[order])
    return float(known[order][int(np.searchsorted(share, share[-1] / 2))])


def mean_of_least(values: ArrayLike, weights: ArrayLike, *, share: float) -> float:
    """The weighted mean of the smallest values (n,) that make up `share` (0 to 1) of the weights.

    A one-sided trimmed mean: what is left out may be as large as it likes. The value at the
    boundary counts with the part of its weight that lies inside.
    """
    known = np.asarray(values, dtype=np.float64)
    order = np.argsort(known)
    own = np.asarray(weights, dtype=np.float64)[order]
    inside = np.clip(share * own.sum() - (np.cumsum(own) - own), 0.0, own)
    return float(np.average(known[order], weights=inside))
