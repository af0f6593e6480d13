"""Clips scored by a model of any of the five systems.

`rori` and `racc` score by the cosine of two embeddings (`embedding`); `direct`, `delta` and
`embdirect` have a head that says the score itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from asa_desktop.core.assess import embedding
from asa_desktop.core.assess.embedding import Memo, Tell
from asa_desktop.core.clips import unfit
from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.models import SYSTEMS, TRIPLETS, Needs
from asa_desktop.core.types import Clip, ClipScore, FloatArray

if TYPE_CHECKING:
    from asa_desktop.core.networks.runner import Model

NO_REFERENCE = "no_reference"
NO_ACCOMPANIMENT = "no_accompaniment"
ACCOMPANIMENT_SILENT = "accompaniment_silent"

Rate = Callable[[FloatArray], FloatArray]
"""Images (B, 5, 96, 94) to shares of 100 (B,)."""

_BATCH = 16
_KEY_STEP = 2.0
_HEARD_SHARE = 0.25
_LACKING = {"vocal": NO_REFERENCE, "accompaniment": NO_ACCOMPANIMENT}


def needs(system: str) -> Needs:
    """What a system compares a take with: ``nothing``, the ``vocal`` or the ``accompaniment``."""
    return SYSTEMS[system]


def score_clips(
    take: TrackFeatures,
    clips: Sequence[Clip],
    *,
    model: Model,
    cents: float = 0.0,
    vocal: TrackFeatures | None = None,
    accompaniment: TrackFeatures | None = None,
    anchors: FloatArray | None = None,
    memo: Memo | None = None,
    tell: Tell = lambda share: None,
) -> tuple[ClipScore, ...]:
    """Score what can be scored; the rest carries its reason, as all do where the reference lacks.

    Parameters
    ----------
    take, vocal, accompaniment
        On one clock, computed under the model's specification (but for the key's removal). The
        model looks at that one of the last two which it needs (`needs`), or at neither.
    cents
        How far the take lies above its reference; taken off where the model was made so.
    anchors
        The reference's embeddings (`embedding.reference_embeddings`), for systems that have any;
        computed here where they are not given.
    memo
        Spares the network what it has seen before; one for each model.

    Returns
    -------
    `cosine` is that of the embeddings, None for the systems with a head.

    Raises
    ------
    ValueError
        When the features are of another specification than the model's.
    """
    wanted = model.card.needs
    reference = {"nothing": None, "vocal": vocal, "accompaniment": accompaniment}[wanted]
    if reference is None and wanted != "nothing":
        return tuple(ClipScore(clip, None, reason=_LACKING[wanted]) for clip in clips)
    ours, theirs = _of(model, take), None if reference is None else _of(model, reference)
    why = unaccompanied if wanted == "accompaniment" else unfit
    if model.card.system in TRIPLETS and theirs is not None:
        if anchors is None:
            anchors = embedding.reference_embeddings(theirs, model)
        return embedding.score_clips(
            ours,
            theirs,
            clips,
            cents=cents,
            anchors=anchors,
            model=model,
            memo=memo,
            tell=tell,
            why=why,
        )
    return _said(ours, theirs, clips, cents=cents, model=model, memo=memo, tell=tell)


def _of(model: Model, track: TrackFeatures) -> TrackFeatures:
    """The track under the model's own word on the key; all else has to be the same already."""
    if track.spec.track_key != model.card.features.track_key:
        raise ValueError("features of another specification than the model's")
    return replace(track, spec=model.card.features)


def unaccompanied(clip: Clip, take: TrackFeatures, accompaniment: TrackFeatures) -> str | None:
    """As `clips.unfit`, but an accompaniment need not have a pitch, only some sound."""
    reason = unfit(clip, take, None)
    if reason is not None:
        return reason
    spec = take.spec
    first = clip.index * spec.clip_frames
    window = accompaniment.mel[:, first : first + spec.clip_frames]
    heard = np.sum(np.any(window > spec.mel_floor_db, axis=0)) / spec.clip_frames
    whole = window.shape[1] == spec.clip_frames
    return None if whole and heard >= _HEARD_SHARE else ACCOMPANIMENT_SILENT


def _said(
    take: TrackFeatures,
    reference: TrackFeatures | None,
    clips: Sequence[Clip],
    *,
    cents: float,
    model: Model,
    memo: Memo | None,
    tell: Tell,
) -> tuple[ClipScore, ...]:
    """The scores that a head says."""
    spec = model.card.features
    reasons = {clip.index: unfit(clip, take, reference) for clip in clips}
    fit = [index for index, reason in reasons.items() if reason is None]
    # Without a reference there is nothing that a key could be measured against.
    removed = cents if spec.key_removed and reference is not None else 0.0
    shares = rate_clips(
        take,
        reference,
        [index * spec.clip_frames for index in fit],
        cents=removed,
        views=model.card.views,
        rate=model.rate,
        memo=memo,
        tell=tell,
    )
    scores = {
        index: model.card.score_map(float(share)) for index, share in zip(fit, shares, strict=True)
    }
    return tuple(
        ClipScore(clip=clip, score=scores.get(clip.index), reason=reasons[clip.index])
        for clip in clips
    )


def rate_clips(
    take: TrackFeatures,
    reference: TrackFeatures | None,
    starts: Sequence[int],
    *,
    cents: float,
    views: Sequence[float],
    rate: Rate,
    memo: Memo | None = None,
    tell: Tell = lambda share: None,
) -> FloatArray:
    """What a head says of the clips that start at these frames, the mean over transpositions.

    With a reference the head is shown take less reference, channel by channel (`delta`). `cents`
    is the key to remove from the take, to the nearest 2 cents as in `embedding.embed_clips`.

    Returns
    -------
    Shares of 100. Shape: (clips,).
    """
    cents = round(cents / _KEY_STEP) * _KEY_STEP
    memo = memo if memo is not None else Memo()

    def key(start: int) -> bytes:
        beside = b"" if reference is None else memo.key(reference, start, 0.0)
        return memo.key(take, start, cents) + beside

    def seen(start: int) -> list[FloatArray]:
        images = [take.image(start, cents=cents + view) for view in views]
        if reference is None:
            return images
        return [
            image - reference.image(start, cents=view)
            for image, view in zip(images, views, strict=True)
        ]

    keys = {start: key(start) for start in starts}
    shares = {start: memo.get(name) for start, name in keys.items()}
    new = [start for start, share in shares.items() if share is None]
    for first in range(0, len(new), _BATCH):
        chosen = new[first : first + _BATCH]
        said = rate(np.stack([image for start in chosen for image in seen(start)]))
        for start, each in zip(chosen, said.reshape(len(chosen), -1), strict=True):
            shares[start] = each
            memo.put(keys[start], each)
        tell(min(1.0, (first + _BATCH) / len(new)))
    found = [share.mean() for start in starts if (share := shares[start]) is not None]
    return np.array(found, dtype=np.float32)
