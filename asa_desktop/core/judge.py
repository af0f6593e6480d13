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
"""Least share of pitched frames in steady notes, where there is neither vocal nor notes. Measured:
60 recordings of 10 singers at least 0.25; read announcements 0.03."""
GLIDING = -0.05
"""What holds more (`held`) is sung, whatever its tune. Measured: speech -0.08 at most."""
MOSTLY_GLIDING = -0.25
"""Of what follows no tune, what holds less is called speech, the rest another song. Measured: other
songs at least -0.19; half of speech less than -0.33."""
SPOKEN = ((1.2, 0.66), (0.0, 0.3))
"""Speech is what glides, takes the song's words at a tempo of the first and more, and has less of
the tune (`align.tune`, along the alignment) than the second, of either pair. Spoken syllables are
shorter than sung ones. Measured: speech in a song's words has a tempo of 1.24 and more (it was made
1.2 to 1.9 times as fast), and 0.65 of the tune at most; 72 poor singers, every defect at once, a
tempo of 1.16 at most and 0.27 of the tune and more. So what keeps the song's time is sung unless
its tune is less than chance."""

_STILL_CENTS = 3.0
_GLIDE_CENTS = (12.0, 80.0)
_LEAST_STEPS = 90

_WINDOW = 6
_RANGE_CENTS = 60.0
_VIBRATO = 5
_SMOOTH_RANGE_CENTS = 40.0


def not_singing(take: TrackFeatures, clips: tuple[Clip, ...]) -> str | None:
    """Why a whole take cannot be scored whatever its song, as a reason code, or None.

    Speech is another question (`said`): it takes the reference to tell.
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


def spoken(take: PitchTrack) -> bool:
    """Whether a take with nothing to lay it beside is speech: it hardly holds a note."""
    return steadiness(take) < STEADY_SHARE


def said(take: PitchTrack, *, tune: float, tempo: float) -> bool:
    """Whether a take in which the song's words were found is those words spoken.

    Holding notes badly is what poor singers do, so that alone is never speech: the tune must be
    missing too (`align.tune` along the alignment), and the more so, the nearer the take keeps to
    the song's own time. `tempo` is how much faster than the song it is.
    """
    return held(take) < GLIDING and any(
        tempo >= fastest and tune < followed for fastest, followed in SPOKEN
    )


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
