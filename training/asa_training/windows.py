"""Batches of clips: an anchor and several performances of the same seconds, graded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.clips import PITCHED_SHARE
from asa_training.config import Draw, Key
from asa_training.features import GRID, Rendition
from asa_training.grades import Grade, grade_of
from asa_training.keys import cents_off
from asa_training.labels import is_good, is_poor

_ROLL_CENTS = 500
_KEY_ERROR_CENTS = 12.0
_SLIP_FRAMES = 2


@dataclass(frozen=True, slots=True)
class Batch:
    """Clips of the same seconds, B times.

    Shapes: `images` (B, A + K, 5, 96, 94), the anchor first where there is one (A is 1 or 0), then
    the performances; `severity` (B, K), 0 to 1. Where several processes share a batch, each has the
    images of its own clips alone, and the severities of all.
    """

    images: NDArray[np.float32]
    severity: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Share:
    """What one of several processes sees of a batch: the clips of its rank, side by side."""

    rank: int = 0
    of: int = 1

    def clips(self, count: int) -> slice:
        """Which of `count` clips, which have to divide by the number of processes."""
        each = count // self.of
        return slice(self.rank * each, (self.rank + 1) * each)


WHOLE = Share()


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One clip of a batch before it is cut: whose, from which frame, moved by how many cents."""

    views: list[tuple[Rendition, int, float]]
    severity: NDArray[np.float32]

    def images(self) -> NDArray[np.float32]:
        """Shape: (A + K, 5, 96, 94)."""
        return np.stack(
            [each.features.image(start, cents=cents) for each, start, cents in self.views]
        )


@dataclass(frozen=True, slots=True)
class Source:
    """One recording's renditions: who may be the anchor, who performs, and whose pitch tells
    where it is sung."""

    anchors: tuple[Rendition, ...]
    performances: tuple[Rendition, ...]
    sung: Rendition

    @property
    def starts(self) -> NDArray[np.int64]:
        """Frames on which a clip may start: multiples of GRID with enough pitch in the song."""
        pitched = self.sung.features.pitch.hz > 0
        size = self.sung.features.spec.clip_frames
        count = min(len(each.severity) for each in (*self.anchors, *self.performances))
        shares = [float(np.mean(pitched[at * GRID : at * GRID + size])) for at in range(count)]
        return np.flatnonzero(np.array(shares) >= max(PITCHED_SHARE, 0.4)) * GRID


def by_source(renditions: Sequence[Rendition], *, role: str | None = "anchor") -> list[Source]:
    """Group renditions; a source without an anchor or with fewer than two performances is left.

    `role` is what is compared with: "anchor" (the reference's voice), "accompaniment", or None for
    systems that compare with nothing.
    """
    groups: dict[str, list[Rendition]] = defaultdict(list)
    for each in renditions:
        if each.features.frames >= each.features.spec.clip_frames:
            groups[each.source].append(each)
    sources = []
    for group in groups.values():
        anchors = tuple(each for each in group if each.role == role)
        others = tuple(each for each in group if each.role in ("positive", "negative"))
        if (role is None or anchors) and len(others) > 1:
            voices = [each for each in group if each.role == "anchor"]
            source = Source(anchors, others, sung=(*voices, *others)[0])
            if len(source.starts):
                sources.append(source)
    return sources


