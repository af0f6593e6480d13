"""Curves on the 5 ms frames of a source that several defects are built from."""

from __future__ import annotations

import numpy as np

from asa_training.segment import FRAME_S, Array, SungNote

GLIDE_S = 0.06
_COURSE_S = 0.4  # a Hann window of this length has its first zero at 5 Hz: no vibrato is left in
_LONGEST_WAY_CENTS = 120.0


def smooth(curve: Array, width_s: float) -> Array:
    """A running mean of (T,) under a Hann window; the ends are held."""
    size = max(3, round(width_s / FRAME_S) | 1)
    window = np.hanning(size + 2)[1:-1]
    held = np.pad(curve, size // 2, mode="edge")
    return np.convolve(held, window / window.sum(), mode="valid")


def frames_of(note: SungNote, frames: int) -> slice:
    """The frames of a note in a curve of `frames`."""
    return slice(round(note.start / FRAME_S), min(round(note.end / FRAME_S), frames))


def over_frames(values: Array, notes: tuple[SungNote, ...], frames: int) -> Array:
    """Per-note values as a curve (T,): each note its own, the turn between two in 60 ms."""
    if not notes:
        return np.zeros(frames)
    ends = np.array([one.end for one in notes[:-1]])
    starts = np.array([one.start for one in notes[1:]])
    turns = np.round((ends + starts) / 2 / FRAME_S).astype(int)
    which = np.searchsorted(turns, np.arange(frames), side="right")
    return smooth(values[which], GLIDE_S)


def movement(cents: Array, notes: tuple[SungNote, ...]) -> Array:
    """What moves inside the notes: the pitch less its course over 0.4 s, faded at note ends."""
    moving = np.zeros(cents.size)
    for one in notes:
        where = frames_of(one, cents.size)
        piece = cents[where]
        known = np.isfinite(piece)
        if piece.size < 40 or known.mean() < 0.9:
            continue
        filled = np.interp(np.arange(piece.size), np.flatnonzero(known), piece[known])
        rest = np.clip(filled - smooth(filled, _COURSE_S), -_LONGEST_WAY_CENTS, _LONGEST_WAY_CENTS)
        moving[where] = rest * faded(piece.size, 0.05)
    return moving


def faded(size: int, over_s: float) -> Array:
    """Ones (size,) that rise from 0 and fall to 0 within `over_s` at either end."""
    at = np.arange(size)
    return np.minimum(1.0, np.minimum(at, at[::-1]) * FRAME_S / over_s)


def band_noise(rng: np.random.Generator, size: int, low_hz: float, high_hz: float) -> Array:
    """Gaussian noise (size,) of unit RMS on 5 ms frames between two frequencies of change."""
    # Longer than asked for, so that a short stretch holds part of a slow wave.
    long = max(size, 2048)
    spectrum = np.fft.rfft(rng.normal(0, 1, long))
    hz = np.fft.rfftfreq(long, FRAME_S)
    noise = np.fft.irfft(spectrum * ((hz >= low_hz) & (hz <= high_hz)), long)
    return (noise / max(float(np.std(noise)), 1e-9))[:size]


def wave(rate_hz: Array, phase: float) -> Array:
    """A sine (size,) on 5 ms frames whose frequency follows `rate_hz` (size,)."""
    return np.sin(2 * np.pi * np.cumsum(rate_hz) * FRAME_S + phase)
