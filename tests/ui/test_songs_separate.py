"""The offer to take a mix apart: where it stands, what it asks and makes, how it is stopped."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from lists_room import Room
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot
from reading_here import looked_at
from test_accessibility import unnamed
from test_languages import cut
from tiny_demucs import quick_worker, write_mix
from weights_server import WeightsServer, serving_weights

from asa_desktop.core.separation import weights as core_weights
from asa_desktop.core.separation.parts import ACCOMPANIMENT, VOCAL
from asa_desktop.services import song_files
from asa_desktop.services.catalogues import LANGUAGES
from asa_desktop.services.separation import new_song, weights
from asa_desktop.services.separation.source import HTDEMUCS
from asa_desktop.services.separation.weights import are_there, kept_weights
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.languages import tongue
from asa_desktop.ui.models.songs import STATE
from asa_desktop.ui.pages import songs_separate
from asa_desktop.ui.pages.songs import SongsPage
from asa_desktop.ui.theme import theme
from asa_desktop.ui.widgets.progress import ProgressRow
from asa_desktop.ui.window import LEAST

pytestmark = pytest.mark.usefixtures("ring")
NOWHERE = QPoint(-1, -1)
CONTENT = b"weights" * 9_000
OFFER = "Separate voice and accompaniment"


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[WeightsServer]:
    """demucs is there, the weights are on this machine, and the worker has no network to run."""
    for module in (song_files, new_song):
        monkeypatch.setattr(module, "looked_at", looked_at)
    monkeypatch.setattr(core_weights, "find_spec", lambda name: object())
    works_by(monkeypatch, quick_worker)
    with serving_weights(CONTENT) as made:
        monkeypatch.setattr(songs_separate, "usual", made.source)
        yield made


def works_by(monkeypatch: pytest.MonkeyPatch, main: object) -> None:
    real = getattr(new_song.separate_into, "func", new_song.separate_into)
    monkeypatch.setattr(new_song, "separate_into", functools.partial(real, main=main))


@pytest.fixture
def room(qtbot: QtBot, context: AppContext) -> Room:
    return Room(qtbot, context)


def with_mix(room: Room, folder: Path) -> SongsPage:
    """The page with a mix alone on it, chosen."""
    page = room.songs()
    page.on_drop([write_mix(folder / "Zoë - Hum.wav")], NOWHERE)
    room.until(lambda: len(page.model.all) == 3)
    room.until(lambda: page.table.current.song.title == "Hum")
    return page


def have_weights(room: Room, server: WeightsServer) -> None:
    path = kept_weights(room.context.places, server.source())
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)


def progress_rows(room: Room) -> list[ProgressRow]:
    return [one for one in room.window.findChildren(ProgressRow) if one.isVisible()]


def quarter_done(room: Room) -> bool:
    return [one.bar.value() for one in progress_rows(room)] == [250]


def test_only_what_can_be_separated_has_the_offer(room: Room, tmp_path: Path) -> None:
    page = with_mix(room, tmp_path)
    offered = {}
    for entry in page.model.all:
        page.table.choose(entry.song.id)
        offered[entry.song.title] = page.apart.isVisible()
    assert offered == {"Hum": True, "On the run": True, "PJS Medley": False}


def test_a_new_mix_says_what_can_be_done_with_it(
    room: Room, server: WeightsServer, tmp_path: Path
) -> None:
    page = with_mix(room, tmp_path)
    assert room.said == "“Hum” is on the list."
    assert room.window.notice._button.text() == OFFER
    room.press_notice()
    assert page.separating.isVisible()
    assert server.asked == []


def test_nothing_is_fetched_before_the_yes(
    room: Room, server: WeightsServer, tmp_path: Path
) -> None:
    page = with_mix(room, tmp_path)
    page.apart.click()
    panel = page.separating
    assert panel.isVisible()
    assert not page.drop_area.isVisible()
    said = panel._said.text()
    assert server.address in said
    assert "MIT" in said
    assert "scientific purposes" in said
    assert unnamed(room.window) == []
    room.key(Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert page.table.hasFocus()
    assert page.drop_area.isVisible()
    assert server.asked == []
    assert len(page.model.all) == 3


def test_a_yes_fetches_separates_and_puts_the_song_on_the_list(
    room: Room, server: WeightsServer, tmp_path: Path
) -> None:
    page = with_mix(room, tmp_path)
    page.apart.click()
    page.separating.fetch.click()
    room.until(lambda: len(page.model.all) == 4)
    assert are_there(room.context.places, server.source())
    assert room.said == "“Hum” is on the list."
    room.until(lambda: "vocal" in page.table.current.song.parts)
    new = page.table.current.song
    assert (new.title, new.artist) == ("Hum", "Zoë")
    assert new.path == room.context.places.songs / "Zoë - Hum"
    assert {VOCAL, ACCOMPANIMENT, "song.toml"} <= {one.name for one in new.path.iterdir()}
    assert not page.apart.isVisible()
    assert page.model.index(page.table.currentIndex().row(), STATE).data() == (
        "without notes, lyrics"
    )
    assert (tmp_path / "Zoë - Hum.wav").exists()
    assert not page.separating.busy


def test_with_the_weights_there_it_begins_at_once(
    room: Room, server: WeightsServer, tmp_path: Path
) -> None:
    page = with_mix(room, tmp_path)
    have_weights(room, server)
    page.apart.click()
    assert not page.separating.isVisible()
    room.until(lambda: len(page.model.all) == 4)
    assert server.asked == []


def waits(connection: Connection, mix: Path, folder: Path, weights: Path, device: str) -> None:
    connection.send(0.25)
    time.sleep(60)


def test_it_can_be_watched_and_stopped(
    room: Room, server: WeightsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    works_by(monkeypatch, waits)
    page = with_mix(room, tmp_path)
    have_weights(room, server)
    page.apart.click()
    room.until(lambda: quarter_done(room))
    [row] = progress_rows(room)
    assert row._text.text() == "Separating “Hum”"
    page.apart.click()
    assert room.said == "One song is being separated; the next can follow it."
    row._stop.click()
    room.until(lambda: not progress_rows(room))
    room.until(lambda: not page.separating.busy)
    assert list(room.context.places.songs.iterdir()) == []
    assert len(page.model.all) == 3


def dies(connection: Connection, mix: Path, folder: Path, weights: Path, device: str) -> None:
    raise SystemExit(3)


def test_what_fails_is_said_and_can_be_tried_again(
    room: Room, server: WeightsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    works_by(monkeypatch, dies)
    page = with_mix(room, tmp_path)
    have_weights(room, server)
    page.apart.click()
    room.until(lambda: room.said.startswith("The separating of"))
    works_by(monkeypatch, quick_worker)
    page.apart.click()
    room.until(lambda: len(page.model.all) == 4)


def test_a_fetch_that_fails_is_said(room: Room, server: WeightsServer, tmp_path: Path) -> None:
    server.trouble = "status 404"
    page = with_mix(room, tmp_path)
    page.apart.click()
    page.separating.fetch.click()
    room.until(lambda: "could not be fetched" in room.said)
    assert len(page.model.all) == 3


def test_weights_that_somebody_has_need_no_network(
    room: Room, server: WeightsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").write_bytes(CONTENT[1:])
    (tmp_path / "mine").write_bytes(CONTENT)
    page = with_mix(room, tmp_path)
    chosen = iter([tmp_path / "other", tmp_path / "mine"])
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(next(chosen)), ""))
    page.apart.click()
    page.separating._choose()
    room.until(lambda: "nothing was taken over" in room.said)
    page.apart.click()
    page.separating._choose()
    room.until(lambda: len(page.model.all) == 4)
    assert server.asked == []


@pytest.mark.parametrize("packaged", [False, True])
def test_without_demucs_one_sentence_says_what_is_missing(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packaged: bool
) -> None:
    monkeypatch.setattr(core_weights, "find_spec", lambda name: None)
    monkeypatch.setattr(weights, "frozen", lambda: packaged)
    page = with_mix(room, tmp_path)
    page.apart.click()
    assert not page.separating.isVisible()
    assert ("comes without demucs" if packaged else "pip install demucs") in room.said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_question_fits_in_every_language(
    qtbot: QtBot,
    context: AppContext,
    picture: Callable[[QWidget, str], Path],
    language: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(songs_separate, "usual", lambda: HTDEMUCS)
    try:
        tongue().speak(language)
        room = Room(qtbot, context)
        page = with_mix(room, tmp_path)
        page.apart.click()
        room.window.resize(*LEAST)
        qtbot.wait(50)
        assert page.separating.isVisible()
        assert cut(page.separating) + cut(page.foot) == []
        assert HTDEMUCS.address in page.separating._said.text()
        picture(room.window, f"separate-question-{language}")
    finally:
        tongue().speak("en")


@pytest.mark.parametrize("look", ["light", "dark"])
def test_pictures_of_the_offer(
    room: Room,
    server: WeightsServer,
    picture: Callable[[QWidget, str], Path],
    look: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theme.current().choose(look)
    page = with_mix(room, tmp_path)
    room.window.resize(900, 600)

    def taken(name: str) -> None:
        room.qtbot.wait(50)
        assert picture(room.window, f"separate-{name}-{look}").stat().st_size > 15_000

    taken("offer")
    monkeypatch.setattr(songs_separate, "usual", lambda: HTDEMUCS)
    page.apart.click()
    taken("question")
    assert HTDEMUCS.address in page.separating._said.text()  # the whole of it
    page.separating.dismiss()
    works_by(monkeypatch, waits)
    monkeypatch.setattr(songs_separate, "usual", server.source)
    have_weights(room, server)
    page.apart.click()
    room.until(lambda: quarter_done(room))
    taken("progress")
    progress_rows(room)[0]._stop.click()
    room.until(lambda: not page.separating.busy)
