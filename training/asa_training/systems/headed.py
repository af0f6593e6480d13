"""Direct, Delta and EmbDirect: a head learns the label itself, by the mean squared error.

Labels are shares of 100. For renditions they are weak ones; see `labels`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from asa_desktop.core.networks.cnnsa import Tower
from asa_desktop.core.networks.heads import Headed, Network, build_network
from asa_training.config import FitConfig
from asa_training.labels import weak_label
from asa_training.systems.base import images_on, severity_on, through
from asa_training.windows import Batch


@dataclass(frozen=True, slots=True)
class Rating:
    """`tower` is that on which EmbDirect stands; it is copied and never changed."""

    config: FitConfig
    tower: Tower | None = None

    def network(self) -> Network:
        """See `System`."""
        network = build_network(self.config.system, self.config.network)
        if self.tower is not None and isinstance(network, Headed):
            network.tower.load_state_dict(self.tower.state_dict())
        return network

    def said(self, network: Network, batch: Batch, device: torch.device) -> Tensor:
        """What the head says. Shape: (B, K)."""
        return self.values(network, batch, device)

    def cost(self, said: Tensor, severity: Tensor) -> Tensor:
        """The mean squared distance to the labels, all as shares of 100."""
        return nn.functional.mse_loss(said, weak_label(severity) / 100)

    def loss(self, network: Network, batch: Batch, device: torch.device) -> Tensor:
        """See `System`."""
        return self.cost(self.said(network, batch, device), severity_on(batch, device))

    def values(self, network: Network, batch: Batch, device: torch.device) -> Tensor:
        """What the head says; Delta is shown performance less reference, channel by channel."""
        images = images_on(batch, device)
        count = batch.severity.shape[1]
        seen = images[:, -count:]
        if self.config.system == "delta":
            seen = seen - images[:, :1]
        return through(network, seen, self.config.precision)
