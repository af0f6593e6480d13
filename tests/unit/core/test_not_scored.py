"""What is turned away beyond silence, noise and speech, and honest takes that are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from carried import SUNG
from material import sing
from tracks import SPEC, pitch_of, track

from asa_desktop.core import bleed, judge
from asa_desktop.core.clips import cut_clips
from asa_desktop.core.features.track import TrackFeatures, track_features
from asa_desktop.core.vad import flat_tops

RATE = SPEC.rate


def reason(made: TrackFeatures) -> str | None:
    return judge.not_singing(made, cut_clips(made))


def keys(seconds: float, *, vibrato: float = 0.0, seed: int = 1) -> np.ndarray:
    """A tune on an oscillator: every note stands still, or turns evenly by `vibrato` cents."""
    clock = np.arange(round(seconds * RATE)) / RATE
    tune = np.random.default_rng(seed).integers(55, 70, 40)
    number = (clock / 0.4).astype(int)
    midi = tune[number] + vibrato / 100 * np.sin(2 * np.pi * 5 * clock)
    phase = 2 * np.pi * np.cumsum(440 * 2 ** ((midi - 69) / 12)) / RATE
    loud = np.exp(-3 * (clock - 0.4 * number))
    return (0.2 * loud * sum(np.sin(k * phase) / k for k in range(1, 12))).astype(np.float32)


def band(seconds: float, seed: int = 0) -> np.ndarray:
    """Chords and a beat."""
    rng = np.random.default_rng(seed)
    clock = np.arange(round(seconds * RATE)) / RATE
    number = (clock / 0.6).astype(int)
    out = np.zeros(len(clock))
    for _ in range(4):
        hz = 440 * 2 ** ((rng.integers(45, 76, 60)[number] - 69) / 12)
        phase = 2 * np.pi * np.cumsum(hz) / RATE
        out += np.sin(phase) + 0.5 * np.sin(2 * phase) + 0.3 * np.sin(3 * phase)
    beat = np.exp(-20 * (clock % 0.3)) * rng.standard_normal(len(clock))
    return (0.05 * (out + 2 * beat)).astype(np.float32)


@pytest.mark.parametrize("vibrato", [0.0, 12.0])
def test_an_oscillator_is_an_instrument(crepe, vibrato):
    made = track_features(keys(8.0, vibrato=vibrato), SPEC, crepe.activation)
    assert reason(made) == judge.INSTRUMENT


@pytest.mark.parametrize("stem", SUNG)
def test_a_voice_is_no_instrument(features_of, stem):
    assert judge.stillness(features_of(stem).pitch) < judge.MECHANICAL / 2


def test_too_little_pitch_is_not_called_still():
    assert judge.stillness(pitch_of(np.full(60, 220.0))) == -1.0
    assert judge.stillness(pitch_of(np.full(200, 220.0))) == 1.0


@pytest.mark.parametrize("stem", SUNG)
def test_overdriven_singing_is_told_and_lightly_clipped_singing_is_scored(crepe, sound, stem):
    sung = sound(stem)[: 6 * RATE] / np.abs(sound(stem)[: 6 * RATE]).max()
    for drive_db, wanted in ((30, judge.CLIPPED), (6, None)):
        driven = np.clip(sung * 10 ** (drive_db / 20), -1, 1)
        # What was clipped and then turned down is clipped all the same.
        made = track_features(0.3 * driven, SPEC, crepe.activation)
        assert reason(made) == wanted


def test_flat_tops_are_no_matter_of_level():
    sung = sing(4.0)
    driven = np.clip(30 * sung, -1, 1)
    assert flat_tops(driven) == pytest.approx(flat_tops(0.1 * driven), abs=0.01)
    assert flat_tops(driven) > judge.CLIPPED_SHARE > 2 * flat_tops(sung)
    assert flat_tops(np.zeros(100, np.float32)) == 0.0
    assert flat_tops(np.zeros(0, np.float32)) == 0.0


def test_the_clipped_share_is_kept_with_the_features(features_of):
    made = features_of("pjs001")
    made = replace(made, voicing=replace(made.voicing, clipped=0.5))
    arrays = made.to_arrays()
    assert TrackFeatures.from_arrays(arrays, SPEC).voicing.clipped == 0.5
    with pytest.raises(ValueError, match="not enough values"):
        TrackFeatures.from_arrays({**arrays, "level": arrays["level"][:2]}, SPEC)


def test_a_band_without_a_voice_is_bleed(crepe):
    assert reason(track_features(band(8.0), SPEC, crepe.activation)) == judge.BLEED


def test_bleed_is_like_its_accompaniment_and_a_voice_over_it_is_not(crepe, sound):
    played = band(8.0)
    rng = np.random.default_rng(0)
    late = np.concatenate([np.zeros(RATE // 5, np.float32), played])[: len(played)]
    heard = 0.1 * late + 0.001 * rng.standard_normal(len(late)).astype(np.float32)
    levels = bleed.levels(played, SPEC)

    def alike(samples: np.ndarray) -> float:
        mel = bleed.levels(samples.astype(np.float32), SPEC)
        return bleed.likeness(mel, levels, hop_s=SPEC.hop_s)

    voice = sound("pjs001")[: len(late)]
    assert alike(heard) > bleed.ALIKE
    assert alike(voice + 0.1 * late * voice.std() / late.std()) < bleed.ALIKE
    assert alike(voice) < bleed.ALIKE / 2


def test_what_keeps_one_pitch_is_a_hum():
    made = track(120 * 2 ** (np.random.default_rng(0).normal(0, 3, 300) / 1200))
    assert reason(made) == judge.NOISE
