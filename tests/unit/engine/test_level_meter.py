"""Levels are what they claim, and clipping is counted wherever the blocks are cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from asa_desktop.engine.level import FLOOR_DB, SHOWN_S, Level, LevelMeter

RATE = 48_000
BLOCK = RATE // 100

samples = hnp.arrays(np.float32, st.integers(1, 2000), elements=st.floats(-1.5, 1.5, width=32)).map(
    np.ascontiguousarray
)


def measured(sound: np.ndarray, block: int = BLOCK, meter: LevelMeter | None = None) -> Level:
    meter = meter or LevelMeter(RATE)
    for at in range(0, len(sound), block):
        level = meter.add(sound[at : at + block])
    return level


def sine(amplitude: float, seconds: float = 2.0, hz: float = 440.0) -> np.ndarray:
    places = np.arange(round(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * hz * places)).astype(np.float32)


def runs(sound: np.ndarray) -> int:
    """Runs of three and more at full scale, counted by hand."""
    text = "".join("x" if over else " " for over in np.abs(sound) >= np.float32(0.999))
    return sum(len(each) >= 3 for each in text.split())


@given(sound=samples)
def test_one_block_is_measured_by_the_book(sound):
    level = LevelMeter(RATE).add(sound)
    exact = sound.astype(np.float64)
    for found, amplitude in (
        (level.peak_db, np.abs(exact).max()),
        (level.now_db, np.sqrt(np.mean(exact**2))),
    ):
        wanted = max(FLOOR_DB, 20 * np.log10(max(amplitude, 1e-12)))
        assert found == pytest.approx(wanted, abs=1e-3)
    assert FLOOR_DB <= level.rms_db <= level.now_db + 1e-6


@given(sound=hnp.arrays(np.float32, st.integers(1, 400), elements=st.sampled_from([0, 0.5, 1, -1])),
       block=st.integers(1, 50))  # fmt: skip
def test_runs_are_counted_however_the_sound_is_cut(sound, block):
    meter = LevelMeter(RATE)
    found = measured(sound, block, meter)
    assert found.clipped == runs(sound)
    assert found.clipping == (runs(sound) > 0)


@given(amplitude=st.floats(0.001, 0.99))
def test_a_steady_sine_settles_at_its_level(amplitude):
    level = measured(sine(amplitude))
    wanted = 20 * np.log10(amplitude)
    assert level.peak_db == pytest.approx(wanted, abs=0.1)
    assert level.rms_db == pytest.approx(wanted - 3.01, abs=0.1)
    assert not level.clipped


def test_the_peak_rises_at_once_and_falls_slowly():
    meter = LevelMeter(RATE)
    assert meter.add(sine(1.0, 0.01)).peak_db == pytest.approx(0, abs=0.1)
    after = measured(np.zeros(round(1.7 * RATE), np.float32), meter=meter)
    assert after.peak_db == pytest.approx(-20, abs=0.2)
    gone = measured(np.zeros(30 * RATE, np.float32), meter=meter)
    assert gone.peak_db == gone.rms_db == gone.now_db == FLOOR_DB


def test_the_clip_mark_stays_a_while_and_the_count_for_good():
    meter = LevelMeter(RATE)
    assert measured(np.ones(BLOCK, np.float32), meter=meter).clipping
    quiet = np.zeros(round((SHOWN_S - 0.1) * RATE), np.float32)
    assert measured(quiet, meter=meter).clipping
    later = measured(quiet, meter=meter)
    assert not later.clipping
    assert later.clipped == 1
    meter.silence()
    assert meter.level == Level(clipped=1)
    meter.reset()
    assert meter.level == Level()


@pytest.mark.parametrize("hz", [100.0, 440.0, 1000.0])
@pytest.mark.parametrize("gain", [0.3, 0.5, 0.9])
def test_tops_cut_before_they_were_turned_down_are_clipping(hz, gain):
    cut = gain * np.clip(sine(1.3, 1.0, hz), -1, 1)
    tops = round(2 * hz)
    assert tops * 0.9 <= measured(cut.astype(np.float32)).clipped <= tops
    sixteen = np.round(cut * 32768) / 32768
    assert tops * 0.9 <= measured(sixteen.astype(np.float32)).clipped <= tops


@pytest.mark.parametrize("hz", [40.0, 65.0, 110.0, 440.0, 4000.0])
@pytest.mark.parametrize("amplitude", [0.2, 0.5, 0.98])
def test_round_tops_are_no_clipping(hz, amplitude):
    sixteen = np.round(sine(amplitude, 2.0, hz) * 32768) / 32768
    assert not measured(sixteen.astype(np.float32)).clipped


def test_singing_is_no_clipping_until_it_clips(sound):
    sung = sound("nit_029")
    sung = sung / np.abs(sung).max()
    assert not measured((0.99 * sung).astype(np.float32)).clipped
    assert measured(np.clip(2 * sung, -1, 1).astype(np.float32)).clipped > 50
    assert measured(0.6 * np.clip(2 * sung, -1, 1).astype(np.float32)).clipped > 50


def test_what_is_no_number_does_no_harm():
    meter = LevelMeter(RATE)
    meter.add(np.full(BLOCK, np.nan, np.float32))
    assert meter.add(np.full(BLOCK, np.inf, np.float32)).peak_db == 0
    assert measured(sine(0.5), meter=meter).rms_db == pytest.approx(-9.03, abs=0.1)
