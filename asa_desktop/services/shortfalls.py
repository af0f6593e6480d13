"""The places where a take falls short, in the order in which people want to see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from asa_desktop.core.attributes.codes import ATTRIBUTES
from asa_desktop.core.types import Attribute, AttributePlace

_GREAT = {"cents": 100.0, "ms": 250.0, "dB": 12.0}
_USUAL_VIBRATO_HZ = 5.5  # Prame 1994: six a second, singers differ by about half a hertz
_GREAT_HZ = 2.5
LOW_CONFIDENCE = 0.5
"""Below this an attribute is shown faded: too little of the take speaks for it."""


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
