"""What the processes of a run tell each other, over torch's process group; alone, nothing."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, distributed

from asa_training.windows import Share


def count() -> int:
    """How many processes train together."""
    return distributed.get_world_size() if _together() else 1


def rank() -> int:
    """Which of them this is; the one of rank 0 writes, and decides."""
    return distributed.get_rank() if _together() else 0


def share() -> Share:
    """What this process sees of a batch."""
    return Share(rank(), count())


def gathered(own: Tensor) -> Tensor:
    """The parts of all processes one below the other, with the gradient of one's own part.

    Shape: (B / N, ...) of N processes -> (B, ...).
    """
    if count() == 1:
        return own
    parts = everyones(own.detach())
    parts[rank()] = own
    return torch.cat(parts)


def everyones(own: Tensor) -> list[Tensor]:
    """A tensor of the same shape and kind of every process, by rank."""
    if count() == 1:
        return [own]
    parts = [torch.empty_like(own) for _ in range(count())]
    distributed.all_gather(parts, own.contiguous())
    return parts


def first_ones(values: Sequence[float], device: torch.device) -> list[float]:
    """The numbers of the process of rank 0, to all."""
    if count() == 1:
        return list(values)
    told = torch.tensor(values, dtype=torch.float64).to(_carrier(device))
    distributed.broadcast(told, src=0)
    return told.tolist()


def largest(values: Sequence[float], device: torch.device) -> list[float]:
    """Of each number the largest that any process has."""
    if count() == 1:
        return list(values)
    told = torch.tensor(values, dtype=torch.float64).to(_carrier(device))
    distributed.all_reduce(told, op=distributed.ReduceOp.MAX)
    return told.tolist()


def random_states(device: torch.device) -> list[dict[str, Tensor | None]]:
    """torch's random state of every process, by rank."""
    on = _carrier(device)
    ours = everyones(torch.get_rng_state().to(on))
    of_gpu: Sequence[Tensor | None] = [None] * len(ours)
    if device.type == "cuda":
        of_gpu = everyones(torch.cuda.get_rng_state(device).to(on))
    return [
        {"rng": one.cpu(), "cuda_rng": None if other is None else other.cpu()}
        for one, other in zip(ours, of_gpu, strict=True)
    ]


def _carrier(device: torch.device) -> torch.device:
    """Where a tensor has to lie that is sent: on the GPU for NCCL."""
    return device if count() > 1 and device.type == "cuda" else torch.device("cpu")


def _together() -> bool:
    return distributed.is_available() and distributed.is_initialized()
