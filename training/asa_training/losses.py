"""The triplet loss with cosine, as meant by the paper, and graded by severity."""

from __future__ import annotations

import torch
from torch import Tensor

from asa_training.labels import is_good, is_poor

LEAST_GAP = 0.1


def triplet(anchor: Tensor, positive: Tensor, negative: Tensor, *, margin: Tensor) -> Tensor:
    """relu(cos(a, n) - cos(a, p) + margin), one value a triplet.

    The paper prints max(D(a,n) - D(a,p) + margin, 0) with D = -cos, which would pull the
    negatives in; this is what it must mean. Shapes: (B, E), (B, E), (B, E), (B,) -> (B,).
    """
    near = torch.cosine_similarity(anchor, positive, dim=-1)
    far = torch.cosine_similarity(anchor, negative, dim=-1)
    return torch.relu(far - near + margin)


def graded_margin(gap: Tensor, *, slope: float = 2.5, most: float = 1.5) -> Tensor:
    """A margin that grows with the gap in severity; a fixed one learns "the same recording"."""
    return torch.clamp(slope * gap, max=most)


def graded_triplets(
    embeddings: Tensor, severity: Tensor, *, slope: float = 2.5, most: float = 1.5
) -> Tensor:
    """Mean loss over all pairs of performances of one clip that differ by 0.1 in severity.

    See `stranger_triplets` for what keeps another song away.

    Parameters
    ----------
    embeddings
        Anchor first. Shape: (B, 1 + K, E).
    severity
        Shape: (B, K).
    """
    better, worse = _pairs(severity.shape[1])
    gap = severity[:, worse] - severity[:, better]
    losses = _of_pairs(embeddings, graded_margin(gap, slope=slope, most=most))
    return _mean(losses, gap > LEAST_GAP)


def fixed_triplets(embeddings: Tensor, severity: Tensor, *, margin: float = 1.0) -> Tensor:
    """The paper's loss: mean over all pairs of a good (80 and more) and a poor clip (under 40).

    Shapes as in `graded_triplets`.
    """
    better, worse = _pairs(severity.shape[1])
    losses = _of_pairs(embeddings, torch.full_like(severity[:, better], margin))
    return _mean(losses, is_good(severity[:, better]) & is_poor(severity[:, worse]))


def stranger_triplets(
    embeddings: Tensor, severity: Tensor, *, slope: float = 2.5, most: float = 1.5
) -> Tensor:
    """Mean loss that puts the next clip's best performance, another song, below one's own.

    A stranger counts as severity 1 against every own performance; without this a well-sung wrong
    song lies no farther away than a middling take. Shapes as in `graded_triplets`.
    """
    count = severity.shape[1]
    anchor = embeddings[:, :1].expand(-1, count, -1)
    stranger = embeddings[:, 1:2].roll(1, dims=0).expand(-1, count, -1)
    gap = 1.0 - severity
    margin = graded_margin(gap, slope=slope, most=most)
    losses = triplet(anchor, embeddings[:, 1:], stranger, margin=margin)
    return _mean(losses, gap > LEAST_GAP)


def _pairs(count: int) -> tuple[Tensor, Tensor]:
    """All ordered pairs of `count` performances: (better, worse), each (count^2,)."""
    better, worse = torch.meshgrid(torch.arange(count), torch.arange(count), indexing="ij")
    return better.flatten(), worse.flatten()


def _of_pairs(embeddings: Tensor, margin: Tensor) -> Tensor:
    """The loss of every ordered pair of performances. Shape of `margin`, too: (B, K^2)."""
    performances = embeddings[:, 1:]
    better, worse = _pairs(performances.shape[1])
    anchor = embeddings[:, :1].expand(-1, len(better), -1)
    return triplet(anchor, performances[:, better], performances[:, worse], margin=margin)


def _mean(losses: Tensor, counted: Tensor) -> Tensor:
    weights = counted.float()
    return (losses * weights).sum() / weights.sum().clamp_min(1.0)
