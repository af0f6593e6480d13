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
RUMBLE_HZ = 28.0


@dataclass(frozen=True, slots=True)
class Channel:
    """A part at the desk: `gain_db`, `pan` from -1 (left) to 1, `send` to the reverb.

    `spread` is how far an octave above the middle of the part moves to the right.
    """

    gain_db: float
    pan: float
    send: float
    spread: float = 0.0

    def place(self, midi: int) -> float:
        """Pan of one note."""
        return float(np.clip(self.pan + self.spread * (midi - MIDDLE) / 12.0, -1.0, 1.0))


MIDDLE = 65
DESK = {
    "kick": Channel(-6.0, 0.0, 0.02),
    "snare": Channel(-8.0, 0.05, 0.18),
    "rim": Channel(-9.0, -0.2, 0.25),
    "hat": Channel(-15.0, 0.35, 0.05),
    "open_hat": Channel(-15.0, 0.35, 0.08),
    "shaker": Channel(-16.0, -0.45, 0.1),
    "crash": Channel(-14.0, -0.3, 0.2),
    "tom": Channel(-10.0, 0.2, 0.15),
    "stick": Channel(-9.0, 0.0, 0.15),
    "bass": Channel(-18.0, 0.0, 0.0),
    "piano": Channel(-16.0, -0.3, 0.2, 0.5),
    "pad": Channel(-19.5, 0.0, 0.35, 1.1),
    "pluck": Channel(-13.5, 0.4, 0.3),
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
        pan = channel.place(strike.midi) if channel.spread else channel.pan
        angle = (pan + 1.0) * np.pi / 4.0
        for side, weight in enumerate((np.cos(angle), np.sin(angle))):
            dry[side, start : start + len(sound)] += weight * sound
            wet[side, start : start + len(sound)] += weight * channel.send * sound
    rumble = butter(2, RUMBLE_HZ, "highpass", fs=RATE, output="sos")
    return _faded(sosfilt(rumble, dry + _reverb(wet, seed))[:, :length])


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
    out: Signal = np.where(size > knee, np.sign(loud) * bent, loud)
    return out
