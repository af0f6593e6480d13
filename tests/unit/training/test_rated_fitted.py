"""Leave one song out: what is fitted never sees the song that it is asked about."""

from __future__ import annotations

import numpy as np
import pytest
from asa_training.rated.fitted import (
    FITS,
    equal_weights,
    isotonic,
    leave_one_song_out,
    linear,
    ridge,
    steps,
)
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression

SONGS = ["one"] * 12 + ["two"] * 12 + ["three"] * 12
SINGERS = [str(k) for k in range(36)]


def planted(seed: int = 0):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(36, 4))
    return values, 3 + values @ np.array([1.0, 0.5, 0.0, 0.0]) + 0.1 * rng.normal(size=36)


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS.keys())
@pytest.mark.parametrize("song", ["one", "two", "three"])
def test_the_ratings_of_the_song_left_out_change_nothing(fit, song):
    values, human = planted()
    held = np.array([each == song for each in SONGS])
    told = leave_one_song_out(fit, values, human, SONGS, SINGERS)
    other = np.where(held, 5 - human, human)
    untold = leave_one_song_out(fit, values, other, SONGS, SINGERS)
    assert np.array_equal(told[held], untold[held])


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS.keys())
def test_nor_do_the_other_performances_of_that_song(fit):
    values, human = planted()
    told = leave_one_song_out(fit, values, human, SONGS, SINGERS)
    moved = values.copy()
    moved[1:12] *= 50
    untold = leave_one_song_out(fit, moved, human, SONGS, SINGERS)
    assert told[0] == untold[0]


@pytest.mark.parametrize("fit", [linear, isotonic])
def test_the_ratings_of_the_other_songs_do(fit):
    values, human = planted()
    told = leave_one_song_out(fit, values, human, SONGS, SINGERS)
    untold = leave_one_song_out(fit, values, -human, SONGS, SINGERS)
    assert not np.allclose(told, untold)


def test_a_memory_of_single_performances_is_worth_nothing():
    # A fit that knows by heart what it saw would be perfect if the song were among it.
    def by_heart(values, human, singers):
        known = {row.tobytes(): rating for row, rating in zip(values, human, strict=True)}
        return lambda asked: np.array([known.get(row.tobytes(), 0.0) for row in asked])

    values, human = planted()
    assert not leave_one_song_out(by_heart, values, human, SONGS, SINGERS).any()


def test_the_planted_weights_are_found():
    values, human = planted()
    predicted = leave_one_song_out(linear, values, human, SONGS, SINGERS)
    assert np.corrcoef(predicted, human)[0, 1] > 0.98
    alone = leave_one_song_out(isotonic, values, human, SONGS, SINGERS)
    assert 0.7 < np.corrcoef(alone, human)[0, 1] < 0.95


def test_songs_that_people_liked_are_not_predicted_low():
    """Each is missing in its own mean; looked at together that would turn the order round."""
    values, human = planted()
    liked = human + np.repeat([0.0, 4.0, 8.0], 12)
    for fit in (linear, isotonic):
        predicted = leave_one_song_out(fit, values, liked, SONGS, SINGERS)
        of_songs = predicted.reshape(3, 12).mean(axis=1)
        assert of_songs[0] - of_songs[2] < 1, "with the mean in it, it would be 4"


def test_noise_is_held_small():
    rng = np.random.default_rng(1)
    values, human = rng.normal(size=(36, 20)), rng.normal(size=36)
    predicted = leave_one_song_out(linear, values, human, SONGS, SINGERS)
    assert np.std(predicted) < 0.6 * np.std(human)


def test_ridge_without_strength_is_least_squares():
    values, human = planted()
    found = ridge(values, human, 0.0)(values)
    design = np.column_stack([np.ones(36), values])
    known = design @ np.linalg.lstsq(design, human, rcond=None)[0]
    assert found + human.mean() == pytest.approx(known)
    assert ridge(values, human, 1e12)(values) == pytest.approx(np.zeros(36), abs=1e-6)


def test_equal_weights_by_hand():
    values = np.array([[0.0, 10.0], [2.0, 30.0]])  # means 1 and 20, spreads 1 and 10
    predict = equal_weights(values, np.array([1.0, 2.0]), ["a", "b"])
    assert predict(np.array([[3.0, 20.0], [1.0, 0.0]])) == pytest.approx([1.0, -1.0])


def test_a_system_without_spread_is_passed_over():
    values, human = planted()
    values[:, 2] = 7.0
    for fit in FITS.values():
        assert np.isfinite(leave_one_song_out(fit, values, human, SONGS, SINGERS)).all()


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 5)), min_size=1, max_size=30))
def test_the_steps_are_those_of_scipy(pairs):
    values, human = np.array(pairs, float).T
    at, heights = steps(values, human)
    distinct, index = np.unique(values, return_inverse=True)
    count = np.bincount(index)
    means = np.bincount(index, weights=human) / count
    assert np.array_equal(at, distinct)
    assert heights == pytest.approx(isotonic_regression(means, weights=count).x)


def test_too_little_to_fit_on_gives_nothing():
    values, human = np.arange(8.0)[:, None], np.arange(8.0)
    songs = ["big"] * 5 + ["small"] * 3
    found = leave_one_song_out(linear, values, human, songs, SINGERS[:8])
    assert np.isnan(found[:5]).all()
    assert np.isfinite(found[5:]).all()
