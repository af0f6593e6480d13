"""The picture of clips: principal components by hand, opacity by the human score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from asa_training.rated.picture import FAINTEST, components, picture_of
from made_ratings import made


def test_components_of_a_flat_cloud_by_hand():
    # Along (3, 4) / 5 by -2, 0, 2, across it by 1, -2, 1: the axes are these two.
    along, across = np.array([0.6, 0.8, 0.0]), np.array([-0.8, 0.6, 0.0])
    points = np.array([-2, 0, 2])[:, None] * along * 2 + np.array([1, -2, 1])[:, None] * across
    places, explained = components(points + 7)
    assert places[:, 0] == pytest.approx([-4, 0, 4])
    assert places[:, 1] == pytest.approx([-1, 2, -1])
    assert explained == pytest.approx((32 / 38, 6 / 38))


def test_points_on_a_line_and_one_dimension_have_a_second_axis_of_nothing():
    places, explained = components(np.array([[1.0], [2.0], [6.0]]))
    assert places[:, 0] == pytest.approx([-2, -1, 3])
    assert places[:, 1] == pytest.approx([0, 0, 0])
    assert explained == pytest.approx((1.0, 0.0))
    same, nothing = components(np.ones((4, 3)))
    assert same == pytest.approx(np.zeros((4, 2)))
    assert nothing == pytest.approx((0.0, 0.0))


def test_songs_lie_apart_and_opacity_follows_the_human_score():
    rated = made()
    picture = picture_of(rated)
    assert picture.places.shape == (60, 2)
    assert picture.songs.count("Alpha") == 30
    best = max(range(20), key=lambda k: rated[k].human)
    worst = min(range(20), key=lambda k: rated[k].human)
    assert picture.opacity[3 * best] == pytest.approx(1.0)
    assert picture.opacity[3 * worst] == pytest.approx(FAINTEST)
    assert picture.lowest == pytest.approx(rated[worst].human)


def test_too_few_clips_make_no_picture():
    rated = made()[:2]
    none = [replace(each, heard=replace(each.heard, embeddings=None)) for each in rated]
    assert picture_of(none) is None
    one = replace(rated[0], heard=replace(rated[0].heard, embeddings=rated[0].heard.embeddings[:2]))
    assert picture_of([one, none[1]]) is None
