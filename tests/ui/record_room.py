"""A window's context whose engine has no sound, and the demo song in its library."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from asa_desktop.services.paths import resources
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.pages.record import RecordPage
from tests.scenes import with_engine

__all__ = ["MEDLEY", "added", "shown", "until", "with_engine"]

MEDLEY = resources() / "demo" / "pjs-medley"


def added(qtbot: QtBot, context: AppContext, path: Path = MEDLEY) -> int:
    """The row of a song that is put on the list."""
    from asa_desktop.core.songs import load_song

    song = load_song(path)
    rows: list[int] = []
    context.library.run(
        lambda it: it.add_song(path=path, title=song.title, artist=song.artist).id,
        done=rows.append,
    )
    qtbot.waitUntil(lambda: bool(rows), timeout=40_000)
    return rows[0]


def shown(qtbot: QtBot, page: RecordPage, *, size: tuple[int, int] = (1240, 900)) -> RecordPage:
    qtbot.addWidget(page)
    page.resize(*size)
    page.show()
    qtbot.waitExposed(page)
    return page


def until(qtbot: QtBot, condition: Callable[[], bool], *, most_s: float = 40.0) -> None:
    qtbot.waitUntil(condition, timeout=round(1000 * most_s))
