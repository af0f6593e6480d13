"""Tones that step from pitch to pitch, and when each step left the microphone."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Mapping

import numpy as np

from asa_desktop.engine.snapshot import clock

RATE = 48000
STEPS = 50
STEP_S = 0.4
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

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [
                *("parec", "--device=mic", "--raw", f"--rate={RATE}", "--channels=1"),
                *("--format=float32le", "--latency-msec=1", "--process-time-msec=1"),
            ],
            env=environ,
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
