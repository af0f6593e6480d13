"""A pitch line that can be drawn from any distance: at hand, or as its range a pixel column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Range = NDArray[np.float32]

_FACTOR = 4
_LEAST = 2048
_SCRAP = 4
LEAP = 5.0
"""Semitones from one frame to the next: no voice slides so fast, so the line breaks there."""


@dataclass(frozen=True, slots=True, eq=False)
class PitchLine:
    """F0 as MIDI numbers on frames of `hop_s`, NaN where nothing was sung. Shape: (T,).

    `steady` is the same without scraps between silences and leaps, which a tracker's slips leave
    and which would hide all else from afar. `coarse[k]` holds the lowest and the highest of each
    `4 ** (k + 1)` of its frames. Shapes: (T,), (2, n).
    """

    hop_s: float
    midi: Range
    steady: Range
    coarse: tuple[Range, ...]

    @classmethod
    def of(cls, midi: Floats, *, hop_s: float) -> PitchLine:
        """From MIDI numbers, NaN where nothing was sung."""
        fine = np.asarray(midi, dtype=np.float32)
        coarse: list[Range] = []
        steady = _without_scraps(fine)
        ranges = np.stack((steady, steady))
        while ranges.shape[1] > _LEAST:
            ranges = _ranges(ranges, _FACTOR)
            coarse.append(ranges)
        return cls(hop_s, fine, steady, tuple(coarse))

    def at(self, second: float) -> float | None:
        """MIDI number at a time, None where nothing was sung."""
        index = round(second / self.hop_s)
        if not 0 <= index < len(self.midi) or not np.isfinite(self.midi[index]):
            return None
        return float(self.midi[index])

    def frames(self, start: float, end: float) -> tuple[Floats, Floats]:
        """Times and MIDI numbers of every frame between two times, for a line to draw.

        NaN breaks the line where nothing was sung and at leaps. Shapes: (n,), (n,).
        """
        first = max(int(start / self.hop_s) - 1, 0)
        last = max(int(np.ceil(end / self.hop_s)) + 2, first)
        return _broken(self.midi[first:last], first, self.hop_s)

    def ranges(self, start: float, end: float, *, cell_s: float) -> tuple[Floats, Floats, Floats]:
        """Middle, lowest and highest (`steady`) of each cell of `cell_s`, NaN where silent.

        A cell that is shorter than a frame and holds the time of none has that of the next.

        Cells begin at whole multiples of `cell_s`, whatever is asked for. Shapes: (n,) each.
        """
        level = 0
        # Cells begin where a coarse range does: with four and more in each, at most a quarter late.
        while level < len(self.coarse) and self.hop_s * _FACTOR ** (level + 2) <= cell_s:
            level += 1
        hop = self.hop_s * _FACTOR**level
        low, high = (self.steady, self.steady) if level == 0 else self.coarse[level - 1]
        first_cell = max(int(start / cell_s), 0)
        last_cell = max(int(np.ceil(end / cell_s)), first_cell)
        edges = np.ceil(np.arange(first_cell, last_cell + 1) * (cell_s / hop) - 1e-9).astype(int)
        edges = np.minimum(edges, len(low))
        filled = int(np.searchsorted(edges[:-1], edges[-1]))  # the cells before the end
        starts = edges[:filled]
        cells = np.arange(first_cell, first_cell + filled, dtype=np.float64)
        middles: Floats = np.asarray((cells + 0.5) * cell_s, np.float64)
        if not filled:
            return middles, middles, middles
        stop = int(edges[-1])
        return (
            middles,
            np.fmin.reduceat(low[:stop], starts).astype(np.float64),
            np.fmax.reduceat(high[:stop], starts).astype(np.float64),
        )


def _without_scraps(midi: Range) -> Range:
    """NaN in place of what lasts for fewer than `_SCRAP` frames between silences and leaps."""
    if not len(midi):
        return midi
    with np.errstate(invalid="ignore"):
        joined = np.abs(np.diff(midi)) <= LEAP  # False beside NaN
    starts = np.flatnonzero(np.concatenate(([True], ~joined)))
    lengths = np.diff(np.append(starts, len(midi)))
    return np.where(np.repeat(lengths, lengths) >= _SCRAP, midi, np.float32(np.nan))


def _ranges(ranges: Range, factor: int) -> Range:
    """The lowest and highest over `factor` neighbours; NaN only where all are."""
    missing = -ranges.shape[1] % factor
    padded = np.pad(ranges, ((0, 0), (0, missing)), constant_values=np.nan)
    cells = padded.reshape(2, -1, factor)
    return np.stack((np.fmin.reduce(cells[0], axis=1), np.fmax.reduce(cells[1], axis=1)))


def _broken(midi: Range, first: int, hop: float) -> tuple[Floats, Floats]:
    times: Floats = np.asarray((np.arange(len(midi)) + first) * hop, np.float64)
    with np.errstate(invalid="ignore"):
        leaps = np.flatnonzero(np.abs(np.diff(midi)) > LEAP) + 1
    times = np.insert(times, leaps, times[leaps])
    return times, np.insert(midi.astype(np.float64), leaps, np.nan)
