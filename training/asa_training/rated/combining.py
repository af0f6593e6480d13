"""From several recordings, or several references, to one word on a performance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from asa_desktop.core.attributes.codes import LIKENESS
from asa_desktop.core.types import Analysis, SystemScore
from asa_training.rated.performances import Better, Said

COSINE = "cosine"
NOT_SAID = "not_said"


def over_recordings(
    said: Sequence[SystemScore | None], sung_s: Sequence[float], *, unit: str, better: Better
) -> Said:
    """One system's mean over the recordings that it speaks of, each weighing as long as it is sung.

    Where it speaks of none, the commonest reason.
    """
    values = [(one.value, weight) for one, weight in zip(said, sung_s, strict=True) if one]
    scores = [(one.score, weight) for one, weight in zip(said, sung_s, strict=True) if one]
    value, score = _weighted(values), _weighted(scores)
    silent = value is None and score is None
    reasons = Counter((one.reason if one else None) or NOT_SAID for one in said)
    return Said(
        value=value,
        score=score,
        unit=unit,
        better=better,
        reason=reasons.most_common(1)[0][0] if silent and reasons else None,
    )


def of_model(name: str, analyses: Sequence[Analysis]) -> dict[str, Said]:
    """A model's lines: its own mean score of all scored clips and, where it has any, of cosines."""
    clips = [clip for each in analyses for clip in each.clips if each.model == name]
    scores = [clip.parts.get(LIKENESS, clip.score) for clip in clips if clip.score is not None]
    cosines = [clip.cosine for clip in clips if clip.cosine is not None]
    reasons = Counter(each.reason or NOT_SAID for each in analyses)
    reason = reasons.most_common(1)[0][0] if reasons and not scores else None
    lines = {name: Said(score=_mean(scores), unit="score", reason=reason)}
    if cosines:
        lines[f"{name} {COSINE}"] = Said(value=_mean(cosines), unit=COSINE)
    return lines


def scored_clips(analyses: Sequence[Analysis]) -> int:
    """How many clips have a score."""
    return sum(clip.score is not None for each in analyses for clip in each.clips)


def nearest(
    each: Sequence[Mapping[str, SystemScore]], better: Mapping[str, Better]
) -> dict[str, SystemScore]:
    """Per system, what it says against the reference that suits the take best."""
    names = list(dict.fromkeys(name for said in each for name in said))
    return {name: _best([said[name] for said in each if name in said], better[name])
            for name in names}  # fmt: skip


def _best(said: Sequence[SystemScore], better: Better) -> SystemScore:
    sign = 1.0 if better == "high" else -1.0

    def rank(one: SystemScore) -> tuple[float, float]:
        value = -np.inf if one.value is None else sign * one.value
        return (float(value), -np.inf if one.score is None else one.score)

    return max(said, key=rank)


def _weighted(found: Sequence[tuple[float | None, float]]) -> float | None:
    """The weighted mean of what is there; plain where all weights are 0."""
    known = [(number, weight) for number, weight in found if number is not None]
    if not known:
        return None
    numbers, weights = np.array(known, dtype=np.float64).T
    return float(np.average(numbers, weights=weights if weights.sum() > 0 else None))


def _mean(numbers: Sequence[float]) -> float | None:
    return float(np.mean(numbers)) if numbers else None
