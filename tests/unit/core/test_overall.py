"""One score out of several parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asa_desktop.core.assess import overall
from asa_desktop.core.attributes.reading import Measured, Reading
from asa_desktop.core.types import Attribute, Clip, ClipScore

SCORES = st.floats(0, 100)
PARTS = st.dictionaries(st.sampled_from(list(overall.WEIGHTS)), SCORES, min_size=1)


@given(PARTS)
def test_a_score_lies_between_those_of_its_worst_and_its_best_part(parts):
    worst, best = (dict.fromkeys(parts, each(parts.values())) for each in (min, max))
    found = overall.combined(parts)
    assert overall.combined(worst) - 1e-9 <= found <= overall.combined(best) + 1e-9
    assert 0 <= found <= 100


@given(PARTS, st.sampled_from(list(overall.WEIGHTS)), SCORES)
def test_no_part_that_rises_lowers_it(parts, name, more):
    parts = {name: 50.0, **parts}
    higher = {**parts, name: max(parts[name], more)}
    assert overall.combined(higher) >= overall.combined(parts) - 1e-9


def test_nothing_makes_up_for_wrong_notes():
    parts = dict.fromkeys(overall.WEIGHTS, 100.0) | {"intonation": 10.0}
    assert overall.combined(parts) == overall.combined({"rhythm": 10 + overall.HEADROOM}) < 30


def test_what_nobody_weighs_has_no_score():
    assert overall.combined({"dynamics": 80.0}) is None
    assert overall.combined({"vibrato": 80.0}, confidences={"vibrato": 0.0}) is None


def test_the_weights_are_shares():
    assert sum(overall.WEIGHTS.values()) == pytest.approx(1)


def clip(score, *, start=0.0, **parts):
    return ClipScore(Clip(0, start, start + 3, 1.0, 1.0), score, parts=parts)


def readings(value):
    return Measured(
        Attribute(value, value, "cents", 1.0),
        (Reading(0, 3, value, 1.0),),
        lambda value, due: value,
    )


def test_a_clip_falls_with_its_notes():
    found = overall.of_clip(clip(80.0), {"intonation": readings(20.0)}, by_network=True)
    assert found.parts == {"likeness": 80.0, "intonation": 20.0}
    assert found.score == overall.combined(found.parts) < 50
    without = overall.of_clip(clip(80.0), {}, by_network=False)
    assert (without.score, without.parts) == (80.0, {})
    unscored = clip(None)
    assert overall.of_clip(unscored, {"intonation": readings(20.0)}, by_network=True) == unscored


def test_the_range_is_that_of_the_clips_about_the_score():
    attributes = {"intonation": Attribute(70.0, 60.0, "cents", 1.0)}
    clips = [clip(score, start=3.0 * k) for k, score in enumerate((50.0, 60.0, 70.0, 80.0))]
    found = overall.of_take(attributes, clips)
    assert found.score == overall.combined({"intonation": 70.0})
    assert found.low < found.score < found.high
    assert overall.of_take(attributes, [clip(None)]) is None
    assert overall.of_take(attributes, clips[:2]).low is None


@pytest.mark.parametrize(
    ("left_out", "kept"), [(0.0, 1.0), (0.15, 1.0), (0.5, 1 - 0.35 / 0.85 / 2), (1.0, 0.5)]
)
def test_notes_left_out_count_beyond_what_a_tracker_may_lose(left_out: float, kept: float) -> None:
    rhythm = Attribute(80.0, 40.0, "ms", 1.0, detail={"left_out": left_out})
    found = overall.score_of({"rhythm": rhythm})
    assert found == pytest.approx(kept * overall.combined({"rhythm": 80.0}))
