"""Batches of clips: an anchor and several performances of the same seconds, graded."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.align import key_cents
from asa_desktop.core.clips import PITCHED_SHARE
from asa_training.features import GRID, Rendition

_ROLL_CENTS = 500
_KEY_ERROR_CENTS = 12.0
_SLIP_FRAMES = 2


@dataclass(frozen=True, slots=True)
class Batch:
    """Shapes: `images` (B, 1 + K, 5, 96, 94), the anchor first; `severity` (B, K), 0 to 1."""

    images: NDArray[np.float32]
    severity: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Source:
    """One recording's renditions: who may be the anchor, and who performs."""

    anchors: tuple[Rendition, ...]
    performances: tuple[Rendition, ...]

    @property
    def starts(self) -> NDArray[np.int64]:
        """Frames on which a clip may start: multiples of GRID with enough pitch in the anchor."""
        pitched = self.anchors[0].features.pitch.hz > 0
        size = self.anchors[0].features.spec.clip_frames
        count = min(len(each.severity) for each in (*self.anchors, *self.performances))
        shares = [float(np.mean(pitched[at * GRID : at * GRID + size])) for at in range(count)]
        return np.flatnonzero(np.array(shares) >= max(PITCHED_SHARE, 0.4)) * GRID


def by_source(renditions: list[Rendition]) -> list[Source]:
    """Group renditions; a source without an anchor or with fewer than two performances is left."""
    groups: dict[str, list[Rendition]] = defaultdict(list)
    for each in renditions:
        if each.features.frames >= each.features.spec.clip_frames:
            groups[each.source].append(each)
    sources = []
    for group in groups.values():
        anchors = tuple(each for each in group if each.role == "anchor")
        others = tuple(each for each in group if each.role in ("positive", "negative"))
        if anchors and len(others) > 1 and len(Source(anchors, others).starts):
            sources.append(Source(anchors, others))
    return sources


def severity_of(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """One severity from the four of a window: the worst of them, at most 1. (..., 4) -> (...)."""
    return np.minimum(rows.max(axis=-1), 1.0)


class Sampler:
    """Draws batch number k from the seed and k alone, so that a resumed run sees the same."""

    def __init__(self, sources: list[Source], *, seed: int, clips: int, performances: int) -> None:
        self._sources = sources
        self._starts = [source.starts for source in sources]
        weight = np.array([len(starts) for starts in self._starts], dtype=np.float64)
        self._weight = weight / weight.sum()
        self._seed, self._clips, self._performances = seed, clips, performances
        self._keys: dict[tuple[str, str], float] = {}

    def batch(self, number: int) -> Batch:
        """The batch with this number."""
        rng = np.random.default_rng([self._seed, number])
        images, severities = [], []
        for chosen in rng.choice(len(self._sources), size=self._clips, p=self._weight):
            clip, severity = self._clip(int(chosen), rng)
            images.append(clip)
            severities.append(severity)
        return Batch(np.stack(images), np.stack(severities))

    def _clip(
        self, chosen: int, rng: np.random.Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        source = self._sources[chosen]
        start = int(rng.choice(self._starts[chosen]))
        anchor = source.anchors[int(rng.integers(len(source.anchors)))]
        good = [each for each in source.performances if each.role == "positive"]
        poor = [each for each in source.performances if each.role == "negative"]
        goods = min(len(good), 1 + int(rng.integers(2)))
        picked = [
            *rng.choice(np.array(good, dtype=object), goods, replace=False),
            *rng.choice(np.array(poor, dtype=object), self._performances - goods, replace=False),
        ]
        # The whole scene is moved by one interval: what is learnt holds in every key.
        roll = float(rng.integers(-_ROLL_CENTS // 20, _ROLL_CENTS // 20 + 1) * 20)
        images = [anchor.features.image(self._slip(anchor, start, rng), cents=roll)]
        severities = []
        for each in picked:
            error = round(rng.normal(0, _KEY_ERROR_CENTS) / 10) * 10
            cents = self._key(each, anchor) + roll + error
            images.append(each.features.image(self._slip(each, start, rng), cents=cents))
            severities.append(severity_of(each.severity[start // GRID]))
        return np.stack(images), np.array(severities, dtype=np.float32)

    def _slip(self, each: Rendition, start: int, rng: np.random.Generator) -> int:
        """A clip cut up to two frames beside its place, since no alignment is perfect."""
        last = each.features.frames - each.features.spec.clip_frames
        return int(np.clip(start + rng.integers(-_SLIP_FRAMES, _SLIP_FRAMES + 1), 0, last))

    def _key(self, take: Rendition, anchor: Rendition) -> float:
        pair = (take.name, anchor.name)
        if pair not in self._keys:
            cents = key_cents(take.features.pitch, anchor.features.pitch)
            self._keys[pair] = 20 * round((cents or 0.0) / 20)
        return self._keys[pair]
