"""The page of takes, as a user meets it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lists_room import QuietRecorder, Room, middle_of_row, sound, with_takes
from PySide6.QtCore import QDateTime, QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot
from reading_here import looked_at
from test_accessibility import ROLE, unnamed, walk

from asa_desktop.core.errors import Cancelled, PlaceError
from asa_desktop.engine.messages import Play
from asa_desktop.engine.part import PartWriter, write_part_note
from asa_desktop.services import playback, take_list
from asa_desktop.services.check import check_library
from asa_desktop.ui import playing
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.jobs import Job
from asa_desktop.ui.models import takes as model
from asa_desktop.ui.pages.takes import TakesPage
from asa_desktop.ui.pages.takes_actions import file_name
from asa_desktop.ui.pages.takes_panels import DelayField
from asa_desktop.ui.theme import theme
from asa_desktop.ui.widgets.job_strip import JobStrip
from asa_desktop.ui.widgets.progress import ProgressRow

pytestmark = pytest.mark.usefixtures("ring")


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(take_list, "looked_at", looked_at)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))  # the system's bin is there


@pytest.fixture
def engine(context: AppContext) -> QuietRecorder:
    quiet = QuietRecorder()
    context.recorder = context._resident("recorder", lambda: quiet, close=lambda one: one.close())  # type: ignore[misc]
    return quiet


@pytest.fixture
def room(qtbot: QtBot, context: AppContext, engine: QuietRecorder, tmp_path: Path) -> Room:
    made = Room(qtbot, context)
    made.songs()
    made.library(lambda library: with_takes(library, tmp_path))
    page = made.takes()
    page._refresh()
    made.until(lambda: len(page.model.all) == 3)
    return made


def shown(room: Room, column: int) -> list[str]:
    rows = room.takes().model
    return [str(rows.index(row, column).data()) for row in range(rows.rowCount())]


def clean(room: Room) -> bool:
    folder = room.context.places.library
    return bool(room.library(lambda _: check_library(folder, still_growing_s=0)) == [])


def test_takes_are_listed_the_newest_first_with_all_that_matters(room: Room) -> None:
    page = room.takes()
    assert shown(room, model.SINGER) == ["Zoë", "Ada", "Zoë"]
    assert shown(room, model.SCORE) == ["52", "not scored", "50"]
    assert shown(room, model.MARK) == ["a gap", "", ""]
    assert shown(room, model.LENGTH) == ["0:02"] * 3
    assert shown(room, model.WHEN)[0].startswith("yesterday")
    below = page.model.index(1, model.TAKE).data(model.SUBTITLE)
    assert below == "take 1 – no singing was found in the recording; sing nearer to the microphone"
    assert page.model.index(0, model.TAKE).data(model.SUBTITLE) == "take 2"
    assert page.header.remark.text() == "3 takes by 2 singers"


def test_a_teacher_keeps_takes_apart(room: Room) -> None:
    page = room.takes()
    ada = page.filters.singers.findText("Ada")
    page.filters.singers.setCurrentIndex(ada)
    page.filters.singers.picked.emit(page.filters.singers.value)
    assert shown(room, model.SINGER) == ["Ada"]
    assert page.header.remark.text() == "1 of 3"
    page._show_all()
    page.filters.orders.set_value(model.BY_SINGER)
    assert shown(room, model.SINGER) == ["Ada", "Zoë", "Zoë"]
    assert room.context.view("takes")["order"] == model.BY_SINGER
    assert page.search is not None
    page.search.setText("ZOE")
    assert shown(room, model.SINGER) == ["Zoë", "Zoë"]
    page.search.setText("nobody")
    assert page.no_hit.isVisible()
    page._show_all()
    assert len(shown(room, 0)) == 3


def test_keys_lead_to_review_and_names(room: Room) -> None:
    page = room.takes()
    assert page.table.hasFocus()
    room.key(Qt.Key.Key_Down)
    take = page.table.current.take
    room.key(Qt.Key.Key_F2)
    assert page.edit_panel.name.hasFocus()
    room.qtbot.keyClicks(page.edit_panel.name, "before the concert")
    page.edit_panel.singer.setText("Student 7")
    room.key(Qt.Key.Key_Return)
    room.until(lambda: "Student 7" in shown(room, model.SINGER))
    assert page.table.current.take.id == take.id
    assert page.table.current.take.title == "before the concert"
    assert page.table.hasFocus()
    room.key(Qt.Key.Key_Return)
    assert room.elsewhere == {"take": take.id}


def test_escape_closes_what_is_open_and_nothing_changes(room: Room) -> None:
    page = room.takes()
    room.key(Qt.Key.Key_F2)
    room.qtbot.keyClicks(page.edit_panel.name, "never")
    room.key(Qt.Key.Key_Escape)
    assert not page.edit_panel.isVisible()
    room.qtbot.wait(50)
    assert page.table.current.take.title == ""
    page.edit()
    page.edit_panel.singer.setText(" ")
    page.edit_panel._save()
    assert page.edit_panel.fault.isVisible()


def test_a_take_goes_to_the_systems_bin_and_comes_back(room: Room, tmp_path: Path) -> None:
    page = room.takes()
    take = page.table.current.take
    audio = room.library(lambda library: library.audio(take))
    content = audio.read_bytes()
    room.key(Qt.Key.Key_Delete)
    room.until(lambda: len(page.model.all) == 2)
    assert "is in the bin" in room.said
    assert page.table.currentIndex().row() == 0
    assert not audio.exists()
    binned = list((tmp_path / "xdg" / "Trash" / "files").iterdir())
    assert [one.read_bytes() for one in binned] == [content]
    assert clean(room)
    room.press_notice()
    room.until(lambda: len(page.model.all) == 3)
    assert page.table.current.take.id == take.id
    assert audio.read_bytes() == content
    assert clean(room)


def test_the_bin_can_be_looked_into_later(room: Room) -> None:
    page = room.takes()
    room.key(Qt.Key.Key_Delete)
    room.until(lambda: len(page.model.all) == 2)
    assert page.filters.bin.text() == "In the bin: 1"
    page.filters.bin.click()
    assert shown(room, model.PLAY) == ["Restore"]
    assert not page.foot.isVisible()
    room.key(Qt.Key.Key_Delete)  # nothing more can be done to it here
    room.key(Qt.Key.Key_Escape)
    assert len(shown(room, 0)) == 2
    page.filters.bin.click()
    room.key(Qt.Key.Key_Return)
    room.until(lambda: not page.model.removed and len(page.model.all) == 3)
    assert "is back" in room.said
    assert page.filters.bin.isHidden()


def test_a_bin_that_was_emptied_is_said(room: Room, tmp_path: Path) -> None:
    page = room.takes()
    room.key(Qt.Key.Key_Delete)
    room.until(lambda: len(page.model.all) == 2)
    for one in (tmp_path / "xdg" / "Trash" / "files").iterdir():
        one.unlink()
    room.press_notice()
    room.until(lambda: "in the bin no more" in room.said)
    assert len(page.model.all) == 2


def test_a_take_is_played_and_stopped(room: Room, engine: QuietRecorder) -> None:
    page = room.takes()
    room.key(Qt.Key.Key_Space)
    room.until(lambda: any(isinstance(one, Play) for one in engine.did))
    assert shown(room, model.PLAY) == ["Stop", "Play", "Play"]
    (request,) = [one for one in engine.did if isinstance(one, Play)]
    take = page.table.current.take
    assert request.vocal == room.library(lambda library: library.audio(take))
    room.key(Qt.Key.Key_Space)
    assert shown(room, model.PLAY) == ["Play"] * 3
    room.until(lambda: engine.did[-2:] == ["stop", "close"])


def test_what_is_played_ends_by_itself_and_by_leaving(room: Room, engine: QuietRecorder) -> None:
    page = room.takes()
    page.play()
    room.until(lambda: engine.playing)
    engine.over = True
    room.until(lambda: page.player.playing is None)
    room.until(lambda: engine.did[-1] == "close")
    page.play()
    room.until(lambda: engine.playing)
    room.window.go("songs")
    assert page.player.playing is None
    room.until(lambda: engine.did[-2:] == ["stop", "close"])


def test_a_second_press_is_silence_however_soon(room: Room, engine: QuietRecorder) -> None:
    page = room.takes()
    answer = threading.Event()
    begin = engine.play
    engine.play = lambda request: (begin(request), answer.wait(10))  # type: ignore[assignment, method-assign, func-returns-value]
    room.key(Qt.Key.Key_Space)
    room.until(lambda: engine.playing)
    room.key(Qt.Key.Key_Space)  # before the window knows that it plays
    assert page.player.playing is None
    answer.set()
    room.until(lambda: engine.did[-2:] == ["stop", "close"])
    assert not engine.playing
    assert room.said == ""


def test_what_is_being_made_ready_says_so_and_is_given_up(
    room: Room, engine: QuietRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object, progress: Any, cancelled: Any, **__: object) -> Any:
        while not cancelled():
            progress(0.25)
            time.sleep(0.01)
        raise Cancelled

    monkeypatch.setattr(playback, "prepare_in_worker", slow)
    monkeypatch.setattr(playing, "LIST_AFTER_MS", 50)
    page = room.takes()
    page.play()
    room.until(lambda: "Making the recording ready" in room.window.windowTitle())
    strip = room.window.findChild(JobStrip)
    assert strip is not None
    room.until(strip.isVisible)
    room.until(lambda: "25 %" in [one.text() for one in strip.findChildren(QLabel)])
    assert shown(room, model.PLAY)[0] == "Stop"
    begun: list[Job] = []
    room.context.jobs.started.connect(lambda job: job.title and begun.append(job))
    for number in range(1, 4):  # more often than there are threads for jobs
        page.play()
        page.play()
        room.until(lambda number=number: len(begun) == number)
    room.until(lambda: room.context.jobs.running == (begun[-1],))
    room.until(lambda: strip._count == 1)
    strip.findChildren(ProgressRow)[-1]._stop.click()
    room.until(lambda: page.player.playing is None)
    room.until(lambda: room.context.jobs.running == ())
    assert "Making" not in room.window.windowTitle()
    page.play()
    room.until(lambda: bool(room.context.jobs.running))
    room.window.go("songs")
    room.until(lambda: room.context.jobs.running == ())
    room.until(lambda: engine.did[-1] == "close")
    assert not [one for one in engine.did if isinstance(one, Play)]
    assert room.said == ""


def test_a_device_that_is_not_there_is_said(room: Room, engine: QuietRecorder) -> None:
    def refuse(setup: object) -> Any:
        raise PlaceError("device_missing", name="phones")

    engine.open = refuse  # type: ignore[method-assign]
    page = room.takes()
    page.play()
    room.until(lambda: "phones" in room.said)
    assert "settings" in room.said, "and not `asa devices`"
    assert "asa" not in room.said
    assert page.player.playing is None


def test_a_take_is_exported_as_it_is(room: Room, tmp_path: Path) -> None:
    page = room.takes()
    entry = page.table.current
    assert file_name(entry) == "Hum - Zoë - take 2.flac"
    target = tmp_path / "out" / "mine.flac"
    page.acts.export_to(entry, target)
    room.until(lambda: "out" in room.said)
    assert "no folder" in room.said or "could not" in room.said or "There is no" in room.said
    target.parent.mkdir()
    page.acts.export_to(entry, target)
    room.until(lambda: target.exists() and "mine.flac" in room.said)
    audio = room.library(lambda library: library.audio(entry.take))
    assert target.read_bytes() == audio.read_bytes()


def test_a_take_is_assessed_with_another_delay(room: Room) -> None:
    page = room.takes()
    take = page.table.current.take
    page.assess()
    panel = page.assess_panel
    assert panel.isVisible()
    assert panel.delay.line.text() == "43.2"
    panel.delay.line.setText("much")
    panel._ask()
    assert panel.fault.isVisible()
    panel.delay.set_milliseconds(43.2)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp):
        room.qtbot.keyClick(panel.delay.line, key)
    assert panel.delay.milliseconds == pytest.approx(54.2)
    room.key(Qt.Key.Key_Return)
    room.until(lambda: bool(room.elsewhere))
    delay_s = room.elsewhere.pop("delay_s")
    assert delay_s == pytest.approx(0.0542)
    assert room.elsewhere == {"take": take.id, "again": True, "model": ""}
    row = room.library(lambda library: library.take(take.id))
    assert row.latency_s == 0.0432  # until the assessment is there


def test_an_untouched_delay_stays_what_it_was(room: Room) -> None:
    page = room.takes()
    take = page.table.current.take
    page.assess()
    page.assess_panel._ask()
    room.until(lambda: bool(room.elsewhere))
    assert room.elsewhere["delay_s"] is None
    row = room.library(lambda library: library.take(take.id))
    assert (row.latency_s, row.delay_from) == (0.0432, "")


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12.0), ("-3,5", -3.5), ("1e9", None), ("nan", None), ("", None), ("inf", None)],
)
def test_delays_that_cannot_be_are_none(qtbot: QtBot, text: str, value: float | None) -> None:
    field = DelayField()
    qtbot.addWidget(field)
    field.line.setText(text)
    assert field.milliseconds == value
    field.step(1)
    assert field.milliseconds == (None if value is None else value + 1)


def test_who_drops_here_first_finds_the_songs_that_came_along(
    qtbot: QtBot, context: AppContext, engine: QuietRecorder, tmp_path: Path
) -> None:
    room = Room(qtbot, context, first="takes")
    page = room.window.page
    assert isinstance(page, TakesPage)
    assert not page._loaded
    assert page.on_drop([sound(tmp_path / "one.wav")], QPoint(5, 5))
    room.until(page.bring_panel.isVisible)
    song = page.bring_panel.song
    titles = {song.itemText(at).split(" – ")[0] for at in range(song.count())}
    assert {"PJS Medley", "On the run"} <= titles


def test_recordings_are_brought_in_by_dropping(room: Room, tmp_path: Path) -> None:
    page = room.takes()
    files = [sound(tmp_path / f"{name}.wav") for name in ("one", "two")]
    assert page.drop_hint(files, QPoint(5, 5)) == "Bring in as a take"
    assert page.drop_hint([tmp_path], QPoint(5, 5)) == ""
    assert not page.on_drop([tmp_path], QPoint(5, 5))
    assert page.on_drop(files, middle_of_row(page, 0))
    assert page.bring_panel.song.currentText() == "Hum"
    page.bring_panel.singer.setText("Eve")
    page.bring_panel._go()
    room.until(lambda: len(page.model.all) == 5)
    assert room.said == "2 takes of “Hum” by Eve are in."
    assert page.table.current.take.singer == "Eve"
    assert all(one.exists() for one in files)


def left_behind(room: Room, *, named: bool) -> Path:
    """A recording that a dying program left."""

    def leave(library: Any) -> Path:
        folder = library.recordings.parts
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / "20260101-120000-aaaaaaaa.w64"
        writer = PartWriter(part, rate=8000)
        writer.append(np.zeros(16_000, np.float32))
        writer.sync()
        writer.close()
        note: dict[str, Any] = {"recorded_at": "2026-01-01T12:00:00.000Z"}
        if named:
            note |= {"song_id": library.takes()[0].song, "person_id": library.takes()[0].person}
        write_part_note(part, note)
        return part

    part: Path = room.library(leave)
    return part


def test_a_broken_off_recording_is_recovered(room: Room) -> None:
    part = left_behind(room, named=True)
    page = room.takes()
    room.until(page.parts.isVisible)
    assert unnamed(room.window) == []
    line = page.parts._lines.itemAt(0).widget()
    line.recover.click()  # type: ignore[union-attr]
    room.until(lambda: len(page.model.all) == 4 and not page.parts.isVisible())
    assert "is in" in room.said
    assert page.table.current.take.source == "recorded"
    assert not part.exists()


def test_one_without_names_asks_for_them(room: Room) -> None:
    left_behind(room, named=False)
    page = room.takes()
    room.until(page.parts.isVisible)
    line = page.parts._lines.itemAt(0).widget()
    line._song.setCurrentIndex(line._song.findText("Hum"))  # type: ignore[union-attr]
    line._singer.setText("Eve")  # type: ignore[union-attr]
    line.recover.click()  # type: ignore[union-attr]
    room.until(lambda: len(page.model.all) == 4)
    assert page.table.current.take.singer == "Eve"


def test_a_discarded_part_can_come_back(room: Room) -> None:
    part = left_behind(room, named=True)
    content = part.read_bytes()
    page = room.takes()
    room.until(page.parts.isVisible)
    page.parts._lines.itemAt(0).widget().discard.click()  # type: ignore[union-attr]
    room.until(lambda: not page.parts.isVisible())
    assert not part.exists()
    assert clean(room)
    room.press_notice()
    room.until(page.parts.isVisible)
    assert part.read_bytes() == content


def test_parts_are_offered_at_the_start(
    qtbot: QtBot, context: AppContext, room: Room, tmp_path: Path
) -> None:
    left_behind(room, named=True)
    context.setProperty("parts_looked_for", None)
    page = room.songs()
    page._refresh()
    room.until(lambda: "broken off" in room.said)
    assert "Hum" in room.said
    room.press_notice()
    room.until(room.takes().parts.isVisible)


def test_without_takes_the_page_says_what_to_do(qtbot: QtBot, context: AppContext) -> None:
    room = Room(qtbot, context, first="takes")
    page = room.takes()
    assert page.empty.isVisible()
    assert not page.table.isVisible()
    assert not page.filters.isVisible()
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_F2, Qt.Key.Key_Space, Qt.Key.Key_Return):
        room.key(key)
    assert page.drop_hint([Path("x.wav")], QPoint(5, 5))


def test_everything_can_be_read_out(room: Room) -> None:
    QAccessible.setActive(True)
    page = room.takes()
    for panel in (page.edit, page.assess):
        panel()
        assert unnamed(room.window) == []
    page.bring_in([Path("x.wav")])
    assert unnamed(room.window) == []
    top = QAccessible.queryAccessibleInterface(page.table)
    assert top is not None
    cells = [one.text(QAccessible.Text.Name) for one in walk(top) if one.role() == ROLE.Cell]
    assert len(cells) == 21
    assert all(cells)
    assert (
        "not scored: no singing was found in the recording; sing nearer to the microphone" in cells
    )


def test_days_have_names() -> None:
    now = QDateTime.fromString("2026-05-10T12:00:00Z", Qt.DateFormat.ISODate)
    assert model.when("2026-05-10T09:00:00.000Z", now=now).startswith("today ")
    assert model.when("2026-05-09T10:00:00.000Z", now=now).startswith("yesterday ")
    assert "2026" not in model.when("2026-01-09T10:00:00.000Z", now=now)
    assert model.when("2025-12-24T10:00:00.000Z", now=QDateTime.currentDateTime()).count("2025")


def test_two_hundred_takes_are_searched_and_scrolled(room: Room, tmp_path: Path) -> None:
    room.library(lambda library: with_takes(library, tmp_path, count=200))
    page = room.takes()
    began = time.perf_counter()
    page._refresh()
    room.until(lambda: len(page.model.all) == 203)
    loaded = time.perf_counter() - began
    assert page.search is not None
    began = time.perf_counter()
    for text in ("z", "zo", "zoe 1", "hum", ""):
        page.search.setText(text)
        page.table.viewport().repaint()
    searched = (time.perf_counter() - began) / 5
    began = time.perf_counter()
    for row in range(0, 200, 10):
        page.table.setCurrentIndex(page.model.index(row, 0))
        page.table.viewport().repaint()
    moved = (time.perf_counter() - began) / 20
    print(
        f"200 takes: listed in {1000 * loaded:.0f} ms, a search {1000 * searched:.0f} ms,"
        f" a scrolled screen {1000 * moved:.0f} ms"
    )
    assert page.model.rowCount() == len(page.model.all)


@pytest.mark.parametrize("look", ["light", "dark"])
def test_pictures_of_the_takes(
    room: Room, picture: Callable[[QWidget, str], Path], look: str
) -> None:
    theme.current().choose(look)
    page = room.takes()
    for name, opened in (("list", lambda: None), ("name", page.edit), ("again", page.assess)):
        opened()
        for size in ((900, 600), (1440, 900)):
            room.window.resize(*size)
            room.qtbot.wait(30)
            path = picture(room.window, f"takes-{name}-{look}-{size[0]}")
            assert path.stat().st_size > 20_000
