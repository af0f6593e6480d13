"""Real pairs: what one singer's performances are worth beside another singer's of the same part.

Renditions of one recording share its phonetics and voice with their anchor; here the anchor is
somebody else. The reference's clock is brought to the take's source once, by its own anchor, so
that a rendition keeps what was done to its timing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from asa_desktop.core.alignment.find import align
from asa_desktop.core.alignment.warp import SURE, on_reference_clock
from asa_training.evaluate import ClipRow
from asa_training.features import ACCOMPANIMENT, Rendition
from asa_training.grades import grade_of

LEAST_WORSE = 0.3
"""From this severity over the whole take on (`grades.grade_of`) a take is worse than a good one."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An anchor, and another singer's performances of the same part, on the anchor's clock.

    `severity` is that of each whole take, by its name; `good` are the names of those with none.
    """

    renditions: tuple[Rendition, ...]
    severity: dict[str, float]
    good: frozenset[str]


def real_pairs(renditions: Sequence[Rendition], facts: Sequence[dict[str, Any]]) -> list[Pair]:
    """Every part that two singers sing, each singer once as the anchor.

    `facts` are the lines of the folder's manifest. Pairs whose anchors cannot be laid on each other
    (`warp.SURE`) are left out, and so are those without a good and a worse take.
    """
    parts = {
        fact["source"]["id"]: (fact["source"]["song"], fact["source"].get("part", ""))
        for fact in facts
    }
    of_part: dict[tuple[str, str], dict[str, list[Rendition]]] = defaultdict(dict)
    for each in renditions:
        place = parts.get(each.source)
        if place and place[1] and each.role != ACCOMPANIMENT:
            of_part[place].setdefault(each.source, []).append(each)
    found = []
    for sources in of_part.values():
        for ours in sources.values():
            for theirs in sources.values():
                pair = _pair(ours, theirs) if ours[0].singer != theirs[0].singer else None
                if pair is not None:
                    found.append(pair)
    return found


def _pair(ours: Sequence[Rendition], theirs: Sequence[Rendition]) -> Pair | None:
    anchor, own = _anchor(ours), _anchor(theirs)
    takes = [each for each in theirs if each.role in ("positive", "negative")]
    severity = {each.name: float(np.mean(grade_of(each.severity))) for each in takes}
    good = frozenset(each.name for each in takes if each.role == "positive")
    if anchor is None or own is None or not _worse(severity, good) or not good:
        return None
    warp = align(own.features, anchor.features)
    if warp.confidence < SURE:
        return None
    frames = anchor.features.frames
    laid = [
        replace(
            each,
            source=anchor.source,
            features=on_reference_clock(each.features, warp, frames=frames),
        )
        for each in takes
    ]
    return Pair((anchor, *laid), severity, good)


def _anchor(renditions: Sequence[Rendition]) -> Rendition | None:
    return next((each for each in renditions if each.role == "anchor"), None)


def _worse(severity: dict[str, float], good: frozenset[str]) -> list[str]:
    return [name for name, much in severity.items() if name not in good and much >= LEAST_WORSE]


def shares_in_order(
    pairs: Sequence[Pair], table: Callable[[Sequence[Rendition]], list[ClipRow]]
) -> np.ndarray:
    """Per pair, how many of its (good, worse) takes the network puts in the right order, and of
    how many. Shape: (pairs, 2).

    A take's value is the mean over its clips; pairs of which a side has no clip count nothing.
    """
    counts = []
    for pair in pairs:
        values: dict[str, list[float]] = defaultdict(list)
        for row in table(pair.renditions):
            values[row.take].append(row.cosine)
        mean = {name: float(np.mean(each)) for name, each in values.items()}
        gaps = [
            mean[better] - mean[worse]
            for better in pair.good
            for worse in _worse(pair.severity, pair.good)
            if better in mean and worse in mean
        ]
        counts.append(
            (sum(gap > 0 for gap in gaps) + 0.5 * sum(gap == 0 for gap in gaps), len(gaps))
        )
    return np.array(counts, dtype=np.float64).reshape(-1, 2)
