"""How a tower grades renditions that it never saw: per clip, per defect, per take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from asa_desktop.core.align import key_cents
from asa_desktop.core.assess.embedding import embed_clips
from asa_desktop.core.clips import PITCHED_SHARE
from asa_desktop.core.features.track import TrackFeatures
from asa_training.features import DEFECTS, GRID, Rendition
from asa_training.windows import severity_of

_BAND = 0.1


@dataclass(frozen=True, slots=True)
class ClipRow:
    """One clip of one performance against one anchor."""

    source: str
    singer: str
    take: str
    anchor: str
    role: str
    asked: frozenset[str]
    severity: NDArray[np.float32]
    cosine: float
    start: int = 0

    @property
    def worst(self) -> float:
        """The clip's realised severity over all defects."""
        return float(severity_of(self.severity))


def clip_table(
    tower: nn.Module,
    renditions: Sequence[Rendition],
    *,
    device: torch.device,
    views: Sequence[float] = (0.0,),
) -> list[ClipRow]:
    """Every whole window of every performance against every anchor of its source.

    Windows are cut and keys removed as the program does it: at equal times, one key a take.
    """
    anchors = [each for each in renditions if each.role == "anchor"]
    rows: list[ClipRow] = []
    for anchor in anchors:
        windows = _fit_windows(anchor.features)
        if not windows:
            continue
        near = _embed(tower, anchor.features, windows, 0.0, device, views)
        for take in renditions:
            if take.source == anchor.source and take.role != "anchor":
                rows.extend(_rows(tower, take, anchor, windows, near, device, views))
    return rows


def _rows(
    tower: nn.Module,
    take: Rendition,
    anchor: Rendition,
    windows: list[int],
    near: NDArray[np.float32],
    device: torch.device,
    views: Sequence[float],
) -> list[ClipRow]:
    cents = key_cents(take.features.pitch, anchor.features.pitch) or 0.0
    size = take.features.spec.clip_frames
    sung = take.features.pitch.hz > 0
    kept = [
        (place, at)
        for place, at in enumerate(windows)
        if at + size <= take.features.frames and np.mean(sung[at : at + size]) >= PITCHED_SHARE
    ]
    if not kept:
        return []
    ours = _embed(tower, take.features, [at for _, at in kept], cents, device, views)
    return [
        ClipRow(
            source=take.source,
            singer=take.singer,
            take=take.name,
            anchor=anchor.name,
            role=take.role,
            asked=frozenset(take.asked),
            start=at,
            severity=take.severity[min(round(at / GRID), len(take.severity) - 1)],
            cosine=float(np.dot(mine, near[place])),
        )
        for (place, at), mine in zip(kept, ours, strict=True)
    ]


def _fit_windows(features: TrackFeatures) -> list[int]:
    size = features.spec.clip_frames
    pitched = features.pitch.hz > 0
    starts = range(0, features.frames - size + 1, size)
    return [at for at in starts if np.mean(pitched[at : at + size]) >= PITCHED_SHARE]


@torch.inference_mode()
def _embed(
    tower: nn.Module,
    features: TrackFeatures,
    starts: list[int],
    cents: float,
    device: torch.device,
    views: Sequence[float],
) -> NDArray[np.float32]:
    """As the program's `embedding.embed_clips`, for a tower that is no model folder yet."""
    tower.eval()

    def embed(images: NDArray[np.float32]) -> NDArray[np.float32]:
        raw = tower(torch.from_numpy(images).to(device))
        return nn.functional.normalize(raw, dim=1).cpu().numpy()

    return embed_clips(features, starts, cents=cents, views=views, embed=embed)


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
    columns = {name: DEFECTS.index(name) for name in defects}
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


def distinct(rows: Sequence[ClipRow]) -> int:
    """How many clips there are; one compared with two anchors stands in two rows."""
    return len({(row.take, row.start) for row in rows})


def auc_at(table: Sequence[ClipRow], defects: Sequence[str], *, severity: float) -> float:
    """AUC of clean clips above those with these defects at one realised severity, pooled."""
    return auc(cosines(clean(table)), cosines(select(table, defects, severity=severity)))
