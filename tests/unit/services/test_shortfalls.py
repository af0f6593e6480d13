"""Which places come first, and to which stretch each belongs."""

from __future__ import annotations

import pytest

from asa_desktop.core.attributes.codes import PLACE_CODES
from asa_desktop.core.types import Attribute, AttributePlace
from asa_desktop.services.shortfalls import graveness, in_order, places_between, worst_first


def place(code: str, value: float, start: float = 1.0, end: float = 1.5) -> AttributePlace:
    return AttributePlace(start, end, code, value)


def attribute(*places: AttributePlace) -> Attribute:
    return Attribute(50.0, 1.0, "cents", 1.0, places)


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        (place("low", 90), place("high", 40)),
        (place("wrong_note", -200), place("low", 99)),
        (place("missed_note", 0.0), place("missed_note", 0.6)),
        (place("no_vibrato", 0.0), place("no_vibrato", 0.4)),
        (place("uneven_vibrato", 0.1), place("uneven_vibrato", 0.5)),
        (place("slow_vibrato", 3.0), place("slow_vibrato", 4.5)),
        (place("fast_vibrato", 9.0), place("fast_vibrato", 7.0)),
        (place("late", 200), place("early", 90)),
        (place("pressed", 9.0), place("breathy", -4.0)),
    ],
)
def test_the_graver_comes_first(worse: AttributePlace, better: AttributePlace) -> None:
    assert worst_first([better, worse]) == [worse, better]


@pytest.mark.parametrize("code", PLACE_CODES)
def test_every_code_has_its_order(code: str) -> None:
    assert graveness(place(code, 3.0)) != graveness(place(code, 0.25))


def test_of_equals_the_earliest_comes_first() -> None:
    late, soon = place("low", 50, 9.0, 9.5), place("high", 50, 2.0, 2.5)
    assert worst_first([late, soon]) == [soon, late]


def test_attributes_stand_in_their_order_and_strangers_last() -> None:
    given = {"shine": attribute(), "tone": attribute(), "intonation": attribute()}
    assert [name for name, _ in in_order(given)] == ["intonation", "tone", "shine"]


def test_a_place_belongs_to_the_stretch_that_holds_its_middle() -> None:
    over_the_edge = place("low", 50, 2.8, 3.4)
    within = place("late", 200, 1.0, 1.2)
    given = {"rhythm": attribute(within), "intonation": attribute(over_the_edge)}
    assert places_between(given, 0.0, 3.0) == [("rhythm", within)]
    assert places_between(given, 3.0, 6.0) == [("intonation", over_the_edge)]
