"""Noise in labels: what is read off repeated labels is what was put in, and no more than that."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.label_noise import in_order, least_gap, of_median, of_repeats


@given(sigma=st.floats(0.01, 1), seed=st.integers(0, 99))
def test_sigma_is_read_off_labels_given_twice(sigma, seed):
    dice = np.random.default_rng(seed)
    truth = dice.uniform(0, 1, 4000)
    first, second = (truth + dice.normal(0, sigma, 4000) for _ in range(2))
    assert of_repeats(first, second) == pytest.approx(sigma, rel=0.08)
    # What both share is not seen: the limit that the document names.
    shared = dice.normal(0, 1, 4000)
    assert of_repeats(first + shared, second + shared) == pytest.approx(sigma, rel=0.08)


@given(gap=st.floats(0, 1), sigma=st.floats(0.01, 1))
def test_the_share_in_order_is_that_of_dice(gap, sigma):
    dice = np.random.default_rng(1)
    worse, better = gap + dice.normal(0, sigma, 20_000), dice.normal(0, sigma, 20_000)
    assert in_order(gap, sigma) == pytest.approx(float(np.mean(worse > better)), abs=0.02)


@given(sigma=st.floats(0.01, 1), right=st.floats(0.55, 0.99))
def test_the_least_gap_is_the_one_that_is_asked_for(sigma, right):
    gap = least_gap(sigma, right=right)
    assert in_order(gap, sigma) == pytest.approx(right, abs=1e-6)


def test_a_median_of_many_marks_is_steadier_and_of_one_is_that_mark():
    assert of_median(0.2, marks=1) == pytest.approx(0.2, rel=0.03)
    assert of_median(0.2, marks=25) == pytest.approx(0.2 * 1.2533 / 5, rel=0.06)
