"""Tone and loudness, put on what an engine has sung: the same for every engine.

Engines follow pitch and time and know nothing of these. Everything passes this stage, good or
poor, since every voice is drawn a little breathier or more pressed than its source.
"""

from __future__ import annotations

import numpy as np

from asa_training.render.engines import RATE
from asa_training.segment import FRAME_S, Array

_WINDOW, _HOP = 1024, 256
_TILT_FROM_HZ = 500.0
_BREATHY_TILT_DB, _PRESSED_TILT_DB = -16.0, 10.0  # at 8 kHz, in proportion to the octaves
_FIRST_HARMONIC_DB = -5.0
_ENVELOPE_BINS = 25  # about 400 Hz
_BREATH_HZ = (500.0, 3000.0)  # breath noise comes in between these
_COMB_DEPTH, _COMB_TO_HZ = 0.75, 3500.0


def with_tone(sound: Array, *, tone: Array, f0: Array, seed: int) -> Array:
    """Sing `sound` (N,) breathier or more pressed where it is voiced, as loud as before.

    `tone` (T,) on output frames: 1 is breathy (the spectrum falls 16 dB more from 500 Hz to 8 kHz,
    noise under the voice's own envelope as strong as the voice from 3 kHz up), -1 pressed (10 dB
    less fall, a weaker first harmonic, less between the harmonics). `f0` (T,) in Hz, 0 unvoiced.
    """
    from scipy.signal import istft, stft

    if not np.any(tone) or sound.size < _WINDOW:
        return sound
    hz, times, frames = stft(sound, RATE, nperseg=_WINDOW, noverlap=_WINDOW - _HOP)
    clock = np.arange(tone.size) * FRAME_S
    sung = np.interp(times, clock, (f0 > 0).astype(np.float64))
    strength = np.interp(times, clock, tone) * sung
    breathy, pressed = np.maximum(strength, 0.0), np.maximum(-strength, 0.0)
    nearest = np.clip(np.round(times / FRAME_S).astype(int), 0, f0.size - 1)
    shaped = frames * _filter(hz, breathy, pressed, f0[nearest])
    shaped += _breath(frames, hz, breathy, seed)
    # Loudness is another defect's: every frame keeps its power.
    before = np.sum(np.abs(frames) ** 2, axis=0)
    after = np.sum(np.abs(shaped) ** 2, axis=0)
    shaped *= np.sqrt(before / np.maximum(after, 1e-20))
    _, out = istft(shaped, RATE, nperseg=_WINDOW, noverlap=_WINDOW - _HOP)
    fitted = np.zeros(sound.size)
    size = min(out.size, sound.size)
    fitted[:size] = out[:size]
    return fitted


def _filter(hz: Array, breathy: Array, pressed: Array, f0: Array) -> Array:
    """Linear gain, (bins, frames)."""
    octaves = np.log2(np.maximum(hz, _TILT_FROM_HZ) / _TILT_FROM_HZ)
    slope = _BREATHY_TILT_DB * breathy + _PRESSED_TILT_DB * pressed
    gain_db = octaves[:, None] / np.log2(0.5 * RATE / _TILT_FROM_HZ) * slope
    voiced = np.where(f0 > 0, f0, np.inf)
    first = np.clip(2.0 * (1.4 - hz[:, None] / voiced), 0.0, 1.0) * (f0 > 0)
    gain_db = gain_db + first * _FIRST_HARMONIC_DB * pressed
    between = 0.5 - 0.5 * np.cos(2 * np.pi * hz[:, None] / voiced)
    reach = np.clip((_COMB_TO_HZ - hz) / 1000.0, 0.0, 1.0)[:, None]
    return 10 ** (gain_db / 20) * (1.0 - _COMB_DEPTH * pressed * reach * between)


def _breath(frames: Array, hz: Array, breathy: Array, seed: int) -> Array:
    from scipy.ndimage import uniform_filter1d

    rng = np.random.default_rng([seed, _WINDOW])
    noise = rng.normal(0, np.sqrt(0.5), (2, *frames.shape))
    power = uniform_filter1d(np.abs(frames) ** 2, _ENVELOPE_BINS, axis=0)
    envelope = np.sqrt(np.maximum(power, 0.0))  # its running sum may end just under 0
    low, high = _BREATH_HZ
    rise = np.clip((hz - low) / (high - low), 0.0, 1.0)[:, None]
    return breathy * rise * envelope * (noise[0] + 1j * noise[1])


def with_loudness(sound: Array, *, gain_db: Array, silence: Array) -> Array:
    """Scale `sound` (N,) by a gain and a share of silence, 0 to 1, on output frames (T,)."""
    at = np.arange(sound.size) / RATE
    clock = np.arange(gain_db.size) * FRAME_S
    gain = 10 ** (np.interp(at, clock, gain_db) / 20)
    return sound * gain * (1.0 - np.clip(np.interp(at, clock, silence), 0.0, 1.0))
