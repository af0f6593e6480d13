"""Ends that others decide on: a signal, or the session. A take under way is ended and kept."""

from __future__ import annotations

import logging
import signal
import socket
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QObject, QSocketNotifier, QTimer
from PySide6.QtGui import QGuiApplication, QSessionManager

if TYPE_CHECKING:
    from asa_desktop.ui.window import Window

log = logging.getLogger(__name__)

PATIENCE_MS = 20_000
_LOOK_MS = 20


class Farewell(QObject):
    """Holds a logout or shutdown up until what was sung is a take in the library."""

    def __init__(self, application: QGuiApplication, window: Window) -> None:
        super().__init__()
        self._application, self._window = application, window
        application.commitDataRequest.connect(self.commit)

    def close(self) -> None:
        self._application.commitDataRequest.disconnect(self.commit)

    def commit(self, manager: QSessionManager | None = None) -> None:
        """The session is about to end. The window stays: somebody else may call it off."""
        if manager is not None:
            manager.setRestartHint(QSessionManager.RestartHint.RestartNever)
        self._window.wind_up()
        self._window.context.save()
        if self._window.busy:
            self._wait()

    def _wait(self) -> None:
        loop = QEventLoop()
        looks = QTimer(interval=_LOOK_MS)
        looks.timeout.connect(lambda: None if self._window.busy else loop.quit())
        looks.start()
        QTimer.singleShot(PATIENCE_MS, loop, loop.quit)
        loop.exec()
        if self._window.busy:
            log.warning("the session ends before the take did; it is offered at the next start")


def _signals() -> tuple[signal.Signals, ...]:
    names = ("SIGINT", "SIGTERM", "SIGHUP")  # the last where there are terminals to go away
    return tuple(getattr(signal, name) for name in names if hasattr(signal, name))


class Interrupts:
    """Ctrl-C, SIGTERM, and a terminal that goes away close the window as its cross does.

    Python runs a signal's handler only between two steps of its own, and none may come while Qt
    waits; the wake-up socket makes one come.
    """

    def __init__(self, window: Window) -> None:
        self._ours, theirs = socket.socketpair()
        self._theirs = theirs
        for end in (self._ours, theirs):
            end.setblocking(False)
        self._before = {one: signal.signal(one, lambda *_: window.close()) for one in _signals()}
        self._wakeup = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._ours.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._drain)

    def close(self) -> None:
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._wakeup)
        for one, handler in self._before.items():
            signal.signal(one, handler)
        self._ours.close()
        self._theirs.close()

    def _drain(self) -> None:
        try:
            self._ours.recv(64)
        except OSError:
            log.debug("nothing to read")
