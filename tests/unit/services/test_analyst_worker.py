"""The analysis worker itself, through its client: real jobs, real crashes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from carried import SINGING, bundled_models

from asa_desktop.core import analyse, load_model
from asa_desktop.core.audio import resample
from asa_desktop.core.types import Analysis, Song, TakeTiming
from asa_desktop.engine.finish import finish_part
from asa_desktop.engine.part import PartWriter, write_part_note
from asa_desktop.services.analyst import Analyst
from asa_desktop.services.analyst_messages import (
    LAST,
    Analysed,
    ClipDone,
    Event,
    Failed,
    Playback,
    Prepared,
    Progress,
)

pytestmark = pytest.mark.slow

PATIENCE_S = 240.0
RATE = 48_000
SONG = Song(title="A song", vocal=SINGING / "pjs001.flac")


@pytest.fixture(scope="module")
def folder(settled) -> Path:
    return next(iter(bundled_models()), settled)


@pytest.fixture(scope="module")
def analyst(tmp_path_factory):
    with Analyst.start(features=tmp_path_factory.mktemp("features")) as started:
        yield started


@pytest.fixture(scope="module")
def long_take(sound, tmp_path_factory) -> Path:
    """A minute and a half of singing."""
    path = tmp_path_factory.mktemp("long") / "long.flac"
    soundfile.write(path, np.tile(sound("pjs001"), 11), 16_000)
    return path


def heard(analyst: Analyst, *jobs: int) -> list[Event]:
    """All events until these jobs have ended."""
    events: list[Event] = []
    left = set(jobs)
    deadline = time.monotonic() + PATIENCE_S
    while left:
        assert time.monotonic() < deadline, events[-5:]
        for event in analyst.events(wait_s=1.0):
            events.append(event)
            if isinstance(event, LAST):
                left.discard(event.job)
    return events


def last(analyst: Analyst, job: int) -> Event:
    return [each for each in heard(analyst, job) if each.job == job][-1]


def analysis(event: Event) -> Analysis:
    assert isinstance(event, Analysed), event
    return event.analysis


def close(found: Analysis, wanted: Analysis) -> None:
    """Equal but for the last bits: another process may add up in another order."""
    assert found.status == wanted.status == "scored"
    assert found.overall.score == pytest.approx(wanted.overall.score, abs=1e-3)
    assert [each.reason for each in found.clips] == [each.reason for each in wanted.clips]
    for name in ("mel", "chroma"):
        ours, theirs = getattr(found.take_pictures, name), getattr(wanted.take_pictures, name)
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    np.testing.assert_allclose(
        found.take_pictures.pitch.hz, wanted.take_pictures.pitch.hz, rtol=1e-5
    )


def test_a_take_of_the_library(analyst, folder):
    take = SINGING / "pjs001.flac"
    timing = TakeTiming(latency_s=0.05)
    job = analyst.analyse(take, SONG, folder, timing=timing)
    events = heard(analyst, job)
    wanted = analyse(take, SONG, model=load_model(folder), timing=timing, systems=("all",))
    close(analysis(events[-1]), wanted)
    told = [(each.what, each.done) for each in events if isinstance(each, Progress)]
    assert told
    assert all(0 <= done <= 1 for _, done in told)


def test_a_take_that_is_sung(analyst, folder, sound, tmp_path):
    prepared = analyst.prepare(SONG, folder)
    assert isinstance(last(analyst, prepared), Prepared)
    part, take = tmp_path / "take.part.w64", tmp_path / "take.flac"
    samples = resample(sound("pjs001"), rate=16_000, to=RATE)
    job = analyst.follow(part, SONG, folder)
    with PartWriter(part, rate=RATE) as writer:
        write_part_note(part, {"latency_s": 0.02})
        for piece in np.array_split(samples, 24):
            writer.append(piece)
            time.sleep(0.1)
        frames = writer.frames
    events: list[Event] = []
    deadline = time.monotonic() + PATIENCE_S
    while not any(isinstance(each, ClipDone) for each in events):
        assert time.monotonic() < deadline, events
        events += analyst.events(wait_s=1.0)
    write_part_note(part, {"latency_s": 0.02, "duration_s": frames / RATE})
    finish_part(part, take, note={}, note_path=None)
    timing = TakeTiming(latency_s=0.02)
    analyst.finish(job, take=take, timing=timing)
    events += heard(analyst, job)
    assert any(isinstance(each, ClipDone) and each.provisional for each in events)
    wanted = analyse(take, SONG, model=load_model(folder), timing=timing, systems=("all",))
    close(analysis(events[-1]), wanted)


def test_what_is_sung_goes_first(analyst, folder, long_take, sound, tmp_path):
    batch = analyst.analyse(long_take, SONG, folder)
    part, take = tmp_path / "take.part.w64", tmp_path / "take.flac"
    job = analyst.follow(part, SONG, folder, timing=TakeTiming())
    with PartWriter(part, rate=RATE) as writer:
        writer.append(resample(sound("pjs001"), rate=16_000, to=RATE))
    finish_part(part, take, note={}, note_path=None)
    analyst.finish(job, take=take, timing=TakeTiming())
    ended = [each.job for each in heard(analyst, batch, job) if isinstance(each, Analysed)]
    assert ended == [job, batch]


def test_what_somebody_waits_for_goes_before_takes_assessed_again(
    analyst, folder, long_take, tmp_path
):
    takes = [analyst.analyse(long_take, SONG, folder) for _ in range(2)]
    soon = analyst.prepare_playback(long_take, 48_000, cache=tmp_path)
    analyst.cancel(takes[1])
    ended = [each.job for each in heard(analyst, *takes, soon) if isinstance(each, LAST)]
    assert ended.index(takes[1]) < ended.index(takes[0]), "it was waiting, and ends at once"
    late = [analyst.analyse(SINGING / "pjs001.flac", SONG, folder) for _ in range(3)]
    early = analyst.prepare_playback(long_take, 48_000, cache=tmp_path)
    ended = [each.job for each in heard(analyst, *late, early) if isinstance(each, LAST)]
    assert ended.index(early) <= 1


def test_a_job_can_be_cancelled_waiting_and_under_way(analyst, folder, long_take, tmp_path):
    running = analyst.analyse(long_take, SONG, folder)
    waiting = analyst.analyse(long_take, SONG, folder)
    followed = analyst.follow(tmp_path / "never.w64", SONG, folder)
    for job in (waiting, followed, running):
        analyst.cancel(job)
    ends = [each for each in heard(analyst, running, waiting, followed) if isinstance(each, LAST)]
    assert [each.error.code for each in ends if isinstance(each, Failed)] == ["cancelled"] * 3


@pytest.mark.skipif(os.name == "nt", reason="no such signal")
def test_a_worker_that_is_killed_costs_time_and_nothing_else(analyst, folder, sound, tmp_path):
    part, take = tmp_path / "take.part.w64", tmp_path / "take.flac"
    samples = resample(sound("pjs001"), rate=16_000, to=RATE)
    job = analyst.follow(part, SONG, folder, timing=TakeTiming())
    with PartWriter(part, rate=RATE) as writer:
        writer.append(samples[: 4 * RATE])
        deadline = time.monotonic() + PATIENCE_S
        while not any(isinstance(each, ClipDone) for each in analyst.events(wait_s=1.0)):
            assert time.monotonic() < deadline
        analyst._process.kill()
        writer.append(samples[4 * RATE :])
    finish_part(part, take, note={}, note_path=None)
    analyst.finish(job, take=take, timing=TakeTiming())
    close(analysis(last(analyst, job)), analyse(take, SONG, model=load_model(folder)))


def test_what_is_wrong_is_said_by_its_code(analyst, folder, tmp_path):
    (tmp_path / "noise.flac").write_bytes(b"no sound" * 99)
    cases = {
        analyst.analyse(tmp_path / "noise.flac", SONG, folder): "not_audio",
        analyst.analyse(tmp_path / "gone.flac", SONG, folder): "missing_file",
        analyst.analyse(SINGING / "pjs001.flac", SONG, tmp_path): "model_missing",
        analyst.prepare(Song(title="x", vocal=tmp_path / "gone.flac"), folder): "missing_file",
        analyst.follow(tmp_path / "x.w64", tmp_path / "no song", folder): "missing_file",
        analyst.prepare_playback(tmp_path / "noise.flac", 48_000, cache=tmp_path): "not_audio",
    }
    ends = [each for each in heard(analyst, *cases) if isinstance(each, LAST)]
    found = {each.job: each.error.code for each in ends if isinstance(each, Failed)}
    assert found.keys() == cases.keys()
    wrong = {cases[job]: code for job, code in found.items() if cases[job] != code}
    assert not wrong


def test_playback(analyst, tmp_path):
    samples = 0.5 * np.sin(np.arange(16_000 * 4) * 0.2)
    soundfile.write(tmp_path / "sound.wav", samples, 16_000, subtype="FLOAT")
    job = analyst.prepare_playback(tmp_path / "sound.wav", 48_000, cache=tmp_path / "cache")
    ready = last(analyst, job)
    assert isinstance(ready, Playback)
    assert soundfile.info(ready.path).samplerate == 48_000
    assert ready.seconds == pytest.approx(4.0, abs=0.01)
