"""Killed at any moment: what was sung is there, sample by sample, and offered."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import figures
import numpy as np
import pytest
import soundfile
from carried import ROOT
from room import RampCheck, Room, ramp

from asa_desktop.services.library import Library, TakeRow
from asa_desktop.services.parts import parts_left, recover_part, take_in_finished

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

RUNS = 20
RATE = 48000
MOST_MISSING_S = 1.0


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    """A room in which somebody sings a ramp all the time."""
    with Room() as room:
        room.feed_raw(ramp(3600 * RATE), latency_ms=500)
        time.sleep(0.5)
        yield room


@dataclass
class Singer:
    """A window's process with its engine, in the middle of a take."""

    process: subprocess.Popen[str]
    began: float
    engine: int
    part: Path
    library: Path

    def kill(self, which: str) -> float:
        """Kill -9 `which`; how many seconds had been sung."""
        sung = time.monotonic() - self.began
        if which != "engine":
            self.process.kill()
        if which != "window":
            os.kill(self.engine, signal.SIGKILL)
        return sung

    def wait(self) -> None:
        """Until neither of both is there any more."""
        self.process.communicate(timeout=30)
        deadline = time.monotonic() + 30
        while is_alive(self.engine):
            assert time.monotonic() < deadline, "the engine goes on without its window"
            time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def singer(room: Room, folder: Path) -> Singer:
    folder.mkdir()
    environ = {**room.environ, "ASA_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "singing_window.py"), str(folder)],
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    facts = json.loads(process.stdout.readline())
    return Singer(
        process, facts["began"], facts["engine"], Path(facts["part"]), Path(facts["library"])
    )


def offered(singer: Singer) -> TakeRow:
    """What the next start finds of the take, in the library."""
    with Library.open(singer.library) as library:
        finished = take_in_finished(library)
        for left in parts_left(library):
            assert left.complete
            assert (left.song_title, left.singer) == ("Ramp", "Robin")
            finished.append(recover_part(library, left.path))
        (take,) = finished
        assert library.takes() == [take]
        assert list(library.recordings.parts.iterdir()) == []
        return take


def missing_of(singer: Singer, take: TakeRow, sung: float) -> float:
    """Seconds of what was sung that are not in the take; every sample of the rest is checked."""
    check = RampCheck()
    path = singer.library / "recordings" / take.file
    for block in soundfile.blocks(path, blocksize=1 << 16, dtype="int32"):
        check.feed(block)
    assert check.breaks == []
    assert check.start == 0
    assert check.end == check.frames
    assert take.latency_s == pytest.approx(0.03, abs=0.02)
    return sung - check.frames / RATE


@pytest.mark.parametrize("which", ["engine", "window", "both"])
def test_kill_9_at_twenty_moments(room: Room, tmp_path: Path, which: str) -> None:
    rng = np.random.default_rng(["engine", "window", "both"].index(which))
    missing = []
    for run in range(RUNS):
        one = singer(room, tmp_path / f"{run}")
        time.sleep(float(rng.uniform(0.3, 3.0)))
        sung = one.kill(which)
        one.wait()
        missing.append(missing_of(one, offered(one), sung))
    figures.note(
        f"kill -9 of {which}: {len(missing)} of {RUNS} takes whole and offered,"
        f" {max(missing):.2f} s missing at most, {np.median(missing):.2f} s in the median"
    )
    assert max(missing) < MOST_MISSING_S
