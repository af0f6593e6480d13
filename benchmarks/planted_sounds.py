"""Sounds that are no singing, made from numbers: noises and instruments. Mono at 16 kHz.

The same generator gives the same samples. Half A and half B of the counts share no timbre.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

Array = NDArray[np.float64]
Tone = tuple[float, float, float]
"""Start and end in seconds, and the pitch as a MIDI number."""

RATE = 16_000


@dataclass(frozen=True, slots=True)
class Timbre:
    """An instrument by additive synthesis, or by another one where `way` says so.

    Partial k has the strength ``k ** -slope``, the even ones times `even`, and dies away by
    `decay` + k `damping` nepers a second. `stretch` is a string's inharmonicity; `vibrato` cents
    at `rate` Hz set in after `delay` seconds; `glide` seconds are taken from note to note;
    `voices` play together, up to `detune` cents apart; `sweep` moves the slope at `rate` / 2.
    `body` are resonances in Hz; `air` is breath against the tone.
    """

    name: str
    way: str = "additive"
    slope: float = 1.5
    even: float = 1.0
    attack: float = 0.01
    release: float = 0.05
    decay: float = 0.0
    damping: float = 0.0
    stretch: float = 0.0
    vibrato: float = 0.0
    rate: float = 5.5
    delay: float = 0.2
    glide: float = 0.003
    voices: int = 1
    detune: float = 0.0
    sweep: float = 0.0
    body: tuple[float, ...] = ()
    air: float = 0.0
    ratio: float = 1.0
    index: float = 0.0


TIMBRES = {
    "a": (
        Timbre("grand piano", slope=1.3, decay=1.2, damping=0.25, stretch=4e-4, attack=0.004),
        Timbre("soft piano", slope=2.2, decay=1.8, damping=0.2, stretch=2e-4, attack=0.008),
        Timbre("steel guitar", "plucked", decay=0.996, damping=0.5, body=(110, 240, 400)),
        Timbre("flute", slope=2.6, attack=0.06, vibrato=18, rate=5.0, air=0.03),
        Timbre("organ", slope=0.6, even=0.8, attack=0.006),
        Timbre("ensemble", slope=1.1, attack=0.12, voices=5, detune=9, vibrato=14, body=(300, 900)),
        Timbre("violin", slope=1.0, attack=0.07, vibrato=30, rate=5.8, body=(290, 460, 2600)),
        Timbre("saw lead", slope=1.0, attack=0.008, glide=0.06, vibrato=25, rate=6.0, delay=0.3),
        Timbre("square lead", slope=1.0, even=0.02, attack=0.01, glide=0.02),
        Timbre("swept lead", slope=1.3, attack=0.02, glide=0.04, vibrato=20, sweep=0.5, rate=5.0),
        Timbre("electric piano", "fm", decay=1.5, ratio=1.0, index=1.8),
        Timbre("drums", "drums", slope=110),
    ),
    "b": (
        Timbre("upright piano", slope=1.6, decay=2.2, damping=0.35, stretch=8e-4, attack=0.003),
        Timbre("felt piano", slope=2.8, decay=1.4, damping=0.3, stretch=3e-4, attack=0.015),
        Timbre("nylon guitar", "plucked", decay=0.993, damping=0.35, body=(95, 200, 520)),
        Timbre("recorder", slope=3.2, even=0.4, attack=0.03, vibrato=8, rate=4.5, air=0.05),
        Timbre("reed organ", slope=0.9, attack=0.04, voices=2, detune=4),
        Timbre("slow strings", slope=1.4, attack=0.2, voices=4, detune=12, vibrato=10, rate=5.0),
        Timbre("cello", slope=1.2, attack=0.09, vibrato=22, rate=5.0, body=(220, 600, 1500)),
        Timbre("triangle lead", slope=2.0, even=0.01, glide=0.09, vibrato=35, rate=5.2, delay=0.15),
        Timbre("pulse lead", slope=0.8, even=0.6, attack=0.005, glide=0.01, voices=2, detune=6),
        Timbre("wah lead", slope=1.1, attack=0.03, glide=0.05, vibrato=15, sweep=0.6, rate=4.4),
        Timbre("brass", "fm", attack=0.05, ratio=1.0, index=3.0),
        Timbre("drums", "drums", slope=150),
    ),
}  # fmt: skip


def played(tones: list[Tone], timbre: Timbre, seconds: float, rng: np.random.Generator) -> Array:
    """A melody on an instrument, each note as loud as chance will have it. Shape: (n,)."""
    if timbre.way == "drums":
        return drums(seconds, timbre.slope, rng)
    if timbre.way == "plucked":
        return _bodied(_plucked(tones, timbre, seconds, rng), timbre)
    hz, age, left, loud = _course(tones, timbre, seconds, rng)
    envelope = loud * np.clip(age / timbre.attack, 0, 1) * np.clip(left / timbre.release, 0, 1)
    if timbre.way == "fm":
        phase = 2 * np.pi * np.cumsum(hz) / RATE
        shade = np.clip(age / (2 * timbre.attack), 0, 1) * np.exp(-timbre.decay * age)
        tone = np.sin(phase + timbre.index * shade * np.sin(timbre.ratio * phase))
        return tone * envelope * np.exp(-timbre.decay * age)
    return _bodied(sung_by(hz, timbre, rng, age=age) * envelope, timbre)


def sung_by(
    hz: Array, timbre: Timbre, rng: np.random.Generator, *, age: Array | None = None
) -> Array:
    """The plain tone of a timbre along a curve of pitch in Hz. Shapes: (n,)."""
    clock = np.arange(len(hz)) / RATE
    age = np.zeros(len(hz)) if age is None else age
    slope = timbre.slope + timbre.sweep * np.sin(np.pi * timbre.rate * clock)
    out = np.zeros(len(hz))
    for _ in range(timbre.voices):
        off = 2 ** (rng.uniform(-1, 1) * timbre.detune / 1200) if timbre.voices > 1 else 1.0
        phase = 2 * np.pi * np.cumsum(hz * off) / RATE + rng.uniform(0, 6)
        for k in range(1, min(40, int(7000 / max(np.median(hz[hz > 0]), 60))) + 1):
            place = k * np.sqrt(1 + timbre.stretch * k * k)
            strength = (timbre.even if k % 2 == 0 else 1.0) * np.exp(-slope * np.log(k))
            fading = np.exp(-(timbre.decay + timbre.damping * k) * age)
            out += np.where(place * hz < 7600, strength * fading, 0) * np.sin(place * phase)
    if timbre.air:
        out += timbre.air * sosfilt(_band(500, 5000), rng.standard_normal(len(hz))) * 2
    return out


def _course(
    tones: list[Tone], timbre: Timbre, seconds: float, rng: np.random.Generator
) -> tuple[Array, Array, Array, Array]:
    """Pitch in Hz, seconds since a note's start and to its end, and its loudness. Shapes: (n,)."""
    count = round(seconds * RATE)
    midi = np.full(count, tones[0][2])
    age, left, loud = np.full(count, 9.0), np.zeros(count), np.zeros(count)
    for start, end, pitch in tones:
        first, last = round(start * RATE), min(round(end * RATE), count)
        inside = np.arange(max(last - first, 0)) / RATE
        midi[first:] = pitch
        age[first:last], left[first:last] = inside, inside[::-1]
        loud[first:last] = rng.uniform(0.5, 1.0)
    width = max(round(timbre.glide * RATE), 1)
    midi = np.convolve(np.pad(midi, (width - 1, 0), mode="edge"), np.ones(width) / width, "valid")
    swing = timbre.vibrato / 100 * np.clip((age - timbre.delay) / 0.2, 0, 1)
    midi = midi + swing * np.sin(2 * np.pi * timbre.rate * np.arange(count) / RATE)
    return 440 * 2 ** ((midi - 69) / 12), age, left, loud


