"""The places of an attribute, drawn over the rows and under the bars of the strip.

What is off in pitch is drawn as the note that was meant with the way to what was sung; anything
else as a marked stretch. Direction is told by an arrow too, never by colour alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from asa_desktop.core.types import AttributePlace
from asa_desktop.ui.plots import ink
from asa_desktop.ui.plots.pitch_row import PitchRow
from asa_desktop.ui.plots.row import Row
from asa_desktop.ui.theme.theme import colour, on_picture
from asa_desktop.ui.widgets.painting import plate

_SIGNS = {"high": 1.0, "low": -1.0}
_LEAST, _BAND, _ARROW = 3.0, 4.0, 4.0
_MOST_NOTES = 400
_RUG, _RUG_CHOSEN = 5.0, 10.0
_SEEN = 0.92

ToX = Callable[[float], float]


class PlaceMarks:
    """Places in order of time, and which of them is chosen."""

    def __init__(self, places: Iterable[AttributePlace] = ()) -> None:
        self.places = tuple(sorted(places, key=lambda each: each.start))
        self.chosen: AttributePlace | None = None
        self._starts = np.array([each.start for each in self.places])
        self._ends = np.array([each.end for each in self.places])
        self._longest = float(np.max(self._ends - self._starts, initial=0.0))

    def __bool__(self) -> bool:
        return bool(self.places)

    def between(self, start: float, end: float) -> Sequence[AttributePlace]:
        """Those that reach into a stretch of time."""
        first = int(np.searchsorted(self._starts, start - self._longest))
        last = int(np.searchsorted(self._starts, end, side="right"))
        return [each for each in self.places[first:last] if each.end >= start]

    def stretches(self, x_of: ToX, start: float, end: float) -> NDArray[np.float64]:
        """Where they lie in pixels; those that touch are one. Shape: (n, 2)."""
        return joined([(x_of(each.start), x_of(each.end)) for each in self.between(start, end)])

    def paint_on_row(
        self, painter: QPainter, row: Row, box: QRect, x_of: ToX, start: float, end: float
    ) -> None:
        """Mark what lies between two seconds in a row that is drawn into `box`."""
        shown = self.between(start, end)
        notes = [each for each in shown if _is_note(each)]
        as_notes = isinstance(row, PitchRow) and len(notes) <= _MOST_NOTES
        spans = [each for each in shown if not _is_note(each)] if as_notes else shown
        for left, right in joined([(x_of(each.start), x_of(each.end)) for each in spans]):
            _paint_span(painter, QRectF(left, box.top(), right - left, box.height()), row.outlined)
        if as_notes:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for each in notes:
                _paint_note(painter, row, box.top(), each, x_of)
        if self.chosen in shown:
            self._paint_chosen(painter, row, box, x_of)

    def paint_rug(
        self, painter: QPainter, x_of: ToX, floor: float, *, start: float, end: float
    ) -> None:
        """Short strokes that stand on the floor of the clip strip, between two seconds."""
        for left, right in self.stretches(x_of, start, end):
            _stroke(painter, left, right, floor, _RUG)
        if self.chosen is not None:
            left, right = x_of(self.chosen.start), x_of(self.chosen.end)
            _stroke(painter, left, max(right, left + _LEAST), floor, _RUG_CHOSEN)
            _arrow(painter, (left + right) / 2, floor - _RUG_CHOSEN - _ARROW - 1, down=True)

    def _paint_chosen(self, painter: QPainter, row: Row, box: QRect, x_of: ToX) -> None:
        assert self.chosen is not None
        left, right = x_of(self.chosen.start), x_of(self.chosen.end)
        place = QRectF(left, box.top(), max(right - left, _LEAST), box.height())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(on_picture(_SEEN) if row.outlined else colour("text"), 1.5))
        painter.drawRect(place.adjusted(0.75, 0.75, -0.75, -0.75))


def off_by(place: AttributePlace) -> float | None:
    """Semitones from what was meant to what was sung; 0 for a note that is missing, None where the
    place says nothing of pitch."""
    if place.code in _SIGNS:
        return _SIGNS[place.code] * abs(place.value) / 100
    if place.code == "wrong_note":
        return place.value / 100
    return 0.0 if place.code == "missed_note" else None


def _is_note(place: AttributePlace) -> bool:
    return place.midi is not None and off_by(place) is not None


def joined(spans: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    """Spans in order of their left ends, at least three pixels wide, those that touch as one."""
    found: list[list[float]] = []
    for left, right in spans:
        end = max(right, left + _LEAST)
        if found and left <= found[-1][1] + 1:
            found[-1][1] = max(found[-1][1], end)
        else:
            found.append([left, end])
    return np.array(found, np.float64).reshape(-1, 2)


def _paint_span(painter: QPainter, box: QRectF, on_heat: bool) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    band = QRectF(box.left(), box.top(), box.width(), _BAND)
    if on_heat:
        painter.fillRect(band.adjusted(-1, 0, 1, 1), colour("surface"))
        painter.fillRect(band, colour("sharp"))
        return
    painter.fillRect(box, colour("sharp", 0.16))
    painter.fillRect(band, colour("sharp"))


def _paint_note(painter: QPainter, row: Row, top: float, place: AttributePlace, x_of: ToX) -> None:
    """The note that was meant as an outline, and from it to what was sung a filled plate."""
    midi, off = place.midi, off_by(place)
    assert midi is not None
    assert off is not None
    left = x_of(place.start)
    wide = max(x_of(place.end) - left, _LEAST)
    semitone = row.y_of(0.0) - row.y_of(1.0)
    meant = top + row.y_of(midi)
    tall = max(0.9 * semitone, 4.0)
    note = QRectF(left, meant - tall / 2, wide, tall)
    if place.code == "missed_note":
        plate(painter, note, fill=ink.surface(), edge=colour("text"), radius=2, dashed=True)
        return
    token = "sharp" if off > 0 else "flat"
    edge = 2 * _ARROW + 2  # the arrow stays in the row where the note does not
    sung = min(max(meant - off * semitone, top + edge), top + row.height() - edge)
    plate(painter, note, fill=colour(token, 0.14), edge=colour(token), radius=2)
    way = QRectF(left, min(meant, sung), wide, abs(sung - meant)).normalized()
    painter.fillRect(way, colour(token, 0.45))
    painter.setPen(QPen(colour(token), 2))
    painter.drawLine(QLineF(left, sung, left + wide, sung))
    _arrow(painter, left + wide / 2, sung + (-_ARROW if off > 0 else _ARROW), down=off < 0,
           token=token)  # fmt: skip


def _stroke(painter: QPainter, left: float, right: float, floor: float, tall: float) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    box = QRectF(round(left), floor - tall, max(round(right - left), _LEAST), tall)
    painter.fillRect(box.adjusted(-1, -1, 1, 0), ink.surface())
    painter.fillRect(box, colour("sharp"))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def _arrow(painter: QPainter, x: float, y: float, *, down: bool, token: str = "text") -> None:
    """A small triangle whose middle is at a place."""
    tip = _ARROW if down else -_ARROW
    corners = (QPointF(x, y + tip), QPointF(x - _ARROW, y - tip), QPointF(x + _ARROW, y - tip))
    painter.setPen(QPen(ink.surface(), 1))
    painter.setBrush(colour(token))
    painter.drawPolygon(QPolygonF(corners))
