"""With how many processes a run trains, on how many machines."""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch

from asa_desktop.core.errors import UsageError
from asa_training.config import FitConfig

_MOST_LOADERS = 8


@dataclass(frozen=True, slots=True)
class Hardware:
    """`devices` processes on each of `nodes` machines: one a GPU, on CPUs any number.

    `loaders` processes draw batches for each of them; 0 is a thread, None what suits the device.
    """

    devices: int = 1
    nodes: int = 1
    loaders: int | None = None

    @property
    def processes(self) -> int:
        """How many train together."""
        return self.devices * self.nodes

    def drawing(self, device: torch.device) -> int:
        """How many processes draw batches for each that trains.

        A CPU is slower than one thread that draws, and has no cores to spare; a GPU is faster.
        """
        if self.loaders is not None:
            return self.loaders
        if device.type == "cpu":
            return 0
        return max(1, min(_MOST_LOADERS, (os.cpu_count() or 1) // self.devices - 1))


ALONE = Hardware()


def refuse_unfit(config: FitConfig, device: torch.device, hardware: Hardware) -> None:
    """See to it that a run can be done on a kind of device by so many processes.

    Raises
    ------
    UsageError
        ``clips_uneven`` where the clips of a batch do not divide by the processes;
        ``half_needs_gpu`` for 16 bits on anything but a GPU of NVIDIA's kind; ``sync_needs_gpus``
        for norms over the clips of several processes on CPUs; ``devices_missing`` where there are
        fewer than asked for; ``processes_differ`` where torchrun began more or fewer.
    """
    begun = int(os.environ.get("WORLD_SIZE") or hardware.processes)
    if begun != hardware.processes:
        raise UsageError("processes_differ", asked=hardware.processes, begun=begun)
    if config.clips % hardware.processes:
        raise UsageError("clips_uneven", clips=config.clips, processes=hardware.processes)
    if device.type == "cuda":
        if hardware.devices > (there := torch.cuda.device_count()):
            raise UsageError("devices_missing", asked=hardware.devices, there=there)
        return
    if device.type != "cpu" and hardware.processes > 1:
        raise UsageError("devices_missing", asked=hardware.processes, there=1)
    if config.precision == "16-mixed":
        raise UsageError("half_needs_gpu")
    if config.norms == "sync" and hardware.processes > 1:
        raise UsageError("sync_needs_gpus")


def begun_as_first() -> bool:
    """Whether this process, one of several, was begun as that of rank 0.

    By the variables of torchrun, Slurm and Lightning; torch itself knows it only later.
    """
    for name in ("RANK", "SLURM_PROCID"):
        if name in os.environ:
            return os.environ[name] == "0"
    return all(os.environ.get(name, "0") == "0" for name in ("LOCAL_RANK", "NODE_RANK"))
