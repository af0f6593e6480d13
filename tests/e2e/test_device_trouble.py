"""Devices that go away in mid-song, through a real sound server: noticed, marked, gone on."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import figures
import numpy as np
import pytest
import soundfile
from room import RampCheck, Room, ramp
from studio import studio, until

from asa_desktop.engine.messages import (
    Back,
    Event,
    Finished,
    Gap,
    Job,
    Kept,
    Lost,
    Recording,
    Setup,
)
from asa_desktop.engine.part import part_info
from asa_desktop.services.recorder import Recorder

pytestmark = pytest.mark.e2e

RATE = 48000
NOTICED_S = 0.5
SONG_S = 60.0


@pytest.fixture
def room() -> Iterator[Room]:
    with Room() as room:
        yield room


def begin(recorder: Recorder, folder: Path) -> Job:
    """A take over a minute of quiet song, already under way."""
    song = folder / "song.wav"
    sound = np.random.default_rng(2).uniform(-0.01, 0.01, round(SONG_S * RATE)).astype(np.float32)
    soundfile.write(song, sound, RATE, subtype="FLOAT")
    job = Job(folder / "take.w64", folder / "take.flac", accompaniment=song)
    recorder.open(Setup(input="vmic", output="vspeakers", rate=RATE))
    recorder.record(job)
    until(recorder, Recording)
    return job


def through(
    room: Room,
    recorder: Recorder,
    folder: Path,
    *,
    take_away: Callable[[Room], None],
    bring_back: Callable[[Room], None],
) -> tuple[Finished, float]:
    """A take through one loss; how long that took to be noticed."""
    begin(recorder, folder)
    room.feed_raw(ramp(20 * RATE), latency_ms=200)
    time.sleep(2.0)
    gone = time.monotonic()
    take_away(room)
    until(recorder, Lost, most_s=5)
    noticed = time.monotonic() - gone
    time.sleep(1.5)
    bring_back(room)
    until(recorder, Back, most_s=10)
    time.sleep(2.0)
    recorder.stop()
    return until(recorder, Finished), noticed


TROUBLES = {
    "unloaded": (lambda room: room.unload("mic"), lambda room: room.load("mic"), "moved"),
    "suspended": (
        lambda room: room.suspend("mic"),
        lambda room: room.suspend("mic", False),
        "suspended",
    ),
    "killed": (lambda room: room.kill_server(), lambda room: room.restart_server(), "lost"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_lost_microphone_costs_a_marked_gap(room: Room, tmp_path: Path, trouble: str) -> None:
    take_away, bring_back, reason = TROUBLES[trouble]
    with studio(room) as recorder:
        finished, noticed = through(
            room, recorder, tmp_path, take_away=take_away, bring_back=bring_back
        )
    (gap,) = finished.measured.gaps
    check_take(finished, gap, silent_feed=trouble == "killed")
    figures.note(
        f"microphone {trouble}: noticed after {noticed:.2f} s, gap at {gap.start_s:.2f} s,"
        f" away {gap.away_s:.2f} s"
    )
    assert noticed < NOTICED_S
    assert gap.reason == reason
    assert gap.away_s > 1.0


def check_take(finished: Finished, gap: Gap, *, silent_feed: bool) -> None:
    """What was sung before the gap and after it is there, sample by sample."""
    take, _ = soundfile.read(finished.path, dtype="int32")
    at, on = round(gap.start_s * RATE), round(gap.end_s * RATE)
    before, after = RampCheck(), RampCheck()
    before.feed(take[:at])
    after.feed(take[on:])
    assert before.breaks == []
    assert before.end == at, "sung up to the gap"
    assert before.length > 1.2 * RATE
    if not silent_feed:  # the voice was fed through the server that was killed
        assert after.breaks == []
        assert after.length > 1.5 * RATE
    assert len(take) > 3.5 * RATE


def test_a_microphone_unplugged_and_plugged_in_again_twice(room: Room, tmp_path: Path) -> None:
    with studio(room) as recorder:
        begin(recorder, tmp_path)
        room.feed_raw(ramp(20 * RATE), latency_ms=200)
        for _ in range(2):
            time.sleep(1.5)
            room.unload("mic")
            until(recorder, Lost, most_s=5)
            time.sleep(0.6)
            room.load("mic")
            until(recorder, Back, most_s=10)
        time.sleep(1.0)
        recorder.stop()
        finished = until(recorder, Finished)
    assert len(finished.measured.gaps) == 2


def test_the_song_waits_while_the_microphone_is_away(room: Room, tmp_path: Path) -> None:
    with studio(room) as recorder:
        begin(recorder, tmp_path)
        time.sleep(1.0)
        room.suspend("mic")
        until(recorder, Lost, most_s=5)
        stood = recorder.snapshot().recorded_s
        time.sleep(1.0)
        assert recorder.snapshot().recorded_s == pytest.approx(stood, abs=0.3)
        room.suspend("mic", False)
        until(recorder, Back, most_s=10)
        recorder.stop()
        finished = until(recorder, Finished)
    assert finished.measured.duration_s < 2.5


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB: 7 s of a part at 48 kHz."""
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        if os.environ.get("ASA_REQUIRE_AUDIO") == "1" and os.geteuid() == 0:
            pytest.fail(f"no small disk: {done.stderr.decode()}")
        pytest.skip("a small disk can only be mounted as root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_keeps_what_was_sung(room: Room, tmp_path: Path, small_disk: Path) -> None:
    seen: list[Event] = []
    with studio(room) as recorder:
        recorder.open(Setup(input="vmic", output="vspeakers", rate=RATE))
        job = Job(part=small_disk / "take.w64", target=small_disk / "take.flac")
        recorder.record(job)
        until(recorder, Recording)
        room.feed_raw(ramp(30 * RATE), latency_ms=200)
        kept = until(recorder, Kept, most_s=30, seen=seen)
    assert kept.fault.code == "disk_full"
    rate, frames = part_info(kept.path)
    assert rate == RATE
    assert frames / RATE == pytest.approx(kept.seconds, abs=0.1)
    assert kept.seconds > 6.5
    check = RampCheck()
    for block in soundfile.blocks(kept.path, blocksize=1 << 16, dtype="int32"):
        check.feed(block)
    assert check.breaks == []
    assert check.length > 5 * RATE
