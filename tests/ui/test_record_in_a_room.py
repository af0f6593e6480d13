"""Check and record page through a real sound server: somebody sings the demo song in the room."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import figures
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from record_room import MEDLEY, added, shown, until
from room import Room
from studio import at_rate, written

from asa_desktop.engine.snapshot import clock
from asa_desktop.services.library import TakeRow
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.pages.check import CheckPage
from asa_desktop.ui.pages.record import RecordPage

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("ring")]

SUNG_S = 12.0


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    with Room(extras=("desk",)) as made:
        for name, value in made.environ.items():
            monkeypatch.setenv(name, value)
        yield made


def checked(qtbot: QtBot, context: AppContext, picture: Callable[[QWidget, str], Path]) -> None:
    """The sound check with a microphone before the speaker."""
    context.change(input="vdesk", output="vspeakers", input_channel=0)
    page = CheckPage(context)
    qtbot.addWidget(page)
    page.resize(1200, 860)
    page.show()
    page.activated()
    until(qtbot, lambda: page.delay.state == "warning" and not page.measuring.busy)
    page.calibrate.click()
    until(qtbot, lambda: page.delay.state == "good", most_s=60)
    page.listen.click()
    until(qtbot, lambda: page.bleed.state == "warning", most_s=30)
    picture(page, "check-room")
    page.deactivated()
    page.hide()


def best_fit(page: RecordPage) -> tuple[float, float]:
    """How much of what was sung lies on its notes, at the shift that suits it best.

    When a player of the room's begins is known to some tenths of a second only.
    """
    times, midi, _ = page.lane.trace.between(4.3, SUNG_S)
    found = []
    for lag_s in np.arange(-0.4, 0.4, 0.01):
        cents = page.lane.score.off(midi, times + lag_s)
        cents = cents[np.isfinite(cents)]
        assert len(cents) > 250
        found.append((float(np.mean(np.abs(cents) < 50)), float(lag_s)))
    return max(found)


def test_the_button_is_ready_when_the_microphone_is(
    qtbot: QtBot, context: AppContext, room: Room
) -> None:
    """It is away at the start, comes, goes before the take, and comes again; nobody presses."""
    room.unload("mic")
    context.change(input="vmic", output="vspeakers")
    song = added(qtbot, context)
    page = shown(qtbot, RecordPage(context))
    button, took_s = page.bar.button, []

    def held_back() -> None:
        assert not button.isEnabled()
        assert button.toolTip() == page.notice.sentence == page.flow.obstacle != ""
        qtbot.keyClick(page, Qt.Key.Key_Space)
        assert not page.flow.busy

    def comes() -> None:
        room.load("mic")
        since = time.monotonic()
        until(qtbot, lambda: page.flow.stage == "ready", most_s=30)
        took_s.append(time.monotonic() - since)
        assert button.isEnabled()

    page.activated(song=song, checked=True)
    until(qtbot, lambda: page.flow.stage == "broken", most_s=30)
    held_back()
    comes()
    room.unload("mic")
    until(qtbot, lambda: page.flow.stage == "away", most_s=30)
    held_back()
    comes()
    takes: list[TakeRow] = []
    page.took_ended.connect(takes.append)
    qtbot.keyClick(page, Qt.Key.Key_Space)
    until(qtbot, lambda: page.flow.stage == "singing")
    qtbot.wait(500)
    page.toggle()
    until(qtbot, lambda: bool(takes), most_s=30)
    assert takes[0].gaps == ()
    figures.note(
        f"record page: ready {took_s[0]:.1f} s after a microphone came, {took_s[1]:.1f} s after it"
        " came back"
    )


def test_a_sung_song_is_drawn_on_its_notes(
    qtbot: QtBot,
    context: AppContext,
    room: Room,
    tmp_path: Path,
    picture: Callable[[QWidget, str], Path],
) -> None:
    checked(qtbot, context, picture)
    context.change(input_channel=2)  # the same interface, before the singer
    voice = at_rate(MEDLEY / "vocal.flac", 48_000, seconds=SUNG_S + 1)
    song = added(qtbot, context)
    page = shown(qtbot, RecordPage(context))
    takes: list[TakeRow] = []
    page.took_ended.connect(takes.append)
    page.activated(song=song, checked=True)
    until(qtbot, lambda: page.flow.stage == "ready", most_s=30)
    assert page.head.delay.text().endswith("ms measured)")
    ages: list[float] = []
    paint = page.lane.paintEvent

    def watched(event: object) -> None:
        paint(event)  # type: ignore[arg-type]
        it = context.recorder.value
        if it is not None and page.flow.stage == "singing":
            ages.append(clock() - it.snapshot().heard_at)

    page.lane.paintEvent = watched  # type: ignore[method-assign]
    page.toggle()
    until(qtbot, lambda: page.flow.stage == "singing")
    began = time.monotonic()
    it = context.recorder.value
    assert it is not None
    # The singer comes in with the song, as far as a new process can.
    song_s = it.snapshot().song_s
    lead = round((song_s + 0.15) * 48_000)
    room.play(written(tmp_path / "voice.wav", voice[lead:], 48_000))
    until(qtbot, lambda: time.monotonic() - began > SUNG_S, most_s=30)
    picture(page, "record-room")
    share, lag_s = best_fit(page)
    page.toggle()
    until(qtbot, lambda: bool(takes), most_s=30)
    age_ms = 1000 * float(np.median(ages))
    figures.note(
        f"record page in a room: {100 * share:.0f} % of the sung points within 50 cents of their"
        f" notes, {1000 * lag_s:+.0f} ms shifted; newest sample to painted {age_ms:.0f} ms (median)"
    )
    assert share > 0.5
    assert age_ms < 80
    assert takes[0].delay_from == "chirps"
    assert takes[0].xruns == 0 or page.bar.trouble
