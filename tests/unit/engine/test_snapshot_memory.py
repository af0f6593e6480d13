"""A reader sees whole states and points, and the memory goes when the last of both has."""

from __future__ import annotations

import math
import multiprocessing
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import snapshot_processes
from hypothesis import given
from hypothesis import strategies as st

from asa_desktop.engine.snapshot import (
    POINTS,
    Snapshot,
    SnapshotReader,
    SnapshotWriter,
    State,
    clock,
)

pytestmark = pytest.mark.alone

SCRIPT = Path(snapshot_processes.__file__)
SHARED = Path("/dev/shm")
needs_posix = pytest.mark.skipif(not SHARED.is_dir(), reason="looks into /dev/shm")

counts = st.integers(0, 2**62)
numbers = st.floats(allow_nan=False)


def started(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, said = process.communicate(timeout=20)
    return process.returncode, said


@given(
    st.builds(
        Snapshot,
        state=st.sampled_from(State), song_s=numbers, recorded_s=numbers, peak_db=numbers,
        rms_db=numbers, clipped=counts, clipping=st.booleans(), hz=numbers, clarity=numbers,
        pitch_song_s=numbers, heard_at=numbers, xruns_in=counts, xruns_out=counts, gaps=counts,
        clock_ppm=numbers, stamp_delay_s=numbers, beat=st.just(1),
    )
)  # fmt: skip
def test_what_is_published_is_read(snapshot):
    with SnapshotReader() as reader, SnapshotWriter(reader.name) as writer:
        assert reader.read() == Snapshot()
        writer.publish(snapshot)
        assert reader.read() == snapshot


@given(st.lists(st.integers(0, 1500), max_size=6))
def test_points_come_once_in_order_and_gaps_are_told(batches):
    with SnapshotReader() as reader, SnapshotWriter(reader.name) as writer:
        written = since = 0
        for batch in batches:
            for number in range(written, written + batch):
                writer.point(number, 100 + number, 0.5, -20)
            written += batch
            points, after = reader.points(since)
            assert after == written
            assert len(points) == min(batch, POINTS)
            assert np.array_equal(points["song_s"], np.arange(written - len(points), written))
            assert np.array_equal(points["hz"], 100 + points["song_s"].astype(np.float32))
            since = after


def test_a_writer_that_makes_the_memory_and_one_that_comes_back_go_on_counting():
    with SnapshotWriter() as writer, SnapshotReader(writer.name) as reader:
        writer.publish(Snapshot(hz=1.0))
        writer.point(1, 2, 3, 4)
        with SnapshotWriter(writer.name) as second:
            second.publish(Snapshot(hz=2.0))
            second.point(5, 6, 7, 8)
        assert reader.read() == Snapshot(hz=2.0, beat=2)
        assert reader.points(0)[0].tolist() == [(1, 2, 3, 4), (5, 6, 7, 8)]


def test_no_reading_is_torn_while_another_process_writes():
    with SnapshotReader() as reader:
        writer = started("hammer", reader.name, "60")
        beats, since, got, missed = set(), 0, 0, 0
        while len(beats) < 300 or got < 10_000:
            assert writer.poll() is None
            snapshot = reader.read()
            if snapshot.beat:
                assert snapshot == snapshot_processes.numbered(snapshot.beat)
                beats.add(snapshot.beat)
            points, after = reader.points(since)
            numbers = np.arange(after - len(points), after)
            assert np.array_equal(points["song_s"], numbers)
            assert np.array_equal(points["hz"], numbers % 4096)
            missed += after - since - len(points)
            got, since = got + len(points), after
        writer.kill()
        assert ended(writer)[1] == ""
        assert got + missed == since <= reader.points(since)[1]
        assert reader.read() == snapshot_processes.numbered(reader.read().beat)


def test_a_state_damaged_in_the_middle_of_writing_leaves_the_one_before():
    with SnapshotReader() as reader, SnapshotWriter(reader.name) as writer:
        writer.publish(Snapshot(hz=1.0))
        assert reader.read().hz == 1.0
        writer.publish(Snapshot(hz=2.0))
        memory = writer._memory._bytes
        memory[64 + 2 * 256 + 5] ^= 1
        assert reader.read() == Snapshot(hz=1.0, beat=1)
        memory[64 + 2 * 256 + 5] ^= 1
        assert reader.read() == Snapshot(hz=2.0, beat=2)


def test_the_clock_is_one_for_all_processes():
    before = clock()
    there = subprocess.run(
        [sys.executable, "-c",
         "from asa_desktop.engine.snapshot import clock; print(repr(clock()))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert before < float(there.stdout) < clock()


@needs_posix
def test_a_killed_engine_leaves_its_last_state_and_no_memory():
    with SnapshotReader() as reader:
        engine = started("writer", reader.name)
        assert line_of(engine) == "up"
        assert reader.read().hz == 440.0
        engine.kill()
        ended(engine)
        time.sleep(0.2)
        assert reader.read() == Snapshot(hz=440.0, beat=1)
        assert not (SHARED / reader.name).exists()


@needs_posix
def test_a_killed_window_leaves_the_engine_its_memory_and_the_system_none():
    window = started("reader")
    name = line_of(window)
    assert (SHARED / name).exists()
    engine = started("writer", name)
    assert line_of(engine) == "up"
    assert line_of(window) == "seen"
    window.kill()
    ended(window)
    assert not (SHARED / name).exists()
    assert engine.stdin is not None
    for _ in range(3):
        engine.stdin.write("\n")
    assert ended(engine) == (0, "")


@needs_posix
def test_a_window_killed_before_the_engine_came_leaves_nothing():
    window = started("reader")
    name = line_of(window)
    window.kill()
    ended(window)
    deadline = time.monotonic() + 10
    while (SHARED / name).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not (SHARED / name).exists()
    with pytest.raises(FileNotFoundError):
        SnapshotWriter(name)


@needs_posix
@pytest.mark.parametrize("late", [False, True])
def test_an_ordinary_end_is_silent_whoever_is_first(late):
    """Also where the engine shares the resource tracker of the process that spawned it."""
    both = started("both", "late" if late else "soon")
    said, faults = both.communicate(timeout=30)
    name, code = said.split()
    assert (both.returncode, code, faults) == (0, "0", "")
    assert not (SHARED / name).exists()


def test_publishing_and_reading_cost_little():
    with SnapshotReader() as reader, SnapshotWriter(reader.name) as writer:
        best = math.inf
        for _ in range(200):
            began = time.perf_counter()
            writer.publish(Snapshot(hz=440.0))
            reader.read()
            best = min(best, time.perf_counter() - began)
    assert best < 0.001


def test_closed_memory_says_so():
    reader = SnapshotReader()
    reader.close()
    reader.close()
    with pytest.raises(ValueError, match="closed"):
        reader.read()


def test_joining_leaves_other_memory_tracked():
    """Only the joined name is kept from the tracker; a lock made meanwhile is not."""
    with SnapshotReader() as reader, SnapshotWriter(reader.name):
        lock = multiprocessing.get_context("spawn").Lock()
        assert lock.acquire(timeout=1)
