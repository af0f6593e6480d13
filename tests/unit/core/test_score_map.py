"""The map from cosines to scores."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asa_desktop.core.assess.score_map import ScoreMap
from asa_desktop.core.errors import ModelError

CARD = ((0.3, 0.0), (0.4, 10.0), (0.8, 50.0), (0.9, 90.0), (0.925, 100.0))


@pytest.mark.parametrize(
    ("cosine", "score"),
    [(-1, 0), (0.3, 0), (0.35, 5), (0.4, 10), (0.6, 30), (0.85, 70), (0.9, 90), (1, 100)],
)
def test_between_the_knots_it_is_straight(cosine, score):
    assert ScoreMap.from_knots(CARD)(cosine) == pytest.approx(score)


@st.composite
def knots(draw: st.DrawFn) -> list[tuple[float, float]]:
    cosines = draw(st.lists(st.floats(-1, 1), min_size=2, max_size=7, unique=True))
    scores = draw(st.lists(st.floats(0, 100), min_size=len(cosines), max_size=len(cosines)))
    return list(zip(sorted(cosines), sorted(scores), strict=True))


@given(knots(), st.floats(-1.01, 1.01), st.floats(-1.01, 1.01))
def test_it_never_falls_and_stays_inside(pairs, one, other):
    to_score = ScoreMap.from_knots(pairs)
    low, high = to_score(min(one, other)), to_score(max(one, other))
    assert 0 <= low <= high + 1e-9
    assert high <= 100
    assert to_score(-2) == pairs[0][1]
    assert to_score(2) == pairs[-1][1]


@given(knots(), st.data())
def test_knots_out_of_order_are_refused(pairs, data):
    at = data.draw(st.integers(1, len(pairs) - 1))
    swapped = [*pairs[: at - 1], pairs[at], pairs[at - 1], *pairs[at + 1 :]]
    with pytest.raises(ModelError) as caught:
        ScoreMap.from_knots(swapped)
    assert caught.value.code == "score_map_broken"


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [(0, 0)],
        [(0, 0), (0, 1)],
        [(0, 0), (1.1, 1)],
        [(0, -1), (1, 1)],
        [(0, 0), (1, 101)],
        [(0, float("nan")), (1, 1)],
        [(0, 0), (float("inf"), 1)],
        [(0, 0, 0), (1, 1, 1)],
        [None, (1, 1)],
        [("a", 0), (1, 1)],
        None,
        7,
    ],
    ids=str,
)
def test_other_knots_are_refused(pairs):
    with pytest.raises(ModelError) as caught:
        ScoreMap.from_knots(pairs)
    assert caught.value.code == "score_map_broken"
