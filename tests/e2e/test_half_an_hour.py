"""Thirty minutes without a lost sample, beside everything that a computer does meanwhile."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import drifting_engine
import figures
import numpy as np
import pytest
import soundfile
from carried import ROOT, bundled_models
from room import RampCheck, Room, offset_of, ramp
from studio import studio, until, written

from asa_desktop.engine.messages import Finished, Job, Measured, Recording, Setup
from asa_desktop.services.recorder import Recorder

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(3000)]

SECONDS = float(os.environ.get("ASA_SOAK_S", "1800"))
RATE = 48000
DRIFT_BAR_S = 0.020
BURST_EVERY_S = 30.0


def analyse_over_and_over(stop: object) -> None:
    """What the analysis worker does, without a break."""
    os.environ["OMP_NUM_THREADS"] = "1"
    os.nice(10)
    from asa_desktop.core import analyse, load_model
    from asa_desktop.core.songs import load_song

    song = load_song(ROOT / "resources" / "demo" / "pjs-medley")
    model = load_model(bundled_models()[0], device="cpu")
    while not stop.is_set():  # type: ignore[attr-defined]
        analyse(ROOT / "resources" / "demo" / "takes" / "pjs-medley.flac", song, model=model)


@contextmanager
def an_analysis() -> Iterator[None]:
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    worker = context.Process(target=analyse_over_and_over, args=(stop,), daemon=True)
    worker.start()
    try:
        yield
        assert worker.is_alive(), "the analysis has ended early"
    finally:
        stop.set()
        worker.join(60)
        worker.kill()


@contextmanager
def a_held_lock() -> Iterator[list[int]]:
    """Keep this process's interpreter lock for 200 ms twice a second; how often so far."""
    sleep = ctypes.PyDLL(None).usleep  # PyDLL does not let go of the lock
    ended, held = threading.Event(), [0]

    def hold() -> None:
        while not ended.wait(0.3):
            sleep(200_000)
            held[0] += 1

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        yield held
    finally:
        ended.set()
        thread.join()


def bursts() -> tuple[np.ndarray, np.ndarray]:
    """A song of noise bursts, and the frames at which they begin. Shapes: (n,), (k,)."""
    rng = np.random.default_rng(7)
    song = np.zeros(round(SECONDS * RATE), np.float32)
    starts = (np.arange(5.0, SECONDS - 2, BURST_EVERY_S) * RATE).astype(int)
    for start in starts:
        song[start : start + RATE // 2] = rng.uniform(-0.4, 0.4, RATE // 2)
    return song, starts


def offsets(finished: Finished, song: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """By how much each burst lies later in the take than in the song, in seconds."""
    found = []
    with soundfile.SoundFile(finished.path) as take:
        for start in starts:
            first = max(0, start - RATE)
            take.seek(first)
            heard = take.read(3 * RATE, dtype="float32")
            burst = song[start : start + RATE // 2]
            found.append(first / RATE + offset_of(heard, burst, RATE) - start / RATE)
    return np.array(found)


def record(recorder: Recorder, job: Job) -> None:
    recorder.record(job)
    until(recorder, Recording)


def test_half_an_hour_loses_no_sample_and_keeps_two_clocks_together(tmp_path: Path) -> None:
    song, starts = bursts()
    with ExitStack() as stack:
        enter = stack.enter_context
        room, other_room = enter(Room()), enter(Room())
        plain = enter(studio(room))
        drifting = enter(studio(other_room, main=drifting_engine.main))
        plain.open(Setup(input="vmic", output="vspeakers", rate=RATE))
        two = Setup(input="vloop", output="vspeakers", rate=RATE, streams="two")
        opened = drifting.open(two)
        assert not opened.duplex
        found = drifting.calibrate()
        enter(an_analysis())
        held = enter(a_held_lock())
        record(plain, Job(tmp_path / "ramp.w64", tmp_path / "ramp.flac"))
        time.sleep(1.0)
        fed = room.feed_raw(ramp(round(SECONDS * RATE)))
        record(
            drifting,
            Job(
                part=tmp_path / "drift.w64",
                target=tmp_path / "drift.flac",
                accompaniment=written(tmp_path / "song.wav", song, RATE),
                delay_s=found.delay_s,
                delay_from="chirps",
                delay_stamp_s=found.stamp_delay_s,
            ),
        )
        drifted = until(drifting, Finished, most_s=SECONDS + 300)
        assert fed.wait(SECONDS + 60) == 0
        time.sleep(1.0)
        plain.stop()
        finished = until(plain, Finished, most_s=300)
        holds = held[0]
    see_the_ramp(finished, holds)
    see_the_clocks(drifted.measured, offsets(drifted, song, starts), starts / RATE)


def see_the_ramp(finished: Finished, holds: int) -> None:
    check = RampCheck()
    for block in soundfile.blocks(finished.path, blocksize=1 << 16, dtype="int32"):
        check.feed(block)
    figures.note(
        f"{check.length / RATE / 60:.1f} min of ramp: {len(check.breaks)} breaks,"
        f" {round(SECONDS * RATE) - check.length} samples missing, {finished.measured.xruns} flags;"
        f" the lock was held {holds} times"
    )
    assert check.breaks == []
    assert check.length == round(SECONDS * RATE)
    assert check.lead == 0
    assert finished.measured.gaps == ()
    assert holds > 1.5 * SECONDS


def see_the_clocks(measured: Measured, late: np.ndarray, at: np.ndarray) -> None:
    """Put each burst to its place by what the take says of itself."""
    put = (at + late - measured.latency_s) / measured.clock_ratio - at
    drift_s = late - measured.latency_s
    figures.note(
        f"{drifting_engine.PPM:.0f} ppm over {at[-1] / 60:.1f} min: measured"
        f" {1e6 * (measured.clock_ratio - 1):.1f} ppm; {1000 * np.abs(put).max():.1f} ms off at"
        f" worst, {1000 * np.abs(drift_s).max():.0f} ms without"
    )
    assert np.abs(put).max() < DRIFT_BAR_S
