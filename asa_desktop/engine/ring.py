"""Sound on its way from the callback to those who keep it and look at it."""

from __future__ import annotations

import numpy as np

from asa_desktop.core.types import FloatArray


class Overrun(Exception):  # noqa: N818 - it is caught where the frames were wanted
    """The frames asked for were overwritten before they were read."""


class Ring:
    """One channel, written by one thread; every reader keeps its own place.

    Frames are counted from the first one ever written and never start anew, so a place in the
    sound is one number for writer, tracker and calibration alike.
    """

    def __init__(self, capacity: int) -> None:
        self.total = 0
        self._capacity = capacity
        self._kept = np.zeros(capacity, np.float32)

    @property
    def oldest(self) -> int:
        """The first frame that can still be read."""
        return max(0, self.total - self._capacity)

    def write(self, block: FloatArray) -> None:
        """Add a block (n,), n at most the capacity. Called from the audio callback: no waiting."""
        at = self.total % self._capacity
        first = min(len(block), self._capacity - at)
        self._kept[at : at + first] = block[:first]
        self._kept[: len(block) - first] = block[first:]
        # Last, so that nobody reads what is not there yet.
        self.total += len(block)

    def read(self, start: int, count: int) -> FloatArray:
        """A copy of `count` frames from `start`. Shape (count,).

        Raises `Overrun` where they are gone, and `IndexError` where they have not come yet.
        """
        if start + count > self.total:
            raise IndexError(start + count)
        at = start % self._capacity
        first = min(count, self._capacity - at)
        copied = np.empty(count, np.float32)
        copied[:first] = self._kept[at : at + first]
        copied[first:] = self._kept[: count - first]
        if start < self.oldest:  # looked at after copying: the callback may have come between
            raise Overrun(start)
        return copied
