"""Choices: a few side by side, many in a list, and yes or no."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QRadioButton, QSizePolicy, QWidget

from asa_desktop.ui.theme import icons
from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import blend, colour
from asa_desktop.ui.theme.tokens import CONTROL, HIT, ICON_SMALL, RADIUS_CONTROL, XS, M, S
from asa_desktop.ui.widgets.frames import row
from asa_desktop.ui.widgets.painting import antialiased, mirrored, plate


def _kept(event: QEvent) -> bool:
    """Keep the space bar for whoever came here by Tab, from the page's shortcut."""
    space = (
        event.type() == QEvent.Type.ShortcutOverride
        and isinstance(event, QKeyEvent)
        and event.key() == Qt.Key.Key_Space
    )
    if space:
        event.accept()
    return space


class _Segment(QRadioButton):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setFont(font("button"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(text)

    def event(self, event: QEvent) -> bool:
        return _kept(event) or super().event(event)

    def sizeHint(self) -> QSize:  # noqa: N802
        wide = QFontMetricsF(self.font()).horizontalAdvance(self.text())
        return QSize(round(wide + 0.5) + 2 * M, HIT)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return self.sizeHint()

    def hitButton(self, position: QPoint) -> bool:  # noqa: N802
        return self.rect().contains(position)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = antialiased(QPainter(self))
        box = QRectF(self.rect())
        if self.isChecked():
            plate(painter, box, fill=blend("surface", "accent", 0.14), edge=colour("accent"),
                  radius=RADIUS_CONTROL - 2)  # fmt: skip
        elif self.underMouse() and self.isEnabled():
            plate(painter, box, fill=colour("raised"), radius=RADIUS_CONTROL - 2)
        live = "text" if self.isChecked() or self.underMouse() else "muted"
        painter.setPen(colour(live if self.isEnabled() else "control"))
        painter.setFont(self.font())
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.text())


class Segmented(QWidget):
    """One of a few, side by side; the arrow keys move the choice. `chosen` gives its value."""

    chosen = Signal(str)

    def __init__(self, name: str, options: Sequence[tuple[str, str]], *, value: str = "") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._segments = {key: _Segment(text) for key, text in options}
        box = row(*self._segments.values(), spacing=2)
        box.setContentsMargins(2, 2, 2, 2)
        self.setLayout(box)
        self.set_value(value or next(iter(self._segments)))
        for key, segment in self._segments.items():
            segment.setAccessibleDescription(name)
            segment.toggled.connect(lambda on, key=key: self._took(key) if on else None)

    @property
    def value(self) -> str:
        return next((key for key, one in self._segments.items() if one.isChecked()), "")

    def set_value(self, value: str) -> None:
        self._segments[value].setChecked(True)
        self.setFocusProxy(self._segments[value])

    def _took(self, key: str) -> None:
        self.setFocusProxy(self._segments[key])
        self.chosen.emit(key)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        plate(
            antialiased(QPainter(self)),
            QRectF(self.rect()),
            fill=colour("surface"),
            edge=colour("control"),
        )


class DropDown(QComboBox):
    """One of many: pairs of value and text. `picked` gives the value the user took."""

    picked = Signal(str)

    def __init__(
        self, name: str, options: Sequence[tuple[str, str]] = (), *, value: str = ""
    ) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFont(font())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.set_options(options, value=value)
        self.activated.connect(lambda index: self.picked.emit(str(self.itemData(index))))

    def event(self, event: QEvent) -> bool:
        return _kept(event) or super().event(event)

    def set_options(self, options: Sequence[tuple[str, str]], *, value: str = "") -> None:
        """Other options; `value` is shown where it is among them, else the first."""
        self.blockSignals(True)
        self.clear()
        for key, text in options:
            self.addItem(text, key)
        self.blockSignals(False)
        self.set_value(value)

    @property
    def value(self) -> str:
        return str(self.currentData() or "")

    def set_value(self, value: str) -> None:
        self.setCurrentIndex(max(0, self.findData(value)))

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(max(200, super().sizeHint().width()), CONTROL)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(120, CONTROL)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        event.ignore()  # scrolling a page must not change a choice on its way

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = antialiased(QPainter(self))
        live = self.isEnabled()
        fill = colour("raised" if self.underMouse() and live else "surface")
        plate(painter, QRectF(self.rect()), fill=fill, edge=colour("control" if live else "border"))
        ink = colour("text" if live else "control")
        mark = QRectF(self.width() - S - ICON_SMALL, round((self.height() - ICON_SMALL) / 2),
                      ICON_SMALL, ICON_SMALL)  # fmt: skip
        whole = QRectF(self.rect())
        at = mirrored(painter, mark, whole)
        icons.draw(painter, "chevron-down", at, colour("muted" if live else "control"))
        painter.setPen(ink)
        painter.setFont(self.font())
        room = QRectF(M, 0, mark.left() - M - XS, self.height())
        text = self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideRight, int(room.width())
        )
        room = mirrored(painter, room, whole)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)


class Switch(QCheckBox):
    """Yes or no, with its words at its right."""

    _WIDE, _TALL = 36, 20

    def __init__(self, text: str, *, on: bool = False) -> None:
        super().__init__(text)
        self.setFont(font())
        self.setAccessibleName(text)
        self.setChecked(on)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def event(self, event: QEvent) -> bool:
        return _kept(event) or super().event(event)

    def sizeHint(self) -> QSize:  # noqa: N802
        wide = QFontMetricsF(self.font()).horizontalAdvance(self.text())
        return QSize(self._WIDE + (M + round(wide + 0.5) if self.text() else 0), HIT)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return self.sizeHint()

    def hitButton(self, position: QPoint) -> bool:  # noqa: N802
        return self.rect().contains(position)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = antialiased(QPainter(self))
        on, live, whole = self.isChecked(), self.isEnabled(), QRectF(self.rect())
        track = QRectF(0, (self.height() - self._TALL) / 2, self._WIDE, self._TALL)
        track = mirrored(painter, track, whole)
        edge = colour("control" if live else "border")
        if on and live:
            plate(painter, track, fill=colour("accent"), radius=self._TALL / 2)
        else:
            plate(painter, track, fill=colour("surface"), edge=edge, radius=self._TALL / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("on_accent") if on and live else edge)
        knob = self._TALL - 8
        left = track.right() - knob - 4 if on else track.left() + 4
        spot = QRectF(left, track.top() + 4, knob, knob)
        painter.drawEllipse(mirrored(painter, spot, track))
        painter.setPen(colour("text" if live else "control"))
        painter.setFont(self.font())
        words = QRectF(self._WIDE + M, 0, self.width() - self._WIDE - M, self.height())
        words = mirrored(painter, words, whole)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
