"""From a song and the settings to what the engine is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from material import RATE, sing

from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.types import Melody, Note, Song
from asa_desktop.engine.messages import DEFAULT_BLOCK, Setup
from asa_desktop.services.featurestore import FeatureStore
from asa_desktop.services.files import sha256_of
from asa_desktop.services.library.rows import DelayRow
from asa_desktop.services.rehearsal import (
    calibrated,
    end_of,
    hours_left,
    kept_pitch,
    make_ready,
    setup_of,
)
from asa_desktop.services.settings import Settings
from asa_desktop.services.taking import Delay


@pytest.fixture
def song(tmp_path: Path) -> Song:
    for name, seconds in (("backing", 3.0), ("voice", 2.0)):
        soundfile.write(tmp_path / f"{name}.wav", sing(seconds), RATE)
    return Song("x", accompaniment=tmp_path / "backing.wav", vocal=tmp_path / "voice.wav")


def test_both_parts_are_ready_and_the_longer_one_ends_it(song: Song, tmp_path: Path) -> None:
    ready = make_ready(song, rate=RATE, cache=tmp_path / "cache")
    assert (ready.backing, ready.voice) == (song.accompaniment, song.vocal)
    assert ready.end_s == pytest.approx(3.0)
    heard = ready.heard(backing_gain=0.5, voice_gain=0.25)
    assert (heard.backing_gain, heard.voice_gain, heard.end_s) == (0.5, 0.25, ready.end_s)


def test_a_voice_that_stays_silent_is_not_made_ready(song: Song, tmp_path: Path) -> None:
    ready = make_ready(song, rate=RATE, cache=tmp_path, with_voice=False)
    assert ready.voice is None
    alone = make_ready(
        replace(song, accompaniment=None), rate=RATE, cache=tmp_path, with_voice=False
    )
    assert alone.voice == song.vocal


def test_another_rate_is_made_in_the_cache(song: Song, tmp_path: Path) -> None:
    ready = make_ready(song, rate=8000, cache=tmp_path / "cache")
    assert ready.backing is not None
    assert ready.backing.is_relative_to(tmp_path / "cache")
    assert soundfile.info(ready.backing).samplerate == 8000


def test_a_mix_sings_already(song: Song, tmp_path: Path) -> None:
    ready = make_ready(Song("x", mix=song.accompaniment), rate=RATE, cache=tmp_path)
    assert ready.backing_sings
    assert ready.voice is None


def test_where_a_song_ends() -> None:
    notes = Melody((Note(1.0, 4.0, 60.0),), beat_s=0.1)
    assert end_of(Song("x"), ()) is None
    assert end_of(Song("x", melody=notes, offset_s=1.0), ()) == pytest.approx(7.0)
    assert end_of(Song("x", melody=notes), (9.0, 8.0)) == 9.0
    assert end_of(Song("x", end_s=5.0, offset_s=0.5), (9.0,)) == 5.5


def test_the_chosen_devices() -> None:
    assert setup_of(Settings()) == Setup(block=DEFAULT_BLOCK)
    chosen = Settings(
        input="mic", output="phones", host_api="ALSA", input_channel=1, output_channel=2, block=256
    )
    assert setup_of(chosen) == Setup(
        input="mic", output="phones", host_api="ALSA", channel=1, output_channel=2, block=256
    )


def test_a_calibrated_delay_goes_before_the_stamps() -> None:
    assert calibrated(None) == Delay()
    row = DelayRow(
        1, "mic", "phones", "ALSA", 48000, 512, "low", True, 0.04, 0.001, 12, 12, "chirps", 0.03,
        "2026-11-24T10:00:00+00:00",
    )  # fmt: skip
    assert calibrated(row) == Delay(0.04, "chirps", 0.03)


def test_room_on_the_disk_is_told_before_the_folder_is_there(tmp_path: Path) -> None:
    hours = hours_left(tmp_path / "not" / "yet", rate=48_000)
    assert hours is not None
    assert hours > 0
    assert hours_left(tmp_path, rate=96_000) == pytest.approx(hours / 2, rel=0.05)


def test_the_voice_s_pitch_is_there_once_it_was_kept(song: Song, tmp_path: Path) -> None:
    store = FeatureStore(tmp_path / "features")
    assert kept_pitch(song, store) is None
    assert kept_pitch(Song("x"), store) is None
    spec = FeatureSpec()
    hz = np.array([0, 220, 440, np.nan, 330], np.float32)
    voiced = np.array([1, 1, 0, 1, 1], bool)
    assert song.vocal is not None
    store.put(
        f"{sha256_of(song.vocal)}-{spec.track_key}",
        {"hz": hz, "confidence": np.ones(5, np.float32), "voiced": voiced},
    )
    found = kept_pitch(song, store)
    assert found is not None
    assert found.hop_s == spec.hop_s
    assert found.hz.tolist() == [0, 220, 0, 0, 330]
    assert kept_pitch(replace(song, vocal=tmp_path / "gone.wav"), store) is None
