"""A phase vocoder that keeps the formants: pitch by resampling, time by phase, voice by envelope.

Reading the recording faster or slower gives every moment the pitch that it is to have. What that
does to time is undone by a phase vocoder with the phases locked to the spectral peaks (Laroche and
Dolson 1999), what it does to the formants by the ratio of two envelopes over the harmonics (Paul
1981): the recording's own, and the same as the resampling has moved it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asa_training.render.engines import RATE
from asa_training.segment import FRAME_S, Array

_FINE = 4  # the recording is read from copies at 64 kHz, so that a linear blend is enough
_WINDOW, _HOP = 1024, 128
_BINS = _WINDOW // 2 + 1
_CUTOFFS_HZ = (8000.0, 6300.0, 5000.0, 4000.0, 3200.0, 2500.0)
_MOST_RATIO, _LEAST_RATIO = 3.2, 0.3
_LARGEST_DB = 40.0
_ENVELOPE_ORDER = 100
_GRID_S = 0.001
_NOISE_UNDER_PEAKS_DB = -6.0

Spectra = NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class Analysed:
    """A recording ready to be read at any speed.

    `copies` (6, 4 N) at 64 kHz, each low-passed further; `envelope` (T, 513), the natural logarithm
    of the magnitude; `f0` (T,) in Hz on 5 ms frames, 0 where unvoiced.
    """

    copies: NDArray[np.float32]
    envelope: NDArray[np.float32]
    f0: Array
    samples: int


class Vocoder:
    """See the module."""

    name = "vocoder"

    def prepare(self, audio: Array, f0: Array) -> Analysed:
        """See `Engine.prepare`."""
        audio = np.asarray(audio, dtype=np.float64)
        return Analysed(
            copies=_low_passed(audio),
            envelope=_envelopes(audio, f0),
            f0=np.asarray(f0, dtype=np.float64),
            samples=audio.size,
        )

    def render(self, source: Analysed, *, f0: Array, source_time: Array, formant: float) -> Array:
        """See `Engine.render`."""
        if not np.any(source.copies[0]):
            return np.zeros(source.samples)
        ratio = _ratios(source.f0, f0, source_time)
        warped, warped_at = _resampled(source, ratio)
        output_at = np.arange(source.samples // _HOP + 1) * _HOP / RATE
        read_at = np.interp(output_at, np.arange(source_time.size) * FRAME_S, source_time)
        centre = np.round(np.interp(read_at, *warped_at) * RATE).astype(int)
        now, before = _spectra(warped, centre), _spectra(warped, centre - _HOP)
        frame = np.clip(np.round(read_at / FRAME_S).astype(int), 0, source.f0.size - 1)
        locked = _locked(now, before, starts=_voice_begins(source.f0[frame] > 0))
        voiced = _revoiced(locked, source.envelope[frame], ratio[frame], formant)
        return _added(voiced, source.samples)


def _low_passed(audio: Array) -> NDArray[np.float32]:
    """The recording at 64 kHz, and copies for reading it faster without aliasing."""
    import soxr

    fine = soxr.resample(audio, RATE, RATE * _FINE)
    fine = np.pad(fine, (0, max(0, audio.size * _FINE - fine.size)))[: audio.size * _FINE]
    spectrum = np.fft.rfft(fine)
    hz = np.fft.rfftfreq(fine.size, 1 / (RATE * _FINE))
    return np.stack(
        [
            np.fft.irfft(spectrum * np.clip((cut - hz) / 200.0, 0.0, 1.0), fine.size)
            for cut in _CUTOFFS_HZ
        ]
    ).astype(np.float32)


def _envelopes(audio: Array, f0: Array) -> NDArray[np.float32]:
    """The smooth curve over the spectral peaks of each 5 ms frame: log magnitude, (T, 513).

    Where voiced, the strongest bin around each harmonic, joined by lines; elsewhere and against
    corners, cepstral smoothing.
    """
    centre = np.round(np.arange(f0.size) * FRAME_S * RATE).astype(int)
    log = np.log(np.abs(_spectra(audio, centre)) + 1e-5)
    bins = np.arange(_BINS)
    for frame in np.flatnonzero(f0 > 0):
        spacing = f0[frame] * _WINDOW / RATE
        harmonics = np.arange(1, int((_BINS - 1) / spacing - 0.5) + 1) * spacing
        edges = np.round(np.append(harmonics - spacing / 2, harmonics[-1] + spacing / 2))
        peaks = np.maximum.reduceat(log[frame], edges.astype(int))[:-1]
        log[frame] = np.interp(bins, harmonics, peaks)
    lifter = np.clip((_ENVELOPE_ORDER - bins) / 20.0, 0.0, 1.0)
    cepstrum = np.fft.irfft(log, _WINDOW, axis=1)[:, :_BINS] * lifter
    both = np.concatenate([cepstrum, cepstrum[:, -2:0:-1]], axis=1)
    return np.fft.rfft(both, axis=1).real.astype(np.float32)


def _ratios(source_f0: Array, f0: Array, source_time: Array) -> Array:
    """Wanted over given pitch on source frames (T,), carried on through what is unvoiced."""
    clock = np.arange(source_f0.size) * FRAME_S
    sung = np.flatnonzero(f0 > 0)
    given = source_f0 > 0
    if not sung.size or not given.any():
        return np.ones(source_f0.size)
    heard_at = np.interp(clock, source_time, np.arange(source_time.size) * FRAME_S)
    wanted = np.interp(heard_at / FRAME_S, sung, np.log(f0[sung]))
    gap = wanted[given] - np.log(source_f0[given])
    ratio = np.exp(np.interp(np.arange(clock.size), np.flatnonzero(given), gap))
    return np.clip(ratio, _LEAST_RATIO, _MOST_RATIO)


def _resampled(source: Analysed, ratio: Array) -> tuple[Array, tuple[Array, Array]]:
    """The recording read at the speed `ratio`, and the map (source seconds, seconds in it)."""
    frames = ratio.size
    moments = np.arange(0, frames * FRAME_S, _GRID_S)
    speed = np.exp(np.interp(moments / FRAME_S, np.arange(frames), np.log(ratio)))
    slow = 1 / speed
    places = np.concatenate([[0.0], np.cumsum((slow[1:] + slow[:-1]) / 2) * _GRID_S])
    at = np.arange(int(places[-1] * RATE)) / RATE
    moment = np.interp(at, places, moments)
    level = np.interp(
        np.log(np.interp(moment, moments, speed)),
        np.log([_CUTOFFS_HZ[0] / cut for cut in _CUTOFFS_HZ]),
        np.arange(len(_CUTOFFS_HZ)),
    )
    lower = np.minimum(level.astype(int), len(_CUTOFFS_HZ) - 2)
    share = level - lower
    position = np.clip(moment * RATE * _FINE, 0, source.copies.shape[1] - 2)
    below = position.astype(int)
    part = position - below

    def read(copy: NDArray[np.intp]) -> Array:
        return source.copies[copy, below] * (1 - part) + source.copies[copy, below + 1] * part

    return read(lower) * (1 - share) + read(lower + 1) * share, (moments, places)


def _spectra(sound: Array, centre: NDArray[np.intp]) -> Spectra:
    """Short-time spectra around these samples. Shape: (K, 513)."""
    half = _WINDOW // 2
    padded = np.pad(sound, (_WINDOW + _HOP, _WINDOW + _HOP))
    first = np.clip(centre, -half, sound.size + half) - half + _WINDOW + _HOP
    pieces = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[first]
    return np.fft.rfft(pieces * _hann(), axis=1)


def _hann() -> Array:
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)


def _voice_begins(voiced: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return voiced & ~np.concatenate([[False], voiced[:-1]])


def _locked(now: Spectra, before: Spectra, *, starts: NDArray[np.bool_]) -> Spectra:
    """Turn each spectrum so that its peaks go on from the one laid down a hop earlier.

    `before` is read one hop before `now`, so that what turns between them turns as much between
    two laid-down frames. Around a peak the phases keep their distances. Where `starts`, the
    recording's own phases are taken.
    """
    size = np.abs(now)
    inner = size[:, 1:-1]
    peaks = np.zeros(size.shape, dtype=bool)
    peaks[:, 1:-1] = (inner > size[:, :-2]) & (inner >= size[:, 2:])
    back = np.conj(before) / np.maximum(np.abs(before), 1e-12)
    bins = np.arange(_BINS)
    laid = now.copy()
    for k in range(1, now.shape[0]):
        found = np.flatnonzero(peaks[k])
        if starts[k] or not found.size:
            continue
        turn = laid[k - 1, found] * back[k, found]
        length = np.abs(turn)
        turn = np.where(length > 1e-12, turn / np.maximum(length, 1e-12), 1.0)
        owner = np.searchsorted((found[1:] + found[:-1]) / 2, bins)
        laid[k] = now[k] * turn[owner]
    return laid


def _revoiced(
    spectra: Spectra, envelope: NDArray[np.float32], ratio: Array, formant: float
) -> Spectra:
    """Give the spectra (K, 513) the envelope of the recording, scaled by `formant`.

    Reading slower leaves nothing above 8 kHz times the ratio: noise under the envelope fills it.
    """
    wanted = _stretched(envelope, np.full(ratio.size, formant))
    there = _stretched(envelope, ratio)
    bound = _LARGEST_DB * np.log(10) / 20
    gain = np.exp(np.clip(wanted - there, -bound, bound)) * np.sqrt(ratio)[:, None]
    top = np.clip((ratio * (_BINS - 1))[:, None] - np.arange(_BINS), 0.0, 10.0) / 10.0
    rng = np.random.default_rng(_BINS)
    noise = rng.normal(0, np.sqrt(0.5), (2, *spectra.shape))
    level = 10 ** (_NOISE_UNDER_PEAKS_DB / 20) * np.exp(wanted)
    return spectra * gain * top + (1 - top) * level * (noise[0] + 1j * noise[1])


def _stretched(rows: NDArray[np.float32], ratio: Array) -> Array:
    """Read row k (513,) at bin / ratio[k]; what lies above the last bin repeats it."""
    place = np.minimum(np.arange(_BINS) / ratio[:, None], _BINS - 1.0)
    below = np.minimum(place.astype(int), _BINS - 2)
    part = place - below
    low = np.take_along_axis(rows, below, axis=1)
    high = np.take_along_axis(rows, below + 1, axis=1)
    return low * (1 - part) + high * part


def _added(spectra: Spectra, samples: int) -> Array:
    """Overlap and add, hop 128. Shape: (samples,)."""
    window = _hann()
    pieces = np.fft.irfft(spectra, _WINDOW, axis=1) * window
    total = np.zeros(spectra.shape[0] * _HOP + _WINDOW)
    weight = np.zeros_like(total)
    for k, piece in enumerate(pieces):
        total[k * _HOP : k * _HOP + _WINDOW] += piece
        weight[k * _HOP : k * _HOP + _WINDOW] += window**2
    half = _WINDOW // 2
    return (total / np.maximum(weight, 0.1))[half : half + samples]
