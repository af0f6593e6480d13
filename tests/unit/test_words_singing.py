"""Every code of an assessment has its words, and all words a code."""

from __future__ import annotations

import re

import pytest

from asa_desktop import words, words_singing
from asa_desktop.core.attributes.codes import (
    ATTRIBUTES,
    CHANNELS,
    CODES_OF,
    LIKENESS,
    PLACE_CODES,
    PLACE_UNITS,
    REASONS,
    UNITS,
)
from asa_desktop.core.types import Attribute, AttributePlace

VALUES = {"cents": 85.4, "ms": 118.6, "dB": 4.25, "Hz": 3.94, "share": 0.2}


def place(code: str, value: float | None = None, midi: float | None = 69.2) -> AttributePlace:
    return AttributePlace(
        12.4, 12.9, code, VALUES[PLACE_UNITS[code]] if value is None else value, midi
    )


def test_codes_and_words_are_the_same_sets() -> None:
    assert set(words_singing.NAMES) == {*ATTRIBUTES, LIKENESS} == set(words_singing.MEANINGS)
    assert set(words_singing.PLACES) == set(PLACE_CODES) == set(PLACE_UNITS)
    assert set(words_singing.REASONS) == set(REASONS) == set(words_singing.SHORT_REASONS)
    assert set(words_singing.CHANNELS) == set(CHANNELS)
    assert set(CODES_OF) == set(UNITS) == set(ATTRIBUTES)
    assert len(PLACE_CODES) == len(set(PLACE_CODES))


@pytest.mark.parametrize("name", [*ATTRIBUTES, LIKENESS])
def test_meanings_are_one_sentence(name: str) -> None:
    meaning = words_singing.meaning_text(name)
    assert meaning[0].isupper()
    assert meaning.endswith(".")
    assert ". " not in meaning


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("high", "A4 at 0:12: 85 cents high"),
        ("low", "A4 at 0:12: 85 cents low"),
        ("wrong_note", "A4 at 0:12: another note, B♭4, 85 cents too high"),
        ("missed_note", "A4 at 0:12: only 20 % of it sung"),
        ("late", "A4 at 0:12: 119 ms late"),
        ("early", "A4 at 0:12: 119 ms early"),
        ("long", "A4 at 0:12: held 119 ms too long"),
        ("short", "A4 at 0:12: let go 119 ms too early"),
        ("no_vibrato", "A4 at 0:12: hardly any vibrato (20 %)"),
        ("slow_vibrato", "A4 at 0:12: slow vibrato, 3.9 Hz"),
        ("fast_vibrato", "A4 at 0:12: fast vibrato, 3.9 Hz"),
        ("uneven_vibrato", "A4 at 0:12: uneven vibrato, 20 % of the movement"),
        ("jumping_level", "A4 at 0:12: 4.2 dB too loud"),
        ("unsteady", "A4 at 0:12: wavers by 85 cents"),
        ("scoop", "A4 at 0:12: slides in from 85 cents away"),
    ],
)
def test_a_place_in_words(code: str, said: str) -> None:
    assert words_singing.place_text(place(code)) == said


def test_every_place_was_worded_above() -> None:
    (cases,) = (mark.args[1] for mark in test_a_place_in_words.pytestmark)
    assert {code for code, _ in cases} == set(PLACE_CODES)


def test_what_was_not_sung_at_all_is_said_so() -> None:
    assert words_singing.what_text(place("missed_note", 0.0)) == "not sung"
    assert words_singing.what_text(place("no_vibrato", 0.001)) == "held without vibrato"


def test_without_a_note_the_time_is_enough() -> None:
    assert words_singing.place_text(place("low", midi=None)) == "At 0:12: 85 cents low"
    below = words_singing.what_text(place("wrong_note", -200.0, midi=None))
    assert below == "another note, 200 cents too low"
    assert words_singing.what_text(place("jumping_level", -5.0)) == "5.0 dB too soft"


def test_values_have_their_units() -> None:
    def said(name: str, value: float | None) -> str:
        return words_singing.measure_text(name, Attribute(50.0, value, UNITS[name], 1.0))

    assert said("intonation", 23.2) == "23 cents"
    assert said("rhythm", 64.6) == "65 ms"
    assert said("vibrato", 0.31) == "31 % vibrato"
    assert said("dynamics", 3.14) == "3.1 dB"
    assert said("tone", None) == ""
    assert words_singing.measure_text("x", Attribute(1.0, 2.0, "sones", 1.0)) == "2 sones"


def test_what_is_not_known_or_no_number_does_not_fail() -> None:
    assert "brand_new" in words_singing.what_text(AttributePlace(0.0, 1.0, "brand_new", 1.0))
    assert words_singing.what_text(place("low", float("nan"))) == "? cents low"
    assert words_singing.name_text("shine") == "shine"
    assert words_singing.meaning_text("shine") == ""
    assert words_singing.reason_text("silence") == words.reason_text("silence")


def test_nothing_is_left_to_fill_in() -> None:
    for code in PLACE_CODES:
        assert not re.search(r"[{}\[\]|?]", words_singing.place_text(place(code))), code


def test_every_sentence_can_be_said_in_another_language() -> None:
    try:
        words.speak(lambda text: f"<{text}>")
        assert words_singing.name_text("tone") == "<Tone>"
        assert words_singing.reason_text("too_little").startswith("<")
        assert words_singing.channel_text("f0") == "<pitch>"
        assert words_singing.what_text(place("low")) == "<85 cents low>"
        assert words_singing.overall_text().startswith("<")
    finally:
        words.speak(str)
