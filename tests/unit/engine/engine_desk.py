"""An engine over a fake sound system whose streams the tests turn by hand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fake_sound import FakeSound

from asa_desktop.engine import messages
from asa_desktop.engine.messages import Event, Job, Setup
from asa_desktop.engine.session import Engine
from asa_desktop.engine.snapshot import SnapshotReader, SnapshotWriter, State

RATE = 48000
STEP = 1 / (1 << 15)
FLAGS = ("input_overflow", "input_underflow", "output_overflow", "output_underflow")


def ramp(first: int, count: int) -> np.ndarray:
    """A microphone whose every sample says which it is; it comes back after 1.4 s."""
    return ((np.arange(first, first + count) % 65536) - 32768).astype(np.float32) * np.float32(STEP)


class Desk:
    """An engine over a fake sound system, and what it said."""

    def __init__(self, sound: FakeSound, folder: Path) -> None:
        self.sound, self.folder = sound, folder
        self.said: list[Event] = []
        self.reader = SnapshotReader()
        self.writer = SnapshotWriter(self.reader.name)
        self.engine = Engine(
            self.said.append, self.writer, sound=sound, pause=lambda seconds: sound.pump(512)
        )

    def close(self) -> None:
        self.engine.shut_down()
        self.writer.close()
        self.reader.close()

    def open(self, **setup: object) -> messages.Opened:
        answer = self.engine.handle(messages.Open(Setup(**setup)))  # type: ignore[arg-type]
        assert isinstance(answer, messages.Opened)
        return answer

    def job(self, song_s: float | None = 1.0, **more: object) -> Job:
        song = None
        if song_s is not None:
            song = self.folder / "song.wav"
            sound = np.full((round(song_s * RATE), 2), 0.25, np.float32)
            soundfile.write(song, sound, RATE, subtype="FLOAT")
        facts = {"part": self.folder / "take.w64", "target": self.folder / "take.flac"}
        return Job(**{**facts, "accompaniment": song, **more})  # type: ignore[arg-type]

    def turn(self, seconds: float) -> None:
        """Let time pass for devices and engine alike."""
        for _ in range(round(seconds * RATE / 512)):
            self.sound.pump(512)
            self.engine.tick()
        time.sleep(0.05)  # for those who look at it from threads of their own

    def until(self, kind: type, *, most_s: float = 10.0, turning: bool = True) -> Event:
        """Turn until an event of `kind` was said, and give the newest."""
        deadline = time.monotonic() + most_s
        while not (found := [each for each in self.said if isinstance(each, kind)]):
            assert time.monotonic() < deadline, f"no {kind.__name__} in {self.said}"
            if turning:
                self.sound.pump(512)
            self.engine.tick()
            time.sleep(0.001)
        return found[-1]

    def sees(self, state: State) -> None:
        """Wait until the snapshot, which a thread of its own publishes, shows `state`."""
        deadline = time.monotonic() + 5
        while self.reader.read().state != state:
            assert time.monotonic() < deadline, self.reader.read()
            time.sleep(0.005)

    def take(self) -> np.ndarray:
        finished = self.until(messages.Finished)
        assert isinstance(finished, messages.Finished)
        sound, rate = soundfile.read(finished.path, dtype="float32")
        assert rate == RATE
        return sound


@pytest.fixture
def desk_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Desk]]:
    monkeypatch.setattr("asa_desktop.engine.session.PulseWatch.start", lambda **_: None)
    desks: list[Desk] = []

    def make(**sound: object) -> Desk:
        desks.append(Desk(FakeSound(**{"microphone": ramp, **sound}), tmp_path))  # type: ignore[arg-type]
        return desks[-1]

    yield make
    for each in desks:
        each.close()
