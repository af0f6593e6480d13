"""The ring round what has the keyboard's focus, the same everywhere.

It is drawn beside the focused widget, in the widget's parent, so that it moves and is clipped
with it and no widget has to draw one. It comes with the keyboard and goes with the mouse.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QLineEdit,
    QSplitter,
    QStackedWidget,
    QWidget,
)
from shiboken6 import isValid

from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.theme.tokens import RADIUS_CARD, RADIUS_CONTROL

_GAP, _WIDTH = 2, 2
_REACH = _GAP + _WIDTH


class _Ring(QWidget):
    def __init__(self, parent: QWidget, *, radius: float) -> None:
        super().__init__(parent)
        self._radius = radius
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def surround(self, box: QRect) -> None:
        self.setGeometry(box)
        edge = _WIDTH + 4  # nothing under the middle is painted twice
        whole = QRect(0, 0, box.width(), box.height())
        self.setMask(QRegion(whole) - QRegion(whole.adjusted(edge, edge, -edge, -edge)))
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour("accent"), _WIDTH))
        half = _WIDTH / 2
        box = QRectF(self.rect()).adjusted(half, half, -half, -half)
        painter.drawRoundedRect(box, self._radius, self._radius)


class FocusRing(QObject):
    """Follows the application's focus from its making on."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._target: QWidget | None = None
        self._ring: _Ring | None = None
        self._watched: tuple[QWidget, ...] = ()
        application.focusChanged.connect(self._moved)

    @property
    def around(self) -> QWidget | None:
        """The widget that wears the ring."""
        return self._target

    def _moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        self._drop()
        if new is None or not _wants_ring(new):
            return
        parent = _host(new)
        if parent is None:
            return
        self._target = new
        radius = RADIUS_CARD if isinstance(new, QAbstractScrollArea) else RADIUS_CONTROL
        round_one = getattr(new, "SIZE", None) == new.width()
        self._ring = _Ring(parent, radius=new.width() / 2 + _GAP if round_one else radius)
        self._watched = _up_to(parent, new)
        for each in self._watched:
            each.installEventFilter(self)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        kind = event.type()
        if kind in (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show):
            self._place()
        elif watched is self._target and kind in (
            QEvent.Type.Hide,
            QEvent.Type.MouseButtonPress,
            QEvent.Type.ParentChange,
        ):
            self._drop()
        return False

    def _place(self) -> None:
        if self._target is None or self._ring is None:
            return
        parent = self._ring.parentWidget()
        if parent is None:
            return
        corner = self._target.mapTo(parent, self._target.rect().topLeft())
        box = QRect(corner, self._target.size())
        outer = box.adjusted(-_REACH, -_REACH, _REACH, _REACH)
        self._ring.surround(outer if parent.rect().contains(outer) else box)

    def _drop(self) -> None:
        for each in self._watched:
            if isValid(each):
                each.removeEventFilter(self)
        self._watched = ()
        if self._ring is not None and isValid(self._ring):
            self._ring.hide()
            self._ring.deleteLater()
        self._target = self._ring = None


def _up_to(host: QWidget, widget: QWidget) -> tuple[QWidget, ...]:
    """The widget and its ancestors up to the host: any of them may move it or make room."""
    found = [widget]
    while found[-1] is not host:
        found.append(found[-1].parentWidget())
    return tuple(found)


def _wants_ring(widget: QWidget) -> bool:
    if isinstance(widget, QLineEdit) or widget.isWindow():
        return False  # a field's own edge shows it, also after a click
    if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
        return False
    return not widget.property("paints_focus")


def _host(widget: QWidget) -> QWidget | None:
    """The nearest ancestor in which a child more does no harm and is not cut off at once."""
    parent = widget.parentWidget()
    while parent is not None:
        taken = isinstance(parent, QSplitter | QStackedWidget | QAbstractScrollArea)
        tight = (
            not parent.rect()
            .adjusted(_REACH, _REACH, -_REACH, -_REACH)
            .contains(QRect(widget.mapTo(parent, widget.rect().topLeft()), widget.size()))
        )
        grand = parent.parentWidget()
        viewport = isinstance(grand, QAbstractScrollArea)
        if not taken and (not tight or grand is None or viewport):
            return parent
        parent = grand if not parent.isWindow() else None
    return None
