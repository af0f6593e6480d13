"""Bars of 0 to 100 with their names: the length tells, colour only helps."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.theme.tokens import S
from asa_desktop.ui.widgets.frames import column
from asa_desktop.ui.widgets.painting import antialiased, hatched, mirrored, plate

BAR = 6
_ROW = 22
_NAME_SHARE, _VALUE = 0.52, 44


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `share` is its length, 0 to 1, `value` its number in words; `marked` the one that
    matters most, `said` what a screen reader says of it."""

    name: str
    share: float
    value: str
    said: str
    marked: bool = False


def paint_bar(painter: QPainter, box: QRectF, share: float | None, *, faded: bool = False) -> None:
    """A track and how far it is filled, from where one begins to read.

    It is hatched where there is nothing, dashed where faded.
    """
    radius = box.height() / 2
    if share is None:
        hatched(painter, box, radius=radius)
        return
    plate(painter, box, fill=colour("border"), radius=radius)
    if share <= 0:
        return
    wide = max(box.width() * min(share, 1.0), box.height())
    filled = mirrored(painter, QRectF(box.left(), box.top(), wide, box.height()), box)
    if faded:
        plate(painter, filled, fill=colour("surface"), radius=radius)
        plate(painter, filled, edge=colour("accent"), radius=radius, dashed=True)
    else:
        plate(painter, filled, fill=colour("accent"), radius=radius)


class BarRow(QWidget):
    """Name, bar and number in one line."""

    def __init__(self, bar: Bar) -> None:
        super().__init__()
        self.bar = bar
        self.setAccessibleName(bar.said)
        self.setToolTip(bar.said)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(200, _ROW)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = antialiased(QPainter(self))
        bar, middle = self.bar, self.height() / 2
        kind, ink = ("strong", "text") if bar.marked else ("body", "muted")
        name = QRectF(0, 0, self.width() * _NAME_SHARE, self.height())
        value = QRectF(self.width() - _VALUE, 0, _VALUE, self.height())
        track = QRectF(name.right() + S, round(middle - BAR / 2), 0, BAR)
        track.setRight(value.left() - 2)
        name, track, value = (
            mirrored(painter, each, QRectF(self.rect())) for each in (name, track, value)
        )
        painter.setFont(font(kind))
        painter.setPen(colour(ink))
        metrics = QFontMetricsF(font(kind))
        text = metrics.elidedText(bar.name, Qt.TextElideMode.ElideRight, name.width())
        centre = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(name, Qt.AlignmentFlag.AlignLeft | centre, text)
        painter.setPen(colour("text"))
        painter.drawText(value, Qt.AlignmentFlag.AlignRight | centre, bar.value)
        paint_bar(painter, track, bar.share)


class BarList(QWidget):
    """Bars one below the other."""

    def __init__(self) -> None:
        super().__init__()
        self._box = column(spacing=0)
        self.setLayout(self._box)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def rows(self) -> list[BarRow]:
        """The lines as they stand."""
        found = [self._box.itemAt(index).widget() for index in range(self._box.count())]
        return [each for each in found if isinstance(each, BarRow)]

    def show_bars(self, bars: tuple[Bar, ...]) -> None:
        """Show these and nothing else; the list is hidden where there are none."""
        for each in self.rows:
            self._box.removeWidget(each)
            each.hide()
            each.deleteLater()
        for bar in bars:
            self._box.addWidget(BarRow(bar))
        self.setVisible(bool(bars))
