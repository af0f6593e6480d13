"""The best path through two recordings that may leave out stretches of either.

Dynamic programming over all pairs of frames, as in local sequence alignment (Smith and Waterman
1981; Gotoh 1982) with the step pattern of Sakoe and Chiba (1978), slope between 1/2 and 2. A path
gains the log odds of the pairs it goes through. It begins and ends anywhere, so a part of a song
finds its place, and it may leap over any stretch of either recording. Beginning, ending and either
side of a leap cost little where both voices rest and much inside a phrase, so that no badly sung
end of a phrase is dropped; each sung frame that is leapt over costs a little more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.types import FloatArray

_LEAP_IN_VOICE = 6.0
"""Cost of leaving, and of coming back, inside a phrase: what half a second in tune gains. It is
paid for either recording."""
_LEAP_IN_PAUSE = 1.5
_LEFT_OUT = 0.1
"""Per sung frame: less than frames that do not fit lose, so what is not there is not forced."""
_UNEVEN = 0.15
"""Cost of a step that is not diagonal: of equal paths the straighter one."""
_NEVER = np.float32(-1e9)
_SLACK = 0.02
"""Gains run into the thousands and are single precision."""

Cells = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Path:
    """What was gained, and the matched pieces in order, each (n, 2): frame, frame of the take."""

    gain: float
    pieces: tuple[Cells, ...]

    @property
    def cells(self) -> Cells:
        """All pieces in one, (n, 2)."""
        return np.concatenate([np.zeros((0, 2), dtype=np.intp), *self.pieces])


def best_path(
    odds: FloatArray,
    reference_sung: NDArray[np.bool_],
    take_sung: NDArray[np.bool_],
    *,
    progress: Callable[[float], None] = lambda done: None,
) -> Path:
    """The path that gains most, by log odds `odds` (R, T); empty where nothing is gained."""
    if not odds.size:
        return Path(0.0, ())
    down, along = _Costs.of(reference_sung), _Costs.of(take_sung)
    gains = _gains(odds, down, along, progress)
    ended = gains - down.leave[:, None]
    ended -= along.leave
    at, to = np.unravel_index(int(np.argmax(ended)), gains.shape)
    gain = float(ended[at, to])
    if gain <= 0:
        return Path(0.0, ())
    return Path(gain, _traced(gains, odds, down, along, end=(int(at), int(to))))


@dataclass(frozen=True, slots=True)
class _Costs:
    """What leaps over frames of one recording cost.

    `leave` and `enter` (n,) are the cost of a leap right after and right before a frame, `passed`
    (n + 1,) that of all sung frames before it.
    """

    leave: FloatArray
    enter: FloatArray
    passed: FloatArray

    @classmethod
    def of(cls, sung: NDArray[np.bool_]) -> _Costs:
        return cls(
            leave=_leap(sung, np.append(sung[1:], False)),
            enter=_leap(sung, np.append(False, sung[:-1])),
            passed=np.append(0, np.cumsum(_LEFT_OUT * sung)).astype(np.float32),
        )


def _leap(sung: NDArray[np.bool_], beside: NDArray[np.bool_]) -> FloatArray:
    return np.where(sung & beside, _LEAP_IN_VOICE, _LEAP_IN_PAUSE).astype(np.float32)


def _gains(
    odds: FloatArray, down: _Costs, along: _Costs, progress: Callable[[float], None]
) -> FloatArray:
    """What the best path that ends in each pair has gained. Shape: (R, T).

    Row by row: no step stays in its row, so that a whole row is computed at once.
    """
    count, width = odds.shape
    gains = np.empty((count, width), dtype=np.float32)
    # Best gain at which a leap may come from above and left of a frame, its costs so far taken off.
    open_ = np.full(width + 1, _NEVER, dtype=np.float32)
    before = [np.full(width + 2, _NEVER, dtype=np.float32) for _ in range(3)]
    arrive = along.passed[:-1] + along.enter
    leave = along.passed[1:] - along.leave
    half = np.zeros(width, dtype=np.float32)
    above = np.zeros(width, dtype=np.float32)
    for row in range(count):
        here, last, older = before[row % 3], before[(row - 1) % 3], before[(row - 2) % 3]
        best = open_[:-1] - arrive
        best -= down.passed[row]
        np.maximum(best, -along.enter, out=best)
        best -= down.enter[row]
        np.maximum(best, last[1:-1], out=best)
        np.multiply(odds[row, :-1], 0.5, out=half[1:])
        np.maximum(best, last[:-2] + half - _UNEVEN, out=best)
        np.maximum(best, older[1:-1] + above - _UNEVEN, out=best)
        best += odds[row]
        gains[row] = here[2:] = best
        np.multiply(odds[row], 0.5, out=above)
        best += leave
        best += down.passed[row + 1] - down.leave[row]
        np.maximum(open_[1:], np.maximum.accumulate(best), out=open_[1:])
        if row % 256 == 0:
            progress(row / count)
    return gains


def _traced(
    gains: FloatArray, odds: FloatArray, down: _Costs, along: _Costs, *, end: tuple[int, int]
) -> tuple[Cells, ...]:
    """Walk back from the end, asking at each pair which way its gain came."""
    at, to = end
    pieces: list[list[tuple[int, int]]] = [[]]
    while True:
        pieces[-1].append((at, to))
        rest = float(gains[at, to] - odds[at, to])
        ways = (
            (at - 1, to - 1, 0.0),
            (at - 1, to - 2, 0.5 * float(odds[at, to - 1]) - _UNEVEN),
            (at - 2, to - 1, 0.5 * float(odds[at - 1, to]) - _UNEVEN),
        )
        values = [
            float(gains[a, t]) + extra if a >= 0 and t >= 0 else float(_NEVER)
            for a, t, extra in ways
        ]
        way = int(np.argmax(values))
        if values[way] >= rest - _SLACK:
            at, to = ways[way][:2]
        elif rest <= _SLACK - down.enter[at] - along.enter[to]:
            break
        else:
            at, to = _leapt_from(gains, down, along, at, to)
            pieces.append([])
    return tuple(np.array(piece[::-1], dtype=np.intp) for piece in pieces[::-1])


def _leapt_from(
    gains: FloatArray, down: _Costs, along: _Costs, at: int, to: int
) -> tuple[int, int]:
    offers = gains[:at, :to] + (along.passed[1 : to + 1] - along.leave[:to])
    offers += (down.passed[1 : at + 1] - down.leave[:at])[:, None]
    from_at, from_to = np.unravel_index(int(np.argmax(offers)), offers.shape)
    return int(from_at), int(from_to)
