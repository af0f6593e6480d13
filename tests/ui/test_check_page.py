"""The sound check, line by line, with engines that have no sound."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from record_room import added, until, with_engine
from test_accessibility import unnamed

from asa_desktop.ui.context import AppContext
from asa_desktop.ui.pages.check import CheckPage
from asa_desktop.ui.pages.check_done import was_checked
from asa_desktop.ui.theme import theme
from tests import fake_engine, stage_engine

pytestmark = pytest.mark.usefixtures("ring")

Went = list[tuple[str, dict[str, Any]]]


class Room:
    """A page over an engine, and where it asked to go."""

    def __init__(self, qtbot: QtBot, context: AppContext) -> None:
        self.qtbot, self.context = qtbot, context
        self.page = CheckPage(context)
        qtbot.addWidget(self.page)
        self.page.resize(1200, 860)
        self.page.show()
        self.went: Went = []
        context.went.connect(lambda page, arguments: self.went.append((page, arguments)))

    def opened(self, *, song: int | None = None) -> CheckPage:
        self.page.activated(song=song)
        until(self.qtbot, lambda: self.page.delay.state != "waiting")
        until(self.qtbot, lambda: not self.page.measuring.busy)
        return self.page


@pytest.fixture
def room_with(qtbot: QtBot, context: AppContext) -> Callable[..., Room]:
    def made(microphone: str = "", *, main: Any = fake_engine.main) -> Room:
        context.change(input=microphone)
        return Room(qtbot, with_engine(context, main))

    return made


def test_what_can_be_told_at_once(room_with: Callable[..., Room]) -> None:
    page = room_with().opened()
    assert page.permission.state == "good"
    assert "mic and phones, channel 1, 16 kHz" in page.input.words.text()
    assert page.disk.state == "good"
    assert page.disk.words.text().startswith("Room for ")
    assert page.delay.state == "warning"
    assert page.bleed.state == "waiting"
    assert page.summary.text().startswith("One thing to do.")


def test_a_calibration_is_measured_kept_and_shown(room_with: Callable[..., Room]) -> None:
    room = room_with()
    page = room.opened()
    page.calibrate.click()
    until(room.qtbot, lambda: page.delay.state == "good")
    assert page.delay.words.text().startswith("32 ms, spread 0.4 ms over 12 chirps, ")
    page.deactivated()
    page.activated()
    until(room.qtbot, lambda: page.delay.state == "good")
    page.by_ear.click()
    until(room.qtbot, lambda: "by ear" in page.delay.words.text())


def test_chirps_that_do_not_come_back_are_said_in_the_line(room_with: Callable[..., Room]) -> None:
    room = room_with("deaf")
    page = room.opened()
    page.calibrate.click()
    until(room.qtbot, lambda: "Only 1 of 12" in page.delay.words.text())
    assert "asa " not in page.delay.words.text()
    assert page.delay.state == "warning"
    assert page.by_ear.isVisible()
    assert page.calibrate.isEnabled()
    page.measuring.delay_known.emit(
        None
    )  # the library answers late, or something else was measured
    page.measuring.busy_changed.emit("")
    assert "Only 1 of 12" in page.delay.words.text()
    page.activated()
    until(room.qtbot, lambda: page.delay.words.text().startswith("Not measured"))


def test_a_calibration_can_be_stopped(room_with: Callable[..., Room]) -> None:
    room = room_with("slow", main=stage_engine.main)
    page = room.opened()
    page.calibrate.click()
    until(room.qtbot, lambda: page.delay.state == "busy")
    assert not page.listen.isEnabled()
    page.stop_delay.click()
    until(room.qtbot, lambda: page.delay.state == "warning")
    page.calibrate.click()
    until(room.qtbot, lambda: page.delay.state == "busy")
    assert page.back()
    until(room.qtbot, lambda: not page.measuring.busy)


def test_leaving_stops_what_is_measured(room_with: Callable[..., Room]) -> None:
    room = room_with("slow", main=stage_engine.main)
    page = room.opened()
    page.calibrate.click()
    page.deactivated()
    until(room.qtbot, lambda: not page.measuring.busy)
    assert page.measuring.devices is None


def test_bleed_is_heard_and_headphones_are_believed(room_with: Callable[..., Room]) -> None:
    room = room_with("bleeds", main=stage_engine.main)
    page = room.opened()
    page.listen.click()
    until(room.qtbot, lambda: page.bleed.state == "busy")
    until(room.qtbot, lambda: page.bleed.state == "warning")
    assert "Wear headphones" in page.bleed.words.text()
    assert page.worn.isVisible()
    page.worn.click()
    assert page.bleed.state == "good"
    page.deactivated()
    page.activated()
    until(room.qtbot, lambda: page.bleed.state == "good")


def test_a_voice_and_a_quiet_room(room_with: Callable[..., Room]) -> None:
    room = room_with("voice", main=stage_engine.main)
    page = room.opened()
    until(room.qtbot, lambda: page.level.state == "good")
    assert "Peaks at −" in page.level.words.text()
    assert page.noise.state == "good"


@pytest.mark.parametrize(
    ("name", "row", "state", "words"),
    [
        ("noisy", "noise", "warning", "close the window"),
        ("dead", "permission", "bad", "privacy settings"),
    ],
)
def test_what_is_heard_is_judged(
    room_with: Callable[..., Room], name: str, row: str, state: str, words: str
) -> None:
    room = room_with(name, main=stage_engine.main)
    page = room.opened()
    found = getattr(page, row)
    until(room.qtbot, lambda: found.state == state)
    assert words in found.words.text()


def test_a_device_that_is_not_there_and_then_is(room_with: Callable[..., Room]) -> None:
    room = room_with("gone")
    page = room.page
    page.activated()
    until(room.qtbot, lambda: page.input.state == "bad")
    assert "device gone is not there" in page.input.words.text()
    assert not page.calibrate.isEnabled()
    room.context.change(input="")
    assert not page.retry.isVisible()
    assert not page.reopen.isVisible()
    until(room.qtbot, lambda: page.input.state == "good")
    assert page.permission.state == "good"


def test_a_device_that_goes_and_comes_back_is_seen(room_with: Callable[..., Room]) -> None:
    room = room_with("unplugged")
    page = room.page
    page.activated(song=1)
    until(room.qtbot, lambda: page.input.state == "bad")
    assert "went away" in page.input.words.text()
    until(room.qtbot, lambda: page.input.state == "good")
    assert "unplugged and phones" in page.input.words.text()
    assert page.calibrate.isEnabled()


@pytest.mark.parametrize("how", ["go", "skip"])
def test_afterwards_the_same_devices_are_not_asked_for(
    room_with: Callable[..., Room], how: str
) -> None:
    room = room_with()
    song = added(room.qtbot, room.context)
    page = room.opened(song=song)
    opened = page.measuring.devices
    assert opened is not None
    assert not was_checked(room.context, opened)
    getattr(page, how).click()
    assert room.went == [("record", {"song": song, "checked": True})]
    assert was_checked(room.context, opened)


def test_without_a_song_it_leads_back_to_the_settings(room_with: Callable[..., Room]) -> None:
    room = room_with()
    page = room.opened()
    assert not page.skip.isVisible()
    page.go.click()
    assert room.went == [("settings", {})]


def test_everything_has_a_name(room_with: Callable[..., Room]) -> None:
    QAccessible.setActive(True)
    room = room_with()
    page = room.opened(song=1)
    assert unnamed(page) == []
    assert page.delay.accessibleName() == "Delay, could be better"


@pytest.mark.parametrize("look", ["light", "dark"])
def test_pictures(
    room_with: Callable[..., Room], look: str, picture: Callable[[QWidget, str], Path]
) -> None:
    theme.current().choose(look)
    page = room_with().opened()
    assert picture(page, f"check-{look}").stat().st_size > 10_000
