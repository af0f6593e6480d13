"""Clips that people labelled, as batches."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from asa_training.labelled import Labelled, LabelledSampler


def image(value: float) -> np.ndarray:
    return np.full((5, 96, 94), value, np.float32)


CLIPS = Labelled(
    scores=[100.0, 90.0, 50.0, 39.0, 0.0, 85.0],
    places=["a", "a", "a", "a", "b", "b"],
    cut=image,
    reference=lambda number: image(100 + number),
)


def sampler(*, paired: bool = False, compared: bool = True, size: int = 4, seed: int = 1):
    return LabelledSampler(CLIPS, seed=seed, size=size, paired=paired, compared=compared)


def numbers(batch) -> np.ndarray:
    """Which clips a batch holds, since an image is its own number."""
    return batch.images[..., 0, 0, 0]


def test_every_clip_comes_once_an_epoch():
    found = sampler(size=3)
    assert found.windows == 6
    epochs = [numbers(found.batch(n))[:, 1].tolist() for n in range(4)]
    assert sorted(epochs[0] + epochs[1]) == sorted(epochs[2] + epochs[3]) == list(range(6))
    assert epochs[0] + epochs[1] != epochs[2] + epochs[3]


def test_a_batch_across_two_epochs_is_whole():
    found = sampler(size=4)
    drawn = np.concatenate([numbers(found.batch(n))[:, 1] for n in range(3)])
    assert sorted(drawn.tolist()) == sorted([*range(6)] * 2)


def test_labels_and_references_are_the_clips_own():
    batch = sampler().batch(0)
    assert batch.images.shape == (4, 2, 5, 96, 94)
    for (reference, clip), (severity,) in zip(numbers(batch), batch.severity, strict=True):
        assert reference == 100 + clip
        assert severity == pytest.approx(1 - CLIPS.scores[int(clip)] / 100)


def test_without_a_reference_there_is_the_clip_alone():
    batch = sampler(compared=False).batch(0)
    assert batch.images.shape == (4, 1, 5, 96, 94)
    assert sorted(numbers(batch)[:, 0].tolist()) != []


def test_triplets_are_good_and_poor_clips_of_one_place():
    found = sampler(paired=True, size=3)
    assert found.windows == 3
    rows = {tuple(row) for row in numbers(found.batch(0)).tolist()}
    # In place a 100 and 90 above 39; in place b 85 above 0; the 50 is neither.
    assert rows == {(100, 0, 3), (101, 1, 3), (105, 5, 4)}
    assert found.batch(0).severity.shape == (3, 2)


def test_a_batch_depends_on_seed_and_number_alone():
    one, other = sampler(size=2), sampler(size=2)
    wanted = [numbers(one.batch(n)) for n in range(5)]
    for n in (4, 0, 3):
        np.testing.assert_array_equal(numbers(other.batch(n)), wanted[n])
    assert any(not np.array_equal(a, b) for a, b in pairwise(wanted))
    different = [numbers(sampler(size=2, seed=2).batch(n)) for n in range(5)]
    assert any(not np.array_equal(a, b) for a, b in zip(wanted, different, strict=True))


def test_clips_of_which_no_pair_can_be_made():
    alone = Labelled([90.0, 95.0, 10.0], ["a", "a", "b"], CLIPS.cut, CLIPS.reference)
    assert LabelledSampler(alone, seed=1, size=2, paired=True, compared=True).windows == 0
