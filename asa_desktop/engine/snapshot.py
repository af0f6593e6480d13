"""What the engine sees now, in memory that the window looks into.

Nothing queues: the newest state replaces the one before, and of the pitch the last `POINTS` points
are there, so a reader that comes late has missed some and one that never comes harms nobody. Each
record is written beside the one that is current and carries a checksum, so that a reader takes it
whole or looks again, on any processor, and a writer killed in the middle leaves the last whole one.

Whoever runs the engine makes the memory with `SnapshotReader()` and hands its name on; the engine
joins with `SnapshotWriter(name)`. As soon as the first state has come through, the name is given
up: from then on the system frees the memory when the last of both has ended, however it ended.
"""

from __future__ import annotations

import contextlib
import operator
import struct
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from enum import IntEnum
from multiprocessing import resource_tracker, shared_memory
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

POINTS = 1024
POINT = np.dtype([("song_s", "<f8"), ("hz", "<f4"), ("clarity", "<f4"), ("rms_db", "<f4")])
Points = NDArray[np.void]
"""Pitch points in the order in which they were sung. Shape: (n,), fields as in `POINT`."""

clock: Callable[[], float] = time.perf_counter
"""Seconds on the system's steady clock, the same in every process: CLOCK_MONOTONIC on Linux,
mach_absolute_time on macOS, QueryPerformanceCounter on Windows (where `time.monotonic` of
Python 3.11 moves in steps of 16 ms)."""


