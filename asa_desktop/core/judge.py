"""Whether a take is singing at all: what is not gets a reason instead of a score.

Thresholds were set on half A of `benchmarks/not_scored.py`; half B counts them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.types import Clip, FloatArray, PitchTrack

SILENCE = "silence"
TOO_SHORT = "too_short"
CLIPPED = "clipped"
NO_VOICE = "no_voice"
NOISE = "noise"
BLEED = "bleed"
INSTRUMENT = "instrument"
SPEECH = "speech"

CLIPPED_SHARE = 0.25
"""Share of flat tops (`vad.flat_tops`) from which a voice is a square wave. Measured: 3 to 8 dB
over full scale 0.07 at most, 24 dB and more at least 0.42."""
NOISE_SHARE = 0.45
"""Least share of voiced frames with a pitch. Measured: singing at least 0.59, noise 0."""
ONE_PITCH_CENTS = 20.0
"""Within this lie nine tenths of the pitch of what hums or beeps. Measured: mains hum 13 at most,
singing at least 400."""
TONAL = 0.42
"""Mean of the chroma, 1 being its peak, under which an accompaniment lies, and over it a noise."""
SHIFTING = 0.04
"""Least change of the chroma in time, as its standard deviation, where there is music, not hum."""
MECHANICAL = 0.115
"""Greatest stillness of a sung pitch (`stillness`)."""
STEADY_SHARE = 0.06
"""Least share of pitched frames in steady notes, without a reference. Measured: 60 recordings of
10 singers at least 0.25; read announcements 0.03."""
UNSTEADY = ((0.1, 0.6), (0.33, 0.42))
"""With a reference: spoken is what holds fewer notes than the first and agrees with the reference
less than the second, of either pair. Measured: a speech synthesiser 0.27 steady, 0.19 to 0.41 in
agreement with eight vocals; of 1,144 renditions of held-out singing none up to severity 0.6 and 10
of 312 above are taken for speech."""
GLIDING = (-0.22, 0.42)
"""As `UNSTEADY`, with the share of frames that glide taken off that of steady notes (`held`).
Measured: speech at most -0.08, half of it under -0.34, singing at least -0.43, other songs laid
beside a reference -0.19."""
LESS_HELD = -0.15
"""The same where the words are the song's, so that it is no other song."""
ASTRAY = 0.42
"""Agreement with the reference under which a take may be of another song. Measured: other songs
0.38 at most with the vocal, 0.44 with notes; the wanted one at least 0.74."""

_STILL_CENTS = 3.0
_GLIDE_CENTS = (12.0, 80.0)
_LEAST_STEPS = 90

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
        return BLEED if _musical(take.chroma[:, voiced]) else NOISE
    cents = _cents(take.pitch)
    if np.ptp(np.nanpercentile(cents, (5, 95))) < ONE_PITCH_CENTS:
        return NOISE
    if take.voicing.clipped > CLIPPED_SHARE:
        return CLIPPED
    return INSTRUMENT if stillness(take.pitch) > MECHANICAL else None


def _musical(chroma: FloatArray) -> bool:
    """Whether there are notes in a sound that has no single pitch: few, and others by and by."""
    return bool(chroma.mean() < TONAL and chroma.std(axis=1).mean() > SHIFTING)


def stillness(pitch: PitchTrack) -> float:
    """How still the pitch stands from frame to frame: high for keys, frets and oscillators.

    The share of steps under 3 cents, less half that of 12 to 80 cents. A voice is never still, not
    even on a long note, and glides from note to note; a string's vibrato glides, but turns more
    slowly than it leaps. -1 where there is too little pitch to tell.
    """
    steps = np.abs(np.diff(_cents(pitch)))
    steps = steps[np.isfinite(steps)]
    if len(steps) < _LEAST_STEPS:
        return -1.0
    still = np.mean(steps < _STILL_CENTS)
    return float(still - 0.5 * np.mean(_glides(steps)))


def _glides(steps: NDArray[np.float64]) -> NDArray[np.bool_]:
    low, high = _GLIDE_CENTS
    return (steps > low) & (steps < high)


def spoken(take: PitchTrack, *, agreement: float | None) -> bool:
    """Whether a take is speech: it hardly holds a note and hardly follows its reference.

    `agreement` (`align.agreement`) is None where there is no reference. A monotonous reader, or a
    machine that speaks, holds its pitch longer than most speech does; a poor singer who holds as
    little still follows the tune more often.
    """
    steady = steadiness(take)
    if agreement is None:
        return steady < STEADY_SHARE
    kinds = (*((steady, *each) for each in UNSTEADY), (held(take), *GLIDING))
    return any(share < least and agreement < followed for share, least, followed in kinds)


def held(pitch: PitchTrack) -> float:
    """The share of steady frames less that of steps of 12 to 80 cents, -1 to 1."""
    steps = np.abs(np.diff(_cents(pitch)))
    steps = steps[np.isfinite(steps)]
    return steadiness(pitch) - (float(np.mean(_glides(steps))) if len(steps) else 0.0)


def steadiness(pitch: PitchTrack) -> float:
    """Share of the pitched frames that lie in a steady stretch of 0.2 s.

    Steady is what stays within 60 cents, or within 40 after averaging over one turn of a
    vibrato. Speech glides through its pitches and rarely stays.
    """
    cents = _cents(pitch)
    pitched = pitch.hz > 0
    if not pitched.any() or len(cents) < _WINDOW + _VIBRATO:
        return 0.0
    padded = np.pad(cents, _VIBRATO // 2, constant_values=np.nan)
    smooth = np.lib.stride_tricks.sliding_window_view(padded, _VIBRATO).mean(axis=1)
    steady = _within(cents, _RANGE_CENTS) | _within(smooth, _SMOOTH_RANGE_CENTS)
    return float(np.mean(steady[pitched]))


def _cents(pitch: PitchTrack) -> NDArray[np.float64]:
    """Cents over 10 Hz, NaN where there is no pitch."""
    with np.errstate(divide="ignore"):
        cents = 1200 * np.log2(pitch.hz.astype(np.float64) / 10)
    return np.where(pitch.hz > 0, cents, np.nan)


def _within(cents: NDArray[np.float64], limit: float) -> NDArray[np.bool_]:
    """Frames in any window whose pitch stays within `limit` cents."""
    windows = np.lib.stride_tricks.sliding_window_view(cents, _WINDOW)
    held = windows.max(axis=1) - windows.min(axis=1) < limit
    covered = np.zeros(len(cents), dtype=np.bool_)
    for shift in range(_WINDOW):
        covered[shift : shift + len(held)] |= held
    return covered
