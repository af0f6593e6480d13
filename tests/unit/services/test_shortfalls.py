"""Which places come first, and to which stretch each belongs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from asa_desktop.core.attributes.codes import PLACE_CODES
from asa_desktop.core.types import Attribute, AttributePlace
from asa_desktop.services.shortfalls import (
    Whole,
    graveness,
    in_order,
    places_between,
    whole_of,
    worst_first,
)


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


def whole(key: float | None, *, off_cents: float = 0.0, late_ms: float = 0.0) -> Whole:
    attributes = {
        "intonation": replace(attribute(), detail={"whole": off_cents}),
        "rhythm": replace(attribute(), detail={"late_ms": late_ms}),
    }
    return whole_of(key=key, attributes=attributes)


def test_a_key_that_counts_is_wrong_and_the_octave_is_not() -> None:
    assert whole(-2.1, off_cents=-205.0) == Whole(wrong=-2)
    assert whole(-13.9, off_cents=-192.0) == Whole(moved=-12, wrong=-2)
    assert whole(12.0, off_cents=3.0) == Whole(moved=12)


def test_a_singers_own_key_is_no_mistake() -> None:
    assert whole(-3.2) == Whole(moved=-3)
    assert whole(None) == whole_of(key=None, attributes={}) == Whole()


def test_only_a_delay_that_is_heard_is_said() -> None:
    assert whole(0.0, late_ms=41.0) == Whole()
    assert whole(0.0, late_ms=-260.4) == Whole(late_ms=-260)
