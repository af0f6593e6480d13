"""Attributes and their places on the review: bars, list, marks, and why a clip scored as it did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sung_takes
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from test_accessibility import unnamed
from test_review_page import Asked, differs, line_pixels, press, shown, view

from asa_desktop.core.types import Attribute, AttributePlace
from asa_desktop.services.shortfalls import worst_first
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.pages.review import ReviewPage
from asa_desktop.ui.pages.review_attributes import AttributeTile, captions
from asa_desktop.ui.pages.review_places import heard_with
from asa_desktop.ui.plots.places import PlaceMarks, joined, off_by
from asa_desktop.ui.plots.sheet import Sheet
from asa_desktop.ui.theme import theme
from asa_desktop.ui.theme.tokens import DARK, LIGHT

CLIP = sung_takes.CLIP_S
SHARP, FLAT = QColor("#A85200"), QColor("#1F6FB5")
ASKED = ("play", "stop", "assess_again")


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def page(qtbot: QtBot, ring: object, context: AppContext, asked: Asked) -> ReviewPage:
    """The eight-clip take with made-up attributes, nothing chosen."""
    made = ReviewPage(context)
    asked.listen(made, *ASKED)
    shown(qtbot, made)
    made.show_take(view(sheet=Sheet.of(sung_takes.assessed())))
    QApplication.processEvents()
    return made


def written_in(widget: QWidget) -> set[int]:
    """The inks of a text on no ground; no pixel need be full, its lines may lie between two."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_ARGB32)
    pixels = (image.pixel(x, y) for x in range(image.width()) for y in range(image.height()))
    return {each & 0xFFFFFF for each in pixels if each >> 24 > 100}


def alike(rgb: int, ink: QColor) -> bool:
    pairs = zip(QColor(rgb).getRgb()[:3], ink.getRgb()[:3], strict=True)
    return all(abs(one - other) <= 4 for one, other in pairs)


def tile(page: ReviewPage, name: str) -> AttributeTile:
    return next(each for each in page.attributes.tiles if each.attribute_name == name)


class TestBars:
    def test_six_stand_in_their_order_and_say_all(self, page: ReviewPage):
        said = [each.accessibleName() for each in page.attributes.tiles]
        assert said == [
            "Intonation, 62 of 100, 41 cents, 5 places",
            "Rhythm, 81 of 100, 64 ms, 2 places",
            "Vibrato, 44 of 100, 31 % vibrato, little to go by",
            "Dynamics, 70 of 100, 3.1 dB, 1 place",
            "Steadiness, 55 of 100, 22 cents, 2 places",
            "Tone, no score: there is nothing to compare with",
        ]
        assert all(each.accessibleDescription().endswith(".") for each in page.attributes.tiles)

    def test_the_length_of_a_bar_is_the_score(self, page: ReviewPage):
        accent = QColor("#3056C8")

        def filled(name: str) -> int:
            each = tile(page, name)
            picture, ratio = each.grab().toImage(), each.devicePixelRatioF()
            assert ratio == 1.0
            return max(
                sum(not differs(picture.pixelColor(x, y), accent) for x in range(each.width()))
                for y in range(each.height())
            )

        wide = tile(page, "rhythm").width() - 16
        assert filled("rhythm") == pytest.approx(0.81 * wide, abs=3)
        assert filled("intonation") == pytest.approx(0.62 * wide, abs=3)
        assert filled("tone") < 10  # at most the edge of a letter
        assert filled("vibrato") < 0.3 * wide  # little to go by: an outline of dashes

    def test_where_there_is_little_room_the_note_stays(self):
        unsure = Attribute(44.0, 0.31, "share", 0.3)
        assert captions("vibrato", unsure) == ("31 % vibrato, little to go by", "little to go by")
        nothing = Attribute(None, None, "dB", 0.0, reason="reference_without")
        assert captions("tone", nothing)[-1] == "as the original"

    def test_keys_go_along_and_press(self, qtbot: QtBot, page: ReviewPage):
        tile(page, "intonation").setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.keyClick(tile(page, "intonation"), Qt.Key.Key_Right)
        assert tile(page, "rhythm").hasFocus()
        qtbot.keyClick(tile(page, "rhythm"), Qt.Key.Key_Return)
        assert page.places.name == "rhythm"
        qtbot.keyClick(tile(page, "rhythm"), Qt.Key.Key_Space)
        assert page.places.name == ""
        assert not page.places.card.isVisible()

    def test_only_one_is_chosen(self, page: ReviewPage):
        tile(page, "intonation").click()
        tile(page, "rhythm").click()
        assert [each.isChecked() for each in page.attributes.tiles] == [False, True, *[False] * 4]

    def test_a_result_of_before_says_so_and_can_be_assessed_again(
        self, page: ReviewPage, asked: Asked
    ):
        page.places.choose("intonation")
        page.show_take(view(sheet=Sheet.of(sung_takes.analysis())))
        assert page.attributes.tiles == ()
        assert page.attributes.isVisible()
        assert "assess the take again" in page.attributes.older.text()
        assert not page.places.card.isVisible()
        page.attributes.again.click()
        assert asked[-1] == ("assess_again",)

    def test_nothing_is_offered_that_nobody_does(
        self, qtbot: QtBot, ring: object, context: AppContext
    ):
        alone = shown(qtbot, ReviewPage(context))
        alone.show_take(view(sheet=Sheet.of(sung_takes.analysis())))
        assert alone.attributes.older.isVisible()
        assert not alone.attributes.again.isVisible()

    def test_without_a_score_there_is_no_empty_panel(self, page: ReviewPage):
        page.show_take(view(sheet=Sheet.of(sung_takes.without_reference())))
        assert not page.attributes.isVisible()
        page.show_take(None)
        assert not page.attributes.isVisible()


