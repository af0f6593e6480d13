"""F0 of the take over the original's and the song's notes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from asa_desktop.core.types import Note
from asa_desktop.services.report.pitches import note_name
from asa_desktop.ui.plots import ink
from asa_desktop.ui.plots.guard import guarded
from asa_desktop.ui.plots.line import LEAP, Floats, PitchLine
from asa_desktop.ui.plots.row import Levels, Row
from asa_desktop.ui.plots.sheet import Sheet
from asa_desktop.ui.plots.timeaxis import TimeAxis
from asa_desktop.ui.theme.theme import colour

_CLASSES = ((0, 2, 4, 5, 7, 9, 11), (0, 4, 7, 9), (0, 7), (0,))
_LABEL_APART = 13.0
_SEMITONE_APART = 5.0
_NOTE_RADIUS = 3.0
_MOST_NOTES = 600
_BARS_FROM, _BARS_FROM_OF_MANY, _MANY_PIXELS = 8.0, 2.0, 2000
"""Frames a pixel from which plain bars do; on a large screen, whose pixels are small, fewer."""

_PIECE = 128
"""Points that are painted at once: their cost grows faster than their number."""

_MOST_FRAMES = 2000
"""In view; more are drawn as a band rather than a line, whose painting would take too long."""


class PitchRow(Row):
    """Lines of take and original, bars of the target notes, note names in the gutter."""

    def __init__(self, axis: TimeAxis) -> None:
        super().__init__(axis, low=55.0, high=67.0)
        self.setMinimumHeight(64)
        self._notes = _Notes(axis)
        self._original = _Line(axis, lambda: colour("reference"), width=1.5)
        self._take = _Line(axis, lambda: colour("take"), width=2.0)
        for item in (self._notes, self._original, self._take):
            self.box.addItem(item, ignoreBounds=True)
        self.sheet: Sheet | None = None

    def set_sheet(self, sheet: Sheet | None) -> None:
        """Show this take; None shows nothing."""
        self.sheet = sheet
        self._take.line = None if sheet is None else sheet.take
        self._original.line = None if sheet is None else sheet.original
        self._notes.set_notes(() if sheet is None else sheet.notes)
        if sheet is not None:
            self.set_levels(sheet.low, sheet.high)
            for item in (self._notes, self._original, self._take):
                item.stretch(sheet.seconds, sheet.low, sheet.high)
        self.viewport().update()

    def level_labels(self) -> Levels:
        """Note names as dense as they can be read, always with the C."""
        a_semitone = self.height() / (self.high - self.low)
        notes = range(math.ceil(self.low + 0.3), math.floor(self.high - 0.3) + 1)
        chosen: list[int] = []
        for classes in _CLASSES:
            chosen = [note for note in notes if note % 12 in classes]
            apart = [b - a for a, b in itertools.pairwise(chosen)]
            if min(apart, default=12) * a_semitone >= _LABEL_APART:
                break
        return [(float(note), note_name(note)) for note in chosen]

    def hairlines(self) -> Levels:
        """A faint line a semitone where there is room, a firm one at each name."""
        named = [(level, "") for level, _ in self.level_labels()]
        if self.height() / (self.high - self.low) < _SEMITONE_APART:
            return named
        semitones = range(math.ceil(self.low), math.floor(self.high) + 1)
        return [(float(each), "faint") for each in semitones] + named

    def level_words(self, level: float) -> str:
        return pitch_words(level)


def pitch_words(midi: float) -> str:
    """Nearest note and the cents from it: A4 +31 ¢."""
    cents = round((midi - round(midi)) * 100)
    return f"{note_name(midi)} {signed(cents)} ¢"


def signed(number: float) -> str:
    """A whole number with its sign: +31, −4, 0."""
    whole = round(number)
    return f"{whole:+d}".replace("-", "−") if whole else "0"


class _Item(pg.GraphicsObject):
    """Something drawn in seconds and semitones, only as far as it is exposed."""

    def __init__(self, axis: TimeAxis) -> None:
        super().__init__()
        self._axis = axis
        self._box = QRectF(0, 0, 1, 1)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def stretch(self, seconds: float, low: float, high: float) -> None:
        """Cover this much."""
        self.prepareGeometryChange()
        self._box = QRectF(0, low, seconds, high - low)
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802
        return self._box

    def _pixel(self) -> tuple[float, float]:
        """Seconds and semitones that one pixel stands for."""
        transform = self.sceneTransform()
        return 1 / (abs(transform.m11()) or 1.0), 1 / (abs(transform.m22()) or 1.0)


class _Line(_Item):
    def __init__(self, axis: TimeAxis, ink_of: Callable[[], QColor], *, width: float) -> None:
        super().__init__(axis)
        self.line: PitchLine | None = None
        self._ink, self._width = ink_of, width

    @guarded
    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if self.line is None:
            return
        second, semitone = self._pixel()
        exposed = option.exposedRect
        start = max(exposed.left() - 4 * second, self._axis.start - 4 * second)
        end = min(exposed.right() + 4 * second, self._axis.end + 4 * second)
        if end <= start:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        hop = self.line.hop_s
        if second > hop and self._axis.span > _MOST_FRAMES * hop:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._ink())
            self._paint_ranges(painter, self.line, start, end, second, semitone)
            return
        times, midi = self.line.frames(start, end)
        if len(times) < 2:
            return
        pen = QPen(self._ink(), self._width)
        pen.setCosmetic(True)
        pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for first in range(0, len(times) - 1, _PIECE):
            piece = slice(first, first + _PIECE + 1)
            painter.drawPath(pg.arrayToQPath(times[piece], midi[piece], connect="finite"))

    def _paint_ranges(
        self,
        painter: QPainter,
        line: PitchLine,
        start: float,
        end: float,
        second: float,
        semitone: float,
    ) -> None:
        """From the lowest to the highest of each pixel: an outline a stretch of singing.

        From further away, where all is up and down, one plain bar a pixel: outlines with so many
        long edges take too long to paint, as a line that runs over itself would from nearer.
        """
        middles, low, high = line.ranges(start, end, cell_s=second)
        half = self._width / 2 * semitone
        many = end - start > _MANY_PIXELS * second
        if second > (_BARS_FROM_OF_MANY if many else _BARS_FROM) * line.hop_s:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            sung = np.isfinite(low)
            columns = (middles - second / 2, low - half, high - low + 2 * half)
            bars = zip(*(each[sung].tolist() for each in columns), strict=True)
            painter.drawRects([QRectF(x, y, second, tall) for x, y, tall in bars])
            return
        low, high = _touching(low, high)
        for outline in self._outlines(middles, low, high, second / 2, half):
            painter.drawPolygon(outline, Qt.FillRule.WindingFill)

    def _outlines(
        self, middles: Floats, low: Floats, high: Floats, half_second: float, half: float
    ) -> Iterator[list[QPointF]]:
        """Round each stretch of singing, half a line's width outside."""
        sung = np.flatnonzero(np.isfinite(low))
        cut = (np.diff(sung) > 1) | (_apart(low[sung], high[sung]) > LEAP)
        for run in _pieces(np.split(sung, np.flatnonzero(cut) + 1)):
            ends = np.concatenate(([run[0]], run, [run[-1]]))
            at = middles[ends]
            at[0] -= half_second
            at[-1] += half_second
            times = np.concatenate((at, at[::-1])).tolist()
            levels = np.concatenate((high[ends] + half, low[ends[::-1]] - half)).tolist()
            yield [QPointF(x, y) for x, y in zip(times, levels, strict=True)]


