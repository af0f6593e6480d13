"""What pages play: silence when it is asked for, one thing at a time, and no device left open."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lists_room import QuietRecorder
from pytestqt.qtbot import QtBot

from asa_desktop.core.errors import AsaError, AudioError, PlaceError
from asa_desktop.core.types import TakeTiming
from asa_desktop.engine.messages import Lost, Opened, Play, Setup
from asa_desktop.engine.snapshot import Snapshot, State
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.jobs import Task
from asa_desktop.ui.pages import review_sound
from asa_desktop.ui.pages.review_sound import ClipSound, Prepared, Voices
from asa_desktop.ui.playing import Player

FIRST, SECOND = Play(start_s=1.0, end_s=4.0), Play(start_s=9.0, end_s=12.0)
VOICES = Voices(Path("take"), TakeTiming(), Path("original"))


class Slow(QuietRecorder):
    """An engine that waits for `answer` where `waits` says so."""

    def __init__(self) -> None:
        super().__init__()
        self.waits = ""
        self.answer = threading.Event()
        self.said: list[object] = []

    def _wait(self, what: str) -> None:
        if self.waits == what:
            assert self.answer.wait(10)

    def open(self, setup: Setup) -> Opened:
        self._wait("open")
        return super().open(setup)

    def play(self, request: Play) -> None:
        super().play(request)
        self._wait("play")

    def gains(self, *, accompaniment: float, vocal: float) -> None:
        self.did.append((accompaniment, vocal))

    def events(self, *, wait_s: float = 0.0) -> list[object]:
        said, self.said = self.said, []
        return [*said, *super().events()]


class Desk:
    """A player, what the engine did for it, and what it told."""

    def __init__(self, qtbot: QtBot, context: AppContext) -> None:
        self.qtbot, self.context = qtbot, context
        self.engine = Slow()
        context.recorder = context._resident(  # type: ignore[misc]
            "recorder", lambda: self.engine, close=lambda one: one.close()
        )
        self.player = Player(context)
        self.told: list[str] = []
        self.heard: list[object] = []
        context.told.connect(lambda sentence, *_: self.told.append(sentence))
        self.player.busy.connect(self.heard.append)
        self.player.ended.connect(lambda: self.heard.append("ended"))

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=10_000)

    def settled(self) -> None:
        """Wait until the engine has done all that it was asked, and everybody knows."""
        done: list[object] = []
        self.context.recorder.run(lambda it: None, done=done.append)
        self.until(lambda: bool(done))

    def ready(self) -> None:
        rates: list[object] = []
        self.player.make_ready(lambda rate, task: rate, rates.append)
        self.until(lambda: rates == [8000])


@pytest.fixture
def desk(qtbot: QtBot, context: AppContext) -> Desk:
    return Desk(qtbot, context)


def test_the_microphone_stays_closed(desk: Desk) -> None:
    desk.context.change(input="mic", output="phones", output_channel=2, block=256)
    desk.ready()
    (setup,) = desk.engine.setups
    assert not setup.listen
    assert (setup.output, setup.output_channel, setup.block) == ("phones", 2, 256)
    assert desk.heard == [True, False]


def test_what_is_played_is_seen_and_ends(desk: Desk) -> None:
    seconds: list[float] = []
    desk.player.moved.connect(seconds.append)
    desk.ready()
    desk.player.play(FIRST)
    desk.until(lambda: bool(seconds))
    assert set(seconds) == {1.5}
    desk.engine.over = True
    desk.until(lambda: desk.heard[-1] == "ended")
    desk.player.let_go()
    desk.settled()
    assert desk.engine.did == ["open", FIRST, "close"]
    assert desk.told == []


def test_a_second_one_before_the_first_was_answered(desk: Desk) -> None:
    """J twice while a clip sounds: the last one sounds, and nothing is complained of."""
    desk.ready()
    desk.engine.waits = "play"
    for request in (FIRST, SECOND, FIRST):
        desk.player.play(request)
    desk.engine.answer.set()
    desk.settled()
    assert desk.engine.did == ["open", FIRST, "stop", SECOND, "stop", FIRST]
    assert desk.engine.playing
    assert desk.told == []
    assert "ended" not in desk.heard


def test_silence_before_the_answer(desk: Desk) -> None:
    desk.ready()
    desk.engine.waits = "play"
    desk.player.play(FIRST)
    desk.player.stop()
    desk.engine.answer.set()
    desk.settled()
    assert desk.engine.did == ["open", FIRST, "stop"]
    desk.qtbot.wait(100)
    assert not desk.player._frames.isActive()


def test_devices_that_are_still_being_opened_are_given_back(desk: Desk) -> None:
    desk.engine.waits = "open"
    desk.player.make_ready(lambda rate, task: rate, desk.heard.append)
    desk.player.let_go()
    desk.engine.answer.set()
    desk.settled()
    assert desk.engine.did == ["open", "close"]
    desk.player.let_go()
    desk.settled()
    assert desk.engine.did == ["open", "close"], "once is enough"
    assert desk.heard == [True, False]


def test_what_nobody_waits_for_takes_no_thread(desk: Desk) -> None:
    tasks: list[Task] = []

    def endless(rate: int, task: Task) -> None:
        tasks.append(task)
        while True:
            task.check()

    for _ in range(4):  # more often than there are threads
        desk.player.make_ready(endless, desk.heard.append)
        count = len(tasks)
        desk.until(lambda count=count: len(tasks) > count)
    desk.player.stop()
    desk.until(lambda: desk.context.jobs.running == ())
    assert all(each.cancelled for each in tasks)
    desk.ready()
    assert "ended" not in desk.heard
    assert desk.told == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PlaceError("rate_refused", name="phones", rate=8000), "choose another device"),
        (PlaceError("device_missing", name="phones"), "in the settings"),
        (AudioError("decoder_died", path=Path("take")), "take"),
    ],
)
def test_faults_are_said_in_the_windows_words(desk: Desk, error: AsaError, said: str) -> None:
    def fails(rate: int, task: Task) -> None:
        raise error

    desk.player.make_ready(fails, desk.heard.append)
    desk.until(lambda: bool(desk.told))
    assert said in desk.told[0]
    assert "asa " not in desk.told[0]
    assert "--" not in desk.told[0]
    desk.settled()
    assert desk.engine.did == ["open", "close"]
    assert desk.heard == [True, False, "ended"]


def test_headphones_that_go_away_are_said_and_opened_anew(desk: Desk) -> None:
    desk.ready()
    desk.player.play(FIRST)
    desk.settled()
    desk.engine.said.append(Lost("lost", 0.0))
    desk.until(lambda: desk.heard[-1] == "ended")
    desk.settled()
    assert desk.told == [
        "The sound device went away; plug it in again, or choose another in the settings."
    ]
    assert desk.engine.did[-1] == "close"
    assert not desk.player.has_devices


def test_an_engine_that_is_gone_has_nothing_to_close(desk: Desk) -> None:
    def dies(request: Play) -> None:
        raise PlaceError("engine_died", part="")

    desk.ready()
    desk.engine.play = dies  # type: ignore[method-assign]
    desk.player.play(FIRST)
    desk.until(lambda: bool(desk.told))
    desk.settled()
    assert desk.engine.did == ["open"]
    assert not desk.player.has_devices


def test_a_take_that_is_recorded_is_never_ended_from_here(desk: Desk) -> None:
    desk.engine.recording = True
    desk.player.make_ready(lambda rate, task: rate, desk.heard.append)
    desk.until(lambda: bool(desk.told))
    desk.settled()
    assert "busy" in desk.told[0]
    desk.player.play(FIRST)
    desk.player.let_go()
    desk.settled()
    assert "stop" not in desk.engine.did
    assert "close" not in desk.engine.did


def test_a_place_of_what_sounded_before_is_not_shown(desk: Desk) -> None:
    seconds: list[float] = []
    desk.player.moved.connect(seconds.append)
    desk.ready()
    desk.player.play(SECOND)  # the engine's newest state still tells of 1.5 s
    desk.settled()
    desk.qtbot.wait(150)
    assert desk.engine.playing
    assert seconds == []
    desk.engine.snapshot = lambda: Snapshot(state=State.PLAYING, song_s=9.5)  # type: ignore[method-assign]
    desk.until(lambda: bool(seconds))
    assert set(seconds) == {9.5}


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """The recordings of a review are ready when this is set."""
    there = threading.Event()

    def made(voices: Voices, cache: Path, rate: int, task: Task) -> Prepared:
        while not there.wait(0.01):
            task.check()
        return Prepared(voices, rate, Path("t"), 2.0, Path("o"), 0.5)

    monkeypatch.setattr(review_sound, "_prepared", made)
    return there


def played(desk: Desk) -> list[Any]:
    return [each for each in desk.engine.did if isinstance(each, Play)]


def test_a_voice_that_is_swapped_before_it_sounds(desk: Desk, files: threading.Event) -> None:
    sound = ClipSound(desk.context)
    sound.play(VOICES, "me", 1.0, 4.0)
    sound.swap("original")
    files.set()
    desk.until(lambda: bool(played(desk)))
    (asked,) = played(desk)
    assert (asked.accompaniment_gain, asked.vocal_gain) == (0.5, 0.0)
    assert sound.playing == "original"
    sound.swap("me")
    desk.settled()
    assert desk.engine.did[-1] == (0.0, 2.0)


def test_clips_of_a_review_follow_one_another_and_then_it_is_still(
    desk: Desk, files: threading.Event
) -> None:
    files.set()
    sound, told = ClipSound(desk.context), list[object]()
    sound.busy.connect(told.append)
    sound.ended.connect(lambda: told.append("ended"))
    sound.play(VOICES, "me", 1.0, 4.0)
    desk.until(lambda: bool(played(desk)))
    sound.play(VOICES, "me", 4.0, 7.0)
    sound.play(VOICES, "me", 7.0, 10.0)
    desk.settled()
    assert [each.start_s for each in played(desk)] == [1.0, 4.0, 7.0]
    assert desk.engine.did.count("open") == 1
    assert told == [True, False]
    sound.stop()
    sound.close()
    desk.settled()
    assert desk.engine.did[-2:] == ["stop", "close"]
    assert told == [True, False, "ended"]
    assert sound.playing == ""
    sound.play(VOICES, "me", 1.0, 4.0)
    desk.until(lambda: desk.engine.playing)
    assert desk.engine.did.count("open") == 2
    assert desk.told == []


def test_a_review_that_is_left_while_it_is_made_ready(desk: Desk, files: threading.Event) -> None:
    sound = ClipSound(desk.context)
    sound.play(VOICES, "me", 1.0, 4.0)
    desk.until(lambda: bool(desk.context.jobs.running))
    sound.close()
    desk.until(lambda: desk.context.jobs.running == ())
    files.set()
    desk.settled()
    assert desk.engine.did == ["open", "close"]
    assert sound.playing == ""
