"""Which channels of a clip's image pulled its likeness down: each replaced by the original's.

Occlusion after Zeiler and Fergus, "Visualizing and understanding convolutional networks" (ECCV
2014), with what was meant in place of grey: so the network never sees what is not singing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from asa_desktop.core.assess.score_map import ScoreMap
from asa_desktop.core.attributes.codes import CHANNELS
from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.types import ClipScore

if TYPE_CHECKING:
    from asa_desktop.core.networks.runner import Model

WORTH_ASKING = 85.0
"""From this score on nothing pulled a clip down that would be worth a word."""

_LEAST_POINTS = 1.0
_AT_ONCE = 16  # a whole batch of the network, which fills one up anyway


def with_channels(
    clips: Sequence[ClipScore],
    *,
    take: TrackFeatures,
    reference: TrackFeatures,
    model: Model,
    cents: float,
    tell: Callable[[float], None] = lambda share: None,
) -> tuple[ClipScore, ...]:
    """The clips with `channels` filled in where the likeness is under `WORTH_ASKING`.

    For models that compare embeddings with the original's; only channels that the network looks at
    are asked. One view of each clip is looked at, the one in its own key: what is said is an
    explanation, and no part of the score.

    Parameters
    ----------
    clips
        As scored by the network, so that their score is the likeness.
    cents
        The key that was removed from the take.
    """
    asked = [at for at, each in enumerate(clips) if each.score is not None and _low(each)]
    told = list(clips)
    seen = tuple(model.card.network.get("channels", CHANNELS))
    for first in range(0, len(asked), _AT_ONCE):
        chosen = asked[first : first + _AT_ONCE]
        images, originals = [], []
        for at in chosen:
            start = clips[at].clip.index * take.spec.clip_frames
            ours, theirs = take.image(start, cents=cents), reference.image(start)
            for channel in map(CHANNELS.index, seen):
                mixed = ours.copy()
                mixed[channel] = theirs[channel]
                images.append(mixed)
            images.append(ours)
            originals.append(theirs)
        found = model.embed(np.stack(images)).reshape(len(chosen), len(seen) + 1, -1)
        anchors = model.embed_reference(np.stack(originals))
        for at, each, anchor in zip(chosen, found, anchors, strict=True):
            points = _points(clips[at], seen, each @ anchor, to_score=model.card.score_map)
            told[at] = replace(clips[at], channels=points)
        tell(min(1.0, (first + _AT_ONCE) / len(asked)))
    return tuple(told)


def _low(each: ClipScore) -> bool:
    return each.score is not None and each.cosine is not None and each.score < WORTH_ASKING


def _points(
    each: ClipScore, seen: Sequence[str], cosines: np.ndarray, *, to_score: ScoreMap
) -> dict[str, float]:
    """How many points of likeness each channel costs; those under one point are left out."""
    if each.cosine is None or each.score is None:
        return {}
    gains = {
        name: to_score(min(each.cosine + float(cosine - cosines[-1]), 1.0)) - each.score
        for name, cosine in zip(seen, cosines[:-1], strict=True)
    }
    return {name: points for name, points in gains.items() if points >= _LEAST_POINTS}
