"""The watch shows what the ring holds, keeps beating when nothing comes, and ends when told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from asa_desktop.engine.live import LiveState, LiveWatch
from asa_desktop.engine.ring import Ring
from asa_desktop.engine.snapshot import Snapshot, SnapshotReader, SnapshotWriter, State, clock

pytestmark = pytest.mark.alone

RATE = 48_000


class Room:
    """A ring, a watch on it, and a reader of what the watch says."""

    def __init__(self, seconds: float = 5.0) -> None:
        self.ring = Ring(round(seconds * RATE))
        self.reader = SnapshotReader()
        self.writer = SnapshotWriter(self.reader.name)
        self.state = LiveState(state=State.RECORDING)
        self.watch = LiveWatch(self.ring, RATE, self.writer, lambda: self.state)

    def sing(self, hz: float, seconds: float, *, loud: float = 0.5) -> None:
        places = np.arange(self.ring.total, self.ring.total + round(seconds * RATE))
        self.ring.write((loud * np.sin(2 * np.pi * hz * places / RATE)).astype(np.float32))

    def wait_for(self, seen, within_s: float = 10.0) -> Snapshot:
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            snapshot = self.reader.read()
            if seen(snapshot):
                return snapshot
            time.sleep(0.001)
        raise AssertionError(f"last: {self.reader.read()}")

    def close(self) -> None:
        self.watch.stop()
        self.writer.close()
        self.reader.close()


@pytest.fixture
def room() -> Iterator[Room]:
    made = Room()
    yield made
    made.close()


def test_what_is_sung_is_seen_with_when_and_where(room):
    room.state = LiveState(
        state=State.RECORDING, song_s=31.0, recorded_s=1.5, sung_from_s=30.0, xruns_in=1,
        xruns_out=2, gaps=3, clock_ppm=4.5, stamp_delay_s=0.06,
    )  # fmt: skip
    room.watch.start()
    before = clock()
    room.sing(220.0, 0.1)
    seen = room.wait_for(lambda snapshot: snapshot.hz > 0)
    assert seen.hz == pytest.approx(220, rel=0.005)
    assert seen.clarity > 0.95
    assert seen.peak_db == pytest.approx(-6, abs=0.2)
    assert 30.07 < seen.pitch_song_s < 30.1
    assert before <= seen.heard_at <= clock()
    assert (seen.state, seen.song_s, seen.recorded_s) == (State.RECORDING, 31.0, 1.5)
    assert (seen.xruns_in, seen.xruns_out, seen.gaps) == (1, 2, 3)
    assert (seen.clock_ppm, seen.stamp_delay_s) == (4.5, 0.06)


def test_points_lie_a_hop_apart_whatever_the_blocks(room):
    for _ in range(20):
        room.sing(220.0, 1024 / RATE)
        room.watch._look()
    points, after = room.reader.points(0)
    assert after == len(points) >= 20
    steps = np.diff(points["song_s"][points["hz"] > 0][5:])
    assert steps.min() > 0.005
    assert steps.max() < 0.022
    assert points["rms_db"][10] == pytest.approx(-9, abs=0.5)


def test_the_callbacks_own_time_is_taken_where_it_is_known(room):
    room.sing(220.0, 0.05)
    room.watch = LiveWatch(room.ring, RATE, room.writer, lambda: room.state)
    room.sing(220.0, 0.05)
    # The callback counted 10 ms more than the watch has seen.
    room.state = LiveState(newest=(room.ring.total + 480, 77.0))
    room.watch._look()
    assert room.reader.read().heard_at == pytest.approx(76.99)


def test_a_watch_that_was_held_up_shows_the_newest_and_counts_all_clips(room):
    for hz, loud in ((220.0, 0.5), (220.0, 3.0), (330.0, 0.5)):
        room.sing(hz, 0.5, loud=loud)
    room.watch = LiveWatch(room.ring, RATE, room.writer, lambda: room.state)
    for hz, loud in ((220.0, 0.5), (220.0, 3.0), (330.0, 0.5)):
        room.sing(hz, 0.5, loud=loud)
    room.watch._look()
    seen = room.reader.read()
    assert seen.hz == pytest.approx(330, rel=0.005)
    assert seen.clipped == 220  # twice a period
    assert seen.clipping
    assert room.reader.points(0)[1] == 1


def test_a_ring_that_came_round_is_no_fault(room):
    for _ in range(3):
        room.sing(220.0, 4.0)
    room.watch._look()
    assert room.reader.read().hz == pytest.approx(220, rel=0.005)


def test_when_the_sound_stops_coming_the_last_pitch_is_not_repeated(room):
    room.watch.start()
    room.sing(220.0, 0.1)
    room.wait_for(lambda snapshot: snapshot.hz > 0)
    room.state = LiveState(state=State.LOST)
    lost = room.wait_for(lambda snapshot: snapshot.state is State.LOST)
    gone = room.wait_for(lambda snapshot: snapshot.hz == 0)
    assert gone.rms_db == gone.peak_db == -120
    room.wait_for(lambda snapshot: snapshot.beat > lost.beat + 4)


def test_a_take_counts_its_own_clips(room):
    room.watch.start()
    room.ring.write(np.ones(960, np.float32))
    room.wait_for(lambda snapshot: snapshot.clipped == 1)
    assert room.watch.clipped == 1
    room.watch.count_anew()
    room.wait_for(lambda snapshot: snapshot.clipped == 0 and not snapshot.clipping)


def test_it_ends_at_once_and_more_than_once():
    room = Room()
    room.watch.start()
    room.wait_for(lambda snapshot: snapshot.beat > 0)
    began = time.monotonic()
    room.watch.stop()
    room.watch.stop()
    assert time.monotonic() - began < 0.5
    assert not any(thread.name == "live" for thread in threading.enumerate())
    room.close()


def test_one_that_never_started_can_be_stopped(room):
    room.watch.stop()
