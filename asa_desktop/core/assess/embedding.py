"""Rori: a clip is as good as its embedding is near the original's at the same time.

Racc, too, with the accompaniment in place of the original; see `networks`.
"""

from __future__ import annotations

import hashlib
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

Tell = Callable[[float], None]
"""Told the share that is done; what it raises ends the work."""

Embed = Callable[[FloatArray], FloatArray]
"""Images (B, 5, 96, 94) to embeddings of length one (B, E)."""

_BATCH = 16
_KEY_STEP = 2.0
_REMEMBERED = 16_384


class Memo:
    """Embeddings of clips that were seen before, by all that the network is shown of them.

    For one model. So what was embedded while singing is still there at the end of the song.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, FloatArray] = {}

    def key(self, track: TrackFeatures, start: int, cents: float) -> bytes:
        """A name that two clips share only if they look the same."""
        digest = hashlib.blake2b(repr(cents).encode(), digest_size=16)
        window = slice(start, start + track.spec.clip_frames)
        for rows in (track.mel, track.chroma, track.tempo, track.activation):
            digest.update(np.ascontiguousarray(rows[:, window]).data)
        return digest.digest()

    def get(self, key: bytes) -> FloatArray | None:
        """What `put` was given, or None. Shape: (views * E,)."""
        return self._known.get(key)

    def put(self, key: bytes, found: FloatArray) -> None:
        """Remember one embedding; the oldest go when there are too many."""
        if len(self._known) >= _REMEMBERED:
            del self._known[next(iter(self._known))]
        self._known[key] = found


def reference_embeddings(
    reference: TrackFeatures, model: Model, *, tell: Tell = lambda share: None
) -> FloatArray:
    """Embeddings of all whole windows of the reference. Shape: (clips, E)."""
    indices = range(reference.frames // reference.spec.clip_frames)
    return _of_model(reference, indices, 0.0, model, embed=model.embed_reference, tell=tell)


def score_clips(
    take: TrackFeatures,
    reference: TrackFeatures,
    clips: Sequence[Clip],
    *,
    cents: float,
    anchors: FloatArray,
    model: Model,
    memo: Memo | None = None,
    tell: Tell = lambda share: None,
    why: Callable[[Clip, TrackFeatures, TrackFeatures], str | None] = unfit,
) -> tuple[ClipScore, ...]:
    """Score what can be scored; the rest carries its reason.

    Parameters
    ----------
    cents
        The key to remove from the take.
    anchors
        From `reference_embeddings`.
    memo
        Spares the network what it has seen before.
    why
        Why a clip cannot be scored, or None.
    """
    reasons = {clip.index: why(clip, take, reference) for clip in clips}
    fit = [index for index, reason in reasons.items() if reason is None and index < len(anchors)]
    removed = cents if take.spec.key_removed else 0.0
    embeddings = _of_model(take, fit, removed, model, embed=model.embed, memo=memo, tell=tell)
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
    track: TrackFeatures,
    indices: Sequence[int],
    cents: float,
    model: Model,
    *,
    embed: Embed,
    memo: Memo | None = None,
    tell: Tell,
) -> FloatArray:
    starts = [index * track.spec.clip_frames for index in indices]
    return embed_clips(
        track,
        starts,
        cents=cents,
        views=model.card.views,
        embed=embed,
        memo=memo,
        tell=tell,
    )


def embed_clips(
    track: TrackFeatures,
    starts: Sequence[int],
    *,
    cents: float,
    views: Sequence[float],
    embed: Embed,
    memo: Memo | None = None,
    tell: Tell = lambda share: None,
) -> FloatArray:
    """Embed the clips that start at these frames, each seen in several transpositions.

    Parameters
    ----------
    cents
        The key to remove; to the nearest 2 cents, so that it stands still while a song goes on.
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
    cents = round(cents / _KEY_STEP) * _KEY_STEP
    memo = memo if memo is not None else Memo()
    keys = [memo.key(track, start, cents) for start in starts]
    known = {key: memo.get(key) for key in keys}
    new = {key: start for key, start in zip(keys, starts, strict=True) if known[key] is None}
    for first in range(0, len(new), _BATCH):
        chosen = list(new.items())[first : first + _BATCH]
        images = [track.image(at, cents=cents + view) for _, at in chosen for view in views]
        each = embed(np.stack(images)) / np.float32(np.sqrt(len(views)))
        for (key, _), found in zip(chosen, each.reshape(len(chosen), -1), strict=True):
            known[key] = found
            memo.put(key, found)
        tell(min(1.0, (first + _BATCH) / len(new)))
    parts = [found for found in (known[key] for key in keys) if found is not None]
    return np.stack(parts) if parts else np.zeros((0, 1), dtype=np.float32)


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
