"""What trials are compared by, with intervals over sources drawn again.

All trials are measured on the same draws, so that two of them can be told apart by the interval of
their difference, which is narrower than their own intervals are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asa_training.evaluate import (
    ClipRow,
    auc,
    clean,
    cosines,
    middle_95,
    order_of,
    said_and_severity,
    select,
)
from asa_training.render.plan import DEFECTS
from asa_training.scores import PITCH_DEFECTS

DRAWS = 500
LEAST_SOURCES = 5
"""Under this drawing again says next to nothing of how much a measure hangs on its sources."""
PAIRS = "real pairs of singers in order"
_SEED = 1

Values = NDArray[np.float64]
Columns = tuple[Values, Values]
Measure = Callable[[Columns], float]


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure of one trial: the mean over its seeds, and the same of every draw, (DRAWS,).

    `count` is how many clips (or pairs of takes) with the fault it stands on, `sources` of how many
    sources (or pairs of singers) they are.
    """

    value: float
    drawn: Values
    count: int
    sources: int

    @property
    def interval(self) -> tuple[float, float]:
        """95 % over the draws; NaN where it stands on fewer than `LEAST_SOURCES`."""
        return self._bounds(self.drawn)

    def above(self, other: Measured) -> tuple[float, float, float]:
        """By how much it lies above another, with the difference's own interval."""
        return self.value - other.value, *self._bounds(self.drawn - other.drawn)

    def _bounds(self, drawn: Values) -> tuple[float, float]:
        return middle_95(drawn if self.sources >= LEAST_SOURCES else drawn[:0])


def of_tables(tables: Sequence[Sequence[ClipRow]]) -> dict[str, Measured]:
    """All measures of one trial, from one table of clips a seed.

    AUC is that of clips without a fault above clips of takes with this defect alone at a realised
    severity of 0.5 (within 0.1).
    """
    found = {}
    for name in DEFECTS:
        found[f"AUC {name.replace('_', ' ')}"] = _measured(tables, _telling((name,)), _auc)
    found["AUC pitch defects, pooled"] = _measured(tables, _telling(PITCH_DEFECTS), _auc)
    found["AUC all defects, pooled"] = _measured(tables, _telling(DEFECTS), _auc)
    found["rank correlation with severity"] = _measured(tables, _ordering, _rank)
    return found


def of_pairs(counts: Sequence[NDArray[np.float64]]) -> Measured:
    """The share of takes in the right order, (pairs, 2) a seed; pairs are drawn again."""
    rng = np.random.default_rng(_SEED)
    count = len(counts[0])
    draws = rng.integers(count, size=(DRAWS, count)) if count else np.zeros((DRAWS, 0), int)
    return Measured(
        value=float(np.mean([_share(each) for each in counts])),
        drawn=np.array([np.mean([_share(each[chosen]) for each in counts]) for chosen in draws]),
        count=int(counts[0][:, 1].sum()),
        sources=int(np.sum(counts[0][:, 1] > 0)),
    )


def _share(counts: NDArray[np.float64]) -> float:
    right, of = counts.sum(axis=0)
    return float(right / of) if of else float("nan")


def _telling(defects: Sequence[str]) -> Callable[[Sequence[ClipRow]], Columns]:
    return lambda rows: (cosines(clean(rows)), cosines(select(rows, defects, severity=0.5)))


def _auc(columns: Columns) -> float:
    return auc(*columns)


def _ordering(rows: Sequence[ClipRow]) -> Columns:
    said, severity = said_and_severity(rows)
    return said, severity.astype(np.float64)


def _rank(columns: Columns) -> float:
    return order_of(columns[0], columns[1].astype(np.float32))


def _measured(
    tables: Sequence[Sequence[ClipRow]],
    columns: Callable[[Sequence[ClipRow]], Columns],
    measure: Measure,
) -> Measured:
    sources = sorted({row.source for row in tables[0]})
    by_source = [_by_source(table, sources, columns) for table in tables]
    rng = np.random.default_rng(_SEED)
    drawn = [
        _mean(by_source, [sources[k] for k in chosen], measure)
        for chosen in rng.integers(len(sources), size=(DRAWS, len(sources)))
    ]
    counts = [len(each[1]) for each in by_source[0].values()]
    return Measured(
        value=_mean(by_source, sources, measure),
        drawn=np.array(drawn),
        count=sum(counts),
        sources=sum(count > 0 for count in counts),
    )


def _by_source(
    table: Sequence[ClipRow],
    sources: Sequence[str],
    columns: Callable[[Sequence[ClipRow]], Columns],
) -> dict[str, Columns]:
    rows: dict[str, list[ClipRow]] = {name: [] for name in sources}
    for row in table:
        rows[row.source].append(row)
    return {name: columns(each) for name, each in rows.items()}


def _mean(seeds: Sequence[Mapping[str, Columns]], chosen: Sequence[str], measure: Measure) -> float:
    """The mean of a measure over the seeds, on these sources."""
    values = []
    for columns in seeds:
        parts = [columns[name] for name in chosen]
        values.append(
            measure(
                (
                    np.concatenate([one for one, _ in parts]),
                    np.concatenate([two for _, two in parts]),
                )
            )
        )
    return float(np.mean(values))
