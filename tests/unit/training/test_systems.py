"""What each system minimises, by planted examples: which way it pulls, and that it learns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from asa_training.batches import batches_of
from asa_training.config import FitConfig
from asa_training.systems import System, system_of
from asa_training.systems.towers import Trained
from asa_training.windows import Batch
from made_renditions import small_scene

from asa_desktop.core.errors import UsageError
from asa_desktop.core.models import SYSTEMS, TRIPLETS
from asa_desktop.core.networks.cnnsa import Tower, TowerConfig
from asa_desktop.core.networks.heads import Headed, TwoTowers, build_network

CPU = torch.device("cpu")
SMALL = TowerConfig(width=4, feed_forward=8, layers=1, heads=2, embedding=16, dropout=0.0)
CONFIG = FitConfig(clips=2, performances=2, network=SMALL, strangers=0.0)


def trained() -> Trained:
    torch.manual_seed(5)
    return Trained(Tower(SMALL), "some-rori", "0" * 64)


def system_for(name: str, **changes: object) -> System:
    config = replace(CONFIG, system=name, **changes)
    return system_of(config, trained=trained() if name == "embdirect" else None)


class Seen(torch.nn.Module):
    """Sees a clip as the mean of its rows of chroma. (B, 5, 96, 94) -> (B, 96)."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images[:, 1].mean(dim=2)


