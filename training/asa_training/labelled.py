"""Real clips that somebody gave a score, as batches like those of renditions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from asa_training.labels import is_good, is_poor, severity_of_score
from asa_training.windows import WHOLE, Batch, Share

Cut = Callable[[int], NDArray[np.float32]]
"""The number of a clip to an image, (5, 96, 94)."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Clips by number, and what people thought of them.

    Parameters
    ----------
    scores
        0 to 100, one a clip.
    places
        Which seconds of which song each clip is: the same text for every singer of them. From
        clips of one place triplets are made.
    cut
        The clip's image, in the key in which it is to be seen; called when it is needed.
    reference
        The image of what it is compared with (the original voice, or the accompaniment) at the same
        place; None where there is nothing.
    """

    scores: Sequence[float]
    places: Sequence[str]
    cut: Cut
    reference: Cut | None = None

    def severity(self) -> NDArray[np.float32]:
        """The scores turned round, 0 (best) to 1. Shape: (n,)."""
        return np.array([severity_of_score(score) for score in self.scores], dtype=np.float32)


class LabelledSampler:
    """Batches of labelled clips in epochs: each clip, or pair, once before any comes again.

    `paired` makes triplets: at each place every clip of 80 and more with every one under 40.
    `compared` puts the reference's image first, of the better clip's recording. Batch number k
    hangs on the seed and k alone.
    """

    def __init__(
        self, clips: Labelled, *, seed: int, size: int, paired: bool, compared: bool
    ) -> None:
        self._clips, self._seed, self._size = clips, seed, size
        self._severity = clips.severity()
        self._reference = clips.reference if compared else None
        self._items = self._pairs() if paired else [(n,) for n in range(len(clips.scores))]
        self._order: tuple[int, NDArray[np.int64]] | None = None

    @property
    def windows(self) -> int:
        """How many clips, or pairs, there are."""
        return len(self._items)

    def batch(self, number: int, share: Share = WHOLE) -> Batch:
        """The batch with this number, or a share of it; `windows` must not be 0."""
        places = range(number * self._size, (number + 1) * self._size)
        return self.of([self._items[self._in_order(place)] for place in places], share)

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

    def _in_order(self, place: int) -> int:
        epoch, within = divmod(place, len(self._items))
        if self._order is None or self._order[0] != epoch:
            rng = np.random.default_rng([self._seed, epoch])
            self._order = epoch, rng.permutation(len(self._items))
        return int(self._order[1][within])

    def _pairs(self) -> list[tuple[int, ...]]:
        at: dict[str, list[int]] = defaultdict(list)
        for number, place in enumerate(self._clips.places):
            at[place].append(number)
        return [
            pair
            for numbers in at.values()
            for pair in product(
                [n for n in numbers if is_good(self._severity[n])],
                [n for n in numbers if is_poor(self._severity[n])],
            )
        ]
