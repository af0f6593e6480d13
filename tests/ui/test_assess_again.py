"""A take assessed again with another delay: both analyses stay, and either can be looked at."""

from __future__ import annotations

import pytest
from test_review_flow import Desk, desk

from asa_desktop.ui.models.takes import SCORE

__all__ = ["desk"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_the_new_delay_comes_with_its_analysis_and_the_old_one_can_be_shown(desk: Desk) -> None:
    page = desk.done()
    assert page.head.analyses.isHidden()
    before = desk.library(lambda it: it.take(desk.take))
    page = desk.open(again=True, model="", delay_s=0.2)
    desk.until(lambda: desk.flow.desk.work_of(desk.take) is not None)
    assert desk.library(lambda it: it.take(desk.take)).latency_s == before.latency_s
    desk.until(lambda: page.head.analyses.isVisible() and page.view.state == "done")
    row = desk.library(lambda it: it.take(desk.take))
    assert (row.latency_s, row.delay_from) == (pytest.approx(0.2), "given")
    newest, oldest = (page.head.analyses.itemData(at) for at in range(2))
    assert page.head.analyses.value == newest
    assert "200 ms" in page.head.analyses.itemText(0)
    page.head.analyses.picked.emit(oldest)
    desk.until(lambda: page.view is not None and page.view.analysis == oldest)
    assert page.view.sheet.overall.score == desk.library(lambda it: it.analysis(int(oldest))).score


def test_a_model_that_is_gone_is_said_and_the_old_score_stays(desk: Desk) -> None:
    page = desk.done()
    score = desk.library(lambda it: it.take(desk.take)).score
    desk.open(again=True, model="another")
    desk.until(lambda: page.view is not None and page.view.state == "failed")
    assert "another" in page.view.fault
    assert desk.library(lambda it: it.take(desk.take)).score == score


def test_the_way_back_does_nothing_again(desk: Desk) -> None:
    page = desk.done()
    desk.open(again=True, model="")
    desk.until(lambda: page.view is not None and page.view.state == "analysing")
    desk.until(lambda: page.view.state == "done")
    desk.window.go("check")
    desk.window._back()
    desk.qtbot.wait(300)
    assert desk.window.page is page
    assert desk.flow.desk.work_of(desk.take) is None
    assert len(desk.library(lambda it: it.analyses(take=desk.take))) == 2


def test_asked_twice_the_first_is_given_up(desk: Desk) -> None:
    page = desk.open()
    desk.begun()
    first = desk.flow.desk.work_of(desk.take)
    desk.open(again=True, model="", delay_s=0.1)
    desk.until(lambda: desk.flow.desk.work_of(desk.take) not in (None, first))
    desk.until(lambda: page.view is not None and page.view.state == "done")
    (only,) = desk.library(lambda it: it.analyses(take=desk.take))
    assert only.latency_s == pytest.approx(0.1)


def test_the_list_of_takes_says_how_far_an_analysis_is(desk: Desk) -> None:
    desk.window.go("takes")
    model = desk.window.page.model
    desk.until(lambda: bool(model.shown))
    cell = model.index(0, SCORE)
    assert cell.data() == "not analysed"
    desk.open()
    desk.window.go("takes")
    desk.until(lambda: "%" in cell.data())
    desk.until(lambda: cell.data().isdecimal())


def test_the_review_itself_can_have_it_assessed_again(desk: Desk) -> None:
    page = desk.done()
    page.attributes.assess.emit()
    desk.until(lambda: page.view is not None and page.view.state == "analysing")
    desk.until(lambda: page.view.state == "done")
    assert len(desk.library(lambda it: it.analyses(take=desk.take))) == 2
