"""A language written from right to left turns the pages round; time stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLayout, QWidget
from pytestqt.qtbot import QtBot
from record_room import until
from test_languages import PAGES, cells_cut, cut, opened, song, window

from asa_desktop.services.catalogues import LANGUAGES
from asa_desktop.ui import languages
from asa_desktop.ui.languages import tongue
from asa_desktop.ui.pages.record import RecordPage
from asa_desktop.ui.pages.review import ReviewPage
from asa_desktop.ui.pages.takes import TakesPage
from asa_desktop.ui.theme import theme
from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.widgets.frames import label
from asa_desktop.ui.widgets.meter import LevelBar
from asa_desktop.ui.widgets.progress import ProgressRow
from asa_desktop.ui.window import LEAST, USUAL, Window

__all__ = ["song", "window"]

RIGHT, LEFT = Qt.LayoutDirection.RightToLeft, Qt.LayoutDirection.LeftToRight


class Passing(dict[str, str]):
    """Every text, begun with the mark that makes a text one from right to left."""

    def __bool__(self) -> bool:
        return True

    def get(self, text: str, other: object = None) -> str:
        return f"\u200f{text}"


@pytest.fixture(autouse=True)
def _hebrew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A language that has no catalogue yet: English texts that pass for Hebrew ones."""
    monkeypatch.setitem(LANGUAGES, "he", "עברית")
    monkeypatch.setattr(languages, "texts_in", lambda language: Passing())
    yield
    tongue().speak("en")
    assert QApplication.layoutDirection() == LEFT


def turned(qtbot: QtBot, window: Window) -> None:
    before = window.page
    window.context.change(language="he")
    until(qtbot, lambda: window.page is not before)


def managed(layout: QLayout) -> Iterator[QWidget]:
    """The visible widgets that a layout and those within it place."""
    for at in range(layout.count()):
        item = layout.itemAt(at)
        widget, inner = item.widget(), item.layout()
        if widget is not None and widget.isVisible():
            yield widget
        elif inner is not None:
            yield from managed(inner)


def overlaps(root: QWidget) -> list[str]:
    """Widgets of one layout that lie on each other or outside of what holds them."""
    found = []
    for parent in (root, *root.findChildren(QWidget)):
        layout = parent.layout()
        if layout is None or not parent.isVisible():
            continue
        placed = list(managed(layout))
        for number, one in enumerate(placed):
            found += [
                f"{_named(one)} on {_named(other)}"
                for other in placed[number + 1 :]
                if one.geometry().intersects(other.geometry())
            ]
            if not parent.rect().adjusted(-1, -1, 1, 1).contains(one.geometry()):
                found.append(f"{_named(one)} outside of {_named(parent)}")
    return found


def _named(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.accessibleName()!r} {widget.geometry().getRect()}"


def left_of(one: QWidget, other: QWidget, root: QWidget) -> bool:
    """Whether one lies to the left of the other."""
    return one.mapTo(root, QPoint()).x() < other.mapTo(root, QPoint()).x()


@pytest.mark.parametrize("size", [LEAST, USUAL])
def test_every_page_turns_round_and_nothing_is_cut_off_or_covered(
    qtbot: QtBot, window: Window, song: int, size: tuple[int, int],
    picture: Callable[[QWidget, str], Path],
) -> None:  # fmt: skip
    turned(qtbot, window)
    window.resize(*size)
    found: dict[str, list[str]] = {}
    for name in PAGES:
        page = opened(qtbot, window, name, song)
        assert page.layoutDirection() == RIGHT
        assert left_of(page, window.rail, window)
        wrong = overlaps(window)
        if size == USUAL:  # in the least window some texts are cut off on purpose
            wrong += cut(window) + cells_cut(page)
        if wrong:
            found[name] = wrong
        for look in ("light", "dark"):
            theme.current().choose(look)
            qtbot.wait(60)
            picture(window, f"right-to-left-{size[0]}-{name}-{look}")
        theme.current().choose("light")
    assert found == {}


