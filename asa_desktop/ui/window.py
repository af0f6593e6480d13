"""The window: rail, pages, the bar for messages. What is heavy comes after its first paint."""

from __future__ import annotations

import base64
import binascii
import importlib
import importlib.util
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QPoint, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeySequence,
    QPaintEvent,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from asa_desktop.ui.conductor import Conductor
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.drop import DropFrame, dropped_paths
from asa_desktop.ui.languages import tongue
from asa_desktop.ui.pages.base import Page
from asa_desktop.ui.rail import Rail
from asa_desktop.ui.theme.tokens import NARROW_BELOW, XL, L
from asa_desktop.ui.tr import marked, tr
from asa_desktop.ui.update_line import UpdateLine
from asa_desktop.ui.widgets.job_strip import JobStrip
from asa_desktop.ui.widgets.notice import NoticeBar, announce

log = logging.getLogger(__name__)

LEAST = (900, 600)
USUAL = (1280, 800)
_REMEMBER_AFTER_MS = 500
_LISTEN_AGAIN_MS = 100
INTRODUCTION = "introduction"
_ONCE = frozenset({"again", "model", "delay_s", "add", "bring"})
"""Arguments that ask a page to do something, not what to show."""


@dataclass(frozen=True, slots=True)
class Place:
    """A page before it is made: `rail` is the entry that is lit while it is shown."""

    name: str
    title: str
    factory: str
    icon: str = ""
    rail: str = ""
    below: bool = False

    @property
    def module(self) -> str:
        return self.factory.partition(":")[0]

    def there(self) -> bool:
        """Whether this program has the page. Nothing is imported but its package."""
        return importlib.util.find_spec(self.module) is not None

    def make(self, context: AppContext) -> Page:
        module, _, kind = self.factory.partition(":")
        page = getattr(importlib.import_module(module), kind)(context)
        assert isinstance(page, Page)
        return page


_PAGES = "asa_desktop.ui.pages."


def known_places() -> tuple[Place, ...]:
    """All pages, those with an icon stand in the rail."""
    return (
        Place("songs", marked("Songs"), _PAGES + "songs:SongsPage", "music"),
        Place("takes", marked("Takes"), _PAGES + "takes:TakesPage", "audio-lines"),
        Place("settings", marked("Settings"), _PAGES + "settings:SettingsPage",
              "sliders-horizontal", below=True),
        Place("record", marked("Record"), _PAGES + "record:RecordPage", rail="songs"),
        Place("check", marked("Sound check"), _PAGES + "check:CheckPage", rail="songs"),
        Place("review", marked("Review"), _PAGES + "review:ReviewPage", rail="takes"),
        Place(INTRODUCTION, marked("Introduction"), _PAGES + "introduction:IntroductionPage"),
    )  # fmt: skip


