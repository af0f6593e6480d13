"""The widgets: what they show, what they say to a screen reader, what keys do to them."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

import pytest
from gallery import table
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from asa_desktop.ui.context import AppContext
from asa_desktop.ui.jobs import Task
from asa_desktop.ui.theme.tokens import CONTROL, HIT, LIGHT, ROW
from asa_desktop.ui.widgets import meter
from asa_desktop.ui.widgets.button import Button, IconButton, RecordButton
from asa_desktop.ui.widgets.choice import DropDown, Segmented, Switch
from asa_desktop.ui.widgets.focus import FocusRing
from asa_desktop.ui.widgets.frames import Elided, label
from asa_desktop.ui.widgets.job_strip import JobStrip
from asa_desktop.ui.widgets.meter import LevelBar, LevelMeter, cells, level_text
from asa_desktop.ui.widgets.notice import NoticeBar
from asa_desktop.ui.widgets.progress import ProgressRow
from asa_desktop.ui.widgets.score import ScoreNumber, score_text
from asa_desktop.ui.widgets.search import SearchField
from asa_desktop.ui.widgets.slider import LabelledSlider
from asa_desktop.ui.widgets.tile import initials

pytestmark = pytest.mark.usefixtures("ring")


def shown(qtbot: QtBot, widget: QWidget) -> QWidget:
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_buttons_are_large_enough_to_hit(qtbot: QtBot) -> None:
    for one in (Button("A"), IconButton("x", "Close"), RecordButton("Record", "Stop"), Switch("")):
        qtbot.addWidget(one)
        assert one.sizeHint().width() >= HIT or one.width() >= HIT
        assert one.sizeHint().height() >= HIT or one.height() >= HIT
    assert Button("Sing").sizeHint().height() == CONTROL


def test_a_button_grows_with_word_sign_and_key(qtbot: QtBot) -> None:
    widths = [
        Button("Practise").sizeHint().width(),
        Button("Practise", icon="repeat").sizeHint().width(),
        Button("Practise", icon="repeat", keys="P").sizeHint().width(),
    ]
    assert widths == sorted(set(widths))


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_a_focused_button_is_pressed_by_the_usual_keys(qtbot: QtBot, key: Qt.Key) -> None:
    presses: list[int] = []
    button = shown(qtbot, Button("Sing", action=lambda: presses.append(1)))
    button.setFocus()
    qtbot.keyClick(button, key)
    assert presses == [1]
    override = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
    override.ignore()
    QApplication.sendEvent(button, override)
    assert override.isAccepted()


def test_a_click_leaves_the_focus_to_the_page(qtbot: QtBot) -> None:
    page = shown(qtbot, QWidget())
    button = Button("Sing", parent=page)
    button.show()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not button.hasFocus()


def test_the_record_button_says_what_a_press_would_do(qtbot: QtBot) -> None:
    button = RecordButton("Record", "Stop")
    qtbot.addWidget(button)
    assert button.accessibleName() == "Record"
    button.set_recording(True)
    assert (button.accessibleName(), button.recording) == ("Stop", True)


def test_the_slider_gives_parts_of_one_and_jumps_to_a_press(qtbot: QtBot) -> None:
    slider = LabelledSlider("Accompaniment", value=0.7)
    shown(qtbot, slider).resize(200, 60)
    assert slider.value == pytest.approx(0.7)
    heard: list[float] = []
    slider.moved.connect(heard.append)
    bare = slider.slider
    qtbot.mouseClick(bare, Qt.MouseButton.LeftButton, pos=QPoint(bare.width() - 1, 8))
    assert heard == [1.0]
    qtbot.keyClick(bare, Qt.Key.Key_Left)
    assert slider.value == pytest.approx(0.98)
    assert bare.accessibleName() == "Accompaniment"
    assert bare.accessibleDescription() == "98 %"


@given(db=st.floats(allow_nan=True, allow_infinity=True))
def test_any_level_is_a_number_of_cells(db: float) -> None:
    assert 0 <= cells(db) <= 30
    assert level_text(db)


@given(low=st.floats(-90, 10), more=st.floats(0, 30))
def test_louder_never_lights_less(low: float, more: float) -> None:
    assert cells(low + more) >= cells(low)


def test_levels_in_words() -> None:
    assert level_text(-12.4) == "−12 dB"
    assert level_text(-math.inf) == level_text(-70) == "silent"


def test_the_meter_holds_its_peak_and_keeps_the_clip(qtbot: QtBot) -> None:
    now = [0.0]
    bar = LevelBar("Microphone", clock=lambda: now[0])
    shown(qtbot, bar).resize(300, 20)
    bar.set_level(-3.0, clipped=True)
    bar.set_level(-30.0)

    def lit(part: float) -> QColor:
        return bar.grab().toImage().pixelColor(int(300 * part), 10)

    peak_at = (cells(-3.0) - 0.5) / 31
    assert lit(0.1) == QColor(LIGHT.in_tune)
    assert lit(peak_at) == QColor(LIGHT.sharp)
    assert lit(0.99) == QColor(LIGHT.record)
    now[0] = meter.HOLD_S + 0.1
    bar.set_level(-30.0)
    assert lit(peak_at) != QColor(LIGHT.sharp)
    assert bar.clipped
    bar.clear()
    assert not bar.clipped


def test_the_meter_repaints_only_what_changed(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bar = LevelBar("Microphone", clock=lambda: 0.0)
    qtbot.addWidget(bar)
    updates: list[int] = []
    monkeypatch.setattr(bar, "update", lambda: updates.append(1))
    for db in (-20.0, -20.1, -20.2, -10.0):
        bar.set_level(db)
    assert len(updates) == 2


def test_the_meters_words_name_the_level_and_the_clip(qtbot: QtBot) -> None:
    now = [0.0]
    one = LevelMeter("Microphone", clock=lambda: now[0])
    qtbot.addWidget(one)
    one.set_level(-12.0)
    assert one.words == "Microphone, −12 dB"
    one.set_level(-6.0)
    assert one.words == "Microphone, −12 dB"  # four times a second is enough to read
    now[0] = 1.0
    one.set_level(-0.1, clipped=True)
    assert "clipped" in one.words
    assert one.bar.accessibleDescription() == one.words


def test_the_notice_says_acts_and_goes(qtbot: QtBot) -> None:
    bar = NoticeBar()
    holder = QWidget()
    QVBoxLayout(holder).addWidget(bar)
    shown(qtbot, holder)
    acted: list[int] = []
    bar.say("The disk is full.", level="error", button="Retry", action=lambda: acted.append(1))
    assert bar.sentence == bar.accessibleName() == "The disk is full."
    (retry,) = [one for one in bar.findChildren(Button) if one.text() == "Retry"]
    with qtbot.waitSignal(bar.closed):
        retry.click()
    assert acted == [1]
    assert bar.sentence == ""
    bar.say("For a moment.", for_s=0.02)
    qtbot.waitUntil(lambda: bar.sentence == "")


def test_progress_counts_and_can_be_stopped_once(qtbot: QtBot) -> None:
    stops: list[int] = []
    job = ProgressRow("Reading", cancel=lambda: stops.append(1))
    shown(qtbot, job)
    for part in (-1.0, 0.5, 2.0, None):
        job.show_part(part)
        assert 0 <= job.bar.value() <= job.bar.maximum()
    job.show_part(0.5)
    assert job.bar.value() == job.bar.maximum() // 2
    (stop,) = job.findChildren(IconButton)
    stop.click()
    stop.click()
    assert stops == [1]


def test_a_segment_is_chosen_by_click_and_arrow(qtbot: QtBot) -> None:
    choice = Segmented("Theme", (("a", "First"), ("b", "Second"), ("c", "Third")), value="b")
    shown(qtbot, choice).activateWindow()
    qtbot.waitUntil(choice.isActiveWindow)
    heard: list[str] = []
    choice.chosen.connect(heard.append)
    segment = choice.focusProxy()
    assert segment is not None
    segment.setFocus()
    qtbot.keyClick(segment, Qt.Key.Key_Right)
    assert (heard, choice.value) == (["c"], "c")
    choice.set_value("a")
    assert heard == ["c", "a"]


def test_a_drop_down_keeps_its_value_over_other_options(qtbot: QtBot) -> None:
    choice = DropDown("Model", (("a", "A"), ("b", "B")), value="b")
    qtbot.addWidget(choice)
    heard: list[str] = []
    choice.picked.connect(heard.append)
    choice.set_options((("b", "B2"), ("c", "C")), value="b")
    assert (choice.value, choice.currentText()) == ("b", "B2")
    choice.set_options((("c", "C"),), value="gone")
    assert choice.value == "c"
    assert heard == []  # only the user's own choice is told


def test_escape_empties_the_search_then_leaves_it(qtbot: QtBot) -> None:
    holder = shown(qtbot, QWidget())
    field = SearchField("Search")
    field.setParent(holder)
    field.show()
    holder.activateWindow()
    qtbot.waitUntil(holder.isActiveWindow)
    field.setFocus()
    qtbot.keyClicks(field, "a/b")
    assert field.text() == "a/b"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    assert field.hasFocus()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not field.hasFocus()


@pytest.mark.parametrize(
    ("title", "letters"),
    [("Morning medley", "MM"), ("On the run", "OT"), ("Hallelujah", "HA"), ("上を向いて", "上"),
     ("(live) 'Ave' Maria", "LA"), ("", "–"), ("!!!", "–"), ("straße", "ST")],
)  # fmt: skip
def test_initials(title: str, letters: str) -> None:
    assert initials(title) == letters


@given(title=st.text(max_size=40))
def test_any_title_has_initials(title: str) -> None:
    assert 1 <= len(initials(title)) <= 6


def test_a_score_says_its_number_or_its_reason(qtbot: QtBot) -> None:
    score = ScoreNumber()
    qtbot.addWidget(score)
    score.show_score(63.6, remark="of 100, ±4")
    assert score.accessibleName() == "Score 64, of 100, ±4"
    score.show_score(None, reason="the recording is silent")
    assert score.accessibleName() == score.toolTip() == "Not scored: the recording is silent"
    assert [score_text(one) for one in (0.0, 99.5, None)] == ["0", "100", "–"]


def test_a_long_title_is_cut_and_told_whole(qtbot: QtBot) -> None:
    one = Elided("A very long title of a very long song")
    shown(qtbot, one)
    one.resize(60, 20)
    assert one.toolTip() == one.text()
    one.resize(600, 20)
    assert one.toolTip() == ""


def test_a_title_is_never_markup(qtbot: QtBot) -> None:
    one = label("<h1>Hello</h1>")
    qtbot.addWidget(one)
    assert one.textFormat() == Qt.TextFormat.PlainText


def test_the_table_opens_by_enter_and_acts_by_its_button(qtbot: QtBot) -> None:
    rows = table()
    shown(qtbot, rows).resize(1000, 300)
    assert rows.rowHeight(0) == ROW
    opened: list[int] = []
    acted: list[tuple[int, int]] = []
    rows.opened.connect(lambda index: opened.append(index.row()))
    rows.acted.connect(lambda index: acted.append((index.row(), index.column())))
    rows.setFocus()
    qtbot.keyClick(rows, Qt.Key.Key_Down)
    qtbot.keyClick(rows, Qt.Key.Key_Return)
    assert opened == [2]
    cell = rows.visualRect(rows.model().index(0, 6))
    view = rows.viewport()
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=cell.center() + QPoint(20, 0))
    assert acted == [(0, 6)]
    name = rows.visualRect(rows.model().index(3, 0))
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=name.center())
    assert acted == [(0, 6)]
    assert rows.currentIndex().row() == 3


def test_the_ring_follows_the_keyboard_and_not_the_mouse(qtbot: QtBot, ring: FocusRing) -> None:
    holder = QWidget()
    box = QVBoxLayout(holder)
    first, second = Button("First"), Button("Second")
    box.addWidget(first)
    box.addWidget(second)
    shown(qtbot, holder)
    holder.activateWindow()
    qtbot.waitUntil(holder.isActiveWindow)
    first.setFocus(Qt.FocusReason.TabFocusReason)
    assert ring.around is first
    qtbot.keyClick(first, Qt.Key.Key_Tab)
    assert ring.around is second
    before = second.geometry()
    drawn = holder.grab().toImage()
    assert drawn.pixelColor(before.center().x(), before.top() - 3) == QColor(LIGHT.accent)
    qtbot.mousePress(second, Qt.MouseButton.LeftButton)
    assert ring.around is None
    second.setFocus(Qt.FocusReason.TabFocusReason)
    second.hide()
    assert ring.around is not second
    qtbot.mouseRelease(first, Qt.MouseButton.LeftButton)


def test_the_ring_stays_round_what_is_moved_by_what_holds_it(qtbot: QtBot, ring: FocusRing) -> None:
    holder, card = QWidget(), QWidget()
    above, button = QLabel("Above"), Button("Within")
    outer, inner = QVBoxLayout(holder), QVBoxLayout(card)
    inner.setContentsMargins(0, 0, 0, 0)  # no room for a ring: it is drawn in the holder
    inner.addWidget(button)
    above.hide()
    outer.addWidget(above)
    outer.addWidget(card)
    shown(qtbot, holder)
    holder.activateWindow()
    qtbot.waitUntil(holder.isActiveWindow)
    button.setFocus(Qt.FocusReason.TabFocusReason)
    assert ring.around is button
    before = card.y()
    above.show()
    qtbot.waitUntil(lambda: card.y() > before)
    drawn = holder.grab().toImage()
    place = button.mapTo(holder, button.rect().center())
    top = button.mapTo(holder, button.rect().topLeft()).y()
    assert drawn.pixelColor(place.x(), top - 3) == QColor(LIGHT.accent)


def test_long_jobs_show_how_far_they_are_and_can_be_stopped(
    qtbot: QtBot, context: AppContext
) -> None:
    strip = JobStrip(context.jobs)
    qtbot.addWidget(strip)
    go, stopped = threading.Event(), []

    def work(task: Task) -> None:
        while not go.wait(0.01):
            task.progress(0.4, "halfway")

    context.jobs.start(work, stopped=lambda: stopped.append(True))
    context.jobs.start(lambda task: None, title="soon over")
    job = context.jobs.start(work, title="Exporting", stopped=lambda: stopped.append(True))
    qtbot.waitUntil(lambda: not strip.isHidden())
    (row,) = strip.findChildren(ProgressRow)
    assert row.bar.accessibleName() in ("Exporting", "halfway")
    job.cancel()
    qtbot.waitUntil(lambda: stopped == [True])
    qtbot.waitUntil(strip.isHidden)
    go.set()


@pytest.mark.parametrize("make", [lambda: Switch("On"), lambda: DropDown("One", [("a", "A")])])
def test_space_is_the_controls_own_not_the_pages(qtbot: QtBot, make: Callable[[], QWidget]) -> None:
    control = make()
    qtbot.addWidget(control)
    pressed = QKeyEvent(
        QEvent.Type.ShortcutOverride, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier
    )
    pressed.ignore()
    QApplication.sendEvent(control, pressed)
    assert pressed.isAccepted()
