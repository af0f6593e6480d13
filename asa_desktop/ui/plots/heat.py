"""Heat maps small enough for a whole evening: bytes instead of floats, and coarser copies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FACTOR = 4
_LEAST_COLUMNS = 512
_BLOCK = 4096

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class HeatMap:
    """A picture over time. `levels[k]` has one column for `FACTOR ** k` frames of `hop_s`.

    Shapes: (rows, T / FACTOR ** k), the first row the highest, as a screen has it.
    """

    hop_s: float
    levels: tuple[Bytes, ...]

    @classmethod
    def of(
        cls,
        values: NDArray[np.floating],
        *,
        hop_s: float,
        limits: tuple[float, float],
        shown: NDArray[np.bool_] | None = None,
    ) -> HeatMap:
        """`values` of shape (rows, T), the lowest row first, within `limits`; 0 where not `shown`.

        Frames beyond the end of `shown` (T,) are not shown.
        """
        rows, columns = values.shape
        finest = np.empty((rows, columns), np.uint8)
        for first in range(0, columns, _BLOCK):  # a whole float copy would be 100 MB
            part = slice(first, min(first + _BLOCK, columns))
            finest[:, part] = _scaled(values[::-1, part], limits)
            if shown is not None:
                seen = np.zeros(part.stop - part.start, np.bool_)
                given = shown[part]
                seen[: len(given)] = given
                finest[:, part] *= seen
        levels = [finest]
        while levels[-1].shape[1] > _LEAST_COLUMNS:
            levels.append(_coarser(levels[-1], FACTOR))
        return cls(hop_s, tuple(levels))

    @property
    def seconds(self) -> float:
        """Length of what it covers."""
        return int(self.levels[0].shape[1]) * self.hop_s

    @property
    def nbytes(self) -> int:
        """Memory that it holds."""
        return sum(level.nbytes for level in self.levels)

    def window(self, start: float, end: float, *, columns: int) -> tuple[Bytes, float, float]:
        """What lies between two times, in at most about twice as many columns as asked for.

        Returns the picture and the times of its left and right edge; frames are centred on
        their times. It has no columns where nothing lies there.
        """
        wanted = max((end - start) / max(columns, 1), 1e-9)
        level = 0
        while level + 1 < len(self.levels) and self.hop_s * FACTOR ** (level + 1) <= wanted:
            level += 1
        hop, picture = self.hop_s * FACTOR**level, self.levels[level]
        left = -0.5 * self.hop_s
        first = min(max(int((start - left) / hop), 0), picture.shape[1])
        first -= first % 2  # the same pairs wherever the view stands, or it would shimmer
        last = min(max(int(np.ceil((end - left) / hop)), first), picture.shape[1])
        part = picture[:, first:last]
        if hop * 2 <= wanted and last - first >= 2:
            part, hop_shown = _coarser(part, 2), hop * 2
        else:
            hop_shown = hop
        edge = left + first * hop
        return part, edge, edge + part.shape[1] * hop_shown


def _scaled(values: NDArray[np.floating], limits: tuple[float, float]) -> NDArray[np.float32]:
    low, high = limits
    finite = np.nan_to_num(values, nan=low, posinf=high, neginf=low)
    scaled = np.clip((finite - low) * (255 / (high - low)) + 0.5, 0, 255)
    return np.asarray(scaled, np.float32)


def _coarser(picture: Bytes, factor: int) -> Bytes:
    """Means of `factor` columns; the last may stand for fewer."""
    columns = picture.shape[1]
    whole = columns // factor * factor
    sums = picture[:, 0:whole:factor].astype(np.uint16)
    for step in range(1, factor):
        sums += picture[:, step:whole:factor]
    coarse = ((sums + factor // 2) // factor).astype(np.uint8)
    if whole == columns:
        return coarse
    rest = picture[:, whole:].mean(axis=1, dtype=np.float32).round().astype(np.uint8)
    return np.concatenate((coarse, rest[:, None]), axis=1)
