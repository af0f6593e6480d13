"""The review in the least window, with as much in its head as there can be to say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sung_takes
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from record_room import until
from test_languages import opened, song, speak, window
from test_right_to_left import overlaps

from asa_desktop.core.types import Alignment, Analysis, Notice
from asa_desktop.services.catalogues import LANGUAGES
from asa_desktop.ui.pages.review import ReviewPage
from asa_desktop.ui.pages.review_view import TakeView
from asa_desktop.ui.plots.sheet import Sheet
from asa_desktop.ui.theme import theme
from asa_desktop.ui.window import LEAST, USUAL, Window

__all__ = ["song", "window"]


def with_much_to_say() -> Analysis:
    """Brought along, out of key, late and slow, with stretches left out and remarks on files."""
    known = sung_takes.assessed()
    measured = dict(known.attributes)
    measured["intonation"] = replace(measured["intonation"], detail={"whole": -200.0})
    measured["rhythm"] = replace(measured["rhythm"], detail={"late_ms": 240.0})
    found = Alignment(
        key=-7.0, tempo=0.91, offset_s=2.0, path=((0.0, 3.2), (20.0, 25.0)),
        missing=((1.0, 4.0), (7.0, 9.0), (12.0, 14.0)),
    )  # fmt: skip
    remarks = (Notice("demo_take"), *(Notice("no_end_line") for _ in range(3)))
    return replace(known, case="free", attributes=measured, alignment=found, notices=remarks)


def placed(part: QWidget, page: QWidget) -> QRect:
    return QRect(part.mapTo(page, QPoint(0, 0)), part.size())


@pytest.fixture
def page(qtbot: QtBot, window: Window, song: int) -> Callable[..., ReviewPage]:
    def made(language: str, size: tuple[int, int]) -> ReviewPage:
        if language != "en":
            speak(qtbot, window, language)
        window.resize(*size)
        found = opened(qtbot, window, "review", song)
        assert isinstance(found, ReviewPage)
        found.show_take(
            TakeView(song="Five notes", take="take 3", singer="Alex", has_original=True,
                     sheet=Sheet.of(with_much_to_say()))
        )  # fmt: skip
        qtbot.wait(60)
        return found

    return made


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [LEAST, (900, 800), USUAL])
def test_no_part_lies_on_another(
    qtbot: QtBot, page: Callable[..., ReviewPage], window: Window, language: str,
    size: tuple[int, int], picture: Callable[[QWidget, str], Path],
) -> None:  # fmt: skip
    shown = page(language, size)
    until(qtbot, lambda: overlaps(window) == [])  # layouts come to rest in turns
    rows = [placed(one, shown) for one in shown.rows.stack.rows.values() if one.isVisible()]
    assert len(rows) == 4
    within = placed(shown.rows, shown)
    for at, one in enumerate(rows):
        assert within.contains(one)
        assert not any(one.intersects(other) for other in rows[:at])
    for look in ("light", "dark"):
        theme.current().choose(look)
        qtbot.wait(60)
        until(qtbot, lambda: overlaps(window) == [])
        picture(window, f"review-much-to-say-{language}-{size[0]}x{size[1]}-{look}")
    theme.current().choose("light")


def test_what_finds_no_room_is_scrolled_to_by_keys(
    qtbot: QtBot, page: Callable[..., ReviewPage], window: Window
) -> None:
    shown = page("de", LEAST)
    sayings, says = shown.head.sayings, shown.head.says
    assert says.height() > sayings.height()
    assert sayings.focusPolicy() == Qt.FocusPolicy.StrongFocus
    assert says.accessibleName().count(".") > 8
    sayings.setFocus()
    qtbot.keyClick(sayings, Qt.Key.Key_End)
    for _ in range(20):
        qtbot.keyClick(sayings, Qt.Key.Key_Down)
    bar = sayings.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    window.resize(1800, 1000)
    qtbot.wait(60)
    assert says.height() <= sayings.height()
    assert sayings.focusPolicy() == Qt.FocusPolicy.NoFocus
    assert bar.value() == 0


def test_little_to_say_takes_little_room(qtbot: QtBot, window: Window, song: int) -> None:
    window.resize(*USUAL)
    shown = opened(qtbot, window, "review", song)
    assert isinstance(shown, ReviewPage)
    assert shown.head.sayings.height() == shown.head.says.heightForWidth(shown.head.says.width())
    assert shown.head.sayings.focusPolicy() == Qt.FocusPolicy.NoFocus
