"""Synthesised drums. Each hit is a mono array at `RATE`, peak about 1, beginning at its onset."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.signal import butter, sosfilt

from asa_training.demo.synth import RATE, Signal

VARIANTS = 4  # takes of each noise, so that repeated hats do not sound like a machine gun


def _noise(name: str, variant: int, seconds: float) -> Signal:
    seed = [sum(name.encode()), variant % VARIANTS, 7]
    return np.random.default_rng(seed).standard_normal(int(seconds * RATE))


def _band(noise: Signal, low: float, high: float | None) -> Signal:
    kind, edges = ("highpass", low) if high is None else ("bandpass", (low, high))
    return np.asarray(sosfilt(butter(2, edges, kind, fs=RATE, output="sos"), noise))


def _level(signal: Signal, velocity: float) -> Signal:
    level: Signal = signal * (velocity / np.abs(signal).max())
    return level


@lru_cache(maxsize=64)
def kick(variant: int, velocity: float) -> Signal:
    """A sine falling from 150 to 50 Hz, with a click."""
    t = np.arange(int(0.32 * RATE)) / RATE
    phase = 2 * np.pi * (50.0 * t + 100.0 * 0.028 * (1.0 - np.exp(-t / 0.028)))
    click = _band(_noise("kick", variant, 0.32), 1_500.0, 5_000.0) * np.exp(-t / 0.003)
    fade = np.minimum(1.0, (t[-1] - t) / 0.03)
    return _level((np.sin(phase) * np.exp(-t / 0.11) + 0.10 * click) * fade, velocity)


@lru_cache(maxsize=64)
def snare(variant: int, velocity: float) -> Signal:
    """Two head modes under a rattle of noise."""
    t = np.arange(int(0.26 * RATE)) / RATE
    head = np.sin(2 * np.pi * 185 * t) + 0.6 * np.sin(2 * np.pi * 331 * t)
    wires = _band(_noise("snare", variant, 0.26), 1_400.0, 9_000.0) * np.exp(-t / 0.07)
    return _level(0.55 * head * np.exp(-t / 0.05) + 0.8 * wires, velocity)


@lru_cache(maxsize=64)
def rim(variant: int, velocity: float) -> Signal:
    """A side stick: short wooden ring."""
    t = np.arange(int(0.08 * RATE)) / RATE
    ring = np.sin(2 * np.pi * 1_720 * t) + 0.7 * np.sin(2 * np.pi * 815 * t)
    knock = _band(_noise("rim", variant, 0.08), 1_000.0, 6_000.0) * np.exp(-t / 0.004)
    return _level(ring * np.exp(-t / 0.012) + 0.4 * knock, velocity)


@lru_cache(maxsize=64)
def stick(variant: int, velocity: float) -> Signal:
    """Two sticks struck together, to count in."""
    t = np.arange(int(0.09 * RATE)) / RATE
    ring = np.sin(2 * np.pi * 2_450 * t) + 0.8 * np.sin(2 * np.pi * 3_620 * t)
    knock = _band(_noise("stick", variant, 0.09), 2_000.0, 8_000.0) * np.exp(-t / 0.003)
    return _level(ring * np.exp(-t / 0.014) + 0.3 * knock, velocity)


def _cymbal(name: str, variant: int, velocity: float, *, seconds: float, decay: float) -> Signal:
    """High noise over a few inharmonic partials."""
    t = np.arange(int(seconds * RATE)) / RATE
    metal = np.zeros_like(t)
    for f in (5_430.0, 6_790.0, 8_210.0, 9_370.0, 11_130.0):
        metal += np.sin(2 * np.pi * f * t + f)
    hiss = _band(_noise(name, variant, seconds), 6_500.0, None)
    fade = np.minimum(1.0, (t[-1] - t) / 0.01)
    return _level((hiss + 0.12 * metal) * np.exp(-t / decay) * fade, velocity)


@lru_cache(maxsize=64)
def hat(variant: int, velocity: float) -> Signal:
    """Closed hi-hat."""
    return _cymbal("hat", variant, velocity, seconds=0.10, decay=0.022)


@lru_cache(maxsize=64)
def open_hat(variant: int, velocity: float) -> Signal:
    """Half-open hi-hat."""
    return _cymbal("open", variant, velocity, seconds=0.24, decay=0.085)


@lru_cache(maxsize=64)
def crash(variant: int, velocity: float) -> Signal:
    """Crash cymbal."""
    return _cymbal("crash", variant, velocity, seconds=1.9, decay=0.5)


@lru_cache(maxsize=64)
def shaker(variant: int, velocity: float) -> Signal:
    """Shaker: noise that swells and dies."""
    t = np.arange(int(0.09 * RATE)) / RATE
    grain = _band(_noise("shaker", variant, 0.09), 5_000.0, 11_000.0)
    return _level(grain * np.clip(t / 0.008, 0.0, 1.0) * np.exp(-t / 0.025), velocity)


@lru_cache(maxsize=64)
def tom(variant: int, velocity: float) -> Signal:
    """Three toms; `variant` 0 is the highest."""
    t = np.arange(int(0.34 * RATE)) / RATE
    base = (168.0, 128.0, 96.0)[variant % 3]
    phase = 2 * np.pi * (base * t + 45.0 * 0.03 * (1.0 - np.exp(-t / 0.03)))
    skin = _band(_noise("tom", variant, 0.34), 300.0, 2_500.0) * np.exp(-t / 0.02)
    fade = np.minimum(1.0, (t[-1] - t) / 0.03)
    return _level((np.sin(phase) * np.exp(-t / 0.12) + 0.2 * skin) * fade, velocity)
