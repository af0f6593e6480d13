"""The first start: shown once, gone through by keys, left at any point, with and without sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sung_takes
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from record_room import until, with_engine
from test_accessibility import unnamed
from test_languages import cut

from asa_desktop.services.catalogues import LANGUAGES
from asa_desktop.services.example import keep_example, marked_example
from asa_desktop.services.settings import load_settings
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.languages import tongue
from asa_desktop.ui.pages.check import CheckPage
from asa_desktop.ui.pages.introduction import TRY_S, IntroductionPage
from asa_desktop.ui.pages.record import RecordPage
from asa_desktop.ui.pages.review import ReviewPage
from asa_desktop.ui.pages.review_tour import beside
from asa_desktop.ui.pages.review_view import TakeView
from asa_desktop.ui.pages.settings import SettingsPage
from asa_desktop.ui.pages.takes import TakesPage
from asa_desktop.ui.plots.sheet import Sheet
from asa_desktop.ui.theme import theme
from asa_desktop.ui.widgets.button import Button
from asa_desktop.ui.window import LEAST, USUAL, Window
from tests import fake_engine

pytestmark = pytest.mark.usefixtures("ring")
SIZES = (LEAST, USUAL)


class Start:
    """The window of a start, over an engine without sound, with the example analysed already."""

    def __init__(self, qtbot: QtBot, context: AppContext, *, size: tuple[int, int]) -> None:
        self.qtbot, self.context = qtbot, context
        keep_example(context.places.cache, marked_example(sung_takes.assessed()), model="")
        self.window = Window(with_engine(context, fake_engine.main))
        qtbot.addWidget(self.window)
        self.window.resize(*size)
        self.window.show()
        self.window.activateWindow()
        until(qtbot, lambda: self.window.isActiveWindow() and self.window.page is not None)

    def at(self, kind: type[Any]) -> Any:
        until(self.qtbot, lambda: isinstance(self.window.page, kind))
        return self.window.page

    def checked(self) -> CheckPage:
        page: CheckPage = self.at(CheckPage)
        until(self.qtbot, lambda: page.delay.state != "waiting" and not page.measuring.busy)
        return page

    def example(self) -> ReviewPage:
        page: ReviewPage = self.at(ReviewPage)
        until(self.qtbot, lambda: page.tour.at is not None)
        return page

    def key(self, key: Qt.Key) -> None:
        self.qtbot.keyClick(self.window.focusWidget() or self.window, key)

    def library(self, work: Callable[[Any], Any]) -> Any:
        done: list[Any] = []
        self.context.library.run(work, done=done.append)
        until(self.qtbot, lambda: bool(done))
        return done[0]


@pytest.fixture
def start(qtbot: QtBot, context: AppContext) -> Callable[..., Start]:
    def made(*, size: tuple[int, int] = USUAL, **settings: Any) -> Start:
        context.change(**{"singer": "Zoë", "language": "en", **settings})
        return Start(qtbot, context, size=size)

    return made


@pytest.fixture
def english() -> Any:
    yield
    tongue().speak("en")


def test_it_comes_once_and_whenever_it_is_asked_for(
    qtbot: QtBot, start: Callable[..., Start], context: AppContext
) -> None:
    first = start()
    assert isinstance(first.window.page, IntroductionPage)
    context.save()
    assert load_settings(context.places.settings)[0].introduced
    second = Window(context)
    qtbot.addWidget(second)
    second.show()
    until(qtbot, lambda: second.page is not None)
    assert second.page is not None
    assert second.page.title == "Songs"
    second.go("settings")
    settings = second.page
    assert isinstance(settings, SettingsPage)
    (again,) = (
        each for each in settings.findChildren(Button)
        if each.text() == "Show the introduction again"
    )  # fmt: skip
    again.click()
    assert isinstance(second.page, IntroductionPage)


def test_whoever_was_here_before_is_not_introduced(start: Callable[..., Start]) -> None:
    assert isinstance(start(last_page="takes").window.page, TakesPage)


def test_all_of_it_by_keys(start: Callable[..., Start]) -> None:
    it = start()
    it.key(Qt.Key.Key_Return)
    check = it.checked()
    assert check.step.isVisible()
    assert check.go.text() == "Sing 30 seconds"
    check.go.setFocus()
    it.key(Qt.Key.Key_Return)
    record: RecordPage = it.at(RecordPage)
    until(it.qtbot, lambda: record.flow.stage == "ready")
    assert record.step.isVisible()
    assert record.flow.end_s == TRY_S
    assert record.head.total.text() == "/ 0:30"
    record.setFocus()
    it.key(Qt.Key.Key_Space)
    until(it.qtbot, lambda: record.flow.stage == "singing")
    assert not record.skip.isVisible()
    review: ReviewPage = it.at(ReviewPage)  # it ended by itself
    flow: Any = review.flow
    flow.take, flow._turn = None, flow._turn + 1  # a take is shown here whose analysis is known
    (take,) = it.library(lambda library: library.takes())
    assert take.source == "recorded"
    assert take.duration_s == pytest.approx(TRY_S, abs=1.5)
    assert it.context.touring
    review.show_take(
        TakeView(song="Five notes", take="take 1", singer="Zoë", has_original=True,
                 sheet=Sheet.of(sung_takes.assessed()))
    )  # fmt: skip
    until(it.qtbot, lambda: review.tour.at is not None)
    told = []
    while review.tour.at is not None:
        told.append(review.tour.stops[review.tour.at].title)
        it.key(Qt.Key.Key_Return)
    assert told == [
        "Every clip of the take", "The score", "What it is made of", "You and the original"
    ]  # fmt: skip
    assert not it.context.touring
    assert review.strip.hasFocus()


def test_after_it_a_take_has_its_whole_length_and_no_call_outs(start: Callable[..., Start]) -> None:
    it = start()
    it.key(Qt.Key.Key_Return)
    check = it.checked()
    it.key(Qt.Key.Key_Escape)
    it.at(IntroductionPage)
    it.key(Qt.Key.Key_Escape)
    assert it.window.windowTitle() == "Songs – ASA Desktop"
    assert not it.context.touring
    it.window.go("record", {"song": check._song, "checked": True})
    record: RecordPage = it.at(RecordPage)
    until(it.qtbot, lambda: record.flow.stage == "ready")
    assert not record.step.isVisible()
    assert record.flow.end_s is not None
    assert record.flow.end_s > TRY_S
    it.window.go("review", {"example": True})
    review: ReviewPage = it.at(ReviewPage)
    until(it.qtbot, lambda: review.view is not None)
    it.qtbot.wait(50)
    assert review.tour.at is None


@pytest.mark.parametrize("step", ["introduction", "check", "record", "review"])
def test_it_can_be_skipped_at_any_point(start: Callable[..., Start], step: str) -> None:
    it = start()
    first: IntroductionPage = it.at(IntroductionPage)
    if step == "introduction":
        first.skip.click()
    elif step == "review":
        first.example.click()
        page = it.example()
        it.key(Qt.Key.Key_Escape)
        assert page.tour.at is None
        assert not it.context.touring
        return
    else:
        first.next.click()
        check = it.checked()
        if step == "check":
            check.skip.click()
        else:
            check.go.click()
            it.at(RecordPage).skip.click()
    assert it.window.windowTitle() == "Songs – ASA Desktop"
    assert not it.context.touring


def test_without_a_microphone_the_example_is_shown(start: Callable[..., Start]) -> None:
    it = start(input="gone")
    it.key(Qt.Key.Key_Return)
    check: CheckPage = it.at(CheckPage)
    until(it.qtbot, lambda: check.input.state == "bad")
    assert not check.go.isEnabled()
    assert check.example.kind == "primary"
    check.example.click()
    page = it.example()
    assert page.view is not None
    assert page.view.example
    assert page.head.remark.text() == "an example, rendered, not sung"
    assert "rendering" not in page.head.says.accessibleName()  # once is enough


def test_choosing_other_devices_leads_back(start: Callable[..., Start]) -> None:
    it = start()
    it.key(Qt.Key.Key_Return)
    it.checked().change.click()
    it.at(SettingsPage)
    assert not it.context.touring
    it.window.notice._button.click()
    assert it.checked().step.isVisible()


def test_a_take_without_a_score_is_explained_with_the_example(start: Callable[..., Start]) -> None:
    it = start()
    it.context.touring = True
    it.window.go("review", {})
    page: ReviewPage = it.at(ReviewPage)
    page.show_take(TakeView(song="Five notes", sheet=Sheet.of(sung_takes.without_reference())))
    until(it.qtbot, lambda: page.tour.at is not None)
    assert [one.title for one in page.tour.stops] == ["No score this time"]
    page.tour.box.offer.click()
    until(it.qtbot, lambda: page.view is not None and page.view.example)
    until(it.qtbot, lambda: len(page.tour.stops) == 4)


def test_the_example_is_open_to_whoever_has_no_takes_and_enters_no_list(
    start: Callable[..., Start],
) -> None:
    it = start(last_page="takes")
    takes: TakesPage = it.at(TakesPage)
    until(it.qtbot, takes.empty.isVisible)
    it.qtbot.keyClick(takes.empty.findChildren(Button)[0], Qt.Key.Key_Return)
    page: ReviewPage = it.at(ReviewPage)
    until(it.qtbot, lambda: page.view is not None and page.view.state == "done")
    assert page.tour.at is None
    assert page.view is not None
    assert page.view.sheet is not None
    assert page.head.sing_button.text() == "Sing this song"
    assert page.head._exports == {"report": True, "recording": False}
    assert it.library(lambda library: (library.takes(), library.people())) == ([], [])
    it.window.go("takes")
    assert not takes.model.all


def test_call_outs_are_heard_and_stay_beside_what_they_explain(start: Callable[..., Start]) -> None:
    it = start(size=LEAST)
    it.at(IntroductionPage).example.click()
    page = it.example()
    for size in (LEAST, USUAL):
        it.window.resize(*size)
        it.qtbot.wait(30)
        for at, stop in enumerate(page.tour.stops):
            page.tour._show(at)
            box = page.tour.box
            assert box.accessibleName() == stop.title
            assert box.accessibleDescription() == stop.sentence
            assert page.rect().contains(box.geometry())
            assert page.tour.frame.geometry().intersects(
                QRect(stop.part.mapTo(page, QPoint(0, 0)), stop.part.size())
            )
            assert not page.tour.frame.geometry().intersects(box.geometry())
            assert unnamed(it.window) == []
    it.key(Qt.Key.Key_A)  # the keys of the page go on working under them
    assert page.tour.at is not None


def test_a_box_lies_within_its_room() -> None:
    room = QRect(0, 0, 900, 560)
    for around in (QRect(0, 0, 900, 560), QRect(600, 300, 290, 250), QRect(10, 500, 880, 50)):
        box = QRect(beside(around, (360, 180), room), QPoint(0, 0))
        box.setSize(QRect(0, 0, 360, 180).size())
        assert room.contains(box)


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_every_step_in_every_language(
    start: Callable[..., Start], language: str, size: tuple[int, int],
    picture: Callable[[QWidget, str], Any],
) -> None:  # fmt: skip
    it = start(size=size)
    if language != "en":
        before = it.window.page
        it.at(IntroductionPage).language.picked.emit(language)
        until(it.qtbot, lambda: it.window.page is not before)
    found = {}

    def look(name: str) -> None:
        it.qtbot.wait(60)
        QApplication.processEvents()
        if wrong := cut(it.window):
            found[name] = wrong
        assert unnamed(it.window) == []
        for ground in ("light", "dark"):
            theme.current().choose(ground)
            it.qtbot.wait(120)  # styles are laid out in turns
            picture(it.window, f"introduction-{language}-{size[0]}-{name}-{ground}")
        theme.current().choose("light")

    look("1")
    it.at(IntroductionPage).next.click()
    check = it.checked()
    look("2")
    check.go.click()
    record: RecordPage = it.at(RecordPage)
    until(it.qtbot, lambda: record.flow.stage == "ready")
    look("3")
    record.example.click()
    page = it.example()
    for at in range(len(page.tour.stops)):
        page.tour._show(at)
        look(f"4-{at + 1}")
    assert found == {}
