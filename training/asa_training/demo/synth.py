"""Small pitched instruments. Each plays one note: a mono array at `RATE`, peak about 1.

All sum sines (or modulate one), so nothing folds back below the Nyquist frequency.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE = 44_100
Signal = NDArray[np.float64]


def frequency(midi: float) -> float:
    """Hz of a MIDI pitch, A4 = 440."""
    return float(440.0 * 2.0 ** ((midi - 69.0) / 12.0))


def _held(length_s: float, *, tail_s: float, attack_s: float) -> tuple[Signal, Signal]:
    """Times, and an envelope: rise, hold, from `length_s` on a half-cosine fall over `tail_s`."""
    t = np.arange(int((length_s + tail_s) * RATE)) / RATE
    rise = np.clip(t / max(attack_s, 1e-4), 0.0, 1.0)
    fall = 0.5 + 0.5 * np.cos(np.pi * np.clip((t - length_s) / tail_s, 0.0, 1.0))
    return t, rise * fall


@lru_cache(maxsize=1024)
def piano(midi: int, length_s: float, velocity: float) -> Signal:
    """Electric piano: a 1:1 FM pair whose brightness dies first, and a short bright tine."""
    t, envelope = _held(length_s, tail_s=0.18, attack_s=0.003)
    f = frequency(midi)
    phase = 2 * np.pi * f * t
    warmth = (0.5 + 1.3 * velocity) * np.exp(-t / 0.7)
    body = np.sin(phase + warmth * np.sin(phase)) * np.exp(-t / (2.6 - 0.018 * midi))
    tine = np.zeros_like(t)
    if 14 * f < RATE / 2.5:
        tine = 0.10 * velocity * np.sin(14 * phase) * np.exp(-t / 0.06)
    return velocity * envelope * (0.85 * body + tine)


@lru_cache(maxsize=1024)
def bass(midi: int, length_s: float, velocity: float) -> Signal:
    """A saw through a low-pass that closes after the attack, drawn harmonic by harmonic."""
    t, envelope = _held(length_s, tail_s=0.05, attack_s=0.004)
    f = frequency(midi)
    cutoff = 240.0 + (500.0 + 700.0 * velocity) * np.exp(-t / 0.14)
    tone = np.zeros_like(t)
    for n in range(1, 25):
        tone += np.sin(2 * np.pi * n * f * t) / n / np.sqrt(1.0 + (n * f / cutoff) ** 4)
    return velocity * envelope * (0.9 * tone + 0.25 * np.sin(2 * np.pi * f * t)) * np.exp(-t / 1.6)


@lru_cache(maxsize=256)
def pad(midi: int, length_s: float, velocity: float) -> Signal:
    """Strings: three saws a few cents apart, dark, slow to speak."""
    t, envelope = _held(length_s, tail_s=0.45, attack_s=0.25)
    tone = np.zeros_like(t)
    for voice, cents in enumerate((-7.0, 0.0, 6.0)):
        f = frequency(midi + cents / 100.0)
        for n in range(1, 13):
            if n * f > 5_000.0:
                break
            weight = 1.0 / n / (1.0 + (n * f / 1_800.0) ** 2)
            tone += weight * np.sin(2 * np.pi * n * f * t + 1.7 * voice + 0.9 * n)
    return velocity * envelope * tone / 3.0


@lru_cache(maxsize=512)
def pluck(midi: int, length_s: float, velocity: float) -> Signal:
    """A nylon string plucked at a fifth of its length: high partials die first."""
    t, envelope = _held(max(length_s, 0.5), tail_s=0.15, attack_s=0.002)
    f = frequency(midi)
    tone = np.zeros_like(t)
    for n in range(1, 16):
        if n * f > 9_000.0:
            break
        strength = np.sin(np.pi * n / 5.0) / n
        tone += strength * np.sin(2 * np.pi * n * f * t) * np.exp(-t * (1.4 + 0.6 * n))
    return velocity * envelope * tone
