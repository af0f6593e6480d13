"""What several processes make of a batch together: the loss and the gradient of one process."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from asa_training import processes
from asa_training.batches import batches_of
from asa_training.config import FitConfig
from asa_training.learner import Learner, hold_norms
from asa_training.systems import system_of
from asa_training.windows import Share
from made_renditions import scene

from asa_desktop.core.networks.cnnsa import TowerConfig

SMALL = TowerConfig(width=4, feed_forward=8, layers=1, heads=2, embedding=8, dropout=0.0)
CONFIG = FitConfig(
    clips=6, performances=2, network=SMALL, precision="32", norms="fixed", grade="worst"
)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def batches():
    return batches_of([*scene("a"), *scene("b")], CONFIG, seed=3)


def gradients(learner: Learner, loss: torch.Tensor) -> dict[str, torch.Tensor]:
    learner.network.zero_grad()
    loss.backward()
    named = learner.network.named_parameters()
    return {name: each.grad.clone() for name, each in named if each.grad is not None}


@pytest.mark.parametrize("system", ["rori", "delta"])
@pytest.mark.parametrize("count", [2, 3])
def test_the_mean_of_their_gradients_is_that_of_the_batch(batches, monkeypatch, system, count):
    config = replace(CONFIG, system=system, towers="two" if system == "rori" else "shared")
    chosen = system_of(config)
    torch.manual_seed(1)
    learner = Learner(chosen, chosen.network(), config)
    whole = learner.training_step(batches.batch(0), 0)
    wanted = gradients(learner, whole)
    shares = [batches.batch(0, Share(rank, count)) for rank in range(count)]
    said = [chosen.said(learner.network, each, CPU) for each in shares]
    monkeypatch.setattr(processes, "count", lambda: count)
    monkeypatch.setattr(processes, "everyones", lambda own: [each.detach() for each in said])
    found = []
    for rank, share in enumerate(shares):
        monkeypatch.setattr(processes, "rank", lambda rank=rank: rank)
        loss = learner.training_step(share, 0)
        assert learner.loss.item() == pytest.approx(whole.item(), rel=1e-5)
        found.append(gradients(learner, loss))
    for name, value in wanted.items():
        mean = torch.stack([each[name] for each in found]).mean(dim=0)
        torch.testing.assert_close(mean, value, atol=1e-6, rtol=1e-4, msg=name)
    # Each process by itself would have another gradient: the test can tell.
    assert not torch.allclose(found[0][name], wanted[name])


def test_fixed_norms_stay_and_the_others_move(batches):
    for norms, stays in (("fixed", True), ("batch", False)):
        config = replace(CONFIG, norms=norms)
        system = system_of(config)
        learner = Learner(system, system.network(), config)
        learner.training_step(batches.batch(0), 0)
        assert learner.network.training
        assert (learner.network.norm.running_mean == 0).all() == stays
    hold_norms(learner.network)
    assert not learner.network.norm.training


def test_alone_nothing_is_sent():
    own = torch.ones(3, 2, requires_grad=True)
    assert processes.gathered(own) is own
    assert processes.first_ones([1.5, float("inf")], CPU) == [1.5, float("inf")]
    assert processes.largest([0.25], CPU) == [0.25]
    (state,) = processes.random_states(CPU)
    assert torch.equal(state["rng"], torch.get_rng_state())
    assert (processes.rank(), processes.count(), processes.share()) == (0, 1, Share())
