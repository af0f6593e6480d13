"""The record page from a chosen song to its takes, with engines that have no sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import soundfile
from material import RATE, sing
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from record_room import added, shown, until, with_engine
from test_accessibility import unnamed
from test_languages import cut

from asa_desktop.core.errors import PlaceError
from asa_desktop.core.types import Clip, ClipScore
from asa_desktop.engine.messages import Job, Opened, Setup
from asa_desktop.engine.snapshot import State
from asa_desktop.services.library import TakeRow
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.pages import record_ready, record_words
from asa_desktop.ui.pages.record import RecordPage
from asa_desktop.ui.theme import theme
from tests import fake_engine, stage_engine

pytestmark = pytest.mark.usefixtures("ring")

SECONDS = 30


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """A song of thirty seconds (one and a half with the quick engine), in two parts, with words."""
    folder = tmp_path / "My song"
    folder.mkdir()
    for name in ("accompaniment", "vocal"):
        soundfile.write(folder / f"{name}.wav", sing(SECONDS), RATE)
    (folder / "lyrics.lrc").write_text("[00:00.50]la la\n[00:06.00]lo lo\n")
    return folder


class Room:
    """A page over an engine, what it asked the window for, and what it told the analysis."""

    def __init__(self, qtbot: QtBot, context: AppContext, song: Path) -> None:
        self.qtbot, self.context = qtbot, context
        self.page = shown(qtbot, RecordPage(context))
        self.song = added(qtbot, context, song)
        self.went: list[tuple[str, dict[str, Any]]] = []
        self.told: list[str] = []
        self.jobs: list[Job] = []
        self.takes: list[TakeRow] = []
        context.went.connect(lambda page, arguments: self.went.append((page, arguments)))
        context.told.connect(lambda sentence, *_: self.told.append(sentence))
        self.page.took_began.connect(self.jobs.append)
        self.page.took_ended.connect(self.takes.append)

    @property
    def stage(self) -> str:
        return self.page.flow.stage

    def at(self, stage: str) -> None:
        until(self.qtbot, lambda: self.stage == stage)

    def ready(self) -> None:
        self.page.activated(song=self.song, checked=True)
        self.at("ready")

    def sing(self, seconds: float) -> None:
        """Press record, and wait until so much of the song is over."""
        self.page.toggle()
        self.at("singing")
        it = self.context.recorder.value
        assert it is not None
        until(self.qtbot, lambda: it.snapshot().song_s >= seconds)

    def press(self, key: Qt.Key) -> None:
        self.qtbot.keyClick(self.page, key)


@pytest.fixture
def room_with(qtbot: QtBot, context: AppContext, song: Path) -> Callable[..., Room]:
    def made(microphone: str = "", *, main: Any = fake_engine.main) -> Room:
        context.change(input=microphone, singer="Zoë")
        return Room(qtbot, with_engine(context, main), song)

    return made


def test_without_a_song_it_says_where_songs_are(room_with: Callable[..., Room]) -> None:
    room = room_with()
    room.page.activated()
    assert room.page.none.isVisible()
    assert not room.page.bar.isVisible()


def test_a_song_is_made_ready(room_with: Callable[..., Room]) -> None:
    room = room_with()
    room.ready()
    page = room.page
    assert page.head.title.text() == "My song"
    assert page.head.devices.text() == "mic and phones"
    assert page.head.delay.text() == "(not calibrated)"
    assert page.head.total.text() == "/ 0:30"
    assert page.lyrics.current == "la la"
    assert page.bar.button.isEnabled()
    assert not page.bar.again.isEnabled()
    assert page.bar.backing.isVisible()
    assert page.bar.voice.isVisible()
    assert not page.bar.mix.isVisible()


def test_a_take_to_the_song_s_end_goes_to_the_review(room_with: Callable[..., Room]) -> None:
    room = room_with()
    room.ready()
    room.sing(2.0)
    assert room.page.status == "Recording"
    assert room.page.bar.button.recording
    until(room.qtbot, lambda: bool(room.went))
    (take,) = room.takes
    assert (take.song_title, take.singer) == ("My song", "Zoë")
    assert take.duration_s == pytest.approx(SECONDS, abs=0.4)
    assert room.went == [("review", {"take": take.id})]
    assert len(room.jobs) == 1
    assert room.jobs[0].target.name == take.file
    assert len(room.page.lane.trace) > 20
    assert room.stage == "ready"


def test_space_begins_and_ends_and_escape_ends_too(room_with: Callable[..., Room]) -> None:
    room = room_with()
    room.ready()
    room.page.setFocus()
    room.press(Qt.Key.Key_Space)
    room.at("singing")
    room.qtbot.wait(200)
    room.press(Qt.Key.Key_Space)
    until(room.qtbot, lambda: len(room.takes) == 1)
    room.press(Qt.Key.Key_Space)
    room.at("singing")
    room.qtbot.wait(200)
    assert room.page.back()
    until(room.qtbot, lambda: len(room.takes) == 2)
    assert len({take.id for take in room.takes}) == 2


def test_a_retake_keeps_the_take_before_it(room_with: Callable[..., Room]) -> None:
    room = room_with()
    room.ready()
    room.sing(3.0)
    room.press(Qt.Key.Key_R)
    until(room.qtbot, lambda: len(room.jobs) == 2)
    assert room.went == []
    assert room.stage == "singing"
    assert room.page.lane.trace.last < 3.0
    until(room.qtbot, lambda: len(room.takes) == 2)
    assert room.takes[0].duration_s is not None
    assert 2.5 < room.takes[0].duration_s < 8
    assert room.went == [("review", {"take": room.takes[1].id})]
    assert len({job.part for job in room.jobs}) == 2


def test_nobody_leaves_a_take_behind(room_with: Callable[..., Room]) -> None:
    room = room_with()
    room.ready()
    assert room.page.may_leave(closing=False)
    room.sing(1.0)
    assert not room.page.may_leave(closing=False)
    assert "Space or Esc" in room.page.notice.sentence
    assert room.stage == "singing"
    assert not room.page.may_leave(closing=True)
    until(room.qtbot, lambda: len(room.takes) == 1)
    until(room.qtbot, lambda: not room.page.isVisible())
    assert room.went == []


def test_going_away_lets_go_of_the_microphone(room_with: Callable[..., Room]) -> None:
    room = room_with()
    room.ready()
    states: list[State] = []
    room.page.deactivated()
    room.context.recorder.run(lambda it: it.snapshot().state, done=states.append)
    until(room.qtbot, lambda: bool(states))
    assert room.stage == "empty"
    assert states == [State.CLOSED]
    assert not room.page._frames.isActive()


def test_volumes_reach_the_engine_while_singing(
    room_with: Callable[..., Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    room = room_with()
    room.ready()
    heard: list[tuple[float, float]] = []
    recorder = room.context.recorder.value
    assert recorder is not None
    monkeypatch.setattr(
        recorder, "gains", lambda *, accompaniment, vocal: heard.append((accompaniment, vocal))
    )
    room.page.bar.voice.slider.setValue(10)
    room.qtbot.wait(50)
    assert heard == []
    room.sing(1.0)
    for value in range(80, 20, -2):
        room.page.bar.backing.slider.setValue(value)
    until(room.qtbot, lambda: bool(heard) and heard[-1] == (0.22, 0.1))
    assert len(heard) < 25
    assert room.context.settings.accompaniment_volume == 0.22


def test_a_device_that_leaves_and_comes_back_is_said_in_place(
    room_with: Callable[..., Room],
) -> None:
    room = room_with("leaves")
    room.ready()
    room.sing(1.5)
    until(room.qtbot, lambda: "back after 2.5 s" in room.page.notice.sentence)
    assert room.told == []
    until(room.qtbot, lambda: bool(room.takes))
    assert room.takes[0].gaps == ((1.0, 1.2),)
    assert any("dropped out 2 times" in said for said in room.told)


def test_where_sound_dropped_out_larger_blocks_are_one_click(
    room_with: Callable[..., Room],
) -> None:
    """On a machine that does other work they are what helps; the largest are not offered again."""
    room = room_with("leaves")
    offered: list[tuple[str, Any]] = []
    room.context.told.connect(lambda _, __, button, action: offered.append((button, action)))
    for block in (1024, 2048):
        room.ready()
        room.sing(1.5)
        until(room.qtbot, lambda: any("dropped out" in said for said in room.told))
        button, action = offered[-1]
        assert button == "Larger blocks"
        action()
        assert room.context.settings.block == block
        assert f"Blocks of {block} frames" in room.told[-1]
        room.told.clear()
    room.ready()
    assert room.page.flow.opened is not None
    assert room.page.flow.opened.block == 2048
    room.sing(1.5)
    until(room.qtbot, lambda: any("dropped out" in said for said in room.told))
    assert offered[-1] == ("", None)


def test_a_device_that_stays_away_leaves_the_song_standing(room_with: Callable[..., Room]) -> None:
    room = room_with("away", main=stage_engine.main)
    room.ready()
    room.sing(1.9)
    until(room.qtbot, lambda: "went away" in room.page.notice.sentence)
    room.qtbot.wait(400)
    stands = room.page.lane.now
    room.qtbot.wait(200)
    assert room.page.lane.now == stands
    until(room.qtbot, lambda: "1 gap" in room.page.bar.trouble)
    room.page.toggle()
    until(room.qtbot, lambda: bool(room.takes))


@pytest.mark.parametrize("kind", ["dies", "crashes"])
def test_an_engine_that_dies_loses_nothing(room_with: Callable[..., Room], kind: str) -> None:
    room = room_with(kind)
    room.ready()
    room.page.toggle()
    until(room.qtbot, lambda: "kept as a take" in room.page.notice.sentence)
    assert room.takes == []
    room.page.notice._act()
    (take,) = room.takes
    assert take.duration_s == pytest.approx(2, abs=0.5)
    assert room.went == [("review", {"take": take.id})]
    room.page.flow.refresh()
    until(room.qtbot, lambda: room.stage == "ready")  # on a new engine


def test_a_full_disk_keeps_what_was_sung_and_offers_to_finish_it(
    room_with: Callable[..., Room],
) -> None:
    room = room_with("full")
    room.ready()
    room.page.toggle()
    until(room.qtbot, lambda: "is kept" in room.page.notice.sentence)
    assert "disk is full" in room.page.notice.sentence
    assert room.stage == "ready"
    room.page.notice._act()
    until(room.qtbot, lambda: bool(room.takes))
    assert room.takes[0].duration_s == pytest.approx(2.2, abs=0.4)


def test_a_device_that_is_not_there_is_said_and_tried_again(room_with: Callable[..., Room]) -> None:
    room = room_with("gone")
    room.page.activated(song=room.song, checked=True)
    room.at("broken")
    assert "device gone is not there" in room.page.notice.sentence
    assert_held_back(room)
    room.context.change(input="")
    room.page.flow.refresh()
    room.at("ready")
    assert_free(room)


def assert_held_back(room: Room, *, offers: str = "Choose a device") -> None:
    """The button is not ready, one sentence says why, and one button what to do about it."""
    page, button = room.page, room.page.bar.button
    why = page.notice.sentence
    assert why
    assert why == page.flow.obstacle
    assert not button.isEnabled()
    assert button.toolTip() == button.accessibleDescription() == why
    assert page.notice._button.isVisible()
    assert page.notice._button.text() == offers
    assert not page.notice._close.isVisible()
    assert page.status == "Not ready"
    room.press(Qt.Key.Key_Space)
    room.press(Qt.Key.Key_R)
    assert not page.flow.busy
    assert page.notice.sentence == why
    assert unnamed(page) == []


def assert_free(room: Room) -> None:
    """Nothing of it is left, and a press begins a take."""
    page, button = room.page, room.page.bar.button
    assert button.isEnabled()
    assert (button.toolTip(), button.accessibleDescription()) == ("Record", "Space")
    assert page.flow.obstacle == ""
    room.press(Qt.Key.Key_Space)
    room.at("singing")
    page.toggle()
    until(room.qtbot, lambda: len(room.takes) == 1)


def test_a_device_that_comes_late_makes_it_ready_by_itself(
    room_with: Callable[..., Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_ready, "OPEN_AGAIN_MS", 300)
    room = room_with("late")
    said: list[str] = []
    room.page.flow.said.connect(lambda sentence, *_: said.append(sentence))
    room.page.activated(song=room.song, checked=True)
    room.at("broken")
    assert_held_back(room)
    room.at("ready")
    assert room.page.notice.sentence == "Microphone and headphones are ready."
    assert sum("device late is not there" in one for one in said) == 2  # once, and for Space
    assert_free(room)


def test_a_device_that_is_lost_when_the_take_begins_is_opened_again(
    room_with: Callable[..., Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_ready, "OPEN_AGAIN_MS", 300)
    room = room_with("stalls")
    room.ready()
    room.press(Qt.Key.Key_Space)
    room.at("broken")
    assert "no sound comes from it" in room.page.notice.sentence
    assert_held_back(room)
    assert room.takes == room.jobs == []
    room.at("ready")
    assert_free(room)


def test_a_closed_device_is_never_said_without_a_way_on(room_with: Callable[..., Room]) -> None:
    room = room_with()
    room.ready()
    room.context.recorder.run(lambda it: it.close_devices())
    room.press(Qt.Key.Key_Space)
    room.at("broken")
    assert_held_back(room, offers="Try again")
    room.page.notice._act()
    room.at("ready")
    assert_free(room)


def test_a_device_that_is_unplugged_before_the_take_is_waited_for(
    room_with: Callable[..., Room],
) -> None:
    room = room_with("unplugged")
    room.page.activated(song=room.song, checked=True)
    room.at("away")
    assert "plug it in again" in room.page.notice.sentence
    assert_held_back(room)
    room.at("ready")
    assert room.page.notice.sentence == "The sound is back."
    assert_free(room)


def test_what_was_lost_on_another_page_is_no_loss_here(room_with: Callable[..., Room]) -> None:
    room = room_with("unplugged")
    opened: list[object] = []
    setup = Setup(input="unplugged")
    room.context.recorder.run(lambda it: it.open(setup), done=opened.append)
    until(room.qtbot, lambda: bool(opened))
    room.qtbot.wait(200)  # it is lost, and nobody looks
    room.context.recorder.run(lambda it: it.close_devices())
    room.ready()
    room.qtbot.wait(600)
    assert room.stage == "ready"


def test_another_device_can_be_chosen_and_the_song_waits(room_with: Callable[..., Room]) -> None:
    room = room_with("gone")
    ways: list[Any] = []
    room.context.told.connect(lambda sentence, level, button, action: ways.append(action))
    room.context.touring = True
    room.page.activated(song=room.song, checked=True)
    room.at("broken")
    room.page.notice._act()
    assert room.went == [("settings", {"part": "sound"})]
    assert room.told == ["The introduction waits until you have chosen."]
    room.context.touring = False  # as the window has it on the settings
    ways[0]()
    assert room.context.touring
    assert room.went[1:] == [("record", {"song": room.song})]


def test_the_way_out_is_reached_by_keys(room_with: Callable[..., Room]) -> None:
    room = room_with("gone")
    page = room.page
    page.activateWindow()
    page.activated(song=room.song, checked=True)
    room.at("broken")
    page.setFocus()
    order = []
    for _ in range(12):
        focused = page.focusWidget()
        assert focused is not None
        order.append(focused)
        if focused is page.notice._button:
            break
        room.qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert order[-1] is page.notice._button
    assert page.bar.button not in order
    room.qtbot.keyClick(order[-1], Qt.Key.Key_Return)
    assert room.went == [("settings", {"part": "sound"})]


def test_the_device_of_the_system_is_called_so() -> None:
    opened = Opened("default", "default", "ALSA", 48_000, 256, "low", False, 0.03)
    assert record_words.device_name(opened) == "System default"
    named = record_words.device_name(replace(opened, input="USB mic"))
    assert named == "USB mic and System default"
    said = record_words.fault_text(PlaceError("device_silent", name="default"))
    assert said.startswith("System default was opened, but no sound comes from it")


def test_leaving_stops_looking_for_devices(
    room_with: Callable[..., Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_ready, "OPEN_AGAIN_MS", 100)
    room = room_with("gone")
    room.page.activated(song=room.song, checked=True)
    room.at("broken")
    assert room.page.back()  # the sentence stays, so Esc leads away
    assert room.went == [("songs", {})]
    room.page.deactivated()
    assert not room.page.flow._opens.isActive()
    room.qtbot.wait(300)
    assert room.stage == "empty"


def test_a_song_that_went_away_is_said(room_with: Callable[..., Room], song: Path) -> None:
    room = room_with()
    song.rename(song.with_name("elsewhere"))
    room.page.activated(song=room.song, checked=True)
    room.at("broken")
    assert "My song" in room.page.notice.sentence
    assert_held_back(room, offers="Try again")
    assert not room.page.flow._opens.isActive()


def test_clipping_and_silence_are_said_when_it_is_over(room_with: Callable[..., Room]) -> None:
    room = room_with("clips")
    room.ready()
    room.sing(1.0)
    until(room.qtbot, lambda: bool(room.told))
    assert "too loud in 7 places" in room.told[0]


def test_new_devices_are_checked_first(room_with: Callable[..., Room]) -> None:
    room = room_with()
    room.page.activated(song=room.song)
    until(room.qtbot, lambda: bool(room.went))
    assert room.went == [("check", {"song": room.song})]


def test_clip_scores_come_in_while_singing(room_with: Callable[..., Room]) -> None:
    room = room_with()
    room.ready()
    room.sing(1.0)
    room.page.set_clip(ClipScore(Clip(0, 0.0, 3.0, 1.0, 1.0), 72.0))
    assert [each.score for each in room.page.clips.clips] == [72.0]


def test_folding_is_kept(room_with: Callable[..., Room]) -> None:
    room = room_with()
    room.page.bar.fold.setChecked(False)
    assert not room.context.settings.octave_folding
    assert not room.page.lane.trace.folding


def test_everything_has_a_name(room_with: Callable[..., Room]) -> None:
    QAccessible.setActive(True)
    room = room_with("leaves")
    room.ready()
    assert unnamed(room.page) == []
    room.sing(1.5)
    until(room.qtbot, lambda: bool(room.page.notice.sentence))
    assert unnamed(room.page) == []


@pytest.mark.parametrize("look", ["light", "dark"])
def test_pictures(
    room_with: Callable[..., Room], look: str, picture: Callable[[QWidget, str], Path]
) -> None:
    theme.current().choose(look)
    room = room_with()
    room.ready()
    assert picture(room.page, f"record-ready-{look}").stat().st_size > 10_000
    room.sing(5.0)
    assert picture(room.page, f"record-singing-{look}").stat().st_size > 10_000


@pytest.mark.parametrize("look", ["light", "dark"])
def test_pictures_of_what_stands_in_the_way(
    room_with: Callable[..., Room], look: str, picture: Callable[[QWidget, str], Path]
) -> None:
    theme.current().choose(look)
    room = room_with("gone")
    room.page.resize(900, 600)
    room.page.activated(song=room.song, checked=True)
    room.at("broken")
    assert cut(room.page) == []
    assert picture(room.page, f"record-held-back-{look}").stat().st_size > 10_000
