"""A recording as a waveform: the lowest and highest sample of equal stretches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from asa_desktop.core.audio import decoding

if TYPE_CHECKING:
    from asa_desktop.core.types import FloatArray

_FINE = 512


def waveform(
    path: Path, *, points: int, progress: Callable[[float], None] = lambda share: None
) -> tuple[float, FloatArray, FloatArray]:
    """Length in seconds, and lows and highs of at most `points` stretches. Shapes: (points,).

    Works block by block. Errors as `core.audio.decode`; what `progress` raises ends it.
    """
    import numpy as np

    lows: list[FloatArray] = []
    highs: list[FloatArray] = []
    count = 0
    left = np.zeros(0, np.float32)
    with decoding(path) as stream:
        for block in stream.blocks:
            mono = np.concatenate([left, block.mean(axis=0, dtype=np.float32)])
            whole = mono[: len(mono) // _FINE * _FINE].reshape(-1, _FINE)
            left = mono[whole.size :]
            lows.append(whole.min(axis=1))
            highs.append(whole.max(axis=1))
            count += block.shape[1]
            progress(min(1.0, count / stream.frames) if stream.frames else 0.0)
    if len(left):
        lows.append(left.min(keepdims=True))
        highs.append(left.max(keepdims=True))
    low, high = np.concatenate(lows), np.concatenate(highs)
    edges = np.unique(np.linspace(0, len(low), min(points, len(low)), endpoint=False).astype(int))
    return (
        count / stream.rate,
        np.minimum.reduceat(low, edges),
        np.maximum.reduceat(high, edges),
    )
