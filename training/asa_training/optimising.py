"""The optimiser of a run, and its rate step by step."""

from __future__ import annotations

import math

import torch
from torch import nn

from asa_training.config import FitConfig


def optimiser_of(network: nn.Module, config: FitConfig) -> torch.optim.Optimizer:
    """The optimiser of what learns in a network."""
    kinds = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam}
    learning = [each for each in network.parameters() if each.requires_grad]
    return kinds[config.optimiser](
        learning, lr=config.learning_rate, weight_decay=config.weight_decay
    )


def set_rate(optimiser: torch.optim.Optimizer, config: FitConfig, step: int) -> None:
    """Give the optimiser the rate of a step: it warms up, and then falls or stays."""
    if step < config.warmup:
        rate = config.learning_rate * (step + 1) / config.warmup
    elif config.schedule == "constant":
        rate = config.learning_rate
    else:
        turn = (step - config.warmup) / max(config.steps - config.warmup, 1)
        fall = 0.5 * (1 + math.cos(math.pi * min(turn, 1.0)))
        rate = config.last_rate + (config.learning_rate - config.last_rate) * fall
    for group in optimiser.param_groups:
        group["lr"] = rate
