"""A sound server or an engine that hangs for a moment: a dropout in the song, and nothing else."""

from __future__ import annotations

import time
from pathlib import Path

import figures
import numpy as np
import pytest
import soundfile
from room import RampCheck, Room, offset_of, ramp, stall
from studio import studio, until, written

from asa_desktop.engine.messages import Finished, Job, Recording, Setup
from asa_desktop.services.recorder import Recorder

pytestmark = pytest.mark.e2e

RATE = 48000
SECONDS = 26
REPAIRED_S = 3.5
BAR_S = 0.002


def hang(who: str, room: Room, recorder: Recorder, seconds: float) -> None:
    """Let one of the two hang."""
    if who == "server":
        room.stall_server(seconds)
    else:
        stall(recorder._process.pid, seconds)


@pytest.mark.parametrize("who", ["server", "engine"])
def test_a_short_stall_loses_no_sample(tmp_path: Path, who: str) -> None:
    rng = np.random.default_rng(5)
    with Room() as room, studio(room) as recorder:
        recorder.open(Setup(input="vmic", output="vspeakers", rate=RATE))
        recorder.record(Job(tmp_path / "ramp.w64", tmp_path / "ramp.flac"))
        until(recorder, Recording)
        fed = room.feed_raw(ramp(15 * RATE))
        time.sleep(1.5)
        stalls = 0
        while fed.poll() is None:
            hang(who, room, recorder, rng.uniform(0.01, 0.08))
            stalls += 1
            time.sleep(rng.uniform(0.3, 1.0))
        time.sleep(0.5)
        recorder.stop()
        finished = until(recorder, Finished)
    check = RampCheck()
    check.feed(soundfile.read(finished.path, dtype="int32")[0])
    figures.note(
        f"{stalls} stalls of the {who}, 10 to 80 ms: {len(check.breaks)} breaks,"
        f" {15 * RATE - check.length} samples missing, {finished.measured.xruns} flags"
    )
    assert stalls > 8
    assert check.breaks == []
    assert check.length == 15 * RATE


@pytest.mark.parametrize("who", ["server", "engine"])
def test_after_a_long_stall_the_song_lies_where_it_lay(tmp_path: Path, who: str) -> None:
    rng = np.random.default_rng(7)
    song = np.zeros(SECONDS * RATE, np.float32)
    starts = np.arange(1.0, SECONDS - 1, 1.0)
    for start in starts:
        at = round(start * RATE)
        song[at : at + RATE // 2] = rng.uniform(-0.4, 0.4, RATE // 2)
    with Room() as room, studio(room) as recorder:
        recorder.open(Setup(input="vloop", output="vspeakers", rate=RATE))
        found = recorder.calibrate()
        job = Job(
            part=tmp_path / "take.w64",
            target=tmp_path / "take.flac",
            accompaniment=written(tmp_path / "song.wav", song, RATE),
            delay_s=found.delay_s,
            delay_from="chirps",
            delay_stamp_s=found.stamp_delay_s,
        )
        recorder.record(job)
        until(recorder, Recording)
        time.sleep(6)
        hung = []
        for seconds in (0.12, 0.09):
            hung.append(recorder.snapshot().recorded_s)
            hang(who, room, recorder, seconds)
            time.sleep(8)
        finished = until(recorder, Finished)
    take = soundfile.read(finished.path, dtype="float32")[0]
    late = []
    for start in starts:
        at = round(start * RATE)
        heard = take[max(0, at - RATE) : at + 2 * RATE]
        burst = song[at : at + RATE // 2]
        late.append(max(0, at - RATE) / RATE + offset_of(heard, burst, RATE) - start)
    off = np.abs(np.array(late) - finished.measured.latency_s)
    since = np.array([[start - each for each in hung] for start in starts])
    before_s = off[(since < -0.6).all(axis=1)].max()
    settled = ((since < -0.6) | (since > REPAIRED_S)).all(axis=1) & (since > 0).any(axis=1)
    repaired_s = off[settled].max()
    figures.note(
        f"the {who} hung for 120 and 90 ms: the song {1000 * before_s:.1f} ms off before,"
        f" {1000 * off.max():.0f} ms at once, {1000 * repaired_s:.1f} ms {REPAIRED_S} s later"
    )
    assert np.count_nonzero(settled) > 6
    assert repaired_s < BAR_S
