"""Batches in time: drawn while the network works, and how long it waited for them all the same."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from asa_training.batches import Batches
from asa_training.windows import Batch, Share

_AHEAD = 2
"""Batches that a process draws ahead."""


class Loader:
    """The batches of the steps from `first` to before `last`, one process's share of each.

    They are drawn in a thread, or by `workers` processes; in which order these are ready is of no
    consequence. `waited` is how many seconds the training stood still for want of a batch.
    """

    def __init__(
        self,
        batches: Batches,
        *,
        first: int,
        last: int,
        share: Share,
        workers: int = 0,
        pinned: bool = False,
    ) -> None:
        self._batches, self._share = batches, share
        self._steps = range(first, last)
        self._workers, self._pinned = workers, pinned
        self.waited = 0.0

    def __len__(self) -> int:
        return len(self._steps)

    def __iter__(self) -> Iterator[Batch]:
        coming = iter(self._by_processes() if self._workers else self._by_a_thread())
        while True:
            began = time.perf_counter()
            batch = next(coming, None)
            self.waited += time.perf_counter() - began
            if batch is None:
                return
            yield batch

    def _by_a_thread(self) -> Iterator[Batch]:
        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(self._batches.batch, self._steps[0], self._share)
            for following in self._steps[1:]:
                batch = coming.result()
                coming = pool.submit(self._batches.batch, following, self._share)
                yield batch
            yield coming.result()

    def _by_processes(self) -> Iterator[Batch]:
        loader = DataLoader(
            _Numbered(self._batches, self._share),
            batch_size=None,
            sampler=self._steps,
            num_workers=self._workers,
            prefetch_factor=_AHEAD,
            pin_memory=self._pinned,
            # Of its own, or it would take a number from the run's random state.
            generator=torch.Generator(),
        )
        for images, severity in loader:
            yield Batch(images.numpy(), severity.numpy())


@dataclass(frozen=True)
class _Numbered(Dataset[tuple[Tensor, Tensor]]):
    """Batches by their number, as tensors, which pass from process to process without a copy."""

    batches: Batches
    share: Share

    def __getitem__(self, number: int) -> tuple[Tensor, Tensor]:
        batch = self.batches.batch(number, self.share)
        return torch.from_numpy(batch.images), torch.from_numpy(batch.severity)
