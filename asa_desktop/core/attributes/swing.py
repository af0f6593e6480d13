"""How the pitch of a held note swings: how much of its movement is vibrato, how fast, how wide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

VIBRATO_HZ = (4.5, 8.0)
"""Rates that are heard as vibrato; Nakano, Goto and Hiraga (2006) take 5 to 8 Hz."""

_SLOWEST_HZ = 1.5
_FASTEST_HZ = 14.0
_STILL_CENTS = 25.0
_FFT = 512
_EDGE_S = 0.04


@dataclass(frozen=True, slots=True)
class Swing:
    """The movement of one held note: `share` of its power between 4.5 and 8 Hz (0 to 1), `hz` the
    rate at which it swings most, `extent` of the swing at that rate in cents (half of peak to
    peak), and `wander` the cents by which the note strays more slowly."""

    share: float
    hz: float
    extent: float
    wander: float


def swing(cents: Floats, *, hop_s: float) -> Swing | None:
    """Measure the pitch of one note, or None where less than 0.3 s of it is left.

    The outer 40 ms are the note's approach and release. What is left is freed of its parabola and
    looked at from 1.5 to 14 Hz under a Hann window. A note that hardly moves has no vibrato,
    however much of its jitter falls between 4.5 and 8 Hz: a movement of 25 cents is added to all of
    it as if it were none, which is about where a vibrato begins to be heard.

    Parameters
    ----------
    cents
        F0 from the note's beginning to its end, NaN where there is none. Shape: (T,).
    """
    edge = round(_EDGE_S / hop_s)
    inner = cents[edge : len(cents) - edge]
    known = np.isfinite(inner)
    if known.sum() * hop_s < 0.3 or known.mean() < 0.8:
        return None
    at = np.arange(len(inner))
    curve = np.interp(at, at[known], inner[known])
    curve = curve - np.polyval(np.polyfit(at, curve, 2), at)
    window = np.hanning(len(curve))
    power = np.abs(np.fft.rfft(curve * window, _FFT)) ** 2 / np.sum(window**2) * 2 / len(curve)
    rates = np.fft.rfftfreq(_FFT, hop_s)
    looked_at = (rates >= _SLOWEST_HZ) & (rates <= _FASTEST_HZ)
    inside = (rates >= VIBRATO_HZ[0]) & (rates <= VIBRATO_HZ[1])
    bandwidth = len(curve) / _FFT  # so that the power of all rates is the variance
    whole = float(power[looked_at].sum()) * bandwidth
    of_vibrato = float(power[inside].sum()) * bandwidth
    top = int(np.argmax(np.where(rates >= 3.0, np.where(looked_at, power, 0.0), 0.0)))
    slow = float(power[(rates > 0) & (rates < 3.5)].sum()) * bandwidth
    return Swing(
        share=of_vibrato / (whole + _STILL_CENTS**2 / 2),
        hz=float(rates[top]),
        extent=float(np.sqrt(2 * of_vibrato)),
        wander=float(np.sqrt(slow)),
    )