class State(IntEnum):
    """What the engine is doing; `CLOSED`: no device is open, `LOST`: one went away."""

    CLOSED = 0
    IDLE = 1
    RECORDING = 2
    PLAYING = 3
    CALIBRATING = 4
    LOST = 5


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The newest state. Times in seconds, levels in dBFS.

    `song_s`: where the song is; `pitch_song_s`: where it was when `hz` was sung (0 Hz: nothing
    was). `heard_at`: when, on `clock`, the newest sample behind `hz` came in. `clipped` counts the
    places that clipped, `clipping`: one did lately. `beat` counts what was published: where it
    stays, the engine is gone.
    """

    state: State = State.CLOSED
    song_s: float = 0.0
    recorded_s: float = 0.0
    peak_db: float = -120.0
    rms_db: float = -120.0
    clipped: int = 0
    clipping: bool = False
    hz: float = 0.0
    clarity: float = 0.0
    pitch_song_s: float = 0.0
    heard_at: float = 0.0
    xruns_in: int = 0
    xruns_out: int = 0
    gaps: int = 0
    clock_ppm: float = 0.0
    stamp_delay_s: float = 0.0
    beat: int = 0


_all_but_beat = operator.attrgetter(*(each.name for each in fields(Snapshot)[:-1]))
_STATE = struct.Struct("<i4dq?4d3q2dq")
_POINT = struct.Struct("<q4d")
_CHECK = struct.Struct("<I")
_HEAD = struct.Struct("@Q")
_SLOTS = 8
_SLOT_SIZE = 256
_POINT_SIZE = 64
_POINTS_AT = 64 + _SLOTS * _SLOT_SIZE
_SIZE = _POINTS_AT + POINTS * _POINT_SIZE
_BEAT, _POINT_COUNT = 0, 1
_TRIES = 1000


class SnapshotWriter:
    """The engine's side. Without a name it makes the memory, with one it joins it.

    Raises `FileNotFoundError` where nothing has that name any more: who made it has ended.
    """

    def __init__(self, name: str | None = None) -> None:
        self._memory = _Memory(name)
        self.name = self._memory.name
        self._beat = self._memory.count(_BEAT)
        self._points = self._memory.count(_POINT_COUNT)

    def publish(self, snapshot: Snapshot) -> None:
        """Make `snapshot` the newest state; its beat is set here. One thread alone may."""
        self._beat += 1
        record = _STATE.pack(*_all_but_beat(snapshot), self._beat)
        self._memory.put(_slot(self._beat), record)
        self._memory.set_count(_BEAT, self._beat)

    def point(self, song_s: float, hz: float, clarity: float, rms_db: float) -> None:
        """Add a pitch point; the oldest goes. The same thread as `publish`."""
        record = _POINT.pack(self._points, song_s, hz, clarity, rms_db)
        self._memory.put(_place(self._points), record)
        self._points += 1
        self._memory.set_count(_POINT_COUNT, self._points)

    def close(self) -> None:
        self._memory.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class SnapshotReader:
    """The side of the window or the command line. Without a name it makes the memory.

    One engine, one reader with a memory of its own: a new engine gets a new one.
    """

    def __init__(self, name: str | None = None) -> None:
        self._memory = _Memory(name)
        self.name = self._memory.name
        self._newest = Snapshot()

    def read(self) -> Snapshot:
        """The newest whole state; the defaults with beat 0 before the engine's first."""
        for _ in range(_TRIES):
            beat = self._memory.count(_BEAT)
            if beat == self._newest.beat:
                break
            record = self._memory.get(_slot(beat), _STATE)
            if record is not None and record[-1] == beat:
                self._newest = Snapshot(State(record[0]), *record[1:])
                self._memory.give_up_name()
                break
        return self._newest

    def points(self, since: int) -> tuple[Points, int]:
        """The pitch points from number `since` on, and the number to ask for next.

        Where ``len(points) < next - since`` the first ones were overwritten before they were
        read; the gap is at the beginning.
        """
        count = self._memory.count(_POINT_COUNT)
        found: list[tuple[float, ...]] = []
        for number in range(max(since, count - POINTS, 0), count):
            record = self._memory.get(_place(number), _POINT)
            if record is not None and record[0] == number:
                found.append(record[1:])
            elif number <= self._memory.count(_POINT_COUNT) - POINTS:
                found.clear()  # the writer has come round: what is older is gone as well
            else:
                count = number  # counted, but not to be seen yet by this processor
                break
        return np.array(found, dtype=POINT), max(since, count)

    def close(self) -> None:
        self._memory.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Memory:
    """Shared memory with two counters at its head and records behind them."""

    def __init__(self, name: str | None) -> None:
        self._shared = _join(name) if name else shared_memory.SharedMemory(create=True, size=_SIZE)
        self._named_by_us = not name
        self.name = self._shared.name

    @property
    def _bytes(self) -> memoryview:
        if self._shared.buf is None:
            raise ValueError("closed")
        return self._shared.buf

    def count(self, head: int) -> int:
        return int(_HEAD.unpack_from(self._bytes, head * _HEAD.size)[0])

    def set_count(self, head: int, count: int) -> None:
        _HEAD.pack_into(self._bytes, head * _HEAD.size, count)

    def put(self, at: int, record: bytes) -> None:
        checked = record + _CHECK.pack(zlib.crc32(record))
        self._bytes[at : at + len(checked)] = checked

    def get(self, at: int, form: struct.Struct) -> tuple[Any, ...] | None:
        """The record there, None where it is being written."""
        checked = bytes(self._bytes[at : at + form.size + _CHECK.size])
        record = checked[: form.size]
        if _CHECK.unpack_from(checked, form.size)[0] != zlib.crc32(record):
            return None
        return form.unpack(record)

    def give_up_name(self) -> None:
        """Let the memory end with those who have it open, if it is ours to say."""
        if self._named_by_us:
            self._named_by_us = False
            with contextlib.suppress(FileNotFoundError):
                self._shared.unlink()

    def close(self) -> None:
        """May be called again."""
        self.give_up_name()
        self._shared.close()


_joining = threading.Lock()


def _join(name: str) -> shared_memory.SharedMemory:
    if sys.version_info >= (3, 13):
        return shared_memory.SharedMemory(name, track=False)
    with _joining, _untracked(name):
        return shared_memory.SharedMemory(name)


@contextlib.contextmanager
def _untracked(name: str) -> Iterator[None]:
    """Keep this name from the resource tracker, which before Python 3.13 takes whoever joins a
    memory for its owner: it would free it under the owner, and complain when both are done."""
    register = resource_tracker.register

    def all_but_this(each: str, kind: str) -> None:
        if each.lstrip("/") != name:
            register(each, kind)

    resource_tracker.register = all_but_this  # type: ignore[assignment]
    try:
        yield
    finally:
        resource_tracker.register = register


def _slot(beat: int) -> int:
    return 64 + beat % _SLOTS * _SLOT_SIZE


def _place(number: int) -> int:
    return _POINTS_AT + number % POINTS * _POINT_SIZE
