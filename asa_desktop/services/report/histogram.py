"""The pitch histogram and the widths of its peaks (Gupta, Li and Wang, APSIPA 2018)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from asa_desktop.core.types import Pictures
from asa_desktop.services.report.pitches import Floats, sung_midi

BINS = 120
BIN_CENTS = 10.0
_SMOOTHING_BINS = 2.0
_LEAST_OF_MAXIMUM = 0.1


@dataclass(frozen=True, slots=True)
class Peak:
    """One peak: `cents` from the median, `left` and `right` at half its height. Heights: share."""

    cents: float
    left: float
    right: float
    height: float

    @property
    def width(self) -> float:
        """Half-power width in cents."""
        return self.right - self.left


@dataclass(frozen=True, slots=True)
class PitchHistogram:
    """Share of the sung frames in each bin, after folding to one octave about the median.

    Shapes: `share`, `smooth` (120,); bin k covers -600 + 10 k to -590 + 10 k cents. `median` is
    a MIDI number, None (and every share 0) where nothing was sung.
    """

    share: Floats
    smooth: Floats
    peaks: tuple[Peak, ...]
    median: float | None

    @property
    def width(self) -> float | None:
        """Mean half-power width of the peaks in cents (peakBW)."""
        return float(np.mean([peak.width for peak in self.peaks])) if self.peaks else None


def pitch_histogram(pictures: Pictures) -> PitchHistogram:
    """Histogram of a recording, and its peaks.

    The original fits a mixture of Gaussians; circular smoothing by a Gaussian of 2 bins and the
    peaks over a tenth of the maximum stand in for it, which gives the same on every run.
    """
    midi = sung_midi(pictures)
    midi = midi[np.isfinite(midi)]
    if not len(midi):
        nothing = np.zeros(BINS)
        return PitchHistogram(nothing, nothing, (), None)
    median = float(np.median(midi))
    folded = np.mod((midi - median) * 100 + 600, 1200)
    bins = np.minimum((folded / BIN_CENTS).astype(int), BINS - 1)
    share = np.bincount(bins, minlength=BINS) / len(midi)
    smooth = _smoothed(share)
    return PitchHistogram(share, smooth, _peaks(smooth), median)


def _smoothed(share: Floats) -> Floats:
    away = np.minimum(np.arange(BINS), BINS - np.arange(BINS))
    kernel = np.exp(-0.5 * (away / _SMOOTHING_BINS) ** 2)
    kernel /= kernel.sum()
    turned = np.fft.irfft(np.fft.rfft(share) * np.fft.rfft(kernel), BINS)
    return np.asarray(np.maximum(turned, 0), dtype=np.float64)


def _peaks(smooth: Floats) -> tuple[Peak, ...]:
    least = _LEAST_OF_MAXIMUM * smooth.max()
    higher = (smooth > np.roll(smooth, 1)) & (smooth >= np.roll(smooth, -1)) & (smooth > least)
    return tuple(_peak(smooth, int(index)) for index in np.flatnonzero(higher))


def _peak(smooth: Floats, index: int) -> Peak:
    centre = -600 + BIN_CENTS * (index + 0.5)
    return Peak(
        cents=centre,
        left=centre - BIN_CENTS * _reach(smooth, index, -1),
        right=centre + BIN_CENTS * _reach(smooth, index, +1),
        height=float(smooth[index]),
    )


def _reach(smooth: Floats, index: int, way: int) -> float:
    """Bins from a peak to where it falls to half its height, or to the valley before that."""
    half = smooth[index] / 2
    for step in range(1, BINS // 2):
        before, here = (
            smooth[(index + way * (step - 1)) % BINS],
            smooth[(index + way * step) % BINS],
        )
        if here > before:
            return float(step - 1)
        if here <= half:
            return float(step - 1 + (before - half) / (before - here))
    return BINS / 2
