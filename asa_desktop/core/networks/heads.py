"""The five trainable systems as networks: one tower, two towers, or a tower with a head.

Zhang et al., ISMIR 2021: Direct and Delta put layers of 256-128-64-1 on what the tower pools, Rori
and Racc compare embeddings, EmbDirect puts three layers on the embedding of a frozen tower.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Literal

import torch
from torch import Tensor, nn

from asa_desktop.core.models import TRIPLETS, Towers
from asa_desktop.core.networks.cnnsa import Tower, TowerConfig

HeadOn = Literal["pooled", "embedding"]


class TwoTowers(nn.Module):
    """The paper's pair: one tower for what is sung, one for what it is compared with."""

    def __init__(self, config: TowerConfig) -> None:
        super().__init__()
        self.performance = Tower(config)
        self.reference = Tower(config)

    def start_alike(self) -> None:
        """Give the reference's tower the weights of the other: they need not learn to match."""
        self.reference.load_state_dict(self.performance.state_dict())

    def folded(self) -> TwoTowers:
        """A copy for use alone; see `Tower.folded`."""
        copy = deepcopy(self).eval().requires_grad_(False)
        copy.performance = self.performance.folded()
        copy.reference = self.reference.folded()
        return copy


class Headed(nn.Module):
    """A tower and a head that says the score itself, as a share of 100.

    On "pooled" (Direct, Delta) the tower's own dense layer is the first of the head's three:
    pooled 256 -> 128 -> 64 -> 1 at the paper's width. On "embedding" (EmbDirect) the tower is
    frozen, and three layers 128 -> 128 -> 64 -> 1 read its embedding at length one, because the
    cosine that it was trained with knows no length. ReLU stands between layers (the paper names
    neither sizes nor activations here); the output is linear, so that no score is out of the
    gradient's reach.
    """

    def __init__(self, config: TowerConfig, on: HeadOn) -> None:
        super().__init__()
        self.on = on
        self.tower = Tower(config)
        wide, narrow = config.embedding, max(config.embedding // 2, 1)
        first = [nn.Linear(wide, wide)] if on == "embedding" else []
        self.head = nn.Sequential(
            *first, nn.ReLU(), nn.Linear(wide, narrow), nn.ReLU(), nn.Linear(narrow, 1)
        )
        if on == "embedding":
            self.tower.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> Headed:
        """As of any module, but a frozen tower's norms and dropout stay as they are."""
        super().train(mode)
        if self.on == "embedding":
            self.tower.eval()
        return self

    def folded(self) -> Headed:
        """A copy for use alone; see `Tower.folded`."""
        copy = deepcopy(self).eval().requires_grad_(False)
        copy.tower = self.tower.folded()
        return copy

    def forward(self, images: Tensor) -> Tensor:
        """Shape: (B, 5, 96, 94) -> (B,), about 0 to 1 where it has learnt to."""
        found = self.tower(images).float()
        if self.on == "embedding":
            found = nn.functional.normalize(found, dim=1)
        # Half precision would cut scores into steps of a third of a point.
        with torch.autocast(images.device.type, enabled=False):
            score: Tensor = self.head(found).squeeze(1)
        return score


Network = Tower | TwoTowers | Headed


def build_network(system: str, config: TowerConfig, *, towers: Towers = "shared") -> Network:
    """The untrained network of a system; `towers` counts for `rori` and `racc` alone."""
    if system in TRIPLETS:
        return TwoTowers(config) if towers == "two" else Tower(config)
    return Headed(config, "embedding" if system == "embdirect" else "pooled")


def performance_tower(network: Network) -> Tower:
    """The tower that sees what is sung."""
    if isinstance(network, TwoTowers):
        return network.performance
    return network.tower if isinstance(network, Headed) else network


def reference_tower(network: Network) -> Tower:
    """The tower that sees what it is compared with; often the same one."""
    return network.reference if isinstance(network, TwoTowers) else performance_tower(network)