class Window(QWidget):
    """The shell round the pages. `first_painted` comes once, when there is something to see."""

    first_painted = Signal()
    page_shown = Signal(str)

    def __init__(self, context: AppContext, *, places: tuple[Place, ...] | None = None) -> None:
        super().__init__()
        self.context = context
        self.conductor = Conductor(context)
        self._places = {one.name: one for one in places or known_places() if one.there()}
        self._pages: dict[str, Page] = {}
        self._history: list[tuple[str, dict[str, Any]]] = []
        self._here: tuple[str, dict[str, Any]] | None = None
        self._painted = False
        self._unfolded = False  # in a narrow window, for the moment
        self.setObjectName("window")
        self.setWindowTitle("ASA Desktop")
        self.setAccessibleName("ASA Desktop")
        self.setMinimumSize(*LEAST)
        self.setAcceptDrops(True)
        self._whole = QHBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(0)
        self._drop_frame = DropFrame(self)
        self._lay_out()
        self._add_keys()
        self._remember = QTimer(self, singleShot=True, interval=_REMEMBER_AFTER_MS)
        self._remember.timeout.connect(self._keep_place)
        self._translate_soon = QTimer(self, singleShot=True, interval=_LISTEN_AGAIN_MS)
        self._translate_soon.timeout.connect(self._translate)
        context.told.connect(self._say)
        context.went.connect(self.go)
        context.settings_changed.connect(self._settings_changed)
        self._take_place()

    # What the pages and the tests see

    @property
    def page(self) -> Page | None:
        """The page that is shown; None before the first."""
        return self._pages.get(self._here[0]) if self._here else None

    @property
    def busy(self) -> bool:
        """Whether something is under way on a page that must not be disturbed, such as a take."""
        return any(page.busy for page in self._pages.values())

    def wind_up(self) -> None:
        """End what must not be lost, on every page; `busy` tells how long that takes."""
        for page in self._pages.values():
            page.wind_up()

    @property
    def rail(self) -> Rail:
        return self._rail

    @property
    def notice(self) -> NoticeBar:
        return self._notice

    def knows(self, page: str) -> bool:
        """Whether there is such a page."""
        return page in self._places

    def go(self, page: str, arguments: dict[str, Any] | None = None, *, back: bool = False) -> bool:
        """Show a page; False where the present one must not be left, or there is no such page."""
        if page not in self._places:
            log.error("there is no page %s", page)
            return False
        before = self.page
        if before is not None and not before.may_leave(closing=False):
            self._rail.mark(self._lit())
            return False
        made = self._page(page)
        if made is None:
            self._rail.mark(self._lit())
            return False
        if before is not None and before is not made:
            before.deactivated()
            self._notice.page_turned()
        self._note_way(page, arguments or {}, back=back)
        self._turn_to(made)
        self._rail.mark(self._lit())
        self._entitle()
        made.activated(**(arguments or {}))
        if before is not None and before is not made:
            announce(self, made.title)
        self.page_shown.emit(page)
        return True

    def dropped(self, paths: list[Path], at: QPoint) -> bool:
        """Give dropped files to the page that is shown, else to the songs."""
        here = self.page
        if here is not None and here.on_drop(paths, at):
            return True
        if here is not None and self._here and self._here[0] == "songs":
            return False
        if "songs" not in self._places or not self.go("songs"):
            return False
        songs = self.page
        return songs is not None and songs.on_drop(paths, QPoint(-1, -1))

    # Pages

    def _turn_to(self, page: Page) -> None:
        """Show it, with the focus where it was last; Qt would give it to its first button."""
        last = page.focusWidget()
        self._stack.setCurrentWidget(page)
        if page.focusProxy() is None and self.isActiveWindow():
            (last if last is not None and last.isVisible() else page).setFocus()

    def _page(self, name: str) -> Page | None:
        if name not in self._pages:
            try:
                page = self._places[name].make(self.context)
            except Exception as error:
                self.context.complain(error)
                return None
            page.status_changed.connect(self._entitle)
            self.conductor.join(name, page)
            self._pages[name] = page
            self._stack.addWidget(page)
        return self._pages[name]

    def _note_way(self, page: str, arguments: dict[str, Any], *, back: bool) -> None:
        top = bool(self._places[page].icon)
        if top:
            self.context.touring = False
            self._history.clear()
        elif self._here is not None and not back and self._here[0] != page:
            self._history.append(self._here)
        # On the way back a page is shown again, but nothing is done again.
        lasting = {name: value for name, value in arguments.items() if name not in _ONCE}
        self._here = (page, lasting)
        if top:
            self.context.change(last_page=page)

    def _lit(self) -> str:
        if self._here is None:
            return ""
        return self._places[self._here[0]].rail or self._here[0]

    def _entitle(self) -> None:
        page = self.page
        parts = [page.status, page.title] if page is not None else []
        self.setWindowTitle(" – ".join([*(part for part in parts if part), "ASA Desktop"]))

    def _back(self) -> None:
        page = self.page
        if page is not None and page.back():
            return
        if self._notice.sentence:
            self._notice.dismiss()
        elif self._history:
            name, arguments = self._history.pop()
            self.go(name, arguments, back=True)
        elif (focused := self.focusWidget()) is not None:
            focused.clearFocus()

    def _search(self) -> None:
        page = self.page
        if page is not None and page.search is not None:
            page.search.setFocus()
            page.search.selectAll()

    # Layout and keys

    def _lay_out(self) -> None:
        self._rail = Rail(fold=self.fold, fold_keys=_native("Ctrl+B"))
        number = 0
        for place in self._places.values():
            if place.icon:
                number += 1
                self._rail.add(
                    place.name, tr(place.title), place.icon, below=place.below,
                    keys=_native(f"Ctrl+{number}"), action=self._goer(place.name),
                )  # fmt: skip
        self._notice = NoticeBar()
        self._update_line = UpdateLine(self.context.updates)
        self._stack = QStackedWidget()
        bar = QVBoxLayout()
        bar.setContentsMargins(XL, 0, XL, 0)
        bar.addWidget(self._notice)
        bar.addWidget(self._update_line)
        bar.addWidget(JobStrip(self.context.jobs))
        self._beside = QWidget()
        self._right = QVBoxLayout(self._beside)
        self._right.setContentsMargins(0, 0, 0, 0)
        self._right.setSpacing(0)
        self._right.addLayout(bar)
        self._right.addWidget(self._stack, 1)
        self._whole.addWidget(self._rail)
        self._whole.addWidget(self._beside, 1)
        right, lines = self._right, (self._notice, self._update_line)

        def make_room() -> None:
            shown = any(not one.isHidden() for one in lines)
            right.setContentsMargins(0, L if shown else 0, 0, 0)

        self._notice.closed.connect(make_room)
        self._update_line.told.connect(make_room)
        self._make_room = make_room
        make_room()

    def _add_keys(self) -> None:
        keys: dict[str, Callable[[], object]] = {
            "Ctrl+B": self.fold,
            "/": self._search,
            "Ctrl+F": self._search,
            "Esc": self._back,
            "F11": self.full_screen,
            "Ctrl+Q": self.close,
        }
        top = [place.name for place in self._places.values() if place.icon]
        for number, name in enumerate(top, start=1):
            keys[f"Ctrl+{number}"] = self._goer(name)
        if "settings" in self._places:
            keys["Ctrl+,"] = self._goer("settings")
        for key, action in keys.items():
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(lambda action=action: action())

    def _goer(self, name: str) -> Callable[[], object]:
        return lambda: self.go(name)

    def fold(self) -> None:
        """Fold or unfold the rail; in a narrow window only for now."""
        if self.width() < NARROW_BELOW:
            self._unfolded = not self._unfolded
        else:
            self.context.change(rail_collapsed=not self.context.settings.rail_collapsed)
        self._set_rail()

    def full_screen(self) -> None:
        """The whole screen, and back."""
        if self.isFullScreen():
            self.showMaximized() if self._was_maximized else self.showNormal()
        else:
            self._was_maximized = self.isMaximized()
            self.showFullScreen()

    _was_maximized = False

    def _set_rail(self) -> None:
        if self.width() < NARROW_BELOW:
            self._rail.set_narrow(not self._unfolded)
        else:
            self._unfolded = False
            self._rail.set_narrow(self.context.settings.rail_collapsed)

    # Language

    def _settings_changed(self, names: frozenset[str]) -> None:
        if "language" in names:
            # Not from within the signal of a control that is about to go.
            self._translate_soon.start(0)

    def _translate(self) -> None:
        """Speak the language of the settings; later, while something must not be disturbed."""
        if self.busy or self.context.jobs.running:
            self._translate_soon.start(_LISTEN_AGAIN_MS)
        elif tongue().speak(self.context.settings.language):
            self._make_anew()

    def _make_anew(self) -> None:
        """All pages again, in the language of now; the user stays where they are."""
        pages, here, before = self._pages, self._here, self.page
        if before is not None:
            before.deactivated()
        self.conductor.part()
        gone = (self._rail, self._beside)
        self._pages, self._here = {}, None
        self.setUpdatesEnabled(False)
        for one in gone:
            self._whole.removeWidget(one)
            one.hide()
        self._lay_out()
        self._rail.set_narrow(gone[0].narrow)
        if here is not None:
            ways = list(self._history)
            self.go(*here)
            self._history = ways
            if before is not None and self.page is not None:
                self.page.resume(before)
        for page in pages.values():
            page.status_changed.disconnect(self._entitle)
        for one in gone:
            one.deleteLater()
        self.setUpdatesEnabled(True)

    # Messages

    def _say(
        self, sentence: str, level: str, button: str, action: Callable[[], object] | None
    ) -> None:
        self._notice.say(sentence, level=level, button=button, action=action)
        self._make_room()

    # Place on the screen

    def _take_place(self) -> None:
        try:
            kept = base64.b64decode(self.context.settings.window.encode())
        except (ValueError, binascii.Error):
            kept = b""
        if not (kept and self.restoreGeometry(QByteArray(kept))):
            room = self.screen().availableSize()
            self.resize(min(USUAL[0], room.width()), min(USUAL[1], room.height()))
        self._set_rail()

    def _keep_place(self) -> None:
        packed = base64.b64encode(self.saveGeometry().data()).decode("ascii")
        self.context.change(window=packed)

    # Events

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self._begin)

    def _begin(self) -> None:
        self.first_painted.emit()
        settings = self.context.settings
        last = settings.last_page
        first = last if last in self._places else next(iter(self._places), "")
        if not (settings.introduced or last) and INTRODUCTION in self._places:
            first = INTRODUCTION
        if self._here is None and first:
            self.go(first)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._set_rail()
        self._drop_frame.setGeometry(self.rect())
        if self._painted:
            self._remember.start()

    def moveEvent(self, event: QEvent) -> None:  # noqa: N802
        if self._painted:
            self._remember.start()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        page = self.page
        if page is not None and not page.may_leave(closing=True):
            event.ignore()
            return
        if page is not None:
            page.deactivated()
        self._keep_place()
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802
        hint = self._drop_hint(event)
        self._drop_frame.show_hint(hint)
        if hint:
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        self._drop_frame.hide()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        self._drop_frame.hide()
        paths = dropped_paths(event.mimeData())
        if paths and self.dropped(paths, self._on_page(event.position().toPoint())):
            event.acceptProposedAction()

    def _drop_hint(self, event: QDragMoveEvent) -> str:
        page, paths = self.page, dropped_paths(event.mimeData())
        if page is None or not paths:
            return ""
        hint = page.drop_hint(paths, self._on_page(event.position().toPoint()))
        if not hint and "songs" in self._places and self._lit() != "songs":
            hint = tr("Add to the songs")
        return hint

    def _on_page(self, at: QPoint) -> QPoint:
        page = self.page
        return page.mapFrom(self, at) if page is not None else at


def _native(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
