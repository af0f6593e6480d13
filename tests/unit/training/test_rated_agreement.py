"""Correlations by hand and against scipy; intervals that hold what was planted."""

from __future__ import annotations

import numpy as np
import pytest
from asa_training.rated.agreement import (
    Agreement,
    agreement,
    correlations,
    draws,
    interval,
    ranks,
)
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

PAIRS = st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=3, max_size=40)


def once(x, y, measure):
    x, y = np.array(x, float), np.array(y, float)
    return float(correlations(x, y, np.ones((1, len(x))), measure=measure)[0])


def test_pearson_by_hand():
    # Deviations -1, 0, 1 and -1, -1, 2: 3 / sqrt(2 * 6).
    assert once([1, 2, 3], [1, 1, 4], "pearson") == pytest.approx(3 / np.sqrt(12))


def test_spearman_with_a_tie_by_hand():
    # Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: 4.5 / sqrt(4.5 * 5).
    assert once([0, 7, 7, 9], [1, 2, 3, 4], "spearman") == pytest.approx(4.5 / np.sqrt(22.5))


@given(PAIRS)
def test_as_scipy_says_ties_and_all(pairs):
    x, y = np.array(pairs, float).T
    if np.std(x) == 0 or np.std(y) == 0:
        assert np.isnan(once(x, y, "pearson"))
        assert np.isnan(once(x, y, "spearman"))
        return
    assert once(x, y, "pearson") == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-9)
    assert once(x, y, "spearman") == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-9)


@given(PAIRS, st.integers(0, 10_000))
def test_a_counted_sample_is_the_sample_written_out(pairs, seed):
    x, y = np.array(pairs, float).T
    weights = np.random.default_rng(seed).integers(0, 4, size=(1, len(x))).astype(float)
    out = np.repeat(np.arange(len(x)), weights[0].astype(int))
    for measure in ("pearson", "spearman"):
        found = float(correlations(x, y, weights, measure=measure)[0])
        if len(out) < 2 or np.std(x[out]) == 0 or np.std(y[out]) == 0:
            assert np.isnan(found)
        else:
            assert found == pytest.approx(once(x[out], y[out], measure), abs=1e-9)


def test_ranks_in_a_counted_sample():
    # 5, 5, 2, 8, 8, 8: the 2 is first, the fives share 2 and 3, the eights 4 to 6.
    found = ranks(np.array([5.0, 2.0, 8.0]), np.array([[2.0, 1.0, 3.0]]))
    assert found.tolist() == [[2.5, 1.0, 5.0]]


def test_huge_and_tiny_units_change_nothing():
    rng = np.random.default_rng(3)
    x = rng.normal(size=12)
    y = x + rng.normal(size=12)
    plain = once(x, y, "pearson")
    assert once(x * 1e-9 + 5, y * 1e12, "pearson") == pytest.approx(plain, abs=1e-5)
    assert np.isnan(once(np.full(12, 0.1) * 3, y, "pearson"))


def test_what_is_not_there_is_left_out_and_not_counted():
    ours = np.array([1.0, 2.0, np.nan, 4.0, np.inf, 5.0])
    theirs = np.array([1.0, 2.0, 9.0, 4.0, 0.0, np.nan])
    found = agreement(ours, theirs, list("aabbcc"), measure="pearson", seed=1)
    assert (found.n, found.singers) == (3, 2)
    assert found.value == pytest.approx(1.0)
    assert found.low is None
    assert found.high is None


def test_two_performances_are_no_correlation_and_no_spread_is_none():
    two = agreement(
        np.array([1.0, 2.0]), np.array([1.0, 2.0]), ["a", "b"], measure="pearson", seed=1
    )
    assert two == Agreement(n=2, singers=2)
    flat = agreement(np.ones(9), np.arange(9.0), list("abcdefghi"), measure="spearman", seed=1)
    assert flat == Agreement(n=9, singers=9)
    none = agreement(np.full(4, np.nan), np.arange(4.0), list("abcd"), measure="pearson", seed=1)
    assert none == Agreement(n=0, singers=0)


def test_draws_are_of_whole_singers():
    drawn = draws(["a", "b", "a", "c"], seed=5, count=500)
    assert drawn.shape == (500, 4)
    assert np.array_equal(drawn[:, 0], drawn[:, 2])
    assert np.all(drawn[:, 0] + drawn[:, 1] + drawn[:, 3] == 3)
    assert np.array_equal(drawn, draws(["a", "b", "a", "c"], seed=5, count=500))
    assert not np.array_equal(drawn, draws(["a", "b", "a", "c"], seed=6, count=500))


def test_the_interval_is_that_of_scipys_bootstrap():
    rng = np.random.default_rng(8)
    x = rng.normal(size=40)
    y = 0.8 * x + 0.6 * rng.normal(size=40)
    ours = agreement(x, y, [str(k) for k in range(40)], measure="pearson", seed=1)
    theirs = stats.bootstrap(
        (x, y),
        lambda a, b, axis: stats.pearsonr(a, b, axis=axis).statistic,
        paired=True,
        method="percentile",
        n_resamples=2000,
        random_state=np.random.default_rng(2),
    ).confidence_interval
    assert ours.low == pytest.approx(theirs.low, abs=0.03)
    assert ours.high == pytest.approx(theirs.high, abs=0.03)


def test_the_interval_holds_the_planted_correlation_about_as_often_as_it_says():
    rng = np.random.default_rng(11)
    inside = 0
    for trial in range(200):
        x = rng.normal(size=30)
        y = 0.7 * x + np.sqrt(1 - 0.49) * rng.normal(size=30)
        weights = draws([str(k) for k in range(30)], seed=trial, count=300)
        low, high = interval(correlations(x, y, weights, measure="pearson"), singers=30)
        inside += low <= 0.7 <= high
    # 95 % said; percentiles of so few fall a little short. Chance alone moves it by 3 %.
    assert 0.87 <= inside / 200 <= 0.99


def test_singers_who_sing_alike_four_times_are_not_four_singers():
    rng = np.random.default_rng(2)
    skill = np.repeat(rng.normal(size=10), 4)
    x = skill + 0.05 * rng.normal(size=40)
    y = 0.6 * skill + np.repeat(0.8 * rng.normal(size=10), 4)
    singers = [str(k // 4) for k in range(40)]
    honest = agreement(x, y, singers, measure="pearson", seed=1)
    naive = agreement(x, y, [str(k) for k in range(40)], measure="pearson", seed=1)
    assert (honest.n, honest.singers) == (40, 10)
    assert honest.high - honest.low > 1.5 * (naive.high - naive.low)


def test_many_undefined_draws_give_no_interval():
    half = np.where(np.arange(100) < 49, 0.5, np.nan)
    assert interval(half, singers=9) == (None, None)
    assert interval(np.full(100, 0.5), singers=9) == (0.5, 0.5)
    assert interval(np.full(100, 0.5), singers=2) == (None, None)
