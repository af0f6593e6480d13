"""How a network grades renditions that it never saw: per clip, per defect, per take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr
from torch import Tensor, nn

from asa_desktop.core.assess.embedding import embed_clips
from asa_desktop.core.assess.networks import rate_clips
from asa_desktop.core.clips import PITCHED_SHARE
from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.models import TRIPLETS
from asa_desktop.core.networks.heads import TwoTowers
from asa_training.batches import role_of
from asa_training.config import Key, key_of
from asa_training.features import ACCOMPANIMENT, GRID, Rendition
from asa_training.grades import COLUMNS, Grade, grade_of
from asa_training.keys import cents_off

if TYPE_CHECKING:
    from asa_desktop.core.networks.runner import Model

_BAND = 0.1

Compare = Callable[[TrackFeatures, list[int], float], NDArray[np.float32]]
"""A take, frames at which clips start and the cents to take off: what the network says of them."""


@dataclass(frozen=True, slots=True)
class ClipRow:
    """One clip of one performance against one anchor ("" for systems that compare with nothing).

    `cosine` is what the network says of it: for systems with a head a share of 100.
    """

    source: str
    singer: str
    take: str
    anchor: str
    role: str
    asked: frozenset[str]
    severity: NDArray[np.float32]
    cosine: float
    start: int = 0


def clip_table(
    network: nn.Module,
    renditions: Sequence[Rendition],
    *,
    device: torch.device,
    views: Sequence[float] = (0.0,),
    system: str = "rori",
    key: Key = "removed",
) -> list[ClipRow]:
    """Every whole window of every performance against every anchor of its source.

    Windows are cut and keys taken off as the program does it: at equal times, one key a take.
    """
    takes = [each for each in renditions if each.role not in ("anchor", ACCOMPANIMENT)]
    rows: list[ClipRow] = []
    if role_of(system) is None:
        said = _comparison(network, None, [], device=device, views=views, system=system)
        for take in takes:
            rows.extend(_rows(take, None, _windows(take.features), said, 0.0))
        return rows
    for anchor in renditions:
        if anchor.role != role_of(system):
            continue
        # An accompaniment need have no pitch; that the take has some is seen to below.
        windows = _windows(anchor.features, pitched=anchor.role == "anchor")
        if not windows:
            continue
        said = _comparison(
            network, anchor.features, windows, device=device, views=views, system=system
        )
        for take in takes:
            if take.source == anchor.source:
                rows.extend(_rows(take, anchor, windows, said, cents_off(take, anchor, key)))
    return rows


def table_of_model(model: Model, renditions: Sequence[Rendition]) -> list[ClipRow]:
    """As `clip_table`, of a loaded model of any system."""
    card = model.card
    return clip_table(
        model.network,
        renditions,
        device=model.device,
        views=card.views,
        system=card.system,
        key=key_of(card.system, key_removed=card.features.key_removed),
    )


def _rows(
    take: Rendition, anchor: Rendition | None, windows: list[int], said: Compare, cents: float
) -> Iterator[ClipRow]:
    size = take.features.spec.clip_frames
    sung = take.features.pitch.hz > 0
    kept = [
        at
        for at in windows
        if at + size <= take.features.frames and np.mean(sung[at : at + size]) >= PITCHED_SHARE
    ]
    if not kept:
        return
    for at, value in zip(kept, said(take.features, kept, cents), strict=True):
        yield ClipRow(
            source=take.source,
            singer=take.singer,
            take=take.name,
            anchor="" if anchor is None else anchor.name,
            role=take.role,
            asked=frozenset(take.asked),
            start=at,
            severity=take.severity[min(round(at / GRID), len(take.severity) - 1)],
            cosine=float(value),
        )


def _windows(features: TrackFeatures, *, pitched: bool = True) -> list[int]:
    """Whole windows, side by side, with enough pitch where that is asked for."""
    size = features.spec.clip_frames
    sung = features.pitch.hz > 0
    starts = range(0, features.frames - size + 1, size)
    return [at for at in starts if not pitched or np.mean(sung[at : at + size]) >= PITCHED_SHARE]


def _comparison(
    network: nn.Module,
    anchor: TrackFeatures | None,
    windows: list[int],
    *,
    device: torch.device,
    views: Sequence[float],
    system: str,
) -> Compare:
    """As the program's `networks.score_clips`, for a network that is no model folder yet."""
    if system not in TRIPLETS:
        rate = _run(network, device)
        return lambda take, starts, cents: rate_clips(
            take, anchor, starts, cents=cents, views=views, rate=rate
        )
    assert anchor is not None
    two = isinstance(network, TwoTowers)
    reference = _unit(network.reference if two else network, device)
    performance = _unit(network.performance if two else network, device)
    embedded = embed_clips(anchor, windows, cents=0.0, views=views, embed=reference)
    near = dict(zip(windows, embedded, strict=True))

    def cosines_of(take: TrackFeatures, starts: list[int], cents: float) -> NDArray[np.float32]:
        ours = embed_clips(take, starts, cents=cents, views=views, embed=performance)
        return np.array([np.dot(mine, near[at]) for at, mine in zip(starts, ours, strict=True)])

    return cosines_of


