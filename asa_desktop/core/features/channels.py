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


def log_mel(samples: FloatArray, spec: FeatureSpec) -> FloatArray:
    """Log-mel spectrogram in dB, against a fixed reference and clipped to a fixed range.

    librosa's default range hangs on the loudest frame of what it is given, so that the same
    clip would read differently alone and within its take.
    """
    return _mel_db(samples, spec, spec.hop)


def _mel_db(samples: FloatArray, spec: FeatureSpec, hop: int) -> FloatArray:
    import librosa

    power = librosa.feature.melspectrogram(
        y=samples, sr=spec.rate, n_fft=spec.mel_fft, hop_length=hop, n_mels=spec.rows
    )
    level = librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=None)
    return np.asarray(np.clip(level, spec.mel_floor_db, spec.mel_ceiling_db), dtype=np.float32)


def chroma(samples: FloatArray, spec: FeatureSpec) -> FloatArray:
    """Chroma, 8 rows a semitone from C upwards, without tuning estimation.

    With the default the intonation that is to be assessed would be tuned away clip by clip.
    """
    import librosa

    rows = librosa.feature.chroma_stft(
        y=samples,
        sr=spec.rate,
        n_fft=spec.chroma_fft,
        hop_length=spec.hop,
        n_chroma=spec.rows,
        tuning=0.0,
    )
    return np.asarray(rows, dtype=np.float32)


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
    import librosa
    import scipy.fft

    level = _mel_db(samples, spec, spec.onset_hop)
    onsets = librosa.onset.onset_strength(
        S=level, sr=spec.rate, hop_length=spec.onset_hop, n_fft=spec.mel_fft
    )
    half = spec.tempogram_window // 2
    padded = np.pad(onsets, half, mode="linear_ramp", end_values=0)
    windows = np.lib.stride_tricks.sliding_window_view(padded, spec.tempogram_window)
    windows = windows[: len(onsets) : _STRIDE] * _hann(spec.tempogram_window)
    size = scipy.fft.next_fast_len(2 * spec.tempogram_window - 1, real=True)
    spectrum = np.square(np.abs(scipy.fft.rfft(windows, n=size, axis=1)))
    lags = scipy.fft.irfft(spectrum, n=size, axis=1)[:, : spec.tempogram_window]
    peak = np.max(np.abs(lags), axis=1, keepdims=True)
    lags = lags / np.where(peak < np.finfo(np.float32).tiny, 1.0, peak)
    steps = np.arange(spec.rows * spec.tempo_octaves)
    bpm = spec.tempo_min_bpm * 2 ** (steps / spec.rows)
    lag = 60 * spec.rate / (spec.onset_hop * bpm)
    below = np.clip(np.floor(lag).astype(int), 0, spec.tempogram_window - 2)
    part = lag - below
    at_bpm = lags[:, below] * (1 - part) + lags[:, below + 1] * part
    folded = at_bpm.reshape(len(at_bpm), spec.tempo_octaves, spec.rows).mean(axis=1)
    return np.ascontiguousarray(folded.T, dtype=np.float32)


def _hann(length: int) -> FloatArray:
    import librosa

    return np.asarray(librosa.filters.get_window("hann", length, fftbins=True), dtype=np.float32)
