"""A slider with its name above it and its value beside that."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSlider, QWidget

from asa_desktop.ui.theme.theme import blend, colour
from asa_desktop.ui.theme.tokens import HIT, XS
from asa_desktop.ui.widgets.frames import column, label, row
from asa_desktop.ui.widgets.painting import antialiased

_KNOB, _GROOVE, _STEPS = 16, 4, 100


def percent(value: float) -> str:
    return f"{round(100 * value)} %"


class Slider(QSlider):
    """The bare slider, 0 to `_STEPS`. A press anywhere moves the knob there."""

    def __init__(self, name: str) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # a gain, from none to all
        self.setAccessibleName(name)
        self.setRange(0, _STEPS)
        self.setSingleStep(2)
        self.setPageStep(10)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(120, HIT - 2 * XS)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(64, HIT - 2 * XS)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setValue(self._at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self.isSliderDown():
            self.setValue(self._at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.setSliderDown(False)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = antialiased(QPainter(self))
        painter.setPen(Qt.PenStyle.NoPen)
        middle, span = self.height() / 2, self.width() - _KNOB
        at = _KNOB / 2 + span * (self.value() - self.minimum()) / (self.maximum() - self.minimum())
        groove = QRectF(0, middle - _GROOVE / 2, self.width(), _GROOVE)
        painter.setBrush(blend("raised", "control", 0.45))
        painter.drawRoundedRect(groove, 2, 2)
        live = self.isEnabled()
        painter.setBrush(colour("accent" if live else "control"))
        painter.drawRoundedRect(QRectF(0, groove.top(), at, _GROOVE), 2, 2)
        over = self.underMouse() or self.isSliderDown()
        knob = blend("accent", "text", 0.15 if over else 0.0) if live else colour("control")
        painter.setBrush(knob)
        painter.drawEllipse(QRectF(at - _KNOB / 2, middle - _KNOB / 2, _KNOB, _KNOB))

    def _at(self, x: float) -> int:
        span = max(1, self.width() - _KNOB)
        share = min(1.0, max(0.0, (x - _KNOB / 2) / span))
        return round(self.minimum() + share * (self.maximum() - self.minimum()))


class LabelledSlider(QWidget):
    """A value from 0 to 1 under a name. `moved` comes with every change."""

    moved = Signal(float)

    def __init__(
        self, name: str, *, value: float = 1.0, shown: Callable[[float], str] = percent
    ) -> None:
        super().__init__()
        self._shown = shown
        self.slider = Slider(name)
        self._value = label("", "caption", tone="muted")
        head = row(label(name, "caption", tone="muted"), None, self._value, spacing=XS)
        self.setLayout(column(head, self.slider, spacing=0))
        self.setFocusProxy(self.slider)
        self.set_value(value)
        self._show()
        self.slider.valueChanged.connect(self._changed)

    @property
    def value(self) -> float:
        return self.slider.value() / _STEPS

    def set_value(self, value: float) -> None:
        self.slider.setValue(round(min(1.0, max(0.0, value)) * _STEPS))

    def _changed(self) -> None:
        self._show()
        self.moved.emit(self.value)

    def _show(self) -> None:
        text = self._shown(self.value)
        self._value.setText(text)
        self.slider.setAccessibleDescription(text)
