"""The client of the engine's process, against an engine without sound."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asa_desktop.core.errors import AsaError, AudioError, PlaceError
from asa_desktop.engine.held import is_held
from asa_desktop.engine.messages import (
    Back,
    Event,
    Fault,
    Finished,
    Job,
    Kept,
    Lost,
    Play,
    Played,
    Recording,
    Setup,
)
from asa_desktop.services import recorder as module
from asa_desktop.services.processes import end, spawned
from asa_desktop.services.recorder import Recorder
from tests import fake_engine
from tests.material import sing

pytestmark = pytest.mark.alone

posix = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


@pytest.fixture(scope="module")
def shared() -> Iterator[Recorder]:
    """An engine for the tests that leave it well; a new process takes a while."""
    with Recorder.start(main=fake_engine.main) as recorder:
        yield recorder


@pytest.fixture
def fresh() -> Iterator[Recorder]:
    """An engine that may be broken."""
    with Recorder.start(main=fake_engine.main) as recorder:
        yield recorder


def job(folder: Path, *, seconds: float = 3.0) -> Job:
    return Job(part=folder / "a.w64", target=folder / "a.flac", end_s=seconds)


def until(recorder: Recorder, *kinds: type[Event]) -> list[Event]:
    """What happens up to the first event of these kinds."""
    seen: list[Event] = []
    deadline = time.monotonic() + 20
    while not any(isinstance(each, kinds) for each in seen):
        assert time.monotonic() < deadline, seen
        seen += recorder.events(wait_s=0.1)
    return seen


def test_a_take_from_beginning_to_end(shared: Recorder, tmp_path: Path) -> None:
    assert shared.devices() == fake_engine.DEVICES
    opened = shared.open(Setup(rate=22_050))
    assert (opened.input, opened.rate) == ("mic", 22_050)
    shared.record(job(tmp_path))
    assert shared.recording
    began, *_, finished = until(shared, Finished)
    assert began == Recording(tmp_path / "a.w64")
    assert isinstance(finished, Finished)
    assert not shared.recording
    sound, rate = soundfile.read(finished.path, dtype="float32")
    assert rate == 22_050
    assert len(sound) == pytest.approx(3 * rate, abs=0.2 * rate)
    assert np.abs(sound[:rate] - sing(10, rate=rate)[:rate]).max() < 2**-22
    assert shared.events() == []


def test_a_take_is_ended_and_the_snapshot_tells_how_far_it_is(
    shared: Recorder, tmp_path: Path
) -> None:
    shared.open(Setup())
    shared.record(job(tmp_path, seconds=600))
    until(shared, Recording)
    points, after = shared.points(0)
    while shared.snapshot().recorded_s < 2:
        time.sleep(0.01)
    more, last = shared.points(after)
    assert len(more) == last - after > 0
    assert more["hz"] == pytest.approx(452.9, abs=0.01)
    assert len(points) <= after
    shared.stop()
    finished = until(shared, Finished)[-1]
    assert isinstance(finished, Finished)
    assert 2 <= finished.measured.duration_s < 60


def test_what_the_engine_refuses_is_raised_here(shared: Recorder) -> None:
    with pytest.raises(PlaceError) as caught:
        shared.open(Setup(input="gone"))
    assert (caught.value.code, caught.value.facts) == ("device_missing", {"name": "gone"})
    assert shared.open(Setup()).input == "mic", "and the engine goes on"


def test_calibration(shared: Recorder) -> None:
    shared.open(Setup())
    assert shared.calibrate().method == "chirps"
    assert shared.tap_along().method == "taps"
    shared.open(Setup(input="deaf"))
    with pytest.raises(AudioError) as caught:
        shared.calibrate()
    assert caught.value.facts["found"] == 1


def test_playing(shared: Recorder) -> None:
    shared.open(Setup())
    shared.play(Play())
    assert until(shared, Played) == [Played()]
    shared.gains(accompaniment=0.5, vocal=0.1)
    shared.close_devices()


def test_a_device_that_goes_and_comes_back(shared: Recorder, tmp_path: Path) -> None:
    shared.open(Setup(input="leaves"))
    shared.record(job(tmp_path))
    kinds = [type(each) for each in until(shared, Finished)]
    assert kinds == [Recording, Lost, Back, Finished]


def test_a_full_disk_keeps_the_part(shared: Recorder, tmp_path: Path) -> None:
    shared.open(Setup(input="full"))
    shared.record(job(tmp_path))
    kept = until(shared, Kept)[-1]
    assert isinstance(kept, Kept)
    assert kept.fault == Fault("PlaceError", "disk_full", {"path": tmp_path / "a.flac"})
    assert len(fake_engine.read_part(kept.path)) == pytest.approx(2.2 * fake_engine.RATE)
    assert not shared.recording


@pytest.mark.parametrize("how", ["dies", "crashes"])
def test_an_engine_that_dies_leaves_the_part_and_says_so(
    fresh: Recorder, tmp_path: Path, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    fresh.open(Setup(input=how))
    fresh.record(job(tmp_path))
    with caplog.at_level(logging.ERROR), pytest.raises(PlaceError) as caught:
        until(fresh, Finished)
    assert (caught.value.code, caught.value.facts) == (
        "engine_died",
        {"part": tmp_path / "a.w64"},
    )
    assert len(fake_engine.read_part(tmp_path / "a.w64")) > 2 * fake_engine.RATE
    assert ("deep down" in caplog.text) == (how == "crashes")
    with pytest.raises(PlaceError, match="engine_died"):
        fresh.stop()


def test_an_engine_that_does_not_answer(fresh: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh.devices()
    monkeypatch.setattr(module, "START_S", 0.2)
    begun = time.monotonic()
    for _ in range(2):
        with pytest.raises(PlaceError, match="engine_silent"):
            fresh.open(Setup(input="mute"))
    assert time.monotonic() - begun < 2


def late(connection: Connection, snapshot: str) -> None:
    """An engine on a machine that was too busy to start it."""
    time.sleep(1.0)
    fake_engine.main(connection, snapshot)


def test_an_engine_may_take_its_time_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "START_S", 0.2)
    with Recorder.start(main=late) as recorder:
        assert recorder.open(Setup()).input == "mic"
        with pytest.raises(PlaceError, match="engine_silent"):
            recorder.open(Setup(input="mute"))


@posix
def test_a_silent_engine_is_not_waited_for_and_costs_nothing_sung(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_QUIT_S", 0.3)
    recorder = Recorder.start(main=fake_engine.main)
    try:
        recorder.open(Setup())
        recorder.record(job(tmp_path, seconds=600))
        until(recorder, Recording)
        while recorder.snapshot().recorded_s < 2:
            time.sleep(0.01)
        number = recorder._process.pid
        assert number
        os.kill(number, signal.SIGSTOP)  # as where the system does not answer it
        monkeypatch.setattr(module, "START_S", 0.3)
        with pytest.raises(PlaceError, match="engine_silent"):
            recorder.devices()
        assert recorder.recording
    finally:
        begun = time.monotonic()
        recorder.close()
    assert time.monotonic() - begun < 10, "and not a quarter of an hour"
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
    part = tmp_path / "a.w64"
    assert not is_held(part)
    assert len(fake_engine.read_part(part)) >= 2 * fake_engine.RATE


def test_an_engine_that_was_only_interrupted_may_end_its_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever breaks a question off leaves its answer behind; the engine is well all the same."""
    waited: list[float] = []
    patiently = Recorder._wait_for_end
    monkeypatch.setattr(
        Recorder, "_wait_for_end", lambda it, most_s: (waited.append(most_s), patiently(it, most_s))
    )
    with Recorder.start(main=fake_engine.main) as recorder:
        recorder.open(Setup())
        recorder.record(job(tmp_path, seconds=600))
        until(recorder, Recording)
        recorder._answers = False  # as after a Ctrl-C within `_ask`
    assert waited == [module.FINISHING_S]
    assert (tmp_path / "a.flac").exists()


