"""Processes of their own at either end of a snapshot's memory; run by file."""

from __future__ import annotations

import multiprocessing
import sys
import time

from asa_desktop.engine.snapshot import Snapshot, SnapshotReader, SnapshotWriter, State


def numbered(number: int) -> Snapshot:
    """A state of which every field tells `number`, so that a mixture shows."""
    whole, part = number, float(number)
    return Snapshot(
        state=State(number % 6), song_s=part, recorded_s=part, peak_db=-part, rms_db=-part,
        clipped=whole, clipping=bool(number % 2), hz=part, clarity=part, pitch_song_s=part,
        heard_at=part, xruns_in=whole, xruns_out=whole, gaps=whole, clock_ppm=part,
        stamp_delay_s=part, beat=number,
    )  # fmt: skip


def hammer(name: str, seconds: float) -> None:
    """Publish states and points as fast as can be."""
    with SnapshotWriter(name) as writer:
        end, number = time.perf_counter() + seconds, 0
        while time.perf_counter() < end:
            number += 1
            writer.publish(numbered(number))
            value = float(number - 1)
            writer.point(value, value % 4096, value % 4096, value % 4096)


def wait_as_writer(name: str) -> None:
    writer = SnapshotWriter(name)
    writer.publish(Snapshot(hz=440.0))
    print("up", flush=True)
    beats = 0
    while sys.stdin.readline():
        beats += 1
        writer.publish(Snapshot(hz=440.0 + beats))
    writer.close()


def wait_as_reader() -> None:
    """Make the memory, see one state, wait to be killed."""
    reader = SnapshotReader()
    print(reader.name, flush=True)
    while not reader.read().beat:
        time.sleep(0.005)
    print("seen", flush=True)
    sys.stdin.readline()


def both(first: str) -> None:
    """Make the memory, spawn an engine that shares our resource tracker, end before or after it."""
    reader = SnapshotReader()
    print(reader.name)
    context = multiprocessing.get_context("spawn")
    engine = context.Process(target=hammer, args=(reader.name, 0.3))
    engine.start()
    while not reader.read().beat:
        time.sleep(0.01)
    if first == "late":
        engine.join()
    reader.close()
    engine.join()
    print(engine.exitcode)


if __name__ == "__main__":
    {"hammer": lambda: hammer(sys.argv[2], float(sys.argv[3])),
     "writer": lambda: wait_as_writer(sys.argv[2]),
     "reader": wait_as_reader,
     "both": lambda: both(sys.argv[2])}[sys.argv[1]]()  # fmt: skip
