"""CNNSA: the embedding tower (Won et al., 2019 and 2020; Zhang et al., ISMIR 2021).

Seven residual convolution blocks, a BERT encoder of two layers over the 12 columns that are
left, a pooler, and a dense layer to 128 values.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from asa_desktop.core.errors import ModelError
from asa_desktop.core.features.spec import CHANNELS

_STRIDES = ((2, 2), (2, 2), (2, 2), (2, 1), (2, 1), (2, 1), (2, 1))
_COLUMNS = 12


@dataclass(frozen=True, slots=True)
class TowerConfig:
    """Shape of a tower. `width` 128 is the paper's; its hidden size is twice the width.

    `channels` are those of the five (`CHANNELS`) that it looks at, in their order: it is shown all
    and has no weights for the others.
    """

    width: int = 128
    feed_forward: int = 1024
    layers: int = 2
    heads: int = 8
    embedding: int = 128
    dropout: float = 0.1
    positions: Literal["none", "learnt"] = "none"
    cls: Literal["fixed", "learnt"] = "fixed"
    channels: tuple[str, ...] = CHANNELS

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for cards; without channels where it is all of them, as always was."""
        values = asdict(self)
        channels = values.pop("channels")
        return values if channels == CHANNELS else {**values, "channels": list(channels)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TowerConfig:
        """Read a card's network, or raise ModelError ``network_unknown``."""
        try:
            config = cls(**{**values, "channels": tuple(values.get("channels", CHANNELS))})
            sizes = (config.width, config.feed_forward, config.layers, config.heads)
            fits = all(type(size) is int and 0 < size <= 4096 for size in sizes)
            fits = fits and type(config.embedding) is int and 0 < config.embedding <= 4096
            fits = fits and config.width * 2 % config.heads == 0 and config.layers <= 24
            fits = fits and config.positions in ("none", "learnt")
            fits = fits and config.cls in ("fixed", "learnt")
            fits = fits and config.channels == _in_order(config.channels) != ()
            fits = fits and type(config.dropout) in (int, float) and 0 <= config.dropout < 1
        except (TypeError, ValueError):
            fits = False
        if not fits:
            raise ModelError("network_unknown")
        return config


def _in_order(channels: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in CHANNELS if name in channels)


class Block(nn.Module):
    """relu(BN(conv(relu(BN(conv(x, stride))))) + BN(conv(x, stride))), all 3x3, biased."""

    def __init__(self, inward: int, outward: int, stride: tuple[int, int]) -> None:
        super().__init__()
        self.first = nn.Conv2d(inward, outward, 3, stride, 1)
        self.first_norm = nn.BatchNorm2d(outward)
        self.second = nn.Conv2d(outward, outward, 3, 1, 1)
        self.second_norm = nn.BatchNorm2d(outward)
        self.shortcut = nn.Conv2d(inward, outward, 3, stride, 1)
        self.shortcut_norm = nn.BatchNorm2d(outward)

    def fold(self) -> None:
        """Make the norms part of the convolutions: the same numbers in half the time."""
        for convolution in ("first", "second", "shortcut"):
            norm = f"{convolution}_norm"
            fused = fuse_conv_bn_eval(getattr(self, convolution), getattr(self, norm))
            setattr(self, convolution, fused)
            setattr(self, norm, nn.Identity())

    def forward(self, x: Tensor) -> Tensor:
        """Shape: (B, inward, F, T) -> (B, outward, F / stride, T / stride)."""
        inner = functional.relu(self.first_norm(self.first(x)))
        inner = self.second_norm(self.second(inner))
        return functional.relu(inner + self.shortcut_norm(self.shortcut(x)))


class Tower(nn.Module):
    """From a five-channel image of a clip to its embedding."""

    def __init__(self, config: TowerConfig) -> None:
        super().__init__()
        self.config = config
        wide = config.width * 2
        channels = len(config.channels)
        self._seen = [CHANNELS.index(name) for name in config.channels]
        widths = [channels, config.width, config.width, *([wide] * 5)]
        self.norm = nn.BatchNorm2d(channels)
        self.blocks = nn.Sequential(
            *(
                Block(inward, outward, stride)
                for inward, outward, stride in zip(widths[:-1], widths[1:], _STRIDES, strict=True)
            )
        )
        self.cls = self._cls(wide)
        self.positions = (
            nn.Parameter(0.02 * torch.randn(_COLUMNS + 1, wide))
            if config.positions == "learnt"
            else None
        )
        layer = nn.TransformerEncoderLayer(
            wide,
            config.heads,
            config.feed_forward,
            config.dropout,
            activation="gelu",
            layer_norm_eps=1e-12,
            batch_first=True,
        )
        self.encoder = nn.TransformerEncoder(layer, config.layers, enable_nested_tensor=False)
        self.pooler = nn.Linear(wide, wide)
        self.dense = nn.Linear(wide, config.embedding)

    def _cls(self, wide: int) -> nn.Parameter:
        """The original's CLS vector is drawn once, uniformly, and never trained."""
        fixed = torch.rand(1, 1, wide, generator=torch.Generator().manual_seed(0))
        return nn.Parameter(fixed, requires_grad=self.config.cls == "learnt")

    def folded(self) -> Tower:
        """A copy for use alone, not for training; its embeddings are the same within 1e-5."""
        copy = deepcopy(self).eval()
        for block in copy.blocks:
            cast(Block, block).fold()
        return copy.requires_grad_(False)

    def forward(self, images: Tensor) -> Tensor:
        """Shape: (B, 5, 96, 94) -> (B, 128)."""
        if len(self._seen) < len(CHANNELS):
            images = images[:, self._seen]
        columns = self.blocks(self.norm(images)).squeeze(2).transpose(1, 2)
        tokens = torch.cat([self.cls.expand(len(columns), -1, -1), columns], dim=1)
        if self.positions is not None:
            tokens = tokens + self.positions
        pooled = torch.tanh(self.pooler(self.encoder(tokens)[:, 0]))
        embedding: Tensor = self.dense(pooled)
        return embedding
