"""The window's start and end."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from asa_desktop import __version__, words
from asa_desktop.core.errors import AsaError
from asa_desktop.services.crashes import Watch
from asa_desktop.services.findings import Finding
from asa_desktop.services.paths import APP, places
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.farewell import Farewell, Interrupts
from asa_desktop.ui.faults import Net, sentence_of
from asa_desktop.ui.inbox import Inbox
from asa_desktop.ui.instance import claim
from asa_desktop.ui.languages import tongue
from asa_desktop.ui.opening import open_path
from asa_desktop.ui.theme import motion, theme
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.focus import FocusRing
from asa_desktop.ui.window import Window

log = logging.getLogger(__name__)

_CRASHES = "crashes"


def run(files: Sequence[Path] = ()) -> int:
    """Open the window with these files and stay until it is closed; the exit status.

    Where this user has a window open already, that one gets the files and comes forward.
    """
    where = places()
    watch = Watch(where.logs, {"Qt": qVersion()})
    application = make_application()
    instance = claim(where.home, files)
    if instance is None:
        watch.close()
        return 0
    context = AppContext(where)
    dress(application, context)
    window = Window(context)
    inbox = Inbox(window)
    application.installEventFilter(inbox)
    instance.handed.connect(inbox.take)
    inbox.take(files)
    window.first_painted.connect(
        lambda: QTimer.singleShot(0, lambda: after_first_paint(window, watch))
    )
    net = Net(context.complain, window.close, note=watch.escaped)
    net.spread()
    interrupts, farewell = Interrupts(window), Farewell(application, window)
    window.show()
    try:
        status = application.exec()
    finally:
        application.removeEventFilter(inbox)
        farewell.close()
        instance.close()
        interrupts.close()
        net.fold()
        context.close()
        watch.close()
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


def after_first_paint(window: Window, watch: Watch | None = None) -> None:
    """What can wait until there is something to see."""
    from asa_desktop.services.logs import start_logging
    from asa_desktop.ui.theme.emblem import emblem

    context = window.context
    context.diary = start_logging(context.places.logs, name="window")
    if watch is not None:
        watch.follow()
    QGuiApplication.setWindowIcon(emblem())
    for found in context.findings:
        if isinstance(found, Finding):
            context.notify(words.notice_text(found), level="warning")
        elif isinstance(found, AsaError):
            context.notify(sentence_of(found), level="warning")
    tell_crash(context)
    context.updates.busy = lambda: window.busy
    context.updates.begin()


def tell_crash(context: AppContext) -> None:
    """Say once that there is a new report of a crash, and where."""
    from asa_desktop.services.crashes import collect, reports

    collect(context.places.logs)
    newest = next(reversed(reports(context.places.logs)), None)
    if newest is None or context.view(_CRASHES).get("told") == newest.name:
        return
    context.keep_view(_CRASHES, told=newest.name)
    context.notify(
        tr("Something went wrong last time. What happened is written down on this computer; nothing"
           " was sent."),
        level="warning", button=tr("Show"), action=lambda: open_path(newest),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(run([Path(one).absolute() for one in sys.argv[1:]]))
