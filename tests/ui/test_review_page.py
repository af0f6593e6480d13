"""The review page: every state, every key, what it asks for, what a screen reader hears."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sung_takes
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from test_accessibility import unnamed

from asa_desktop.core.types import Attribute
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.pages.review import ReviewPage
from asa_desktop.ui.pages.review_view import TakeView
from asa_desktop.ui.plots.line import PitchLine
from asa_desktop.ui.plots.sheet import Sheet
from asa_desktop.ui.plots.timeaxis import GUTTER
from asa_desktop.ui.widgets.empty import EmptyState

ALL = (
    "play", "swap", "stop", "sing_again", "export_report", "export_recording", "leave", "cancel",
    "retry", "analyse",
)  # fmt: skip
CLIP = sung_takes.CLIP_S


class Asked(list):
    """What a page asked for, in order."""

    def listen(self, page: ReviewPage, *names: str) -> None:
        for name in names:
            getattr(page, name).connect(lambda *facts, name=name: self.append((name, *facts)))


def view(**facts: object) -> TakeView:
    given = {"song": "Five notes", "take": "take 3", "singer": "Alex", "has_original": True}
    return TakeView(**{**given, **facts})  # type: ignore[arg-type]


def shown(qtbot: QtBot, page: ReviewPage, size: tuple[int, int] = (1184, 868)) -> ReviewPage:
    qtbot.addWidget(page)
    page.resize(*size)
    page.show()
    QApplication.processEvents()
    return page


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def page(qtbot: QtBot, ring: object, context: AppContext, asked: Asked) -> ReviewPage:
    """A page somebody listens to, with an eight-clip take whose third clip is silent."""
    made = ReviewPage(context)
    asked.listen(made, *ALL)
    shown(qtbot, made)
    made.show_take(view(sheet=Sheet.of(sung_takes.analysis())))
    QApplication.processEvents()
    return made


def press(qtbot: QtBot, widget: QWidget, key: str | Qt.Key) -> None:
    widget.setFocus()
    if isinstance(key, str):
        qtbot.keyClicks(widget, key)
    else:
        qtbot.keyClick(widget, key)


class TestHead:
    def test_score_spread_and_sentences(self, page: ReviewPage):
        said = page.head.says.text()
        assert page.head.score.accessibleName() == "Score 53, of 100, ±10"
        assert "7 of 8 clips scored." in said
        assert "in step with the song" in said
        assert "not of listeners" in said
        assert page.head.title.text() == "Five notes"
        assert page.head.remark.text() == "take 3, Alex"

    def test_a_place_that_is_named_can_be_gone_to(self, page: ReviewPage):
        assert 'href="clip:6"' in page.head.says.text()
        page.head.says.linkActivated.emit("clip:6")
        assert page.panel.name.text() == "Clip 7"

    def test_a_songs_name_is_no_markup(self, page: ReviewPage):
        page.show_take(view(song="<b>x</b>", sheet=Sheet.of(sung_takes.analysis(key=-2.0))))
        assert page.head.title.text() == "<b>x</b>"
        assert "2 semitones below" in page.head.says.text()

    def test_a_wrong_key_and_a_late_entry_are_said(self, page: ReviewPage):
        off = Attribute(20.0, 190.0, "cents", 1.0, detail={"whole": -204.0})
        late = Attribute(10.0, 240.0, "ms", 1.0, detail={"late_ms": 240.0})
        sung = replace(
            sung_takes.analysis(key=-2.0), attributes={"intonation": off, "rhythm": late}
        )
        page.show_take(view(sheet=Sheet.of(sung)))
        said = page.head.says.text()
        assert "All of it is 2 semitones too low for the accompaniment." in said
        assert "All of it comes 240 ms late." in said
        assert "below the song" not in said

    def test_what_nobody_listens_to_is_not_there(
        self, qtbot: QtBot, ring: object, context: AppContext
    ):
        page = shown(qtbot, ReviewPage(context))
        page.show_take(view(sheet=Sheet.of(sung_takes.analysis())))
        head = page.head
        buttons = (head.sing_button, head.export_button, head.back_button)
        assert not any(each.isVisible() for each in buttons)
        assert not any(each.isVisible() for each in page.panel.buttons.values())
        page.sing_again.connect(lambda: None)
        page.export_report.connect(lambda: None)
        page.play.connect(lambda *_: None)
        assert head.sing_button.isVisible()
        assert head.export_button.isVisible()
        assert page.panel.buttons["me"].isVisible()

    def test_one_export_needs_no_menu(self, qtbot: QtBot, ring: object, context: AppContext):
        page, asked = shown(qtbot, ReviewPage(context)), Asked()
        page.show_take(view(sheet=Sheet.of(sung_takes.analysis())))
        asked.listen(page, "export_report")
        page.head.export_button.click()
        assert asked == [("export_report",)]


class TestStrip:
    def test_the_lowest_clip_is_selected_at_first(self, page: ReviewPage):
        assert page.panel.name.text() == "Clip 8"
        assert page.panel.number.text() == "20"

    def test_arrows_select_and_the_name_is_what_is_read(self, qtbot: QtBot, page: ReviewPage):
        press(qtbot, page.strip, Qt.Key.Key_Home)
        assert page.strip.accessibleName() == "Clip 1, 0:00 to 0:03, 90 of 100"
        press(qtbot, page.strip, Qt.Key.Key_Right)
        press(qtbot, page.strip, Qt.Key.Key_Right)
        name = page.strip.accessibleName()
        assert name == "Clip 3, 0:06 to 0:09, not scored: hardly any singing here"
        assert "Clip 3" in page.rows.stack.pitch.accessibleDescription()
        press(qtbot, page.strip, Qt.Key.Key_End)
        press(qtbot, page.strip, Qt.Key.Key_Right)
        assert page.panel.name.text() == "Clip 8"

    def test_a_click_selects(self, qtbot: QtBot, page: ReviewPage):
        x = round(page.strip._x(3.5 * CLIP))
        qtbot.mouseClick(page.strip, Qt.MouseButton.LeftButton, pos=QPoint(x, 40))
        assert page.panel.name.text() == "Clip 4"

    def test_a_click_is_heard_and_an_arrow_key_is_not(self, qtbot: QtBot, page: ReviewPage):
        heard: list[tuple[object, ...]] = []
        page.play.connect(lambda *asked: heard.append(asked))
        x = round(page.strip._x(3.5 * CLIP))
        qtbot.mouseClick(page.strip, Qt.MouseButton.LeftButton, pos=QPoint(x, 40))
        assert heard == [("me", pytest.approx(3 * CLIP), pytest.approx(4 * CLIP))]
        press(qtbot, page.strip, Qt.Key.Key_Right)
        assert len(heard) == 1

    def test_height_tells_the_score_and_a_hatch_that_there_is_none(self, page: ReviewPage):
        page.back()  # nothing selected
        picture = page.strip.grab().toImage()

        def painted(place: int) -> int:
            x = round(page.strip._x((place + 0.2) * CLIP))
            floor = int(page.strip._floor())
            ground = picture.pixelColor(x, 1)
            return sum(picture.pixelColor(x, y) != ground for y in range(24, floor))

        assert painted(0) > painted(3) > painted(7) > 5
        assert 0 < painted(2) < painted(1)

    def test_j_and_k_step_through_the_clips_from_anywhere(self, qtbot: QtBot, page: ReviewPage):
        press(qtbot, page.rows.stack.mel, "k")
        assert page.panel.name.text() == "Clip 7"
        press(qtbot, page.rows.stack.mel, "j")
        assert page.panel.name.text() == "Clip 8"

    def test_thousands_of_clips_are_columns(self, qtbot: QtBot, page: ReviewPage):
        clips = sung_takes.scores(3600)
        page.strip.set_clips(clips, seconds=3600 * CLIP)
        assert page.strip._means(1000).shape == (1000,)
        assert page.strip._means(1000)[-1] == 10.0
        page.strip.grab()


class TestSound:
    def test_keys_and_buttons_ask_for_the_clip(self, qtbot: QtBot, page: ReviewPage, asked: Asked):
        page.select_clip(0)
        press(qtbot, page.strip, "a")
        press(qtbot, page.strip, "b")
        press(qtbot, page.strip, "d")
        page.panel.buttons["original"].click()
        assert [each[:2] for each in asked] == [
            ("play", "me"), ("play", "original"), ("play", "both"), ("play", "original"),
        ]  # fmt: skip
        assert asked[0][2:] == (0.0, pytest.approx(CLIP))

    def test_space_plays_and_stops(self, qtbot: QtBot, page: ReviewPage, asked: Asked):
        page.select_clip(1)
        press(qtbot, page.strip, Qt.Key.Key_Space)
        page.set_playhead(CLIP + 0.1, "me")
        press(qtbot, page.strip, Qt.Key.Key_Space)
        assert [each[0] for each in asked] == ["play", "stop"]

    def test_one_key_swaps_while_it_sounds(self, qtbot: QtBot, page: ReviewPage, asked: Asked):
        page.select_clip(1)
        press(qtbot, page.strip, "a")
        page.set_playhead(CLIP + 0.1, "me")
        press(qtbot, page.strip, "x")
        page.set_playhead(CLIP + 0.2, "original")
        press(qtbot, page.strip, "x")
        assert asked[1:] == [("swap", "original"), ("swap", "me")]

    def test_without_an_original_there_is_only_me(
        self, qtbot: QtBot, page: ReviewPage, asked: Asked
    ):
        page.show_take(view(sheet=Sheet.of(sung_takes.without_reference()), has_original=False))
        page.select_clip(0)
        asked.clear()
        for key in "bdx":
            press(qtbot, page.strip, key)
        assert not asked
        assert page.panel.buttons["me"].isVisible()
        assert not page.panel.buttons["original"].isVisible()

    def test_the_view_follows_the_playhead(self, page: ReviewPage):
        page.axis.show(0.0, 6.0)
        page.set_playhead(10.0, "me")
        assert page.axis.start < 10.0 < page.axis.end
        assert page.rows.stack.overlay.playhead == 10.0
        page.set_playhead(None)
        assert page.rows.stack.overlay.playhead is None

    def test_leaving_is_silent(self, page: ReviewPage, asked: Asked):
        page.set_playhead(1.0, "me")
        page.deactivated()
        assert asked == [("stop",)]

    def test_escape_goes_back_step_by_step(self, page: ReviewPage, asked: Asked):
        page.axis.show(0.0, 5.0)
        page.set_playhead(1.0, "me")
        assert page.back()
        page.set_playhead(None)
        assert asked == [("stop",)]
        assert page.back()
        assert page.panel.name.text() == "Whole take"
        assert page.back()
        assert page.axis.whole
        assert not page.back()


class TestPanel:
    def test_numbers_are_the_planted_ones(self, page: ReviewPage):
        page.select_clip(1)
        values = page.panel.facts.values()
        assert values["Median to original"] == "+40 ¢ sharp ▲"
        assert values["Scatter about it"] == "0 ¢"
        assert values["Likeness, cosine"] == "0.50"
        assert values["Voiced"] == "80 %"

    def test_a_clip_without_score_says_why(self, page: ReviewPage):
        page.select_clip(2)
        assert page.panel.why.text() == "Not scored: hardly any singing here."
        assert page.panel.number.text() == "–"
        assert "Median to original" not in page.panel.facts.values()
        assert page.panel.peaks.text() == "nothing sung here"

    def test_the_histogram_is_of_the_clip_or_the_take(self, page: ReviewPage):
        page.select_clip(1)
        of_clip = page.panel.histogram.grab().toImage()
        page.panel.of_what.set_value("take")
        assert page.panel.histogram.grab().toImage() != of_clip
        assert page.panel.peaks.text().startswith("peaks ")


class TestRows:
    def wheel(self, row: QWidget, x: int, notches: int, shift: bool = False) -> None:
        modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        place = QPointF(x, 20)
        event = QWheelEvent(
            place, row.mapToGlobal(place), QPoint(), QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton, modifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(row.viewport(), event)  # type: ignore[attr-defined]

    def test_the_wheel_zooms_all_rows_and_a_double_click_shows_all(
        self, qtbot: QtBot, page: ReviewPage
    ):
        row = page.rows.stack.chroma
        before = page.axis.second_at(400, row.width())
        self.wheel(row, 400, 3)
        assert page.axis.span < 20
        assert page.axis.second_at(400, row.width()) == pytest.approx(before, abs=0.02)
        for each in page.rows.stack.rows.values():
            (start, end), _ = each.box.viewRange()
            assert (start, end) == pytest.approx((page.axis.start, page.axis.end))
        self.wheel(row, 400, -1, shift=True)
        assert page.axis.span < 20
        qtbot.mouseDClick(row.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(400, 20))
        assert page.axis.whole

    def test_shift_wheel_pans(self, page: ReviewPage):
        page.axis.show(5.0, 10.0)
        self.wheel(page.rows.stack.mel, 300, -2, shift=True)
        assert page.axis.start > 5.0
        assert page.axis.span == pytest.approx(5.0)

    def test_the_keyboard_does_the_same(self, qtbot: QtBot, page: ReviewPage):
        row = page.rows.stack.pitch
        press(qtbot, row, Qt.Key.Key_Plus)
        press(qtbot, row, Qt.Key.Key_Plus)
        span = page.axis.span
        assert span == pytest.approx(page.axis.total / 2)
        start = page.axis.start
        press(qtbot, row, Qt.Key.Key_Right)
        assert page.axis.start > start
        press(qtbot, row, Qt.Key.Key_Minus)
        assert page.axis.span > span
        press(qtbot, row, Qt.Key.Key_Home)
        assert page.axis.whole

    def test_a_drag_pans_and_a_click_selects(self, qtbot: QtBot, page: ReviewPage):
        row = page.rows.stack.pitch
        page.axis.show(0.0, 12.0)
        view = row.viewport()
        qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(500, 50))
        qtbot.mouseMove(view, QPoint(400, 50))
        qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(400, 50))
        assert page.axis.start > 1.0
        assert page.panel.name.text() == "Clip 8"
        page.axis.reset()
        x = round(page.axis.x_of(1.5 * CLIP, row.width()))
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(x, 50))
        assert page.panel.name.text() == "Clip 2"

    def test_the_crosshair_tells_time_note_and_cents(self, qtbot: QtBot, page: ReviewPage):
        row = page.rows.stack.pitch
        second = 1.5 * CLIP
        x = round(page.axis.x_of(second, row.width()))
        qtbot.mouseMove(row.viewport(), QPoint(x, 30))
        assert page.rows.reading.text() == "0:04.5  E4 +40 ¢"
        assert page.rows.other.text() == "original E4 0 ¢"
        row.pointed.emit(None, None)
        assert page.rows.reading.text() == ""

    def test_the_crosshair_goes_by_keyboard_too(self, qtbot: QtBot, page: ReviewPage):
        row = page.rows.stack.pitch
        row.setFocus()
        page.rows.stack.overlay.set_cross(4.0)
        qtbot.keyClick(row, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        assert page.rows.stack.overlay.cross == pytest.approx(4.0 + sung_takes.HOP_S)
        assert "E4 +40 ¢" in page.rows.reading.text()

    def test_rows_hide_but_for_the_last_and_are_remembered(
        self, qtbot: QtBot, page: ReviewPage, context: AppContext
    ):
        for key in "1234":
            press(qtbot, page.strip, key)
        visible = [name for name, row in page.rows.stack.rows.items() if row.isVisible()]
        assert visible == ["mel"]
        again = shown(qtbot, ReviewPage(context))
        again.show_take(view(sheet=Sheet.of(sung_takes.analysis())))
        visible = [name for name, row in again.rows.stack.rows.items() if row.isVisible()]
        assert visible == ["mel"]

    def test_what_was_remembered_wrongly_does_no_harm(self, page: ReviewPage):
        state = {"hidden": ["pitch", 3], "heights": ["x", 1, 2, 3]}
        page.rows.stack.restore(state)
        page.rows.stack.restore({"hidden": None, "heights": [1, 2]})
        assert not page.rows.stack.pitch.isVisible()

    def test_a_fault_in_a_plot_ends_nothing(
        self, page: ReviewPage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ):
        monkeypatch.setattr(PitchLine, "frames", lambda *_: 1 / 0)
        page.axis.show(1.0, 5.0)
        QApplication.processEvents()
        page.grab()
        assert "could not be painted" in caplog.text

    def test_no_menu_of_the_library(self, page: ReviewPage):
        for row in page.rows.stack.rows.values():
            assert not row.box.menuEnabled()

    def test_time_lines_up_in_all_rows(self, page: ReviewPage):
        """The first sung column of the maps stands under the beginning of the pitch line."""
        firsts = []
        for row in (page.rows.stack.chroma, page.rows.stack.mel):
            picture = row.grab().toImage()
            ground = picture.pixelColor(GUTTER + 5, row.height() // 2)
            bright = [
                x
                for x in range(GUTTER + 6, GUTTER + 200)
                if any(
                    differs(picture.pixelColor(x, y), ground) for y in range(1, row.height() - 1)
                )
            ]
            firsts.append(bright[0])
        expected = page.axis.x_of(0.3, page.rows.stack.pitch.width())
        assert all(abs(first - expected) <= 3 for first in firsts), (firsts, expected)
        take = line_pixels(page.rows.stack.pitch.grab().toImage(), QColor("#0B6FB8"))
        assert abs(int(take[:, 0].min()) - expected) <= 3

    def test_the_line_lies_on_its_note(self, page: ReviewPage):
        row = page.rows.stack.pitch
        page.axis.show(0.4, 2.6)
        QApplication.processEvents()
        take = line_pixels(row.grab().toImage(), QColor("#0B6FB8"))
        assert abs(float(np.median(take[:, 1])) - row.y_of(60.4)) <= 1.5


def differs(one: QColor, other: QColor) -> bool:
    return abs(one.red() - other.red()) + abs(one.green() - other.green()) > 40


def line_pixels(picture: QImage, colour: QColor) -> np.ndarray:
    """Places (x, y) of all pixels of about this colour, right of the gutter."""
    picture = picture.convertToFormat(QImage.Format.Format_RGB32)
    wide, tall = picture.width(), picture.height()
    values = np.frombuffer(picture.constBits(), np.uint8).reshape(tall, wide, 4)[..., :3]
    wanted = np.array([colour.blue(), colour.green(), colour.red()])
    near = np.abs(values.astype(int) - wanted).sum(axis=2) < 60
    near[:, :GUTTER] = False
    return np.argwhere(near)[:, ::-1]


class TestStates:
    def test_clips_come_one_by_one(self, page: ReviewPage):
        page.show_take(view(state="analysing", stage="take", seconds=8 * CLIP))
        assert page.progress is not None
        for score in sung_takes.scores(8)[:4]:
            page.set_clip(score, True)
        assert len(page.strip.clips) == 4
        page.select_clip(1)
        assert "for now" in page.strip.accessibleName()
        assert page.panel.number.text() == "80"
        better = replace(sung_takes.scores(8)[1], score=85.0)
        page.set_clip(better, False)
        assert page.panel.number.text() == "85"
        assert "for now" not in page.strip.accessibleName()

    def test_a_late_clip_keeps_the_selection(self, page: ReviewPage):
        page.show_take(view(state="analysing", seconds=8 * CLIP))
        scores = sung_takes.scores(8)
        page.set_clip(scores[3], True)
        page.select_clip(3)
        page.set_clip(scores[0], True)
        assert page.panel.name.text() == "Clip 4"
        assert page.strip.selected == 1

    def test_progress_can_be_cancelled(self, page: ReviewPage, asked: Asked):
        page.show_take(view(state="analysing"))
        page.set_progress("reference", 0.25)
        assert page.progress is not None
        page.progress._stop.click()
        assert asked == [("cancel",)]

    def test_a_failure_is_said_and_can_be_tried_again(self, page: ReviewPage, asked: Asked):
        page.show_take(view(state="analysing"))
        page.set_failed("The disk is full; make room and try again.")
        state = page.rows.instead
        assert isinstance(state, EmptyState)
        assert state.sentence.text() == "The disk is full; make room and try again."
        assert page.progress is None

    def test_a_failure_keeps_what_was_there(self, page: ReviewPage):
        page.set_progress("take", 0.5)
        page.set_failed("The worker was lost; try again.")
        assert page.rows.instead is None
        assert page.notice.sentence == "The worker was lost; try again."
        assert page.head.score.isVisible()

    def test_not_scored_says_why_and_shows_the_plots(self, page: ReviewPage):
        page.show_take(view(sheet=Sheet.of(sung_takes.without_reference()), has_original=False))
        assert "this song has no original voice and no notes" in page.head.says.text()
        assert "rendering, not a recording" in page.head.says.text()
        assert page.head.score.accessibleName().startswith("Not scored: this song")
        assert not page.rows.stack.original_chroma.isVisible()
        assert page.rows.stack.pitch.isVisible()

    def test_a_take_not_analysed_yet_offers_it(self, page: ReviewPage, asked: Asked):
        page.show_take(view(state="waiting"))
        state = page.rows.instead
        assert isinstance(state, EmptyState)
        assert state.title.text() == "Not analysed yet"
        assert not page.strip.isVisible()

    def test_told_about_nothing_it_stays_quiet(self, page: ReviewPage):
        page.show_take(None)
        page.set_clip(sung_takes.scores(1)[0])
        page.set_progress("take", 0.5)
        page.set_failed("x")
        page.set_playhead(1.0, "me")
        page.select_clip(99)
        assert isinstance(page.rows.instead, EmptyState)

    @pytest.mark.parametrize("state", ["done", "analysing", "failed", "waiting", "none"])
    @pytest.mark.parametrize(("size", "dress"), [((844, 600), "dark"), ((1384, 868), "light")])
    def test_pictures_to_look_at(
        self,
        page: ReviewPage,
        context: AppContext,
        picture: Callable[[QWidget, str], Path],
        state: str,
        size: tuple[int, int],
        dress: str,
    ):
        context.change(theme=dress)
        page.resize(*size)
        if state == "none":
            page.show_take(None)
        elif state != "done":
            page.show_take(view(state=state, fault="The disk is full.", seconds=8 * CLIP))
        QApplication.processEvents()
        taken = picture(page, f"review-{state}-{size[0]}-{dress}")
        assert taken.stat().st_size > 5_000


class TestAccess:
    @pytest.mark.parametrize("state", ["done", "analysing", "failed", "waiting"])
    def test_everything_has_a_name(self, page: ReviewPage, state: str):
        QAccessible.setActive(True)
        if state != "done":
            page.show_take(view(state=state, fault="x", clips=sung_takes.scores(3)))
        assert unnamed(page) == []
        for row in page.rows.stack.rows.values():
            assert row.accessibleName()
        assert page.panel.histogram.accessibleName() == "Pitch histogram"
