"""Silence, noise and speech are told from singing."""

from __future__ import annotations

import numpy as np
import pytest
from carried import SPOKEN, SUNG
from material import hiss, sing, talk
from tracks import SPEC, pitch_of, track

from asa_desktop.core import judge
from asa_desktop.core.clips import cut_clips
from asa_desktop.core.features.track import TrackFeatures, track_features

RATE = SPEC.rate
SECONDS = 7.0
T = np.arange(round(SECONDS * RATE)) / RATE


def reason(crepe, samples: np.ndarray) -> str | None:
    return judged(track_features(samples.astype(np.float32), SPEC, crepe.activation))


def judged(made: TrackFeatures) -> str | None:
    """As `analyse` asks of a take with nothing to compare it with."""
    spoken = judge.SPEECH if judge.spoken(made.pitch) else None
    return judge.not_singing(made, cut_clips(made)) or spoken


def pink(seed: int = 0) -> np.ndarray:
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(len(T)))
    sound = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)))
    return 0.05 * sound / sound.std()


def syllables(seed: int) -> np.ndarray:
    """Harmonic syllables of 120-250 ms whose pitch falls or rises by a fourth or more."""
    rng = np.random.default_rng(seed)
    out = np.zeros(len(T))
    at = 0.1
    while at < SECONDS - 0.5:
        length = rng.uniform(0.12, 0.25)
        part = slice(round(at * RATE), round((at + length) * RATE))
        t = np.arange(part.stop - part.start) / RATE
        start, glide = rng.uniform(90, 160), rng.choice([-1, 1]) * rng.uniform(500, 1100)
        phase = 2 * np.pi * np.cumsum(start * 2 ** (glide * t / length / 1200)) / RATE
        voice = sum(np.sin(k * phase) / k for k in range(1, 16))
        out[part] = voice * np.sin(np.pi * t / length) ** 0.5
        at += length + rng.uniform(0.02, 0.15)
    return 0.1 * out


@pytest.mark.parametrize(
    ("samples", "wanted"),
    [
        (np.zeros(len(T)), judge.SILENCE),
        (1e-4 * np.random.default_rng(0).standard_normal(len(T)), judge.SILENCE),
        (hiss(SECONDS), judge.NOISE),
        (pink(), judge.NOISE),
        (0.2 * np.sin(2 * np.pi * 50 * T), judge.NOISE),
        (sum(0.1 * np.sin(2 * np.pi * 50 * k * T) / k for k in range(1, 9)), judge.NOISE),
        (talk(SECONDS), judge.SPEECH),
        (syllables(1), judge.SPEECH),
        (syllables(2), judge.SPEECH),
        (sing(2.9), judge.TOO_SHORT),
        (sing(SECONDS), None),
    ],
    ids=[
        *("zeros", "hiss at -80 dBFS", "white noise", "pink noise", "50 Hz", "mains hum"),
        *("speech-like", "syllables", "other syllables", "under a clip", "singing"),
    ],
)
def test_what_is_not_singing_gets_its_reason(crepe, samples, wanted):
    assert reason(crepe, samples) == wanted


@pytest.mark.parametrize("stem", SUNG)
def test_real_singing_is_singing(features_of, stem):
    made = features_of(stem)
    assert judged(made) is None
    assert judge.steadiness(made.pitch) > 3 * judge.STEADY_SHARE


@pytest.mark.parametrize("stem", SUNG)
@pytest.mark.parametrize("db", [-25, 8])
def test_quiet_and_loud_singing_is_singing(crepe, sound, stem, db):
    assert reason(crepe, np.clip(sound(stem)[: 5 * RATE] * 10 ** (db / 20), -1, 1)) is None


def test_real_speech_is_speech(features_of):
    made = features_of(SPOKEN)
    assert judged(made) == judge.SPEECH


def test_a_click_in_silence_is_no_voice():
    made = track(np.zeros(200), voiced=np.arange(200) < 30, level_db=-30)
    assert judge.not_singing(made, cut_clips(made)) == judge.NO_VOICE


def test_a_held_note_is_steady_with_vibrato_and_a_glide_is_not():
    frames = np.arange(200)
    held = 220 * 2 ** (60 * np.sin(frames * 2 * np.pi * 5.5 * SPEC.hop_s) / 1200)
    glide = 110 * 2 ** (np.abs(frames % 30 - 15) * 40 / 1200)
    assert judge.steadiness(pitch_of(np.full(200, 220.0))) == 1.0
    assert judge.steadiness(pitch_of(held)) > 0.9
    assert judge.steadiness(pitch_of(glide)) < 0.3
    assert judge.steadiness(pitch_of(np.zeros(200))) == 0.0
    assert judge.steadiness(pitch_of([220.0] * 5)) == 0.0


@pytest.mark.parametrize(
    ("held", "tune", "tempo", "said"),
    [
        (-0.4, 0.4, 1.5, True),
        (-0.4, 0.4, 1.0, False),  # in the song's time: a poor singer, or a sentence of rap
        (-0.4, 0.8, 1.5, False),  # hurried, but to the tune
        (0.1, 0.4, 1.5, False),  # on held notes, if on wrong ones
        (-0.4, 0.2, 1.0, True),
    ],
)
def test_speech_is_what_glides_hurries_and_has_no_tune(monkeypatch, held, tune, tempo, said):
    monkeypatch.setattr(judge, "held", lambda _pitch: held)
    assert judge.said(pitch_of(np.zeros(9)), tune=tune, tempo=tempo) is said