def test_closing_ends_the_take_and_the_process(tmp_path: Path) -> None:
    with Recorder.start(main=fake_engine.main) as recorder:
        recorder.open(Setup())
        recorder.record(job(tmp_path, seconds=600))
        until(recorder, Recording)
        process = recorder._process
        number = process.pid
        assert number
    assert soundfile.info(tmp_path / "a.flac").frames > 0
    assert not (tmp_path / "a.w64").exists()
    if os.name != "nt":
        with pytest.raises(ProcessLookupError):
            os.kill(number, 0)
    recorder.close()


def _ends_at_once(connection: Connection, snapshot: str) -> None:
    pass


def test_an_engine_that_does_not_even_start() -> None:
    with Recorder.start(main=_ends_at_once) as recorder, pytest.raises(PlaceError) as caught:
        recorder.devices()
    assert (caught.value.code, caught.value.facts) == ("engine_died", {"part": ""})


def _refuses(connection: Connection, snapshot: str) -> None:
    connection.send(Fault("PlaceError", "no_portaudio", {}))


def test_a_reason_not_to_start_is_told() -> None:
    with Recorder.start(main=_refuses) as recorder, pytest.raises(AsaError) as caught:
        recorder.open(Setup())
    assert caught.value.code == "no_portaudio"


def _answers(connection: Connection) -> None:
    connection.send("here")
    connection.recv()
    connection.send("still here")


@posix
def test_an_interrupt_does_not_reach_the_new_process() -> None:
    process, connection = spawned(_answers, name="deaf")
    try:
        assert process.pid
        for _ in range(50):  # from its first moment on
            os.kill(process.pid, signal.SIGINT)
            time.sleep(0.005)
        assert connection.recv() == "here"
        os.kill(process.pid, signal.SIGINT)
        connection.send("go on")
        assert connection.recv() == "still here"
    finally:
        connection.close()
        end(process)
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
