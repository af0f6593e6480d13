"""The live tracker hears sung pitches, soon, and nothing where nobody sings."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from carried import SINGING, SUNG
from hypothesis import given
from hypothesis import strategies as st

from asa_desktop.engine.pitch import HIGHEST_HZ, LOWEST_HZ, LivePitch

RATE = 48_000
HOP_S = 0.010


def voice(hz: np.ndarray, rate: int) -> np.ndarray:
    """Harmonics under the formants of an open vowel, as `hz` moves. Shape: (n,)."""
    phase = 2 * np.pi * np.cumsum(hz) / rate
    sound = np.zeros(len(hz))
    for number in range(1, 20):
        there = number * hz
        formants = ((600, 80, 1.0), (1100, 100, 0.6), (2500, 150, 0.3))
        height = 0.05 + sum(a / (1 + ((there - f) / w) ** 2) for f, w, a in formants)
        sound += np.where(there < 0.4 * rate, height, 0.0) * np.sin(number * phase)
    return (0.3 * sound / np.abs(sound).max()).astype(np.float32)


def sine(hz: np.ndarray, rate: int) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * np.cumsum(hz) / rate)).astype(np.float32)


def followed(sound: np.ndarray, rate: int, hop_s: float = HOP_S) -> np.ndarray:
    """Rows of (second the value is of, Hz, second it was there)."""
    tracker = LivePitch(rate)
    padded = np.concatenate([np.zeros(tracker.needs, np.float32), sound])
    rows = []
    for end in range(round(hop_s * rate), len(sound), round(hop_s * rate)):
        hz, _ = tracker.at(padded[end : end + tracker.needs])
        rows.append((end / rate - tracker.behind_s, hz, end / rate))
    return np.array(rows)


def cents(hz: np.ndarray | float, of: np.ndarray | float) -> np.ndarray:
    return 1200 * np.log2(np.maximum(hz, 1e-3) / np.maximum(of, 1e-3))


@given(
    hz=st.floats(LOWEST_HZ + 1, HIGHEST_HZ - 10),
    rate=st.sampled_from([8000, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000]),
    make=st.sampled_from([voice, sine]),
)
def test_a_steady_tone_is_heard_at_any_rate(hz, rate, make):
    tracker = LivePitch(rate)
    found, clarity = tracker.at(make(np.full(tracker.needs, hz), rate))
    assert abs(cents(found, hz)) < 15
    assert 0.9 < clarity <= 1


@given(level_db=st.floats(-50, 0), offset=st.floats(-0.2, 0.2))
def test_neither_loudness_nor_a_constant_matters(level_db, offset):
    tracker = LivePitch(RATE)
    sound = voice(np.full(tracker.needs, 220.0), RATE) / 0.3 * 10 ** (level_db / 20)
    found, _ = tracker.at((sound + offset).astype(np.float32))
    assert abs(cents(found, 220.0)) < 15


@pytest.mark.parametrize("colour", [0.0, 0.5, 1.0], ids=["white", "pink", "brown"])
@pytest.mark.parametrize("level_db", [-20, -50, -80])
def test_noise_is_no_voice(colour, level_db):
    rng = np.random.default_rng(5)
    spectrum = np.fft.rfft(rng.standard_normal(RATE * 10))
    spectrum /= np.maximum(np.arange(len(spectrum)), 1) ** colour
    noise = np.fft.irfft(spectrum)
    noise *= 10 ** (level_db / 20) / noise.std()
    assert np.mean(followed(noise.astype(np.float32), RATE)[:, 1] > 0) < 0.01


def test_silence_hum_and_whistles_are_no_voice():
    seconds = np.arange(RATE) / RATE
    for sound in (np.zeros(RATE), *(0.1 * np.sin(2 * np.pi * hz * seconds) for hz in (50, 3000))):
        assert not followed(sound.astype(np.float32), RATE)[5:, 1].any()


def test_what_is_no_number_or_too_short_is_no_voice():
    tracker = LivePitch(RATE)
    sound = voice(np.full(tracker.needs, 220.0), RATE)
    assert tracker.at(sound)[0] > 0
    assert tracker.at(sound[1:]) == (0.0, 0.0)
    for bad in (np.nan, np.inf):
        spoilt = sound.copy()
        spoilt[100] = bad
        assert tracker.at(spoilt) == (0.0, 0.0)
    assert tracker.at(sound)[0] > 0


@pytest.mark.parametrize("make", [voice, sine])
def test_a_step_is_seen_at_once(make):
    """From the step in the sound until the value stays within 50 cents, at the live hop."""
    rng = np.random.default_rng(11)
    waits = []
    while len(waits) < 50:
        before, after = rng.uniform(100, 800, 2)
        if abs(cents(after, before)) < 100:
            continue
        at = rng.uniform(0.2, 0.2 + HOP_S)
        hz = np.where(np.arange(round(0.3 * RATE)) < at * RATE, before, after)
        sound = make(hz, RATE) + rng.normal(0, 1e-4, len(hz)).astype(np.float32)
        rows = followed(sound, RATE)
        later = rows[rows[:, 2] >= at]
        wrong = np.flatnonzero(np.abs(cents(later[:, 1], after)) >= 50)
        waits.append(later[wrong[-1] + 1 if len(wrong) else 0, 2] - at)
    assert np.median(waits) <= 0.020
    assert np.quantile(waits, 0.95) <= 0.035


@pytest.mark.parametrize("ratio", [0.5, 2.0, 1 / 3, 3.0])
def test_a_leap_of_octaves_is_no_tracking_error(ratio):
    """The guard against octave errors must not hold on to the old octave."""
    hz = np.where(np.arange(RATE // 2) < RATE // 4, 260.0, 260.0 * ratio)
    found = followed(voice(hz, RATE), RATE)
    assert np.abs(cents(found[found[:, 2] > 0.285][:, 1], 260.0 * ratio)).max() < 50


def test_a_value_is_of_the_time_that_it_says():
    """An octave a second: 20 ms too early or late would be 24 cents."""
    seconds = np.arange(RATE) / RATE
    found = followed(voice(150 * 2**seconds, RATE), RATE)[5:]
    assert abs(np.median(cents(found[:, 1], 150 * 2 ** found[:, 0]))) < 5


@pytest.mark.parametrize("stem", SUNG)
def test_real_singing_against_the_slow_tracker(stem, features_of, sound):
    pitch = features_of(stem).pitch
    found = followed(sound(stem), 16_000)
    wanted = pitch.hz[
        np.minimum(np.round(found[:, 0] / pitch.hop_s).astype(int), len(pitch.hz) - 1)
    ]
    sung = wanted > 0
    shown = sung & (found[:, 1] > 0)
    apart = cents(found[:, 1], wanted)
    near, octave = np.abs(apart) < 50, np.abs(np.abs(apart) - 1200) < 100
    assert np.sum(shown & near) / np.sum(sung) > 0.9
    assert np.sum(shown & octave) / np.sum(shown) < 0.005
    assert np.sum(sung & ~shown) / np.sum(sung) < 0.05


def test_real_singing_against_what_a_person_annotated(sound):
    """vocadito's F0 annotation of clip 1."""
    with (SINGING / "vocadito_1_f0.csv").open(newline="") as lines:
        rows = [(float(a), float(b)) for a, b in csv.reader(lines)]
    times, wanted = np.array(rows).T
    found = followed(sound("vocadito_1"), 16_000)
    wanted = wanted[np.abs(times[:, None] - found[:, 0]).argmin(axis=0)]
    sung, shown = wanted > 0, found[:, 1] > 0
    near = np.abs(cents(found[:, 1], wanted)) < 50
    assert np.mean(near[sung]) > 0.95
    assert np.mean(shown[~sung]) < 0.2  # edges of notes that the annotation leaves out
