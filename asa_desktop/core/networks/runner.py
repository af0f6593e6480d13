"""A loaded model: pitch network and embedding tower on one device."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file

from asa_desktop.core.errors import ModelError, PlaceError
from asa_desktop.core.models import WEIGHTS, ModelCard
from asa_desktop.core.networks.cnnsa import Tower, TowerConfig
from asa_desktop.core.networks.crepe import Crepe, load_crepe
from asa_desktop.core.types import FloatArray

_BATCH = 16


@dataclass(frozen=True, slots=True)
class Model:
    """A shared tower (`rori`) with its card. Scores nothing by itself: it embeds clips.

    `folded` is the tower as it is run: its norms are part of the convolutions.
    """

    card: ModelCard
    tower: Tower
    crepe: Crepe
    device: torch.device
    folded: Tower

    @classmethod
    def load(cls, card: ModelCard, *, device: str) -> Model:
        """Build the tower that the card describes and fill it.

        Raises
        ------
        ModelError
            ``weights_changed`` when the weights do not fit the tower or are not finite;
            ``crepe_missing``.
        PlaceError
            ``no_device`` when the device asked for is not there.
        """
        chosen = pick_device(device)
        tower = Tower(TowerConfig.from_dict(card.network))
        path = card.folder / WEIGHTS
        try:
            tower.load_state_dict(load_file(path))
        except (SafetensorError, RuntimeError, OSError):
            raise ModelError("weights_changed", path=path) from None
        if not all(bool(value.isfinite().all()) for value in tower.state_dict().values()):
            raise ModelError("weights_changed", path=path)
        tower.eval().requires_grad_(False)
        return cls(
            card=card,
            tower=tower.to(chosen),
            crepe=load_crepe(card.features.crepe, chosen),
            device=chosen,
            folded=tower.folded().to(chosen),
        )

    @torch.inference_mode()
    def embed(self, images: FloatArray) -> FloatArray:
        """Embeddings of length one. Shape: (B, 5, 96, 94) -> (B, 128)."""
        out = np.zeros((len(images), self.tower.config.embedding), dtype=np.float32)
        for start in range(0, len(images), _BATCH):
            chosen = np.ascontiguousarray(images[start : start + _BATCH])
            # Whole batches, so that an embedding does not hang on the images beside it.
            whole = np.resize(chosen, (_BATCH, *chosen.shape[1:]))
            raw = self.folded(torch.from_numpy(whole).to(self.device))[: len(chosen)]
            out[start : start + _BATCH] = torch.nn.functional.normalize(raw, dim=1).cpu().numpy()
        return out

    def activation(self, samples: FloatArray, hop: int, wanted: NDArray[np.bool_]) -> FloatArray:
        """Pitch activation of the wanted frames; see `Crepe.activation`."""
        return self.crepe.activation(samples, hop, wanted)


def pick_device(name: str) -> torch.device:
    """``auto`` takes CUDA, then MPS, then the CPU; a device that is not there is an error."""
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return torch.device(next(each for each, found in there.items() if found))
    if not there.get(name, False):
        raise PlaceError("no_device", device=name)
    return torch.device(name)
