"""A window with the lists of songs and takes; other pages only note that one went there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from asa_desktop.core.errors import PlaceError
from asa_desktop.engine.messages import Opened, Play, Played, Setup
from asa_desktop.engine.snapshot import Snapshot, State
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.pages.base import Page
from asa_desktop.ui.pages.songs import SongsPage
from asa_desktop.ui.pages.takes import TakesPage
from asa_desktop.ui.window import Place, Window, known_places


class Noting(Page):
    """Notes what it was shown with."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(context, title="Elsewhere")
        self.arguments: dict[str, Any] = {}

    def activated(self, **arguments: Any) -> None:
        self.arguments = arguments


PLACES = (
    *(one for one in known_places() if one.name in ("songs", "takes")),
    Place("record", "Record", f"{__name__}:Noting", rail="songs"),
    Place("review", "Review", f"{__name__}:Noting", rail="takes"),
)


class Room:
    """The window and what tests do with it."""

    def __init__(self, qtbot: QtBot, context: AppContext, *, first: str = "songs") -> None:
        self.qtbot, self.context = qtbot, context
        context.change(last_page=first)
        self.window = Window(context, places=PLACES)
        qtbot.addWidget(self.window)
        self.window.resize(1280, 800)
        with qtbot.waitSignal(self.window.page_shown):
            self.window.show()
        self.window.activateWindow()
        self.until(self.window.isActiveWindow)

    def until(self, condition: Callable[[], bool], *, most_s: float = 20.0) -> None:
        self.qtbot.waitUntil(condition, timeout=round(1000 * most_s))

    def songs(self) -> SongsPage:
        self.window.go("songs")
        page = self.window.page
        assert isinstance(page, SongsPage)
        self.until(lambda: page._loaded and not page._looking)
        return page

    def takes(self, **arguments: Any) -> TakesPage:
        self.window.go("takes", arguments)
        page = self.window.page
        assert isinstance(page, TakesPage)
        self.until(lambda: page._loaded)
        return page

    def library(self, work: Callable[[Any], Any]) -> Any:
        """Do something with the library, and wait for it."""
        done: list[Any] = []
        self.context.library.run(work, done=done.append)
        self.until(lambda: bool(done))
        return done[0]

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
        """A key to whatever has the focus."""
        target: QWidget = self.window.focusWidget() or self.window
        self.qtbot.keyClick(target, key, modifier or Qt.KeyboardModifier.NoModifier)

    @property
    def said(self) -> str:
        return self.window.notice.sentence

    def press_notice(self) -> None:
        """The button of the message."""
        assert not self.window.notice._button.isHidden()
        self.window.notice._button.click()

    @property
    def elsewhere(self) -> dict[str, Any]:
        page = self.window.page
        return page.arguments if isinstance(page, Noting) else {}


def middle_of_row(page: SongsPage | TakesPage, row: int) -> QPoint:
    rect = page.table.visualRect(page.model.index(row, 0))
    return page.table.viewport().mapTo(page, rect.center())


def sound(path: Path, seconds: float = 2.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(round(8000 * seconds), np.float32), 8000)
    return path


def with_takes(library: Any, folder: Path, *, count: int = 3) -> list[int]:
    """Takes of two singers, the last of them the newest; the second is not scored."""
    from datetime import UTC, datetime, timedelta

    song = library.add_song(path=sound(folder / "Hum.ogg"), title="Hum", parts=("mix",))
    file = sound(folder / "take.flac")
    made = []
    for number in range(count):
        singer = library.add_person(name=("Zoë", "Ada")[number % 2])
        take = library.import_take(
            song=song.id, person=singer.id, file=file, duration_s=2.0, sample_rate=8000,
            recorded_at=datetime.now(UTC) - timedelta(days=count - number),
            gaps=[(0.5, 0.7)] if number == 2 else (), latency_s=0.0432,
        )  # fmt: skip
        scored = number != 1
        library.add_analysis(
            take=take.id, document="{}", status="scored" if scored else "not_scored",
            reason=None if scored else "no_voice", score=50.0 + number if scored else None,
            low=None, high=None, case=None, model="m", features="x", latency_s=0.0432, clips=[],
        )  # fmt: skip
        made.append(take.id)
    return made


class QuietRecorder:
    """What the player asks of an engine; what it plays ends when `over` is set.

    As strict as the real one: it plays one thing at a time, over devices that are open.
    """

    recording = False

    def __init__(self) -> None:
        self.did: list[Any] = []
        self.setups: list[Setup] = []
        self.open_now = self.playing = self.over = False

    def open(self, setup: Setup) -> Opened:
        self.did.append("open")
        self.setups.append(setup)
        self.open_now, self.playing = True, False
        return Opened("", "phones", "None", 8000, 512, "low", False, 0.0)

    def play(self, request: Play) -> None:
        if not self.open_now:
            raise PlaceError("no_device_open")
        if self.playing:
            raise PlaceError("engine_busy")
        self.playing = True
        self.did.append(request)

    def stop(self) -> None:
        self.playing = False
        self.did.append("stop")

    def close_devices(self) -> None:
        self.open_now = self.playing = False
        self.did.append("close")

    def events(self, *, wait_s: float = 0.0) -> list[object]:
        over, self.over = self.over and self.playing, False
        self.playing = self.playing and not over
        return [Played()] if over else []

    def snapshot(self) -> Snapshot:
        return Snapshot(state=State.PLAYING if self.playing else State.IDLE, song_s=1.5)

    def close(self) -> None:
        self.did.append("closed")
