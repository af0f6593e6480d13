"""F0 of sounds whose F0 is known."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from carried import SINGING
from hypothesis import given
from hypothesis import strategies as st
from tracks import SPEC

from asa_desktop.core.pitch import midi, track_pitch

HOP_S = SPEC.hop_s


def voice(hz: np.ndarray) -> np.ndarray:
    """Ten harmonics, each weaker than the one before, whose fundamental follows `hz`."""
    phase = 2 * np.pi * np.cumsum(hz) / SPEC.rate
    return (0.2 * sum(np.sin(k * phase) / k for k in range(1, 11))).astype(np.float32)


def tracked(crepe, samples: np.ndarray):
    every = np.ones(1 + len(samples) // SPEC.hop, dtype=bool)
    return track_pitch(crepe.activation(samples, SPEC.hop, every), HOP_S)


def cents_off(found: np.ndarray, true: np.ndarray) -> np.ndarray:
    inner = slice(3, -3)
    assert (found[inner] > 0).all()
    return 1200 * np.log2(found[inner] / true[inner])


@pytest.mark.parametrize("hz", [82.4, 110.0, 220.0, 311.1, 440.0, 659.3, 987.8])
def test_a_steady_voice_is_read_within_a_few_cents(crepe, hz):
    samples = voice(np.full(16_000, hz))
    off = cents_off(tracked(crepe, samples).hz, np.full(32, hz))
    assert abs(np.median(off)) < 10
    assert np.abs(off).max() < 25


@pytest.mark.parametrize(
    "shape",
    [
        lambda t: 50 * np.sin(2 * np.pi * 5.5 * t),
        lambda t: 700 * t / t[-1],
        lambda t: -1200 * t / t[-1],
    ],
    ids=["vibrato", "fifth up", "octave down"],
)
def test_vibrato_and_glides_are_followed(crepe, shape):
    t = np.arange(32_000) / SPEC.rate
    hz = 330 * 2 ** (shape(t) / 1200)
    found = tracked(crepe, voice(hz))
    off = cents_off(found.hz, hz[np.minimum(np.arange(len(found.hz)) * SPEC.hop, len(hz) - 1)])
    assert abs(np.median(off)) < 10
    assert np.percentile(np.abs(off), 90) < 20


def test_mains_hum_is_not_sung(crepe):
    hum = voice(np.full(32_000, 50.0))
    assert not tracked(crepe, hum).hz.any()


def test_agrees_with_the_annotators_of_vocadito(crepe, features_of):
    """Raw pitch accuracy at 50 cents against the F0 that the dataset's annotators corrected."""
    with (SINGING / "vocadito_1_f0.csv").open() as file:
        known = np.array([[float(value) for value in row] for row in csv.reader(file)])
    found = features_of("vocadito_1").pitch.hz
    at = np.searchsorted(known[:, 0], np.arange(len(found)) * HOP_S).clip(0, len(known) - 1)
    true = known[at, 1]
    sung = true > 0
    off = 1200 * np.log2(np.maximum(found[sung], 1) / true[sung])
    assert np.mean(np.abs(off) <= 50) > 0.95
    assert np.mean(found[~sung] > 0) < 0.15


def bump(bins: np.ndarray, height: float = 0.9) -> np.ndarray:
    """An activation as CREPE's: a bell of a bin and a quarter around each place. (360, T)."""
    return (height * np.exp(-0.5 * ((np.arange(360)[:, None] - bins) / 1.25) ** 2)).astype(
        np.float32
    )


@given(place=st.floats(60, 290))
def test_pitch_is_read_between_the_bins(place):
    found = track_pitch(bump(np.full(5, place)), HOP_S)
    cents = 1200 * np.log2(found.hz / 10)
    np.testing.assert_allclose(cents, 1997.3794084376191 + 20 * place, atol=1)


def test_bins_are_torchcrepes():
    # torchcrepe: cents above 10 Hz = 20 bin + 1997.379..., which puts 440 Hz near bin 228.
    found = track_pitch(bump(np.full(3, (1200 * np.log2(44) - 1997.3794084376191) / 20)), HOP_S)
    np.testing.assert_allclose(found.hz, 440, rtol=1e-3)
    np.testing.assert_allclose(midi(found.hz), 69, atol=0.02)


@given(octave=st.sampled_from([-60, 60]), at=st.integers(2, 17))
def test_one_frame_an_octave_off_does_not_show(octave, at):
    activation = bump(np.full(20, 150.0), 0.7)
    activation[:, at] = bump(np.array([150.0 + octave]), 0.8)[:, 0] + 0.8 * activation[:, at]
    found = track_pitch(activation, HOP_S)
    cents = 1200 * np.log2(found.hz / found.hz[0])
    assert np.abs(cents).max() < 20


def test_a_true_leap_stays_a_leap():
    found = track_pitch(bump(np.repeat([120.0, 180.0, 145.0], 12)), HOP_S)
    cents = 1200 * np.log2(found.hz / found.hz[0])
    np.testing.assert_allclose(cents, np.repeat([0, 1200, 500], 12), atol=5)


@given(height=st.floats(0, 1))
def test_a_frame_is_pitched_from_half_confidence(height):
    found = track_pitch(bump(np.full(4, 150.0), height), HOP_S)
    np.testing.assert_allclose(found.confidence, height, atol=1e-3)
    if abs(height - 0.5) > 1e-3:
        assert (found.hz > 0).all() == (height > 0.5)


@pytest.mark.parametrize(("bin_", "sung"), [(50, False), (57, True), (338, True), (342, False)])
def test_what_cannot_be_sung_has_no_pitch(bin_, sung):
    # 60 Hz lie at bin 55.2 and 1600 Hz at 339.5; beyond them are hum and whistles.
    found = track_pitch(bump(np.full(4, float(bin_))), HOP_S)
    hz = 10 * 2 ** ((20 * bin_ + 1997.3794084376191) / 1200)
    assert (60 <= hz <= 1600) == sung
    assert (found.hz > 0).all() == sung


def test_no_frames_and_no_activation():
    assert track_pitch(np.zeros((360, 0), np.float32), HOP_S).hz.shape == (0,)
    silent = track_pitch(np.zeros((360, 9), np.float32), HOP_S)
    assert not silent.hz.any()
    assert not silent.confidence.any()


def test_midi_numbers():
    np.testing.assert_allclose(midi(np.array([440, 261.6256, 0])), [69, 60, np.nan], atol=1e-4)
