"""Stems come out at their volumes and in their places, also when the disk is slow."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asa_desktop.core.errors import AudioError, PlaceError
from asa_desktop.engine.player import ArrayStem, FileStem, Player

pytestmark = pytest.mark.alone

RATE = 8000


def taken(player: Player, count: int, *, block: int = 160) -> np.ndarray:
    """What the callback would get, not faster than the player reads. Shape: (count, 2)."""
    blocks = []
    for _ in range(0, count, block):
        out = np.ones((block, 2), np.float32)
        deadline = time.monotonic() + 5
        wanted = min(player.position + block, player.frames)
        while player._filled < wanted and time.monotonic() < deadline:
            time.sleep(0.001)
        player.mix(out)
        blocks.append(out)
    return np.concatenate(blocks)[:count]


@pytest.fixture
def song(tmp_path: Path) -> tuple[Path, np.ndarray]:
    sound = np.random.default_rng(1).uniform(-0.3, 0.3, (12 * RATE, 2)).astype(np.float32)
    path = tmp_path / "song.wav"
    soundfile.write(path, sound, RATE, subtype="FLOAT")
    return path, sound


def test_a_song_longer_than_what_is_read_ahead_comes_out_whole(
    song: tuple[Path, np.ndarray],
) -> None:
    path, sound = song
    player = Player((FileStem(path, rate=RATE),), (1.0,), rate=RATE, frames=len(sound))
    try:
        np.testing.assert_array_equal(taken(player, len(sound)), sound)
        assert player.ended
        assert player.starved == 0
        np.testing.assert_array_equal(taken(player, 160), np.zeros((160, 2)))
    finally:
        player.close()


def test_it_begins_where_it_is_told(song: tuple[Path, np.ndarray]) -> None:
    path, sound = song
    stem = FileStem(path, rate=RATE, start=3 * RATE)
    assert stem.frames == 9 * RATE
    player = Player((stem,), (1.0,), rate=RATE, frames=RATE)
    try:
        np.testing.assert_array_equal(taken(player, RATE), sound[3 * RATE : 4 * RATE])
    finally:
        player.close()


def test_two_stems_sound_at_their_own_volumes_and_change_without_a_step() -> None:
    ones, twos = np.full(RATE, 0.1, np.float32), np.full(RATE, 0.2, np.float32)
    player = Player((ArrayStem(ones), ArrayStem(twos)), (1.0, 0.0), rate=RATE, frames=RATE)
    try:
        assert np.allclose(taken(player, 800), 0.1)
        player.gains = (1.0, 1.0)
        rising = taken(player, 160)[:, 0]
        assert np.abs(np.diff(rising)).max() < 0.01
        assert rising[-1] == pytest.approx(0.3)
        assert np.allclose(taken(player, 160), 0.3)
    finally:
        player.close()


class SlowStem(ArrayStem):
    """A disk that sleeps once, in the middle."""

    def __init__(self, samples: np.ndarray) -> None:
        super().__init__(samples)
        self.reads = 0

    def read(self, count: int) -> np.ndarray:
        self.reads += 1
        if self.reads == 4:
            time.sleep(0.4)
        return super().read(count)


def test_after_a_slow_disk_the_song_is_where_it_would_have_been() -> None:
    ramp = (np.arange(20 * RATE) / (20 * RATE)).astype(np.float32)
    player = Player((SlowStem(ramp),), (1.0,), rate=RATE, frames=len(ramp))
    heard = []
    try:
        for at in range(0, len(ramp), 160):
            out = np.ones((160, 2), np.float32)
            player.mix(out)
            heard.append(out[:, 0])
            # 40 times too fast for the reader that sleeps, who then has time to come up.
            time.sleep(1.0 if at == 15 * RATE else 0.0005)
    finally:
        player.close()
    sound = np.concatenate(heard)
    assert player.starved > 0
    sounding = sound != 0
    assert sounding[15 * RATE + 160 : 16 * RATE].all()
    np.testing.assert_array_equal(sound[sounding], ramp[sounding])


def test_what_cannot_be_played_is_said(tmp_path: Path) -> None:
    with pytest.raises(PlaceError, match="missing_file"):
        FileStem(tmp_path / "away.wav", rate=RATE)
    (tmp_path / "text.wav").write_text("words")
    with pytest.raises(AudioError, match="not_audio"):
        FileStem(tmp_path / "text.wav", rate=RATE)
    soundfile.write(tmp_path / "other.wav", np.zeros(10), 44100)
    with pytest.raises(AudioError, match="rate_differs"):
        FileStem(tmp_path / "other.wav", rate=RATE)


def test_a_file_is_silent_before_its_beginning(song: tuple[Path, np.ndarray]) -> None:
    path, sound = song
    stem = FileStem(path, rate=RATE, start=-1000)
    assert stem.frames == len(sound) + 1000
    np.testing.assert_array_equal(stem.read(600), 0)
    both = stem.read(1000)
    np.testing.assert_array_equal(both[:400], 0)
    np.testing.assert_array_equal(both[400:], sound[:600])


def test_a_place_behind_the_end_of_a_cut_off_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "cut.flac"
    soundfile.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, 4 * RATE), RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    with pytest.raises(AudioError, match="damaged"):
        FileStem(path, rate=RATE, start=3 * RATE)
