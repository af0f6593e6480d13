"""The five systems' networks: shapes, sizes worked out by hand, what is frozen and what folds."""

from __future__ import annotations

import pytest
import torch

from asa_desktop.core.models import SYSTEMS
from asa_desktop.core.networks.cnnsa import Tower, TowerConfig
from asa_desktop.core.networks.heads import (
    Headed,
    TwoTowers,
    build_network,
    performance_tower,
    reference_tower,
)

SMALL = TowerConfig(width=4, feed_forward=8, layers=1, heads=2, embedding=8)


def count(network: torch.nn.Module) -> int:
    return sum(each.numel() for each in network.parameters())


def linear(inward: int, outward: int) -> int:
    return inward * outward + outward


def block(inward: int, outward: int) -> int:
    """Three convolutions of 3 x 3 with bias, three norms of two values a channel."""
    return 2 * (9 * inward * outward + outward) + (9 * outward * outward + outward) + 6 * outward


def tower_by_hand() -> int:
    """The paper's tower: 10.55 million, from the table of its layers."""
    blocks = block(5, 128) + block(128, 128) + block(128, 256) + 4 * block(256, 256)
    attention = linear(256, 3 * 256) + linear(256, 256)
    encoder = 2 * (attention + linear(256, 1024) + linear(1024, 256) + 2 * 2 * 256)
    return 2 * 5 + blocks + 256 + encoder + linear(256, 256) + linear(256, 128)


HEAD = linear(128, 64) + linear(64, 1)


@pytest.mark.parametrize(
    ("system", "towers", "wanted"),
    [
        ("rori", "shared", tower_by_hand()),
        ("rori", "two", 2 * tower_by_hand()),
        ("racc", "two", 2 * tower_by_hand()),
        # Pooled 256 -> 128 is the tower's own dense layer, -> 64 -> 1 come on top.
        ("direct", "shared", tower_by_hand() + HEAD),
        ("delta", "shared", tower_by_hand() + HEAD),
        ("embdirect", "shared", tower_by_hand() + linear(128, 128) + HEAD),
    ],
)
def test_sizes_of_the_papers_networks_by_hand(system, towers, wanted):
    assert tower_by_hand() == pytest.approx(10.55e6, abs=5e3)
    assert HEAD == 8256 + 65
    with torch.device("meta"):
        assert count(build_network(system, TowerConfig(), towers=towers)) == wanted


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_comes_out(system):
    network = build_network(system, SMALL).eval()
    with torch.inference_mode():
        found = network(torch.randn(3, 5, 96, 94))
    assert found.shape == ((3, 8) if system in ("rori", "racc") else (3,))


def test_the_layers_of_a_head_on_what_is_pooled():
    network = build_network("direct", TowerConfig(width=16, heads=4, embedding=12))
    sizes = [(each.in_features, each.out_features) for each in linears(network)]
    assert sizes == [(32, 12), (12, 6), (6, 1)]


def test_the_layers_of_a_head_on_an_embedding():
    network = build_network("embdirect", TowerConfig(width=16, heads=4, embedding=12))
    sizes = [(each.in_features, each.out_features) for each in linears(network)[1:]]
    assert sizes == [(12, 12), (12, 6), (6, 1)]


def linears(network: Headed) -> list[torch.nn.Linear]:
    """From the tower's dense layer on."""
    return [network.tower.dense, *(x for x in network.head if isinstance(x, torch.nn.Linear))]


def test_a_head_is_its_formula():
    torch.manual_seed(0)
    network = build_network("direct", SMALL).eval()
    images = torch.randn(2, 5, 96, 94)
    with torch.inference_mode():
        dense = network.tower(images)
        first, second = (each for each in network.head if isinstance(each, torch.nn.Linear))
        hidden = torch.relu(torch.relu(dense) @ first.weight.T + first.bias)
        wanted = (hidden @ second.weight.T + second.bias)[:, 0]
        torch.testing.assert_close(network(images), wanted)


def test_a_head_on_an_embedding_does_not_hear_its_length():
    torch.manual_seed(0)
    network = build_network("embdirect", SMALL).eval()
    images = torch.randn(2, 5, 96, 94)
    with torch.inference_mode():
        before = network(images)
        network.tower.dense.weight *= 3
        network.tower.dense.bias *= 3
        torch.testing.assert_close(network(images), before, atol=1e-6, rtol=1e-5)


def test_a_frozen_tower_neither_learns_nor_drops_out_nor_moves_its_norms():
    torch.manual_seed(0)
    network = build_network("embdirect", SMALL).train()
    before = {name: value.clone() for name, value in network.tower.state_dict().items()}
    optimiser = torch.optim.AdamW(network.parameters(), lr=0.1, weight_decay=0.1)
    images = torch.randn(4, 5, 96, 94)
    first = network(images)
    torch.testing.assert_close(network(images), first, atol=0, rtol=0)
    first.square().sum().backward()
    optimiser.step()
    for name, value in network.tower.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert (network(images) - first).abs().max() > 1e-3
    assert network.head.training
    assert not network.tower.training


def test_two_towers_start_apart_or_alike_and_learn_apart():
    torch.manual_seed(0)
    network = build_network("rori", SMALL, towers="two")
    assert isinstance(network, TwoTowers)
    ours, theirs = network.performance.dense.weight, network.reference.dense.weight
    assert (ours - theirs).abs().max() > 1e-3
    network.start_alike()
    assert torch.equal(ours, theirs)
    assert ours is not theirs
    assert performance_tower(network) is network.performance
    assert reference_tower(network) is network.reference


def test_a_shared_tower_is_both():
    network = build_network("racc", SMALL)
    assert isinstance(network, Tower)
    assert performance_tower(network) is reference_tower(network) is network
    headed = build_network("delta", SMALL)
    assert performance_tower(headed) is headed.tower


@pytest.mark.parametrize(
    ("system", "towers"), [("rori", "two"), ("direct", "shared"), ("embdirect", "shared")]
)
def test_folding_changes_no_number_and_not_the_original(system, towers):
    torch.manual_seed(0)
    network = build_network(system, SMALL, towers=towers)
    images = torch.randn(4, 5, 96, 94)
    for tower in {performance_tower(network), reference_tower(network)}:
        tower.train()(images)  # moves the running statistics
    network.eval()
    folded = network.folded()
    assert not any(each.requires_grad for each in folded.parameters())
    with torch.inference_mode():
        for tower in (performance_tower, reference_tower):
            torch.testing.assert_close(
                tower(folded)(images), tower(network)(images), atol=1e-5, rtol=1e-4
            )
        if isinstance(network, Headed):
            torch.testing.assert_close(folded(images), network(images), atol=1e-5, rtol=1e-4)
    names = [name for name, _ in performance_tower(network).named_modules()]
    assert "blocks.0.first_norm" in names
    assert isinstance(performance_tower(network).blocks[0].first_norm, torch.nn.BatchNorm2d)
