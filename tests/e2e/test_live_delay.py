"""From a tone in the room to the value that whoever shows it can read."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import figures
import numpy as np
import pytest
from room import Room, offset_of
from studio import studio, until, written

from asa_desktop.engine.messages import Finished, Job, Recording, Setup
from asa_desktop.engine.snapshot import clock
from asa_desktop.services.recorder import Recorder

pytestmark = pytest.mark.e2e

RATE = 48000
STEPS = 50
STEP_S = 0.4
MEDIAN_S, MOST_S = 0.060, 0.080
BLOCKS = (128, 256, 512)
CENTS = 50.0


def tones() -> tuple[np.ndarray, np.ndarray]:
    """A voice-like tone that steps to another pitch every 0.4 s: sound (n,) and Hz (k,)."""
    rng = np.random.default_rng(11)
    pitches = [220.0]
    while len(pitches) < STEPS + 1:
        other = float(np.exp(rng.uniform(np.log(110), np.log(700))))
        if abs(1200 * np.log2(other / pitches[-1])) > 150:
            pitches.append(other)
    hz = np.repeat(pitches, round(STEP_S * RATE))
    phase = 2 * np.pi * np.cumsum(hz) / RATE
    sound = sum(np.sin(k * phase) / k for k in range(1, 6))
    return (0.15 * np.asarray(sound)).astype(np.float32), np.array(pitches)


class Witness:
    """Reads the microphone with the least delay there is, and remembers when what came."""

    def __init__(self, room: Room) -> None:
        self._process = subprocess.Popen(
            [
                *("parec", "--device=mic", "--raw", f"--rate={RATE}", "--channels=1"),
                *("--format=float32le", "--latency-msec=1", "--process-time-msec=1"),
            ],
            env=room.environ,
            stdout=subprocess.PIPE,
        )
        self._came: list[tuple[float, bytes]] = []
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        while block := os.read(self._process.stdout.fileno(), 1 << 16):
            self._came.append((clock(), block))

    def stop(self) -> tuple[np.ndarray, np.ndarray]:
        """What was heard (n,), and when each sample of it came (n,)."""
        self._process.terminate()
        self._thread.join()
        self._process.wait()
        sound = np.frombuffer(b"".join(block for _, block in self._came), np.float32)
        times = np.concatenate([np.full(len(block) // 4, at) for at, block in self._came])
        return sound, times


def watch(recorder: Recorder, seconds: float) -> list[tuple[float, float]]:
    """When which pitch could be read, as a window that looks every millisecond."""
    seen: list[tuple[float, float]] = []
    deadline = clock() + seconds
    while (now := clock()) < deadline:
        hz = recorder.snapshot().hz
        if not seen or hz != seen[-1][1]:
            seen.append((now, hz))
        time.sleep(0.001)
    return seen


def delays(left_at: np.ndarray, pitches: np.ndarray, seen: list[tuple[float, float]]) -> np.ndarray:
    """How long after each step its pitch was read first. Shape: (steps,); infinite: never."""
    times, hz = np.array(seen).T
    found = []
    for moment, pitch in zip(left_at, pitches, strict=True):
        with np.errstate(divide="ignore"):
            near = np.abs(1200 * np.log2(np.maximum(hz, 1e-9) / pitch)) < CENTS
        at = times[near & (times >= moment - 0.02) & (times < moment + STEP_S)]
        found.append(at[0] - moment if len(at) else np.inf)
    return np.array(found)


def measured(room: Room, folder: Path, block: int) -> tuple[np.ndarray, int, int]:
    """Delays of all steps, the xruns, and the gaps, at a block size."""
    sound, pitches = tones()
    voice = written(folder / f"tones{block}.wav", sound, RATE)
    with studio(room) as recorder:
        recorder.open(Setup(input="vmic", output="vspeakers", rate=RATE, block=block))
        witness = Witness(room)
        recorder.record(Job(folder / f"{block}.w64", folder / f"{block}.flac"))
        until(recorder, Recording)
        room.play(voice, latency_ms=100)
        seen = watch(recorder, len(sound) / RATE + 1.0)
        recorder.stop()
        finished = until(recorder, Finished)
        heard, times = witness.stop()
    begun = round(offset_of(heard, sound, RATE) * RATE)
    steps = begun + round(STEP_S * RATE) * np.arange(1, STEPS + 1)
    found = delays(times[steps], pitches[1:], seen)
    return found, finished.measured.xruns, len(finished.measured.gaps)


def test_a_tone_is_read_soon_after_it_left_the_microphone(tmp_path: Path) -> None:
    clean: dict[int, np.ndarray] = {}
    with Room() as room:
        for block in BLOCKS:
            found, xruns, gaps = measured(room, tmp_path, block)
            middle, most = np.median(found), np.percentile(found, 95)
            figures.note(
                f"sound to live value, block {block}: {1000 * middle:.0f} ms in the median,"
                f" {1000 * most:.0f} ms for 95 %, {xruns} flags"
            )
            if not xruns and not gaps:
                clean[block] = found
    assert clean, "no block is carried cleanly"
    smallest = min(clean)
    figures.note(f"the smallest block that the server carried cleanly: {smallest}")
    assert np.median(clean[smallest]) <= MEDIAN_S
    assert np.percentile(clean[smallest], 95) <= MOST_S
