"""A long job: what is done, how far it is, and a way to stop it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from asa_desktop.ui.theme.theme import blend, colour
from asa_desktop.ui.theme.tokens import XS, M
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.button import IconButton
from asa_desktop.ui.widgets.frames import Elided, column, label, row
from asa_desktop.ui.widgets.painting import antialiased, mirrored

_TALL, _FINE = 4, 1000


class Bar(QProgressBar):
    """A thin bar from 0 to 1; None where nobody can say, shown as a hatch that stands still."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setRange(0, _FINE)
        self.setTextVisible(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self._known = True

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(120, _TALL)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(48, _TALL)

    def show_part(self, part: float | None) -> None:
        self._known = part is not None
        self.setValue(round(_FINE * min(1.0, max(0.0, part or 0.0))))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = antialiased(QPainter(self))
        painter.setPen(Qt.PenStyle.NoPen)
        box = QRectF(self.rect())
        painter.setBrush(blend("raised", "control", 0.45))
        painter.drawRoundedRect(box, 2, 2)
        if not self._known:
            painter.setBrush(colour("accent"))
            for at in range(0, self.width(), 12):
                painter.drawRoundedRect(
                    mirrored(painter, QRectF(at, 0, 6, box.height()), box), 2, 2
                )
        elif self.value():
            painter.setBrush(colour("accent"))
            wide = max(4.0, box.width() * self.value() / _FINE)
            done = mirrored(painter, QRectF(0, 0, wide, box.height()), box)
            painter.drawRoundedRect(done, 2, 2)


class ProgressRow(QWidget):
    """One job in one line; `cancel` is what its cross does (none: it cannot be stopped)."""

    def __init__(self, text: str, *, cancel: Callable[[], object] | None = None) -> None:
        super().__init__()
        self._cancel = cancel
        self._text = Elided(text, "caption", tone="muted")
        self._percent = label("", "caption", tone="muted")
        self.bar = Bar(text)
        self._stop = IconButton("x", tr("Stop: {job}", job=text), action=self._stopped)
        if cancel is None:  # never shown before it has a parent: it would be a window
            self._stop.hide()
        head = row(self._text, self._percent, spacing=M)
        head.setStretch(0, 1)
        body = column(head, self.bar, spacing=XS)
        box = row(spacing=M)
        box.addLayout(body, 1)
        box.addWidget(self._stop)
        self.setLayout(box)
        self.show_part(None)

    def show_part(self, part: float | None, text: str = "") -> None:
        """How far it is, 0 to 1, None for unknown, and what is being done now."""
        if text:
            self._text.setText(text)
            self.bar.setAccessibleName(text)
        self._percent.setText("" if part is None else f"{round(100 * part)} %")
        self.bar.show_part(part)

    def begin(self, text: str) -> None:
        """Show another job in the same place."""
        self._stop.setEnabled(True)
        self.show_part(None, text)

    def _stopped(self) -> None:
        self._stop.setEnabled(False)
        self._text.setText(tr("stopping"))
        if self._cancel is not None:
            self._cancel()
