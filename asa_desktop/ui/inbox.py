"""Files that come from outside the window: opened from the desktop, or by a second start."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from asa_desktop.ui.pages.songs_drop import are_recordings
from asa_desktop.ui.tr import tr

if TYPE_CHECKING:
    from asa_desktop.services.model_install import Installed
    from asa_desktop.ui.window import Window

log = logging.getLogger(__name__)

_LOOK_AGAIN_MS = 200
_PACKS = (".zip", ".asamodels")  # the second is what a desktop can know them by


class Inbox(QObject):
    """Takes paths at any time, and gives them to the window once nothing is sung.

    Recordings come to the question whose they are, packs of models are installed, all else is
    read as songs: as if it were dropped there.
    """

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._waiting: list[Path] = []
        self._soon = QTimer(self, singleShot=True, interval=_LOOK_AGAIN_MS)
        self._soon.timeout.connect(self._deliver)

    def take(self, paths: Sequence[Path]) -> None:
        """Show the window, and do something with these files."""
        self._raise()
        self._waiting += paths
        if self._waiting:
            self._soon.start(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """The system asks for a file to be opened (macOS)."""
        if isinstance(event, QFileOpenEvent):
            if event.file():
                self.take([Path(event.file())])
            return True
        return False

    def _raise(self) -> None:
        window = self._window
        if not window.isVisible():
            return  # it is about to be shown
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.raise_()
        window.activateWindow()
        QApplication.alert(window)  # where a window may not come forward by itself

    def _deliver(self) -> None:
        if self._window.page is None or self._window.busy:
            self._soon.start(_LOOK_AGAIN_MS)
            return
        paths, self._waiting = self._waiting, []
        packs = [one for one in paths if one.suffix.lower() in _PACKS and not one.is_dir()]
        others = [one for one in paths if one not in packs]
        if packs:
            self._install(packs)
        if others and are_recordings(others):
            self._window.context.navigate("takes", bring=others)
        elif others:
            self._window.context.navigate("songs", add=others)

    def _install(self, packs: list[Path]) -> None:
        context = self._window.context

        def installed(found: list[Installed]) -> None:
            names = ", ".join(one.id for one in found)
            said = (
                tr("The model {names} is installed.", names=names) if len(found) == 1
                else tr("These models are installed: {names}.", names=names)
            )  # fmt: skip
            context.notify(said, button=tr("Settings"), action=lambda: context.navigate("settings"))

        def work() -> list[Installed]:
            from asa_desktop.services.model_install import install_pack

            return [one for pack in packs for one in install_pack(pack)]

        context.jobs.start(
            lambda task: work(), title=tr("Installing models"), done=installed, owner=self
        )
