"""An engine that records three hours as fast as it can, and says how much memory that took."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import soundfile
from fake_sound import FakeSound

from asa_desktop.engine import messages, writer
from asa_desktop.engine.messages import Event, Job, Setup
from asa_desktop.engine.pulse import PulseWatch
from asa_desktop.engine.session import Engine
from asa_desktop.engine.snapshot import SnapshotReader, SnapshotWriter

RATE = 48000


def main(folder: Path, seconds: float) -> None:
    """Record `seconds` of noise over a song as long, and print what came of it as JSON."""
    writer.WRITE_S = 0.01  # as often as sound comes here
    PulseWatch.start = lambda **_: None  # type: ignore[method-assign, assignment]
    noise = np.random.default_rng(3).uniform(-0.5, 0.5, 1 << 16).astype(np.float32)
    sound = FakeSound(microphone=lambda first, count: np.roll(noise, -first)[:count])
    sound.keeps_played = False
    song = folder / "song.flac"
    with soundfile.SoundFile(song, "w", RATE, 2, "PCM_16") as file:
        for _ in range(round(seconds)):
            file.write(np.zeros((RATE, 2), np.int16))
    said: list[Event] = []
    with SnapshotReader() as reader, SnapshotWriter(reader.name) as snapshot:
        engine = Engine(said.append, snapshot, sound=sound, pause=lambda _: sound.pump(512))
        engine.handle(messages.Open(Setup()))
        idle = peak_mb()
        engine.handle(
            messages.Record(Job(folder / "take.w64", folder / "take.flac", accompaniment=song))
        )
        while not any(isinstance(each, messages.Finished | messages.Kept) for each in said):
            sound.pump(RATE)
            engine.tick()
            time.sleep(0.005)
        engine.shut_down()
    (end,) = (each for each in said if isinstance(each, messages.Finished))
    facts = {"idle_mb": idle, "peak_mb": peak_mb(), "seconds": end.measured.duration_s}
    print(json.dumps({**facts, "gaps": len(end.measured.gaps)}))


def peak_mb() -> float:
    """The most memory that this program has had; `ru_maxrss` counts the one that started it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return float(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
