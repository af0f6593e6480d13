"""The delay by ear, where the microphone cannot hear the speakers: clap along to clicks.

What is measured is the delay as the singer lives with it: when a click is heard, and when a sound
made upon it arrives in the recording. People do not clap exactly on a click: to a steady beat most
clap a little ahead of it, by some 20 to 60 ms those who make no music, by 0 to 30 ms those who do,
each with their own constant (B. H. Repp, "Sensorimotor synchronization: a review of the tapping
literature", Psychonomic Bulletin & Review 12, 2005). Nobody can tell that constant from the delay
by one measurement, and somebody who claps ahead of a beat may sing ahead of it too; therefore
nothing is taken off here. The value is as good as about 0.03 s, and chirps are better wherever
there is a loop.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.errors import AudioError
from asa_desktop.engine.chirps import Doubles, Floats, Found

COUNT_IN = 4
COUNT = 16
BPM = 100.0
LEAST_FOUND = 12
MOST_SPREAD_S = 0.040
"""Between the quartiles. Untrained people's claps scatter by 20 to 40 ms (Repp), which is 27 to
54 ms between the quartiles; at 40 ms the median of 16 is uncertain by about 10 ms (1.25 times the
standard deviation over the root of 16), as much as a calibration may err."""
EARLIEST_S = -0.15
"""Claps come ahead of the beat, and the delay may be near nothing; from here one period is told."""

_CLICK_S = 0.03
_LEAD_S = 0.6
_HOP_S = 0.001
_APART_S = 0.15
_RISE_S = 0.02
_OVER_FLOOR = 8.0
_OF_LOUDEST = 0.1
_ONSET = 0.25
_OUTLIER_S = 0.06


def clicks(
    rate: int,
    level: float = 0.5,
    *,
    bpm: float = BPM,
    count_in: int = COUNT_IN,
    count: int = COUNT,
) -> tuple[Floats, NDArray[np.int64]]:
    """What is played, and the frames of the clicks that count, after the count-in.

    The clicks of the count-in are higher. Shapes: (n,) and (count,).
    """
    period = 60 / bpm
    begins = np.round((_LEAD_S + period * np.arange(count_in + count)) * rate).astype(np.int64)
    signal = np.zeros(int(begins[-1]) + round((period + 0.4) * rate), np.float32)
    for number, begin in enumerate(begins):
        click = _click(rate, 1760.0 if number < count_in else 1100.0)
        signal[begin : begin + len(click)] += level * click
    return signal, begins[count_in:]


def measure_taps(recorded: Floats, rate: int, beats: Sequence[int] | NDArray[np.int64]) -> Found:
    """How long after each beat of `clicks` its clap came.

    Claps that lie more than 60 ms from the median are taken for slips and count as not found.
    The delay is told from `EARLIEST_S` up to one period later; nothing is corrected for how
    people clap (see the module).

    Parameters
    ----------
    recorded
        What the microphone heard; frame 0 coincides with frame 0 of the played signal. Shape: (n,).

    Returns
    -------
    As from the chirps, but `spread_s` is the distance between the quartiles, since people scatter.
    """
    places = np.asarray(beats, dtype=np.float64) / rate
    period = float(np.median(np.diff(places)))
    claps = onsets(recorded, rate)
    delays = np.full(len(places), np.nan)
    if len(claps):
        usual = _usual(claps - places[0], period)
        for number, place in enumerate(places):
            away = claps - place - usual
            nearest = int(np.argmin(np.abs(away)))
            if abs(away[nearest]) <= _OUTLIER_S:
                delays[number] = usual + away[nearest]
    known = delays[np.isfinite(delays)]
    if len(known):
        delays[np.abs(delays - np.median(known)) > _OUTLIER_S] = np.nan
        known = delays[np.isfinite(delays)]
    peak = float(np.max(np.abs(np.nan_to_num(recorded)), initial=0.0))
    low, high = np.percentile(known, [25, 75]) if len(known) else (np.nan, np.nan)
    return Found(
        delays_s=tuple(float(each) for each in delays),
        median_s=float(np.median(known)) if len(known) else float("nan"),
        spread_s=float(high - low),
        found=len(known),
        played=len(places),
        peak_db=20 * float(np.log10(max(peak, 1e-6))),
    )


def accepted_taps(found: Found) -> Found:
    """The same, if it can be relied on.

    Raises
    ------
    AudioError
        ``taps_missing`` where fewer than 12 of 16 claps were heard; ``taps_unsteady`` where the
        middle half of them lies more than 40 ms apart.
    """
    if found.found * COUNT < found.played * LEAST_FOUND:
        raise AudioError(
            "taps_missing", found=found.found, played=found.played, peak_db=round(found.peak_db, 1)
        )
    if found.spread_s > MOST_SPREAD_S:
        raise AudioError(
            "taps_unsteady",
            spread_ms=round(1000 * found.spread_s, 1),
            limit_ms=round(1000 * MOST_SPREAD_S),
            found=found.found,
            played=found.played,
        )
    return found


def onsets(recorded: Floats, rate: int) -> Doubles:
    """When short sounds such as claps begin, in seconds.

    A clap is a burst above what went before, and not much weaker than the loudest of them; it
    begins where its envelope first reaches a quarter of its height. Shape: (count,).
    """
    level, hop_s = _envelope(recorded, rate)
    if not len(level) or level.max() <= 1e-6:
        return np.zeros(0)
    loud = float(np.percentile(level, 99.5))
    least = max(_OVER_FLOOR * float(np.median(level)), _OF_LOUDEST * loud, 1e-6)
    found: list[float] = []
    rise, apart = round(_RISE_S / hop_s), round(_APART_S / hop_s)
    place = 0
    while True:
        above = np.flatnonzero(level[place:] >= least)
        if not len(above):
            return np.array(found)
        first = place + int(above[0])
        before = float(np.median(level[max(first - 60, 0) : max(first - 10, 1)]))
        top = first + int(np.argmax(level[first : first + rise]))
        if level[top] >= 4 * before:  # else it has long begun: a voice, no clap
            start = max(top - rise, 0)
            begun = start + int(np.argmax(level[start : top + 1] >= _ONSET * level[top]))
            found.append(begun * hop_s)
        place = top + apart


def _click(rate: int, hz: float) -> Floats:
    t = np.arange(round(_CLICK_S * rate)) / rate
    rise = np.minimum(1, t / 0.001)
    return (rise * np.exp(-t / 0.008) * np.sin(2 * np.pi * hz * t)).astype(np.float32)


def _envelope(recorded: Floats, rate: int) -> tuple[Doubles, float]:
    """Root mean square of the upper part of the sound, shape (m,), and its step in seconds."""
    samples = np.nan_to_num(np.asarray(recorded, dtype=np.float64))
    hop = max(round(_HOP_S * rate), 1)
    count = (len(samples) - 1) // hop
    if count < 1:
        return np.zeros(0), hop / rate
    # A difference favours high tones: claps are bright, hum and knocks on the stand are not.
    edges = np.diff(samples)[: count * hop]
    power: Doubles = np.mean(edges.reshape(count, hop) ** 2, axis=1)
    smooth: Doubles = np.convolve(power, np.ones(3) / 3, "same")
    return np.sqrt(smooth), hop / rate


def _usual(claps: Doubles, period: float) -> float:
    """Where in the period most claps lie, from `EARLIEST_S` on: the mode, of claps and of slips."""
    phases = np.mod(claps - EARLIEST_S, period)
    apart = np.abs(phases[:, None] - phases)
    near = np.minimum(apart, period - apart) <= _OUTLIER_S / 2
    middle = phases[int(np.argmax(near.sum(axis=1)))]
    away = np.mod(phases - middle + period / 2, period) - period / 2
    within = away[np.abs(away) <= _OUTLIER_S]
    return float(np.mod(middle + np.median(within), period)) + EARLIEST_S
