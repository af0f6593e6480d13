"""Twelve short sweeps that measure the delay from the speakers to the recording.

A sweep spreads its energy over time and pitch: quiet enough for a cheap speaker, and a matched
filter makes a narrow peak of it. The gaps between the sweeps are all different, and so are the
gaps between any two of them, so that no shift but the right one lays more than one on another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.errors import AudioError

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

COUNT = 12
LEAST_FOUND = 8
MOST_SPREAD_S = 0.010
LONGEST_DELAY_S = 1.0

_SWEEP_S = 0.04
_FROM_HZ, _TO_HZ = 1000.0, 7000.0
_LEAD_S = 0.3  # some devices swallow the first moments after a silence
_GAPS_S = (0.34, 0.62)
_APART_S = 0.015  # by which any two distances between sweeps differ
_TAIL_S = LONGEST_DELAY_S + 0.1
_SEED = 12

_CORRELATION = 0.15
_OVER_FLOOR = 6.0
_FIRST_OVER_FLOOR = 4.5
_CANDIDATES = 8
_SAME_S = 0.006
_LEAST_TOGETHER = 3
_TAIL_ROOM_S = 0.25
_OVER_TAIL = 0.5
_FIRST = 0.35
_FAINT = 0.2
_ECHO_S = 0.03
_PEAK_S = 0.0005


@dataclass(frozen=True, slots=True)
class Found:
    """What came back of what was played.

    `delays_s` has one entry for each sound played, NaN where it was not found. `median_s` is NaN
    where nothing was. `spread_s` is the latest less the earliest of the found ones: `measure`
    believes no delay that fewer than three share, so that what lies apart is a delay that jumped
    and no slip to be smoothed away. `peak_db` is the recording's level against full scale.
    """

    delays_s: tuple[float, ...]
    median_s: float
    spread_s: float
    found: int
    played: int
    peak_db: float


def chirps(
    rate: int, level: float = 0.5, count: int = COUNT, seed: int = _SEED
) -> tuple[Floats, NDArray[np.int64]]:
    """What is played, and the frame at which each sweep begins.

    `level` is the peak, 0 to 1. Twelve take less than 8 s, the wait for the last included.

    Returns
    -------
    The signal, shape (n,), and the onsets, shape (count,).
    """
    onsets = np.round(_onsets_s(count, seed) * rate).astype(np.int64)
    sweep = (level * _sweep(rate).real).astype(np.float32)
    signal = np.zeros(int(onsets[-1]) + len(sweep) + round(_TAIL_S * rate), np.float32)
    for onset in onsets:
        signal[onset : onset + len(sweep)] += sweep
    return signal, onsets


def measure(recorded: Floats, rate: int, onsets: Sequence[int] | NDArray[np.int64]) -> Found:
    """When each sweep of `chirps` came back.

    A matched filter finds where the recording resembles the sweep, whatever its level. A place
    counts where it resembles it well enough (an own correlation: a click or a voice does not) and
    stands out of its neighbourhood (peak to floor: noise does not). Delays that at least three
    sweeps agree on are believed, and of an arrival with echoes the first sound is taken.

    Parameters
    ----------
    recorded
        What the microphone heard; frame 0 coincides with frame 0 of the played signal. Shape: (n,).

    Returns
    -------
    The delays between 0 and `LONGEST_DELAY_S`; `accepted` says whether they will do.
    """
    samples = np.nan_to_num(np.asarray(recorded, dtype=np.float64))
    envelope, likeness = _filtered(samples, rate)
    begins = [int(onset) for onset in onsets]
    peaks = [_peaks(envelope, likeness, begin, rate) for begin in begins]
    chosen = _agreed(peaks, rate)
    firsts = _first_arrivals(envelope, begins, chosen, rate)
    delays = [
        np.nan if place is None else (_summit(envelope, place) - begin) / rate
        for place, begin in zip(firsts, begins, strict=True)
    ]
    return of_delays(delays, samples)


def of_delays(delays_s: Sequence[float], recorded: NDArray[np.floating]) -> Found:
    """Median and spread of delays, NaN for what was not found."""
    known = np.array([each for each in delays_s if np.isfinite(each)])
    peak = float(np.max(np.abs(recorded), initial=0.0))
    return Found(
        delays_s=tuple(float(each) for each in delays_s),
        median_s=float(np.median(known)) if len(known) else float("nan"),
        spread_s=float(np.ptp(known)) if len(known) else float("nan"),
        found=len(known),
        played=len(delays_s),
        peak_db=20 * float(np.log10(max(peak, 1e-6))),
    )


def accepted(found: Found) -> Found:
    """The same, if it can be relied on.

    Raises
    ------
    AudioError
        ``no_loop`` where fewer than two thirds came back: the microphone does not hear the
        speakers. ``delay_unsteady`` where they came back more than 10 ms apart.
    """
    if found.found * COUNT < found.played * LEAST_FOUND:
        raise AudioError(
            "no_loop", found=found.found, played=found.played, peak_db=round(found.peak_db, 1)
        )
    if found.spread_s > MOST_SPREAD_S:
        raise AudioError(
            "delay_unsteady",
            spread_ms=round(1000 * found.spread_s, 1),
            limit_ms=round(1000 * MOST_SPREAD_S),
            found=found.found,
            played=found.played,
        )
    return found


@lru_cache(maxsize=8)
def _onsets_s(count: int, seed: int) -> Doubles:
    """Onsets whose distances all differ (a Golomb ruler with room for error), drawn by chance."""
    rng = np.random.default_rng(seed)
    onsets = [_LEAD_S]
    distances: Doubles = np.zeros(0)
    for _ in range(200_000):
        if len(onsets) == count:
            return np.array(onsets)
        following = onsets[-1] + rng.uniform(*_GAPS_S)
        fresh = following - np.array(onsets)
        if not len(distances) or np.min(np.abs(fresh[:, None] - distances)) > _APART_S:
            onsets.append(following)
            distances = np.concatenate([distances, fresh])
    raise ValueError(f"no {count} sweeps whose distances all differ")


@lru_cache(maxsize=8)
def _sweep(rate: int) -> NDArray[np.complex128]:
    """One sweep as an analytic signal: its real part is played. Shape: (n,)."""
    t = np.arange(round(_SWEEP_S * rate)) / rate
    top = min(_TO_HZ, 0.42 * rate)
    phase = 2 * np.pi * (_FROM_HZ * t + (top - _FROM_HZ) * t**2 / (2 * _SWEEP_S))
    sweep: NDArray[np.complex128] = np.hanning(len(t)) * np.exp(1j * phase)
    return sweep


def _filtered(samples: Doubles, rate: int) -> tuple[Doubles, Doubles]:
    """Envelope of the matched filter, and the correlation with the sweep (0 to 1), at each frame.

    Only the sweep's own band counts for the correlation: hum below it disturbs nobody.
    """
    sweep = _sweep(rate)
    size = 1 << (len(samples) + len(sweep)).bit_length()
    spectrum = np.fft.fft(samples, size)
    envelope = np.abs(np.fft.ifft(spectrum * np.conj(np.fft.fft(sweep, size))))[: len(samples)]
    hz = np.abs(np.fft.fftfreq(size, 1 / rate))
    spectrum[(hz < 0.8 * _FROM_HZ) | (hz > 1.15 * min(_TO_HZ, 0.42 * rate))] = 0
    energy = np.cumsum(np.fft.ifft(spectrum).real[: len(samples) + len(sweep)] ** 2)
    within = energy[len(sweep) :] - energy[: len(samples)]
    floor = 1e-9 * float(np.max(within, initial=0.0)) + 1e-20
    norm = np.sqrt(np.sum(np.abs(sweep) ** 2) / 2)
    return envelope, envelope / (norm * np.sqrt(np.maximum(within, 0) + floor))


def _peaks(envelope: Doubles, likeness: Doubles, begin: int, rate: int) -> list[tuple[int, int]]:
    """The likeliest arrivals of one sweep as (delay, frame), the strongest first."""
    end = min(begin + round(LONGEST_DELAY_S * rate) + 1, len(envelope))
    window = envelope[begin:end].copy()
    found: list[tuple[int, int]] = []
    # Other sweeps lie in the window too, and may be stronger: they agree with nobody.
    while len(window) and len(found) < _CANDIDATES:
        place = int(np.argmax(window))
        if window[place] <= 0:
            break
        frame = begin + place
        # In the room's tail of a sweep there are weaker likenesses of it: echoes, no arrivals.
        tail = envelope[max(frame - round(_TAIL_ROOM_S * rate), 0) : frame]
        least = max(
            _OVER_FLOOR * _floor(envelope, frame, rate),
            _OVER_TAIL * float(np.max(tail[: -round(_ECHO_S * rate)], initial=0.0)),
        )
        if envelope[frame] >= least and likeness[frame] >= _CORRELATION:
            found.append((place, frame))
        window[max(place - round(_ECHO_S * rate), 0) : place + round(_ECHO_S * rate)] = 0
    return found


def _agreed(peaks: Sequence[Sequence[tuple[int, int]]], rate: int) -> list[int | None]:
    """Of each sweep the arrival whose delay at least two others share; None where there is none.

    Where the delay jumps on the way, there are several such groups: the largest is taken first.
    """
    chosen: list[int | None] = [None] * len(peaks)
    near = _SAME_S * rate
    while True:
        left = [number for number, each in enumerate(chosen) if each is None]
        best: dict[int, int] = {}
        for delay in {delay for number in left for delay, _ in peaks[number]}:
            group = {
                number: frame
                for number in left
                for other, frame in reversed(peaks[number])
                if abs(other - delay) <= near
            }
            if len(group) > len(best):
                best = group
        if len(best) < _LEAST_TOGETHER:
            return chosen
        for number, frame in best.items():
            chosen[number] = frame


def _first_arrivals(
    envelope: Doubles, begins: Sequence[int], chosen: Sequence[int | None], rate: int
) -> list[int | None]:
    """The first sound of each arrival, where an echo is louder than it."""
    firsts = [
        None if frame is None else _before(envelope, frame, begin, rate)
        for frame, begin in zip(chosen, begins, strict=True)
    ]
    delays = [
        first - begin for first, begin in zip(firsts, begins, strict=True) if first is not None
    ]
    if not delays:
        return firsts
    # Near the threshold some sweeps miss the first sound: they are shown where the others heard it.
    usual, slack = float(np.median(delays)), max(round(_PEAK_S * rate), 1)
    for number, (first, frame) in enumerate(zip(firsts, chosen, strict=True)):
        late = 0.0 if first is None else first - begins[number] - usual
        if first is None or frame is None or not slack < late <= _ECHO_S * rate:
            continue
        place = begins[number] + round(usual)
        window = envelope[max(place - slack, 0) : place + slack + 1]
        top = max(place - slack, 0) + int(np.argmax(window))
        if _is_peak(envelope, top) and envelope[top] >= _FAINT * envelope[frame]:
            firsts[number] = top
    return firsts


def _before(envelope: Doubles, frame: int, begin: int, rate: int) -> int:
    """The earliest peak in the 30 ms up to `frame` that is neither small nor noise."""
    start = max(frame - round(_ECHO_S * rate), begin, 1)
    least = max(_FIRST * envelope[frame], _FIRST_OVER_FLOOR * _floor(envelope, frame, rate))
    for place in np.flatnonzero(envelope[start:frame] >= least) + start:
        if _is_peak(envelope, int(place)):
            return int(place)
    return frame


def _floor(envelope: Doubles, frame: int, rate: int) -> float:
    around = round(0.15 * rate)
    return float(np.median(envelope[max(frame - around, 0) : frame + around]))


def _is_peak(envelope: Doubles, place: int) -> bool:
    if not 0 < place < len(envelope) - 1:
        return False
    return bool(envelope[place - 1] < envelope[place] >= envelope[place + 1])


def _summit(envelope: Doubles, place: int) -> float:
    """The top of the parabola through a peak and its neighbours, in frames."""
    if not 0 < place < len(envelope) - 1:
        return float(place)
    before, at, after = envelope[place - 1 : place + 2]
    bend = before - 2 * at + after
    return place + (0.5 * float((before - after) / bend) if bend < 0 else 0.0)
