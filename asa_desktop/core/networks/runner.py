"""A loaded model: pitch network and the system's own network on one device."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from asa_desktop.core.errors import ModelError, PlaceError
from asa_desktop.core.models import WEIGHTS, ModelCard
from asa_desktop.core.networks.cnnsa import Tower, TowerConfig
from asa_desktop.core.networks.crepe import Crepe, load_crepe
from asa_desktop.core.networks.heads import (
    Headed,
    Network,
    build_network,
    performance_tower,
    reference_tower,
)
from asa_desktop.core.types import FloatArray

_BATCH = 16


@dataclass(frozen=True, slots=True)
class Model:
    """One of the five systems with its card. It embeds or rates images, and knows no takes.

    `folded` is the network as it is run: its norms are part of the convolutions.
    """

    card: ModelCard
    network: Network
    crepe: Crepe
    device: torch.device
    folded: Network

    @classmethod
    def load(cls, card: ModelCard, *, device: str) -> Model:
        """Build the network that the card describes and fill it.

        Raises
        ------
        ModelError
            ``weights_changed`` when the weights do not fit the network or are not finite;
            ``crepe_missing``.
        PlaceError
            ``no_device`` when the device asked for is not there.
        """
        chosen = pick_device(device)
        network = read_network(card)
        return cls(
            card=card,
            network=network.to(chosen),
            crepe=load_crepe(card.features.crepe, chosen),
            device=chosen,
            folded=network.folded().to(chosen),
        )

    @property
    def tower(self) -> Tower:
        """The tower that sees the take."""
        return performance_tower(self.network)

    def embed(self, images: FloatArray) -> FloatArray:
        """Embeddings of the take's clips, of length one. Shape: (B, 5, 96, 94) -> (B, 128)."""
        return self._embeddings(images, performance_tower(self.folded))

    def embed_reference(self, images: FloatArray) -> FloatArray:
        """As `embed`, of clips of what the take is compared with."""
        return self._embeddings(images, reference_tower(self.folded))

    def rate(self, images: FloatArray) -> FloatArray:
        """What the head says, as shares of 100. Shape: (B, 5, 96, 94) -> (B,).

        For `delta` the images are differences, take less reference.
        """
        if not isinstance(self.folded, Headed):
            raise TypeError(f"{self.card.system} has no head")
        return self._run(images, self.folded, ())

    def _embeddings(self, images: FloatArray, tower: Tower) -> FloatArray:
        def unit(batch: Tensor) -> Tensor:
            return nn.functional.normalize(tower(batch), dim=1)

        return self._run(images, unit, (tower.config.embedding,))

    @torch.inference_mode()
    def _run(
        self, images: FloatArray, network: Callable[[Tensor], Tensor], shape: tuple[int, ...]
    ) -> FloatArray:
        out = np.zeros((len(images), *shape), dtype=np.float32)
        for start in range(0, len(images), _BATCH):
            chosen = np.ascontiguousarray(images[start : start + _BATCH])
            # Whole batches, so that what comes out does not hang on the images beside it.
            whole = np.resize(chosen, (_BATCH, *chosen.shape[1:]))
            found = network(torch.from_numpy(whole).to(self.device))[: len(chosen)]
            out[start : start + _BATCH] = found.cpu().numpy()
        return out

    def activation(self, samples: FloatArray, hop: int, wanted: NDArray[np.bool_]) -> FloatArray:
        """Pitch activation of the wanted frames; see `Crepe.activation`."""
        return self.crepe.activation(samples, hop, wanted)


def read_network(card: ModelCard) -> Network:
    """The network of a checked card with its weights, on the CPU, for use alone.

    Weights may be stored in half precision; the network computes in single precision.

    Raises ModelError ``network_unknown``; ``weights_changed`` when the weights do not fit it, are
    of another type or not finite.
    """
    network = build_network(card.system, TowerConfig.from_dict(card.network), towers=card.towers)
    path = card.folder / WEIGHTS
    try:
        tensors = load_file(path)
        fitting = _of_known_types(tensors, network)
        network.load_state_dict(tensors)
    except (SafetensorError, RuntimeError, OSError):
        raise ModelError("weights_changed", path=path) from None
    if not fitting:
        raise ModelError("weights_changed", path=path)
    if not all(bool(value.isfinite().all()) for value in network.state_dict().values()):
        raise ModelError("weights_changed", path=path)
    network.eval().requires_grad_(False)
    return network


def _of_known_types(tensors: Mapping[str, Tensor], network: nn.Module) -> bool:
    """Whether each tensor has its place's own type, or half precision in place of single.

    `load_state_dict` would cast anything: integers and doubles as if they were meant.
    """
    own = {name: value.dtype for name, value in network.state_dict().items()}
    return all(
        value.dtype == own.get(name, value.dtype)
        or (value.dtype, own[name]) == (torch.float16, torch.float32)
        for name, value in tensors.items()
    )


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
