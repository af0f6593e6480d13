"""Real singing for tests, and the same with its notes off."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from carried import SINGING

from asa_desktop.core.types import PitchTrack


def sung(*, hop_s: float = 0.032) -> PitchTrack:
    """The F0 that was annotated by hand in 8.5 s of real singing (vocadito, clip 1)."""
    seconds, hz = np.loadtxt(SINGING / "vocadito_1_f0.csv", delimiter=",").T
    nearest = np.searchsorted(seconds, np.arange(0.0, 8.5, hop_s)).clip(0, len(hz) - 1)
    curve = hz[nearest].astype(np.float32)
    return PitchTrack(hop_s=hop_s, hz=curve, confidence=(curve > 0).astype(np.float32))


def mistuned(pitch: PitchTrack, *, cents: float, seed: int) -> PitchTrack:
    """The same with every note off by a normal amount of this standard deviation."""
    rng = np.random.default_rng(seed)
    hz = pitch.hz.astype(np.float64)
    numbers = 12 * np.log2(np.where(hz > 0, hz, np.nan))
    begins = np.flatnonzero((hz[1:] > 0) != (hz[:-1] > 0)) + 1
    leaps = np.flatnonzero(np.abs(numbers[2:] - numbers[:-2]) > 0.7) + 2
    edges = np.unique(np.concatenate(([0], begins, leaps[np.isfinite(numbers[leaps])], [len(hz)])))
    for first, last in pairwise(edges):
        hz[first:last] *= 2 ** (rng.normal(0, cents) / 1200)
    return replace(pitch, hz=hz.astype(np.float32))
