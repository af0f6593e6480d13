"""Pitch-histogram measures, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from missung import mistuned, sung
from tracks import pitch_of

from asa_desktop.core.assess import histogram as measures

ONE = np.zeros(100)
TWO = np.repeat([-200.0, 200.0], 50)
FLAT = np.arange(-600.0, 600.0)


def bins(cents) -> np.ndarray:
    return measures.histogram(np.asarray(cents, dtype=float))


def test_pitches_are_folded_around_their_median():
    # 220 Hz three times, a fifth, an octave and a fifth, two octaves; silence is left out.
    pitch = pitch_of([220, 0, 220, 220, 220 * 2 ** (7 / 12), 440 * 2 ** (7 / 12), 880])
    folded = measures.folded_cents(pitch)
    # The median of six lies between the third and the fourth: 350 cents up.
    np.testing.assert_allclose(folded, [-350, -350, -350, 350, 350, -350], atol=0.01)


def test_bins_are_centred_on_the_median_and_go_around():
    heights = bins([0, 4.9, -4.9, 5.1, -600, 596])
    assert heights.sum() == pytest.approx(1)
    assert heights[60] == pytest.approx(3 / 6)
    assert heights[61] == pytest.approx(1 / 6)
    assert heights[0] == pytest.approx(2 / 6)


def test_moments_of_exact_pitches():
    # k of 120 bins of equal height: a share r = k / 120 of ones among zeros has the skewness
    # (1 - 2r) / sqrt(r(1 - r)) and the kurtosis (1 - 3r(1 - r)) / (r(1 - r)).
    for k, cents in ((1, ONE), (2, TWO)):
        r = k / 120
        spread = r * (1 - r)
        assert measures.skewness(bins(cents)) == pytest.approx((1 - 2 * r) / spread**0.5)
        assert measures.kurtosis(bins(cents)) == pytest.approx((1 - 3 * spread) / spread)
    assert measures.kurtosis(bins(TWO)) == pytest.approx(3423 / 59)


def test_moments_of_unequal_pitches():
    heights = np.zeros(120)
    heights[[10, 40, 90]] = 0.5, 0.3, 0.2
    m = 1 / 120
    second = (0.25 + 0.09 + 0.04) / 120 - m**2
    third = ((0.5 - m) ** 3 + (0.3 - m) ** 3 + (0.2 - m) ** 3 - 117 * m**3) / 120
    fourth = ((0.5 - m) ** 4 + (0.3 - m) ** 4 + (0.2 - m) ** 4 + 117 * m**4) / 120
    assert measures.skewness(heights) == pytest.approx(third / second**1.5)
    assert measures.kurtosis(heights) == pytest.approx(fourth / second**2)


def test_the_narrowest_peak_is_the_smoothing_alone():
    # exp(-i^2 / 8) falls from .6065 at 2 bins to .3247 at 3: it is half at 2.3780.
    at = 2 + (np.exp(-0.5) - 0.5) / (np.exp(-0.5) - np.exp(-9 / 8))
    assert measures.narrowest_peak() == pytest.approx(20 * at, abs=1e-6)
    assert measures.peak_bandwidth(bins(TWO)) == pytest.approx(20 * at, abs=1e-6)


def test_a_wide_peak_and_peaks_that_run_together():
    # A normal spread of 30 cents, smoothed by 20: sqrt(1300) = 36.06 cents, 2.3548 of it at half.
    points = np.arange(-200, 201)
    weights = np.round(1000 * np.exp(-0.5 * (points / 30) ** 2)).astype(int)
    wide = np.repeat(points.astype(float), weights)
    assert measures.peak_bandwidth(bins(wide)) == pytest.approx(2.3548 * 1300**0.5, rel=0.02)
    # Two peaks 60 cents apart: between them the curve does not fall to half their height.
    close = np.repeat([0.0, 60.0], 50)
    assert measures.peak_bandwidth(bins(close)) == pytest.approx(60 + 47.6, abs=8)


def test_a_small_peak_counts_from_a_tenth_of_the_highest():
    for count, seen in ((8, False), (12, True)):
        cents = np.concatenate((np.zeros(100), np.full(count, 300.0)))
        held = measures.peak_concentration(bins(cents), width=5)
        assert held == pytest.approx(1.0 if seen else 100 / (100 + count))


def test_concentration_by_hand():
    # Of 100 frames 10 lie 30 cents off (within 110 cents, not within 50), 5 a tritone away.
    cents = np.concatenate((np.zeros(85), np.full(10, 30.0), np.full(5, 600.0)))
    assert measures.peak_concentration(bins(cents), width=5) == pytest.approx(0.85)
    assert measures.peak_concentration(bins(cents), width=11) == pytest.approx(0.95)


def test_k_means_finds_twelve_clusters_wherever_they_lie():
    # Twelve notes 100 cents apart, each half 12 cents under and half 12 over: 144.
    for off in (0.0, 37.0, 55.0):
        notes = np.arange(12) * 100.0 - 600 + off
        cents = np.concatenate((notes - 12, notes + 12))
        cents = np.mod(cents + 600, 1200) - 600
        assert measures.k_means(cents) == pytest.approx(144, abs=1)
    assert measures.k_means(TWO) == 0
    # Thirteen places, twelve centres: two places 8 cents apart share one, 16 for each of theirs.
    places = np.concatenate((np.arange(-600, 600, 100.0), [108.0]))
    assert measures.k_means(places) == pytest.approx(2 * 16 / 13)


def test_binning_measures_from_the_nearest_semitone():
    # The bins are centred on the semitones: what lies on them is at no distance.
    assert measures.binning(np.array([0.0, 100, -300, 600])) == 0
    assert measures.binning(np.array([20.0, -20, 120, 380])) == pytest.approx(400)
    assert measures.binning(np.array([50.0, -150])) == pytest.approx(2500)


def test_autocorrelation_by_hand():
    # One pitch holds every cycle alike: 57 of the 61 from 0 to 60 are 4 and more.
    assert measures.autocorrelation(bins(ONE)) == pytest.approx(57 / 61)
    # Two pitches a tritone apart hold the even ones alone: 29 of 31.
    assert measures.autocorrelation(bins(np.repeat([-300.0, 300.0], 9))) == pytest.approx(29 / 31)


def test_a_flat_histogram_is_the_other_end():
    flat = bins(FLAT)
    assert measures.kurtosis(flat) == 1
    assert measures.skewness(flat) == 0
    assert measures.peak_bandwidth(flat) == 1200
    assert measures.peak_concentration(flat, width=5) == pytest.approx(5 / 120)
    assert measures.k_means(FLAT) == pytest.approx(100**2 / 12, rel=0.01)
    assert measures.binning(FLAT) == pytest.approx(100**2 / 12, rel=0.01)
    assert measures.autocorrelation(flat) == pytest.approx(0, abs=1e-9)


def test_nothing_sung_makes_no_trouble():
    none = measures.folded_cents(pitch_of([0, 0]))
    assert len(none) == 0
    assert not bins(none).any()
    assert measures.k_means(none) == measures.binning(none) == 0


def all_measures(cents) -> np.ndarray:
    heights = bins(cents)
    return np.array(
        [
            measures.kurtosis(heights),
            measures.skewness(heights),
            measures.peak_bandwidth(heights),
            measures.peak_concentration(heights, width=5),
            measures.peak_concentration(heights, width=11),
            measures.k_means(cents),
            measures.binning(cents),
            measures.autocorrelation(heights),
        ]
    )


@given(
    st.lists(st.integers(-11, 11), min_size=3, max_size=15),
    st.floats(-1200, 1200),
    st.lists(st.integers(-1, 1), min_size=15, max_size=15),
)
def test_neither_key_nor_octave_matters(tones, cents, octaves):
    # An odd count, so that the median is one of the tones and a leap cannot move it between two.
    tones = tones[: len(tones) - 1 + len(tones) % 2]
    low = np.array(tones, dtype=float)
    plain = pitch_of(np.repeat(440 * 2 ** (low / 12), 3))
    moved = pitch_of(np.repeat(440 * 2 ** (low / 12 + cents / 1200), 3))
    np.testing.assert_allclose(
        all_measures(measures.folded_cents(moved)),
        all_measures(measures.folded_cents(plain)),
        rtol=1e-3,
        atol=1e-2,
    )
    leaping = low + 12 * np.array(octaves[: len(tones)])
    heights = bins(measures.folded_cents(pitch_of(np.repeat(440 * 2 ** (leaping / 12), 3))))
    before = bins(measures.folded_cents(plain))
    assert measures.peak_bandwidth(heights) == pytest.approx(
        measures.peak_bandwidth(before), abs=0.1
    )
    assert measures.autocorrelation(heights) == pytest.approx(
        measures.autocorrelation(before), abs=1e-6
    )


def test_more_scatter_widens_the_peaks_and_leaves_the_grid():
    rng = np.random.default_rng(7)
    notes = np.repeat(np.array([0.0, 300, -300, 600]), 400)
    spread = rng.standard_normal(len(notes))
    found = np.array([all_measures(notes + size * spread) for size in (0, 5, 10, 20, 30)])
    better = np.array([1, 1, -1, 1, 1, -1, -1, 1])
    assert np.all(np.diff(found * better, axis=0) <= 1e-6)


def test_real_singing_stands_above_the_same_with_notes_off():
    # Not asked of kurtosis, skewness and binning: in 8 s it matters more which notes are long.
    telling = [2, 3, 4, 5, 7]
    take = sung()
    good = all_measures(measures.folded_cents(take))[telling]
    poor = np.mean(
        [
            all_measures(measures.folded_cents(mistuned(take, cents=100, seed=seed)))[telling]
            for seed in range(20)
        ],
        axis=0,
    )
    better = np.array([-1, 1, 1, -1, 1])
    assert np.all(good * better > poor * better), (good, poor)
