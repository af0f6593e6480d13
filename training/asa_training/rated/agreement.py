"""How well a system agrees with people: correlations, each with its interval and its n.

The interval is a bootstrap over singers: whole singers are drawn with replacement, with all that
they sang, since two performances of one singer are not two independent ones (a block bootstrap;
Efron and Tibshirani 1993, ch. 8). The draws are counted rather than listed, so that all of them
are worked through at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Measure = Literal["pearson", "spearman"]

MEASURES: tuple[Measure, ...] = ("pearson", "spearman")
DRAWS = 2000
SHARE = 0.95
FEWEST = 3
"""Performances for a correlation (two always give 1 or -1), and singers for an interval."""

_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class Agreement:
    """One correlation over `n` performances of `singers` singers; `low` to `high` hold 95 %.

    `value` is None where fewer than three performances, or no spread, leave it undefined; the
    interval is None where fewer than three singers, or too many draws without spread, do.
    """

    n: int
    singers: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


def agreement(
    ours: Array, theirs: Array, singers: Sequence[str], *, measure: Measure, seed: int
) -> Agreement:
    """Correlate two scores of the same performances.

    Parameters
    ----------
    ours, theirs
        Shape: (n,). Performances where either is not finite are left out, and not counted.
    singers
        Who sang each.
    seed
        Of the draws: the same values always get the same interval.
    """
    known = np.isfinite(ours) & np.isfinite(theirs)
    names = [name for name, there in zip(singers, known, strict=True) if there]
    n, distinct = len(names), len(set(names))
    if n < FEWEST:
        return Agreement(n=n, singers=distinct)
    mine, human = ours[known], theirs[known]
    value = float(correlations(mine, human, np.ones((1, n)), measure=measure)[0])
    if not np.isfinite(value):
        return Agreement(n=n, singers=distinct)
    weights = draws(names, seed=seed)
    low, high = interval(correlations(mine, human, weights, measure=measure), singers=distinct)
    return Agreement(n=n, singers=distinct, value=value, low=low, high=high)


def interval(drawn: Array, *, singers: int) -> tuple[float | None, float | None]:
    """The middle 95 % of what the draws gave (percentiles). Shape of `drawn`: (B,).

    (None, None) for fewer than three singers, and where more than half the draws are undefined.
    """
    known = drawn[np.isfinite(drawn)]
    if singers < FEWEST or 2 * len(known) < len(drawn):
        return None, None
    low, high = np.quantile(known, [(1 - SHARE) / 2, (1 + SHARE) / 2])
    return float(low), float(high)


def draws(singers: Sequence[str], *, seed: int, count: int = DRAWS) -> Array:
    """How often each performance is in each draw of singers. Not to be written to; (count, n)."""
    return _draws(tuple(singers), seed, count)


@lru_cache(maxsize=4)
def _draws(singers: tuple[str, ...], seed: int, count: int) -> Array:
    """Kept, since all systems that speak of the same performances are drawn alike."""
    names, index = np.unique(np.asarray(singers, dtype=str), return_inverse=True)
    even = np.full(len(names), 1 / len(names))
    drawn = np.random.default_rng(seed).multinomial(len(names), even, size=count)
    found = drawn[:, index].astype(np.float64)
    found.flags.writeable = False
    return found


def correlations(ours: Array, theirs: Array, weights: Array, *, measure: Measure) -> Array:
    """The correlation in every weighted sample; NaN where one side has no spread.

    Parameters
    ----------
    ours, theirs
        Finite. Shape: (n,).
    weights
        How often each value is in each sample. Shape: (B, n).

    Returns
    -------
    Shape: (B,).
    """
    step = max(1, _AT_ONCE // max(1, len(ours)))
    pieces = [weights[start : start + step] for start in range(0, len(weights), step)]
    if measure == "spearman":
        each = [_pearson(ranks(ours, some), ranks(theirs, some), some) for some in pieces]
    else:
        x, y = (np.broadcast_to(_standard(side), (1, len(side))) for side in (ours, theirs))
        each = [_pearson(x, y, some) for some in pieces]
    return np.concatenate(each)


def ranks(values: Array, weights: Array) -> Array:
    """Ranks within every weighted sample, ties sharing their mean rank. Shape: (B, n).

    With whole weights these are the ranks in a sample that holds each value that many times;
    values of weight 0 get a rank between their neighbours, which nothing looks at.
    """
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    begins = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    tied = np.add.reduceat(weights[:, order], np.flatnonzero(begins), axis=1)
    mean_rank = np.cumsum(tied, axis=1) - (tied - 1) / 2
    found = np.empty_like(weights, dtype=np.float64)
    found[:, order] = mean_rank[:, np.cumsum(begins) - 1]
    return found


def _standard(values: Array) -> Array:
    """Mean 0 and spread 1, so that "no spread" is one number whatever the unit; zeros if none."""
    spread = float(np.std(values))
    if spread <= 1e-12 * max(1.0, float(np.abs(values).max())):
        return np.zeros_like(values)
    return np.asarray((values - values.mean()) / spread)


def _pearson(x: Array, y: Array, weights: Array) -> Array:
    total = np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    dx = x - (weights * x).sum(axis=1, keepdims=True) / total
    dy = y - (weights * y).sum(axis=1, keepdims=True) / total
    both = (weights * dx * dy).sum(axis=1)
    spread = (weights * dx**2).sum(axis=1) * (weights * dy**2).sum(axis=1)
    found = np.full(len(weights), np.nan)
    defined = spread > 1e-18
    found[defined] = both[defined] / np.sqrt(spread[defined])
    return np.asarray(np.clip(found, -1.0, 1.0))
