"""Recordings from elsewhere find their place in the song."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from asa_desktop.core import analyse
from asa_desktop.core.alignment.find import align
from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.features.track import TrackFeatures, track_features
from asa_desktop.core.placing import follows
from asa_desktop.core.take_timing import along
from asa_desktop.core.types import Alignment, Analysis, Melody, Note, Song
from tests.carried import SINGING, SPOKEN
from tests.material import sing

RATE = 16_000
Features = Callable[[str], TrackFeatures]


def sung(name: str) -> np.ndarray:
    sound, rate = soundfile.read(SINGING / f"{name}.flac", dtype="float32", always_2d=True)
    return np.asarray(soxr.resample(sound.mean(axis=1), rate, RATE), np.float32)


def found(tmp_path: Path, take: np.ndarray, vocal: np.ndarray) -> Analysis:
    for name, sound in (("take", take), ("vocal", vocal)):
        soundfile.write(tmp_path / f"{name}.wav", sound, RATE, subtype="FLOAT")
    song = Song(title="Song", vocal=tmp_path / "vocal.wav")
    return analyse(tmp_path / "take.wav", song, model=None, align=True)


def test_a_take_that_begins_late_is_moved_as_a_whole(tmp_path: Path) -> None:
    vocal = sung("pjs001")
    late = np.concatenate((np.zeros(2 * RATE, np.float32), vocal))
    analysis = found(tmp_path, late, vocal)
    alignment = analysis.alignment
    assert (analysis.case, analysis.reason) == ("in_step", "no_model")
    assert alignment.offset_s == pytest.approx(2.0, abs=0.05)
    assert alignment.tempo == pytest.approx(1.0, abs=0.01)
    assert alignment.path
    ours, theirs = analysis.take_pictures.pitch.hz, analysis.reference_pictures.pitch.hz
    both = (ours > 0) & (theirs > 0)
    assert both.sum() > 0.8 * (theirs > 0).sum()
    assert np.median(np.abs(1200 * np.log2(ours[both] / theirs[both]))) < 10


def test_one_that_begins_with_the_song_is_left_as_it_is(tmp_path: Path) -> None:
    vocal = sung("pjs001")
    analysis = found(tmp_path, vocal, vocal)
    assert analysis.case == "in_step"
    assert analysis.alignment.path == ()
    np.testing.assert_array_equal(
        analysis.take_pictures.pitch.hz, analysis.reference_pictures.pitch.hz
    )


def test_another_tempo_and_key_are_the_singers_and_are_said(tmp_path: Path) -> None:
    vocal = sung("pjs001")
    quicker = np.asarray(soxr.resample(vocal, 1.1 * RATE, RATE), np.float32)
    analysis = found(tmp_path, quicker, vocal)
    assert analysis.case == "free"
    assert analysis.alignment.tempo == pytest.approx(1.1, abs=0.02)
    assert analysis.alignment.key == pytest.approx(12 * np.log2(1.1), abs=0.15)
    song, take = np.array(analysis.alignment.path).T
    sung_then = (song > 2) & (song < song[-1] - 2)
    assert np.abs(take[sung_then] - song[sung_then] / 1.1).max() < 0.15


def test_another_song_gets_no_score(tmp_path: Path) -> None:
    analysis = found(tmp_path, sung("vocadito_1"), sung("pjs001"))
    assert (analysis.status, analysis.reason) == ("not_scored", "not_aligned")
    assert analysis.reference_pictures is None, "nothing is drawn beside it"


@pytest.mark.parametrize(("confidence", "believed"), [(0.05, False), (0.1, True), (0.3, True)])
def test_in_doubt_a_take_is_more_like_the_song_than_like_it_backwards(
    confidence: float, believed: bool, features_of: Features
) -> None:
    vocal = features_of("pjs001")
    warp = replace(align(vocal, vocal), confidence=confidence)
    assert follows(warp, vocal, vocal) is believed


def test_what_is_as_like_the_song_backwards_is_not_it(sound, crepe, features_of: Features) -> None:
    vocal = features_of("pjs001")
    turned = track_features(sound("pjs001")[::-1].copy(), FeatureSpec(), crepe.activation)
    doubtful = replace(align(turned, vocal), confidence=0.2)
    assert not follows(doubtful, turned, vocal)
    assert follows(replace(doubtful, confidence=0.3), turned, vocal), "nobody asks then"


def test_what_is_read_aloud_is_speech_and_no_other_song(tmp_path: Path) -> None:
    analysis = found(tmp_path, sung(SPOKEN), sung("pjs001"))
    assert (analysis.status, analysis.reason) == ("not_scored", "speech")


def test_an_original_shorter_than_a_clip_is_no_fault(tmp_path: Path, model) -> None:
    soundfile.write(tmp_path / "vocal.wav", sung("pjs001")[: 2 * RATE], RATE)
    song = Song(title="Short", vocal=tmp_path / "vocal.wav")
    analysis = analyse(SINGING / "pjs001.flac", song, model=model)
    assert (analysis.status, analysis.reason) == ("not_scored", "reference_silent")


def test_a_take_finds_its_place_beside_notes_alone(tmp_path: Path) -> None:
    tune = tuple(float(each) for each in (60, 62, 64, 65, 67, 65, 62, 60, 67, 69, 71, 72, 67, 64))
    notes = tuple(Note(0.8 * k, 0.8 * (k + 1), midi) for k, midi in enumerate(tune))
    late = np.concatenate((np.zeros(3 * RATE, np.float32), sing(0.8 * len(tune), tune=tune)))
    soundfile.write(tmp_path / "take.wav", late, RATE, subtype="FLOAT")
    song = Song(title="Notes", melody=Melody(notes, 0.2))
    analysis = analyse(tmp_path / "take.wav", song, model=None, align=True)
    assert (analysis.case, analysis.status) == ("notes", "scored")
    assert analysis.alignment.offset_s == pytest.approx(3.0, abs=0.1)
    left = analyse(tmp_path / "take.wav", song, model=None)
    assert analysis.overall.score > left.overall.score + 20
    second = late[: 3 * RATE].size + round(5.6 * RATE)  # after seven of fourteen notes
    soundfile.write(tmp_path / "half.wav", late[second:], RATE, subtype="FLOAT")
    half = analyse(tmp_path / "half.wav", song, model=None, align=True, systems=("all",))
    assert half.overall.score > 0.8 * analysis.overall.score
    assert half.systems["usdx"].score == pytest.approx(half.overall.score, abs=5)


def test_beyond_its_path_a_take_goes_on_at_its_tempo() -> None:
    path = ((4.0, 2.0), (14.0, 12.0), (14.5, 32.5), (24.5, 42.5))  # 20 s of talk in between
    before = along(path[:2], start_s=1.0, end_s=4.0)
    assert (before.latency_s, before.clock_ratio) == pytest.approx((-1.0, 1.0))
    after = along(path[:2], start_s=14.0, end_s=17.0)
    assert (after.latency_s, after.clock_ratio) == pytest.approx((12.0, 1.0))
    assert along(path, start_s=13.0, end_s=16.0).clock_ratio == 2.0


def test_a_moved_take_is_played_from_where_it_lies() -> None:
    path = Alignment(path=((0.0, 5.0), (10.0, 17.0))).path
    timing = along(path, start_s=3.0, end_s=6.0)
    for second in (3.0, 4.5, 6.0):
        in_take = timing.latency_s + (second - timing.start_s) * timing.clock_ratio
        assert in_take == pytest.approx(5.0 + 1.2 * second)