def _plucked(tones: list[Tone], timbre: Timbre, seconds: float, rng: np.random.Generator) -> Array:
    """Karplus and Strong's string (1983), tuned by a line between two samples."""
    out = np.zeros(round((seconds + 3) * RATE))
    for start, end, pitch in tones:
        period = RATE / (440 * 2 ** ((pitch - 69) / 12)) - timbre.damping
        whole = int(period)
        part = period - whole
        loop = np.zeros(whole + 3)
        damped = np.array([1 - timbre.damping, timbre.damping])
        loop[whole : whole + 3] = timbre.decay * np.convolve(damped, [1 - part, part])
        first, count = round(start * RATE), round((end - start + 0.15) * RATE)
        burst = np.zeros(count)
        burst[: min(whole, count)] = rng.uniform(-1, 1, whole)[:count]
        note = lfilter([1.0], np.concatenate([[1.0], -loop[1:]]), burst)
        note[-1600:] *= np.linspace(1, 0, len(note[-1600:]))
        out[first : first + count] += rng.uniform(0.5, 1) * note[: len(out) - first]
    return out[: round(seconds * RATE)]


def _bodied(sound: Array, timbre: Timbre) -> Array:
    """Through the resonances of the instrument's body."""
    resonant = sum((sosfilt(_band(0.9 * hz, 1.1 * hz), sound) for hz in timbre.body), sound)
    return np.asarray(resonant)


