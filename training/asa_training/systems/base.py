"""What the training loop asks of a system."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from asa_desktop.core.networks.heads import Network
from asa_training.config import Precision
from asa_training.windows import Batch

_HALF = {"bf16-mixed": torch.bfloat16, "16-mixed": torch.float16}


class System(Protocol):
    """One of the five. It keeps its settings, and the network is handed to it.

    The loss of a batch hangs on all its clips, the network's work on each alone: so several
    processes can share a batch, put together what their networks said, and have the loss of all.
    """

    def network(self) -> Network:
        """A new network, drawn from torch's random state."""

    def said(self, network: Network, batch: Batch, device: torch.device) -> Tensor:
        """What the loss is made of, clip by clip. Shape: (B, ...)."""

    def cost(self, said: Tensor, severity: Tensor) -> Tensor:
        """The mean loss of a batch, from (B, ...) and (B, K). Shape: ()."""

    def loss(self, network: Network, batch: Batch, device: torch.device) -> Tensor:
        """The mean loss of a whole batch, with its gradient. Shape: ()."""

    def values(self, network: Network, batch: Batch, device: torch.device) -> Tensor:
        """What the network says of every performance of a batch: the more the better. (B, K)."""


def images_on(batch: Batch, device: torch.device) -> Tensor:
    """A batch's images. Shape: (B, A + K, 5, 96, 94)."""
    return torch.from_numpy(batch.images).to(device, non_blocking=True)


def severity_on(batch: Batch, device: torch.device) -> Tensor:
    """A batch's severities. Shape: (B, K)."""
    return torch.from_numpy(batch.severity).to(device, non_blocking=True)


def through(network: torch.nn.Module, images: Tensor, precision: Precision) -> Tensor:
    """Pass (B, N, 5, 96, 94) through a network of (M, 5, 96, 94) -> (M, ...): (B, N, ...)."""
    flat = images.flatten(0, 1).contiguous(memory_format=torch.channels_last)
    half = _HALF.get(precision)
    with torch.autocast(images.device.type, dtype=half, enabled=half is not None):
        found: Tensor = network(flat)
    return found.float().unflatten(0, images.shape[:2])
