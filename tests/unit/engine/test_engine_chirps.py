"""Chirps through made-up rooms: what the delay is measured as, and when nothing is claimed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asa_desktop.core.errors import AudioError
from asa_desktop.engine.chirps import COUNT, Found, accepted, chirps, measure

RATE = 48_000
Sound = np.ndarray


def shifted(sound: Sound, seconds: float, rate: int, *, gain: float = 1.0) -> Sound:
    """As a line of cable would bring it: any fraction of a frame."""
    padded = np.concatenate([sound, np.zeros(rate, np.float32)])
    hz = np.fft.rfftfreq(len(padded), 1 / rate)
    moved = np.fft.irfft(np.fft.rfft(padded) * np.exp(-2j * np.pi * hz * seconds), len(padded))
    return (gain * moved[: len(sound)]).astype(np.float32)


def noise(count: int, level: float, *, seed: int = 0) -> Sound:
    return (level * np.random.default_rng(seed).standard_normal(count)).astype(np.float32)


def room(sound: Sound, rate: int, *, seed: int = 1, decay_s: float = 0.3) -> Sound:
    """A reverberant tail of noise behind the direct sound, louder than it in all."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(decay_s * rate)) / rate
    tail = 0.06 * rng.standard_normal(len(t)) * np.exp(-6.9 * t / decay_s) * (t > 0.003)
    tail[0] = 1.0
    size = 1 << (len(sound) + len(tail)).bit_length()
    wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)
    return wet[: len(sound)].astype(np.float32)


def heard(delay_s: float = 0.0321234, *, rate: int = RATE, gain: float = 1.0) -> Sound:
    return shifted(chirps(rate)[0], delay_s, rate, gain=gain)


def found_in(recorded: Sound, rate: int = RATE) -> Found:
    return measure(recorded, rate, chirps(rate)[1])


def test_what_is_played() -> None:
    signal, onsets = chirps(RATE)
    assert signal.dtype == np.float32
    assert len(onsets) == COUNT
    assert len(signal) / RATE < 8
    assert np.max(np.abs(signal)) == pytest.approx(0.5, abs=0.01)
    distances = np.sort([b - a for i, a in enumerate(onsets) for b in onsets[i + 1 :]])
    assert np.min(np.diff(distances)) > 0.014 * RATE
    power = np.abs(np.fft.rfft(signal)) ** 2
    hz = np.fft.rfftfreq(len(signal), 1 / RATE)
    assert power[(hz > 900) & (hz < 7200)].sum() > 0.99 * power.sum()
    assert np.array_equal(chirps(RATE)[0], signal)
    assert np.max(np.abs(chirps(RATE, level=0.1)[0])) == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("delay_s", [0.0, 0.0321234, 0.35, 0.97])
def test_the_delay_to_a_hundredth_of_a_millisecond(rate: int, delay_s: float) -> None:
    found = accepted(found_in(heard(delay_s, rate=rate), rate))
    assert found.median_s == pytest.approx(delay_s, abs=1e-5)
    assert (found.found, found.played) == (COUNT, COUNT)
    assert found.spread_s < 1e-5


@pytest.mark.parametrize("decibels", [-60, -40, -20, 0, 40])
def test_the_level_does_not_matter(decibels: float) -> None:
    found = found_in(heard(gain=10 ** (decibels / 20)))
    assert (found.found, found.median_s) == (COUNT, pytest.approx(0.0321234, abs=1e-5))


@pytest.mark.parametrize("decibels", [20, 40])
def test_clipping_does_not_matter(decibels: float) -> None:
    found = found_in(np.clip(heard(gain=10 ** (decibels / 20)), -0.5, 0.5))
    assert (found.found, found.median_s) == (COUNT, pytest.approx(0.0321234, abs=1e-4))
    assert found.peak_db == pytest.approx(-6.0, abs=0.1)


@pytest.mark.parametrize("seed", range(5))
def test_noise_as_loud_as_the_chirps(seed: int) -> None:
    sound = heard()
    level = 0.5 / math.sqrt(2)  # of the sweep at its loudest
    found = accepted(found_in(sound + noise(len(sound), level, seed=seed)))
    assert found.found >= 11
    assert found.median_s == pytest.approx(0.0321234, abs=1e-4)
    assert found.spread_s < 0.001


def test_hum_and_rumble_do_not_matter() -> None:
    sound = heard(gain=0.01)
    t = np.arange(len(sound)) / RATE
    hum = sum(0.2 / k * np.sin(2 * np.pi * 50 * k * t) for k in (1, 2, 3, 5))
    found = found_in((sound + hum).astype(np.float32))
    assert (found.found, found.median_s) == (COUNT, pytest.approx(0.0321234, abs=1e-4))


@pytest.mark.parametrize("seed", range(4))
def test_a_reverberant_room(seed: int) -> None:
    found = accepted(found_in(room(heard(), RATE, seed=seed)))
    assert found.found == COUNT
    assert found.median_s == pytest.approx(0.0321234, abs=2e-4)
    assert found.spread_s < 0.001