def _pieces(runs: list[NDArray[np.intp]]) -> Iterator[NDArray[np.intp]]:
    """Each run in pieces of at most `_PIECE`, which overlap by one; empty ones are left out."""
    for run in runs:
        for first in range(0, max(len(run) - 1, min(len(run), 1)), _PIECE):
            yield run[first : first + _PIECE + 1]


def _apart(low: Floats, high: Floats) -> Floats:
    """How far each cell lies from the next, below 0 where they overlap. Shape: (n - 1,)."""
    return np.maximum(low[1:] - high[:-1], low[:-1] - high[1:])


def _touching(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Neighbours that do not overlap, stretched to where they meet: a slope keeps its width."""
    low, high = low.copy(), high.copy()
    middle = (low + high) / 2
    meet = (middle[:-1] + middle[1:]) / 2  # NaN beside a silence, which fmin and fmax pass over
    meet[_apart(low, high) > LEAP] = np.nan
    for here, there in ((low[:-1], high[:-1]), (low[1:], high[1:])):
        sung = np.isfinite(here)
        np.fmin(here, meet, out=here, where=sung)
        np.fmax(there, meet, out=there, where=sung)
    return low, high


class _Notes(_Item):
    def __init__(self, axis: TimeAxis) -> None:
        super().__init__(axis)
        self.set_notes(())

    def set_notes(self, notes: tuple[Note, ...]) -> None:
        self.notes = notes
        self._starts = np.array([note.start for note in notes])
        self._ends = np.array([note.end for note in notes])
        self._midi = np.array([round(note.midi) for note in notes], dtype=int)
        self._longest = float(np.max(self._ends - self._starts, initial=0.0))

    @guarded
    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        second, semitone = self._pixel()
        exposed = option.exposedRect
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink.note())
        first = int(np.searchsorted(self._starts, exposed.left() - self._longest))
        last = int(np.searchsorted(self._starts, exposed.right(), side="right"))
        if first == last:
            return
        columns = (exposed.right() - exposed.left()) / second
        if last - first > min(_MOST_NOTES, 8 + columns / 2):
            self._paint_many(painter, first, last, exposed.left(), exposed.right(), second)
            return
        for note in self.notes[first:last]:
            width = max(note.end - note.start, 2 * second)
            across = min(_NOTE_RADIUS * second, width / 2)
            up = min(_NOTE_RADIUS * semitone, 0.45)
            painter.drawRoundedRect(QRectF(note.start, note.midi - 0.45, width, 0.9), across, up)

    def _paint_many(
        self,
        painter: QPainter,
        first: int,
        last: int,
        start: float,
        end: float,
        second: float,
    ) -> None:
        """As a picture, one row a semitone and one column a pixel: plates would be too many."""
        left = max(int(start / second), 0)
        columns = max(int(np.ceil(end / second)) - left, 1)
        midi = self._midi[first:last]
        low = int(midi.min())
        rows = int(midi.max()) - low + 1
        begins = np.clip((self._starts[first:last] / second).astype(int) - left, 0, columns - 1)
        ends = np.ceil(self._ends[first:last] / second).astype(int) - left
        ends = np.clip(ends, begins + 1, columns)
        wide, cells = columns + 1, rows * (columns + 1)
        change = np.bincount((midi - low) * wide + begins, minlength=cells)
        change -= np.bincount((midi - low) * wide + ends, minlength=cells)
        sounding = np.cumsum(change.reshape(rows, wide), axis=1)[::-1, :columns] > 0
        pixels = np.where(sounding, np.uint32(ink.note().rgba()), np.uint32(0))
        pixels = np.ascontiguousarray(pixels)
        image = QImage(
            pixels.data, columns, rows, columns * 4, QImage.Format.Format_ARGB32_Premultiplied
        )
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.save()
        painter.translate(0, 2 * low - 1 + rows)
        painter.scale(1, -1)
        painter.drawImage(QRectF(left * second, low - 0.5, columns * second, rows), image)
        painter.restore()
