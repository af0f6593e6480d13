"""A window without a screen, and a folder for the pictures that tests take."""

from __future__ import annotations

import os

# Before Qt is imported. An e2e run under a virtual screen sets its own.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from asa_desktop.services.paths import Places
from asa_desktop.ui.app import dress
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.theme import motion, theme
from asa_desktop.ui.widgets.focus import FocusRing


@pytest.fixture
def context(qtbot: QtBot, tmp_path: Path) -> Iterator[AppContext]:
    """A context with a home of its own."""
    made = AppContext(Places(home=tmp_path / "home", cache=tmp_path / "cache"))
    yield made
    made.close()


@pytest.fixture
def ring(qapp: QApplication, context: AppContext) -> Iterator[FocusRing]:
    """The application in the light theme, with its focus ring."""
    context.change(theme="light")
    made = dress(qapp, context)
    yield made
    made.deleteLater()
    theme.current().choose("light")
    motion.choose("system")


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[QWidget, str], Path]:
    """Keep a widget's picture where somebody can look at it."""
    folder = Path(os.environ.get("ASA_ARTIFACTS", "") or tmp_path) / "ui"

    def taken(widget: QWidget, name: str) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.png"
        assert widget.grab().save(str(path))
        return path

    return taken


def pytest_runtest_logfinish() -> None:
    """Delete at once what a test left to be deleted.

    Qt does that in a running event loop; without one, windows pile up, and every change of theme
    dresses all of them anew.
    """
    if QApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