class TestPlaces:
    def test_the_worst_come_first_in_words(self, page: ReviewPage):
        tile(page, "intonation").click()
        assert page.places.card.isVisible()
        said = [page.places.card.list.item(row).text() for row in range(5)]
        assert said == [
            "C4 at 0:15: another note, A3, 310 cents too low",
            "E4 at 0:18: not sung",
            "C5 at 0:09: 85 cents low",
            "G4 at 0:21: 61 cents high",
            "E4 at 0:03: 42 cents high",
        ]

    def test_lines_that_wrap_have_room(self, qtbot: QtBot, page: ReviewPage):
        page.resize(1200, 760)
        page.attributes.tiles[0].click()
        found = page.places.card.list
        qtbot.waitUntil(lambda: found.verticalScrollBar().maximum() == 0)
        last = found.visualItemRect(found.item(found.count() - 1))
        heights = {found.visualItemRect(found.item(at)).height() for at in range(found.count())}
        assert len(heights) > 1  # one of them wraps
        assert found.viewport().rect().contains(last)

    def test_one_that_is_picked_is_heard_and_its_clip_selected(
        self, qtbot: QtBot, page: ReviewPage, asked: Asked
    ):
        tile(page, "intonation").click()
        lines = page.places.card.list
        middle = lines.visualItemRect(lines.item(2)).center()
        qtbot.mouseClick(lines.viewport(), Qt.MouseButton.LeftButton, pos=middle)
        assert page.panel.name.text() == "Clip 4"
        (what, voice, start, end) = asked[-1]
        assert (what, voice) == ("play", "me")
        assert start == pytest.approx(3 * CLIP - 0.2)
        assert end == pytest.approx(3 * CLIP + 2.8)
        assert page.rows.stack.overlay.places.chosen.code == "low"

    def test_the_list_goes_by_keys(self, qtbot: QtBot, page: ReviewPage, asked: Asked):
        tile(page, "rhythm").click()
        lines = page.places.card.list
        lines.setFocus()
        lines.setCurrentRow(0)
        qtbot.keyClick(lines, Qt.Key.Key_Down)
        assert not asked  # to look along the list is silent
        qtbot.keyClick(lines, Qt.Key.Key_Return)
        assert page.panel.name.text() == "Clip 5"
        assert asked[-1][0] == "play"

    def test_n_goes_on_to_the_next(self, qtbot: QtBot, page: ReviewPage):
        press(qtbot, page.strip, "n")
        assert page.rows.stack.overlay.places.chosen is None  # no attribute is looked at
        page.places.choose("rhythm")
        press(qtbot, page.strip, "n")
        press(qtbot, page.strip, "n")
        press(qtbot, page.strip, "n")
        assert page.rows.stack.overlay.places.chosen.code == "late"

    def test_a_place_outside_the_view_is_brought_into_it(self, page: ReviewPage):
        page.places.choose("steadiness")
        page.axis.show(0.0, 4.0)
        page.places.step(1)
        chosen = page.rows.stack.overlay.places.chosen
        assert page.axis.start <= chosen.start
        assert chosen.end <= page.axis.end

    def test_nothing_wrong_says_so_and_no_score_says_why(self, page: ReviewPage):
        calm = dict(Sheet.of(sung_takes.assessed()).attributes)
        calm["dynamics"] = replace(calm["dynamics"], places=())
        page.show_take(view(sheet=replace(Sheet.of(sung_takes.assessed()), attributes=calm)))
        page.places.choose("dynamics")
        assert page.places.card.nothing.text() == "Every note was in place."
        page.places.choose("tone")
        assert page.places.card.nothing.text() == "There is nothing to compare with."
        assert not page.places.card.list.isVisible()

    def test_escape_closes_the_list_before_it_leaves_the_clip(self, page: ReviewPage):
        page.places.choose("rhythm")
        assert page.back()
        assert page.places.name == ""
        assert page.panel.name.text() == "Clip 8"

    def test_thousands_are_cut_and_counted(self, page: ReviewPage):
        many = tuple(AttributePlace(k / 50, k / 50 + 0.01, "low", 10 + k % 90) for k in range(1200))
        sheet = Sheet.of(sung_takes.assessed())
        one = {"intonation": replace(sheet.attributes["intonation"], places=many)}
        page.show_take(view(sheet=replace(sheet, attributes=one)))
        page.places.choose("intonation")
        assert page.places.card.list.count() == 200
        assert page.places.card.remark.text() == "the 200 worst of 1200"
        page.grab()

    def test_what_is_played_stays_in_the_take(self):
        place = AttributePlace(0.2, 9.9, "late", 100.0)
        assert heard_with(place, 10.0) == (0.0, 10.0)