def severity_at(each: Rendition, start: int, grade: Grade) -> float:
    """The severity of the window of a rendition that starts at a frame of the grid."""
    return float(grade_of(each.severity[start // GRID], grade))


class Sampler:
    """Draws batch number k from the seed and k alone, so that a resumed run sees the same.

    Sources that cannot fill a clip's `performances` are passed over. `draw`, `grade` and the
    numbers are those of `FitConfig`, `key` is what becomes of a take's key (`keys.cents_off`).
    """

    def __init__(
        self,
        sources: Iterable[Source],
        *,
        seed: int,
        clips: int,
        performances: int,
        draw: Draw = "graded",
        grade: Grade = "heard",
        key: Key = "removed",
        roll_cents: int = _ROLL_CENTS,
        key_error_cents: float = _KEY_ERROR_CENTS,
        slip_frames: int = _SLIP_FRAMES,
    ) -> None:
        self._seed, self._clips, self._performances = seed, clips, performances
        self._draw, self._grade, self._key = draw, grade, key
        self._roll, self._error, self._most_slip = roll_cents, key_error_cents, slip_frames
        found = [(source, self._fit_starts(source)) for source in sources]
        self._sources = [source for source, starts in found if len(starts)]
        self._starts = [starts for _, starts in found if len(starts)]
        weight = np.array([len(starts) for starts in self._starts], dtype=np.float64)
        self._weight = weight / max(weight.sum(), 1.0)
        self._keys: dict[tuple[str, str], float] = {}

    @property
    def windows(self) -> int:
        """How many windows there are to draw from; none where no source will do."""
        return sum(len(starts) for starts in self._starts)

    def batch(self, number: int, share: Share = WHOLE) -> Batch:
        """The batch with this number, or one process's share of it."""
        rng = np.random.default_rng([self._seed, number])
        chosen = rng.choice(len(self._sources), size=self._clips, p=self._weight)
        drawn = [self._clip(int(source), rng) for source in chosen]
        return Batch(
            images=np.stack([each.images() for each in drawn[share.clips(len(drawn))]]),
            severity=np.stack([each.severity for each in drawn]),
        )

    def _fit_starts(self, source: Source) -> NDArray[np.int64]:
        """The windows of which enough performances of the wanted kinds are there."""
        starts = source.starts
        good, poor = _of_roles(source.performances)
        if self._draw == "graded":
            return starts if good and len(poor) >= self._performances - 1 else starts[:0]
        if self._draw == "any":
            return starts if len(source.performances) >= self._performances else starts[:0]
        both = [at for at in starts if all(_classes(source.performances, at, self._grade))]
        return np.array(both, dtype=int)

    def _clip(self, chosen: int, rng: np.random.Generator) -> _Drawn:
        source = self._sources[chosen]
        start = int(rng.choice(self._starts[chosen]))
        anchor = None
        if source.anchors:
            anchor = source.anchors[int(rng.integers(len(source.anchors)))]
        picked = self._pick(source, start, rng)
        # The whole scene is moved by one interval: what is learnt holds in every key.
        roll = float(rng.integers(-self._roll // 20, self._roll // 20 + 1) * 20)
        views = []
        if anchor is not None:
            views.append((anchor, self._slip(anchor, start, rng), roll))
        severities = []
        for each in picked:
            cents = self._cents(each, anchor) + roll + self._key_error(rng)
            views.append((each, self._slip(each, start, rng), cents))
            severities.append(severity_at(each, start, self._grade))
        return _Drawn(views, np.array(severities, dtype=np.float32))

    def _pick(self, source: Source, start: int, rng: np.random.Generator) -> list[Rendition]:
        """Whose performances of this window come into the batch."""
        if self._draw == "any":
            everyone = np.array(source.performances, dtype=object)
            return list(rng.choice(everyone, self._performances, replace=False))
        if self._draw == "pairs":
            return [rng.choice(np.array(each, dtype=object))
                    for each in _classes(source.performances, start, self._grade)]  # fmt: skip
        good, poor = _of_roles(source.performances)
        goods = min(len(good), 1 + int(rng.integers(2)))
        return [
            *rng.choice(np.array(good, dtype=object), goods, replace=False),
            *rng.choice(np.array(poor, dtype=object), self._performances - goods, replace=False),
        ]

    def _slip(self, each: Rendition, start: int, rng: np.random.Generator) -> int:
        """A clip cut a frame or two beside its place, since no alignment is perfect."""
        last = each.features.frames - each.features.spec.clip_frames
        slip = rng.integers(-self._most_slip, self._most_slip + 1)
        return int(np.clip(start + slip, 0, last))

    def _key_error(self, rng: np.random.Generator) -> float:
        """A key that was measured is measured with some error."""
        if self._key != "removed":
            return 0.0
        return round(rng.normal(0, self._error) / 10) * 10

    def _cents(self, take: Rendition, anchor: Rendition | None) -> float:
        pair = (take.name, "" if anchor is None else anchor.name)
        if pair not in self._keys:
            self._keys[pair] = 20 * round(cents_off(take, anchor, self._key) / 20)
        return self._keys[pair]


def _of_roles(performances: Iterable[Rendition]) -> tuple[list[Rendition], list[Rendition]]:
    """Those rendered as good, those rendered as poor."""
    performances = list(performances)
    good = [each for each in performances if each.role == "positive"]
    return good, [each for each in performances if each.role == "negative"]


def _classes(
    performances: Iterable[Rendition], start: int, grade: Grade
) -> tuple[list[Rendition], list[Rendition]]:
    """Those that are good, and those that are poor, in this window by their label."""
    graded = [(each, severity_at(each, start, grade)) for each in performances]
    good = [each for each, severity in graded if is_good(severity)]
    return good, [each for each, severity in graded if is_poor(severity)]
