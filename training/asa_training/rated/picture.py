"""The picture of clips: embeddings brought to two dimensions by principal components."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from asa_training.rated.agreement import Array
from asa_training.rated.performances import Rated

FAINTEST = 0.15
"""Opacity of the lowest rated clips: still there to be seen."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Places (n, 2) and opacities (n,) of clips, and the share of variance each axis explains."""

    places: Array
    opacity: Array
    songs: tuple[str, ...]
    explained: tuple[float, float]
    lowest: float
    highest: float


def picture_of(rated: Sequence[Rated]) -> Picture | None:
    """All clips that a model embedded; None where there are not even three."""
    found = [
        (each, np.asarray(each.heard.embeddings, np.float64))
        for each in rated
        if each.heard.embeddings is not None and len(each.heard.embeddings)
    ]
    if sum(len(embedded) for _, embedded in found) < 3:
        return None
    places, explained = components(np.concatenate([embedded for _, embedded in found]))
    ratings = np.concatenate([np.full(len(embedded), each.human) for each, embedded in found])
    low, high = float(ratings.min()), float(ratings.max())
    share = (ratings - low) / (high - low) if high > low else np.ones_like(ratings)
    return Picture(
        places=places,
        opacity=FAINTEST + (1 - FAINTEST) * share,
        songs=tuple(each.song for each, embedded in found for _ in embedded),
        explained=explained,
        lowest=low,
        highest=high,
    )


def components(points: Array) -> tuple[Array, tuple[float, float]]:
    """The first two principal components of points (n, E), and the variance they explain.

    Each axis is turned so that its largest loading is positive, and the picture the same on
    every machine. Shapes: (n, 2).
    """
    centred = points - points.mean(axis=0)
    left, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    if len(sizes) < 2:
        left, sizes = np.hstack([left, 0 * left])[:, :2], np.append(sizes, 0.0)
        axes = np.vstack([axes, np.zeros_like(axes)])
    signs = np.sign(axes[[0, 1], np.abs(axes[:2]).argmax(axis=1)])
    total = max(float(np.sum(sizes**2)), 1e-12)
    first, second = (float(size**2 / total) for size in sizes[:2])
    return left[:, :2] * sizes[:2] * np.where(signs == 0, 1.0, signs), (first, second)
