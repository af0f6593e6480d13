"""The window in each of its languages: changed while it is open, every page, nothing cut off."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sung_takes
from lists_room import with_takes
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QScrollArea, QWidget
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
from asa_desktop.ui.widgets.bar import _NAME_SHARE, BarRow
from asa_desktop.ui.widgets.choice import DropDown
from asa_desktop.ui.widgets.frames import Elided
from asa_desktop.ui.widgets.table import BUTTON, CHIP, KIND, SUBTITLE, button_width
from asa_desktop.ui.window import USUAL, Window
from tests import fake_engine

OTHERS = tuple(one for one in LANGUAGES if one != "en")
PAGES = ("songs", "takes", "settings", "check", "record", "review", "introduction")
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
        if isinstance(one, QScrollArea) and one.widget() is not None:
            needed, room = one.widget().width(), one.viewport().width()
        elif isinstance(one, Elided):
            needed, room = one.fontMetrics().horizontalAdvance(one.text()), one.width()
            if re.search(r"[/\\]|PJS corpus", one.text()):
                continue  # a path, or a name: the same in every language
        elif isinstance(one, QLabel) and one.wordWrap():
            needed, room = one.heightForWidth(one.width()), one.height()
        elif isinstance(one, QLabel):
            needed, room = one.sizeHint().width(), one.width()
        elif isinstance(one, RailEntry):
            if one.narrow:
                continue  # its sign alone
            needed = one.fontMetrics().horizontalAdvance(one.text())
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


def cells_cut(page: Page) -> list[str]:
    """Heads and cells of a table that are cut off, but for its first column and names."""
    table = getattr(page, "table", None)
    if table is None:
        return []
    head, model, found = table.horizontalHeader(), table.model(), []
    for at in range(1, head.count()):
        if head.isSectionHidden(at):
            continue
        texts = [str(model.headerData(at, Qt.Orientation.Horizontal) or "")]
        needed = [head.fontMetrics().horizontalAdvance(texts[0]) + 2 * M]
        for row in range(model.rowCount()):
            index = model.index(row, at)
            text = str(index.data() or "")
            kind = str(index.data(KIND) or ("strong" if index.data(SUBTITLE) else "body"))
            wide = QFontMetricsF(fonts.font(kind)).horizontalAdvance(text) + 2 * M
            wide += 2 * S if index.data(CHIP) and text else 0
            texts.append(text)
            needed.append(button_width(text) + 2 * M if index.data(BUTTON) else round(wide))
        room = head.sectionSize(at)
        found += [
            f"{word!r}: {wide} > {room}"
            for word, wide in zip(texts, needed, strict=True)
            if wide > room
        ]
    return found


def bars_cut(root: QWidget) -> list[str]:
    """Names of bars that are cut off."""
    return [
        f"{one.bar.name!r} in {one.width()}"
        for one in root.findChildren(BarRow)
        if one.isVisible()
        and QFontMetricsF(fonts.font("strong" if one.bar.marked else "body")).horizontalAdvance(
            one.bar.name
        )
        > one.width() * _NAME_SHARE
    ]


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
        if wrong := cut(window) + cells_cut(page) + bars_cut(window):
            found[name] = wrong
        for look in ("light", "dark"):
            theme.current().choose(look)
            qtbot.wait(20)
            picture(window, f"language-{language}-{name}-{look}")
        theme.current().choose("light")
    assert found == {}


def test_the_look_for_cut_texts_would_notice(qtbot: QtBot, window: Window, song: int) -> None:
    page = opened(qtbot, window, "takes", song)
    assert isinstance(page, TakesPage)
    page.header.title.setText("A title " * 30)
    page.table.setColumnWidth(2, 40)
    qtbot.wait(20)
    assert any("A title" in one for one in cut(page))
    assert cells_cut(page)


def test_a_choice_in_the_settings_is_heard_at_once(qtbot: QtBot, window: Window) -> None:
    window.go("settings")
    page = window.page
    assert isinstance(page, SettingsPage)
    choice = page.language
    options = [choice.itemText(number) for number in range(choice.count())]
    assert options == ["As the system", *LANGUAGES.values()]
    assert choice.accessibleName() == "Language"
    window.activateWindow()
    until(qtbot, window.isActiveWindow)
    page._area.verticalScrollBar().setValue(30)
    choice.setFocus()
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    until(qtbot, lambda: window.page is not page)
    now = window.page
    assert isinstance(now, SettingsPage)
    assert now.title == "Einstellungen"
    assert now.language.value == "de"
    assert now.language.accessibleName() == "Sprache"
    assert now.language.hasFocus()
    until(qtbot, lambda: now._area.verticalScrollBar().value() == 30)
    assert window.windowTitle() == "Einstellungen – ASA Desktop"
    assert words.reason_text("silence") == "die Aufnahme ist still; prüfe das Mikrofon"
    assert words_singing.name_text("tone") == "Klang"
    assert QLocale().language() == QLocale.Language.German
    assert unnamed(window) == []
    qtbot.keyClick(now.language, Qt.Key.Key_Up)
    until(qtbot, lambda: window.page is not now)
    assert window.windowTitle() == "Settings – ASA Desktop"
    window.context.save()
    assert load_settings(window.context.places.settings)[0].language == "en"


def test_the_settings_survive_and_a_broken_one_is_the_systems(
    context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = context.places.settings
    context.change(language="es")
    context.save()
    assert load_settings(path)[0].language == "es"
    path.write_text('{"language": "klingon"}')
    settings, findings = load_settings(path)
    assert settings.language == "system"
    assert [one.code for one in findings] == ["setting_ignored"]
    told = QLocale(QLocale.Language.Spanish, QLocale.Country.Mexico)
    monkeypatch.setattr(languages.QLocale, "system", lambda: told)
    tongue().speak(settings.language)
    assert tongue().language == "es"


def test_the_way_and_the_page_stay(qtbot: QtBot, window: Window, song: int) -> None:
    opened(qtbot, window, "songs", song)
    opened(qtbot, window, "record", song)
    speak(qtbot, window, "de")
    page = window.page
    assert isinstance(page, RecordPage)
    until(qtbot, lambda: page.flow.stage == "ready")
    assert page.head.title.text() == "PJS Medley"
    window._back()
    assert window.windowTitle() == "Lieder – ASA Desktop"


def test_a_take_that_is_sung_is_not_disturbed(qtbot: QtBot, window: Window, song: int) -> None:
    page = opened(qtbot, window, "record", song)
    assert isinstance(page, RecordPage)
    page.toggle()
    until(qtbot, lambda: page.flow.stage == "singing")
    window.context.change(language="de")
    qtbot.wait(400)
    assert window.page is page
    assert page.flow.stage == "singing"
    assert tongue().language == "en"
    ended: list[object] = []
    page.took_ended.connect(ended.append)
    page.toggle()
    until(qtbot, lambda: tongue().language == "de")
    assert len(ended) == 1


def test_pages_that_went_are_told_nothing_more(qtbot: QtBot, window: Window, song: int) -> None:
    for name in PAGES:
        opened(qtbot, window, name, song)
    desk = window.conductor.desk
    speak(qtbot, window, "es")
    qtbot.wait(50)
    assert window.conductor.desk is desk
    page = opened(qtbot, window, "takes", song)
    assert isinstance(page, TakesPage)
    desk.progressed.emit(1, "take", 0.5)
    assert page.model.analysing == {1: 0.5}
    window.context.library_changed.emit()
    window.context.change(theme="dark", singer="Ada")
    qtbot.wait(50)


def test_a_catalogue_that_is_not_there_leaves_english(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(languages, "texts_in", lambda language: {})
    before = window.page
    window.context.change(language="de")
    until(qtbot, lambda: window.page is not before)
    assert window.windowTitle() == "Songs – ASA Desktop"
    assert tr("{count} takes", count=3) == "3 takes"


def test_qts_own_texts_follow_and_others_are_let_alone(qapp: QApplication) -> None:
    tongue().speak("de")
    assert qapp.translate("QLineEdit", "&Undo") == "&Rückgängig"
    assert Catalogue("de").translate("elsewhere", "Songs") is None
    tongue().speak("en")
    assert qapp.translate("QLineEdit", "&Undo") == "&Undo"


def test_what_leaves_the_program_is_english(qapp: QApplication) -> None:
    words.speak(tr)
    tongue().speak("de")
    with words.in_english():
        assert words.reason_text("silence").startswith("the recording")
        assert words_singing.name_text("tone") == "Tone"
    assert words_singing.name_text("tone") == "Klang"


def test_chinese_is_written_with_the_systems_font(
    ring: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = ["Some Ming", "Noto Sans CJK SC", "PingFang SC"]
    monkeypatch.setattr(fonts.QFontDatabase, "families", lambda *_: known)
    tongue().speak("zh_CN")
    assert fonts.font().families() == [
        fonts.FAMILY, "PingFang SC", "Noto Sans CJK SC", fonts.KANA_FAMILY
    ]  # fmt: skip
    tongue().speak("de")
    assert fonts.font().families() == [fonts.FAMILY, fonts.KANA_FAMILY]
    monkeypatch.setattr(fonts.QFontDatabase, "families", lambda *_: ["Some Ming"])
    assert fonts.han_families() == ["Some Ming"]
    monkeypatch.setattr(fonts.QFontDatabase, "families", lambda *_: [])
    assert fonts.han_families() == []
