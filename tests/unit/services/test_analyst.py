"""The client of the analysis worker: what it loses when a worker dies, and what it never does."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import workers

from asa_desktop.core.errors import AsaError, PlaceError
from asa_desktop.core.types import Song, TakeTiming
from asa_desktop.services.analyst import Analyst, Main
from asa_desktop.services.analyst_messages import LAST, Event, Failed, Playback, Prepared

pytestmark = pytest.mark.skipif(os.name == "nt", reason="workers that die by signals")

SONG = Song(title="A song")
PATIENCE_S = 60.0


@pytest.fixture
def started(tmp_path):
    open_ones: list[Analyst] = []

    def start(main: Main) -> Analyst:
        open_ones.append(Analyst.start(main=main, features=tmp_path))
        return open_ones[-1]

    yield start
    for one in open_ones:
        one.close()


def last(analyst: Analyst, *jobs: int) -> dict[int, Event]:
    """The last event of each job."""
    found: dict[int, Event] = {}
    deadline = time.monotonic() + PATIENCE_S
    while set(jobs) - set(found):
        assert time.monotonic() < deadline, f"only {found}"
        for event in analyst.events(wait_s=1.0):
            if isinstance(event, LAST):
                assert event.job not in found, "a job ends once"
                found[event.job] = event
    return found


def dying(folder: Path, *, times: int) -> Path:
    take = folder / f"die{times}"
    for number in range(times):
        (folder / f"{take.name}.{number}").touch()
    return take


def test_the_client_imports_nothing_heavy():
    program = (
        "import sys, asa_desktop.services.analyst\n"
        "heavy = {'numpy', 'torch', 'librosa', 'numba', 'scipy', 'soundfile', 'sounddevice'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_jobs_end_in_events(started, tmp_path):
    analyst = started(workers.obliging)
    assert analyst.events() == []
    one, two = analyst.prepare(SONG, None), analyst.analyse(tmp_path / "x", SONG, None)
    assert one != two
    found = last(analyst, one, two)
    assert isinstance(found[one], Prepared)
    assert isinstance(found[two], Playback)
    assert analyst.events(wait_s=0.1) == []


def test_a_crash_costs_one_retry(started, tmp_path):
    analyst = started(workers.obliging)
    jobs = [
        analyst.prepare(SONG, None),
        analyst.analyse(dying(tmp_path, times=1), SONG, None),
        analyst.analyse(tmp_path / "fine", SONG, None),
    ]
    found = last(analyst, *jobs)
    assert not any(isinstance(event, Failed) for event in found.values())
    assert list(found) == jobs


def test_a_second_crash_fails_the_job_alone(started, tmp_path):
    analyst = started(workers.obliging)
    bad = analyst.analyse(dying(tmp_path, times=2), SONG, None)
    good = analyst.analyse(tmp_path / "fine", SONG, None)
    found = last(analyst, bad, good)
    assert isinstance(found[good], Playback)
    assert isinstance(found[bad], Failed)
    error = found[bad].error
    assert isinstance(error, PlaceError)
    assert error.code == "worker_died"
    again = analyst.analyse(tmp_path / "fine", SONG, None)
    assert isinstance(last(analyst, again)[again], Playback)


def test_a_worker_that_never_begins_does_not_start_for_ever(started):
    analyst = started(workers.stillborn)
    jobs = [analyst.prepare(SONG, None) for _ in range(3)]
    found = last(analyst, *jobs)
    assert {event.error.code for event in found.values()} == {"worker_died"}


def test_a_worker_that_dies_idle_is_replaced_when_needed(started, tmp_path):
    analyst = started(workers.obliging)
    one = analyst.prepare(SONG, None)
    last(analyst, one)
    process = analyst._process
    assert process is not None
    process.kill()
    assert _soon(lambda: analyst._process is not process)
    two = analyst.analyse(tmp_path / "fine", SONG, None)
    assert isinstance(last(analyst, two)[two], Playback)


def test_a_new_worker_is_told_all_about_a_take_that_is_followed(started, tmp_path):
    analyst = started(workers.recording)
    job = analyst.follow(tmp_path / "part", SONG, None)
    analyst.moved(job, tmp_path / "other")
    analyst.finish(job, take=tmp_path / "take.flac", timing=TakeTiming())
    assert isinstance(last(analyst, job)[job], Prepared)
    asked = (tmp_path / "asked.txt").read_text().split()
    assert asked == ["Follow", "Moved", "Finish"] * 2


def test_half_a_message_is_a_crash(started, tmp_path):
    analyst = started(workers.torn)
    job = analyst.analyse(tmp_path / "x", SONG, None)
    assert isinstance(last(analyst, job)[job], Playback)


def test_what_was_cancelled_does_not_begin_again(started, tmp_path):
    analyst = started(workers.dying_at_leisure)
    job = analyst.follow(tmp_path / "part", SONG, None)
    analyst.cancel(job)
    assert last(analyst, job)[job].error.code == "cancelled"
    analyst.cancel(job)
    analyst.cancel(99)
    analyst.finish(99, take=tmp_path, timing=TakeTiming())


def test_closing_is_quick_and_final(started, tmp_path):
    analyst = started(workers.obliging)
    analyst.close()
    analyst.close()
    with pytest.raises(AsaError):
        analyst.prepare(SONG, None)
    assert analyst.events(wait_s=5.0) == []


def test_even_a_deaf_worker_is_ended(started):
    analyst = started(workers.deaf)
    process = analyst._process
    assert process is not None
    pid = process.pid
    assert pid is not None
    time.sleep(0.5)
    begun = time.monotonic()
    analyst.close()
    assert time.monotonic() - begun < 8
    assert not _lives(pid)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A dead child of a dead parent may wait to be collected.
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.mark.slow
@pytest.mark.parametrize("how", ["SIGKILL", "exit"])
def test_the_worker_ends_with_its_parent(tmp_path, how):
    program = (
        "import os, signal, sys, time\n"
        "from pathlib import Path\n"
        "from asa_desktop.services.analyst import Analyst\n"
        "if __name__ == '__main__':\n"
        "    analyst = Analyst.start(features=Path(sys.argv[1]))\n"
        "    print(analyst._process.pid, flush=True)\n"
        "    time.sleep(0.5)\n"
        "    os._exit(0) if sys.argv[2] == 'exit' else os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    script = tmp_path / "parent.py"
    script.write_text(program)
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path), how],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    pid = int(done.stdout)
    assert _soon(lambda: not _lives(pid))


def _soon(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.1)
    return False
