"""Recordings made ready: pieces of a bearable length, and pitch tracks that are kept."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from asa_training.corpus import of_split, recordings
from asa_training.render import source as module
from asa_training.render.source import load_sources
from singing_voice import RATE, melody_f0, sing

from asa_desktop.core.errors import AsaError


def data_with(folder: Path, sound: np.ndarray, rate: int = RATE) -> Path:
    place = folder / "pjs" / "pjs001" / "pjs001_song.flac"
    place.parent.mkdir(parents=True)
    soundfile.write(place, sound, rate)
    return folder


def test_stereo_at_another_rate_becomes_one_source(tmp_path: Path) -> None:
    mono = sing(melody_f0())
    data = data_with(tmp_path, np.stack([mono, mono], axis=1))
    (one,) = load_sources(of_split(recordings(data), "train")[0])
    assert one.audio.shape == mono.shape
    assert len(one.notes) == 5
    assert abs(one.f0.size * 0.005 - mono.size / RATE) < 0.011


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_the_sound_is_the_files_own_to_the_bit(tmp_path: Path, subtype: str) -> None:
    """What was rendered before has to come out the same, byte for byte, when it is made again."""
    mono = sing(melody_f0())
    place = tmp_path / "pjs" / "pjs001" / "pjs001_song.flac"
    place.parent.mkdir(parents=True)
    soundfile.write(place, np.stack([mono, mono[::-1]], axis=1), 24_000, subtype=subtype)
    (one,) = load_sources(recordings(tmp_path)[0])
    sound, rate = soundfile.read(place, dtype="float64")
    assert np.array_equal(
        one.audio, soxr.resample(sound.mean(axis=1), rate, RATE)[: one.audio.size]
    )


def test_the_pitch_track_is_kept_and_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = data_with(tmp_path / "data", sing(melody_f0()))
    recording = recordings(data)[0]
    (first,) = load_sources(recording, kept=tmp_path / "kept")

    def never(*_: object) -> None:
        raise AssertionError("tracked again")

    monkeypatch.setattr(module, "track_f0", never)
    (again,) = load_sources(recording, kept=tmp_path / "kept")
    assert np.array_equal(first.f0, again.f0)
    assert not list((tmp_path / "kept").glob("*.part"))


def test_a_long_recording_is_cut_where_nobody_sings(tmp_path: Path) -> None:
    phrase = [(220.0, 0.6), (247.0, 0.6), (262.0, 0.8), (0.0, 0.4)]
    f0 = melody_f0(phrase * 25)
    kept = tmp_path / "kept"
    data = data_with(tmp_path / "data", np.zeros(f0.size * 80))
    recording = recordings(data)[0]
    kept.mkdir()
    # the track stands ready, so that a minute of sound need not be analysed
    np.save(kept / f"{recording.sha256()[:24]}-harvest16k.npy", f0)
    pieces = load_sources(recording, kept=kept)
    assert len(pieces) > 1
    assert len({one.id for one in pieces}) == len(pieces)
    assert pieces[0].start == 0.0
    for one, after in pairwise(pieces):
        assert one.end == after.start
        assert f0[round(one.end / 0.005)] == 0
        assert 8 < one.end - one.start < 32
    assert sum(one.audio.size for one in pieces) == f0.size * 80


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty_file"), (b"no sound at all", "not_audio"), (None, "missing_file")],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, content: bytes | None, code: str) -> None:
    data = data_with(tmp_path, sing(melody_f0()))
    recording = recordings(data)[0]
    if content is None:
        recording.path.unlink()
    else:
        recording.path.write_bytes(content)
    with pytest.raises(AsaError) as caught:
        load_sources(recording)
    assert caught.value.code == code


@pytest.mark.parametrize("seconds", [0.05, 1.0])
def test_silence_is_no_source(tmp_path: Path, seconds: float) -> None:
    data = data_with(tmp_path, np.zeros(round(seconds * RATE)))
    with pytest.raises(AsaError) as caught:
        load_sources(recordings(data)[0])
    assert caught.value.code == "too_little_sung"
