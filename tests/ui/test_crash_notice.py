"""After a crash the next start says so once, and shows what was written down."""

from __future__ import annotations

import ctypes
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from asa_desktop.services.crashes import Watch, reports
from asa_desktop.services.logs import stop_logging
from asa_desktop.services.processes import end, spawned
from asa_desktop.ui import app
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.faults import Net
from asa_desktop.ui.pages import settings as settings_page
from asa_desktop.ui.pages.settings import SettingsPage
from asa_desktop.ui.window import Window

pytestmark = pytest.mark.usefixtures("ring")

SAID = "Something went wrong last time."

PROGRAM = """
import os, sys
from PySide6.QtCore import QTimer
from asa_desktop.ui import app
from asa_desktop.ui.window import Window
shown = Window.show
def fall():
    if sys.argv[1] == "abort":
        os.abort()
    raise ZeroDivisionError("Zoë")
def show(window):
    window.page_shown.connect(lambda name: QTimer.singleShot(300, fall))
    window.page_shown.connect(lambda name: QTimer.singleShot(800, window.close))
    shown(window)
Window.show = show
sys.exit(app.run())
"""


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    found: list[Path] = []
    monkeypatch.setattr(app, "open_path", found.append)
    monkeypatch.setattr(settings_page, "open_path", found.append)
    return found


def test_it_is_said_once_with_a_way_to_the_report(
    qtbot: QtBot, context: AppContext, opened: list[Path]
) -> None:
    watch = Watch(context.places.logs)
    Net(lambda _: None, lambda: None, note=watch.escaped)._caught(
        ValueError, ValueError("Zoë"), None
    )
    watch.close()
    window = Window(context)
    qtbot.addWidget(window)
    app.after_first_paint(window)
    assert window.notice.sentence.startswith(SAID)
    window.notice._button.click()
    assert opened == reports(context.places.logs)
    app.tell_crash(context)
    assert window.notice.sentence == ""
    logging.getLogger("asa_desktop").info("closed")
    stop_logging()


def falls(connection: object) -> None:
    ctypes.string_at(0)


@pytest.mark.skipif(sys.platform == "win32", reason="its crashes show a window")
def test_a_process_of_ours_that_fell_over_is_said_too(
    qtbot: QtBot, context: AppContext, opened: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASA_HOME", str(context.places.home))
    process, connection = spawned(falls, name="asa-engine")
    connection.close()
    end(process, patience_s=20)
    window = Window(context)
    qtbot.addWidget(window)
    app.tell_crash(context)
    assert window.notice.sentence.startswith(SAID)
    window.notice._button.click()
    (report,) = opened
    assert "process asa-engine\n" in report.read_text("utf-8")


def test_without_one_nothing_is_said(qtbot: QtBot, context: AppContext) -> None:
    window = Window(context)
    qtbot.addWidget(window)
    app.tell_crash(context)
    assert window.notice.sentence == ""


def test_the_logs_are_one_click_away(qtbot: QtBot, context: AppContext, opened: list[Path]) -> None:
    page = SettingsPage(context)
    qtbot.addWidget(page)
    page.logs.click()
    assert opened == [context.places.logs]
    assert context.places.logs.is_dir()


@pytest.mark.skipif(sys.platform == "win32", reason="its crashes show a window")
@pytest.mark.parametrize("how", ["abort", "raise"])
def test_the_program_itself_writes_it_down(tmp_path: Path, how: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, how], capture_output=True, timeout=60, check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "ASA_HOME": str(tmp_path),
             "XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    logs = tmp_path / "logs"
    if how == "abort":
        assert ran.returncode < 0
        assert reports(logs) == []
        assert "Fatal Python error" in next(logs.glob("run-*")).read_text("utf-8")
    else:
        assert ran.returncode == 0
        (report,) = reports(logs)
        assert "ZeroDivisionError\n" in report.read_text("utf-8")
        assert list(logs.glob("run-*")) == []
    assert "Zoë" not in "".join(
        one.read_text("utf-8") for one in (*logs.glob("crash-*"), *logs.glob("run-*"))
    )
