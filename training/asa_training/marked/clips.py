"""Clips of laid takes by number, whose features are read from the cache when they are needed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.types import FloatArray
from asa_training.marked.laying import Lay, read_laid
from asa_training.marked.tracks import Tracks
from asa_training.prepared.store import Store


class Clips:
    """Images of clips.

    Parameters
    ----------
    lays
        The takes.
    takes, starts
        Of each clip the number of its take, and the frame of the reference at which it begins.
        Shapes: (n,).
    key_removed
        Whether the network is shown takes in the key of what they are compared with.
    """

    def __init__(
        self,
        store: Store,
        lays: Sequence[Lay],
        takes: NDArray[np.int32],
        starts: NDArray[np.int32],
        *,
        key_removed: bool,
    ) -> None:
        self._store, self._lays, self._takes, self._starts = store, lays, takes, starts
        self._key_removed = key_removed
        self.tracks = Tracks(store)

    def cut(self, number: int) -> FloatArray:
        """A clip, (5, 96, 94). Raises PlaceError where the cache has lost it."""
        lay, start = self._place(number)
        laid = read_laid(self._store, lay)
        return laid.cut(self.tracks.of(lay.take), start, key_removed=self._key_removed)

    def reference(self, number: int) -> FloatArray:
        """What a clip is compared with, at the same seconds. Raises PlaceError as `cut`."""
        lay, start = self._place(number)
        return self.tracks.of(lay.compared).image(start)

    def places(self, songs: Sequence[str]) -> list[str]:
        """Of each clip what `Labelled.places` asks for; `songs` names that of each take.

        Seconds are those of the clock that the takes are laid on: places of two clocks differ.
        """
        hop_s = self._store.spec.hop_s
        known: dict[str, str] = {}
        found = []
        for number in range(len(self._takes)):
            lay, start = self._place(number)
            text = f"{songs[int(self._takes[number])]}, {lay.clock[:12]}, {start * hop_s:.3f} s"
            # One text for all who sing there: a table may have millions of clips.
            found.append(known.setdefault(text, text))
        return found

    def _place(self, number: int) -> tuple[Lay, int]:
        return self._lays[int(self._takes[number])], int(self._starts[number])
