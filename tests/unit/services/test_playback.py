"""Songs made playable at the stream's rate."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from asa_desktop.core.errors import AudioError, Cancelled, PlaceError
from asa_desktop.core.types import Song
from asa_desktop.services import playback
from asa_desktop.services.playback import Parts, parts_of, prepare_in_worker, prepared
from tests import material


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "playback"


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Five seconds of stereo at 16 kHz, left and right apart."""
    path = tmp_path / "Lied.wav"
    left = material.sing(5, seed=1)
    soundfile.write(path, np.stack([left, -0.5 * left], axis=1), 16_000)
    return path


def test_what_fits_is_played_as_it_is(song: Path, cache: Path) -> None:
    assert prepared(song, rate=16_000, cache=cache) == song
    assert not cache.exists()


def test_another_rate_is_made_once(song: Path, cache: Path) -> None:
    shares: list[float] = []
    made = prepared(song, rate=48_000, cache=cache, progress=shares.append)
    sound, rate = soundfile.read(made)
    ideal = soxr.resample(soundfile.read(song)[0], 16_000, 48_000)
    assert rate == 48_000
    assert sound.shape == ideal.shape == (240_000, 2)
    assert np.abs(sound - ideal).max() < 1e-4
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    before = made.stat().st_ino
    again: list[float] = []
    assert prepared(song, rate=48_000, cache=cache, progress=again.append) == made
    assert made.stat().st_ino == before
    assert again == []
    assert [each.name for each in cache.iterdir()] == [made.name]


def test_the_content_counts_not_the_name(song: Path, cache: Path) -> None:
    first = prepared(song, rate=48_000, cache=cache)
    copy = song.with_name("copy.bin")
    copy.write_bytes(song.read_bytes())
    assert prepared(copy, rate=48_000, cache=cache) == first
    soundfile.write(song, material.sing(2), 16_000)
    assert prepared(song, rate=48_000, cache=cache) != first
    assert prepared(copy, rate=44_100, cache=cache) != first


def test_a_damaged_or_lost_entry_is_made_again(song: Path, cache: Path) -> None:
    made = prepared(song, rate=48_000, cache=cache)
    made.write_bytes(b"fLaC")
    assert prepared(song, rate=48_000, cache=cache) == made
    assert soundfile.info(made).frames == 240_000
    made.unlink()
    cache.rmdir()
    assert prepared(song, rate=48_000, cache=cache) == made
    assert soundfile.info(made).frames == 240_000


def test_too_loud_after_resampling_is_cut_not_wrapped(tmp_path: Path, cache: Path) -> None:
    loud = tmp_path / "loud.wav"
    square = np.sign(np.sin(np.arange(16_000) * 0.3)).astype(np.float32)
    soundfile.write(loud, square, 16_000, subtype="FLOAT")
    sound, _ = soundfile.read(prepared(loud, rate=44_100, cache=cache))
    ideal = soxr.resample(square, 16_000, 44_100)
    assert np.abs(ideal).max() > 1.05
    assert np.abs(sound - np.clip(ideal, -1, 1)).max() < 1e-4


def test_a_cancelled_one_leaves_nothing(song: Path, cache: Path) -> None:
    with pytest.raises(Cancelled):
        prepared(song, rate=48_000, cache=cache, cancelled=lambda: True)
    assert list(cache.iterdir()) == []


def test_the_oldest_go_first(song: Path, cache: Path) -> None:
    made = [prepared(song, rate=rate, cache=cache) for rate in (44_100, 48_000, 22_050)]
    for age, path in enumerate(reversed(made)):
        os.utime(path, (1e9 - age, 1e9 - age))
    prepared(song, rate=44_100, cache=cache)  # used just now
    (cache / f".old.{playback.TEMPORARY}").write_bytes(b"left by a kill")
    os.utime(cache / f".old.{playback.TEMPORARY}", (1e9, 1e9))
    sizes = {path: path.stat().st_size for path in made}
    newest = song.with_name("new.wav")
    soundfile.write(newest, material.sing(1), 16_000)
    kept = prepared(newest, rate=48_000, cache=cache, limit_bytes=sizes[made[0]] + sizes[made[2]])
    assert {each for each in made if each.exists()} == {made[0]}
    assert kept.exists()
    assert len(list(cache.iterdir())) == 2


def test_faults_name_the_song(tmp_path: Path, cache: Path, song: Path) -> None:
    whole = song.read_bytes()
    song.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(AudioError) as caught:
        prepared(song, rate=48_000, cache=cache)
    assert (caught.value.code, caught.value.facts["path"]) == ("cut_short", song)
    assert list(cache.iterdir()) == []
    with pytest.raises(PlaceError, match="missing_file"):
        prepared(tmp_path / "gone.wav", rate=48_000, cache=cache)


def test_a_full_disk(song: Path, small_disk: Path) -> None:
    soundfile.write(song, material.hiss(20), 16_000)
    with pytest.raises(PlaceError) as caught:
        prepared(song, rate=96_000, cache=small_disk / "cache")
    assert caught.value.code == "disk_full"
    assert list((small_disk / "cache").iterdir()) == []


def test_in_a_worker(song: Path, cache: Path) -> None:
    shares: list[float] = []
    own, made = prepare_in_worker(
        (song, song), rate=16_000, cache=cache, progress=shares.append
    )  # fmt: skip
    assert (own.path, made.path) == (song, song)
    assert own.seconds == pytest.approx(5.0)
    (made,) = prepare_in_worker((song,), rate=48_000, cache=cache, progress=shares.append)
    assert made.path.parent == cache
    assert made.seconds == pytest.approx(5.0)
    assert shares[-1] == 1.0
    assert prepare_in_worker((), rate=48_000, cache=cache) == ()


def test_a_fault_in_the_worker_comes_back_whole(song: Path, tmp_path: Path, cache: Path) -> None:
    text = tmp_path / "song.wav"
    text.write_text("no sound at all, but long enough to be looked at")
    with pytest.raises(AudioError) as caught:
        prepare_in_worker((song, text), rate=48_000, cache=cache)
    assert (caught.value.code, caught.value.facts["path"]) == ("not_audio", text)


def _dies(connection: object, *_: object) -> None:
    os._exit(11)


def test_a_worker_that_dies_names_the_file(
    song: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playback, "_work", _dies)
    with pytest.raises(AudioError) as caught:
        prepare_in_worker((song,), rate=48_000, cache=cache)
    assert (caught.value.code, caught.value.facts["path"]) == ("decoder_died", song)


def test_a_worker_can_be_cancelled(song: Path, cache: Path) -> None:
    with pytest.raises(Cancelled):
        prepare_in_worker((song,), rate=48_000, cache=cache, cancelled=lambda: True)


A, V, M = Path("a"), Path("v"), Path("m")


@pytest.mark.parametrize(
    ("song", "parts"),
    [
        (Song("", accompaniment=A, vocal=V, mix=M), Parts(A, V)),
        (Song("", accompaniment=A), Parts(A)),
        (Song("", mix=M, vocal=V), Parts(M, backing_sings=True)),
        (Song("", mix=M), Parts(M, backing_sings=True)),
        (Song("", vocal=V), Parts(voice=V)),
        (Song(""), Parts()),
    ],
)
def test_what_is_heard_while_singing(song: Song, parts: Parts) -> None:
    assert parts_of(song) == parts
