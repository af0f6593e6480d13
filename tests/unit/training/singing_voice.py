"""Voice-like sound with a known melody, for the tests of segmenting and rendering."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
RATE = 16_000
FRAME_S = 0.005
TUNE = ((220.0, 0.5), (247.0, 0.45), (0.0, 0.2), (277.0, 0.6), (220.0, 0.4), (196.0, 0.6))


def melody_f0(tune: Sequence[tuple[float, float]] = TUNE, *, vibrato_cents: float = 0.0) -> Array:
    """F0 (T,) in Hz on 5 ms frames of notes (Hz, seconds); 0 Hz is a rest."""
    pieces = [np.full(round(seconds / FRAME_S), hz) for hz, seconds in tune]
    f0 = np.concatenate(pieces)
    wave = vibrato_cents * np.sin(2 * np.pi * 5.5 * np.arange(f0.size) * FRAME_S)
    return f0 * 2 ** (wave / 1200)


def sing(f0: Array, *, seed: int = 0) -> Array:
    """A glottal pulse train through three formants where voiced, faint breath elsewhere. (N,)."""
    from scipy.signal import lfilter

    n = round(f0.size * FRAME_S * RATE)
    at = np.arange(n) / RATE
    voiced = np.interp(at, np.arange(f0.size) * FRAME_S, (f0 > 0).astype(float))
    hz = np.interp(at, np.flatnonzero(f0 > 0) * FRAME_S, f0[f0 > 0])
    phase = 2 * np.pi * np.cumsum(hz) / RATE
    tone = np.zeros(n)
    for k in range(1, 40):
        tone += np.where(k * hz < 7000, np.cos(k * phase) / k**1.2, 0.0)
    sound = tone * voiced
    for centre, width in ((700, 100), (1200, 120), (2600, 180)):
        radius = np.exp(-np.pi * width / RATE)
        poles = [1, -2 * radius * np.cos(2 * np.pi * centre / RATE), radius**2]
        sound = lfilter([1 - radius], poles, sound)
    sound += np.random.default_rng(seed).normal(0, 1, n) * 0.001 * np.std(sound)
    return sound / np.max(np.abs(sound)) * 0.5
