"""A network's weights as a model's file: half the bytes, and scores that hardly move.

Norms keep single precision: their statistics may lie outside of what half precision reaches (6e-8
to 65504), and they are few. The program reads both and computes in single precision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor, nn

from asa_desktop.core.assess.score_map import ScoreMap
from asa_desktop.core.errors import UsageError
from asa_desktop.core.networks.heads import Network, TwoTowers
from asa_training.evaluate import ClipRow
from asa_training.writing import write_whole

Precision = Literal["float16", "float32"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

MOST_MOVED = 0.5
"""Points by which rounding may move the score of any clip."""
MOST_BYTES = {"two": 45_000_000, "one": 25_000_000}
"""What a file of half precision may hold, for two towers and for all else; the paper's fit."""

_NORMS = (nn.BatchNorm2d, nn.LayerNorm)


@dataclass(frozen=True, slots=True)
class Moved:
    """How far rounding moved the scores of clips, in points."""

    most: float
    mean: float
    clips: int


def stored(network: Network, precision: Precision) -> dict[str, Tensor]:
    """The network's state as it is written, by name.

    In half precision all but the norms and whatever would overflow.
    """
    state = {name: value.detach().cpu().contiguous() for name, value in _state(network).items()}
    if precision == "float32":
        return state
    single = _of_norms(network)
    reach = torch.finfo(torch.float16).max
    return {
        name: value.half()
        if value.dtype == torch.float32 and name not in single and bool((value.abs() < reach).all())
        else value
        for name, value in state.items()
    }


def write_weights(tensors: Mapping[str, Tensor], path: Path) -> int:
    """Write safetensors whole; the file's size in bytes. Raises PlaceError."""
    from safetensors.torch import save

    content = save(dict(tensors))
    write_whole(path, lambda stream: stream.write(content))
    return len(content)


def refuse_large(tensors: Mapping[str, Tensor], network: Network) -> None:
    """UsageError ``weights_too_large`` where half precision is larger than `MOST_BYTES`."""
    most = MOST_BYTES["two" if isinstance(network, TwoTowers) else "one"]
    size = sum(value.numel() * value.element_size() for value in tensors.values())
    if size > most:
        raise UsageError("weights_too_large", size=_megabytes(size), most=_megabytes(most))


def moved(before: Sequence[ClipRow], after: Sequence[ClipRow], to_score: ScoreMap) -> Moved:
    """How far the scores of the same clips lie apart before and after rounding.

    Raises UsageError ``rounding_moves_scores`` where one moved by more than `MOST_MOVED`.
    """
    apart = np.array(
        [
            abs(to_score(one.cosine) - to_score(other.cosine))
            for one, other in zip(before, after, strict=True)
        ]
    )
    found = Moved(
        most=round(float(apart.max(initial=0.0)), 4),
        mean=round(float(apart.mean()) if len(apart) else 0.0, 4),
        clips=len(apart),
    )
    if found.most > MOST_MOVED:
        raise UsageError("rounding_moves_scores", most=f"{found.most:.2f}", limit=MOST_MOVED)
    return found


def _state(network: nn.Module) -> dict[str, Tensor]:
    found: dict[str, Tensor] = network.state_dict()
    return found


def _of_norms(network: nn.Module) -> set[str]:
    return {
        f"{place}.{name}" if place else name
        for place, module in network.named_modules()
        if isinstance(module, _NORMS)
        for name in module.state_dict()
    }


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f}"
