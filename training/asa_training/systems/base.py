"""What the training loop asks of a system."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from asa_desktop.core.networks.heads import Network
from asa_training.windows import Batch


class System(Protocol):
    """One of the five. It keeps its settings, and the network is handed to it."""

    def network(self) -> Network:
        """A new network, drawn from torch's random state."""

    def loss(self, network: Network, batch: Batch, device: torch.device) -> Tensor:
        """The mean loss of a batch, with its gradient. Shape: ()."""

    def values(self, network: Network, batch: Batch, device: torch.device) -> Tensor:
        """What the network says of every performance of a batch: the more the better. (B, K)."""


def on_device(batch: Batch, device: torch.device) -> tuple[Tensor, Tensor]:
    """A batch's images, (B, A + K, 5, 96, 94), and severities, (B, K)."""
    images = torch.from_numpy(batch.images).to(device)
    return images, torch.from_numpy(batch.severity).to(device)


def through(network: torch.nn.Module, images: Tensor) -> Tensor:
    """Pass (B, N, 5, 96, 94) through a network of (M, 5, 96, 94) -> (M, ...): (B, N, ...)."""
    flat = images.flatten(0, 1).contiguous(memory_format=torch.channels_last)
    with torch.autocast(images.device.type, dtype=torch.bfloat16):
        found: Tensor = network(flat)
    return found.float().unflatten(0, images.shape[:2])
