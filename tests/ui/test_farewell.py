"""Logout, shutdown and signals in mid-song: the take is ended and kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from record_room import MEDLEY, added, until, with_engine

from asa_desktop.services.library import Library
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.farewell import Farewell
from asa_desktop.ui.pages.record import RecordPage
from asa_desktop.ui.window import Window
from tests import fake_engine

SINGING = """
import os, signal, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from asa_desktop.services.library import Library
from asa_desktop.services.paths import places
from asa_desktop.ui import app
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.window import Window
from record_room import with_engine
from tests import fake_engine

if __name__ == "__main__":
    with Library.open(places().library) as library:
        song = library.add_song(path=Path(sys.argv[1]), title="Song").id
    shown = Window.show
    def show(window):
        with_engine(window.context, fake_engine.main)
        shown(window)
        window.first_painted.connect(lambda: QTimer.singleShot(0, sing))
        looks = QTimer(window, interval=20)
        told = []
        def sing():
            window.go("record", {"song": song, "checked": True})
            looks.start()
        def look():
            page = window.page
            if page.flow.stage == "ready" and not told:
                page.toggle()
            if page.flow.stage == "singing" and not told:
                if window.context.recorder.value.snapshot().song_s > 3:
                    told.append(True)
                    os.kill(os.getpid(), getattr(signal, sys.argv[2]))
        looks.timeout.connect(look)
    Window.show = show
    sys.exit(app.run())
"""


def takes_in(folder: Path) -> list[float]:
    with Library.open(folder) as library:
        found = library.takes()
        for one in found:
            assert library.audio(one).is_file()
        return [one.duration_s or 0.0 for one in found]


def test_a_logout_in_mid_song_keeps_the_take(
    qtbot: QtBot, qapp: QApplication, ring: object, context: AppContext
) -> None:
    context.change(last_page="songs")
    window = Window(with_engine(context, fake_engine.main))
    qtbot.addWidget(window)
    window.show()
    until(qtbot, lambda: window.page is not None)
    song = added(qtbot, context)
    farewell = Farewell(qapp, window)
    window.go("record", {"song": song, "checked": True})
    page = window.page
    assert isinstance(page, RecordPage)
    until(qtbot, lambda: page.flow.stage == "ready")
    page.toggle()
    until(qtbot, lambda: page.flow.stage == "singing")
    it = context.recorder.value
    assert it is not None
    until(qtbot, lambda: it.snapshot().song_s > 3)
    farewell.commit()  # when it returns, the session may go
    farewell.close()
    assert not window.busy
    assert window.isVisible()
    (seconds,) = takes_in(context.places.library)
    assert seconds > 3
    assert context.places.settings.is_file()


def test_a_logout_while_nobody_sings_asks_nothing(
    qtbot: QtBot, qapp: QApplication, ring: object, context: AppContext
) -> None:
    window = Window(context)
    qtbot.addWidget(window)
    farewell = Farewell(qapp, window)
    farewell.commit()
    farewell.close()
    assert not context.places.library.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
@pytest.mark.parametrize("signal", ["SIGTERM", "SIGHUP"])
def test_a_signal_in_mid_song_keeps_the_take(tmp_path: Path, signal: str) -> None:
    program = tmp_path / "singing.py"
    program.write_text(SINGING)
    home = tmp_path / "home"
    ran = subprocess.run(
        [sys.executable, str(program), str(MEDLEY), signal], check=False, timeout=120,
        capture_output=True, text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "ASA_HOME": str(home),
             "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    (seconds,) = takes_in(home / "library")
    assert seconds > 3
