"""F0 every 10 ms, of tones whose F0 is known and of singing that people annotated."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from carried import SINGING
from hypothesis import given, settings
from hypothesis import strategies as st
from tracks import SPEC

from asa_desktop.core.audio import resample
from asa_desktop.core.notes.tracker import HOP_S, fine_pitch
from asa_desktop.core.types import PitchTrack

RATE = 16_000


def voice(hz: np.ndarray) -> np.ndarray:
    """Harmonics up to 7 kHz, each weaker than the one before, whose fundamental follows `hz`."""
    phase = 2 * np.pi * np.cumsum(hz) / RATE
    count = min(10, int(7000 / max(hz.max(), 1)))
    return (0.2 * sum(np.sin(k * phase) / k for k in range(1, count + 1))).astype(np.float32)


def guide_of(hz: np.ndarray, confidence: float = 0.9) -> PitchTrack:
    """What a good F0 channel says: the true F0 of each of its frames (0: nothing)."""
    coarse = hz[:: SPEC.hop].astype(np.float32)
    sure = np.where(coarse > 0, confidence, 0.05).astype(np.float32)
    return PitchTrack(hop_s=SPEC.hop_s, hz=coarse, confidence=sure)


def tracked(sound: np.ndarray, guide: PitchTrack) -> PitchTrack:
    every = np.ones(len(guide.hz), dtype=bool)
    return fine_pitch(sound, rate=RATE, guide=guide, voiced=every)


def cents_off(found: PitchTrack, hz: np.ndarray, *, edge: int = 3) -> np.ndarray:
    """Cents off the true F0, without the first and last frames; all of them have to be voiced."""
    inner = slice(edge, -edge)
    true = hz[np.minimum(np.arange(len(found.hz)) * RATE // 100, len(hz) - 1)][inner]
    assert (found.hz[inner] > 0).all()
    return 1200 * np.log2(found.hz[inner] / true)


@pytest.mark.parametrize("hz", [65.4, 82.4, 110.0, 220.0, 311.1, 440.0, 659.3, 987.8, 1396.9])
def test_a_steady_voice_is_read_within_half_a_cent(hz):
    steady = np.full(RATE, hz)
    assert np.abs(cents_off(tracked(voice(steady), guide_of(steady)), steady)).max() < 0.5


@pytest.mark.parametrize("rate_hz", [4.5, 6.0, 8.0])
@pytest.mark.parametrize("middle", [98.0, 247.0, 587.0])
def test_vibrato_keeps_its_width(middle, rate_hz):
    """The window is far shorter than a turn: at 8 Hz 3 % of the width may go, where CREPE's 64 ms
    take a fifth."""
    t = np.arange(2 * RATE) / RATE
    hz = middle * 2 ** (80 * np.sin(2 * np.pi * rate_hz * t) / 1200)
    found = tracked(voice(hz), guide_of(hz))
    off = cents_off(found, hz)
    assert np.abs(off).max() < 8
    swing = 1200 * np.log2(found.hz[3:-3] / middle)
    assert 0.96 * 80 < np.sqrt(2) * np.std(swing) < 1.01 * 80


def test_a_beginning_is_found_to_the_frame():
    hz = np.where(np.arange(RATE) >= 6400, 220.0, 0.0)
    found = tracked(voice(hz) * (hz > 0), guide_of(hz))
    first = int(np.flatnonzero(found.hz)[0])
    assert abs(first * HOP_S - 0.4) <= 0.02


def test_an_octave_too_high_in_the_guide_is_not_believed():
    true = np.full(2 * RATE, 220.0)
    guide = guide_of(np.where((np.arange(2 * RATE) // 8000) % 2, 440.0, 220.0))
    assert np.abs(cents_off(tracked(voice(true), guide), true)).max() < 5


def test_what_the_guide_does_not_know_is_bridged():
    true = np.full(RATE, 300.0)
    gappy = guide_of(np.where((np.arange(RATE) // 2048) % 3 == 1, 0.0, 300.0), confidence=0.9)
    assert np.abs(cents_off(tracked(voice(true), gappy), true)).max() < 1


def test_a_loud_vowel_does_not_drown_the_soft_note_before_it():
    """Frames stand for their middle, however much louder the sound is 10 ms later."""
    hz = np.where(np.arange(RATE) < 8000, 200.0, 300.0)
    loud = np.where(np.arange(RATE) < 8000, 0.03, 1.0)
    found = tracked(voice(hz) * loud.astype(np.float32), guide_of(hz)).hz
    assert abs(1200 * np.log2(found[48] / 200)) < 20  # 20 ms before the step
    assert abs(1200 * np.log2(found[52] / 300)) < 20


def test_hum_noise_and_silence_are_not_sung():
    hum = voice(np.full(RATE, 50.0))
    noise = np.random.default_rng(1).normal(0, 0.1, RATE).astype(np.float32)
    nothing = guide_of(np.zeros(RATE))
    for sound in (hum, noise, np.zeros(RATE, dtype=np.float32)):
        assert not tracked(sound, nothing).hz.any()
    elsewhere = guide_of(np.where(np.arange(RATE) < 3200, 200.0, 0.0))
    assert not tracked(noise, elsewhere).hz[45:].any()


def test_only_voiced_frames_are_looked_at():
    hz = np.full(RATE, 220.0)
    guide = guide_of(hz)
    half = np.arange(len(guide.hz)) < len(guide.hz) // 2
    found = fine_pitch(voice(hz), rate=RATE, guide=guide, voiced=half)
    assert found.hz[5:45].all()
    assert not found.hz[53:].any()
    assert not found.confidence[53:].any()


def test_another_rate_gives_the_same():
    hz = np.full(RATE, 220.0)
    guide = guide_of(hz)
    every = np.ones(len(guide.hz), dtype=bool)
    upsampled = resample(voice(hz), rate=RATE, to=44_100)
    found = fine_pitch(upsampled, rate=44_100, guide=guide, voiced=every)
    assert abs(len(found.hz) - 101) <= 1
    assert np.abs(1200 * np.log2(found.hz[5:95] / 220)).max() < 0.5


@settings(max_examples=25, deadline=None)
@given(
    length=st.integers(0, 5000),
    frames=st.integers(0, 12),
    hz=st.sampled_from([0.0, 30.0, 61.0, 440.0, 1999.0]),
    seed=st.integers(0, 9),
)
def test_any_sound_and_any_guide_give_a_track_of_its_length(length, frames, hz, seed):
    sound = np.random.default_rng(seed).normal(0, 0.2, length).astype(np.float32)
    guide = PitchTrack(
        hop_s=SPEC.hop_s,
        hz=np.full(frames, hz, dtype=np.float32),
        confidence=np.full(frames, 0.9, dtype=np.float32),
    )
    found = fine_pitch(sound, rate=RATE, guide=guide, voiced=np.ones(frames, dtype=bool))
    assert len(found.hz) == len(found.confidence) == 1 + length // 160
    assert np.isfinite(found.hz).all()
    assert ((found.confidence >= 0) & (found.confidence <= 1)).all()
    assert ((found.hz == 0) | ((found.hz > 55) & (found.hz < 1800))).all()


def test_is_nearer_to_the_annotators_of_vocadito_than_the_f0_channel(sound, features_of):
    with (SINGING / "vocadito_1_f0.csv").open() as file:
        known = np.array([[float(value) for value in row] for row in csv.reader(file)])
    take = features_of("vocadito_1")
    fine = fine_pitch(sound("vocadito_1"), rate=RATE, guide=take.pitch, voiced=take.voicing.frames)
    ours, channel = (
        _accuracy(each, times=known[:, 0], true=known[:, 1]) for each in (fine, take.pitch)
    )
    assert ours["accuracy"] > max(0.97, channel["accuracy"])
    assert ours["octaves"] == 0
    assert ours["found"] > max(0.98, channel["found"])
    assert ours["spread"] < min(4.0, channel["spread"])


def _accuracy(found: PitchTrack, *, times: np.ndarray, true: np.ndarray) -> dict[str, float]:
    at = np.minimum(np.round(times / found.hop_s).astype(int), len(found.hz) - 1)
    both = (true > 0) & (found.hz[at] > 0)
    off = 1200 * np.log2(found.hz[at][both] / true[both])
    return {
        "accuracy": float(np.sum(np.abs(off) <= 50) / np.sum(true > 0)),
        "octaves": int(np.sum(np.abs(off) > 600)),
        "found": float(both.sum() / np.sum(true > 0)),
        "spread": float(np.median(np.abs(off - np.median(off)))),
    }
