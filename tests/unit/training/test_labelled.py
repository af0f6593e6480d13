"""Clips that people labelled, as batches."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from asa_training.labelled import TOGETHER, Labelled, LabelledSampler
from hypothesis import given, settings
from hypothesis import strategies as st


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


def in_takes(count: int, *, each: int = 5) -> Labelled:
    """Takes of one song, good and poor by turns, each with a clip at every place."""
    takes = np.repeat(np.arange(count), each)
    return Labelled(
        scores=np.where(takes % 2, 90.0, 10.0),
        places=[str(n % each) for n in range(count * each)],
        cut=image,
        takes=takes,
    )


def order(data: Labelled, *, paired: bool, seed: int = 1) -> np.ndarray:
    """The clips, or pairs, of the first epoch in their order."""
    found = LabelledSampler(data, seed=seed, size=1, paired=paired, compared=False)
    return np.stack([numbers(found.batch(n))[0] for n in range(found.windows)]).astype(int)


@given(count=st.integers(1, 80), seed=st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_clips_of_a_take_come_near_each_other(count, seed):
    data = in_takes(count)
    drawn = order(data, paired=False, seed=seed)[:, 0]
    assert sorted(drawn.tolist()) == list(range(5 * count))
    takes = data.takes[drawn]
    for first in range(0, len(takes), 5 * TOGETHER):
        stretch = takes[first : first + 5 * TOGETHER]
        assert len(set(stretch.tolist())) == len(stretch) // 5


@given(good=st.integers(1, 60), poor=st.integers(1, 60), seed=st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_every_clip_of_the_more_numerous_side_has_a_partner(good, poor, seed):
    takes = np.repeat(np.arange(good + poor), 4)
    data = Labelled(
        np.where(takes < good, 90.0, 10.0), [str(n % 4) for n in range(len(takes))], image,
        takes=takes,
    )  # fmt: skip
    pairs = order(data, paired=True, seed=seed)
    assert len(pairs) == 4 * max(good, poor)
    assert set(pairs[:, 0] % 4 - pairs[:, 1] % 4) == {0}, "of one place"
    assert (takes[pairs[:, 0]] < good).all()
    assert (takes[pairs[:, 1]] >= good).all()
    longer = pairs[:, 0 if good >= poor else 1]
    assert len(set(longer.tolist())) == len(longer)
    met = {(takes[a], takes[b]) for a, b in pairs}
    assert len(met) == max(good, poor), "two takes meet at all their places"


def test_partners_are_drawn_anew():
    found = LabelledSampler(in_takes(40), seed=1, size=100, paired=True, compared=False)
    first, second = ({tuple(row) for row in numbers(found.batch(n)).tolist()} for n in (0, 1))
    assert len(first) == len(second) == 100
    assert len(first & second) < 50
