"""The pitch-histogram measures as systems.

The maps hold to theory at both ends: 100 is what one exact pitch gives, 0 what pitches give that
know of no notes. Between them the share itself is the score, or the place on a logarithmic scale
where a measure runs over decades. Real singing lies well inside: vibrato and glides fill the
valleys of any histogram.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from asa_desktop.core.assess import histogram
from asa_desktop.core.assess.evidence import Evidence
from asa_desktop.core.assess.measured import (
    LEAST_PITCHED_S,
    TOO_LITTLE_PITCH,
    Better,
    Found,
    Measured,
    pitched_s,
)

_ONE_PITCH = histogram.histogram(np.zeros(1))
_MOST_KURTOSIS = histogram.kurtosis(_ONE_PITCH)
_MOST_SKEWNESS = histogram.skewness(_ONE_PITCH)
_NARROWEST = histogram.narrowest_peak()
_NO_GRID = histogram.SEMITONE**2 / 12
"""Mean squared distance of evenly spread pitches from a grid of semitones."""


def _kurtosis_score(value: float) -> float:
    return 100 * math.log(max(value, 1.0)) / math.log(_MOST_KURTOSIS)


def _skewness_score(value: float) -> float:
    return 100 * math.log1p(max(value, 0.0)) / math.log1p(_MOST_SKEWNESS)


def _bandwidth_score(value: float) -> float:
    return 100 * math.log(histogram.OCTAVE / value) / math.log(histogram.OCTAVE / _NARROWEST)


def _share_score(value: float) -> float:
    return 100 * value


def _grid_score(value: float) -> float:
    return 100 * (1 - value / _NO_GRID)


def _autocorrelation_score(value: float) -> float:
    # The energy goes with the fourth power of what the histogram holds at those cycles.
    return 100 * float(value**0.25)


_Of = Callable[[histogram.Cents, histogram.Bins], float]
_ROWS: tuple[tuple[str, str, Better, _Of, Callable[[float], float]], ...] = (
    ("kurtosis", "", "high", lambda cents, bins: histogram.kurtosis(bins), _kurtosis_score),
    ("skewness", "", "high", lambda cents, bins: histogram.skewness(bins), _skewness_score),
    (
        "peakBW",
        "cents",
        "low",
        lambda cents, bins: histogram.peak_bandwidth(bins),
        _bandwidth_score,
    ),
    (
        "peakConc50",
        "share",
        "high",
        lambda cents, bins: histogram.peak_concentration(bins, width=5),
        _share_score,
    ),
    (
        "peakConc110",
        "share",
        "high",
        lambda cents, bins: histogram.peak_concentration(bins, width=11),
        _share_score,
    ),
    ("kMeans", "cents²", "low", lambda cents, bins: histogram.k_means(cents), _grid_score),
    ("binning", "cents²", "low", lambda cents, bins: histogram.binning(cents), _grid_score),
    (
        "autocorr",
        "share",
        "high",
        lambda cents, bins: histogram.autocorrelation(bins),
        _autocorrelation_score,
    ),
)


def _measured(of: _Of) -> Callable[[Evidence], Found | str]:
    def measure(evidence: Evidence) -> Found | str:
        if pitched_s(evidence.pitch) < LEAST_PITCHED_S:
            return TOO_LITTLE_PITCH
        cents = histogram.folded_cents(evidence.pitch)
        return Found(of(cents, histogram.histogram(cents)))

    return measure


HISTOGRAM_SYSTEMS: tuple[Measured, ...] = tuple(
    Measured(
        name=name,
        unit=unit,
        better=better,
        needs=frozenset({"pitch"}),
        measure=_measured(of),
        to_score=to_score,
    )
    for name, unit, better, of, to_score in _ROWS
)
