"""Somebody who has never seen the program: finds things by what is written on them.

A guest presses what can be seen, types, and reads; no page is called by its name in the code.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QMimeData, QPoint, QPointF, QRectF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QTextDocumentFragment, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)

from asa_desktop.ui.theme.tokens import M
from asa_desktop.ui.widgets.table import BUTTON, Table, button_box
from tests.guide_text import plain, sentences
from tests.window_walk import Walk

W = TypeVar("W", bound=QWidget)
LEFT = Qt.MouseButton.LeftButton
PATIENCE_S = 600.0
"""The first analysis on a machine that has other things to do."""
_COPY = Qt.DropAction.CopyAction


class Guest(Walk):
    """A walk with papers in hand: `reads` a sentence of them, then does what it says.

    `folder` is for pictures, `things` holds what the guest brings.
    """

    def __init__(self, folder: Path, *papers: Path, things: Path) -> None:
        self.things = things
        self.lines = [line for paper in papers for line in sentences(paper.read_text("utf-8"))]
        self.read: set[str] = set()
        super().__init__(folder)

    def reads(self, *beginnings: str) -> None:
        """Tick off the sentences that begin so; each must be in a paper, once."""
        for beginning in beginnings:
            found = [line for line in self.lines if line.startswith(beginning)]
            assert len(found) == 1, f"{beginning!r} begins {len(found)} sentences"
            self.read.add(found[0])

    def until(self, condition: Callable[[], object], *, most_s: float = PATIENCE_S) -> None:
        super().until(condition, most_s=most_s)

    # What is seen

    def seen(self, kind: type[W]) -> list[W]:
        """What of a kind is in sight; what has to be scrolled to too."""
        root = QApplication.activePopupWidget() or self.window
        return [one for one in root.findChildren(kind) if one.isVisible()]

    def texts(self) -> list[str]:
        return [_plain(one.text()) for one in self.seen(QLabel)]

    def says(self, *words: str, most_s: float = PATIENCE_S) -> None:
        """Wait until a text in sight holds each of these."""
        for word in words:
            self.until(lambda word=word: any(word in one for one in self.texts()), most_s=most_s)

    def silent_on(self, *words: str) -> None:
        for word in words:
            assert not any(word in one for one in self.texts()), word

    def title(self, page: str) -> None:
        """Wait for a page by what the window's title says."""
        self.until(lambda: page in self.window.windowTitle().split(" – "))

    def named(self, kind: type[W], name: str) -> W:
        """The one thing of a kind with this name or text."""
        found = [
            one
            for one in self.seen(kind)
            if name == one.accessibleName() or name == str(getattr(one, "text", str)())
        ]
        assert len(found) == 1, f"{name!r}: {len(found)} {kind.__name__}s in sight"
        return found[0]

    def button(self, name: str) -> QAbstractButton:
        return self.named(QAbstractButton, name)

    # What is done

    def press(self, name: str) -> None:
        """Click the button with this word, as soon as it can be."""
        self.until(lambda: any(self._is(one, name) for one in self.seen(QAbstractButton)))
        self.click(self.button(name))

    @staticmethod
    def _is(one: QAbstractButton, name: str) -> bool:
        return name in (one.text(), one.accessibleName()) and one.isEnabled()

    def click(self, one: QWidget, at: QPoint | None = None) -> None:
        at = one.rect().center() if at is None else at
        assert one.isEnabled()
        for area in self.seen(QScrollArea):
            if area.widget() is not None and area.widget().isAncestorOf(one):
                area.ensureWidgetVisible(one)  # by the wheel
        assert self.in_sight(one, at), f"{one.accessibleName()!r} is covered or out of the window"
        QTest.mouseClick(one, LEFT, Qt.KeyboardModifier.NoModifier, at)
        self.wait(0.1)

    def in_sight(self, one: QWidget, at: QPoint) -> bool:
        """Whether a click there reaches it: it is in its window, and nothing covers it."""
        window = one.window()
        spot = one.mapTo(window, at)
        under = window.childAt(spot) if window.rect().contains(spot) else None
        return under is not None and (under is one or one.isAncestorOf(under))

    def tab_to(self, wanted: Callable[[QWidget], bool], *, most: int = 40) -> QWidget:
        """Go along by Tab until the focus is there."""
        for _ in range(most):
            focused = self.window.focusWidget()
            if focused is not None and wanted(focused):
                return focused
            QTest.keyClick(focused or self.window, Qt.Key.Key_Tab)
        raise AssertionError("Tab does not lead there")

    def pick(self, name: str, option: str) -> None:
        """Open a list by a click and take one of its lines by keys."""
        self.pick_in(self.named(QComboBox, name), option)

    def pick_in(self, box: QComboBox, option: str) -> None:
        self.until(lambda: box.findText(option, Qt.MatchFlag.MatchStartsWith) >= 0)
        self.click(box)
        self.until(box.view().isVisible, most_s=5)
        number = next(at for at in range(box.count()) if box.itemText(at).startswith(option))
        view = box.view()
        QTest.keyClick(view, Qt.Key.Key_Home)
        for _ in range(number):
            QTest.keyClick(view, Qt.Key.Key_Down)
        QTest.keyClick(view, Qt.Key.Key_Return)
        self.wait(0.2)

    def write(self, name: str, text: str) -> None:
        """Click a field, and write over what is in it."""
        field = self.named(QLineEdit, name)
        self.click(field)
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
        self.wait(0.1)

    def rows(self, name: str) -> list[str]:
        """A table's rows, each as all that its cells say; none where it is not in sight."""
        found = [one for one in self.seen(Table) if one.accessibleName() == name]
        if not found:
            return []
        model = found[0].model()
        return [
            " | ".join(
                str(model.index(row, column).data() or "") for column in range(model.columnCount())
            )
            for row in range(model.rowCount())
        ]

    def press_in_row(self, table: str, row: str, word: str) -> None:
        """Click the button in a table's row."""
        one = self.named(Table, table)
        at = next(number for number, text in enumerate(self.rows(table)) if row in text)
        model = one.model()
        index = next(
            each for column in range(model.columnCount())
            if (each := model.index(at, column)).data(BUTTON) and each.data() == word
        )  # fmt: skip
        cell = QRectF(one.visualRect(index)).adjusted(M, 0, -M, -1)
        spot = button_box(cell, word).center().toPoint()
        QTest.mouseClick(one.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, spot)
        self.wait(0.1)

    def choose_row(self, table: str, row: str) -> None:
        one = self.named(Table, table)
        at = next(number for number, text in enumerate(self.rows(table)) if row in text)
        spot = one.visualRect(one.model().index(at, 0)).center()
        QTest.mouseClick(one.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, spot)
        self.wait(0.1)

    def drop(self, *paths: Path) -> None:
        """Let files fall into the middle of the window."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        at, none = self.window.rect().center(), Qt.KeyboardModifier.NoModifier
        enters = QDragEnterEvent(at, _COPY, data, LEFT, none)
        QApplication.sendEvent(self.window, enters)
        assert enters.isAccepted()
        QApplication.sendEvent(self.window, QDropEvent(QPointF(at), _COPY, data, LEFT, none))
        self.wait(0.2)

    def in_file_window(self, path: Path, press: Callable[[], object]) -> None:
        """`press` opens the window for files; there a path is written."""
        seen: list[str] = []

        def fill() -> None:
            dialog = QApplication.activeModalWidget()
            if not isinstance(dialog, QFileDialog):
                QTimer.singleShot(100, fill)
                return
            seen.append(dialog.windowTitle())
            (field,) = (one for one in dialog.findChildren(QLineEdit) if one.isVisible())
            field.setText(str(path))  # letter by letter it would be completed to something else
            buttons = dialog.findChildren(QPushButton)
            QTest.mouseClick(next(one for one in buttons if one.isDefault()), LEFT)

        QTimer.singleShot(100, fill)
        press()
        self.until(lambda: seen, most_s=10)
        self.window.activateWindow()  # without a window manager nobody else does
        self.until(self.window.isActiveWindow)

    def turn_wheel(self, one: QWidget, steps: int) -> None:
        at = QPointF(one.rect().center())
        angle, none = QPoint(0, 120 * steps), Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(
            one,
            QWheelEvent(
                at,
                one.mapToGlobal(at),
                QPoint(),
                angle,
                Qt.MouseButton.NoButton,
                none,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            ),
        )
        self.wait(0.1)

    def type(self, *keys: Qt.Key) -> None:
        for key in keys:
            self.key(key)
            self.wait(0.05)

    def control(self, key: Qt.Key) -> None:
        QTest.keyClick(self.window, key, Qt.KeyboardModifier.ControlModifier)
        self.wait(0.3)


class Voice:
    """A singer before the room's microphone, who sings from a recording."""

    def __init__(self, recording: Path) -> None:
        self._command = [
            "paplay", "--device=speakers", "--channel-map=aux0", "--channels=1", "--no-remix",
            str(recording),
        ]  # fmt: skip
        self._sings: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        self.end()
        self._sings = subprocess.Popen(self._command)

    def end(self) -> None:
        if self._sings is not None:
            self._sings.terminate()
            self._sings.wait(5)
            self._sings = None


def _plain(text: str) -> str:
    return QTextDocumentFragment.fromHtml(text).toPlainText() if "<" in text else plain(text)


def found_one(found: list[Any]) -> Any:
    """The only one."""
    assert len(found) == 1, found
    return found[0]
