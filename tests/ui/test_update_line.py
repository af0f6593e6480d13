"""The notice of a newer version: only where it was asked for, quiet, one line, gone for good."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lists_room import with_takes
from pytestqt.qtbot import QtBot
from record_room import until
from release_server import OTHER_KEY, PAGE, Server, release, serving, signed
from test_languages import cut

from asa_desktop import __version__
from asa_desktop.services.settings import load_settings
from asa_desktop.services.updates import asking
from asa_desktop.services.updates.looking import memory_file, remembered
from asa_desktop.ui import app, update_line, updates
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.languages import tongue
from asa_desktop.ui.pages.settings import SettingsPage
from asa_desktop.ui.theme import theme
from asa_desktop.ui.widgets.choice import Switch
from asa_desktop.ui.window import LEAST, USUAL, Window

pytestmark = pytest.mark.usefixtures("ring")

Shown = Callable[..., Window]


@pytest.fixture(autouse=True)
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which processes were begun for a look."""
    names: list[str] = []
    real = asking.spawned

    def spawned(*arguments: Any, name: str, **other: Any) -> Any:
        names.append(name)
        return real(*arguments, name=name, **other)

    monkeypatch.setattr(asking, "spawned", spawned)
    monkeypatch.setattr(updates, "_FIRST_MS", 0)
    return names


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving() as made:
        made.offers(release(), **of_today())
        monkeypatch.setattr(updates, "here", made.place)
        yield made


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(update_line, "open_page", found.append)
    return found


@pytest.fixture
def shown(qtbot: QtBot, context: AppContext) -> Shown:
    """The window as a start opens it, on a page, after its first paint."""

    def made(page: str = "songs", *, size: tuple[int, int] = USUAL, **settings: Any) -> Window:
        context.change(**{"language": "en", "last_page": page, "introduced": True, **settings})
        window = Window(context)
        qtbot.addWidget(window)
        window.resize(*size)
        window.first_painted.connect(lambda: app.after_first_paint(window))
        with qtbot.waitSignal(window.page_shown):
            window.show()
        return window

    return made


def of_today() -> dict[str, Any]:
    now = datetime.now(UTC)
    return {"made": f"{now - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
            "expires": f"{now + timedelta(days=9):%Y-%m-%dT%H:%M:%SZ}"}  # fmt: skip


def looked(qtbot: QtBot, window: Window) -> None:
    """Wait until a look has been, and is over."""
    it = window.context.updates
    until(qtbot, lambda: not it.looking and it.memory is not None and it.memory.looked is not None)


def settings_of(window: Window) -> SettingsPage:
    window.go("settings")
    page = window.page
    assert isinstance(page, SettingsPage)
    return page


def test_it_is_off_and_then_no_process_is_begun(
    qtbot: QtBot, shown: Shown, server: Server, begun: list[str]
) -> None:
    window = shown()
    assert not settings_of(window).updates.by_itself.isChecked()
    qtbot.wait(300)
    window.context.updates.look_if_due()
    qtbot.wait(300)
    assert (begun, server.asked, window._update_line.sentence) == ([], [], "")
    assert not memory_file(window.context.places.home).exists()


