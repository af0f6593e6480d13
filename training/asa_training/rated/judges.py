"""The human line: how well one judge agrees with the others, on the very same performances."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from asa_training.rated.agreement import (
    FEWEST,
    Array,
    Measure,
    correlations,
    draws,
    interval,
)


@dataclass(frozen=True, slots=True)
class HumanLine:
    """Each judge against the mean of the others: the mean over judges, and the range of them.

    `low` to `high` hold 95 % of that mean (bootstrap over singers). `pairwise` is the mean
    correlation of two judges. `n` counts performances with at least two judges. What too few
    judges or performances leave undefined is None.
    """

    judges: int
    n: int
    singers: int
    value: float | None = None
    lowest: float | None = None
    highest: float | None = None
    low: float | None = None
    high: float | None = None
    pairwise: float | None = None


def human_line(
    ratings: Array,
    persons: Sequence[str],
    singers: Sequence[str],
    *,
    measure: Measure,
    seed: int,
) -> HumanLine:
    """Compare the judges with each other.

    Parameters
    ----------
    ratings
        NaN where a judge did not rate. Shape: (n, J).
    persons
        Who each of the J judges is; two rounds of one person are never compared with each other.
    singers
        Who sang each performance.
    """
    people = sorted(set(persons))
    kept = _rated_twice(ratings, persons)
    ratings = ratings[kept]
    names = [name for name, there in zip(singers, kept, strict=True) if there]
    blank = HumanLine(judges=len(people), n=len(names), singers=len(set(names)))
    if len(people) < 2 or len(names) < FEWEST:
        return blank
    weights = np.vstack([np.ones((1, len(names))), draws(names, seed=seed)])
    each = [
        _where_both(ratings[:, column], _others(ratings, persons, person), weights, measure)
        for column, person in enumerate(persons)
    ]
    known = [found for found in each if np.isfinite(found[0])]
    if not known:
        return blank
    values = [float(found[0]) for found in known]
    drawn = np.array(known)[:, 1:]
    low, high = interval(drawn.mean(axis=0), singers=len(set(names)))
    return HumanLine(
        judges=len(people),
        n=len(names),
        singers=len(set(names)),
        value=float(np.mean(values)),
        lowest=min(values),
        highest=max(values),
        low=low,
        high=high,
        pairwise=_pairwise(ratings, persons, measure),
    )


def person_of(judge: str) -> str:
    """The person behind a judge's name: rounds of one person are told by a last ``_1``, ``_2``."""
    return re.sub(r"_\d$", "", judge)


def _rated_twice(ratings: Array, persons: Sequence[str]) -> NDArray[np.bool_]:
    """Which performances at least two persons rated. Shape: (n,)."""
    rated = np.zeros(len(ratings), dtype=np.intp)
    for person in set(persons):
        rated += np.isfinite(_of(ratings, persons, person)).any(axis=1)
    return np.asarray(rated >= 2)


def _of(ratings: Array, persons: Sequence[str], person: str) -> Array:
    return ratings[:, [column for column, name in enumerate(persons) if name == person]]


def _others(ratings: Array, persons: Sequence[str], person: str) -> Array:
    """The mean over all other persons, each of whom counts once. Shape: (n,)."""
    means = [_mean(_of(ratings, persons, other)) for other in sorted(set(persons) - {person})]
    return _mean(np.stack(means, axis=1))


def _mean(ratings: Array) -> Array:
    """The mean of the known ones in each row; NaN where there is none. Shape: (n, J) -> (n,)."""
    known = np.isfinite(ratings)
    count = known.sum(axis=1)
    total = np.where(known, ratings, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _where_both(ours: Array, theirs: Array, weights: Array, measure: Measure) -> Array:
    """The correlation in each draw over what both rated; NaN where that is too little. (B,)."""
    both = np.isfinite(ours) & np.isfinite(theirs)
    if both.sum() < FEWEST:
        return np.full(len(weights), np.nan)
    return correlations(ours[both], theirs[both], weights[:, both], measure=measure)


def _pairwise(ratings: Array, persons: Sequence[str], measure: Measure) -> float | None:
    once = np.ones((1, len(ratings)))
    found = [
        float(_where_both(ratings[:, one], ratings[:, other], once, measure)[0])
        for one, other in combinations(range(len(persons)), 2)
        if persons[one] != persons[other]
    ]
    known = [value for value in found if np.isfinite(value)]
    return float(np.mean(known)) if known else None
