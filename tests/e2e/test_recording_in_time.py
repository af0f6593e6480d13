"""A take lies where it was sung: through a real sound server, against a judge in the room."""

from __future__ import annotations

import time
from pathlib import Path

import figures
import numpy as np
import pytest
import soundfile
from carried import ROOT
from room import SONG, VOICE, Room, offset_of
from studio import at_rate, studio, until, written

from asa_desktop.engine.messages import Finished, Job, Recording, Setup

pytestmark = pytest.mark.e2e

MEDLEY = ROOT / "resources" / "demo" / "pjs-medley"
BAR_S = 0.010
CALIBRATION_BAR_S = 0.002


def setup(rate: int, block: int, channel: int, latency: str = "low") -> Setup:
    return Setup(
        input="vdesk",
        output="vspeakers",
        channel=channel,
        rate=rate,
        block=block,
        latency=latency,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(("rate", "block"), [(48000, 512), (48000, 1024), (44100, 512)])
def test_a_sung_vocal_is_put_where_it_was_sung(tmp_path: Path, rate: int, block: int) -> None:
    song = at_rate(MEDLEY / "accompaniment.ogg", rate, seconds=14)
    voice = written(tmp_path / "voice.wav", at_rate(MEDLEY / "vocal.flac", 48000, seconds=9), 48000)
    job = Job(
        part=tmp_path / "take.w64",
        target=tmp_path / "take.flac",
        accompaniment=written(tmp_path / "song.wav", song, rate),
    )
    with Room(extras=("desk",)) as room, studio(room) as recorder:
        recorder.open(setup(rate, block, channel=0))  # a microphone before the speaker
        found = recorder.calibrate()
        recorder.open(setup(rate, block, channel=2))  # the same interface, before the singer
        with room.judge(tmp_path / "room.raw") as judge:
            recorder.record(
                Job(
                    **{name: getattr(job, name) for name in ("part", "target", "accompaniment")},
                    delay_s=found.delay_s,
                    delay_from="chirps",
                    delay_stamp_s=found.stamp_delay_s,
                )
            )
            until(recorder, Recording)
            time.sleep(1.3)
            room.play(voice)
            finished = until(recorder, Finished)
        heard = np.array(judge.sound)
    song48 = at_rate(MEDLEY / "accompaniment.ogg", 48000, seconds=14)
    voice48 = soundfile.read(voice, dtype="float32")[0]
    sung_at = offset_of(heard[:, VOICE], voice48, 48000) - offset_of(heard[:, SONG], song48, 48000)
    take, take_rate = soundfile.read(finished.path, dtype="float32")
    assert take_rate == rate
    measured = finished.measured
    found_at = offset_of(take, at_rate(voice, rate, seconds=9), rate)
    with_chirps = found_at - measured.latency_s - sung_at
    with_stamps = found_at - measured.stamp_delay_s - sung_at
    figures.note(
        f"vocal at {rate} Hz, block {block}: {1000 * with_chirps:+.2f} ms off with calibration"
        f" ({1000 * measured.latency_s:.1f} ms), {1000 * with_stamps:+.2f} ms with time stamps only"
    )
    assert measured.gaps == ()
    assert abs(with_chirps) < BAR_S


def test_calibration_finds_the_true_delay_every_time(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    errors = []
    rows = [(48000, 512, "low"), (48000, 1024, "low"), (44100, 512, "low"), (48000, 480, "high")]
    with Room(extras=("desk",)) as room, studio(room) as recorder:
        for run in range(20):
            rate, block, latency = rows[run % len(rows)]
            noise = rng.uniform(-0.3, 0.3, 2 * rate).astype(np.float32)
            recorder.open(setup(rate, block, channel=0, latency=latency))
            found = recorder.calibrate()
            recorder.record(
                Job(
                    part=tmp_path / f"{run}.w64",
                    target=tmp_path / f"{run}.flac",
                    accompaniment=written(tmp_path / f"noise{run}.wav", noise, rate),
                    delay_s=found.delay_s,
                    delay_from="chirps",
                    delay_stamp_s=found.stamp_delay_s,
                )
            )
            finished = until(recorder, Finished)
            heard = soundfile.read(finished.path, dtype="float32")[0]
            # After a stall the engine opens anew, and then counts blocks on the calibrated delay.
            errors.append(finished.measured.latency_s - offset_of(heard, noise, rate))
    worst = max(abs(each) for each in errors)
    good = sum(abs(each) < CALIBRATION_BAR_S for each in errors)
    figures.note(
        f"calibration: {good} of {len(errors)} within 2 ms of the true delay,"
        f" worst {1000 * worst:.2f} ms"
    )
    assert good == len(errors) == 20