def drums(seconds: float, bpm: float, rng: np.random.Generator) -> Array:
    """Kick, snare and hats in eighths."""
    out = np.zeros(round((seconds + 1) * RATE))
    clock = np.arange(RATE // 2) / RATE
    kick = np.sin(2 * np.pi * (50 * clock + 6 * (1 - np.exp(-25 * clock)))) * np.exp(-9 * clock)
    for number, at in enumerate(np.arange(0, seconds, 30 / bpm)):
        noise = rng.standard_normal(len(clock))
        hat = sosfilt(_band(5000, 7900), noise) * np.exp(-60 * clock)
        snare = 0.5 * noise * np.exp(-18 * clock) + 0.5 * np.sin(380 * np.pi * clock) * np.exp(
            -20 * clock
        )
        hit = 0.4 * hat + (snare if number % 4 == 2 else 0) + (kick if rng.random() < 0.4 else 0)
        first = round(at * RATE)
        out[first : first + len(clock)] += rng.uniform(0.6, 1) * hit
    return out[: round(seconds * RATE)]


def coloured(seconds: float, power: float, rng: np.random.Generator) -> Array:
    """Noise whose power falls as frequency to the `power`: white 0, pink 1, brown 2."""
    spectrum = np.fft.rfft(rng.standard_normal(round(seconds * RATE)))
    bins = np.maximum(np.arange(len(spectrum)), len(spectrum) * 20 / 8000)
    return np.fft.irfft(spectrum / bins ** (power / 2), round(seconds * RATE))


def hum(seconds: float, mains: float, slope: float, rng: np.random.Generator) -> Array:
    """Mains hum with its overtones, in some hiss."""
    clock = np.arange(round(seconds * RATE)) / RATE
    tone = sum(
        rng.uniform(0.3, 1) * k**-slope * np.sin(2 * np.pi * mains * k * clock + rng.uniform(0, 6))
        for k in range(1, 16)
    )
    return np.asarray(tone) + 0.02 * rng.standard_normal(len(clock))


def fan(seconds: float, blades_hz: float, rng: np.random.Generator) -> Array:
    """Rushing air, swelling with the blades, and their tone."""
    clock = np.arange(round(seconds * RATE)) / RATE
    turn = np.sin(2 * np.pi * blades_hz * clock)
    rush = coloured(seconds, 1.3, rng)
    return rush / rush.std() * (1 + 0.3 * turn) + 0.4 * turn


def applause(seconds: float, hands: int, rng: np.random.Generator) -> Array:
    """Claps of many hands: short bursts of noise, each with its own resonance."""
    out = np.zeros(round((seconds + 1) * RATE))
    for _ in range(hands):
        resonance = rng.uniform(700, 2500)
        clap = sosfilt(_band(0.6 * resonance, 1.5 * resonance), rng.standard_normal(480))
        clap *= np.exp(-np.arange(480) / rng.uniform(60, 140))
        at, every = rng.uniform(0, 0.4), rng.uniform(0.17, 0.35)
        while at < seconds:
            first = round(at * RATE)
            out[first : first + 480] += rng.uniform(0.2, 1) * clap
            at += every * rng.uniform(0.85, 1.15)
    return out[: round(seconds * RATE)]


def street(seconds: float, cars: int, rng: np.random.Generator) -> Array:
    """Rumble, and cars that come and go."""
    clock = np.arange(round(seconds * RATE)) / RATE
    out = coloured(seconds, 1.8, rng)
    out /= out.std()
    for _ in range(cars):
        swell = np.exp(-(((clock - rng.uniform(0, seconds)) / rng.uniform(0.6, 2)) ** 2))
        tyres = sosfilt(_band(300, 3000), rng.standard_normal(len(clock)))
        out += rng.uniform(1, 4) * swell * tyres / tyres.std()
    return out


def _band(low: float, high: float) -> Array:
    return np.asarray(butter(2, (low, min(high, 7900)), "bandpass", fs=RATE, output="sos"))
