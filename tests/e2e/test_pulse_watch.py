"""The watch tells what PortAudio does not: streams moved, suspended, a server killed."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from room import Room

pytestmark = pytest.mark.e2e

# A process that records and plays through PortAudio and watches its own streams.
WATCHED = """
    import dataclasses, json, os, sys, time
    import sounddevice as sd
    from asa_desktop.engine.pulse import PulseWatch
    calls = 0
    def each(inp, out, frames, when, status):
        global calls
        calls += 1
        out[:] = 0
    def told(change):
        print(json.dumps(dataclasses.asdict(change) | {"calls": calls}), flush=True)
    watch = PulseWatch.start(on_change=told)
    pair = ("vmic", "vspeakers")
    stream = sd.Stream(samplerate=48000, blocksize=512, latency="low", device=pair,
                       channels=(1, 2), dtype="float32", callback=each)
    stream.start()
    deadline = time.monotonic() + 5
    while len(watch.streams) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    print(json.dumps([dataclasses.asdict(each) for each in watch.streams]), flush=True)
    for line in sys.stdin:
        if line == "quit\\n":
            break
        if line == "close\\n":
            stream.close()
    watch.stop()
    print(json.dumps({"kind": "stopped", "at": time.monotonic(),
                      "threads": watch._thread.is_alive()}), flush=True)
    os._exit(0)  # PortAudio may wait for a server that was killed
"""


class Watched:
    def __init__(self, room: Room) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WATCHED)],
            env=room.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.told: list[Any] = []
        self._more = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()
        # PortAudio opens and closes streams to see what a device can do: those are told as gone.
        self.streams = self.next()
        while not isinstance(self.streams, list):
            self.streams = self.next()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._more:
                self.told.append(json.loads(line))
                self._more.notify_all()

    def next(self, most_s: float = 10.0) -> Any:
        with self._more:
            assert self._more.wait_for(lambda: self.told, most_s), "nothing was told"
            return self.told.pop(0)

    def say(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()


@pytest.fixture
def room() -> Iterator[Room]:
    with Room(extras=["headset"]) as room:
        yield room


@pytest.fixture
def watched(room: Room) -> Iterator[Watched]:
    watched = Watched(room)
    yield watched
    watched.process.kill()
    watched.process.wait()


def brief(change: dict[str, Any], since: float, most_s: float = 0.2) -> tuple[Any, ...]:
    """The gist of a change that has to be told within `most_s`."""
    assert change["at"] - since < most_s
    stream = change["stream"] or {"way": "", "device": ""}
    gist = (change["kind"], stream["way"], stream["device"], change["to"])
    return (*gist, change["original_gone"])


def test_its_own_streams_and_nobody_elses(room: Room, watched: Watched) -> None:
    assert {(each["way"], each["device"]) for each in watched.streams} == {
        ("input", "mic"),
        ("output", "speakers"),
    }
    with room.judge(room.folder / "other.raw"):
        others = {pid for pid in room.streams().values() if pid != watched.process.pid}
        assert [room.move("loopmic", pid=pid) for pid in others] == [1]
    since = time.monotonic()
    assert room.move("loopmic", pid=watched.process.pid) == 1
    assert brief(watched.next(), since) == ("moved", "input", "mic", "loopmic", False)


def test_a_microphone_taken_away_and_one_changed_by_hand(room: Room, watched: Watched) -> None:
    since = time.monotonic()
    room.unload("mic")
    lost = watched.next()
    assert brief(lost, since) == ("moved", "input", "mic", lost["to"], True)
    assert lost["to"] not in ("", "mic")
    room.load("mic")
    since = time.monotonic()
    assert room.move("mic", pid=watched.process.pid) == 1
    assert brief(watched.next(), since) == ("moved", "input", lost["to"], "mic", False)


def test_speakers_taken_away(room: Room, watched: Watched) -> None:
    assert room.move("headset", pid=watched.process.pid) == 1
    assert watched.next()["to"] == "headset"
    since = time.monotonic()
    room.unload("headset")
    assert brief(watched.next(), since) == ("moved", "output", "headset", "speakers", True)


def test_suspended_and_resumed(room: Room, watched: Watched) -> None:
    since = time.monotonic()
    room.suspend("mic")
    assert brief(watched.next(), since) == ("suspended", "input", "mic", "mic", False)
    since = time.monotonic()
    room.suspend("mic", False)
    assert brief(watched.next(), since) == ("resumed", "input", "mic", "mic", False)


def test_a_killed_server_and_a_new_one(room: Room, watched: Watched) -> None:
    since = time.monotonic()
    room.kill_server()
    assert brief(watched.next(), since) == ("server_lost", "", "", "", False)
    since = time.monotonic()
    room.restart_server()
    assert brief(watched.next(), since, 3.0) == ("server_back", "", "", "", False)
    since = time.monotonic()
    watched.say("quit")
    stopped = watched.next()
    assert stopped["kind"] == "stopped"
    assert stopped["at"] - since < 0.5
    assert not stopped["threads"]
    assert watched.process.wait(5) == 0


def test_closing_is_gone_and_waiting_costs_nothing(room: Room, watched: Watched) -> None:
    watched.say("close")
    kinds = {
        (change["kind"], change["stream"]["way"]) for change in (watched.next(), watched.next())
    }
    assert kinds == {("gone", "input"), ("gone", "output")}
    before = _ticks(watched.process.pid)
    time.sleep(1.0)
    after = _ticks(watched.process.pid)
    assert sum(after.values()) - sum(before.values()) <= 5, "hundredths of a second"


def _ticks(pid: int) -> dict[str, int]:
    """Clock ticks (10 ms) that each thread of a process has used."""
    used = {}
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        fields = stat.read_text().rsplit(")", 1)[1].split()
        used[stat.parent.name] = int(fields[11]) + int(fields[12])
    return used
