"""From a tone in the room to the value that whoever shows it can read."""

from __future__ import annotations

import time
from pathlib import Path

import figures
import numpy as np
import pytest
from room import Room, offset_of
from studio import studio, until, written
from tones import RATE, STEP_S, STEPS, Witness, delays, tones

from asa_desktop.engine.messages import Finished, Job, Recording, Setup
from asa_desktop.engine.snapshot import clock
from asa_desktop.services.recorder import Recorder

pytestmark = pytest.mark.e2e

MEDIAN_S, MOST_S = 0.060, 0.080
BLOCKS = (128, 256, 512)


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


def measured(room: Room, folder: Path, block: int) -> tuple[np.ndarray, int, int]:
    """Delays of all steps, the xruns, and the gaps, at a block size."""
    sound, pitches = tones()
    voice = written(folder / f"tones{block}.wav", sound, RATE)
    with studio(room) as recorder:
        recorder.open(Setup(input="vmic", output="vspeakers", rate=RATE, block=block))
        witness = Witness(room.environ)
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
