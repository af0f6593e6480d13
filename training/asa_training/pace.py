"""How fast a run goes, what it waits for, and what it goes on."""

from __future__ import annotations

import math
import platform
import sys
from dataclasses import dataclass
from time import monotonic

import torch

from asa_training import processes
from asa_training.loader import Loader
from asa_training.windows import Batch

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Pace:
    """How the steps since the last check went.

    Parameters
    ----------
    step_s
        The time of one step, in seconds.
    waiting
        The largest share of its time, 0 to 1, that any process stood still for want of a batch.
    clips
        How many clips, references included, went through the networks of all processes a second.
    memory
        The most that any process has ever had, in MiB: on a GPU of the GPU's memory, else of the
        machine's. NaN where the system does not tell.
    """

    step_s: float
    waiting: float
    clips: float
    memory: float


class Stopwatch:
    """Times the steps between two checks, without the checks."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self.begin()

    def begin(self) -> None:
        """Begin anew."""
        self._began, self._steps, self._clips = monotonic(), 0, 0
        self._waited = self._loader.waited

    def add(self, batch: Batch) -> None:
        """Count a step on a batch, of which this process may have seen a part."""
        self._steps += 1
        self._clips += batch.severity.shape[0] * batch.images.shape[1]

    def pace(self, device: torch.device) -> Pace:
        """How it went. All processes have to ask at once."""
        took = max(monotonic() - self._began, 1e-9)
        waited = min((self._loader.waited - self._waited) / took, 1.0)
        waiting, memory = processes.largest([waited, memory_of(device)], device)
        return Pace(took / max(self._steps, 1), waiting, self._clips / took, memory)


def memory_of(device: torch.device) -> float:
    """See `Pace`."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / MIB
    try:
        import resource
    except ImportError:  # Windows
        return math.nan
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (MIB if sys.platform == "darwin" else 1024)


def machine(device: torch.device) -> str:
    """What the training runs on, for the log and the card."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{platform.machine()} {device.type}"
