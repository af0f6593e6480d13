"""Rori: a clip is as good as its embedding is near the original's at the same time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from asa_desktop.core.assess.spread import mean_range
from asa_desktop.core.clips import unfit
from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.types import Clip, ClipScore, FloatArray, Overall

if TYPE_CHECKING:
    from asa_desktop.core.networks.runner import Model


def reference_embeddings(reference: TrackFeatures, model: Model) -> FloatArray:
    """Embeddings of all whole windows of the reference. Shape: (clips, 128)."""
    size = reference.spec.clip_frames
    return _embed(reference, range(reference.frames // size), cents=0.0, model=model)


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
    embeddings = _embed(take, fit, cents=removed, model=model)
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


def _embed(
    track: TrackFeatures, indices: Sequence[int], *, cents: float, model: Model
) -> FloatArray:
    size = track.spec.clip_frames
    images = [track.image(index * size, cents=cents) for index in indices]
    blank = np.zeros((0, 5, track.spec.rows, size), dtype=np.float32)
    return model.embed(np.stack(images) if images else blank)


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
