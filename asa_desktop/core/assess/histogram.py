"""What the pitch histogram alone tells: how sharply the notes of a take stand out.

After Gupta, Li and Wang, "Automatic evaluation of singing quality without a reference", APSIPA
2018. Whoever sings in tune comes back to the same pitches, and the histogram shows a few narrow
peaks; whoever does not, fills the valleys between them. No reference is needed, and a wrong note
that is sung in tune goes unseen.

The pitch is taken in cents above its median and folded to one octave, so that neither the key nor
an octave matters; the histogram has 120 bins of 10 cents, of which one is centred on the median.
Where the paper fits Gaussian mixtures or leaves a step open, what is done here stands in the
docstring. The maps to 0-100 come from theory: what a flat histogram gives is (near) 0, what exact
pitches give is 100.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.types import PitchTrack

Cents = NDArray[np.float64]
"""Pitches in cents within the octave, -600 up to 600."""
Bins = NDArray[np.float64]
"""Shares of the pitched frames, summing to 1. Shape: (120,)."""

BINS = 120
BIN_CENTS = 10.0
OCTAVE = 1200.0
SEMITONE = 100.0

_SMOOTH = 2.0
_LEAST_PEAK = 0.1
_CENTRES = 12
_ROUNDS = 100
_LOWEST_CYCLE = 4


def folded_cents(pitch: PitchTrack) -> Cents:
    """The pitched frames in cents above their median, folded to -600 up to 600. Shape: (n,)."""
    hz = pitch.hz[pitch.hz > 0].astype(np.float64)
    if not len(hz):
        return hz
    cents = OCTAVE * np.log2(hz)
    return _folded(cents - np.median(cents))


def histogram(cents: Cents) -> Bins:
    """Shares of the frames in 120 bins; bin 60 is centred on the median."""
    places = np.floor((cents + OCTAVE / 2) / BIN_CENTS + 0.5).astype(np.intp) % BINS
    return np.bincount(places, minlength=BINS) / max(len(cents), 1)


def kurtosis(bins: Bins) -> float:
    """E[((h - m) / s)^4] of the 120 heights: a few tall bins among empty ones give much.

    Of the heights, not of the pitches: that of the pitches hangs on which notes the song has. A
    flat histogram has no spread of heights and counts as 1, the least there can be.
    """
    return _moment(bins, 4, flat=1.0)


def skewness(bins: Bins) -> float:
    """E[((h - m) / s)^3] of the 120 heights; 0 for a flat histogram."""
    return _moment(bins, 3, flat=0.0)


def peak_bandwidth(bins: Bins) -> float:
    """Mean width of the peaks at half their height, in cents.

    The paper takes it from a fitted Gaussian mixture. Here the histogram is smoothed around the
    circle by a Gaussian of 2 bins; peaks are its local maxima over 10 % of the highest. A peak is
    as wide as the curve stays over half its height, so peaks that run into each other count as
    wide. Exact pitches give `narrowest_peak`, a flat histogram 1200.
    """
    smooth = _smoothed(bins)
    peaks = _peaks(smooth)
    if not len(peaks):
        return OCTAVE
    return float(np.mean([_half_width(smooth, int(peak)) for peak in peaks])) * BIN_CENTS


def narrowest_peak() -> float:
    """The width in cents that the smoothing gives to one exact pitch: the least there can be."""
    exact = np.zeros(BINS)
    exact[0] = 1.0
    return peak_bandwidth(exact)


def peak_concentration(bins: Bins, *, width: int) -> float:
    """Share of the frames within `width` bins centred on the peaks (5: 50 cents, 11: 110).

    The peaks are those of `peak_bandwidth`; where windows overlap a bin counts once. A flat
    histogram has no peak and gives what one window holds of it.
    """
    peaks = _peaks(_smoothed(bins))
    if not len(peaks):
        return width / BINS
    around = np.arange(width) - width // 2
    inside = np.unique((peaks[:, None] + around) % BINS)
    return float(bins[inside].sum())


def k_means(cents: Cents) -> float:
    """Mean squared distance to the nearest of 12 centres that suit the take best, in cents².

    Lloyd's algorithm around the circle, on pitches rounded to a cent, from 12 even centres in ten
    places a semitone's tenth apart; the best of the ten, so that nothing is left to chance.
    """
    points, counts = np.unique(np.round(cents), return_counts=True)
    if not len(points):
        return 0.0
    weights = counts / counts.sum()
    starts = np.arange(0.0, SEMITONE, BIN_CENTS)
    even = np.arange(_CENTRES) * SEMITONE - OCTAVE / 2
    return min(_clustered(points, weights, even + start) for start in starts)


def binning(cents: Cents) -> float:
    """Mean squared distance to the nearest whole semitone from the median pitch, in cents².

    The bins of 100 cents are centred on the semitones. With bins that begin there a take in tune
    would get the most.
    """
    if not len(cents):
        return 0.0
    return float(np.mean((np.mod(cents + SEMITONE / 2, SEMITONE) - SEMITONE / 2) ** 2))


def autocorrelation(bins: Bins) -> float:
    """Share of the energy of the autocorrelation's spectrum at 4 cycles an octave and more.

    The autocorrelation runs around the circle, and its spectrum is the squared one of the
    histogram: sharp, evenly spaced peaks reach far up, a broad hump stays below. A flat histogram
    gives 0.
    """
    energy = np.abs(np.fft.rfft(bins)) ** 4
    return float(energy[_LOWEST_CYCLE:].sum() / energy.sum())


def _moment(values: Bins, order: int, *, flat: float) -> float:
    spread = float(values.std())
    if spread < 1e-12:
        return flat
    return float(np.mean(((values - values.mean()) / spread) ** order))


def _folded(cents: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.mod(cents + OCTAVE / 2, OCTAVE) - OCTAVE / 2


def _smoothed(bins: Bins) -> Bins:
    around = np.arange(-10, 11)
    weights = np.exp(-0.5 * (around / _SMOOTH) ** 2)
    weights /= weights.sum()
    wrapped = np.pad(bins, 10, mode="wrap")
    return np.convolve(wrapped, weights, "valid")


def _peaks(smooth: Bins) -> NDArray[np.intp]:
    """Local maxima over a tenth of the highest; of equal neighbours the first."""
    level = np.round(smooth, 12)
    rises = level > np.roll(level, 1)
    stays = level >= np.roll(level, -1)
    return np.flatnonzero(rises & stays & (level > _LEAST_PEAK * level.max()))


def _half_width(smooth: Bins, peak: int) -> float:
    """Bins from where the curve falls to half the peak's height on the left to the right."""
    half = smooth[peak] / 2
    reached = 0.0
    for side in (np.roll(smooth, -peak), np.roll(smooth[::-1], peak + 1)):
        below = np.flatnonzero(side < half)
        if not len(below):
            return float(BINS)
        first = int(below[0])
        upper, lower = side[first - 1], side[first]
        reached += first - 1 + (upper - half) / (upper - lower)
    return min(float(reached), float(BINS))


def _clustered(points: Cents, weights: NDArray[np.float64], centres: Cents) -> float:
    """The weighted mean squared distance that Lloyd's algorithm comes to from these centres."""
    before = np.inf
    for _ in range(_ROUNDS):
        apart = _folded(points[:, None] - centres)
        nearest = np.argmin(np.abs(apart), axis=1)
        gap = apart[np.arange(len(points)), nearest]
        cost = float(weights @ gap**2)
        if cost >= before - 1e-9:
            break
        before = cost
        held = np.bincount(nearest, weights, minlength=len(centres))
        moved = np.bincount(nearest, weights * gap, minlength=len(centres))
        centres = centres + moved / np.maximum(held, 1e-12)
    return before
