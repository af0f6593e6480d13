"""F0 of a solo voice, and the notes in it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.errors import AudioError

Array = NDArray[np.float64]

FRAME_S = 0.005
FLOOR_HZ, CEILING_HZ = 65.0, 1050.0
_QUIET_DB = 45.0  # frames this far under the loud ones are breath and room, whatever harvest says
_RANGE_CENTS = 1800.0  # nobody sings further than this from the middle of his own take
_LEAP_CENTS = 900.0  # a moment this far from its surroundings is a consonant, not a note
_ISLAND_S = 0.03
_BRIDGED_S = 0.03  # a consonant this short does not end a note
_SHORTEST_S = 0.08
_GRID_CENTS = 50.0
_GLANCE_CENTS = 200.0  # no single frame argues louder than this for a new note
_CHANGE_COST = 8.0  # in cents x seconds: 100 cents for 80 ms on either side


@dataclass(frozen=True, slots=True)
class SungNote:
    """A stretch of steady pitch: seconds, and the median in cents over 55 Hz."""

    start: float
    end: float
    cents: float


def track_f0(audio: Array, rate: int) -> Array:
    """F0 in Hz by WORLD's harvest on frames of 5 ms, 0 where unvoiced. Shapes: (N,) -> (T,).

    Raises AudioError `too_short` below a tenth of a second.
    """
    import pyworld

    if audio.size < rate // 10:
        raise AudioError("too_short", seconds=audio.size / rate)
    f0, _ = pyworld.harvest(
        np.ascontiguousarray(audio, dtype=np.float64),
        rate,
        f0_floor=FLOOR_HZ,
        f0_ceil=CEILING_HZ,
        frame_period=FRAME_S * 1000,
    )
    level = _frame_level_db(audio, rate, f0.size)
    loud = np.percentile(level, 95)
    return _sung_only(np.where(level > loud - _QUIET_DB, f0, 0.0))


def cents_of(f0: Array) -> Array:
    """Cents over 55 Hz, NaN where unvoiced."""
    return np.where(f0 > 0, 1200 * np.log2(np.maximum(f0, 1.0) / 55.0), np.nan)


def find_notes(f0: Array) -> tuple[SungNote, ...]:
    """Cut an F0 track of 5 ms frames into notes.

    Each voiced run (gaps under 30 ms bridged) is explained by a path on a 50-cent grid that pays
    for every change (Viterbi), so that vibrato stays one note and a step becomes two; pieces under
    80 ms join the neighbour nearest in pitch.
    """
    cents = cents_of(f0)
    notes: list[SungNote] = []
    for first, last in _voiced_runs(f0 > 0):
        run = _filled(cents[first:last])
        for begin, end in _merged(run, _steady_pieces(run)):
            notes.append(
                SungNote(
                    start=(first + begin) * FRAME_S,
                    end=(first + end) * FRAME_S,
                    cents=float(np.median(run[begin:end])),
                )
            )
    return tuple(notes)


def _sung_only(f0: Array) -> Array:
    """Unvoice what a tracker finds outside the singing: hum, consonants, specks."""
    from scipy.ndimage import median_filter

    if not (f0 > 0).any():
        return f0
    cents = cents_of(f0)
    middle = np.nanmedian(cents)
    around = median_filter(_filled(cents), size=round(0.6 / FRAME_S) | 1, mode="nearest")
    kept = (np.abs(cents - middle) < _RANGE_CENTS) & (np.abs(cents - around) < _LEAP_CENTS)
    for first, last in _runs(kept):
        if (last - first) * FRAME_S < _ISLAND_S:
            kept[first:last] = False
    return np.where(kept, f0, 0.0)


def _frame_level_db(audio: Array, rate: int, frames: int) -> Array:
    width = int(0.02 * rate)
    power = np.concatenate([[0.0], np.cumsum(np.square(audio))])
    centre = np.round(np.arange(frames) * FRAME_S * rate).astype(int)
    low = np.clip(centre - width // 2, 0, audio.size)
    high = np.clip(centre + width // 2, 0, audio.size)
    return 10 * np.log10((power[high] - power[low]) / np.maximum(high - low, 1) + 1e-12)


def _runs(voiced: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], voiced.astype(np.int8), [0]])))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def _voiced_runs(voiced: NDArray[np.bool_]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for first, last in _runs(voiced):
        if runs and (first - runs[-1][1]) * FRAME_S < _BRIDGED_S:
            runs[-1] = (runs[-1][0], last)
        else:
            runs.append((first, last))
    return [run for run in runs if (run[1] - run[0]) * FRAME_S >= _SHORTEST_S]


def _filled(cents: Array) -> Array:
    known = np.isfinite(cents)
    at = np.arange(cents.size)
    return np.interp(at, at[known], cents[known])


def _steady_pieces(run: Array) -> list[tuple[int, int]]:
    grid = np.arange(run.min() - _GRID_CENTS, run.max() + 2 * _GRID_CENTS, _GRID_CENTS)
    cost = np.minimum(np.abs(run[:, None] - grid), _GLANCE_CENTS)
    change = _CHANGE_COST / FRAME_S
    total = cost[0]
    back = np.empty(cost.shape, dtype=np.intp)
    stay = np.arange(grid.size)
    for frame in range(cost.shape[0]):
        best = int(np.argmin(total))
        leave = total > total[best] + change
        back[frame] = np.where(leave, best, stay)
        total = np.where(leave, total[best] + change, total) + cost[frame]
    path = np.empty(cost.shape[0], dtype=np.intp)
    state = int(np.argmin(total))
    for frame in range(cost.shape[0] - 1, -1, -1):
        path[frame] = state
        state = int(back[frame, state])
    cuts = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), run.size]
    return list(pairwise(cuts))


def _merged(run: Array, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    pieces = list(pieces)
    while len(pieces) > 1:
        lengths = [end - begin for begin, end in pieces]
        at = int(np.argmin(lengths))
        if lengths[at] * FRAME_S >= _SHORTEST_S:
            break
        pitch = [float(np.median(run[begin:end])) for begin, end in pieces]
        beside = [i for i in (at - 1, at + 1) if 0 <= i < len(pieces)]
        other = min(beside, key=lambda i: abs(pitch[i] - pitch[at]))
        low, high = min(at, other), max(at, other)
        pieces[low : high + 1] = [(pieces[low][0], pieces[high][1])]
    return pieces
