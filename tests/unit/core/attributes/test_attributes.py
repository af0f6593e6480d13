"""Each attribute hears its own, and nothing of the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sung_tune import TUNE, beside, moved, sung

from asa_desktop.core.attributes import codes, dynamics, intonation, rhythm, steadiness, vibrato
from asa_desktop.core.attributes.measure import MEASURES, measure
from asa_desktop.core.attributes.sides import alone

ORIGINAL = sung(TUNE)


def scores(found):
    return {name: each.attribute.score for name, each in measure(found).items()}


def test_the_original_against_itself_is_perfect():
    found = measure(beside(ORIGINAL, reference=ORIGINAL))
    assert set(found) == set(MEASURES)
    for name, each in found.items():
        if name == "tone":
            assert (each.attribute.score, each.attribute.reason) == (None, "recording")
            continue
        assert each.attribute.score == pytest.approx(100), name
        assert each.attribute.places == ()
        assert 0 < each.attribute.confidence <= 1


@given(st.lists(st.floats(-190, 190), min_size=16, max_size=16))
@settings(max_examples=25, deadline=None)
def test_intonation_is_the_mean_distance_of_the_notes(off):
    notes = [replace(n, midi=n.midi + cents / 100) for n, cents in zip(TUNE, off, strict=True)]
    found = intonation.intonation(beside(sung(notes), reference=ORIGINAL, key="given"))
    assert found.attribute.value == pytest.approx(np.mean(np.abs(off)), abs=3)
    wrong = [each for each in found.attribute.places if each.code == "wrong_note"]
    assert len(wrong) == pytest.approx(sum(abs(cents) > 80 for cents in off), abs=1)


def test_a_key_of_ones_own_is_forgiven_and_one_over_an_accompaniment_is_not():
    high = sung(moved(TUNE, cents=150))
    own = beside(high, reference=ORIGINAL)
    assert own.key_cents == pytest.approx(150, abs=2)
    assert intonation.intonation(own).attribute.score == pytest.approx(100)
    given_key = intonation.intonation(beside(high, reference=ORIGINAL, key="given")).attribute
    assert given_key.value == pytest.approx(150, abs=3)
    assert given_key.score < 15
    assert {each.code for each in given_key.places} == {"wrong_note"}
    assert given_key.places[0].midi == pytest.approx(TUNE[0].midi)


@pytest.mark.parametrize("octaves", [-2, -1, 1])
@pytest.mark.parametrize("key", ["own", "tuning", "given"])
def test_octaves_are_always_forgiven(octaves, key):
    far = sung(moved(TUNE, cents=1200 * octaves))
    found = beside(far, reference=ORIGINAL, key=key)
    assert found.removed_cents == pytest.approx(1200 * octaves, abs=3)
    assert intonation.intonation(found).attribute.score == pytest.approx(100)


def test_less_than_half_a_semitone_may_be_the_tuning_of_the_accompaniment():
    for cents, value in ((40, 0), (70, 70)):
        straight = sung(moved(TUNE, cents=cents), vibrato_cents=0)
        found = beside(straight, key="tuning")
        assert intonation.intonation(found).attribute.value == pytest.approx(value, abs=4)


def test_one_note_in_another_octave_costs_nothing():
    notes = [*TUNE[:5], replace(TUNE[5], midi=TUNE[5].midi - 12), *TUNE[6:]]
    found = intonation.intonation(beside(sung(notes), reference=ORIGINAL))
    assert found.attribute.score == pytest.approx(100)


@given(st.floats(0.03, 0.2), st.booleans())
@settings(max_examples=15, deadline=None)
def test_rhythm_is_the_mean_lateness(size, free):
    late = [size * (-1) ** k for k in range(len(TUNE))]
    notes = [replace(n, start=n.start + s, end=n.end + s) for n, s in zip(TUNE, late, strict=True)]
    found = rhythm.rhythm(beside(sung(notes), reference=ORIGINAL, late_s=late, free=free)).attribute
    assert found.value == pytest.approx(1000 * size, rel=0.15, abs=12)
    codes = {each.code for each in found.places}
    if size > 0.11:
        assert codes == {"late", "early"}
    if size < 0.06:
        assert not codes


def test_a_late_entry_is_late_in_step_and_the_singers_own_where_sung_freely():
    late = [0.15] * len(TUNE)
    take = sung(moved(TUNE, late_s=0.15))
    in_step = rhythm.rhythm(beside(take, reference=ORIGINAL, late_s=late)).attribute
    assert in_step.detail["late_ms"] == pytest.approx(150)
    assert in_step.score < 30
    free = rhythm.rhythm(beside(take, reference=ORIGINAL, late_s=late, free=True)).attribute
    assert free.score == pytest.approx(100)


def test_a_note_left_out_is_a_matter_of_rhythm_alone():
    take = sung([*TUNE[:4], *TUNE[6:]])
    found = measure(beside(take, reference=ORIGINAL))
    assert found["intonation"].attribute.score == pytest.approx(100)
    assert found["rhythm"].attribute.value == pytest.approx(2 * 300 / 16, abs=2)
    assert [each.code for each in found["rhythm"].attribute.places] == ["missed_note"] * 2


def test_notes_cut_short_and_held_over():
    rests = [replace(n, start=2 * n.start, end=2 * n.start + 0.6) for n in TUNE]
    original = sung(rests, seconds=28)
    for share, code in ((0.4, "short"), (1.9, "long")):
        take = sung([replace(n, end=n.start + 0.6 * share) for n in rests], seconds=28)
        found = rhythm.rhythm(beside(take, reference=original, notes=rests)).attribute
        assert {each.code for each in found.places} == {code}
        assert found.score < 60


def test_vibrato_is_missed_where_the_original_has_it():
    plain = sung(TUNE, vibrato_cents=0)
    found = vibrato.vibrato(beside(plain, reference=ORIGINAL)).attribute
    assert found.score == 0
    assert {each.code for each in found.places} == {"no_vibrato"}
    slow = sung(TUNE, vibrato_hz=3.4, vibrato_cents=60)
    assert vibrato.vibrato(beside(slow, reference=ORIGINAL)).attribute.score < 40
    without = vibrato.vibrato(beside(ORIGINAL, reference=plain)).attribute
    assert (without.score, without.reason) == (None, "reference_without")
    alone = vibrato.vibrato(beside(ORIGINAL)).attribute
    assert alone.score == 100


def test_no_vibrato_is_asked_of_short_notes():
    short = [replace(n, end=n.start + 0.3) for n in TUNE]
    found = vibrato.vibrato(beside(sung(short), reference=sung(short), notes=short)).attribute
    assert (found.score, found.reason) == (None, "no_long_notes")


def test_steadiness_hears_a_wobble_and_not_a_vibrato():
    wobbling = measure(beside(sung(TUNE, wobble_cents=60), reference=ORIGINAL))
    assert wobbling["steadiness"].attribute.score < 75
    assert wobbling["steadiness"].attribute.places
    for other in ({"vibrato_cents": 90}, {"vibrato_hz": 6.3}, {"vibrato_cents": 0}):
        found = steadiness.steadiness(beside(sung(TUNE, **other), reference=ORIGINAL))
        assert found.attribute.score > 90, other


def test_a_scoop_is_told_from_a_wobble():
    scooping = sung(TUNE, scoop_cents=-220)
    found = steadiness.steadiness(beside(scooping, reference=ORIGINAL)).attribute
    assert found.score < 90
    assert found.value == pytest.approx(27, abs=3), "half of what is capped at 60"
    assert {each.code for each in found.places} == {"scoop"}
    both = steadiness.steadiness(beside(scooping, reference=scooping)).attribute
    assert both.score == pytest.approx(100), "what both sing costs nothing"


def test_steadiness_hears_a_trembling():
    still = sung(TUNE, vibrato_cents=0)
    trembling = sung(TUNE, vibrato_cents=25, vibrato_hz=13)
    found = steadiness.steadiness(beside(trembling, reference=still)).attribute
    assert found.value == pytest.approx(25 / np.sqrt(2), rel=0.2)


def test_a_narrow_vibrato_is_less_and_a_wide_one_no_more():
    narrow = vibrato.vibrato(beside(sung(TUNE, vibrato_cents=22), reference=ORIGINAL)).attribute
    none = vibrato.vibrato(beside(sung(TUNE, vibrato_cents=5), reference=ORIGINAL)).attribute
    assert 20 < narrow.score < 80
    assert none.score < 10
    nearly = vibrato.vibrato(beside(sung(TUNE, vibrato_cents=45), reference=ORIGINAL)).attribute
    wider = vibrato.vibrato(beside(sung(TUNE, vibrato_cents=110), reference=ORIGINAL)).attribute
    assert nearly.score == wider.score == pytest.approx(100)
    assert wider.value == pytest.approx(wider.detail["reference"])


@pytest.mark.parametrize("tail_db", [-12.0, -20.0])
def test_a_room_that_goes_on_sounding_is_not_singing(tail_db):
    """In a room a note that was cut short has a pitch to its end, and a level far below."""
    short = [replace(n, end=n.start + 0.4) for n in TUNE]
    dry = rhythm.rhythm(beside(sung(short), reference=ORIGINAL)).attribute
    roomy = rhythm.rhythm(
        beside(sung(TUNE, cut_s=0.4, tail_db=tail_db), reference=ORIGINAL)
    ).attribute
    gone = tail_db < -15
    assert (roomy.value == pytest.approx(dry.value, abs=8)) == gone
    loud = dynamics.dynamics(
        beside(sung(TUNE, cut_s=0.4, tail_db=-20), reference=ORIGINAL)
    ).attribute
    assert loud.score == pytest.approx(100)


def test_dynamics_hears_jumps_and_not_the_gain():
    course = [-20 - 6 * (k % 3) for k in range(len(TUNE))]
    original = sung(TUNE, levels_db=course)
    quieter = sung(TUNE, levels_db=[each - 17 for each in course])
    found = dynamics.dynamics(beside(quieter, reference=original)).attribute
    assert found.score == pytest.approx(100)
    flat = dynamics.dynamics(beside(ORIGINAL, reference=original)).attribute
    assert flat.score < 60
    assert flat.detail["spread"] < 0.1 < flat.detail["reference"]
    alone = dynamics.dynamics(beside(ORIGINAL)).attribute
    assert (alone.score, alone.reason) == (None, "no_comparison")


def test_all_places_lie_in_the_key_of_the_take():
    late = [0.15 * (k % 2) for k in range(len(TUNE))]
    notes = [
        replace(n, start=n.start + s, end=n.end + s, midi=n.midi + 5 + (k == 2))
        for k, (n, s) in enumerate(zip(TUNE, late, strict=True))
        if k != 4
    ]
    found = beside(sung(notes, vibrato_cents=0), reference=ORIGINAL, late_s=late)
    places = [each for one in measure(found).values() for each in one.attribute.places]
    assert {each.code for each in places} >= {"late", "missed_note", "wrong_note", "no_vibrato"}
    for each in places:
        (meant,) = [n.midi + 5 for n in TUNE if n.start <= each.start < n.end]
        assert each.midi == pytest.approx(meant, abs=0.2)


def test_too_little_has_no_value():
    found = measure(beside(sung(TUNE[:1]), reference=sung(TUNE[:1]), notes=TUNE[:1]))
    assert found["intonation"].attribute.reason == "too_little"
    assert found["intonation"].part(0, 3) is None


def test_a_clip_is_scored_by_the_notes_in_it():
    notes = [replace(n, midi=n.midi + (1.2 if 3 <= n.start < 6 else 0)) for n in TUNE]
    found = intonation.intonation(beside(sung(notes), reference=ORIGINAL, key="given"))
    assert found.part(0, 3) == pytest.approx(100, abs=1)
    assert found.part(3, 6) < 45
    assert found.part(40, 43) is None


def test_every_code_that_is_measured_has_its_name_in_the_vocabulary():
    def constants(module):
        return {v for k, v in vars(module).items() if k.isupper() and isinstance(v, str)}

    for name, module in {
        "intonation": intonation,
        "rhythm": rhythm,
        "vibrato": vibrato,
        "dynamics": dynamics,
        "steadiness": steadiness,
    }.items():
        assert set(codes.CODES_OF[name]) <= constants(module), name
    assert tuple(MEASURES) == codes.ATTRIBUTES
    found = measure(beside(ORIGINAL, reference=ORIGINAL))
    assert {name: each.attribute.unit for name, each in found.items()} == dict(codes.UNITS)


@pytest.mark.parametrize("tuning", [0.0, 30.0, -45.0])
def test_a_take_alone_is_set_beside_its_own_semitones(tuning):
    straight = sung(moved(TUNE, cents=tuning), vibrato_cents=0)
    found = alone(straight)
    assert intonation.intonation(found).attribute.score == pytest.approx(100)
    off = [replace(n, midi=n.midi + 0.2 * (-1) ** k) for k, n in enumerate(TUNE)]
    worse = alone(sung(moved(off, cents=tuning), vibrato_cents=0))
    assert intonation.intonation(worse).attribute.value == pytest.approx(20, abs=2)
