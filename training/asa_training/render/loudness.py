"""How loud and with what tone a voice sings: dynamics in dB, silences, breathy or pressed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from asa_training.render.shapes import band_noise, over_frames, smooth
from asa_training.segment import FRAME_S, Array, SungNote

DYNAMICS_DB = 6.0  # the RMS by which the loudness leaves its course at severity 1
_JUMP_DB = 6.5
_FARTHEST_DB = 15.0


def dynamics(
    rng: np.random.Generator,
    severity: float,
    *,
    level_db: Array,
    voiced: NDArray[np.bool_],
    notes: tuple[SungNote, ...],
) -> tuple[Array, str]:
    """Gain in dB (T,) that flattens the loudness, makes it jump from note to note, or both.

    `level_db` (T,) is the source's. What can be flattened is what there is: the truth measures it.
    """
    kind = str(rng.choice(["flat", "jumping", "both"], p=[0.4, 0.4, 0.2]))
    jumps = rng.normal(0, 1, len(notes))
    if severity == 0 or not voiced.any():
        return np.zeros(level_db.size), ""
    gain = np.zeros(level_db.size)
    if kind != "jumping":
        at = np.arange(level_db.size)
        course = smooth(np.interp(at, at[voiced], level_db[voiced]), 0.12)
        gain -= severity * (course - np.median(course[voiced]))
    if kind != "flat":
        gain += severity * _JUMP_DB * over_frames(jumps, notes, level_db.size)
    gain = np.clip(gain - np.mean(gain[voiced]), -_FARTHEST_DB, _FARTHEST_DB)
    return gain, kind


def swell(rng: np.random.Generator, bound_db: float, frames: int) -> Array:
    """Slow changes of level within `bound_db`, as of a singer who phrases: harmless. (T,) dB."""
    knots = rng.uniform(-1, 1, max(3, round(frames * FRAME_S / 2.5) + 1)) * bound_db
    places = np.linspace(0, max(frames - 1, 1), knots.size)
    return smooth(np.interp(np.arange(frames), places, knots), 1.0)


def tone(rng: np.random.Generator, severity: float, frames: int) -> tuple[Array, str]:
    """Above 0 breathy, below 0 pressed, to 1 at most; stronger and weaker over seconds. (T,)."""
    sign = rng.choice([-1.0, 1.0])
    waves = band_noise(rng, frames, 0.05, 0.4)
    if severity == 0:
        return np.zeros(frames), ""
    strength = severity * np.clip(0.9 + 0.1 * waves, 0.7, 1.0)
    return sign * strength, "breathy" if sign > 0 else "pressed"


def silence(ranges: tuple[tuple[float, float], ...], frames: int) -> Array:
    """1 where nothing is to be heard, 0 elsewhere, 25 ms from one to the other. (T,)."""
    gone = np.zeros(frames)
    for start, end in ranges:
        gone[max(0, round(start / FRAME_S)) : max(0, round(end / FRAME_S))] = 1.0
    return smooth(gone, 0.025) if ranges else gone


def frame_level_db(audio: Array, rate: int, frames: int) -> Array:
    """Level of 40 ms around each 5 ms frame in dB against full scale. (N,) -> (T,)."""
    width = int(0.04 * rate)
    power = np.concatenate([[0.0], np.cumsum(np.square(audio))])
    centre = np.round(np.arange(frames) * FRAME_S * rate).astype(int)
    low = np.clip(centre - width // 2, 0, audio.size)
    high = np.clip(centre + width // 2, 0, audio.size)
    return 10 * np.log10((power[high] - power[low]) / np.maximum(high - low, 1) + 1e-9)
