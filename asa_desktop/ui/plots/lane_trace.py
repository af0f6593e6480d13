"""What is being sung, as a line that grows: seen by its last seconds, however long it became."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asa_desktop.ui.plots.lane_score import IN_TUNE_CENTS, Floats, LaneScore

KINDS = ("text", "flat", "in_tune", "sharp")
"""Tokens of how far off something is; the first where there is nothing to be off from."""

_ROOM = 4096
_BREAK_S, _LEAP = 0.08, 5.0
_LABEL_S, _STALE_S = 0.15, 0.25


@dataclass(frozen=True, slots=True)
class Sung:
    """The newest note: where it is drawn, how far off it is, how many octaves it was moved."""

    midi: float
    cents: float
    octaves: int


class Trace:
    """Pitch points in the order in which they came; those before a step back in time are dropped.

    Each is drawn where it was sung or, with `folding`, in its target's octave.
    """

    def __init__(self, score: LaneScore, *, folding: bool = True) -> None:
        self.score = score
        self.folding = folding
        self.clear()

    def clear(self) -> None:
        self._count = 0
        self._times = np.zeros(_ROOM)
        self._sung = np.zeros(_ROOM)
        self._midi = np.zeros(_ROOM)
        self._cents = np.zeros(_ROOM)
        self._octaves = np.zeros(_ROOM, np.int64)

    def __len__(self) -> int:
        return self._count

    def set_folding(self, folding: bool) -> None:
        """Fold octaves from now on, and in what was sung already."""
        if folding != self.folding:
            self.folding = folding
            self._place(0)

    @property
    def last(self) -> float:
        """The time of the newest point; -inf where there is none."""
        return float(self._times[self._count - 1]) if self._count else -math.inf

    def add(self, times: Floats, hz: NDArray[np.floating]) -> bool:
        """Points that came since the last call; 0 Hz where nothing was sung. Shapes: (n,), (n,).

        True where they step back in time, so that what was there is gone.
        """
        if not len(times):
            return False
        back = bool(times[0] < self.last)
        if self._count and times[0] < self._times[self._count - 1]:
            self._count = int(np.searchsorted(self._times[: self._count], times[0]))
        first, last = self._count, self._count + len(times)
        while last > len(self._times):
            self._grow()
        self._times[first:last] = np.maximum.accumulate(times)
        sung = np.asarray(hz, np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            self._sung[first:last] = np.where(sung > 0, 69 + 12 * np.log2(sung / 440), np.nan)
        self._count = last
        self._place(first)
        return back

    def between(self, start: float, end: float) -> tuple[Floats, Floats, NDArray[np.int8]]:
        """Times, MIDI numbers (NaN: nothing) and kinds, which index `KINDS`, between two times.

        Shapes: (n,) each.
        """
        times = self._times[: self._count]
        window = slice(*np.searchsorted(times, (start, end)))
        kinds = kinds_of(self._cents[window])
        return times[window], self._midi[window], kinds

    def runs(self, start: float, end: float) -> list[tuple[int, Floats, Floats]]:
        """The line between two times in pieces of one of `KINDS`: (kind, times, midi).

        It breaks where nothing was sung and at leaps; pieces of one breath share a point.
        """
        times, midi, kinds = self.between(start, end)
        if not len(times):
            return []
        sung = np.isfinite(midi)
        with np.errstate(invalid="ignore"):
            joined = (
                sung[1:] & sung[:-1]
                & (np.diff(times) <= _BREAK_S)
                & (np.abs(np.diff(midi)) <= _LEAP)
            )  # fmt: skip
        cut = ~joined | (kinds[1:] != kinds[:-1])
        edges = [0, *(np.flatnonzero(cut) + 1).tolist(), len(times)]
        found = []
        for first, last in itertools.pairwise(edges):
            if not sung[first]:
                continue
            stop = last + 1 if last < len(times) and joined[last - 1] else last
            found.append((int(kinds[first]), times[first:stop], midi[first:stop]))
        return found

    def newest(self, now: float) -> Sung | None:
        """What is sung at `now`, None where nothing is; smoothed so that it can be read."""
        times = self._times[: self._count]
        if not self._count or now - times[-1] > _STALE_S or math.isnan(self._midi[self._count - 1]):
            return None
        window = slice(int(np.searchsorted(times, times[-1] - _LABEL_S)), self._count)
        cents = self._cents[window]
        known = cents[np.isfinite(cents)]
        off = float(np.median(known)) if len(known) * 2 > len(cents) else math.nan
        last = self._count - 1
        return Sung(float(self._midi[last]), off, int(self._octaves[last]))

    def _place(self, first: int) -> None:
        window = slice(first, self._count)
        times, sung = self._times[window], self._sung[window]
        if self.folding:
            self._midi[window], self._octaves[window] = self.score.folded(sung, times)
        else:
            self._midi[window], self._octaves[window] = sung, 0
        self._cents[window] = self.score.off(self._midi[window], times)

    def _grow(self) -> None:
        for name in ("_times", "_sung", "_midi", "_cents", "_octaves"):
            old = getattr(self, name)
            setattr(self, name, np.concatenate((old, np.zeros_like(old))))


def kinds_of(cents: Floats) -> NDArray[np.int8]:
    """The index into `KINDS` for each deviation in cents. Shapes: (n,), (n,)."""
    with np.errstate(invalid="ignore"):
        near = np.abs(cents) <= IN_TUNE_CENTS
        kinds = np.where(near, 2, np.where(cents < 0, 1, 3))
    return np.where(np.isfinite(cents), kinds, 0).astype(np.int8)
