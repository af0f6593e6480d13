"""The places where a take falls short, in the order in which people want to see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from asa_desktop.core.attributes.codes import ATTRIBUTES
from asa_desktop.core.types import Attribute, AttributePlace

_GREAT = {"cents": 100.0, "ms": 250.0, "dB": 12.0}
_USUAL_VIBRATO_HZ = 5.5  # Prame 1994: six a second, singers differ by about half a hertz
_GREAT_HZ = 2.5
LOW_CONFIDENCE = 0.5
"""Below this an attribute is shown faded: too little of the take speaks for it."""

LATE_FROM_MS = 80
"""From here on it is said that all of a take is late; a beat of a quick song is four times that."""


@dataclass(frozen=True, slots=True)
class Whole:
    """What all of a take has alike, in whole semitones (above 0 higher) and ms (above 0 later).

    `moved` is forgiven: an octave, or the key of who sings freely. `wrong` and `late_ms` are
    mistakes, since the accompaniment gives key and time.
    """

    moved: int = 0
    wrong: int = 0
    late_ms: int = 0


def in_order(attributes: Mapping[str, Attribute]) -> list[tuple[str, Attribute]]:
    """Attributes as they are always listed; names of later versions come last."""
    known = [(name, attributes[name]) for name in ATTRIBUTES if name in attributes]
    return known + [pair for pair in attributes.items() if pair[0] not in ATTRIBUTES]


def worst_first(places: Iterable[AttributePlace]) -> list[AttributePlace]:
    """The places by how grave they are; of equal ones the earliest first."""
    return sorted(places, key=lambda each: (-graveness(each), each.start))


def places_between(
    attributes: Mapping[str, Attribute], start: float, end: float
) -> list[tuple[str, AttributePlace]]:
    """All places that lie in a stretch for the most part, the gravest first, with their attribute.

    A place belongs to the stretch that holds its middle, so that each belongs to one clip.
    """
    found = [
        (name, each)
        for name, attribute in in_order(attributes)
        for each in attribute.places
        if start <= (each.start + each.end) / 2 < end
    ]
    return sorted(found, key=lambda pair: (-graveness(pair[1]), pair[1].start))


def whole_of(*, key: float | None, attributes: Mapping[str, Attribute]) -> Whole:
    """What all of a take has alike; `key` is by how many semitones it lies above the song."""
    wrong = round(_detail(attributes, "intonation", "whole") / 100)
    late_ms = _detail(attributes, "rhythm", "late_ms")
    return Whole(
        moved=round(key or 0.0) - wrong,
        wrong=wrong,
        late_ms=round(late_ms) if abs(late_ms) >= LATE_FROM_MS else 0,
    )


def _detail(attributes: Mapping[str, Attribute], name: str, part: str) -> float:
    return attributes[name].detail.get(part, 0.0) if name in attributes else 0.0


def graveness(place: AttributePlace) -> float:
    """How grave a place is, for an order only: 1 is a semitone, a quarter of a second, 12 dB."""
    size = abs(place.value)
    match place.code:
        case "wrong_note":
            return 1 + size / _GREAT["cents"]
        case "missed_note":
            return 2 * (1 - min(size, 1))
        case "no_vibrato" | "uneven_vibrato":
            return 1 - min(size, 1)
        case "slow_vibrato" | "fast_vibrato":
            return abs(size - _USUAL_VIBRATO_HZ) / _GREAT_HZ
        case "late" | "early" | "long" | "short":
            return size / _GREAT["ms"]
        case "jumping_level":
            return size / _GREAT["dB"]
        case _:
            return size / _GREAT["cents"]
