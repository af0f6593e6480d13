"""The shell: going between pages, keys, drops, messages, what is remembered."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from asa_desktop.core.errors import PlaceError
from asa_desktop.services.settings import load_settings
from asa_desktop.ui import window as shell
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.faults import Net, sentence_of
from asa_desktop.ui.pages.base import Page
from asa_desktop.ui.pages.settings import SettingsPage, devices
from asa_desktop.ui.theme import motion, theme
from asa_desktop.ui.theme.tokens import RAIL, RAIL_NARROW
from asa_desktop.ui.widgets.search import SearchField
from asa_desktop.ui.window import Place, Window

pytestmark = [
    pytest.mark.usefixtures("ring"),
    pytest.mark.filterwarnings("ignore:Function. 'QDrag:DeprecationWarning"),
]


class Plain(Page):
    """Notes what happens to it."""

    made = 0
    name = "Plain"

    def __init__(self, context: AppContext) -> None:
        super().__init__(context, title=self.name)
        type(self).made += 1
        self.search = SearchField("Search")
        self.box.addWidget(self.search)
        self.log: list[Any] = []
        self.stays = False
        self.takes_drops = True

    def activated(self, **arguments: Any) -> None:
        self.log.append(("activated", arguments))

    def deactivated(self) -> None:
        self.log.append("deactivated")

    def may_leave(self, *, closing: bool) -> bool:
        return not self.stays

    def drop_hint(self, paths: list[Path], at: QPoint) -> str:
        return "Add" if self.takes_drops else ""

    def on_drop(self, paths: list[Path], at: QPoint) -> bool:
        self.log.append(("dropped", paths))
        return self.takes_drops


class Songs(Plain):
    name = "Songs"


class Takes(Plain):
    name = "Takes"


class Record(Plain):
    name = "Record"


class Broken(Page):
    def __init__(self, context: AppContext) -> None:
        raise ZeroDivisionError("deep down")


PLACES = (
    Place("songs", "Songs", f"{__name__}:Songs", "music"),
    Place("takes", "Takes", f"{__name__}:Takes", "audio-lines"),
    Place("record", "Record", f"{__name__}:Record", rail="songs"),
    Place("broken", "Broken", f"{__name__}:Broken", rail="songs"),
    Place("later", "Later", "asa_desktop.ui.pages.of_next_year:Later", "info"),
)


@pytest.fixture
def opened(qtbot: QtBot, context: AppContext) -> Callable[[], Window]:
    def show() -> Window:
        window = Window(context, places=PLACES)
        qtbot.addWidget(window)
        with qtbot.waitSignal(window.page_shown):
            window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        return window

    for kind in (Songs, Takes, Record):
        kind.made = 0
    return show


@pytest.fixture
def window(opened: Callable[[], Window]) -> Window:
    return opened()


def page(window: Window) -> Plain:
    shown = window.page
    assert isinstance(shown, Plain)
    return shown


def test_pages_are_made_when_they_are_first_shown(window: Window) -> None:
    assert (Songs.made, Takes.made) == (1, 0)
    window.go("takes")
    window.go("songs")
    window.go("takes")
    assert (Songs.made, Takes.made) == (1, 1)


def test_what_is_not_there_is_not_offered(window: Window) -> None:
    assert not window.knows("later")
    assert not window.go("later")
    assert page(window).title == "Songs"
    assert all(place.there() for place in shell.known_places() if place.name == "settings")


def test_going_tells_both_pages_and_back_restores(qtbot: QtBot, window: Window) -> None:
    songs = page(window)
    window.context.navigate("record", song=7)
    record = page(window)
    assert record.log == [("activated", {"song": 7})]
    assert songs.log[-1] == "deactivated"
    assert window.windowTitle() == "Record – ASA Desktop"
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert page(window) is songs
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert page(window) is songs


def test_a_page_can_hold_back(qtbot: QtBot, window: Window) -> None:
    page(window).stays = True
    assert not window.go("takes")
    assert not window.close()
    page(window).stays = False
    assert window.close()


def test_keys_lead_everywhere(qtbot: QtBot, window: Window) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(window, Qt.Key.Key_2, control)
    assert page(window).title == "Takes"
    qtbot.keyClick(window, Qt.Key.Key_1, control)
    assert page(window).title == "Songs"
    qtbot.keyClick(window, Qt.Key.Key_Slash)
    field = page(window).search
    assert field is not None
    assert field.hasFocus()
    assert field.text() == ""
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not field.hasFocus()
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert window.isFullScreen()
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert not window.isFullScreen()
    qtbot.keyClick(window, Qt.Key.Key_Q, control)
    assert not window.isVisible()


def test_a_pages_own_keys_work_and_are_told(qtbot: QtBot, window: Window) -> None:
    pressed: list[int] = []
    here = page(window)
    here.add_shortcut("Space", "play", lambda: pressed.append(1))
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert pressed == [1]
    assert here.search is not None
    here.search.setFocus()
    qtbot.keyClick(here.search, Qt.Key.Key_Space)
    assert pressed == [1]  # a field to type in keeps its letters
    window.go("takes")
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert pressed == [1]
    assert [one.does for one in here.shortcuts] == ["play"]


def test_the_rail_folds_where_there_is_no_room_and_by_its_key(qtbot: QtBot, window: Window) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    window.resize(1280, 800)
    assert window.rail.width() == RAIL
    window.resize(960, 700)
    assert window.rail.width() == RAIL_NARROW
    qtbot.keyClick(window, Qt.Key.Key_B, control)
    assert window.rail.width() == RAIL  # for the moment
    assert not window.context.settings.rail_collapsed
    window.resize(1280, 800)
    qtbot.keyClick(window, Qt.Key.Key_B, control)
    assert window.rail.width() == RAIL_NARROW
    assert window.context.settings.rail_collapsed


def test_the_window_remembers_place_page_and_rail(
    qtbot: QtBot, opened: Callable[[], Window], context: AppContext
) -> None:
    first = opened()
    first.resize(900, 655)  # the virtual screen is 800 high
    first.go("takes")
    first.close()
    context.change(rail_collapsed=True)
    context.save()
    kept, findings = load_settings(context.places.settings)
    assert findings == ()
    assert (kept.last_page, kept.rail_collapsed) == ("takes", True)
    second = opened()
    assert (second.width(), second.height()) == (900, 655)
    assert page(second).title == "Takes"
    assert context.settings.rail_collapsed


def test_a_broken_place_on_the_screen_is_forgotten(
    opened: Callable[[], Window], context: AppContext
) -> None:
    context.change(window="AAAA")
    assert opened().width() > 0


def drag(window: Window, *urls: QUrl) -> tuple[bool, bool]:
    """Drag over the window and drop: whether it was shown as welcome, and taken."""
    data = QMimeData()
    data.setUrls(list(urls))
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none, at = Qt.KeyboardModifier.NoModifier, QPoint(600, 300)
    enter = QDragEnterEvent(at, copy, data, left, none)
    enter.setAccepted(False)
    QApplication.sendEvent(window, enter)
    if not enter.isAccepted():
        return False, False
    QApplication.sendEvent(window, QDragMoveEvent(at, copy, data, left, none))
    shown = any(type(one).__name__ == "DropFrame" and one.isVisible()
                for one in window.findChildren(QWidget))  # fmt: skip
    drop = QDropEvent(QPointF(at), copy, data, left, none)
    drop.setAccepted(False)
    QApplication.sendEvent(window, drop)
    return shown, drop.isAccepted()


def test_files_dropped_anywhere_reach_the_page(window: Window, tmp_path: Path) -> None:
    song = tmp_path / "song é #1.mp3"
    assert drag(window, QUrl.fromLocalFile(str(song))) == (True, True)
    assert page(window).log[-1] == ("dropped", [song])
    assert drag(window, QUrl("https://example.org/song.mp3")) == (False, False)


def test_what_a_page_does_not_take_goes_to_the_songs(window: Window, tmp_path: Path) -> None:
    window.go("takes")
    page(window).takes_drops = False
    assert drag(window, QUrl.fromLocalFile(str(tmp_path))) == (True, True)
    assert page(window).title == "Songs"
    assert page(window).log[-1] == ("dropped", [tmp_path])


def test_a_page_that_cannot_be_made_is_said_and_the_old_one_stays(window: Window) -> None:
    assert not window.go("broken")
    assert page(window).title == "Songs"
    assert "ZeroDivisionError" in window.notice.sentence


def test_errors_are_said_in_the_bar(window: Window) -> None:
    window.context.notify(PlaceError("disk_full", path=Path("x")))
    assert "full" in window.notice.sentence
    window.context.notify("All is well.")
    assert window.notice.sentence == "All is well."
    window.notice.dismiss()
    assert window.notice.sentence == ""


@pytest.mark.qt_no_exception_capture
def test_what_escapes_a_slot_is_said_and_the_window_lives(
    qtbot: QtBot, window: Window, caplog: pytest.LogCaptureFixture
) -> None:
    net = Net(window.context.complain, window.close)
    net.spread()
    try:
        with caplog.at_level(logging.ERROR, "asa_desktop"):
            QTimer.singleShot(0, lambda: 1 // 0)
            qtbot.waitUntil(lambda: bool(window.notice.sentence))
    finally:
        net.fold()
    assert "ZeroDivisionError" in window.notice.sentence
    assert "division" in caplog.text
    assert window.isVisible()
    assert window.go("takes")


def test_telling_that_fails_too_does_not_go_round() -> None:
    tries: list[int] = []

    def tell(error: BaseException) -> None:
        tries.append(1)
        net._caught(ValueError, ValueError(), None)
        raise error

    net = Net(tell, lambda: None)
    net._caught(ValueError, ValueError(), None)
    assert tries == [1]


def test_faults_of_the_surroundings_are_not_called_ours() -> None:
    assert "full" in sentence_of(OSError(28, "No space", "x"))
    assert "memory" in sentence_of(MemoryError())
    assert "ValueError" in sentence_of(ValueError())


def test_settings_that_cannot_be_saved_are_said(window: Window) -> None:
    window.context.places.home.write_text("a file where the folder should be")
    window.context.change(singer="Ada")
    window.context.save()
    assert window.notice.sentence
    window.context.places.home.unlink()


def test_the_settings_page_does_what_it_shows(qtbot: QtBot, context: AppContext) -> None:
    settings = SettingsPage(context)
    qtbot.addWidget(settings)
    settings.show()
    settings.activated()
    settings.theme.set_value("dark")
    assert theme.tokens().name == "dark"
    settings.still.setChecked(True)
    assert motion.duration() == 0
    settings.still.setChecked(False)
    settings.singer.setText("  Ada ")
    settings.singer.editingFinished.emit()
    settings.device.picked.emit("cpu")
    assert context.settings.theme == "dark"
    assert context.settings.singer == "Ada"
    assert context.settings.device == "cpu"
    context.save()
    assert load_settings(context.places.settings)[0] == context.settings
    qtbot.waitUntil(lambda: settings.model.count() > 0 and "Bundled" not in
                    settings.model.currentText())  # fmt: skip


@pytest.mark.parametrize(
    ("system", "chosen", "expected"),
    [("linux", "auto", ["auto", "cpu", "cuda"]), ("darwin", "auto", ["auto", "cpu", "mps"]),
     ("darwin", "cuda", ["auto", "cpu", "cuda", "mps"])],
)  # fmt: skip
def test_only_devices_that_can_be_are_offered(
    system: str, chosen: str, expected: list[str]
) -> None:
    assert [one for one, _ in devices(chosen, system=system)] == expected


def test_views_are_kept_by_page(context: AppContext) -> None:
    context.keep_view("review", zoom=2.5)
    context.keep_view("review", rows=["pitch"])
    context.keep_view("songs", sort="title")
    context.save()
    kept, _ = load_settings(context.places.settings)
    assert kept.views == {"review": {"zoom": 2.5, "rows": ["pitch"]}, "songs": {"sort": "title"}}


PROGRAM = """
import sys
from PySide6.QtCore import QTimer
from asa_desktop.ui import app
from asa_desktop.ui.window import Window
heavy = ("numpy", "pyqtgraph", "torch", "librosa", "numba", "scipy", "sqlite3", "sounddevice")
shown = Window.show
def show(window):
    def painted():
        print("painted", [one for one in heavy if one in sys.modules], flush=True)
    window.first_painted.connect(painted)
    window.page_shown.connect(lambda name: QTimer.singleShot(1500, window.close))
    shown(window)
Window.show = show
status = app.run()
print("ended", [one for one in heavy[2:6] if one in sys.modules], flush=True)
sys.exit(status)
"""


def test_nothing_heavy_before_the_first_paint_and_never_the_networks(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "ASA_HOME": str(tmp_path)},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == ["painted []", "ended []"], ran.stdout
    assert "Traceback" not in ran.stderr
    assert (tmp_path / "settings.json").is_file()
