"""Batches in time: the same ones whoever draws them, in order, and waiting is counted."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch
from asa_training.batches import batches_of
from asa_training.config import FitConfig
from asa_training.labelled import Labelled, LabelledSampler
from asa_training.loader import Loader
from asa_training.windows import WHOLE, Batch, Share
from made_renditions import small_scene

CONFIG = FitConfig(clips=4, performances=2)


@pytest.fixture(scope="module")
def batches():
    return batches_of(small_scene("a"), CONFIG, seed=3)


@pytest.mark.parametrize("workers", [0, 2])
def test_the_batches_of_the_steps_in_their_order(batches, workers):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    loader = Loader(batches, first=2, last=6, share=WHOLE, workers=workers)
    found = list(loader)
    assert len(found) == len(loader) == 4
    for number, batch in zip(range(2, 6), found, strict=True):
        wanted = batches.batch(number)
        np.testing.assert_array_equal(batch.images, wanted.images)
        np.testing.assert_array_equal(batch.severity, wanted.severity)
    assert torch.equal(torch.get_rng_state(), before), "the run's chance is left alone"


@pytest.mark.parametrize("labelled", [False, True])
def test_shares_side_by_side_are_the_batch(batches, labelled):
    if labelled:
        images = np.random.default_rng(0).random((9, 5, 96, 94), np.float32)
        clips = Labelled(scores=range(9), places=["a"] * 9, cut=lambda number: images[number])
        batches = LabelledSampler(clips, seed=1, size=4, paired=False, compared=False)
    whole = batches.batch(5)
    parts = [batches.batch(5, Share(rank, 2)) for rank in range(2)]
    np.testing.assert_array_equal(np.concatenate([each.images for each in parts]), whole.images)
    for part in parts:
        assert part.images.shape[0] == 2
        np.testing.assert_array_equal(part.severity, whole.severity)


class Slow:
    """Each batch takes a while."""

    windows = 1

    def batch(self, number: int, share: Share = WHOLE) -> Batch:
        time.sleep(0.05)
        return Batch(np.zeros((1, 1, 5, 96, 94), np.float32), np.full((1, 1), number, np.float32))


def test_waiting_is_counted_and_what_was_drawn_meanwhile_costs_none():
    loader = Loader(Slow(), first=0, last=4, share=WHOLE)
    for _ in loader:
        pass
    assert loader.waited >= 0.19
    quick = Loader(Slow(), first=0, last=2, share=WHOLE)
    coming = iter(quick)
    next(coming)
    first = quick.waited
    time.sleep(0.5)
    next(coming)
    assert quick.waited - first < first


def test_who_stops_early_leaves_no_worker_waiting(batches):
    coming = iter(Loader(batches, first=0, last=100, share=WHOLE))
    next(coming)
    coming.close()
    with pytest.raises(StopIteration):
        next(coming)
