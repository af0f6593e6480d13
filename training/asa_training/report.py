"""The numbers of a model on held-out renditions, as the card and the reader get them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from asa_desktop.core.assess.score_map import ScoreMap
from asa_training.evaluate import (
    ClipRow,
    auc,
    auc_at,
    clean,
    cosines,
    distinct,
    middle_95,
    order_of,
    said_and_severity,
    select,
)
from asa_training.grades import COLUMNS
from asa_training.render.plan import DEFECTS
from asa_training.scores import PITCH_DEFECTS

_STEPS = (0.1, 0.3, 0.5, 0.7, 0.9)
_DRAWS = 500


def summary(table: Sequence[ClipRow], to_score: ScoreMap) -> dict[str, Any]:
    """All measures of one table: AUC, its interval over sources, probe, pairs, curves."""
    good = [row for row in table if row.role == "probe_good"]
    poor = [row for row in table if row.role == "probe_poor"]
    low, high = _interval(table)
    least, most = _rank_interval(table)
    return {
        "clips": distinct(table),
        "sources": len({row.source for row in table}),
        "singers": sorted({row.singer for row in table}),
        "auc_pitch_0.5": _rounded(auc_at(table, PITCH_DEFECTS, severity=0.5)),
        "auc_pitch_0.5_interval": [_rounded(low), _rounded(high)],
        "clips_at_0.5": distinct(select(table, PITCH_DEFECTS, severity=0.5)),
        "auc_each_0.5": {name: _rounded(auc_at(table, (name,), severity=0.5)) for name in DEFECTS},
        "auc_each_0.5_interval": {
            name: [_rounded(bound) for bound in _interval(table, (name,))] for name in DEFECTS
        },
        "auc_by_singer": _by_singer(table),
        "rank": _rounded(rank(table)),
        "rank_interval": [_rounded(least), _rounded(most)],
        "probe": {
            "auc": _rounded(auc(cosines(good), cosines(poor))),
            "good": distinct(good),
            "poor": distinct(poor),
        },
        "takes": take_pairs(table, to_score),
        "curve": curve(table, to_score),
    }


def take_pairs(table: Sequence[ClipRow], to_score: ScoreMap) -> dict[str, Any]:
    """Whole takes of one source against one anchor: good ones above poor ones of severity 0.5.

    A take counts as severity 0.5 when the mean of its clips' realised severities in its one
    pitch defect lies between 0.4 and 0.6.
    """
    takes: dict[tuple[str, str, str], list[ClipRow]] = defaultdict(list)
    for row in table:
        takes[row.source, row.anchor, row.take].append(row)
    good: dict[tuple[str, str], list[float]] = defaultdict(list)
    poor: dict[tuple[str, str], list[float]] = defaultdict(list)
    for (source, anchor, _take), rows in takes.items():
        score = float(np.mean([to_score(row.cosine) for row in rows]))
        if rows[0].role == "positive":
            good[source, anchor].append(score)
        elif rows[0].role == "negative" and _at_half(rows):
            poor[source, anchor].append(score)
    gaps = [
        better - worse
        for place, scores in good.items()
        for better in scores
        for worse in poor.get(place, ())
    ]
    return {
        "pairs": len(gaps),
        "in_order": round(float(np.mean(np.array(gaps) > 0)), 4) if gaps else None,
        "median_gap": _median(gaps),
        "median_good": _median([score for scores in good.values() for score in scores]),
    }


def _rounded(value: float) -> float | None:
    """Four digits; None where there was nothing to measure, since JSON knows no NaN."""
    return round(value, 4) if np.isfinite(value) else None


def _median(scores: Sequence[float]) -> float | None:
    return round(float(np.median(scores)), 1) if scores else None


def _at_half(rows: Sequence[ClipRow]) -> bool:
    asked = rows[0].asked
    if len(asked) != 1 or not asked <= set(PITCH_DEFECTS):
        return False
    column = COLUMNS.index(next(iter(asked)))
    return abs(float(np.mean([min(row.severity[column], 1.0) for row in rows])) - 0.5) <= 0.1


def curve(table: Sequence[ClipRow], to_score: ScoreMap) -> dict[str, dict[str, float | None]]:
    """Median clip score by realised severity, per defect."""
    base = _median([to_score(row.cosine) for row in clean(table)])
    found: dict[str, dict[str, float | None]] = {}
    for name in DEFECTS:
        steps: dict[str, float | None] = {"0.0": base}
        for severity in _STEPS:
            rows = select(table, (name,), severity=severity)
            steps[str(severity)] = _median([to_score(row.cosine) for row in rows])
        found[name] = steps
    return found


def _by_singer(table: Sequence[ClipRow]) -> dict[str, float]:
    singers = sorted({row.singer for row in table})
    each = {
        name: auc_at([row for row in table if row.singer == name], PITCH_DEFECTS, severity=0.5)
        for name in singers
    }
    return {name: round(value, 4) for name, value in each.items() if np.isfinite(value)}


def rank(table: Sequence[ClipRow]) -> float:
    """Spearman of what the network says with the clips' severity turned round; NaN of too few.

    Over all clips of good and poor takes, of whatever defects, by the grade "heard".
    """
    return order_of(*said_and_severity(table))


def _rank_interval(table: Sequence[ClipRow]) -> tuple[float, float]:
    return drawn_again([said_and_severity(rows) for rows in _of_sources(table)], order_of)


def _interval(
    table: Sequence[ClipRow], defects: Sequence[str] = PITCH_DEFECTS
) -> tuple[float, float]:
    """Of the AUC at half severity, pooled over these defects."""
    parts = [
        (cosines(clean(rows)), cosines(select(rows, defects, severity=0.5)))
        for rows in _of_sources(table)
    ]
    return drawn_again(parts, auc)


def _of_sources(table: Sequence[ClipRow]) -> list[list[ClipRow]]:
    sources: dict[str, list[ClipRow]] = defaultdict(list)
    for row in table:
        sources[row.source].append(row)
    return [sources[name] for name in sorted(sources)]


def drawn_again(
    parts: Sequence[tuple[np.ndarray, np.ndarray]],
    measure: Callable[[np.ndarray, np.ndarray], float],
) -> tuple[float, float]:
    """95 % of a measure when whole sources are drawn again (fixed seed); NaN where unknown.

    `parts` are the two arrays that each source adds to what is measured.
    """
    rng = np.random.default_rng(1)
    values = []
    for _ in range(_DRAWS if parts else 0):
        drawn = [parts[k] for k in rng.integers(len(parts), size=len(parts))]
        one, other = (np.concatenate(each) for each in zip(*drawn, strict=True))
        values.append(measure(one, other))
    return middle_95(np.array(values))
