"""One score out of several: attributes and the network's likeness, weighed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from typing import Any

import numpy as np

from asa_desktop.core.assess.spread import mean_range
from asa_desktop.core.attributes.codes import LIKENESS
from asa_desktop.core.attributes.reading import Measured
from asa_desktop.core.attributes.rhythm import LEFT_OUT
from asa_desktop.core.types import Attribute, ClipScore, Overall

Knots = tuple[tuple[float, float], ...]

_CARD: Mapping[str, Any] = json.loads(
    files(__package__).joinpath("overall.json").read_text("utf-8")
)
"""The scorer as it was made: `asa-train overall` writes it, with how it came about."""

# Note deviation and vibrato are taken to count alike (after Nakano, Goto and Hiraga 2006). The
# score of vibrato is expected to spread about twice as wide over singers as that of intonation, so
# that half its weight moves the sum as much; nobody has measured that here. Levels and tone of
# voice hang on the microphone more than on the singer, and are shown only.
WEIGHTS: Mapping[str, float] = _CARD["weights"]

HEADROOM: float = _CARD["headroom"]
"""Points that a score may lie above its intonation: nothing makes up for wrong notes."""

FORGIVEN = 0.15
"""Share of the notes that may be missing before it counts, since a tracker loses some of a voice.
Taken out of four by people's marks of MAST's first ten melodies (F0 alone)."""

SCALE: Knots = tuple((float(mean), float(score)) for mean, score in _CARD["scale"])
"""From the weighted mean to the score: nothing is so bad that all of it is, so that means bunch
above 30."""


def combined(
    parts: Mapping[str, float], *, confidences: Mapping[str, float] | None = None
) -> float | None:
    """The weighted mean of what is there on the `SCALE`; None where nothing that counts is.

    A part that is half sure weighs half.
    """
    mean = weighted(parts, confidences=confidences)
    return None if mean is None else on_scale(mean)


def weighted(
    parts: Mapping[str, float], *, confidences: Mapping[str, float] | None = None
) -> float | None:
    """As `combined`, before the scale: 0 to 100."""
    sure = confidences or {}
    known = {name: value for name, value in parts.items() if name in WEIGHTS}
    weights = [WEIGHTS[name] * sure.get(name, 1.0) for name in known]
    if sum(weights) <= 0:
        return None
    mean = float(np.average(list(known.values()), weights=weights))
    return min(mean, known["intonation"] + HEADROOM) if "intonation" in known else mean


def on_scale(mean: float, scale: Knots = SCALE) -> float:
    """The score for a weighted mean, along straight lines from knot to knot."""
    means, scores = zip(*scale, strict=True)
    return float(np.interp(mean, means, scores))


def of_clip(each: ClipScore, measured: Mapping[str, Measured], *, by_network: bool) -> ClipScore:
    """A clip's score made anew: what a network said is one part of several.

    A clip that could not be scored stays as it is, and so does one in which nothing that counts
    was measured.
    """
    if each.score is None:
        return each
    parts = {LIKENESS: each.score} if by_network else {}
    for name, one in measured.items():
        part = one.part(each.clip.start, each.clip.end)
        if part is not None:
            parts[name] = part
    score = combined(parts)
    return replace(each, score=each.score if score is None else score, parts=parts)


def of_take(attributes: Mapping[str, Attribute], clips: Sequence[ClipScore]) -> Overall | None:
    """The take's score: its attributes and the mean likeness of its clips.

    The range is that of the mean over the clips (90 %), laid about the score. None where no clip
    could be scored.
    """
    scores = [each.score for each in clips if each.score is not None]
    if not scores:
        return None
    score = score_of(attributes, clips)
    if score is None:
        return None
    bounds = mean_range(scores)
    if bounds is None:
        return Overall(score=score, low=None, high=None)
    middle = float(np.mean(scores))
    low, high = (float(np.clip(score + each - middle, 0, 100)) for each in bounds)
    return Overall(score=score, low=low, high=high)


def score_of(attributes: Mapping[str, Attribute], clips: Sequence[ClipScore] = ()) -> float | None:
    """The score of attributes and of the clips' likeness, where there is any, 0 to 100.

    What was left out of the part that was attempted has no pitch that could be wrong: besides what
    it costs in rhythm, half of its share beyond what is `FORGIVEN` is taken off.
    """
    mean = mean_of_take(attributes, clips)
    if mean is None:
        return None
    left_out = attributes["rhythm"].detail.get(LEFT_OUT, 0.0) if "rhythm" in attributes else 0.0
    return on_scale(mean) * (1 - max(0.0, left_out - FORGIVEN) / (1 - FORGIVEN) / 2)


def mean_of_take(attributes: Mapping[str, Attribute], clips: Sequence[ClipScore]) -> float | None:
    """The weighted mean of a take's attributes and of the mean likeness of its clips, 0 to 100."""
    parts = {name: each.score for name, each in attributes.items() if each.score is not None}
    likeness = [each.parts[LIKENESS] for each in clips if LIKENESS in each.parts]
    if likeness:
        parts[LIKENESS] = float(np.mean(likeness))
    sure = {name: each.confidence for name, each in attributes.items()}
    return weighted(parts, confidences=sure)
