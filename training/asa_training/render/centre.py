"""Where a spread of deviations is densest."""

from __future__ import annotations

import numpy as np

from asa_training.segment import Array

_WIDTH_CENTS = 40.0
_GRID_CENTS = 5.0


def mode_of(cents: Array, weights: Array | None = None) -> float:
    """Where deviations (n,) in cents are densest under a Gaussian of 40 cents."""
    if np.ptp(cents) < 1e-6:
        return float(cents[0])
    grid = np.arange(cents.min(), cents.max() + _GRID_CENTS, _GRID_CENTS)
    edges = np.append(grid, grid[-1] + _GRID_CENTS) - _GRID_CENTS / 2
    counts, _ = np.histogram(cents, edges, weights=weights)
    reach = round(4 * _WIDTH_CENTS / _GRID_CENTS)
    window = np.exp(-0.5 * (np.arange(-reach, reach + 1) * _GRID_CENTS / _WIDTH_CENTS) ** 2)
    density = np.convolve(counts, window, mode="full")[reach:-reach]
    return float(grid[int(np.argmax(density))])
