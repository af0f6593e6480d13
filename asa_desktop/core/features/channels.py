"""The five channels, each computed once over a whole recording.

Every function takes mono sound at `spec.rate` after levelling and returns (rows, T) float32 with
T = 1 + n // hop, frames centred on their hop. Definitions: Zhang et al., ISMIR 2021, section 3.1.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.types import FloatArray

CREPE_BINS = 360
CENTS_PER_BIN = 20.0
_FIFTHS = (0, 7, 2, 9, 4, 11, 6, 1, 8, 3, 10, 5)
_STRIDE = 4
_PIECE = 1024


def log_mel(samples: FloatArray, spec: FeatureSpec) -> FloatArray:
    """Log-mel spectrogram in dB, against a fixed reference and clipped to a fixed range.

    librosa's default range hangs on the loudest frame of what it is given, so that the same
    clip would read differently alone and within its take.
    """
    count = 1 + len(samples) // spec.hop
    return decibels(mel_power(samples, spec, hop=spec.hop, frames=range(count)).T, spec)


def mel_power(samples: FloatArray, spec: FeatureSpec, *, hop: int, frames: range) -> FloatArray:
    """Power in the mel bands of these frames alone. Shape: (frames, rows), before levelling."""
    power = _spectral_power(samples, size=spec.mel_fft, hop=hop, frames=frames)
    return np.asarray(power @ _mel_bands(spec), dtype=np.float32)


def decibels(power: FloatArray, spec: FeatureSpec, *, gain: float = 1.0) -> FloatArray:
    """Power as it would be after levelling by `gain`, in dB within the fixed range."""
    level = 10 * np.log10(np.maximum(power * np.float32(gain * gain), np.float32(1e-10)))
    return np.asarray(np.clip(level, spec.mel_floor_db, spec.mel_ceiling_db), dtype=np.float32)


def chroma(samples: FloatArray, spec: FeatureSpec) -> FloatArray:
    """Chroma, 8 rows a semitone from C upwards, without tuning estimation.

    With the default the intonation that is to be assessed would be tuned away clip by clip.
    """
    frames = chroma_frames(samples, spec, frames=range(1 + len(samples) // spec.hop))
    return np.ascontiguousarray(frames.T)


def chroma_frames(samples: FloatArray, spec: FeatureSpec, *, frames: range) -> FloatArray:
    """The chroma of these frames alone, whatever the level. Shape: (frames, rows)."""
    power = _spectral_power(samples, size=spec.chroma_fft, hop=spec.hop, frames=frames)
    rows = power @ _chroma_bands(spec)
    peak = rows.max(axis=1, keepdims=True, initial=0.0)
    return np.asarray(rows / np.where(peak < np.finfo(np.float32).tiny, 1, peak), np.float32)


def _spectral_power(samples: FloatArray, *, size: int, hop: int, frames: range) -> FloatArray:
    """|STFT|^2 of frames centred on their hop, silence around the recording.

    Shape: (frames, 1 + size // 2).
    """
    import scipy.fft

    sound = _around(samples, frames.start * hop - size // 2, (len(frames) - 1) * hop + size)
    windows = np.lib.stride_tricks.sliding_window_view(sound, size)[::hop]
    spectrum = scipy.fft.rfft(windows * _hann(size), axis=1)
    return np.asarray(spectrum.real**2 + spectrum.imag**2, dtype=np.float32)


def _around(samples: FloatArray, start: int, count: int) -> FloatArray:
    """`count` samples from `start` on, zeros where there are none."""
    inside = samples[max(start, 0) : max(start + count, 0)]
    before = max(-start, 0)
    sound = np.zeros(count, dtype=np.float32)
    sound[before : before + len(inside)] = inside
    return sound


@lru_cache(maxsize=4)
def _mel_bands(spec: FeatureSpec) -> FloatArray:
    import librosa

    bands = librosa.filters.mel(sr=spec.rate, n_fft=spec.mel_fft, n_mels=spec.rows)
    return np.ascontiguousarray(bands.T, dtype=np.float32)


@lru_cache(maxsize=4)
def _chroma_bands(spec: FeatureSpec) -> FloatArray:
    import librosa

    bands = librosa.filters.chroma(
        sr=spec.rate, n_fft=spec.chroma_fft, n_chroma=spec.rows, tuning=0.0
    )
    return np.ascontiguousarray(bands.T, dtype=np.float32)


def shift_chroma(rows: FloatArray, *, cents: float) -> FloatArray:
    """The chroma moved down by `cents`, on whole rows (12.5 cents at 96 rows)."""
    return np.roll(rows, -round(cents * rows.shape[0] / 1200), axis=0)


def by_fifths(rows: FloatArray) -> FloatArray:
    """TChroma: the same rows with the pitch classes in the order of the circle of fifths."""
    each = rows.shape[0] // 12
    classes = np.roll(rows, each // 2, axis=0).reshape(12, each, -1)
    return classes[list(_FIFTHS)].reshape(rows.shape)


@lru_cache(maxsize=64)
def pitch_bands(rows: int, shift_bins: float) -> FloatArray:
    """Fractional-area averaging of the 360 bins of CREPE into `rows`. Shape: (rows, 360).

    `shift_bins` moves what is seen down by that many bins of 20 cents.
    """
    width = CREPE_BINS / rows
    low = np.arange(rows)[:, None] * width + shift_bins
    bins = np.arange(CREPE_BINS)[None, :]
    overlap = np.minimum(low + width, bins + 1) - np.maximum(low, bins)
    return np.asarray(np.clip(overlap, 0, 1) / width, dtype=np.float32)


def f0_rows(activation: NDArray[np.floating], spec: FeatureSpec, *, cents: float) -> FloatArray:
    """CREPE's activation, (360, T), as (rows, T), moved down by `cents`."""
    bands = pitch_bands(spec.rows, round(cents / CENTS_PER_BIN, 2))
    return bands @ np.asarray(activation, dtype=np.float32)


def cyclic_tempogram(samples: FloatArray, spec: FeatureSpec) -> FloatArray:
    """Cyclic tempogram (Grosche, Mueller and Kurth, ICASSP 2010), one octave of tempo in rows.

    The autocorrelation of the onset strength is read at lag 60 rate / (hop bpm) for
    bpm = 30 * 2^(k / rows) and the octaves are folded by their mean. Only the frames that are
    kept (every fourth) are computed; values equal librosa's tempogram at those frames.
    """
    count = 1 + len(samples) // spec.onset_hop
    power = mel_power(samples, spec, hop=spec.onset_hop, frames=range(count))
    return tempogram_of(decibels(power.T, spec), spec)


def tempogram_of(level: FloatArray, spec: FeatureSpec) -> FloatArray:
    """The cyclic tempogram of a mel spectrogram in dB at `spec.onset_hop`, shape (rows, n)."""
    import librosa

    onsets = librosa.onset.onset_strength(
        S=level, sr=spec.rate, hop_length=spec.onset_hop, n_fft=spec.mel_fft
    )
    half = spec.tempogram_window // 2
    padded = np.pad(onsets, half, mode="linear_ramp", end_values=0)
    windows = np.lib.stride_tricks.sliding_window_view(padded, spec.tempogram_window)
    windows = windows[: len(onsets) : _STRIDE]
    pieces = [
        _cyclic(windows[first : first + _PIECE], spec) for first in range(0, len(windows), _PIECE)
    ]
    return np.ascontiguousarray(np.concatenate(pieces).T, dtype=np.float32)


def _cyclic(windows: FloatArray, spec: FeatureSpec) -> FloatArray:
    """The rows of the frames in whose middle these windows lie. Shape: (frames, rows)."""
    import scipy.fft

    windows = windows * _hann(spec.tempogram_window)
    size = scipy.fft.next_fast_len(2 * spec.tempogram_window - 1, real=True)
    spectrum = np.square(np.abs(scipy.fft.rfft(windows, n=size, axis=1)))
    lags = scipy.fft.irfft(spectrum, n=size, axis=1)[:, : spec.tempogram_window]
    peak = np.max(np.abs(lags), axis=1, keepdims=True)
    lags = lags / np.where(peak < np.finfo(np.float32).tiny, 1.0, peak)
    steps = np.arange(spec.rows * spec.tempo_octaves)
    bpm = spec.tempo_min_bpm * 2 ** (steps / spec.rows)
    lag = 60 * spec.rate / (spec.onset_hop * bpm)
    below = np.clip(np.floor(lag).astype(int), 0, spec.tempogram_window - 2)
    part = (lag - below).astype(np.float32)
    at_bpm = lags[:, below] * (1 - part) + lags[:, below + 1] * part
    rows = at_bpm.reshape(len(at_bpm), spec.tempo_octaves, spec.rows).mean(axis=1)
    return np.asarray(rows, dtype=np.float32)


@lru_cache(maxsize=4)
def _hann(length: int) -> FloatArray:
    import librosa

    return np.asarray(librosa.filters.get_window("hann", length, fftbins=True), dtype=np.float32)
