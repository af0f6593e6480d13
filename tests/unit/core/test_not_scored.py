"""What is turned away beyond silence, noise and speech, and honest takes that are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from carried import SUNG
from material import sing
from tracks import SPEC, pitch_of, track

from asa_desktop.core import bleed, judge
from asa_desktop.core.analysis import assess
from asa_desktop.core.clips import cut_clips
from asa_desktop.core.features.track import TrackFeatures, track_features
from asa_desktop.core.found import NO_MODEL
from asa_desktop.core.placing import NOT_ALIGNED, told_by
from asa_desktop.core.run import begin
from asa_desktop.core.types import Melody, Note, Song
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


# Beside a song: speech, another song, and poor singers, who are neither


@pytest.fixture(scope="module")
def asked(crepe):
    """Why a sound is not the song's whose vocal or notes it is laid beside, found first or not."""

    def ask(take: np.ndarray, *, vocal=None, melody=None, found: bool = True) -> str | None:
        run = begin(None, cache=None, progress=None, timing=None)
        run.align, run.spec = found, SPEC
        song = Song("A song", melody=melody)
        if vocal is not None:
            run.reference = (track_features(vocal, SPEC, crepe.activation, fine=True), "vocal")
            song = Song("A song", vocal=Path("vocal.flac"))
        ours = track_features(take.astype(np.float32), SPEC, crepe.activation, fine=True)
        analysis = assess(run, "take", song, ours)
        return None if analysis.reason == NO_MODEL else analysis.reason

    return ask


def revoiced(samples: np.ndarray, curve: Callable[[np.ndarray], np.ndarray], *, speed: float = 1):
    """The same words by WORLD on the pitch that `curve` makes of the clock and F0 in Hz."""
    import pyworld

    sound = samples.astype(np.float64)
    f0, times = pyworld.harvest(sound, RATE, frame_period=5.0)
    envelope = pyworld.cheaptrick(sound, f0, times, RATE)
    breath = pyworld.d4c(sound, f0, times, RATE)
    at = np.arange(0, len(f0) - 1, speed).round().astype(int)
    hz = np.where(f0[at] > 0, curve(0.005 * np.arange(len(at)), f0[at]), 0.0)
    return pyworld.synthesize(hz, envelope[at], breath[at], RATE, 5.0).astype(np.float32)


def badly(clock: np.ndarray, f0: np.ndarray) -> np.ndarray:
    """Wobbling by a semitone and more, wandering, most notes off."""
    rng = np.random.default_rng(3)
    off = 150 * rng.standard_normal(200)[(clock / 0.4).astype(int)]
    wobble = 120 * np.sin(2 * np.pi * 3.5 * clock) + 60 * np.sin(2 * np.pi * 2.2 * clock)
    return f0 * 2 ** ((off + wobble + 20 * clock) / 1200)


def talking(clock: np.ndarray, f0: np.ndarray) -> np.ndarray:
    """Falling phrases with an accent a syllable."""
    accents = np.random.default_rng(5).normal(0, 200, 99)
    falling = 600 * (0.5 - (clock % 1.7) / 1.7)
    return 130 * 2 ** ((falling + np.interp(clock, 0.2 * np.arange(99), accents)) / 1200)


@pytest.mark.parametrize("found", [True, False], ids=["brought along", "in step"])
@pytest.mark.parametrize("stem", SUNG)
def test_who_wobbles_and_misses_most_notes_still_sings(asked, sound, stem, found):
    poor = revoiced(sound(stem), badly)
    assert asked(poor, vocal=sound(stem), found=found) is None


@pytest.mark.parametrize("stem", SUNG)
def test_such_a_singer_holds_as_little_as_a_speaker(crepe, sound, stem):
    poor = track_features(revoiced(sound(stem), badly), SPEC, crepe.activation)
    assert judge.held(poor.pitch) < judge.MOSTLY_GLIDING


@pytest.mark.parametrize("found", [True, False], ids=["brought along", "in step"])
@pytest.mark.parametrize("stem", ["pjs001", "vocadito_1"])
def test_the_songs_words_spoken_are_speech(asked, sound, stem, found):
    spoken = revoiced(sound(stem), talking, speed=1.5)
    assert asked(spoken, vocal=sound(stem), found=found) == judge.SPEECH


def test_a_sentence_spoken_among_sung_ones_is_no_speech(asked, sound):
    voice = sound("pjs001")
    partly = voice.copy()
    partly[3 * RATE : 5 * RATE] = revoiced(voice, talking)[3 * RATE : 5 * RATE]
    assert asked(partly, vocal=voice) is None
    assert asked(partly, vocal=voice, found=False) is None


def test_another_song_in_step_is_told_by_words_and_by_notes(asked, sound):
    other = sound("pjs001")
    assert asked(other, vocal=sound("nit_029"), found=False) == NOT_ALIGNED
    notes = tuple(Note(0.5 * k, 0.5 * k + 0.4, midi) for k, midi in enumerate([60, 71, 62, 69] * 5))
    assert asked(other, melody=Melody(notes, 0.1), found=False) == NOT_ALIGNED


def test_notes_tell_the_more_the_longer_is_sung():
    notes = Melody(tuple(Note(k, k + 0.8, 60 + k % 5) for k in range(60)), 0.2)
    told = [told_by(track(np.full(round(s / SPEC.hop_s), 220.0)), notes) for s in (5, 20, 50)]
    assert told == pytest.approx([0.0, 1 / 3, 1.0], abs=0.02)
    few = Melody(notes.notes[:20], 0.2)
    assert told_by(track(np.full(2000, 220.0)), few) == pytest.approx((16 - 10) / 30, abs=0.01)
