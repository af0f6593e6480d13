"""Whatever is fitted to people is fitted on the other songs, and asked about the one left out.

A fit is a function of the other songs' values and ratings that returns a function of values alone:
the held-out song's ratings cannot reach it. Every choice (strength of the ridge, which single
system) is made inside the fit, on the other songs, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from asa_training.rated.agreement import Array, correlations

Predict = Callable[[Array], Array]
"""From values (n, k) to predictions (n,): of ratings, how far above the mean of those fitted on."""
Fit = Callable[[Array, Array, Sequence[str]], Predict]
"""From the other songs' values (n, k), ratings (n,) and singers to a prediction."""

_FEWEST = 5
_FOLDS = 10
RIDGES = tuple(float(10**power) for power in np.arange(-2, 4.5, 0.5))


@dataclass(frozen=True, slots=True)
class Scale:
    """Mean and spread of each column on the performances that were fitted on. Shapes: (k,)."""

    mean: Array
    spread: Array

    @classmethod
    def of(cls, values: Array) -> Scale:
        """The scale of these values; a column without spread becomes 0. Shape: (n, k)."""
        spread = values.std(axis=0)
        return cls(values.mean(axis=0), np.where(spread > 1e-12, spread, np.inf))

    def __call__(self, values: Array) -> Array:
        """Values in units of the spread. Shape: (n, k)."""
        return np.asarray((values - self.mean) / self.spread, dtype=np.float64)


def leave_one_song_out(
    fit: Fit, values: Array, human: Array, songs: Sequence[str], singers: Sequence[str]
) -> Array:
    """What a fit says of every performance, having seen no rating of its song. Shape: (n,).

    Each song is predicted relative to the others' mean rating. With that mean in it, a song that
    people liked would be predicted low, since it is missing in its own mean, and the songs could
    not be looked at together.

    NaN where fewer than five performances of other songs are left to fit on, or all are rated
    alike.

    Parameters
    ----------
    values
        Shape: (n, k), finite; more is better.
    human
        Shape: (n,), finite.
    songs, singers
        What each performance is of, and by whom.
    """
    found = np.full(len(human), np.nan)
    for song in sorted(set(songs)):
        held = np.array([each == song for each in songs])
        others = [name for name, out in zip(singers, held, strict=True) if not out]
        if len(others) >= _FEWEST and np.std(human[~held]) > 0:
            found[held] = fit(values[~held], human[~held], others)(values[held])
    return found


def equal_weights(values: Array, human: Array, singers: Sequence[str]) -> Predict:
    """The mean of all systems in units of their spread; ratings are not looked at."""
    scale = Scale.of(values)
    return lambda asked: np.asarray(scale(asked).mean(axis=1))


def linear(values: Array, human: Array, singers: Sequence[str]) -> Predict:
    """Ridge regression on all systems.

    Its strength is the one of `RIDGES` with the smallest squared error on singers who are left out
    in turn, a tenth of them at a time (of equal ones the strongest).
    """
    errors = [_error_left_out(values, human, singers, strength) for strength in RIDGES]
    best = max(k for k, error in enumerate(errors) if error <= min(errors) * (1 + 1e-9))
    return ridge(values, human, RIDGES[best])


def ridge(values: Array, human: Array, strength: float) -> Predict:
    """Linear regression on standardised values, its slopes held small by `strength`."""
    scale = Scale.of(values)
    x, above = scale(values), human - human.mean()
    slopes = np.linalg.solve(x.T @ x + strength * np.eye(x.shape[1]), x.T @ above)
    return lambda asked: np.asarray(scale(asked) @ slopes)


def isotonic(values: Array, human: Array, singers: Sequence[str]) -> Predict:
    """The one system that ranks best (Spearman), through the rising steps nearest to the ratings.

    Between the steps it is interpolated, beyond them it stands still.
    """
    once = np.ones((1, len(human)))
    each = [float(correlations(column, human, once, measure="spearman")[0]) for column in values.T]
    best = int(np.argmax(np.nan_to_num(each, nan=-2.0)))
    at, heights = steps(values[:, best], human - human.mean())
    return lambda asked: np.asarray(np.interp(asked[:, best], at, heights))


def steps(values: Array, human: Array) -> tuple[Array, Array]:
    """Isotonic regression: the values in order, each once, and their rising ratings.

    Pool adjacent violators (Barlow et al. 1972). Shapes: (m,), (m,).
    """
    at, index = np.unique(values, return_inverse=True)
    weights = np.bincount(index).astype(np.float64)
    means = np.bincount(index, weights=human) / weights
    blocks: list[tuple[float, float, int]] = []  # height, weight, how many values
    for height, weight in zip(means, weights, strict=True):
        block = (float(height), float(weight), 1)
        while blocks and blocks[-1][0] >= block[0]:
            before = blocks.pop()
            total = before[1] + block[1]
            height_of_both = (before[0] * before[1] + block[0] * block[1]) / total
            block = (height_of_both, total, before[2] + block[2])
        blocks.append(block)
    return at, np.repeat([block[0] for block in blocks], [block[2] for block in blocks])


def _error_left_out(values: Array, human: Array, singers: Sequence[str], strength: float) -> float:
    names = sorted(set(singers))
    fold_of = {name: place % _FOLDS for place, name in enumerate(names)}
    folds = np.array([fold_of[name] for name in singers])
    if len(names) < 2:
        return float("inf")
    total = 0.0
    for fold in range(min(_FOLDS, len(names))):
        held = folds == fold
        predicted = ridge(values[~held], human[~held], strength)(values[held])
        total += float(np.sum((predicted + human[~held].mean() - human[held]) ** 2))
    return total


FITS: Mapping[str, Fit] = {
    "sum of all, equal weights": equal_weights,
    "linear in all, ridge": linear,
    "best alone, isotonic": isotonic,
}
