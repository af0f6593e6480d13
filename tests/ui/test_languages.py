"""The window in each of its languages: changed while it is open, every page, nothing cut off."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sung_takes
from lists_room import with_takes
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot
from record_room import added, until, with_engine
from test_accessibility import unnamed

from asa_desktop import words, words_singing
from asa_desktop.services.catalogues import LANGUAGES, texts_in
from asa_desktop.services.settings import load_settings
from asa_desktop.ui import languages
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.languages import Catalogue, tongue
from asa_desktop.ui.pages.base import Page
from asa_desktop.ui.pages.check import CheckPage
from asa_desktop.ui.pages.record import RecordPage
from asa_desktop.ui.pages.review import ReviewPage
from asa_desktop.ui.pages.review_view import TakeView
from asa_desktop.ui.pages.settings import SettingsPage
from asa_desktop.ui.pages.takes import TakesPage
from asa_desktop.ui.plots.sheet import Sheet
from asa_desktop.ui.rail import RailEntry
from asa_desktop.ui.theme import fonts, theme
from asa_desktop.ui.theme.tokens import ICON, M, S
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.choice import DropDown
from asa_desktop.ui.widgets.frames import Elided
from asa_desktop.ui.window import USUAL, Window
from tests import fake_engine

OTHERS = tuple(one for one in LANGUAGES if one != "en")
PAGES = ("songs", "takes", "settings", "check", "record", "review")
ENGLISH = {"Songs", "Takes", "Settings", "Library", "Add songs", "Sound check", "Sing"}


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    tongue().speak("en")
    QLocale.setDefault(QLocale.system())


@pytest.fixture
def window(qtbot: QtBot, ring: object, context: AppContext) -> Window:
    """The real window, over an engine without sound."""
    context.change(language="en", last_page="songs", singer="Zoë")
    made = Window(with_engine(context, fake_engine.main))
    qtbot.addWidget(made)
    made.resize(*USUAL)
    with qtbot.waitSignal(made.page_shown):
        made.show()
    return made


@pytest.fixture
def song(qtbot: QtBot, window: Window, tmp_path: Path) -> int:
    """A song that can be sung, in a library with takes."""
    done: list[object] = []
    window.context.library.run(lambda it: with_takes(it, tmp_path / "files"), done=done.append)
    until(qtbot, lambda: bool(done))
    return added(qtbot, window.context)


def speak(qtbot: QtBot, window: Window, language: str) -> None:
    """Have the window speak it, as the choice in the settings does."""
    before = window.page
    window.context.change(language=language)
    until(qtbot, lambda: tongue().language == language and window.page is not before)
    QApplication.processEvents()


def opened(qtbot: QtBot, window: Window, name: str, song: int) -> Page:
    """A page with as much on it as it can have."""
    asked = {"check": {"song": song}, "record": {"song": song, "checked": True}}
    assert window.go(name, asked.get(name, {}))
    page = window.page
    assert page is not None
    if isinstance(page, ReviewPage):
        sheet = Sheet.of(sung_takes.assessed())
        page.show_take(
            TakeView(song="Five notes", take=tr("take {number}", number=3), singer="Alex",
                     has_original=True, sheet=sheet)
        )  # fmt: skip
    elif isinstance(page, CheckPage):
        until(qtbot, lambda: page.delay.state != "waiting" and not page.measuring.busy)
    elif isinstance(page, RecordPage):
        until(qtbot, lambda: page.flow.stage == "ready")
    elif isinstance(page, TakesPage):
        until(qtbot, lambda: bool(page.model.shown))
    qtbot.wait(60)
    return page


def cut(root: QWidget) -> list[str]:
    """Texts that have less room than they take."""
    found = []
    for one in root.findChildren(QWidget):
        if not one.isVisible():
            continue
        needed, room = 0, 0
        if isinstance(one, Elided):
            needed, room = one.fontMetrics().horizontalAdvance(one.text()), one.width()
            if re.search(r"[/\\]|PJS corpus", one.text()):
                continue  # a path, or a name: the same in every language
        elif isinstance(one, QLabel) and one.wordWrap():
            needed, room = one.heightForWidth(one.width()), one.height()
        elif isinstance(one, QLabel):
            needed, room = one.sizeHint().width(), one.width()
        elif isinstance(one, RailEntry):
            needed = 0 if one.narrow else one.fontMetrics().horizontalAdvance(one.text())
            room = one.width() - M - ICON - S
        elif isinstance(one, QAbstractButton) and one.text():
            needed, room = one.sizeHint().width(), one.width()
        elif isinstance(one, DropDown):
            widest = max(
                (one.fontMetrics().horizontalAdvance(one.itemText(n)) for n in range(one.count())),
                default=0,
            )
            needed, room = widest + M + S, one.width()
        if needed > room + 1:
            text = getattr(one, "text", getattr(one, "currentText", str))()
            found.append(f"{type(one).__name__} {text!r}: {needed} > {room}")
    return found


def heads_cut(page: Page) -> list[str]:
    """Heads of columns that are cut off."""
    table = getattr(page, "table", None)
    if table is None:
        return []
    head = table.horizontalHeader()
    found = []
    for at in range(head.count()):
        text = table.model().headerData(at, Qt.Orientation.Horizontal)
        if text and not head.isSectionHidden(at):
            needed = head.fontMetrics().horizontalAdvance(str(text)) + 2 * S
            if needed > head.sectionSize(at):
                found.append(f"{text}: {needed} > {head.sectionSize(at)}")
    return found


def shown_texts(root: QWidget) -> set[str]:
    kinds = (QLabel, QAbstractButton)
    return {one.text() for kind in kinds for one in root.findChildren(kind) if one.isVisible()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_said_in_it_and_nothing_is_cut_off(
    qtbot: QtBot, window: Window, song: int, language: str,
    picture: Callable[[QWidget, str], Path],
) -> None:  # fmt: skip
    if language != "en":
        speak(qtbot, window, language)
    said = texts_in(language)
    found: dict[str, list[str]] = {}
    for name in PAGES:
        page = opened(qtbot, window, name, song)
        if language != "en":
            assert not ENGLISH & shown_texts(window) - set(said.values()), name
        if wrong := cut(window) + heads_cut(page):
            found[name] = wrong
        for look in ("light", "dark"):
            theme.current().choose(look)
            qtbot.wait(20)
            picture(window, f"language-{language}-{name}-{look}")
        theme.current().choose("light")
    assert found == {}