class TestMarks:
    def test_off_notes_lie_on_the_note_with_the_way_to_what_was_sung(self, page: ReviewPage):
        row = page.rows.stack.pitch
        plain = line_pixels(page.rows.stack.grab().toImage(), SHARP)
        assert len(plain) == 0
        page.places.choose("intonation")
        found = line_pixels(page.rows.stack.grab().toImage(), SHARP)
        found = found[found[:, 1] < row.height()]
        x = page.axis.x_of(CLIP + 0.3, row.width()), page.axis.x_of(CLIP + 2.3, row.width())
        one = found[(found[:, 0] >= x[0] - 2) & (found[:, 0] <= x[1] + 2)]
        top = row.y_of(64.42)
        assert abs(int(np.median(one[:, 1])) - top) <= row.y_of(0.0) - row.y_of(1.0)
        assert one[:, 1].min() < top  # the arrow
        assert len(line_pixels(page.rows.stack.grab().toImage(), FLAT)) > 50

    def test_other_places_are_marked_in_every_row(self, page: ReviewPage):
        page.places.choose("rhythm")
        picture = page.rows.stack.grab().toImage()
        x = round(page.axis.x_of(4 * CLIP + 0.45, page.rows.stack.pitch.width()))
        for row in page.rows.stack.rows.values():
            top = row.mapTo(page.rows.stack, QPoint(0, 0)).y()
            assert not differs(picture.pixelColor(x, top + 2), SHARP), row.accessibleName()

    def test_the_strip_shows_them_on_its_floor(self, page: ReviewPage):
        page.places.choose("rhythm")
        picture = page.strip.grab().toImage()
        y = int(page.strip._floor()) - 2

        def marked(second: float) -> bool:
            return not differs(picture.pixelColor(round(page.strip._x(second)), y), SHARP)

        assert marked(4 * CLIP + 0.45)
        assert marked(7 * CLIP + 2.2)
        assert not marked(4 * CLIP + 1.5)
        page.places.choose("")
        picture = page.strip.grab().toImage()
        assert not marked(4 * CLIP + 0.45)

    def test_which_way_a_note_is_off(self):
        assert off_by(AttributePlace(0, 1, "low", 85.0)) == -0.85
        assert off_by(AttributePlace(0, 1, "high", 85.0)) == 0.85
        assert off_by(AttributePlace(0, 1, "wrong_note", -310.0)) == -3.1
        assert off_by(AttributePlace(0, 1, "missed_note", 0.0)) == 0.0
        assert off_by(AttributePlace(0, 1, "late", 85.0)) is None

    def test_stretches_that_touch_are_one(self):
        assert joined([(0, 5), (4, 9), (20, 20.5)]).tolist() == [[0, 9], [20, 23]]
        assert joined([]).shape == (0, 2)

    def test_long_places_are_found_from_their_middle(self):
        long, short = AttributePlace(0.0, 60.0, "breathy", 3.0), AttributePlace(5, 6, "late", 90.0)
        marks = PlaceMarks((short, long))
        assert list(marks.between(30.0, 31.0)) == [long]
        assert list(marks.between(5.5, 5.6)) == [long, short]


