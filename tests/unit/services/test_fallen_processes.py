"""What the engine's, the analysis' and the readers' processes leave behind when they fall over."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import fallen
import pytest

from asa_desktop import __version__, words
from asa_desktop.core.errors import AudioError, PlaceError
from asa_desktop.engine.process import main as engine_main
from asa_desktop.services.analyst import Analyst
from asa_desktop.services.analyst_messages import Failed
from asa_desktop.services.crashes import collect, reports
from asa_desktop.services.processes import Ending, end, ending, ending_of, spawned
from asa_desktop.services.reading import looked_at
from asa_desktop.services.recorder import Recorder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its crashes show a window")

# The last part of a path may stand in a report; the first ones never.
NAMES = ("Zoë", "zoe", str(Path.home()), os.sep + "tmp")


@pytest.fixture
def logs(home: Path) -> Path:
    return home / "logs"


def fall(how: str) -> Ending:
    process, connection = spawned(fallen.falls, how, name="asa-test")
    assert connection.recv() == "begun"
    with pytest.raises(EOFError):
        connection.recv()
    how_it_was = ending(process)
    connection.close()
    end(process)
    return how_it_was


def said_in(report: Path) -> str:
    said = report.read_text("utf-8")
    assert said.startswith(f"ASA Desktop {__version__}\n")
    for name in NAMES:
        assert name not in said
    return said


@pytest.mark.parametrize(("how", "name"), [("segfault", "SIGSEGV"), ("abort", "SIGABRT")])
def test_a_native_crash_is_a_report_at_once(logs: Path, how: str, name: str) -> None:
    assert fall(how) == Ending("crashed", name)
    (report,) = reports(logs)
    said = said_in(report)
    assert "process asa-test\n" in said
    assert "Fatal Python error: " in said
    assert "services/fallen.py" in said
    assert "in in_the_depth" in said
    assert "WARNING asa_desktop.fallen: song left out: %s" in said
    assert list(logs.glob("run-*")) == []


@pytest.mark.parametrize(
    ("how", "kind"), [("raise", "failed"), ("thread", "well"), ("noted", "well")]
)
def test_what_nobody_caught_is_a_report(logs: Path, how: str, kind: str) -> None:
    assert fall(how).kind == kind
    (report,) = reports(logs)
    said = said_in(report)
    assert "process asa-test\n" in said
    assert "LibraryError song_unknown\n" in said
    assert "services/fallen.py" in said
    assert "thread asa-writer\n" in said if how == "thread" else "thread main\n" in said
    assert list(logs.glob("run-*")) == []


@pytest.mark.parametrize(
    ("how", "was"),
    [
        ("SIGKILL", Ending("killed", "SIGKILL")),
        ("SIGTERM", Ending("killed", "SIGTERM")),
        ("exit", Ending("failed")),
        ("", Ending("well")),
    ],
)
def test_other_ends_leave_no_report_and_are_told_apart(logs: Path, how: str, was: Ending) -> None:
    assert fall(how) == was
    assert not logs.parent.exists()  # nor the folders that were made for it
    logs.mkdir(parents=True)
    assert fall(how) == was
    assert list(logs.iterdir()) == []


def test_one_that_we_end_ourselves_leaves_nothing(logs: Path) -> None:
    process, connection = spawned(fallen.falls, "waits", name="asa-test")
    assert connection.recv() == "begun"
    assert len(list(logs.glob("run-*"))) == 1
    connection.close()
    end(process, patience_s=0.2)
    assert not logs.exists()


def test_where_whoever_started_it_died_too_the_next_start_makes_the_report(
    logs: Path, home: Path
) -> None:
    program = (
        "import os, sys, fallen\n"
        "from asa_desktop.services.processes import spawned\n"
        "if __name__ == '__main__':\n"
        "    process, connection = spawned(fallen.falls, 'segfault', name='asa-test')\n"
        "    process.join()\n"
        "    os._exit(0)\n"
    )
    script = home.with_name("program.py")
    script.write_text(program)
    path = os.pathsep.join(sys.path)
    subprocess.run(
        [sys.executable, str(script)], check=True, capture_output=True, timeout=60,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert reports(logs) == []
    (report,) = collect(logs)
    assert "process asa-test\n" in said_in(report)


def test_exit_codes() -> None:
    assert ending_of(-signal.SIGSEGV).facts == {}
    assert ending_of(-signal.SIGKILL).facts == {"signal": "SIGKILL"}
    assert str(ending_of(-signal.SIGKILL)) == "killed (SIGKILL)"
    assert ending_of(0xC0000005) == Ending("crashed")  # Windows: an access violation
    assert ending_of(-250) == Ending("killed", "signal 250")
    assert ending_of(None) == ending_of(1) == Ending("failed")


@pytest.mark.parametrize(
    ("how", "sentence", "left"),
    [
        ("segfault", "The sound engine ended by itself; try again.", 1),
        ("raise", "The sound engine ended by itself; try again.", 1),
        ("SIGKILL", "The sound engine was ended from outside (SIGKILL); try again.", 0),
    ],
)
def test_the_engine(
    logs: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    how: str, sentence: str, left: int,
) -> None:  # fmt: skip
    monkeypatch.setenv("ASA_TEST_FALL", how)
    with (
        caplog.at_level(logging.WARNING, "asa_desktop"),
        Recorder.start(main=fallen.engine) as recorder,
        pytest.raises(PlaceError) as caught,
    ):
        recorder.devices()
    assert caught.value.code == "engine_died"
    assert words.say(caught.value) == sentence
    found = reports(logs)
    assert len(found) == left
    assert all("process asa-engine\n" in said_in(one) for one in found)
    kind = {"segfault": "crashed (SIGSEGV)", "raise": "failed", "SIGKILL": "killed (SIGKILL)"}
    assert f"the engine ended by itself: {kind[how]}" in caplog.text


@pytest.mark.parametrize(
    ("how", "was", "left"), [("segfault", "ended", 2), ("SIGKILL", "was ended from outside", 0)]
)
def test_the_analysis(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, was: str, left: int
) -> None:
    monkeypatch.setenv("ASA_TEST_FALL", how)
    with Analyst.start(main=fallen.worker, features=tmp_path) as analyst:
        analyst.prepare_playback(tmp_path / "Zoës take.flac", 48_000, cache=tmp_path)
        deadline = time.monotonic() + 40
        while not (events := analyst.events(wait_s=0.2)):
            assert time.monotonic() < deadline
        (event,) = events
        assert isinstance(event, Failed)
        error = event.error
    assert error.code == "worker_died"
    assert f"The analysis {was}" in words.say(error)
    found = reports(logs)
    assert len(found) == left  # it is begun twice
    assert all("process asa-analyst\n" in said_in(one) for one in found)


def test_a_reader(logs: Path) -> None:
    died, killed = looked_at([Path("segfault"), Path("SIGKILL")], fallen.reader)
    assert isinstance(died, AudioError)
    assert isinstance(killed, AudioError)
    assert words.say(died).endswith("it is probably damaged; copy or export it again.")
    assert words.say(killed) == (
        'The reading of "SIGKILL" was ended from outside (SIGKILL); try again.'
    )
    (report,) = reports(logs)
    assert "process asa-reading\n" in said_in(report)


def test_a_fault_of_the_engines_own_is_noted_before_its_end(
    logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it caught, so as to end its take properly, is told to whoever keeps reports."""
    from multiprocessing import Pipe

    from asa_desktop.engine import process
    from asa_desktop.engine.messages import Crashed
    from asa_desktop.engine.snapshot import SnapshotReader

    class Broken:
        is_stuck = False

        def __init__(self, *_: object) -> None:
            pass

        def tick(self) -> None:
            raise ZeroDivisionError("Zoë")

        def shut_down(self) -> None:
            pass

    monkeypatch.setattr(process, "Engine", Broken)
    monkeypatch.setattr(process, "_calm_process", process.threading.Event)
    noted: list[BaseException] = []
    reader, (ours, theirs) = SnapshotReader(), Pipe()
    try:
        engine_main(theirs, reader.name, note=noted.append)
        assert isinstance(ours.recv(), Crashed)
    finally:
        reader.close()
    assert [type(one) for one in noted] == [ZeroDivisionError]
