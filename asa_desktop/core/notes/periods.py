"""How alike a sound is to itself one period later: candidates for F0, and F0 to a fraction.

The likeness is the normalised square difference function of McLeod and Wyvill, "A smarter way to
find pitch" (ICMC 2005), equation 9: 1 where a stretch repeats exactly, -1 where it repeats upside
down. All of it is done at 16 kHz on frames of 10 ms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.types import FloatArray

Floats = NDArray[np.float64]

RATE = 16_000
HOP = 160
LOWEST_HZ = 60.0
HIGHEST_HZ = 1600.0
OCTAVE_COST = 0.01
"""What an octave of a longer lag costs, from Boersma (1993): among equals the shortest counts."""

_PASS_HZ = 2500.0
_TAPS = 49
_LOUDNESS = 200
_SILENCE = 1e-9

# A window holds three expected periods, and reaches to lags an octave longer than that one.
_PERIODS = 3.0
_WINDOWS = ((320, 213), (480, 267), (640, 267))
_SHORTEST = int(RATE // HIGHEST_HZ)
_FFT = 1024
_BLOCK = 512

_APART = 80
_COMPARED = 240
_STEPS = np.arange(-4, 5)
_PAD = 1024


@dataclass(frozen=True, slots=True)
class Candidates:
    """Lags at which frames are most alike to themselves, in no order.

    Shapes: `lags` (samples, with fractions) and `likeness` (0 to 1) are (T, K); where a frame has
    fewer than K, the likeness is 0.
    """

    lags: Floats
    likeness: Floats


def flattened(samples: FloatArray) -> FloatArray:
    """The sound below 2.5 kHz, everywhere equally loud. Shape: (n,).

    Where a consonant is followed by a vowel, a window would otherwise hear nothing but the vowel:
    the F0 of the loud side would be read 10 ms too early or too late. The level is that of about
    25 ms. Above 2.5 kHz there is breath, and too few samples in a period for a parabola.
    """
    from scipy.ndimage import uniform_filter1d
    from scipy.signal import oaconvolve

    half = _TAPS // 2
    taps = np.sinc(2 * _PASS_HZ / RATE * np.arange(-half, half + 1)) * np.hamming(_TAPS)
    sound = oaconvolve(samples, (taps / taps.sum()).astype(np.float32), mode="same")
    power = np.square(sound)
    for _ in range(2):
        power = uniform_filter1d(power, _LOUDNESS, mode="nearest")
    return np.asarray(sound / np.sqrt(np.maximum(power, 0) + _SILENCE), dtype=np.float32)


def candidates(
    sound: FloatArray, frames: NDArray[np.intp], expected_hz: Floats, *, count: int
) -> Candidates:
    """The `count` best lags of each of `frames`.

    Parameters
    ----------
    sound
        From `flattened`. Shape: (n,).
    frames
        Numbers of frames; frame t is centred on sample ``t * HOP``. Shape: (T,).
    expected_hz
        About what F0 is expected, for the length of the window: what it finds may be an octave
        lower, or as high as it likes. Shape: (T,).
    """
    lags = np.ones((len(frames), count))
    likeness = np.zeros((len(frames), count))
    padded = np.pad(sound, _PAD)
    lengths = [window for window, _ in _WINDOWS[:-1]]
    kinds = np.searchsorted(lengths, _PERIODS * RATE / expected_hz)
    for kind, (window, longest) in enumerate(_WINDOWS):
        of_kind = np.flatnonzero(kinds == kind)
        for first in range(0, len(of_kind), _BLOCK):
            block = of_kind[first : first + _BLOCK]
            starts = frames[block] * HOP + _PAD - window // 2
            found = _likeness(padded, starts, window, longest)
            lags[block], likeness[block] = _peaks(found, count)
    return Candidates(lags, likeness)


def _likeness(sound: FloatArray, starts: NDArray[np.intp], window: int, longest: int) -> FloatArray:
    """At lags 0 to one more than the longest. Shape: (frames, lags)."""
    from scipy import fft

    windows = np.lib.stride_tricks.sliding_window_view(sound, window)[starts].copy()
    windows -= windows.mean(axis=1, keepdims=True)
    spectrum = fft.rfft(windows, _FFT, axis=1)
    products = fft.irfft(np.square(np.abs(spectrum)), _FFT, axis=1)[:, : longest + 2]
    squares = np.zeros((len(starts), window + 1))
    np.cumsum(np.square(windows), axis=1, out=squares[:, 1:], dtype=np.float64)
    lags = np.arange(longest + 2)
    energies = squares[:, window - lags] + squares[:, -1:] - squares[:, lags]
    return np.asarray(2 * products / (energies + 1e-9), dtype=np.float32)


def _peaks(likeness: FloatArray, count: int) -> tuple[Floats, Floats]:
    middle = likeness[:, _SHORTEST:-1]
    before = likeness[:, _SHORTEST - 1 : -2]
    after = likeness[:, _SHORTEST + 1 :]
    dear = (OCTAVE_COST * np.log2(_SHORTEST + np.arange(middle.shape[1]))).astype(np.float32)
    peak = (middle > before) & (middle >= after) & (middle > 0)
    worth = np.where(peak, middle - dear, -1.0)
    best = np.argpartition(-worth, count - 1, axis=1)[:, :count]
    rows = np.arange(len(best))[:, None]
    found = peak[rows, best]
    shift, height = _summits(before[rows, best], middle[rows, best], after[rows, best])
    return best + (_SHORTEST + np.where(found, shift, 0.0)), np.where(
        found, np.minimum(height, 1.0), 0.0
    )


def refined(sound: FloatArray, frames: NDArray[np.intp], lags: Floats) -> Floats:
    """The lags of frames to a small fraction of a sample. Shapes: (T,).

    15 ms of sound are compared with what came so many whole periods earlier that at least 5 ms
    lie between: one period of a high voice has few samples, several have many.
    """
    fine = np.empty(len(lags))
    padded = np.pad(sound, _PAD).astype(np.float64)
    for first in range(0, len(lags), _BLOCK):
        block = slice(first, first + _BLOCK)
        fine[block] = _refined(padded, frames[block] * HOP + _PAD, lags[block])
    return fine


def _refined(sound: Floats, centres: NDArray[np.intp], lags: Floats) -> Floats:
    many = np.ceil(_APART / lags)
    apart = np.round(lags * many).astype(np.intp)
    first = centres - (_COMPARED + apart) // 2
    compared = np.arange(_COMPARED)
    near = sound[first[:, None] + compared]
    energy = np.einsum("ts,ts->t", near, near)
    likeness = np.empty((len(lags), len(_STEPS)))
    for column, step in enumerate(_STEPS):
        far = sound[(first + apart + step)[:, None] + compared]
        energies = energy + np.einsum("ts,ts->t", far, far) + 1e-12
        likeness[:, column] = 2 * np.einsum("ts,ts->t", near, far) / energies
    top = likeness[:, 1:-1].argmax(axis=1) + 1
    rows = np.arange(len(top))
    shift, _ = _summits(*(likeness[rows, top + side] for side in (-1, 0, 1)))
    return np.where(np.abs(shift) <= 1, (apart + _STEPS[top] + shift) / many, lags)


def _summits(before: FloatArray, here: FloatArray, after: FloatArray) -> tuple[Floats, Floats]:
    """Where the parabola through three neighbours has its top, from the middle, and its height."""
    left, middle, right = (np.asarray(each, dtype=np.float64) for each in (before, here, after))
    bend = left - 2 * middle + right
    shift = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, -1.0), 0.0)
    return shift, middle - 0.25 * (left - right) * shift
