"""What a page is to the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QScrollArea, QVBoxLayout, QWidget

from asa_desktop.ui.theme.tokens import XL, L
from asa_desktop.ui.widgets.frames import row

if TYPE_CHECKING:
    from asa_desktop.ui.context import AppContext

PAGE_MARGINS = (XL, L + 4, XL, L + 4)


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A key of a page and what it does, for hints and help."""

    keys: str
    does: str


class Page(QWidget):
    """A page of the window, made when first shown and kept.

    It lays itself out in `box`, gives its `title`, and says what is going on in `status` (the
    window's title bar shows both). `search` is the field that "/" goes to. Escape comes through
    `back`; other keys are declared with `add_shortcut`.
    """

    status_changed = Signal()

    def __init__(self, context: AppContext, *, title: str) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("paints_focus", True)  # a ring round the whole page tells nothing
        self.context = context
        self.title = title
        self.status = ""
        self.search: QLineEdit | None = None
        self.shortcuts: tuple[Shortcut, ...] = ()
        self.setAccessibleName(title)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(*PAGE_MARGINS)
        self.box.setSpacing(L)

    def activated(self, **arguments: Any) -> None:
        """The page is shown now, with what `navigate` was given."""

    def deactivated(self) -> None:
        """Another page is shown now."""

    def may_leave(self, *, closing: bool) -> bool:
        """False keeps the page, such as while singing; it says itself why. `closing`: the end."""
        return True

    @property
    def busy(self) -> bool:
        """Whether something is under way here that must not be disturbed, such as a take."""
        return False

    def wind_up(self) -> None:
        """The session may end at any moment: end what must not be lost, and ask nothing."""

    def resume(self, before: Page) -> None:
        """Take over what the user sees of `before`, this page in another language."""

    def back(self) -> bool:
        """Escape: True where the page used it up (something was stopped, closed or unselected)."""
        return False

    def drop_hint(self, paths: list[Path], at: QPoint) -> str:
        """What dropping `paths` at `at` (on this page) would do, in a few words; empty: nothing."""
        return ""

    def on_drop(self, paths: list[Path], at: QPoint) -> bool:
        """Take what was dropped; False where this page has no use for it."""
        return False

    def set_status(self, text: str) -> None:
        """Say what is going on, in a few words; empty: nothing."""
        if text != self.status:
            self.status = text
            self.status_changed.emit()

    def add_shortcut(
        self, keys: str, does: str, action: Callable[[], object], *, repeats: bool = False
    ) -> None:
        """A key that works wherever the focus is on this page, but not in a field to type in.

        `repeats`: again and again while it is held.
        """
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setAutoRepeat(repeats)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(action)
        self.shortcuts = (*self.shortcuts, Shortcut(keys, does))


def in_the_middle(middle: QWidget, *, name: str, below: int) -> QScrollArea:
    """`middle` across the middle of a page, with `below` times the room under it as above.

    It scrolls where the window is low; `name` is what a screen reader says of it.
    """
    body = QWidget()
    body.setObjectName("scrolled")
    inside = QVBoxLayout(body)
    inside.setContentsMargins(*PAGE_MARGINS)
    across = row(None, middle, None)
    across.setStretch(1, 100)
    inside.addStretch(1)
    inside.addLayout(across)
    inside.addStretch(below)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setAccessibleName(name)
    area.setWidget(body)
    return area
