"""Microphone, room, noise and level: what a rendition is recorded through."""

from __future__ import annotations

import numpy as np

from asa_training.render.engines import RATE
from asa_training.render.plan import Channel
from asa_training.segment import Array


def record(sound: Array, channel: Channel, seed: int) -> Array:
    """Send `sound` (N,) through `channel`; the same seed gives the same room and noise.

    The result has the level asked for (RMS of its loud half), and never exceeds full scale: a peak
    that would is brought to -0.5 dBFS with all the rest.
    """
    from scipy.signal import butter, sosfilt

    room, hiss = (np.random.default_rng(one) for one in np.random.SeedSequence(seed).spawn(2))
    out = sound
    for kind, hz, gain_db, quality in channel.filters:
        out = sosfilt(_biquad(kind, hz, gain_db, quality), out)
    if channel.low_cut_hz is not None:
        out = sosfilt(butter(2, channel.low_cut_hz, "highpass", fs=RATE, output="sos"), out)
    if channel.high_cut_hz is not None:
        out = sosfilt(butter(2, channel.high_cut_hz, fs=RATE, output="sos"), out)
    if channel.reverb_s is not None:
        out = out + _room(out, room, channel.reverb_s, channel.reverb_db)
    out = out / max(_loudness(out), 1e-9)
    if channel.noise_db is not None:
        out = out + 10 ** (channel.noise_db / 20) * _noise(hiss, out.size, channel.noise_colour)
    out = out * 10 ** (channel.level_db / 20)
    peak = float(np.max(np.abs(out), initial=0.0))
    return out * (0.944 / peak) if peak > 0.944 else out


def _loudness(sound: Array) -> float:
    """RMS over the louder half of 50 ms frames."""
    width = RATE // 20
    frames = sound[: sound.size // width * width].reshape(-1, width)
    if frames.size == 0:
        return float(np.sqrt(np.mean(np.square(sound))))
    power = np.sort(np.mean(np.square(frames), axis=1))
    return float(np.sqrt(np.mean(power[power.size // 2 :])))


def _room(sound: Array, rng: np.random.Generator, seconds: float, level_db: float) -> Array:
    """The tail alone: noise that falls by 60 dB in `seconds`, after 8 ms."""
    from scipy.signal import oaconvolve

    times = np.arange(int(seconds * RATE)) / RATE
    tail = rng.normal(0, 1, times.size) * 10 ** (-3 * times / seconds)
    tail *= 10 ** (level_db / 20) / np.sqrt(np.sum(np.square(tail)))
    tail = np.concatenate([np.zeros(int(0.008 * RATE)), tail])
    return oaconvolve(sound, tail)[: sound.size]


def _noise(rng: np.random.Generator, size: int, colour: float) -> Array:
    """Unit RMS, its power falling as frequency to the `colour`: 0 white, 1 pink, 2 brown."""
    spectrum = np.fft.rfft(rng.normal(0, 1, size))
    hz = np.maximum(np.fft.rfftfreq(size, 1 / RATE), 20.0)
    noise = np.fft.irfft(spectrum * hz ** (-colour / 2), size)
    return noise / max(float(np.sqrt(np.mean(np.square(noise)))), 1e-12)


def _biquad(kind: str, hz: float, gain_db: float, quality: float) -> Array:
    """Second-order section (1, 6) after the Audio EQ Cookbook (Bristow-Johnson)."""
    amp = 10 ** (gain_db / 40)
    omega = 2 * np.pi * hz / RATE
    alpha, cos = np.sin(omega) / (2 * quality), np.cos(omega)
    if kind == "peak":
        b = [1 + alpha * amp, -2 * cos, 1 - alpha * amp]
        a = [1 + alpha / amp, -2 * cos, 1 - alpha / amp]
    else:
        s = 1.0 if kind == "high_shelf" else -1.0
        root = 2 * np.sqrt(amp) * alpha
        plus, minus = amp + 1, amp - 1
        b = [
            amp * (plus + s * minus * cos + root),
            -s * 2 * amp * (minus + s * plus * cos),
            amp * (plus + s * minus * cos - root),
        ]
        a = [
            plus - s * minus * cos + root,
            s * 2 * (minus - s * plus * cos),
            plus - s * minus * cos - root,
        ]
    return np.array([[*(x / a[0] for x in b), 1.0, a[1] / a[0], a[2] / a[0]]])
