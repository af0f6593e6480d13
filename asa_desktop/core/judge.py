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
STEADY_SHARE = 0.06
"""Least share of pitched frames in steady notes, without a reference. Measured: 60 recordings of
10 singers at least 0.25; read announcements 0.03."""
UNSTEADY = ((0.1, 0.6), (0.33, 0.42))
"""With a reference: spoken is what holds fewer notes than the first and agrees with the reference
less than the second, of either pair. Measured: a speech synthesiser 0.27 steady, 0.19 to 0.41 in
agreement with eight vocals; of 1,144 renditions of held-out singing none up to severity 0.6 and 10
of 312 above are taken for speech."""

_WINDOW = 6
_RANGE_CENTS = 60.0
_VIBRATO = 5
_SMOOTH_RANGE_CENTS = 40.0


def not_singing(take: TrackFeatures, clips: tuple[Clip, ...]) -> str | None:
    """Why a whole take cannot be scored whatever its song, as a reason code, or None.

    Speech is another question (`spoken`): it takes the reference to tell.
    """
    if take.voicing.silent:
        return SILENCE
    if take.frames < take.spec.clip_frames:
        return TOO_SHORT
    voiced = take.voicing.frames
    if not any(clip.voiced >= take.spec.clip_voiced for clip in clips):
        return NO_VOICE
    if float(np.mean(take.pitch.hz[voiced] > 0)) < NOISE_SHARE:
        return NOISE
    return None


def spoken(take: PitchTrack, *, agreement: float | None) -> bool:
    """Whether a take is speech: it hardly holds a note and hardly follows its reference.

    `agreement` (`align.agreement`) is None where there is no reference. A monotonous reader, or a
    machine that speaks, holds its pitch longer than most speech does; a poor singer who holds as
    little still follows the tune more often.
    """
    steady = steadiness(take)
    if agreement is None:
        return steady < STEADY_SHARE
    return any(steady < held and agreement < followed for held, followed in UNSTEADY)


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
