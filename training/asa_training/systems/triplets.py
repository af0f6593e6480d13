"""Rori and Racc: good performances nearer to the reference than poor ones.

They differ in the reference alone: the original's voice, or the accompaniment.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from asa_desktop.core.networks.heads import Network, TwoTowers, build_network
from asa_training.config import FitConfig
from asa_training.losses import fixed_triplets, graded_triplets, stranger_triplets
from asa_training.systems.base import images_on, severity_on, through
from asa_training.windows import Batch


@dataclass(frozen=True, slots=True)
class Triplets:
    """One shared tower, or one for performances and one for references (the paper's)."""

    config: FitConfig

    def network(self) -> Network:
        """See `System`."""
        config = self.config
        network = build_network(config.system, config.network, towers=config.built)
        if isinstance(network, TwoTowers) and config.towers == "two_alike":
            network.start_alike()
        return network

    def said(self, network: Network, batch: Batch, device: torch.device) -> Tensor:
        """The embeddings, the anchor's first. Shape: (B, 1 + K, E)."""
        images, precision = images_on(batch, device), self.config.precision
        if not isinstance(network, TwoTowers):
            return through(network, images, precision)
        anchor = through(network.reference, images[:, :1], precision)
        takes = through(network.performance, images[:, 1:], precision)
        return torch.cat([anchor, takes], dim=1)

    def cost(self, said: Tensor, severity: Tensor) -> Tensor:
        """relu(cos(a, n) - cos(a, p) + margin), and what keeps strangers away; see `losses`."""
        if self.config.margin == "fixed":
            return fixed_triplets(said, severity, margin=self.config.margin_fixed)
        margins = {"slope": self.config.margin_slope, "most": self.config.margin_most}
        loss = graded_triplets(said, severity, **margins)
        if self.config.strangers:
            strange = stranger_triplets(said, severity, **margins)
            loss = loss + self.config.strangers * strange
        return loss

    def loss(self, network: Network, batch: Batch, device: torch.device) -> Tensor:
        """See `System`."""
        return self.cost(self.said(network, batch, device), severity_on(batch, device))

    def values(self, network: Network, batch: Batch, device: torch.device) -> Tensor:
        """The cosines to the anchor."""
        embeddings = self.said(network, batch, device)
        return torch.cosine_similarity(embeddings[:, :1], embeddings[:, 1:], dim=-1)
