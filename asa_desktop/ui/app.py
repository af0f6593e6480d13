"""The window's start and end."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from collections.abc import Sequence

from PySide6.QtCore import QSocketNotifier, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from asa_desktop import __version__, words
from asa_desktop.core.errors import AsaError
from asa_desktop.services.findings import Finding
from asa_desktop.services.paths import APP
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.faults import Net, sentence_of
from asa_desktop.ui.languages import tongue
from asa_desktop.ui.theme import motion, theme
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.focus import FocusRing
from asa_desktop.ui.window import Window

log = logging.getLogger(__name__)


def run(arguments: Sequence[str] = ()) -> int:
    """Open the window and stay until it is closed; the exit status."""
    application = make_application(arguments)
    context = AppContext()
    dress(application, context)
    window = Window(context)
    window.first_painted.connect(lambda: QTimer.singleShot(0, lambda: after_first_paint(window)))
    net = Net(context.complain, window.close)
    net.spread()
    interrupts = _Interrupts(window)
    window.show()
    try:
        status = application.exec()
    finally:
        interrupts.close()
        net.fold()
        context.close()
    return int(status)


def make_application(arguments: Sequence[str] = ()) -> QApplication:
    """The application, with its name."""
    QGuiApplication.setDesktopFileName("asa-desktop")
    application = QApplication([APP, *arguments])
    application.setApplicationName(APP)
    application.setApplicationDisplayName(APP)
    application.setApplicationVersion(__version__)
    return application


def dress(application: QApplication, context: AppContext) -> FocusRing:
    """Put on the theme and the language that the settings ask for, and follow the theme.

    The language is the window's to follow, since it has to make its pages anew.
    """
    words.speak(tr)
    tongue().speak(context.settings.language)
    theme.current().start(application, context.settings.theme)
    motion.choose(context.settings.reduced_motion)

    def follow(names: frozenset[str]) -> None:
        if "theme" in names:
            theme.current().choose(context.settings.theme)
        if "reduced_motion" in names:
            motion.choose(context.settings.reduced_motion)

    context.settings_changed.connect(follow)
    return FocusRing(application)


def after_first_paint(window: Window) -> None:
    """What can wait until there is something to see."""
    from asa_desktop.services.logs import start_logging
    from asa_desktop.ui.theme.emblem import emblem

    context = window.context
    context.diary = start_logging(context.places.logs, name="window")
    QGuiApplication.setWindowIcon(emblem())
    for found in context.findings:
        if isinstance(found, Finding):
            context.notify(words.notice_text(found), level="warning")
        elif isinstance(found, AsaError):
            context.notify(sentence_of(found), level="warning")


class _Interrupts:
    """Ctrl-C at the terminal and SIGTERM close the window as its cross does.

    Python runs a signal's handler only between two steps of its own, and none may come while Qt
    waits; the wake-up socket makes one come.
    """

    def __init__(self, window: Window) -> None:
        self._ours, theirs = socket.socketpair()
        self._theirs = theirs
        for end in (self._ours, theirs):
            end.setblocking(False)
        self._before = {
            one: signal.signal(one, lambda *_: window.close())
            for one in (signal.SIGINT, signal.SIGTERM)
        }
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


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