@pytest.mark.parametrize("later_s", [0.002, 0.008, 0.025])
def test_the_first_sound_counts_and_not_a_louder_echo(later_s: float) -> None:
    direct, echo = heard(), heard(0.0321234 + later_s, gain=1.8)
    for level in (0.0, 0.02):
        found = accepted(found_in(direct + echo + noise(len(direct), level)))
        assert found.median_s == pytest.approx(0.0321234, abs=3e-4)
        assert found.spread_s < 0.001


def test_a_first_sound_at_the_threshold_does_not_look_unsteady() -> None:
    direct, echo = heard(), heard(0.0321234 + 0.012, gain=1 / 0.36)
    found = found_in(direct + echo + noise(len(direct), 0.03))
    assert found.spread_s < 0.001


@pytest.mark.parametrize("jump_s", [0.012, 0.032, 0.3])
@pytest.mark.parametrize("after", [1, 6, 11])
@pytest.mark.parametrize("reverberant", [False, True])
def test_a_jump_on_the_way_is_seen(jump_s: float, after: int, reverberant: bool) -> None:
    signal, onsets = chirps(RATE)
    cut = onsets[after] - 2000
    early = shifted(signal * (np.arange(len(signal)) < cut), 0.032, RATE)
    late = shifted(signal * (np.arange(len(signal)) >= cut), 0.032 + jump_s, RATE)
    sound = room(early + late, RATE) if reverberant else early + late
    found = found_in(sound)
    if after == 6:
        assert found.found == COUNT
        assert found.spread_s == pytest.approx(jump_s, abs=5e-4)
        with pytest.raises(AudioError) as caught:
            accepted(found)
        assert caught.value.code == "delay_unsteady"
        assert caught.value.facts["spread_ms"] == pytest.approx(1000 * jump_s, abs=0.5)
    else:  # one sweep alone may be a slip: it is left out, and the rest agrees
        assert found.found == COUNT - 1
        assert found.median_s == pytest.approx(0.032 + (jump_s if after == 1 else 0), abs=3e-4)


def test_drop_outs_leave_the_rest() -> None:
    sound = heard()
    onsets = chirps(RATE)[1]
    for number in (2, 5, 9):
        sound[onsets[number] : onsets[number] + 6000] = 0
    found = accepted(found_in(sound))
    assert found.found == COUNT - 3
    assert [number for number, each in enumerate(found.delays_s) if math.isnan(each)] == [2, 5, 9]
    for number in (0, 7):
        sound[onsets[number] : onsets[number] + 6000] = 0
    with pytest.raises(AudioError) as caught:
        accepted(found_in(sound))
    assert caught.value.code == "no_loop"
    assert (caught.value.facts["found"], caught.value.facts["played"]) == (7, 12)


@pytest.mark.parametrize(
    "make",
    [
        lambda n: np.zeros(n, np.float32),
        lambda n: np.zeros(0, np.float32),
        lambda n: np.full(n, 0.3, np.float32),
        lambda n: noise(n, 0.1),
        lambda n: noise(n, 1e-5),
        lambda n: np.sin(2 * np.pi * 2000 * np.arange(n) / RATE).astype(np.float32),
        lambda n: (np.arange(n) % 20_000 == 0).astype(np.float32),
        lambda n: np.repeat(noise(n // 4000 + 1, 0.3), 4000)[:n],
        lambda n: np.full(n, np.nan, np.float32),
    ],
    ids=["silence", "nothing", "offset", "noise", "hiss", "tone", "clicks", "steps", "nan"],
)
def test_no_loop_is_no_loop(make) -> None:  # type: ignore[no-untyped-def]
    found = found_in(make(len(chirps(RATE)[0])))
    assert found.found == 0
    assert math.isnan(found.median_s)
    with pytest.raises(AudioError) as caught:
        accepted(found)
    assert caught.value.code == "no_loop"
    assert isinstance(caught.value.facts["peak_db"], float)


def test_somebody_sings_meanwhile() -> None:
    t = np.arange(len(heard())) / RATE
    voice = sum(
        0.3 / k * np.sin(2 * np.pi * k * (220 * t + 2 * np.sin(2 * np.pi * 5 * t)))
        for k in range(1, 30)
    )
    assert found_in(voice.astype(np.float32)).found == 0
    found = accepted(found_in((heard() + voice).astype(np.float32)))
    assert found.median_s == pytest.approx(0.0321234, abs=2e-4)


@settings(max_examples=15)
@given(
    delay_s=st.floats(0.0, 0.99),
    gain=st.floats(0.003, 3),
    turned=st.booleans(),
    seed=st.integers(0, 99),
)
def test_any_delay_any_level_either_polarity(
    delay_s: float, gain: float, turned: bool, seed: int
) -> None:
    sound = heard(delay_s, gain=-gain if turned else gain)
    found = accepted(found_in(sound + noise(len(sound), 0.05 * gain, seed=seed)))
    assert found.median_s == pytest.approx(delay_s, abs=1e-4)
