"""What is asked about one take, in its place: its name and singer, or another assessment."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from asa_desktop.services.take_list import TakeEntry
from asa_desktop.ui.models.takes import name_of
from asa_desktop.ui.pages.takes_bring import Field, Panel
from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.tokens import XS
from asa_desktop.ui.tr import marked, sentences, tr
from asa_desktop.ui.widgets.button import Button, IconButton
from asa_desktop.ui.widgets.choice import DropDown
from asa_desktop.ui.widgets.frames import row
from asa_desktop.ui.widgets.singer import SingerField

if TYPE_CHECKING:
    from asa_desktop.services.library import TakeRow

LEAST_MS, MOST_MS = -1000.0, 5000.0
_FROM = {
    "chirps": marked("calibrated by chirps"),
    "taps": marked("clapped by ear"),
    "given": marked("given by hand"),
    "stamps": marked("the system's own word, not calibrated"),
}


class EditPanel(Panel):
    """A take's title and singer. `saved` gives the take's number, title and singer."""

    saved = Signal(int, str, str)

    def __init__(self) -> None:
        super().__init__(tr("Name of the take"))
        self.take: int | None = None
        self.name = QLineEdit()
        self.name.setFont(font())
        self.name.setMaxLength(120)
        self.name.setAccessibleName(tr("Name of the take"))
        self.singer = SingerField()
        for field in (self.name, self.singer):
            field.returnPressed.connect(self._save)
        self.fields.addWidget(Field(tr("Name"), self.name), 2)
        self.fields.addWidget(Field(tr("Singer"), self.singer), 1)
        self.actions.addWidget(
            Button(tr("Cancel"), kind="quiet", keys=tr("Esc"), action=self.dismiss)
        )
        self.actions.addWidget(Button(tr("Save"), kind="primary", icon="check", action=self._save))

    def show_take(self, entry: TakeEntry, names: Sequence[str] = ()) -> None:
        """Ask about this take."""
        self.take = entry.take.id
        self.title.setText(tr("{song}, {take}", song=entry.take.song_title, take=name_of(entry)))
        self.name.setText(entry.take.title)
        self.name.setPlaceholderText(tr("take {number}", number=entry.number))
        self.singer.offer(names)
        self.singer.show_name(entry.take.singer)
        self.refuse("")

    def focus_first(self) -> None:
        self.name.setFocus()
        self.name.selectAll()

    def _save(self) -> None:
        if not self.singer.name:
            self.refuse(tr("Write who sings here."))
            self.singer.setFocus()
        elif self.take is not None:
            self.saved.emit(self.take, self.name.text().strip(), self.singer.name)


class DelayField(QWidget):
    """Milliseconds, typed or moved: up and down by one, page up and down by ten."""

    entered = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.line = _Steps(self.step)
        self.line.setAccessibleName(tr("Delay in milliseconds"))
        self.line.returnPressed.connect(self.entered)
        less = IconButton("minus", tr("One millisecond less"), keys=tr("Down"),
                          action=lambda: self.step(-1))  # fmt: skip
        more = IconButton("plus", tr("One millisecond more"), keys=tr("Up"),
                          action=lambda: self.step(1))  # fmt: skip
        self.setLayout(row(self.line, less, more, spacing=XS))
        self.setFocusProxy(self.line)

    @property
    def milliseconds(self) -> float | None:
        """What was entered, None where it is no delay that can be."""
        text = self.line.text().strip().replace(",", ".").replace("−", "-")
        try:
            value = float(text)
        except ValueError:
            return None
        return value if math.isfinite(value) and LEAST_MS <= value <= MOST_MS else None

    def set_milliseconds(self, value: float) -> None:
        self.line.setText(f"{round(value, 1) + 0.0:g}")

    def step(self, by: float) -> None:
        value = self.milliseconds
        if value is not None:
            self.set_milliseconds(min(MOST_MS, max(LEAST_MS, value + by)))


class _Steps(QLineEdit):
    def __init__(self, step: object) -> None:
        super().__init__()
        self._step = step
        self.setFont(font())
        self.setMaxLength(9)
        self.setFixedWidth(96)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        steps = {
            Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10,
        }  # fmt: skip
        by = steps.get(Qt.Key(event.key()))
        if by is None or not callable(self._step):
            super().keyPressEvent(event)
        else:
            self._step(by)


class AssessPanel(Panel):
    """Another delay or model for a take. `asked` gives the take, its delay in s, and the model."""

    asked = Signal(int, float, str)

    def __init__(self) -> None:
        super().__init__(tr("Assess again"))
        self.take: TakeRow | None = None
        self.delay = DelayField()
        self.delay.entered.connect(self._ask)
        self.model = DropDown(tr("Model"))
        self.fields.addWidget(Field(tr("Delay in ms"), self.delay))
        self.fields.addWidget(Field(tr("Model"), self.model))
        self.fields.addStretch(1)
        self.actions.addWidget(
            Button(tr("Cancel"), kind="quiet", keys=tr("Esc"), action=self.dismiss)
        )
        self.actions.addWidget(
            Button(tr("Assess"), kind="primary", icon="refresh-cw", action=self._ask)
        )

    def show_take(self, entry: TakeEntry, models: Sequence[tuple[str, str]], *, model: str) -> None:
        """Ask about this take; `models` are pairs of id and text."""
        take = self.take = entry.take
        title = tr("Assess again: {song}, {take}", song=take.song_title, take=name_of(entry))
        self.title.setText(title)
        self.delay.set_milliseconds(1000 * take.latency_s)
        self.model.set_options(models, value=model)
        known = _FROM.get(take.delay_from)
        said = tr("The recording and what was found before stay as they are.")
        if known is not None:
            now = tr("The delay now: {how}.", how=tr(known))
            said = sentences(now, said)
        self.say(said)
        self.refuse("")

    def focus_first(self) -> None:
        self.delay.line.setFocus()
        self.delay.line.selectAll()

    def _ask(self) -> None:
        value = self.delay.milliseconds
        if value is None or self.take is None:
            self.refuse(tr("Write a delay between {low} and {high} ms.",
                           low=f"{LEAST_MS:g}", high=f"{MOST_MS:g}"))  # fmt: skip
            self.delay.line.setFocus()
            return
        self.refuse("")
        shown = f"{round(1000 * self.take.latency_s, 1) + 0.0:g}"
        untouched = self.delay.line.text().strip() == shown
        seconds = self.take.latency_s if untouched else value / 1000
        self.asked.emit(self.take.id, seconds, self.model.value)