class TestWhy:
    def test_the_part_that_pulled_down_is_marked(self, page: ReviewPage):
        page.select_clip(3)
        bars = {row.bar.name: row.bar for row in page.panel.made_of.parts.rows}
        assert list(bars) == ["Intonation", "Rhythm", "Steadiness", "Likeness"]
        assert bars["Intonation"].value == "▼ 35"
        assert "pulled the score down most" in bars["Intonation"].said
        assert [name for name, bar in bars.items() if bar.marked] == ["Intonation"]

    def test_its_places_stand_in_words(self, page: ReviewPage):
        page.select_clip(3)
        assert page.panel.made_of.lines == [
            "C5 at 0:09: hardly any vibrato (8 %).",
            "C5 at 0:09: 85 cents low.",
        ]

    def test_links_take_the_ink_of_a_theme_that_is_put_on_later(
        self, qtbot: QtBot, page: ReviewPage
    ):
        page.select_clip(3)
        inks = {"light": QColor(LIGHT.accent), "dark": QColor(DARK.accent)}
        for look, other in (("light", "dark"), ("dark", "light"), ("light", "dark")):
            theme.current().choose(look)

            def worn(wanted: QColor = inks[look], unwanted: QColor = inks[other]) -> None:
                for each in (page.head.says, *page.panel.made_of._lines):
                    seen = written_in(each)
                    assert any(alike(one, wanted) for one in seen)
                    assert not any(alike(one, unwanted) for one in seen)

            qtbot.waitUntil(worn)  # styles are laid out in turns

    def test_a_place_in_words_leads_to_where_it_is(self, page: ReviewPage):
        page.select_clip(3)
        heard: list[tuple[str, float, float]] = []
        page.play.connect(lambda *how: heard.append(how))
        page.panel.made_of._lines[1].linkActivated.emit("1")
        assert len(heard) == 1
        assert page.places.name == "intonation"
        assert page.places.card.isVisible()
        chosen = page.places._marks.chosen
        assert chosen is not None
        assert chosen.code == "low"
        assert page.places.card.places[page.places.card.list.currentRow()] == chosen
        assert page._selected_clip().clip.index == 3

    def test_a_clip_in_order_says_only_that(self, page: ReviewPage):
        page.select_clip(0)
        assert page.panel.made_of.lines == ["Every note was in place."]

    def test_channels_are_named_plainly_and_small_ones_left_out(self, page: ReviewPage):
        page.select_clip(3)
        bars = [row.bar for row in page.panel.made_of.channels.rows]
        assert [(bar.name, bar.value) for bar in bars] == [
            ("Pitch", "+8"),
            ("Loudness and timbre", "+3"),
        ]

    def test_nothing_is_said_where_nothing_is_known(self, page: ReviewPage):
        page.select_clip(2)  # not sung
        assert page.panel.made_of.lines == []
        assert not page.panel.made_of.isVisible()
        page.show_take(view(sheet=Sheet.of(sung_takes.analysis())))
        page.select_clip(1)
        assert not page.panel.made_of.isVisible()
        page.back()
        assert not page.panel.made_of.isVisible()


class TestRoom:
    def test_a_low_window_holds_all(self, page: ReviewPage):
        page.places.choose("intonation")
        page.resize(844, 600)
        QApplication.processEvents()
        page.resize(844, 600)
        QApplication.processEvents()
        assert page.height() == 600
        assert page.places.card.isVisible()
        assert not page.panel.isVisible()  # there is room for one of both
        page.places.choose("")
        assert page.panel.isVisible()

    @pytest.mark.parametrize(("size", "dress"), [((844, 600), "dark"), ((1384, 868), "light"),
                                                 ((1384, 868), "dark")])  # fmt: skip
    @pytest.mark.parametrize("chosen", ["", "intonation", "rhythm"])
    def test_pictures_to_look_at(
        self,
        page: ReviewPage,
        context: AppContext,
        picture: Callable[[QWidget, str], Path],
        chosen: str,
        size: tuple[int, int],
        dress: str,
    ):
        context.change(theme=dress)
        page.resize(*size)
        page.places.choose(chosen)
        page.places.step(1)
        QApplication.processEvents()
        page.resize(*size)
        QApplication.processEvents()
        name = f"review-attributes-{chosen or 'none'}-{size[0]}-{dress}"
        assert picture(page, name).stat().st_size > 5_000

    def test_everything_has_a_name(self, page: ReviewPage):
        QAccessible.setActive(True)
        page.places.choose("intonation")
        assert unnamed(page) == []
        assert worst_first(page.rows.stack.overlay.places.places)[0].code == "wrong_note"
