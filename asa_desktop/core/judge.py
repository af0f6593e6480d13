"""Whether a take is singing at all: silence, noise and speech get no score."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.types import Clip, PitchTrack

SILENCE = "silence"
TOO_SHORT = "too_short"
NO_VOICE = "no_voice"
NOISE = "noise"
SPEECH = "speech"

NOISE_SHARE = 0.3
"""Least share of voiced frames with a pitch. Measured: singing 0.7 and more, noise 0."""
STEADY_SHARE = 0.1
"""Least share of pitched frames in steady notes. Measured on 60 recordings of 10 singers: at
least 0.23; read announcements 0.02."""

_WINDOW = 6
_RANGE_CENTS = 60.0
_VIBRATO = 5
_SMOOTH_RANGE_CENTS = 40.0


def not_singing(take: TrackFeatures, clips: tuple[Clip, ...]) -> str | None:
    """Why a whole take cannot be scored, as a reason code, or None where it is singing."""
    if take.voicing.silent:
        return SILENCE
    if take.frames < take.spec.clip_frames:
        return TOO_SHORT
    voiced = take.voicing.frames
    if not any(clip.voiced >= take.spec.clip_voiced for clip in clips):
        return NO_VOICE
    if float(np.mean(take.pitch.hz[voiced] > 0)) < NOISE_SHARE:
        return NOISE
    return SPEECH if steadiness(take.pitch) < STEADY_SHARE else None


def steadiness(pitch: PitchTrack) -> float:
    """Share of the pitched frames that lie in a steady stretch of 0.2 s.

    Steady is what stays within 60 cents, or within 40 after averaging over one turn of a
    vibrato. Speech glides through its pitches and rarely stays.
    """
    with np.errstate(divide="ignore"):
        cents = 1200 * np.log2(pitch.hz.astype(np.float64) / 10)
    cents = np.where(pitch.hz > 0, cents, np.nan)
    pitched = pitch.hz > 0
    if not pitched.any() or len(cents) < _WINDOW + _VIBRATO:
        return 0.0
    padded = np.pad(cents, _VIBRATO // 2, constant_values=np.nan)
    smooth = np.lib.stride_tricks.sliding_window_view(padded, _VIBRATO).mean(axis=1)
    steady = _within(cents, _RANGE_CENTS) | _within(smooth, _SMOOTH_RANGE_CENTS)
    return float(np.mean(steady[pitched]))


def _within(cents: NDArray[np.float64], limit: float) -> NDArray[np.bool_]:
    """Frames in any window whose pitch stays within `limit` cents."""
    windows = np.lib.stride_tricks.sliding_window_view(cents, _WINDOW)
    held = windows.max(axis=1) - windows.min(axis=1) < limit
    covered = np.zeros(len(cents), dtype=np.bool_)
    for shift in range(_WINDOW):
        covered[shift : shift + len(held)] |= held
    return covered
