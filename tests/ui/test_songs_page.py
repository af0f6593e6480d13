"""The page of songs, as a user meets it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import lists_room
import pytest
from lists_room import Room, middle_of_row, sound
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from reading_here import looked_at
from test_accessibility import ROLE, unnamed, walk

from asa_desktop.services import song_files, take_list
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.models.songs import BEST, LENGTH, SING, STATE, note_name
from asa_desktop.ui.theme import theme
from asa_desktop.ui.widgets.table import BUTTON, CHIP

pytestmark = pytest.mark.usefixtures("ring")
NOWHERE = QPoint(-1, -1)


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if "in_a_worker" not in request.node.name:
        for module in (song_files, take_list):
            monkeypatch.setattr(module, "looked_at", looked_at)


@pytest.fixture
def room(qtbot: QtBot, context: AppContext) -> Room:
    return Room(qtbot, context)


def shown(room: Room, column: int) -> list[str]:
    model = room.songs().model
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def titles(room: Room) -> list[str]:
    return shown(room, 0)


def test_the_demo_songs_are_ready_from_the_first_start(room: Room) -> None:
    page = room.songs()
    assert titles(room) == ["On the run", "PJS Medley"]
    assert shown(room, LENGTH) == ["4:48", "0:59"]
    assert page.header.remark.text() == "2 songs"
    assert page.drop_area.isVisible()
    assert page.table.hasFocus()
    assert "without original voice" in shown(room, STATE)[0]
    assert shown(room, STATE)[1] == ""


def test_a_karaoke_track_alone_becomes_a_song_that_is_said_not_to_be_scored(
    room: Room, tmp_path: Path
) -> None:
    page = room.songs()
    page.on_drop([sound(tmp_path / "Nena - 99 Luftballons.ogg")], NOWHERE)
    room.until(lambda: len(page.model.all) == 3)
    assert room.said == "“99 Luftballons” is on the list."
    assert page.table.current.song.title == "99 Luftballons"
    state = page.model.index(0, STATE)
    assert state.data() == "mix only: sung, not scored"
    assert state.data(CHIP)
    assert page.model.index(0, LENGTH).data() == "0:02"


def test_many_at_once_the_bad_ones_are_said(room: Room, tmp_path: Path) -> None:
    page = room.songs()
    for name in ("a", "b"):
        sound(tmp_path / "all" / name / "karaoke.ogg")
    bad = tmp_path / "bad.mp3"
    bad.write_text("no sound")
    page.on_drop([tmp_path / "all", bad], NOWHERE)
    room.until(lambda: len(page.model.all) == 4)
    assert room.said.startswith("2 songs are on the list now.")
    assert "bad.mp3" in room.said
    picture = tmp_path / "x.png"
    picture.touch()
    page.on_drop([bad, picture], NOWHERE)
    room.until(lambda: room.said == "2 things could not be used.")
    room.press_notice()
    assert page.adding.not_taken.isVisible()
    room.key(Qt.Key.Key_Escape)
    assert not page.adding.not_taken.isVisible()
    assert len(page.model.all) == 4


def test_what_is_there_already_is_said(room: Room, tmp_path: Path) -> None:
    page = room.songs()
    path = sound(tmp_path / "Hum.ogg")
    page.add([path])
    room.until(lambda: len(page.model.all) == 3)
    page.add([path])
    room.until(lambda: room.said == "“Hum” was on the list already.")


def test_a_dropped_folder_in_a_worker(room: Room, tmp_path: Path) -> None:
    page = room.songs()
    page.add([sound(tmp_path / "Hum.ogg")])
    assert page.adding.isVisible()
    room.until(lambda: len(page.model.all) == 3)
    room.until(lambda: not page.adding.isVisible())


def test_reading_can_be_stopped(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = room.songs()

    def slow(paths, look, *, progress=None, cancelled=None):  # type: ignore[no-untyped-def]
        while not cancelled():
            time.sleep(0.01)
        return looked_at(paths, look, cancelled=cancelled)

    monkeypatch.setattr(song_files, "looked_at", slow)
    page.add([sound(tmp_path / "Hum.ogg")])
    room.qtbot.wait(50)
    stop = next(one for one in page.adding.findChildren(QWidget)
                if one.accessibleName().startswith("Stop:"))  # fmt: skip
    room.qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    room.until(lambda: not page.adding.isVisible())
    assert len(page.model.all) == 2
    assert room.said == ""


def test_search_by_the_slash(room: Room) -> None:
    page = room.songs()
    room.key(Qt.Key.Key_Slash)
    assert page.search is not None
    assert page.search.hasFocus()
    room.qtbot.keyClicks(page.search, "KOGUCHI med")
    assert [one.song.title for one in page.model.shown] == ["PJS Medley"]
    assert page.header.remark.text() == "1 of 2"
    room.key(Qt.Key.Key_Return)
    assert page.table.hasFocus()
    assert page.table.current.song.title == "PJS Medley"
    page.search.setText("nothing like it")
    assert page.no_hit.isVisible()
    assert not page.table.isVisible()
    page.search.clear()
    assert len(titles(room)) == 2


def test_enter_and_the_button_lead_to_the_microphone(room: Room) -> None:
    page = room.songs()
    room.key(Qt.Key.Key_Down)
    room.key(Qt.Key.Key_Return)
    assert room.elsewhere == {"song": page.model.shown[1].song.id}
    page = room.songs()
    cell = page.table.visualRect(page.model.index(0, SING))
    room.qtbot.mouseClick(
        page.table.viewport(), Qt.MouseButton.LeftButton, pos=cell.center() + QPoint(10, 0)
    )
    assert room.elsewhere == {"song": page.model.shown[0].song.id}


def test_a_song_is_taken_off_the_list_and_put_back(room: Room) -> None:
    page = room.songs()
    song = page.table.current.song
    room.key(Qt.Key.Key_Delete)
    room.until(lambda: len(page.model.all) == 1)
    assert "its files and takes stay" in room.said
    assert page.table.currentIndex().row() == 0
    room.press_notice()
    room.until(lambda: len(page.model.all) == 2)
    room.until(lambda: page.table.current.song.id == song.id)
    assert song.path.exists()


def test_the_empty_list_offers_the_demo_songs(room: Room) -> None:
    page = room.songs()
    for left in (1, 0):
        room.key(Qt.Key.Key_Delete)
        room.until(lambda left=left: len(page.model.all) == left)
    assert page.empty.isVisible()
    assert not page.table.isVisible()
    page._bring_back_demos()
    room.until(lambda: len(page.model.all) == 2)
    assert not page.empty.isVisible()


def test_a_moved_song_is_found_again(room: Room, tmp_path: Path) -> None:
    page = room.songs()
    path = sound(tmp_path / "A hum.ogg")
    page.add([path])
    room.until(lambda: len(page.model.all) == 3)
    path.rename(tmp_path / "elsewhere.ogg")
    page = room.songs()
    page._refresh()
    room.until(lambda: page.model.index(0, STATE).data() == "files not found")
    assert page.model.index(0, SING).data() == "Find"
    assert page.model.index(0, SING).data(BUTTON) == "folder-open"
    page.adding.move(page.model.shown[0], tmp_path / "elsewhere.ogg")
    room.until(lambda: any(one.song.title == "elsewhere" for one in page.model.all))
    room.until(lambda: "files not found" not in shown(room, STATE))
    assert len(page.model.all) == 3


def test_files_that_grow_are_read_again(room: Room, tmp_path: Path) -> None:
    page = room.songs()
    folder = sound(tmp_path / "A song" / "karaoke.ogg").parent
    page.add([folder])
    room.until(lambda: len(page.model.all) == 3)
    assert shown(room, STATE)[0] == "no notes: sung, not scored"
    (folder / "notes.txt").write_text("#TITLE:A song\n#BPM:120\n: 0 8 0 la\n: 8 8 7 la\nE\n")
    page._refresh()
    room.until(lambda: page.model.index(0, STATE).data() == "without original voice")


def test_a_recording_dropped_on_a_song_becomes_a_take(room: Room, tmp_path: Path) -> None:
    page = room.songs()
    at = middle_of_row(page, 1)
    recording = sound(tmp_path / "me.wav")
    assert "PJS Medley" in page.drop_hint([recording], at)
    assert page.drop_hint([recording], NOWHERE) == "Add to the songs"
    page.on_drop([recording], at)
    panel = page.panel
    assert panel.isVisible()
    assert panel.song.currentText().startswith("PJS Medley")
    panel.singer.setText("")
    panel._go()
    assert panel.fault.isVisible()
    panel.singer.setText("Zoë")
    room.key(Qt.Key.Key_Return)
    room.until(lambda: not panel.isVisible())
    assert room.said == "A take of “PJS Medley” by Zoë is in."
    room.until(lambda: page.model.shown[1].takes == 1)
    assert recording.exists()
    room.press_notice()
    assert list(room.elsewhere) == ["take"]
    page = room.songs()
    page.on_drop([recording], at)
    assert panel.singer.text() == "Zoë"  # remembered
    room.key(Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert page.table.hasFocus()


def test_or_it_becomes_a_song_of_its_own(room: Room, tmp_path: Path) -> None:
    page = room.songs()
    page.on_drop([sound(tmp_path / "Hum.ogg")], middle_of_row(page, 0))
    page.panel.other.click()
    room.until(lambda: len(page.model.all) == 3)
    assert not page.panel.isVisible()
    assert page.model.shown[0].takes == 0


def test_what_cannot_be_read_is_said_in_the_panel(room: Room, tmp_path: Path) -> None:
    page = room.songs()
    bad = tmp_path / "me.wav"
    bad.write_text("la la la")
    page.on_drop([bad], middle_of_row(page, 0))
    page.panel._go()
    room.until(lambda: "me.wav" in page.panel.fault.text())
    assert page.panel.isVisible()
    assert page.panel.bring.isEnabled()


def test_takes_and_best_score_stand_beside_the_song(room: Room, tmp_path: Path) -> None:
    room.songs()
    room.library(lambda library: lists_room.with_takes(library, tmp_path))
    page = room.songs()
    page._refresh()
    room.until(lambda: len(page.model.all) == 3)
    assert shown(room, BEST)[0] == "52"
    assert shown(room, 5)[0] == "3 takes"
    page.table.choose(page.model.shown[0].song.id)
    page.show_takes()
    assert room.takes().filters.songs.currentText() == "Hum"


def test_everything_can_be_read_out(room: Room, tmp_path: Path) -> None:
    QAccessible.setActive(True)
    page = room.songs()
    page.on_drop([sound(tmp_path / "me.wav")], middle_of_row(page, 0))
    assert unnamed(room.window) == []
    top = QAccessible.queryAccessibleInterface(page.table)
    assert top is not None
    cells = [one.text(QAccessible.Text.Name) for one in walk(top) if one.role() == ROLE.Cell]
    assert len(cells) >= 14
    assert all(cells)
    assert "On the run, Joshua Morin" in cells
    assert "nothing is missing" in cells


def test_five_hundred_songs_are_searched_and_scrolled(room: Room, tmp_path: Path) -> None:
    def many(library: object) -> None:
        for number in range(500):
            path = tmp_path / f"{number}.ogg"
            library.add_song(path=path, title=f"Song {number}", artist="X", parts=("mix",))  # type: ignore[attr-defined]

    room.songs()
    room.library(many)
    page = room.songs()
    page._refresh()
    room.until(lambda: len(page.model.all) == 502)
    began = time.perf_counter()
    for text in ("s", "so", "song 4", "song 49", ""):
        page.search.setText(text)  # type: ignore[union-attr]
        page.table.viewport().repaint()
    searched = (time.perf_counter() - began) / 5
    began = time.perf_counter()
    for row in range(0, 500, 10):
        page.table.setCurrentIndex(page.model.index(row, 0))
        page.table.viewport().repaint()
    moved = (time.perf_counter() - began) / 50
    print(f"500 songs: a search {1000 * searched:.0f} ms, a scrolled screen {1000 * moved:.0f} ms")
    assert page.model.rowCount() == len(page.model.all)


@pytest.mark.parametrize("look", ["light", "dark"])
def test_pictures_of_the_songs(
    room: Room, picture: Callable[[QWidget, str], Path], look: str, tmp_path: Path
) -> None:
    theme.current().choose(look)
    page = room.songs()
    page.on_drop([sound(tmp_path / "me.wav")], middle_of_row(page, 0))
    for size in ((900, 600), (1440, 900)):
        room.window.resize(*size)
        room.qtbot.wait(30)
        assert picture(room.window, f"songs-{look}-{size[0]}").stat().st_size > 20_000


def test_notes_have_names() -> None:
    assert [note_name(one) for one in (60, 61, 69, 47)] == ["C4", "C♯4", "A4", "B2"]
