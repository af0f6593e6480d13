"""The step of the training, in one place, as a LightningModule.

Lightning is imported here and in `trainer` and `progress` alone, none of which is imported before a
training begins.

Several processes share each batch. Each passes its own clips through the network; what was said
(embeddings, or ratings) goes to all, and each computes the loss of the whole batch: pairs, means
and strangers go across the parts, so that a mean of the parts' own losses would be another loss.
Its gradient is taken for the own clips alone. The sum of these over the processes is the gradient
of the batch; DDP takes their mean, hence the factor.
"""

from __future__ import annotations

from typing import Any

import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from asa_desktop.core.networks.heads import Network
from asa_training import processes
from asa_training.config import FitConfig
from asa_training.optimising import optimiser_of, set_rate
from asa_training.systems import System
from asa_training.systems.base import severity_on
from asa_training.windows import Batch


class Learner(LightningModule):
    """A system's network, with what changes it: `loss` is that of the last step's whole batch.

    `step` is the number of the next step, `moments` an optimiser's state to go on with.
    """

    def __init__(
        self,
        system: System,
        network: Network,
        config: FitConfig,
        *,
        step: int = 0,
        moments: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.network = network
        self.optimiser = optimiser_of(network, config)
        self.step = step
        self.loss = torch.tensor(torch.nan)
        self._system, self._config, self._moments = system, config, moments

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """The optimiser; only now do its weights lie on the device where its state has to be."""
        if self._moments is not None:
            self.optimiser.load_state_dict(self._moments)
        return self.optimiser

    def on_train_batch_start(self, batch: Batch, number: int) -> None:
        """Set the rate."""
        set_rate(self.optimiser, self._config, self.step)

    def training_step(self, batch: Batch, number: int) -> Tensor:
        """The loss of which this process's gradient is to be taken."""
        self.network.train()
        if self._config.norms == "fixed":
            hold_norms(self.network)
        said = self._system.said(self.network, batch, self.device)
        loss = self._system.cost(processes.gathered(said), severity_on(batch, self.device))
        self.loss = loss.detach()
        return loss * processes.count()

    def transfer_batch_to_device(self, batch: Batch, device: torch.device, number: int) -> Batch:
        """Systems do that themselves, here and where they are checked."""
        return batch


def hold_norms(network: nn.Module) -> None:
    """Let batch norms go by their running means, and leave these as they are."""
    for module in network.modules():
        if isinstance(module, _BatchNorm):
            module.eval()