def test_a_build_without_a_place_says_so_and_does_nothing(
    qtbot: QtBot, shown: Shown, begun: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(updates, "here", lambda: None)
    window = shown(updates=True)  # as a build with a place may have left it
    section = settings_of(window).updates
    assert not section.by_itself.isEnabled()
    assert not section.by_itself.isChecked()
    assert not section.now.isEnabled()
    assert section.by_itself.accessibleDescription().startswith("This build has no place to look")
    window.context.updates.look()
    window.context.updates.look_if_due()
    qtbot.wait(300)
    assert begun == []
    assert window.context.settings.updates  # the next build may have one


def test_switched_on_it_looks_once_a_day(
    qtbot: QtBot, shown: Shown, server: Server, begun: list[str], opened: list[str]
) -> None:
    window = shown("settings")
    switch = settings_of(window).updates.by_itself
    assert "Once a day at most the program asks 127.0.0.1" in switch.accessibleDescription()
    switch.click()
    looked(qtbot, window)
    assert begun == ["asa-updates"]
    assert len(server.asked) == 2
    line = window._update_line
    assert line.sentence == "Version 9.0.0 is out: Sings along."
    assert line.accessibleName() == line.sentence
    assert opened == []
    line.page.click()
    assert opened == [PAGE]
    window.context.updates.look_if_due()
    qtbot.wait(200)
    assert begun == ["asa-updates"]
    window.context.save()
    assert load_settings(window.context.places.settings)[0].updates


def test_what_was_found_is_told_at_the_next_start_and_nobody_asked(
    qtbot: QtBot, shown: Shown, server: Server, begun: list[str]
) -> None:
    first = shown(updates=True)
    looked(qtbot, first)
    begun.clear()
    context = AppContext(first.context.places)
    try:
        context.change(updates=True, last_page="songs", introduced=True, language="en")
        second = Window(context)
        qtbot.addWidget(second)
        app.after_first_paint(second)
        assert second._update_line.sentence.startswith("Version 9.0.0 is out")
        qtbot.wait(300)
        assert begun == []
        context.change(updates=False)
        assert second._update_line.sentence == ""
        second.close()
    finally:
        context.close()


def test_it_can_be_dismissed_for_this_version(qtbot: QtBot, shown: Shown, server: Server) -> None:
    window = shown(updates=True)
    looked(qtbot, window)
    window._update_line.cross.click()
    assert window._update_line.sentence == ""
    window.context.updates.begin()
    assert window._update_line.sentence == ""
    server.offers(release("9.0.1", about="Sings louder."), serial=101, **of_today())
    window.context.updates.look()
    until(qtbot, lambda: window._update_line.sentence == "Version 9.0.1 is out: Sings louder.")


def test_looking_now_needs_no_switch(
    qtbot: QtBot, shown: Shown, server: Server, begun: list[str]
) -> None:
    window = shown("settings")
    section = settings_of(window).updates
    assert section.said.text() == "Nobody has looked yet."
    section.now.click()
    assert (section.said.text(), section.now.isEnabled()) == ("Looking…", False)
    section.now.click()
    looked(qtbot, window)
    assert begun == ["asa-updates"]
    assert section.said.text().endswith("Version 9.0.0 is out.")
    assert section.now.isEnabled()
    assert window._update_line.sentence.startswith("Version 9.0.0")
    server.offers(release(__version__), serial=101, **of_today())
    section.now.click()
    until(qtbot, lambda: section.said.text().endswith(f"{__version__} is the newest version."))
    assert window._update_line.sentence == ""


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("status 500", "The list of releases could not be fetched"),
        ("signature", "What came in place of the list of releases is not that list"),
        ("old", "The list of releases that came is an old one"),
    ],
)
def test_what_goes_wrong_is_said_in_the_settings_alone(
    qtbot: QtBot, shown: Shown, server: Server, wrong: str, sentence: str
) -> None:
    if wrong == "signature":
        server.signature = signed(server.content, OTHER_KEY)
    elif wrong == "old":
        server.offers(release(), made="2020-01-01T00:00:00Z", expires="2020-02-01T00:00:00Z")
    else:
        server.trouble = wrong
    window = shown(updates=True)
    looked(qtbot, window)
    assert (window.notice.sentence, window._update_line.sentence) == ("", "")
    section = settings_of(window).updates
    assert section.said.text().startswith(sentence)
    window.context.updates.error = None  # as at the next start
    window.context.updates.begin()
    assert sentence in section.said.text()
    assert remembered(memory_file(window.context.places.home)).found is None


