"""The window as a screen reader walks it: whatever can be reached or pressed has a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from asa_desktop.ui.context import AppContext
from asa_desktop.ui.theme import theme
from asa_desktop.ui.widgets.button import Button
from asa_desktop.ui.window import Place, Window, known_places

PLACES = (
    Place("songs", "Songs", "gallery:Gallery", "music"),
    *(one for one in known_places() if one.name == "settings"),
)
ROLE = QAccessible.Role
ACTIVE = {
    ROLE.Button, ROLE.PushButton, ROLE.CheckBox, ROLE.RadioButton, ROLE.ComboBox,
    ROLE.EditableText, ROLE.Slider, ROLE.SpinBox, ROLE.Table, ROLE.List, ROLE.ProgressBar,
    ROLE.Window, ROLE.ColumnHeader, ROLE.Link, ROLE.MenuItem, ROLE.PageTab,
}  # fmt: skip
# Parts of Qt's own widgets: reached through the widget, which is named.
INNER = {ROLE.ScrollBar, ROLE.Indicator, ROLE.Splitter, ROLE.Grip}


def walk(element: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    if element.state().invisible:
        return
    yield element
    for number in range(element.childCount()):
        child = element.child(number)
        if child is not None and child.isValid():
            yield from walk(child)


def unnamed(root: QWidget) -> list[str]:
    """Visible elements that take focus or act and have no name."""
    found = []
    top = QAccessible.queryAccessibleInterface(root)
    assert top is not None
    for one in walk(top):
        state = one.state()
        if one.role() in INNER:
            continue
        matters = one.role() in ACTIVE or state.focusable
        if matters and not one.text(QAccessible.Text.Name).strip():
            widget = one.object()
            kind = type(widget).__name__ if widget is not None else "?"
            box = one.rect()
            if box.width() > 0 and box.height() > 0:
                found.append(f"{one.role().name} {kind} {box.getRect()}")
    return found


@pytest.fixture
def window(qtbot: QtBot, ring: object, context: AppContext) -> Window:
    QAccessible.setActive(True)
    made = Window(context, places=PLACES)
    qtbot.addWidget(made)
    made.resize(1280, 1000)
    with qtbot.waitSignal(made.page_shown):
        made.show()
    return made


@pytest.mark.parametrize("name", ["songs", "settings"])
def test_everything_that_acts_has_a_name(qtbot: QtBot, window: Window, name: str) -> None:
    assert window.go(name)
    window.context.notify("Something to know.", button="Do it")
    top = QAccessible.queryAccessibleInterface(window)
    assert top is not None
    roles = [one.role() for one in walk(top)]
    assert roles.count(ROLE.Button) + roles.count(ROLE.PushButton) >= 5
    assert unnamed(window) == []


def test_the_walk_would_notice(qtbot: QtBot, window: Window) -> None:
    assert window.page is not None
    nameless = Button("", icon="x")
    window.page.box.addWidget(nameless)
    nameless.show()
    qtbot.wait(10)
    assert len(unnamed(window)) == 1


def test_rows_of_a_table_can_be_read(window: Window) -> None:
    top = QAccessible.queryAccessibleInterface(window)
    assert top is not None
    texts = {one.text(QAccessible.Text.Name) for one in walk(top) if one.role() == ROLE.Cell}
    assert {"Morning medley", "0:58", "needs: notes"} <= texts


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("name", ["songs", "settings"])
def test_pictures_of_the_shell(
    qtbot: QtBot, window: Window, picture: Callable[[QWidget, str], Path], look: str, name: str
) -> None:
    theme.current().choose(look)
    assert window.go(name)
    qtbot.wait(50)
    path = picture(window, f"shell-{name}-{look}")
    assert path.stat().st_size > 20_000
