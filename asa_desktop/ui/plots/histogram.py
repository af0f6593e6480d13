"""The pitch histogram over the twelve note names: the take as bars, the original as a line."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from asa_desktop.services.report.histogram import BIN_CENTS, BINS, Peak, PitchHistogram
from asa_desktop.ui.plots import ink
from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.painting import antialiased, left_to_right

_NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
_LABELS = 20
_FROM = -50.0
"""Cents from C at the left edge: each name stands in the middle of its semitone."""

_OCTAVE = 1200.0


class HistogramPlot(QWidget):
    """Share of the sung frames by pitch class, octaves folded; brackets are widths of peaks."""

    def __init__(self) -> None:
        super().__init__()
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # pitch from low to high
        self._smooth = False
        self._take: PitchHistogram | None = None
        self._original: PitchHistogram | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(120)
        self.setMaximumHeight(240)
        self.set_histograms(None, None)

    def set_histograms(
        self,
        take: PitchHistogram | None,
        original: PitchHistogram | None,
        *,
        smooth: bool = False,
    ) -> None:
        """Show these; a histogram of nothing sung counts as none.

        `smooth` draws what the peaks were found in: a few seconds leave most bins empty.
        """
        self._smooth = smooth
        self._take = take if take is not None and take.median is not None else None
        self._original = original if original is not None and original.median is not None else None
        self.setAccessibleName(tr("Pitch histogram"))
        self.setAccessibleDescription(width_words(self._take, self._original))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(240, 152)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = left_to_right(antialiased(QPainter(self)))
        floor = self.height() - _LABELS
        self._paint_names(painter, floor)
        given = [each for each in (self._take, self._original) if each is not None]
        highest = max((float(self._heights(each).max()) for each in given), default=0.0)
        if not highest:
            return
        scale = (floor - 4) / highest
        if self._take is not None:
            self._paint_bars(painter, self._take, floor, scale)
        if self._original is not None:
            self._paint_line(painter, self._original, floor, scale)
        if self._take is not None:
            painter.setPen(QPen(colour("text"), 1.25))
            for peak in self._take.peaks:
                self._paint_bracket(painter, peak, self._take, floor, scale)

    def _paint_names(self, painter: QPainter, floor: float) -> None:
        painter.setFont(font("caption"))
        a_name = self.width() / 12
        every = 1 if a_name >= 19 else 2
        for index in range(12):
            x = round(index * a_name)
            painter.setPen(QPen(ink.hairline(faint=True), 1))
            painter.drawLine(QLineF(x + a_name / 2, 0, x + a_name / 2, floor))
            if index % every == 0:
                painter.setPen(colour("muted"))
                box = QRectF(x - a_name / 2, floor + 2, 2 * a_name, _LABELS - 2)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, _NAMES[index])
        painter.setPen(QPen(ink.hairline(), 1))
        painter.drawLine(QLineF(0, floor + 0.5, self.width(), floor + 0.5))

    def _paint_bars(
        self, painter: QPainter, of: PitchHistogram, floor: float, scale: float
    ) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("take", 0.75))
        wide, heights = self.width() * BIN_CENTS / _OCTAVE, self._heights(of)
        tall = (heights * scale).tolist()
        painter.drawRects(
            [
                QRectF(self._x(edge_of(of, k)), floor - tall[k], max(wide - 0.5, 0.5), tall[k])
                for k in range(BINS)
                if tall[k] > 0
            ]
        )

    def _paint_line(
        self, painter: QPainter, of: PitchHistogram, floor: float, scale: float
    ) -> None:
        heights = self._heights(of)
        places = sorted(
            (self._x(edge_of(of, index) + BIN_CENTS / 2), floor - float(heights[index]) * scale)
            for index in range(BINS)
        )
        painter.setPen(QPen(colour("reference"), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in places]))

    def _paint_bracket(
        self, painter: QPainter, peak: Peak, of: PitchHistogram, floor: float, scale: float
    ) -> None:
        """The half-power width, at half the height; it may go round the edge of the octave."""
        y = floor - peak.height / 2 * scale
        start = self._x(_from_c(of, peak.left))
        wide = self.width() * peak.width / _OCTAVE
        for left in (start, start - self.width()):
            if left + wide > 0 and left < self.width():
                painter.drawLine(QLineF(left, y, left + wide, y))
                for x in (left, left + wide):
                    painter.drawLine(QLineF(x, y - 3, x, y + 3))

    def _heights(self, of: PitchHistogram) -> NDArray[np.float64]:
        return of.smooth if self._smooth else of.share

    def _x(self, cents: float) -> float:
        """Pixel of cents from C, folded into the octave that is shown."""
        return (cents - _FROM) % _OCTAVE / _OCTAVE * self.width()


def edge_of(histogram: PitchHistogram, index: int) -> float:
    """Cents from C (0 to 1200) at the left edge of a bin, which lies about the median."""
    return _from_c(histogram, -600 + BIN_CENTS * index)


def _from_c(histogram: PitchHistogram, cents: float) -> float:
    return ((histogram.median or 0.0) * 100 + cents) % _OCTAVE


def width_words(take: PitchHistogram | None, original: PitchHistogram | None) -> str:
    """How wide the peaks are: the narrower, the steadier the pitch."""
    ours = None if take is None else take.width
    theirs = None if original is None else original.width
    if ours is None:
        return tr("nothing sung here")
    if theirs is None:
        return tr("peaks {width} ¢ wide", width=round(ours))
    return tr("peaks {width} ¢ wide, original {other} ¢", width=round(ours), other=round(theirs))
