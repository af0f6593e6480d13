"""Rori: a clip is as good as its embedding is near the original's at the same time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from asa_desktop.core.assess.spread import mean_range
from asa_desktop.core.clips import unfit
from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.types import Clip, ClipScore, FloatArray, Overall

if TYPE_CHECKING:
    from asa_desktop.core.networks.runner import Model

_BATCH = 16


def reference_embeddings(reference: TrackFeatures, model: Model) -> FloatArray:
    """Embeddings of all whole windows of the reference. Shape: (clips, E)."""
    return _of_model(reference, range(reference.frames // reference.spec.clip_frames), 0.0, model)


def score_clips(
    take: TrackFeatures,
    reference: TrackFeatures,
    clips: Sequence[Clip],
    *,
    cents: float,
    anchors: FloatArray,
    model: Model,
) -> tuple[ClipScore, ...]:
    """Score what can be scored; the rest carries its reason.

    Parameters
    ----------
    cents
        The key to remove from the take.
    anchors
        From `reference_embeddings`.
    """
    reasons = {clip.index: unfit(clip, take, reference) for clip in clips}
    fit = [index for index, reason in reasons.items() if reason is None and index < len(anchors)]
    removed = cents if take.spec.key_removed else 0.0
    embeddings = _of_model(take, fit, removed, model)
    cosines = {
        index: float(np.dot(ours, anchors[index]))
        for index, ours in zip(fit, embeddings, strict=True)
    }
    to_score = model.card.score_map
    return tuple(
        ClipScore(
            clip=clip,
            score=to_score(cosines[clip.index]) if clip.index in cosines else None,
            reason=reasons[clip.index],
            cosine=cosines.get(clip.index),
        )
        for clip in clips
    )


def _of_model(
    track: TrackFeatures, indices: Sequence[int], cents: float, model: Model
) -> FloatArray:
    starts = [index * track.spec.clip_frames for index in indices]
    views = model.card.views
    return embed_clips(track, starts, cents=cents, views=views, embed=model.embed)


def embed_clips(
    track: TrackFeatures,
    starts: Sequence[int],
    *,
    cents: float,
    views: Sequence[float],
    embed: Callable[[FloatArray], FloatArray],
) -> FloatArray:
    """Embed the clips that start at these frames, each seen in several transpositions.

    Parameters
    ----------
    cents
        The key to remove.
    views
        Cents by which the clip is moved on top, the reference alike; what the network makes of a
        clip hangs a little on the key, and the mean over keys does so less.
    embed
        Images (B, 5, 96, 94) to embeddings of length one (B, E).

    Returns
    -------
    The views side by side, scaled to length one, so that a dot product is the mean of the views'
    cosines. Shape: (clips, views * E).
    """
    parts = []
    for first in range(0, len(starts), _BATCH):
        chosen = starts[first : first + _BATCH]
        seen = [
            embed(np.stack([track.image(at, cents=cents + view) for at in chosen]))
            for view in views
        ]
        parts.append(np.concatenate(seen, axis=1) / np.float32(np.sqrt(len(views))))
    return np.concatenate(parts) if parts else np.zeros((0, 1), dtype=np.float32)


def overall(scored: Sequence[ClipScore]) -> Overall | None:
    """The take's score: the mean of its scored clips; None where there is none."""
    scores = [each.score for each in scored if each.score is not None]
    if not scores:
        return None
    bounds = mean_range(scores)
    low, high = bounds if bounds else (None, None)
    return Overall(score=float(np.mean(scores)), low=low, high=high)


def why_none(scored: Sequence[ClipScore]) -> str:
    """The commonest reason among clips of which none was scored."""
    reasons = Counter(each.reason for each in scored if each.reason)
    return reasons.most_common(1)[0][0] if reasons else "too_short"
