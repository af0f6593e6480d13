"""The tower against the table it is built from."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from asa_desktop.core.errors import ModelError, PlaceError
from asa_desktop.core.networks.cnnsa import Tower, TowerConfig
from asa_desktop.core.networks.runner import pick_device

SMALL = TowerConfig(width=8, feed_forward=32, heads=4, embedding=16)


def parameters(config: TowerConfig) -> float:
    with torch.device("meta"):
        tower = Tower(config)
    return sum(each.numel() for each in tower.parameters()) / 1e6


def test_sizes_of_the_paper_and_of_the_small_tower():
    assert parameters(TowerConfig()) == pytest.approx(10.55, abs=0.005)
    assert parameters(TowerConfig(width=64)) == pytest.approx(2.9, abs=0.05)


def test_block_sizes_are_those_of_the_table():
    tower = Tower(TowerConfig(width=16, heads=4)).eval()
    sizes: list[tuple[int, ...]] = []
    for block in tower.blocks:
        block.register_forward_hook(lambda _block, _in, out: sizes.append(tuple(out.shape[1:])))
    with torch.inference_mode():
        out = tower(torch.randn(2, 5, 96, 94))
    assert sizes == [
        (16, 48, 47),
        (16, 24, 24),
        (32, 12, 12),
        *((32, rows, 12) for rows in (6, 3, 2, 1)),
    ]
    assert out.shape == (2, 128)


def test_a_block_is_its_formula():
    block = Tower(SMALL).blocks[2].eval()
    x = torch.randn(1, 8, 24, 24)
    conv = torch.nn.functional.conv2d

    def normed(value, norm):
        return norm.weight[:, None, None] * value / (1 + norm.eps) ** 0.5 + norm.bias[:, None, None]

    first = conv(x, block.first.weight, block.first.bias, stride=2, padding=1)
    inner = torch.relu(normed(first, block.first_norm))
    second = conv(inner, block.second.weight, block.second.bias, padding=1)
    beside = conv(x, block.shortcut.weight, block.shortcut.bias, stride=2, padding=1)
    wanted = torch.relu(normed(second, block.second_norm) + normed(beside, block.shortcut_norm))
    torch.testing.assert_close(block(x), wanted, atol=1e-5, rtol=1e-5)


def test_the_fixed_cls_vector_is_the_same_everywhere_and_never_trained():
    torch.manual_seed(1)
    first = Tower(SMALL)
    torch.manual_seed(2)
    second = Tower(SMALL)
    torch.testing.assert_close(first.cls, second.cls, atol=0, rtol=0)
    assert not first.cls.requires_grad
    before = first.cls.clone()
    optimiser = torch.optim.AdamW(first.parameters(), lr=0.1, weight_decay=0.1)
    first(torch.randn(4, 5, 96, 94)).square().sum().backward()
    optimiser.step()
    torch.testing.assert_close(first.cls, before, atol=0, rtol=0)
    assert Tower(TowerConfig(width=8, heads=4, cls="learnt")).cls.requires_grad


@pytest.mark.parametrize("positions", ["none", "learnt"])
def test_without_positions_the_order_of_the_columns_does_not_matter(positions):
    torch.manual_seed(0)
    config = TowerConfig(width=8, feed_forward=32, heads=4, positions=positions)
    tower = Tower(config).eval()
    assert TowerConfig().positions == "none"

    def after_blocks(order: torch.Tensor) -> torch.Tensor:
        hook = tower.blocks.register_forward_hook(lambda _m, _i, out: out[..., order])
        with torch.inference_mode():
            found = tower(images)
        hook.remove()
        return found

    images = torch.randn(2, 5, 96, 94)
    apart = (after_blocks(torch.arange(12)) - after_blocks(torch.arange(11, -1, -1))).abs().max()
    assert (apart < 1e-5) == (positions == "none")


def test_a_checkpoint_comes_back_to_the_bit(tmp_path):
    tower = Tower(SMALL)
    tower(torch.randn(4, 5, 96, 94))  # moves the running statistics, which must travel too
    save_file(
        {name: value.contiguous() for name, value in tower.state_dict().items()},
        tmp_path / "weights.safetensors",
    )
    torch.manual_seed(99)
    back = Tower(TowerConfig.from_dict(SMALL.to_dict()))
    back.load_state_dict(load_file(tmp_path / "weights.safetensors"))
    images = torch.randn(3, 5, 96, 94)
    with torch.inference_mode():
        torch.testing.assert_close(back.eval()(images), tower.eval()(images), atol=0, rtol=0)


def test_dropout_is_for_training_alone():
    tower = Tower(SMALL)
    images = torch.randn(2, 5, 96, 94)
    tower.eval()
    torch.testing.assert_close(tower(images), tower(images), atol=0, rtol=0)
    tower.train()
    assert (tower(images) - tower(images)).abs().max() > 1e-4


@pytest.mark.parametrize(
    "change",
    [
        {"width": 0},
        {"width": 8.0},
        {"width": True},
        {"width": 100_000},
        {"heads": 7},
        {"layers": 25},
        {"embedding": 0},
        {"positions": "sine"},
        {"cls": None},
        {"dropout": 1.0},
        {"dropout": "0.1"},
        {"dropout": 10**400},
        {"channels": []},
        {"channels": ["f0", "spec"]},
        {"channels": ["spec", "spec"]},
        {"channels": ["spec", "colour"]},
        {"channels": "spec"},
        {"channels": None},
        {"channels": [["spec"]]},
        {"depth": 3},
    ],
    ids=str,
)
def test_networks_that_cannot_be_built_are_refused(change):
    with pytest.raises(ModelError) as caught:
        TowerConfig.from_dict({**TowerConfig().to_dict(), **change})
    assert caught.value.code == "network_unknown"


def test_a_tower_of_some_channels_is_blind_to_the_others():
    config = replace(SMALL, channels=("spec", "f0"))
    tower = Tower(config).eval()
    assert tower.norm.num_features == tower.blocks[0].first.in_channels == 2
    images = torch.rand(2, 5, 96, 94, generator=torch.Generator().manual_seed(1))
    blind, seeing = images.clone(), images.clone()
    blind[:, [1, 2, 4]] = 7.0
    seeing[:, 3] = 0.0
    with torch.inference_mode():
        found = tower(images)
        assert torch.equal(tower(blind), found)
        assert not torch.allclose(tower(seeing), found)
        torch.testing.assert_close(tower.folded()(images), found, atol=1e-5, rtol=0)
    assert config.to_dict()["channels"] == ["spec", "f0"]
    assert TowerConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_cards_of_before_there_was_a_choice_of_channels_mean_all():
    assert "channels" not in SMALL.to_dict()
    assert TowerConfig.from_dict(SMALL.to_dict()) == SMALL
    assert len(SMALL.channels) == 5


def test_devices():
    assert pick_device("cpu") == torch.device("cpu")
    assert pick_device("auto").type in ("cpu", "cuda", "mps")
    absent = [name for name in ("cuda", "mps") if name != pick_device("auto").type]
    for name in (*absent, "abacus"):
        with pytest.raises(PlaceError) as caught:
            pick_device(name)
        assert (caught.value.code, caught.value.facts) == ("no_device", {"device": name})
