"""Claps along to clicks, by made-up people."""

from __future__ import annotations

import math

import numpy as np
import pytest

from asa_desktop.core.errors import AudioError
from asa_desktop.engine.chirps import Found
from asa_desktop.engine.taps import COUNT, accepted_taps, clicks, measure_taps, onsets

RATE = 48_000


def clap(rate: int = RATE, *, seed: int = 0) -> np.ndarray:
    t = np.arange(round(0.08 * rate)) / rate
    burst = np.random.default_rng(seed).standard_normal(len(t))
    return (burst * np.minimum(1, t / 0.0005) * np.exp(-t / 0.012)).astype(np.float32)


def clapped(
    delay_s: float,
    *,
    scatter_s: float = 0.015,
    ahead_s: float = 0.0,
    rate: int = RATE,
    level: float = 0.2,
    noise: float = 0.0005,
    seed: int = 0,
    left_out: tuple[int, ...] = (),
    stray: tuple[float, ...] = (),
) -> np.ndarray:
    """A recording of somebody clapping `ahead_s` before each click, with `scatter_s` (SD)."""
    rng = np.random.default_rng(seed)
    signal, beats = clicks(rate)
    sound = (noise * rng.standard_normal(len(signal))).astype(np.float32)
    times = [
        beat / rate + delay_s - ahead_s + rng.normal(0, scatter_s)
        for number, beat in enumerate(beats)
        if number not in left_out
    ]
    for number, time in enumerate([*times, *stray]):
        start = round(time * rate)
        one = level * rng.uniform(0.5, 1) * clap(rate, seed=number)
        end = min(start + len(one), len(sound))
        sound[start:end] += one[: end - start]
    return sound


def found_in(sound: np.ndarray, rate: int = RATE) -> Found:
    return measure_taps(sound, rate, clicks(rate)[1])


def test_what_is_played() -> None:
    signal, beats = clicks(RATE)
    assert len(beats) == COUNT
    assert set(np.diff(beats)) == {round(0.6 * RATE)}
    assert np.max(np.abs(signal)) <= 0.5
    # The count-in comes first: four more clicks than count.
    heard = onsets(signal, RATE)
    assert len(heard) == COUNT + 4
    assert heard[4:] == pytest.approx(beats / RATE, abs=0.003)


@pytest.mark.parametrize("delay_s", [0.0, 0.03, 0.12, 0.25, 0.4])
@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_the_delay_of_a_steady_clapper(delay_s: float, rate: int) -> None:
    found = accepted_taps(found_in(clapped(delay_s, rate=rate), rate))
    assert found.median_s == pytest.approx(delay_s, abs=0.012)
    assert found.found == COUNT
    assert 0.005 < found.spread_s < 0.04


def test_untrained_people_are_mostly_accepted_and_right() -> None:
    errors = []
    for seed in range(12):
        found = found_in(clapped(0.1, scatter_s=0.025, seed=seed))
        if found.found >= 12 and found.spread_s <= 0.04:
            errors.append(abs(found.median_s - 0.1))
    assert len(errors) >= 10
    assert np.median(errors) < 0.010
    assert max(errors) < 0.025


def test_no_scatter_no_spread() -> None:
    found = found_in(clapped(0.1, scatter_s=0))
    assert found.median_s == pytest.approx(0.1, abs=0.002)
    assert found.spread_s < 0.003


def test_what_people_do_is_not_corrected() -> None:
    found = accepted_taps(found_in(clapped(0.02, ahead_s=0.05)))
    assert found.median_s == pytest.approx(-0.03, abs=0.012)


@pytest.mark.parametrize("level", [0.002, 0.02, 1.0, 20.0])
def test_soft_and_clipped_claps(level: float) -> None:
    sound = np.clip(clapped(0.1, level=level, noise=level * 0.002), -1, 1)
    found = accepted_taps(found_in(sound))
    assert found.median_s == pytest.approx(0.1, abs=0.012)


def test_slips_and_missing_claps_are_left_out() -> None:
    sound = clapped(0.1, left_out=(3, 7), stray=(5.05, 8.31))
    found = accepted_taps(found_in(sound))
    assert found.found == COUNT - 2
    assert math.isnan(found.delays_s[3])
    assert found.median_s == pytest.approx(0.1, abs=0.012)


def test_clapping_through_the_count_in_does_no_harm() -> None:
    early = tuple(0.6 + 0.6 * number + 0.1 for number in range(4))
    found = accepted_taps(found_in(clapped(0.1, stray=early)))
    assert (found.found, found.median_s) == (COUNT, pytest.approx(0.1, abs=0.012))


def test_a_restless_clapper_is_refused() -> None:
    refused: list[str] = []
    for seed in range(12):
        found = found_in(clapped(0.1, scatter_s=0.09, seed=seed))
        try:
            accepted_taps(found)
        except AudioError as error:
            refused.append(error.code)
    assert len(refused) >= 10
    assert set(refused) <= {"taps_unsteady", "taps_missing"}
    wide = Found((0.1,) * 16, 0.1, 0.041, 16, 16, -6.0)
    with pytest.raises(AudioError) as caught:
        accepted_taps(wide)
    assert caught.value.code == "taps_unsteady"
    assert caught.value.facts["spread_ms"] == 41.0


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(12 * RATE, np.float32),
        np.zeros(0, np.float32),
        (0.1 * np.random.default_rng(0).standard_normal(12 * RATE)).astype(np.float32),
        np.sin(np.arange(12 * RATE) / 20).astype(np.float32),
        np.full(12 * RATE, np.nan, np.float32),
    ],
    ids=["silence", "nothing", "noise", "tone", "nan"],
)
def test_nobody_claps(sound: np.ndarray) -> None:
    found = found_in(sound)
    assert found.found <= 2
    with pytest.raises(AudioError) as caught:
        accepted_taps(found)
    assert caught.value.code == "taps_missing"


def test_claps_at_random_are_refused() -> None:
    rng = np.random.default_rng(4)
    stray = tuple(np.cumsum(rng.uniform(0.3, 0.9, 18)))
    found = found_in(clapped(0.1, left_out=tuple(range(16)), stray=stray))
    with pytest.raises(AudioError):
        accepted_taps(found)


def test_a_loop_that_is_there_gives_its_delay() -> None:
    signal, _ = clicks(RATE)
    sound = np.concatenate([np.zeros(round(0.032 * RATE), np.float32), signal])
    found = accepted_taps(found_in(sound))
    assert found.median_s == pytest.approx(0.032, abs=0.003)
    assert found.spread_s < 0.003
