"""The card with the plots: legend, reading of the crosshair, the rows, which of them are shown."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QStackedLayout, QWidget

from asa_desktop.ui.plots.legend import Legend
from asa_desktop.ui.plots.pitch_row import signed
from asa_desktop.ui.plots.sheet import Sheet
from asa_desktop.ui.plots.stack import NAMES, Reading, Stack
from asa_desktop.ui.plots.timeaxis import TimeAxis, clock
from asa_desktop.ui.theme.tokens import M, S
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.button import IconButton
from asa_desktop.ui.widgets.frames import Card, column, label, row

_NARROW = 560


class RowsCard(Card):
    """The rows of a take, or in their place whatever stands there while there are none."""

    def __init__(self, axis: TimeAxis) -> None:
        super().__init__(margin=M, spacing=S, name=tr("Plots over time"))
        self.stack = Stack(axis)
        self.legend = Legend()
        self.title = label(tr("Pitch"), "strong")
        self.reading = label("", "caption")
        self.other = label("", "caption", tone="muted")
        for each in (self.reading, self.other):
            each.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.whole = IconButton("maximize", tr("Show the whole take"), keys="0", action=axis.reset)
        self.choose = IconButton("eye", tr("Show or hide rows"), keys="1–4", action=self._menu)
        head = row(
            self.title, self.legend, None, self.reading, self.other, self.whole, self.choose,
            spacing=M,
        )  # fmt: skip
        self._plots = QWidget()
        self._plots.setLayout(column(head, self.stack, spacing=S))
        self._instead = QWidget()
        self._what: QWidget | None = None
        self._place = column()
        self._instead.setLayout(self._place)
        self._layers = QStackedLayout()
        self.box.addLayout(self._layers, 1)  # first, for it shows what it is given
        self._layers.addWidget(self._plots)
        self._layers.addWidget(self._instead)
        self._axis = axis
        self.stack.read.connect(self._read)
        self.stack.rows_changed.connect(self._show_title)
        axis.changed.connect(self._show_whole)
        self._show_whole()

    def show_sheet(self, sheet: Sheet) -> None:
        """Show the plots of a take."""
        self._layers.setCurrentWidget(self._plots)
        self.stack.set_sheet(sheet)
        self._read(None)
        self._show_title()

    def show_instead(self, widget: QWidget) -> None:
        """Show this in place of plots; what stood there goes."""
        before = self._what
        if before is not None:
            self._place.removeWidget(before)
            before.hide()
            before.deleteLater()
        self._what = widget
        self._place.addWidget(widget)
        self.stack.set_sheet(None)
        self._layers.setCurrentWidget(self._instead)

    @property
    def instead(self) -> QWidget | None:
        """What stands in place of the plots, None where they are shown."""
        return None if self._layers.currentWidget() is self._plots else self._what

    def toggle(self, name: str) -> None:
        """Show a row that is hidden, hide one that is shown."""
        if self.stack.can_show(name):
            self.stack.show_row(name, not self.stack.is_shown(name))

    def _show_title(self) -> None:
        sheet, shown = self.stack.sheet, self.stack.is_shown("pitch")
        self.title.setVisible(shown)
        self.legend.setVisible(shown)
        if sheet is None:
            return
        entries = [(tr("me"), "take")]
        if sheet.original is not None:
            entries.append((self._moved(tr("original"), sheet), "reference"))
        if sheet.notes:
            words = tr("notes") if sheet.original is not None else self._moved(tr("notes"), sheet)
            entries.append((words, "note"))
        self.legend.set_entries(*entries)

    def _moved(self, words: str, sheet: Sheet) -> str:
        if not sheet.moved:
            return words
        return tr("{line}, moved {count} semitones", line=words, count=signed(sheet.moved))

    def _show_whole(self) -> None:
        self.whole.setVisible(not self._axis.whole)

    def _read(self, reading: Reading | None) -> None:
        if reading is None:
            self.reading.setText("")
            self.other.setText("")
            return
        at = clock(reading.second, tenths=True)
        if reading.take:
            self.reading.setText(f"{at}  {reading.take}")
        else:
            self.reading.setText(f"{at}  {reading.level}" if reading.level else at)
        wide = self.width() >= _NARROW
        self.other.setText(
            tr("original {pitch}", pitch=reading.original) if reading.original and wide else ""
        )

    def _menu(self) -> None:
        menu = QMenu(self)
        menu.setAccessibleName(tr("Show or hide rows"))
        for number, (name, words) in enumerate(zip(NAMES, row_names(), strict=True), 1):
            if not self.stack.can_show(name):
                continue
            action = menu.addAction(f"{words}\t{number}")
            action.setCheckable(True)
            action.setChecked(self.stack.is_shown(name))
            action.triggered.connect(lambda on, name=name: self.stack.show_row(name, on))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.choose.mapToGlobal(self.choose.rect().bottomLeft()))


def row_names() -> tuple[str, ...]:
    """What people call the rows, in the order of `NAMES`."""
    return tr("Pitch"), tr("Chroma, me"), tr("Chroma, original"), tr("Spectrogram")
