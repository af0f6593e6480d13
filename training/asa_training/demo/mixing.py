"""Renders strikes to stereo: level, place and reverb of each part, then the master."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, fftconvolve, sosfilt

from asa_training.demo import drums, synth
from asa_training.demo.arrange import DRUMS, Strike
from asa_training.demo.synth import RATE, Signal

TAIL_S = 2.0
REVERB_S = 1.3


@dataclass(frozen=True, slots=True)
class Channel:
    """A part at the desk: `gain_db`, `pan` from -1 (left) to 1, `send` to the reverb."""

    gain_db: float
    pan: float
    send: float


DESK = {
    "kick": Channel(-7.0, 0.0, 0.02),
    "snare": Channel(-12.0, 0.05, 0.15),
    "rim": Channel(-15.0, -0.15, 0.2),
    "hat": Channel(-23.0, 0.3, 0.05),
    "open_hat": Channel(-22.0, 0.3, 0.08),
    "shaker": Channel(-24.0, -0.4, 0.1),
    "crash": Channel(-19.0, -0.3, 0.2),
    "tom": Channel(-11.0, 0.2, 0.15),
    "stick": Channel(-12.0, 0.0, 0.15),
    "bass": Channel(-11.0, 0.0, 0.0),
    "piano": Channel(-20.0, -0.25, 0.2),
    "pad": Channel(-24.0, 0.0, 0.35),
    "pluck": Channel(-19.0, 0.45, 0.3),
}


def render(strikes: list[Strike], *, bpm: float, beats: float, seed: int) -> Signal:
    """Play `strikes`; shape (2, N) at `synth.RATE`, `beats` and a tail long, level not yet set."""
    length = int((beats * 60.0 / bpm + TAIL_S) * RATE)
    dry = np.zeros((2, length + RATE))
    wet = np.zeros((2, length + RATE))
    for strike in strikes:
        channel = DESK[strike.part]
        sound = _play(strike, 60.0 / bpm) * 10.0 ** (channel.gain_db / 20.0)
        start = max(round((strike.beat * 60.0 / bpm + strike.nudge_s) * RATE), 0)
        sound = sound[: dry.shape[1] - start]
        angle = (channel.pan + 1.0) * np.pi / 4.0
        for side, weight in enumerate((np.cos(angle), np.sin(angle))):
            dry[side, start : start + len(sound)] += weight * sound
            wet[side, start : start + len(sound)] += weight * channel.send * sound
    return _faded((dry + _reverb(wet, seed))[:, :length])


def _play(strike: Strike, beat_s: float) -> Signal:
    if strike.part in DRUMS:
        hit: Signal = getattr(drums, strike.part)(strike.midi % drums.VARIANTS, strike.velocity)
        return hit
    seconds = round(strike.length * beat_s, 4)
    note: Signal = getattr(synth, strike.part)(strike.midi, seconds, strike.velocity)
    return note


def _reverb(send: Signal, seed: int) -> Signal:
    """A small hall: decaying noise, different on both sides, without rumble and hiss."""
    rng = np.random.default_rng([seed, 1])
    t = np.arange(int(REVERB_S * RATE)) / RATE
    room = rng.standard_normal((2, len(t))) * np.exp(-t * 6.9 / REVERB_S)
    room[:, : int(0.012 * RATE)] = 0.0  # the first reflection comes after 12 ms
    room = sosfilt(butter(2, (220.0, 5_500.0), "bandpass", fs=RATE, output="sos"), room)
    room /= np.sqrt((room**2).sum(axis=1, keepdims=True))
    return np.stack([fftconvolve(send[s], room[s])[: send.shape[1]] for s in range(2)])


def _faded(stereo: Signal) -> Signal:
    fade = int(0.6 * TAIL_S * RATE)
    stereo[:, -fade:] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(fade) / fade)
    return stereo


def mastered(stereo: Signal, *, rms_db: float, peak_db: float) -> Signal:
    """Bring `stereo` to an RMS level, rounding off what would pass `peak_db` (both in dBFS).

    Below half the ceiling nothing changes; above, a tanh bends towards it.
    """
    loud = stereo * 10.0 ** (rms_db / 20.0) / np.sqrt(np.mean(stereo**2))
    ceiling = 10.0 ** (peak_db / 20.0)
    knee = 0.5 * ceiling
    size = np.abs(loud)
    bent = knee + (ceiling - knee) * np.tanh((size - knee) / (ceiling - knee))
    return np.where(size > knee, np.sign(loud) * bent, loud)
