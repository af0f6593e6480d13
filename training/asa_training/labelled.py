"""Real clips that somebody gave a score, as batches like those of renditions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asa_training.labels import is_good, is_poor, severity_of_score
from asa_training.learnt import Origin
from asa_training.windows import WHOLE, Batch, Share

Cut = Callable[[int], NDArray[np.float32]]
"""The number of a clip to an image, (5, 96, 94)."""

TOGETHER = 24
"""Takes whose clips are drawn in one stretch of an epoch, so that each is read once for it."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Clips by number, and what people thought of them.

    Parameters
    ----------
    scores
        0 to 100, one a clip.
    places
        Which seconds of which song each clip is: the same text for every singer of them. From
        clips of one place triplets are made; empty where none are wanted.
    cut
        The clip's image, in the key in which it is to be seen; called when it is needed.
    reference
        The image of what it is compared with (the original voice, or the accompaniment) at the same
        place; None where there is nothing.
    takes
        The number of the take that each clip is of; without it each is one by itself.
    origin
        Where they are from, where that is to be recorded.
    """

    scores: Sequence[float] | NDArray[np.float32]
    places: Sequence[str]
    cut: Cut
    reference: Cut | None = None
    takes: NDArray[np.int32] | None = None
    origin: Origin | None = None

    def severity(self) -> NDArray[np.float32]:
        """The scores turned round, 0 (best) to 1. Shape: (n,)."""
        return severity_of_score(np.asarray(self.scores, dtype=np.float32))


@dataclass(frozen=True, slots=True)
class _Epoch:
    """The clips, or pairs, of an epoch in their order. Shape: (n, 1 or 2)."""

    number: int
    items: NDArray[np.int64]


class LabelledSampler:
    """Batches of labelled clips in epochs: each clip once before any comes again.

    `paired` makes triplets: at each place the clips of 80 and more are laid beside those under 40,
    each of the more numerous once, with a partner that every epoch draws anew. `compared` puts the
    reference's image first, of the better clip's recording.

    An epoch goes through the takes in an order of its own, `TOGETHER` at a time, whose clips are
    shuffled: so clips that are read together come near each other. Batch number k hangs on the seed
    and k alone.
    """

    def __init__(
        self, clips: Labelled, *, seed: int, size: int, paired: bool, compared: bool
    ) -> None:
        self._clips, self._seed, self._size = clips, seed, size
        self._severity = clips.severity()
        self._reference = clips.reference if compared else None
        count = len(clips.scores)
        takes = np.arange(count) if clips.takes is None else clips.takes
        self._sides = self._of_places() if paired else None
        drawn = np.arange(count)
        if self._sides is not None:
            drawn = np.array([n for pair in self._sides for side in pair for n in side], dtype=int)
        self._takes = np.zeros(count, dtype=np.int64)
        # Takes that are never drawn would make some stretches longer than others.
        self._takes[drawn] = np.unique(takes[drawn], return_inverse=True)[1]
        self._count = int(self._takes.max(initial=0)) + 1
        self.windows = count
        """How many clips, or pairs, an epoch has."""
        if self._sides is not None:
            self.windows = sum(max(len(good), len(poor)) for good, poor in self._sides)
        self._epoch: _Epoch | None = None

    def batch(self, number: int, share: Share = WHOLE) -> Batch:
        """The batch with this number, or a share of it; `windows` must not be 0."""
        places = range(number * self._size, (number + 1) * self._size)
        return self.of([self._item(place) for place in places], share)

    def of(self, chosen: Sequence[tuple[int, ...]], share: Share = WHOLE) -> Batch:
        """A batch of these clips, or pairs, by their numbers, or one process's share of it."""
        return Batch(
            images=np.stack([self._images(item) for item in chosen[share.clips(len(chosen))]]),
            severity=self._severity[np.array(chosen)],
        )

    def _images(self, item: tuple[int, ...]) -> NDArray[np.float32]:
        images = [self._clips.cut(number) for number in item]
        if self._reference is not None:
            images.insert(0, self._reference(item[0]))
        return np.stack(images)

    def _item(self, place: int) -> tuple[int, ...]:
        number, within = divmod(place, self.windows)
        if self._epoch is None or self._epoch.number != number:
            self._epoch = _Epoch(number, self._drawn(number))
        return tuple(int(each) for each in self._epoch.items[within])

    def _drawn(self, epoch: int) -> NDArray[np.int64]:
        """All clips, or pairs, of an epoch in their order."""
        rng = np.random.default_rng([self._seed, epoch])
        rank = rng.permutation(self._count)[self._takes]
        if self._sides is None:
            items = np.arange(len(self._severity))[:, None]
            stretch = rank // TOGETHER
        else:
            found = [_paired(good, poor, rank) for good, poor in self._sides]
            items = np.concatenate([pairs for pairs, _ in found])
            stretch = np.concatenate([rank[longer] for _, longer in found]) // TOGETHER
        return items[np.lexsort((rng.random(len(items)), stretch))]

    def _of_places(self) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """The good and the poor clips of every place that has both."""
        at: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        good, poor = is_good(self._severity), is_poor(self._severity)
        for number in np.flatnonzero(np.logical_or(good, poor)).tolist():
            at[self._clips.places[number]][int(poor[number])].append(number)
        return [
            (np.array(better), np.array(worse)) for better, worse in at.values() if better and worse
        ]


def _paired(
    good: NDArray[np.int64], poor: NDArray[np.int64], rank: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(pairs, those of the more numerous side), (n, 2) and (n,), by the ranks of the clips' takes.

    The partner is the clip whose take ranks next: nearly always the same take at all places of a
    song, so that two takes are read for all pairs of theirs.
    """
    longer, shorter = (good, poor) if len(good) >= len(poor) else (poor, good)
    by_rank = shorter[np.argsort(rank[shorter], kind="stable")]
    partner = by_rank[np.searchsorted(rank[by_rank], rank[longer]) % len(by_rank)]
    pairs = (longer, partner) if longer is good else (partner, longer)
    return np.stack(pairs, axis=1), longer
