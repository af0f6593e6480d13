"""Who sings without a name: kept under one name in every language, read in the user's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lists_room import Room, sound
from pytestqt.qtbot import QtBot
from record_room import until

from asa_desktop.services.singers import FIRST_SINGER
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.languages import tongue
from asa_desktop.ui.models.people import kept_name, shown_name
from asa_desktop.ui.models.takes import SINGER
from asa_desktop.ui.pages.settings import SettingsPage
from asa_desktop.ui.pages.takes_bring import last_singer
from asa_desktop.ui.widgets.singer import SingerField

pytestmark = pytest.mark.usefixtures("ring")


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    tongue().speak("en")


@pytest.fixture
def room(qtbot: QtBot, context: AppContext) -> Room:
    context.change(language="de")
    tongue().speak("de")
    return Room(qtbot, context)


def brought(room: Room, tmp_path: Path, *, writing: str = "") -> Any:
    """A recording brought in, the singer's field as it is offered or as it was written."""
    song = room.library(
        lambda it: it.add_song(path=sound(tmp_path / "Hum.ogg"), title="Hum", parts=("mix",))
    )
    page = room.takes(bring=[sound(tmp_path / "take.wav")])
    panel = page.bring_panel
    room.until(panel.isVisible)
    room.until(lambda: panel.singer.completer() is not None)
    panel.song.set_value(str(song.id))
    if writing:
        panel.singer.setText(writing)
    panel._go()
    room.until(lambda: bool(room.library(lambda it: it.takes())))
    return page


def test_who_is_not_named_is_kept_alike_in_every_language(
    qtbot: QtBot, room: Room, tmp_path: Path
) -> None:
    page = brought(room, tmp_path)
    (take,) = room.library(lambda it: it.takes())
    assert take.singer == FIRST_SINGER
    until(qtbot, lambda: page.model.rowCount() == 1)
    assert page.model.index(0, SINGER).data() == "Ich"
    assert [name for _, name in _options(page.filters.singers)][1:] == ["Ich"]
    assert room.context.view("takes")["singer"] == FIRST_SINGER
    tongue().speak("es")
    assert page.model.index(0, SINGER).data() == "Yo"
    assert last_singer(room.context) == FIRST_SINGER


def test_a_name_that_was_kept_in_words_stays(room: Room, tmp_path: Path) -> None:
    old = room.library(lambda it: it.add_person(name="Ich"))
    brought(room, tmp_path)
    (take,) = room.library(lambda it: it.takes())
    assert (take.person, take.singer) == (old.id, "Ich")
    assert len(room.library(lambda it: it.people())) == 1
    tongue().speak("es")
    assert shown_name(take.singer) == "Ich"


def test_any_other_name_is_kept_as_it_is_written(room: Room, tmp_path: Path) -> None:
    brought(room, tmp_path, writing=" Zoë ")
    (take,) = room.library(lambda it: it.takes())
    assert take.singer == "Zoë"


def test_the_settings_and_fields_say_it_in_the_language(qtbot: QtBot, room: Room) -> None:
    room.context.change(singer=FIRST_SINGER)
    page = SettingsPage(room.context)
    qtbot.addWidget(page)
    assert page.singer.text() == "Ich"
    page.singer.editingFinished.emit()
    assert room.context.settings.singer == FIRST_SINGER
    field = SingerField("Ada")
    qtbot.addWidget(field)
    assert field.name == "Ada"
    field.offer(["Ada", FIRST_SINGER])
    model = field.completer().model()
    assert [model.index(at, 0).data() for at in range(model.rowCount())] == ["Ada", "Ich"]
    field.show_name(FIRST_SINGER)
    assert (field.text(), field.name) == ("Ich", FIRST_SINGER)
    assert kept_name("Ich", ["Ich"]) == "Ich"
    assert kept_name("", ["Ich"]) == ""


def _options(choice: Any) -> list[tuple[str, str]]:
    return [(str(choice.itemData(at)), choice.itemText(at)) for at in range(choice.count())]