def test_time_goes_from_left_to_right(qtbot: QtBot, window: Window, song: int) -> None:
    turned(qtbot, window)
    record = opened(qtbot, window, "record", song)
    assert isinstance(record, RecordPage)
    review = opened(qtbot, window, "review", song)
    assert isinstance(review, ReviewPage)
    for plot in (
        record.lane, record.lyrics, record.clips, review.strip, review.rows.stack,
        review.panel.histogram,
    ):  # fmt: skip
        assert plot.layoutDirection() == LEFT, type(plot)
        assert all(one.layoutDirection() == LEFT for one in plot.findChildren(QWidget))
    assert review.head.layoutDirection() == RIGHT


def marks_in(root: QWidget) -> list[str]:
    """Texts with a sign that stands for one that cannot be shown."""
    said = [one.text() for one in (*root.findChildren(QLabel), *root.findChildren(QAbstractButton))]
    said += [one.accessibleName() for one in root.findChildren(QWidget)]
    return [text for text in said if "\ufffd" in text]


def test_marks_of_direction_are_not_seen(qtbot: QtBot, window: Window, song: int) -> None:
    turned(qtbot, window)
    for name in PAGES:
        page = opened(qtbot, window, name, song)
        if isinstance(page, ReviewPage):
            assert any("\u200f" in line for line in page.panel.made_of.lines)
            page.attributes.tiles[0].click()
            qtbot.wait(20)
        assert marks_in(window) == [], name
    seen, plain = label("\u2066one\u2069 \u200etwo\u200f"), label("one two")
    for one in (seen, plain):
        qtbot.addWidget(one)
        one.setLayoutDirection(LEFT)
        one.setAlignment(Qt.AlignmentFlag.AlignLeft)
        one.resize(120, 24)
    assert seen.grab().toImage() == plain.grab().toImage()


def test_bars_are_filled_from_where_one_begins_to_read(
    qtbot: QtBot, window: Window, song: int
) -> None:
    def ends(widget: QWidget) -> tuple[bool, bool]:
        """Whether the bar of a widget is filled at its left, and at its right."""
        image, ink = widget.grab().toImage(), colour("accent").rgb()
        wide = image.width()
        found = [x for x in range(wide) for y in range(image.height()) if image.pixel(x, y) == ink]
        return any(x < wide / 4 for x in found), any(x > 3 * wide / 4 for x in found)

    def bars() -> tuple[QWidget, QWidget, QWidget]:
        review = opened(qtbot, window, "review", song)
        assert isinstance(review, ReviewPage)
        meter = LevelBar("Level")
        meter.set_level(-40.0)
        job = ProgressRow("A job")
        job.show_part(0.3)
        for one in (meter, job):
            qtbot.addWidget(one)
            one.resize(240, 40)
        return review.attributes.tiles[0], job.bar, meter

    tile, job, meter = bars()
    assert ends(tile) == (True, False)
    assert ends(job) == (True, False)
    left_first = meter.grab().toImage()
    turned(qtbot, window)
    tile, job, meter = bars()
    assert ends(tile) == (False, True)
    assert ends(job) == (False, True)
    assert meter.grab().toImage() == left_first.flipped(Qt.Orientation.Horizontal)


def test_what_is_drawn_over_time_is_drawn_the_same(qtbot: QtBot, window: Window, song: int) -> None:
    def drawn() -> list[QImage]:
        record = opened(qtbot, window, "record", song)
        assert isinstance(record, RecordPage)
        record.setFocus()
        pictures = [record.lyrics.grab(), record.lane.grab()]
        review = opened(qtbot, window, "review", song)
        assert isinstance(review, ReviewPage)
        review.setFocus()
        pictures.append(review.strip.grab())
        return [one.toImage() for one in pictures]

    before = drawn()
    turned(qtbot, window)
    for one, other in zip(before, drawn(), strict=True):
        assert one == other


def test_the_look_for_covered_widgets_would_notice(qtbot: QtBot, window: Window, song: int) -> None:
    page = opened(qtbot, window, "takes", song)
    assert overlaps(window) == []
    assert isinstance(page, TakesPage)
    table = page.table
    table.setGeometry(QRect(table.geometry().translated(0, -60)))
    assert any("Takes" in one for one in overlaps(window))