def _unit(tower: nn.Module, device: torch.device) -> Callable[[NDArray], NDArray[np.float32]]:
    return _run(tower, device, lambda raw: nn.functional.normalize(raw, dim=1))


def _run(
    network: nn.Module,
    device: torch.device,
    finish: Callable[[Tensor], Tensor] = lambda raw: raw,
) -> Callable[[NDArray], NDArray[np.float32]]:
    """The network as a function of arrays, for use alone."""

    @torch.inference_mode()
    def run(images: NDArray[np.float32]) -> NDArray[np.float32]:
        network.eval()
        return finish(network(torch.from_numpy(images).to(device))).cpu().numpy()

    return run


def auc(good: NDArray[np.float64], poor: NDArray[np.float64]) -> float:
    """Share of (good, poor) pairs in the right order, ties counting half (Mann-Whitney)."""
    if not len(good) or not len(poor):
        return float("nan")
    ordered = np.sort(poor)
    below = np.searchsorted(ordered, good, side="left")
    upto = np.searchsorted(ordered, good, side="right")
    return float((below + upto).sum() / (2 * len(good) * len(poor)))


def select(table: Sequence[ClipRow], defects: Sequence[str], *, severity: float) -> list[ClipRow]:
    """Clips of takes with one of these defects alone, within 0.1 of the realised severity."""
    columns = {name: COLUMNS.index(name) for name in defects}
    return [
        row
        for row in table
        if row.role == "negative"
        and len(row.asked) == 1
        and (name := next(iter(row.asked))) in columns
        and abs(min(float(row.severity[columns[name]]), 1.0) - severity) <= _BAND
    ]


def clean(table: Sequence[ClipRow]) -> list[ClipRow]:
    """Clips at severity 0."""
    return [row for row in table if row.role == "positive"]


def cosines(rows: Sequence[ClipRow]) -> NDArray[np.float64]:
    """Their cosines, (n,)."""
    return np.array([row.cosine for row in rows], dtype=np.float64)


def graded(rows: Sequence[ClipRow], grade: Grade = "heard") -> NDArray[np.float32]:
    """Their severities in one number each, (n,)."""
    return grade_of(np.stack([row.severity for row in rows]), grade) if rows else np.zeros(0)


def said_and_severity(
    table: Sequence[ClipRow],
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """What is said of the clips of good and poor takes, and how bad they are; both (n,)."""
    rows = [row for row in table if row.role in ("positive", "negative")]
    return cosines(rows), graded(rows)


def middle_95(values: NDArray[np.float64]) -> tuple[float, float]:
    """The middle 95 % of the values that are known; NaN where none is."""
    known = values[np.isfinite(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def order_of(said: NDArray[np.float64], severity: NDArray[np.float32]) -> float:
    """Spearman of what is said with the severity turned round; NaN where nothing can be ranked.

    Who says the same of everything orders nothing: 0.
    """
    if len(said) < 2 or np.ptp(severity) == 0:
        return float("nan")
    if np.ptp(said) == 0:
        return 0.0
    return float(spearmanr(said, -severity)[0])


def distinct(rows: Sequence[ClipRow]) -> int:
    """How many clips there are; one compared with two anchors stands in two rows."""
    return len({(row.take, row.start) for row in rows})


def auc_at(table: Sequence[ClipRow], defects: Sequence[str], *, severity: float) -> float:
    """AUC of clean clips above those with these defects at one realised severity, pooled."""
    return auc(cosines(clean(table)), cosines(select(table, defects, severity=severity)))