def test_nobody_is_disturbed_while_singing(
    qtbot: QtBot, shown: Shown, server: Server, begun: list[str]
) -> None:
    window = shown()
    window.context.updates.busy = lambda: True
    window.context.change(updates=True)
    qtbot.wait(200)
    assert begun == []
    window.context.updates.busy = lambda: False
    window.context.updates.look_if_due()
    window.context.updates.busy = lambda: True  # somebody began to sing meanwhile
    looked(qtbot, window)
    assert begun == ["asa-updates"]
    qtbot.wait(100)
    assert window._update_line.sentence == ""
    window.context.updates.busy = lambda: False
    until(qtbot, lambda: window._update_line.sentence.startswith("Version 9.0.0 is out"))


def test_closing_the_window_ends_a_look(
    qtbot: QtBot, shown: Shown, server: Server, begun: list[str]
) -> None:
    server.trouble = "silent"
    window = shown(updates=True)
    until(qtbot, lambda: bool(server.asked))
    (job,) = [one for one in window.context.jobs.running if one is window.context.updates._job]
    window.context.jobs.close()
    until(qtbot, lambda: not job.running)


def test_a_list_is_never_markup(qtbot: QtBot, shown: Shown, server: Server) -> None:
    server.offers(release(about="<b>bold</b> & <a href='x'>y</a>"), **of_today())
    window = shown(updates=True)
    looked(qtbot, window)
    assert window._update_line._words.textFormat().name == "PlainText"
    assert window._update_line.sentence.endswith("<b>bold</b> & <a href='x'>y</a>")


@pytest.mark.parametrize("look", ["light", "dark"])
def test_its_picture(
    qtbot: QtBot, shown: Shown, server: Server, tmp_path: Path, look: str,
    picture: Callable[..., Path],
) -> None:  # fmt: skip
    """One line in the least window, with the longest sentence there may be."""
    server.offers(
        release(about="Reads songs of three more programs, hears soft voices better,"
                      " and shows where a phrase was cut too short.")
        , **of_today()
    )  # fmt: skip
    window = shown(size=LEAST, updates=True)
    theme.current().choose(look)
    done: list[object] = []
    window.context.library.run(lambda it: with_takes(it, tmp_path / "files"), done=done.append)
    until(qtbot, lambda: bool(done))
    looked(qtbot, window)
    qtbot.wait(50)
    line = window._update_line
    assert window.rect().contains(line.geometry().translated(line.parentWidget().pos()))
    picture(window, f"update-line-{look}")
    page = settings_of(window)
    qtbot.wait(50)
    page._area.ensureWidgetVisible(page.updates, 0, 40)
    qtbot.wait(50)
    picture(window, f"update-settings-{look}")
    assert isinstance(page.updates.by_itself, Switch)
    theme.current().choose("light")


@pytest.mark.parametrize("language", ["en", "de", "es", "zh_CN"])
def test_nothing_is_cut_off_in_any_language(
    qtbot: QtBot, shown: Shown, server: Server, language: str, picture: Callable[..., Path]
) -> None:
    window = shown("settings", size=LEAST, updates=True)
    looked(qtbot, window)
    try:
        window.context.change(language=language)
        until(qtbot, lambda: tongue().language == language)
        page = settings_of(window)
        qtbot.wait(50)
        page._area.ensureWidgetVisible(page.updates, 0, 40)
        assert cut(page) == []
        assert cut(window._update_line) == []
        if language != "en":
            assert "Once a day" not in page.updates.by_itself.accessibleDescription()
            assert window._update_line.page.text() != "Open its page"
        picture(window, f"update-settings-{language}")
    finally:
        tongue().speak("en")


def test_it_stays_when_the_language_changes(qtbot: QtBot, shown: Shown, server: Server) -> None:
    window = shown(updates=True)
    looked(qtbot, window)
    window.context.change(language="de")
    until(qtbot, lambda: window._update_line.sentence == "Version 9.0.0 ist da: Sings along.")
    window.context.change(language="en")
    until(qtbot, lambda: window._update_line.sentence.startswith("Version 9.0.0 is out"))
