"""Takes and clips are heard where no microphone can be had, and lost speakers are noticed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import figures
import numpy as np
import pytest
from room import SONG, SONG_RIGHT, Room, offset_of
from studio import studio, until, written

from asa_desktop.core.errors import PlaceError
from asa_desktop.engine.messages import Back, Lost, Play, Played, Setup
from asa_desktop.services.recorder import Recorder

pytestmark = pytest.mark.e2e

RATE = 48000
CLIP_S = 2.0
DEAF = Setup(output="vspeakers", rate=RATE, listen=False)


@pytest.fixture
def room() -> Iterator[Room]:
    with Room() as room:
        yield room


def noise(folder: Path, seconds: float) -> tuple[Path, np.ndarray]:
    sound = np.random.default_rng(7).uniform(-0.2, 0.2, round(seconds * RATE)).astype(np.float32)
    return written(folder / "take.wav", sound, RATE), sound


def microphones_of(room: Room, recorder: Recorder) -> list[int]:
    """The streams that record for the engine."""
    return [owner for owner in room.streams().values() if owner == recorder._process.pid]


def test_a_take_is_heard_where_there_is_no_microphone(room: Room, tmp_path: Path) -> None:
    take, sound = noise(tmp_path, CLIP_S)
    with studio(room) as recorder, room.judge(tmp_path / "room.raw") as judge:
        for name in ("mic", "loopmic"):
            room.unload(name)
        with pytest.raises(PlaceError):
            recorder.open(Setup(input="vmic", output="vspeakers", rate=RATE))
        opened = recorder.open(DEAF)
        assert (opened.input, opened.duplex) == ("", False)
        assert microphones_of(room, recorder) == []
        began = time.monotonic()
        recorder.play(Play(vocal=take))
        furthest = 0.0
        while not any(isinstance(each, Played) for each in recorder.events(wait_s=0.05)):
            furthest = max(furthest, recorder.snapshot().song_s)
            assert time.monotonic() - began < 20
        judge.stop()
        for channel in (SONG, SONG_RIGHT):
            heard = np.array(judge.sound[:, channel])
            at = round(offset_of(heard, sound, RATE) * RATE)
            apart = heard[at : at + len(sound)] - sound
            assert np.abs(apart).max() < 1e-4, "every sample, one after the other"
            assert np.abs(heard[at + len(sound) + RATE // 10 :]).max(initial=0.0) < 1e-6
        with pytest.raises(PlaceError, match="only_plays"):
            recorder.calibrate()
    figures.note(f"{CLIP_S:.0f} s heard without a microphone, followed to {furthest:.2f} s")
    assert furthest > CLIP_S - 0.3


def test_speakers_that_go_away_are_noticed_and_come_back(room: Room, tmp_path: Path) -> None:
    take, _ = noise(tmp_path, 20.0)
    with studio(room) as recorder:
        recorder.open(DEAF)
        recorder.play(Play(vocal=take))
        time.sleep(1.0)
        assert not [each for each in recorder.events() if isinstance(each, Lost | Played)]
        gone = time.monotonic()
        room.kill_server()
        until(recorder, Lost, most_s=5)
        noticed = time.monotonic() - gone
        room.restart_server()
        back = until(recorder, Back, most_s=20)
        assert back.opened.input == ""
        assert microphones_of(room, recorder) == []
        recorder.play(Play(vocal=take, end_s=0.5))
        until(recorder, Played, most_s=10)
    figures.note(f"speakers lost while playing alone: noticed after {noticed:.2f} s")
    assert noticed < 0.5
