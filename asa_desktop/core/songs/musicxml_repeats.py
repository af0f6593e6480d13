"""The order in which the measures of a score are played: repeats and their endings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

MOST_PLAYED = 20_000
_MOST_TURNS = 9
_JUMPS = ("dacapo", "dalsegno", "tocoda")


@dataclass(frozen=True, slots=True)
class _Signs:
    """The signs of one measure.

    `times`: how often the stretch that ends here is played (0: none ends). `turns`: the playings,
    counted from 1, that this measure is for (empty: all); `closes`: its bracket ends here.
    """

    begins: bool
    times: int
    turns: frozenset[int]
    closes: bool


def measure_order(measures: Sequence[ET.Element]) -> tuple[list[tuple[int, int]], int]:
    """The measures as played, up to `MOST_PLAYED`.

    Returns
    -------
    order
        (index, turn): `turn` counts the playings of the repeated stretch from 0.
    jumps
        How many jumps (da capo, dal segno, to coda) the score has; they are not followed.
    """
    jumps = sum(
        any(sound.get(jump) is not None for jump in _JUMPS)
        for measure in measures
        for sound in measure.iter("sound")
    )
    signs = _signs(measures)
    order: list[tuple[int, int]] = []
    i = back = turn = 0
    while i < len(signs) and len(order) < MOST_PLAYED:
        here = signs[i]
        if here.begins and back != i:
            back, turn = i, 0
        if here.turns and turn + 1 not in here.turns:
            i += 1
            continue
        order.append((i, turn))
        if here.times and _goes_back(signs, i, turn):
            i, turn = back, turn + 1
            continue
        i += 1
        if here.times or here.closes:
            back, turn = i, 0
    return order, jumps


def _goes_back(signs: Sequence[_Signs], i: int, turn: int) -> bool:
    """Whether the repeat sign that ends measure `i` is obeyed in this turn (from 0)."""
    here = signs[i]
    if not here.turns:
        return turn + 1 < min(here.times, _MOST_TURNS)
    for later in signs[i:]:  # the brackets side by side
        if not later.turns:
            break
        if turn + 2 in later.turns:
            return True
    # A first bracket may stand alone: the next turn leaves it out and goes on.
    return 1 in here.turns and turn + 1 == max(here.turns)


def _signs(measures: Sequence[ET.Element]) -> list[_Signs]:
    current: frozenset[int] = frozenset()
    signs = []
    for measure in measures:
        begins, times = _repeats(measure)
        if begins:
            current = frozenset()
        closes = False
        for ending in measure.iter("ending"):
            if ending.get("type") == "start":
                current = _numbers(ending.get("number", ""))
            else:
                closes = True
        signs.append(_Signs(begins, times, current, closes and bool(current)))
        if closes or times:
            current = frozenset()
    return signs


def _repeats(measure: ET.Element) -> tuple[bool, int]:
    begins, times = False, 0
    for repeat in measure.iter("repeat"):
        if repeat.get("direction") == "forward":
            begins = True
        elif repeat.get("direction") == "backward":
            times = max(_numbers(repeat.get("times", "2")), default=2)
    return begins, times


def _numbers(text: str) -> frozenset[int]:
    words = text.replace(",", " ").split()
    return frozenset(int(n) for n in words if n.isascii() and n.isdecimal() and len(n) < 3)
