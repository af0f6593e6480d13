"""Buttons: one primary a page, plain and quiet ones, the round one that records.

A button takes the keyboard's focus by Tab, not by a click, so that after a click the page's own
keys (space, escape) still belong to the page. Where it has the focus, space and enter press it.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from asa_desktop.ui.theme import icons
from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import blend, colour
from asa_desktop.ui.theme.tokens import CONTROL, HIT, ICON_SMALL, M, S
from asa_desktop.ui.widgets.painting import antialiased, key_width, mirrored, paint_key, plate

KINDS = ("primary", "secondary", "quiet", "danger")
_PRESSES = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Button(QPushButton):
    """A button with a word, and perhaps a sign and the key that does the same."""

    def __init__(
        self,
        text: str,
        *,
        kind: str = "secondary",
        icon: str = "",
        keys: str = "",
        tip: str = "",
        action: Callable[[], object] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        assert kind in KINDS, kind
        self.kind, self.sign, self.keys = kind, icon, keys
        self.setFont(font("button"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(text)
        if keys:
            self.setAccessibleDescription(keys)
        if tip:
            self.setToolTip(tip)
        if action is not None:
            self.clicked.connect(lambda _checked=False: action())

    def say(self, text: str, *, icon: str | None = None) -> None:
        """Change the word, and the sign with it."""
        self.setText(text)
        self.setAccessibleName(text)
        if icon is not None:
            self.sign = icon
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        wide = 2.0 * M + QFontMetricsF(self.font()).horizontalAdvance(self.text())
        if self.sign:
            wide += ICON_SMALL + (S if self.text() else 0)
        if self.keys:
            wide += S + key_width(self.keys)
        return QSize(max(HIT, round(wide + 0.5)), CONTROL)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in _PRESSES
        ):
            event.accept()  # whoever came here by Tab means this button, not the page's key
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = antialiased(QPainter(self))
        fill, edge, ink = self._colours()
        plate(painter, QRectF(self.rect()), fill=fill, edge=edge)
        whole = QRectF(self.rect())
        content = self.sizeHint().width() - 2.0 * M
        x = max(float(M), (self.width() - content) / 2)
        middle = self.height() / 2
        if self.sign:
            left = x if self.text() else (self.width() - ICON_SMALL) / 2
            box = QRectF(round(left), round(middle - ICON_SMALL / 2), ICON_SMALL, ICON_SMALL)
            icons.draw(painter, self._turned_sign(), mirrored(painter, box, whole), ink)
            x += ICON_SMALL + S
        painter.setPen(ink)
        painter.setFont(self.font())
        room = mirrored(painter, QRectF(x, 0, self.width() - x, self.height()), whole)
        painter.drawText(
            room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.text()
        )
        if self.keys:
            on = "on_accent" if self.kind == "primary" and self.isEnabled() else ""
            wide = key_width(self.keys)
            chip = QRectF(round(self.width() / 2 + content / 2) - wide, middle, wide, 0)
            right = QPointF(mirrored(painter, chip, whole).right(), middle)
            paint_key(painter, right, self.keys, on=on)

    def _turned_sign(self) -> str:
        """Arrows point back and on as one reads."""
        turned = {"chevron-left": "chevron-right", "chevron-right": "chevron-left"}
        return turned.get(self.sign, self.sign) if self.isRightToLeft() else self.sign

    def _colours(self) -> tuple[QColor | None, QColor | None, QColor]:
        """Fill, edge and ink of the present state."""
        down, over = self.isDown() or self.isChecked(), self.underMouse()
        if not self.isEnabled():
            edge = None if self.kind == "quiet" else colour("border")
            return None, edge, colour("control")
        if self.kind == "primary":
            share = 0.2 if down else 0.1 if over else 0.0
            return blend("accent", "text", share), None, colour("on_accent")
        if self.kind == "danger":
            fill = blend("surface", "record", 0.16 if down else 0.08 if over else 0.0)
            return fill, colour("record"), colour("record")
        if self.kind == "quiet":
            quiet = blend("raised", "border", 0.6 if down else 0.0) if down or over else None
            return quiet, None, colour("text" if down or over else "muted")
        edge = colour("accent") if self.isChecked() else colour("control")
        fill = blend("surface", "raised", 1.0 if down or over else 0.0)
        return fill, edge, colour("text")


class IconButton(Button):
    """A quiet square with a sign alone; its name is its tool tip and what is read out."""

    def __init__(
        self,
        icon: str,
        name: str,
        *,
        keys: str = "",
        kind: str = "quiet",
        action: Callable[[], object] | None = None,
    ) -> None:
        super().__init__("", icon=icon, kind=kind, action=action)
        self.setFixedSize(HIT, HIT)
        self.name(name, keys=keys)

    def name(self, name: str, *, keys: str = "") -> None:
        """What it does; the key is said with it."""
        self.setAccessibleName(name)
        self.setAccessibleDescription(keys)
        self.setToolTip(f"{name}  ({keys})" if keys else name)

    def say(self, text: str, *, icon: str | None = None) -> None:
        self.name(text, keys=self.accessibleDescription())
        if icon is not None:
            self.sign = icon
        self.update()


class RecordButton(Button):
    """The large round one: a dot that records, a square that stops."""

    SIZE = 64

    def __init__(
        self,
        record: str,
        stop: str,
        *,
        keys: str = "",
        action: Callable[[], object] | None = None,
    ) -> None:
        super().__init__("", keys=keys, action=action)
        self._names = (record, stop)
        self._recording = False
        self.setFixedSize(self.SIZE, self.SIZE)
        self.set_recording(False)

    @property
    def recording(self) -> bool:
        return self._recording

    def set_recording(self, recording: bool) -> None:
        """Show what a press would do now."""
        self._recording = recording
        self.setAccessibleName(self._names[recording])
        self.setToolTip(self._names[recording])
        self.update()

    def hold_back(self, why: str) -> None:
        """Say why it cannot be pressed, to whoever points at it or comes to it; empty: it can."""
        self.setToolTip(why or self._names[self._recording])
        self.setAccessibleDescription(why or self.keys)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = antialiased(QPainter(self))
        painter.setPen(Qt.PenStyle.NoPen)
        share = 0.2 if self.isDown() else 0.1 if self.underMouse() else 0.0
        painter.setBrush(blend("record", "text", share) if self.isEnabled() else colour("border"))
        painter.drawEllipse(self.rect())
        ink = colour("on_record" if self.isEnabled() else "control")
        middle = QPointF(self.width() / 2, self.height() / 2)
        if self._recording:
            painter.setBrush(ink)
            painter.drawRoundedRect(QRectF(middle.x() - 8, middle.y() - 8, 16, 16), 3, 3)
        else:
            icons.draw(painter, "mic", QRectF(middle.x() - 12, middle.y() - 12, 24, 24), ink)
