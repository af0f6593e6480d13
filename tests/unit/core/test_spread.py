"""The range in which a mean over clips lies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asa_desktop.core.assess.spread import mean_range


def test_under_three_clips_nothing_is_said():
    assert mean_range([]) is None
    assert mean_range([50.0, 60.0]) is None
    assert mean_range([50.0, 50.0, 50.0]) == (50.0, 50.0)


@given(st.lists(st.floats(0, 100), min_size=3, max_size=40))
def test_the_mean_is_inside_and_the_range_within_the_scores(scores):
    low, high = mean_range(scores)
    assert min(scores) - 1e-9 <= low <= np.mean(scores) + 1e-9
    assert np.mean(scores) - 1e-9 <= high <= max(scores) + 1e-9
    assert mean_range(scores) == (low, high)


def test_it_is_as_wide_as_theory_says():
    # The mean of 80 draws of a normal with spread 10: +-1.645 x 10 / sqrt(80).
    scores = np.random.default_rng(4).normal(60, 10, 80)
    low, high = mean_range(list(scores))
    assert high - low == pytest.approx(2 * 1.645 * scores.std() / np.sqrt(80), rel=0.1)


def test_it_holds_the_true_mean_about_as_often_as_promised():
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(200):
        low, high = mean_range(list(rng.normal(50, 10, 30)))
        held += low <= 50 <= high
    assert 0.82 <= held / 200 <= 0.96
