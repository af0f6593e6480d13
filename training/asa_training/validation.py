"""What a state is judged by while training: the loss on fixed batches, and order on all clips."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from asa_desktop.core.networks.heads import Network
from asa_training.batches import Data, batches_of, role_of
from asa_training.config import FitConfig
from asa_training.evaluate import ClipRow, auc, auc_at, clip_table, cosines, graded, order_of
from asa_training.features import Rendition
from asa_training.labelled import Labelled, LabelledSampler
from asa_training.labels import is_good, is_poor
from asa_training.scores import PITCH_DEFECTS
from asa_training.systems import System

SEED = 20_211_107
"""Of the validation batches: not the run's own, so that runs can be compared."""

_MOST_BATCHES = 16


@dataclass(frozen=True, slots=True)
class Checked:
    """What one state is worth; NaN where there was nothing to measure.

    `rank` is the rank correlation (Spearman) of what the network says with the clips' grades turned
    round.
    """

    auc: float
    loss: float
    rank: float = math.nan


class Validation:
    """Checks states of one run, always in the same way."""

    def __init__(self, system: System, config: FitConfig, data: Data, device: torch.device) -> None:
        self._system, self._config, self._data, self._device = system, config, data, device
        self._batches = batches_of(data, config, seed=SEED)
        # About once through all windows, but no more than steady the mean.
        self._count = min(-(-self._batches.windows // config.clips), _MOST_BATCHES)

    def check(self, network: Network) -> Checked:
        """Measure the network as it is; it is left in its mode for use alone."""
        network.eval()
        with torch.inference_mode():
            loss = self._loss(network)
            if isinstance(self._data, Labelled):
                values, severity = self._of_labels(network, self._data)
                order = auc(values[is_good(severity)], values[is_poor(severity)])
                return Checked(auc=order, loss=loss, rank=order_of(values, severity))
            table = self._table(network, self._data)
            return Checked(
                auc=auc_at(table, PITCH_DEFECTS, severity=0.5),
                loss=loss,
                rank=order_of(cosines(table), graded(table, self._config.grade)),
            )

    def _loss(self, network: Network) -> float:
        losses = [
            self._system.loss(network, self._batches.batch(number), self._device).item()
            for number in range(self._count)
        ]
        return float(np.mean(losses)) if losses else math.nan

    def _table(self, network: Network, data: Sequence[Rendition]) -> list[ClipRow]:
        return clip_table(
            network,
            data,
            device=self._device,
            system=self._config.system,
            key=self._config.key,
        )

    def _of_labels(
        self, network: Network, clips: Labelled
    ) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """What the network says of every clip, and how bad people found it; both (n,)."""
        compared = role_of(self._config.system) is not None
        each = LabelledSampler(clips, seed=SEED, size=1, paired=False, compared=compared)
        severity, size = clips.severity(), self._config.clips
        values = [
            self._system.values(
                network,
                each.of([(number,) for number in range(first, min(first + size, len(severity)))]),
                self._device,
            )
            for first in range(0, len(severity), size)
        ]
        return torch.cat(values)[:, 0].cpu().double().numpy(), severity
