"""Weights in half precision: small enough, and nothing in them overflows."""

from __future__ import annotations

import pytest
import torch
from asa_training.weights import MOST_BYTES, refuse_large, stored, write_weights
from safetensors.torch import load_file

from asa_desktop.core.errors import UsageError
from asa_desktop.core.networks.cnnsa import Tower, TowerConfig
from asa_desktop.core.networks.heads import build_network

SMALL = TowerConfig(width=8, feed_forward=16, layers=1, heads=2, embedding=8)
PAPER = TowerConfig()


@pytest.mark.parametrize(
    ("system", "towers", "kind"),
    [("rori", "two", "two"), ("rori", "shared", "one"), ("direct", "shared", "one")],
)
def test_networks_of_the_papers_size_stay_below_their_limit(system, towers, kind):
    network = build_network(system, PAPER, towers=towers)
    tensors = stored(network, "float16")
    refuse_large(tensors, network)
    size = sum(value.numel() * value.element_size() for value in tensors.values())
    assert 0.75 * MOST_BYTES[kind] < size < MOST_BYTES[kind]
    with pytest.raises(UsageError) as caught:
        refuse_large(stored(network, "float32"), network)
    assert caught.value.code == "weights_too_large"


def test_norms_keep_statistics_that_half_precision_cannot_hold(tmp_path):
    tower = Tower(SMALL)
    tower.norm.running_var[:] = torch.tensor([1e-9, 1e6, 1.0, 2.0, 3.0])
    tower.dense.bias.data[0] = 1e5
    write_weights(stored(tower, "float16"), tmp_path / "w.safetensors")
    read = load_file(tmp_path / "w.safetensors")
    torch.testing.assert_close(read["norm.running_var"], tower.norm.running_var, rtol=0, atol=0)
    assert read["dense.bias"].dtype == torch.float32, "it would be infinite"
    halves = [name for name, value in read.items() if value.dtype == torch.float16]
    assert "pooler.weight" in halves
    assert not any("norm" in name for name in halves)
    again = Tower(SMALL)
    again.load_state_dict(read)
    assert all(bool(value.isfinite().all()) for value in again.state_dict().values())