class Mean(torch.nn.Module):
    """Says of a clip the mean of its chroma. (B, 5, 96, 94) -> (B,)."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images[:, 1].mean(dim=(1, 2))


def clip(*filled: int, value: float = 1.0) -> np.ndarray:
    """A clip with these rows of chroma filled."""
    image = np.zeros((5, 96, 94), np.float32)
    image[1, list(filled)] = value
    return image


def batch(*images: np.ndarray, severity: tuple[float, ...]) -> Batch:
    return Batch(np.stack(images)[None], np.array([severity], np.float32))


@pytest.mark.parametrize("name", ["rori", "racc"])
@pytest.mark.parametrize("margin", ["fixed", "graded"])
def test_a_negative_that_is_pulled_in_costs(name, margin):
    system = system_for(name, margin=margin)
    anchor, good, severity = clip(0, 1), clip(0, 2), (0.0, 1.0)

    def loss(poor: np.ndarray) -> float:
        return float(system.loss(Seen(), batch(anchor, good, poor, severity=severity), CPU))

    # cos(a, p) = 1/2; a poor clip at cosine 0, 1/2 and 1 costs 1/2, 1 and 3/2 (graded: +1/2).
    most = 1.5 if margin == "graded" else 1.0
    wanted = [most - 0.5, most, most + 0.5]
    found = [loss(clip(3, 4)), loss(clip(0, 3)), loss(clip(0, 1))]
    assert found == pytest.approx(wanted, abs=5e-3)
    nearer = batch(anchor, clip(0, 1), clip(3, 4), severity=severity)
    assert float(system.loss(Seen(), nearer, CPU)) == pytest.approx(most - 1, abs=5e-3)


def test_a_fixed_margin_counts_good_and_poor_alone():
    system = system_for("rori", margin="fixed")
    anchor, near, far = clip(0, 1), clip(0, 1), clip(3, 4)

    def loss(*severity: float) -> float:
        return float(system.loss(Seen(), batch(anchor, far, near, severity=severity), CPU))

    # The wrong way round: relu(1 - 0 + 1) where the first is good and the second is poor.
    assert loss(0.2, 0.61) == pytest.approx(2, abs=5e-3)
    for none in ((0.21, 0.61), (0.2, 0.6), (0.0, 0.5), (0.7, 0.9)):
        assert loss(*none) == 0


def test_strangers_are_kept_away():
    system = system_for("rori", strangers=1.0)
    images = np.stack([np.stack([clip(0), clip(0)]), np.stack([clip(0), clip(0)])])
    alike = Batch(images, np.zeros((2, 1), np.float32))
    images = np.stack([np.stack([clip(0), clip(0)]), np.stack([clip(5), clip(5)])])
    apart = Batch(images, np.zeros((2, 1), np.float32))
    assert float(system.loss(Seen(), alike, CPU)) == pytest.approx(1.5, abs=5e-3)
    assert float(system.loss(Seen(), apart, CPU)) == pytest.approx(0.5, abs=5e-3)


@pytest.mark.parametrize("name", ["direct", "embdirect"])
def test_a_head_is_to_say_the_weak_label(name):
    system = system_for(name)
    # The network says 1/96 a row: 0.75, where severities of 0.25 and 1 ask for 0.75 and 0.
    clips = [clip(*range(72)), clip(*range(72))]
    made = batch(*clips, severity=(0.25, 1.0))
    assert float(system.loss(Mean(), made, CPU)) == pytest.approx(0.75**2 / 2, abs=5e-3)
    assert system.values(Mean(), made, CPU)[0].tolist() == pytest.approx([0.75, 0.75], abs=5e-3)


def test_delta_is_shown_performance_less_reference():
    system = system_for("delta")
    made = batch(clip(*range(24)), clip(*range(72)), clip(*range(24)), severity=(0.5, 1.0))
    assert system.values(Mean(), made, CPU)[0].tolist() == pytest.approx([0.5, 0.0], abs=5e-3)
    assert float(system.loss(Mean(), made, CPU)) == pytest.approx(0, abs=1e-4)


def test_two_towers_see_what_is_theirs():
    system = system_for("rori", towers="two")
    network = system.network()
    assert isinstance(network, TwoTowers)
    seen: dict[str, torch.Size] = {}
    for name in ("performance", "reference"):
        getattr(network, name).register_forward_hook(
            lambda _m, args, _out, name=name: seen.update({name: args[0].shape})
        )
    images = np.random.default_rng(0).random((2, 4, 5, 96, 94)).astype(np.float32)
    system.values(network, Batch(images, np.zeros((2, 3), np.float32)), CPU)
    assert seen == {"performance": (6, 5, 96, 94), "reference": (2, 5, 96, 94)}
    alike = system_for("rori", towers="two_alike").network()
    assert torch.equal(alike.performance.dense.weight, alike.reference.dense.weight)
    assert not torch.equal(network.performance.dense.weight, network.reference.dense.weight)


def test_embdirect_stands_on_the_tower_that_it_was_given():
    network = system_for("embdirect").network()
    assert isinstance(network, Headed)
    for name, value in trained().tower.state_dict().items():
        assert torch.equal(network.tower.state_dict()[name], value)
    with pytest.raises(UsageError) as caught:
        system_of(replace(CONFIG, system="embdirect"))
    assert caught.value.code == "tower_unnamed"


@pytest.fixture(scope="module")
def renditions():
    return small_scene("a")


def losses_on_one_batch(name: str, renditions, steps: int) -> tuple[list[float], Batch]:
    system = system_for(name)
    made = batches_of(renditions, replace(CONFIG, system=name), seed=1).batch(0)
    torch.manual_seed(0)
    network = system.network().train()
    learning = [each for each in network.parameters() if each.requires_grad]
    optimiser = torch.optim.Adam(learning, lr=3e-3 if name in TRIPLETS else 1e-2)
    losses = []
    for _ in range(steps):
        loss = system.loss(network, made, CPU)
        losses.append(loss.item())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return losses, made


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_few_steps_on_one_batch_lower_its_loss(renditions, name):
    losses, _ = losses_on_one_batch(name, renditions, steps=14)
    assert losses[-1] < 0.8 * losses[0], losses


@pytest.mark.parametrize("name", ["direct", "delta"])
def test_a_head_learns_to_tell_clips_apart(renditions, name):
    losses, made = losses_on_one_batch(name, renditions, steps=24)
    # To say the mean of the labels everywhere would cost their variance.
    assert losses[-1] < 0.5 * float(np.var(made.severity)), losses


def test_every_system_builds_what_the_program_builds():
    for name in SYSTEMS:
        for towers in ("shared", "two"):
            mine = system_for(name, towers=towers).network().state_dict()
            theirs = build_network(name, SMALL, towers=towers).state_dict()
            assert {k: v.shape for k, v in mine.items()} == {k: v.shape for k, v in theirs.items()}
