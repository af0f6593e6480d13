"""Strokes of the pitch lane: what is drawn once into tiles, and what moves over them."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap, QPolygonF

from asa_desktop.services.report.pitches import note_name
from asa_desktop.ui.plots import ink
from asa_desktop.ui.plots.lane_score import Bar, Floats, LaneScore
from asa_desktop.ui.plots.lane_trace import KINDS, Sung, Trace, kinds_of
from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import blend, colour
from asa_desktop.ui.theme.tokens import L, M, S
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.painting import left_to_right

GUTTER = 44
NOW = 1 / 3
TILE_S = 1.0

_PER_SECOND, _MOST_S = 92, 16
_LINE, _CURVE, _DOT = 3.5, 6.0, 7.0
_NOTE, _NOTE_LEAST, _NOTE_RADIUS = 22.0, 4.0, 6.0
_SLIDE = 3.0
_LABEL_APART = 14.0
_CLASSES = ((0, 2, 4, 5, 7, 9, 11), (0, 4, 7, 9), (0, 7), (0,))
_SETTLED_S = 0.3
_OVERLAP_S = 0.1


@dataclass(frozen=True, slots=True)
class View:
    """Which pixel a time and a pitch have: `origin` is the pixel of second 0."""

    origin: float
    per_second: int
    low: float
    high: float
    height: float

    @classmethod
    def of(
        cls, now: float, *, width: float, height: float, low: float, high: float, scale: float
    ) -> View:
        """The view of a lane; it moves by whole pixels of the screen, so that all keeps step."""
        per_second = max(_PER_SECOND, 4 * math.ceil((width - GUTTER) / _MOST_S / 4))
        origin = round((now_x(width) - now * per_second) * scale) / scale
        return cls(origin, per_second, low, high, height)

    def at(self, second: float) -> View:
        """The same, with `second` at the left edge: the view of a tile."""
        return View(-second * self.per_second, self.per_second, self.low, self.high, self.height)

    def x_of(self, second: float) -> float:
        return self.origin + second * self.per_second

    def y_of(self, midi: float) -> float:
        """Also beyond the lane's range."""
        return S + (self.high - midi) * self.a_semitone

    def second_at(self, x: float) -> float:
        return (x - self.origin) / self.per_second

    @property
    def a_semitone(self) -> float:
        return (self.height - 2 * S) / (self.high - self.low)

    @property
    def named(self) -> list[int]:
        """The keys with a name: as many as can be read, always the C."""
        keys = range(math.ceil(self.low + 0.3), math.floor(self.high - 0.3) + 1)
        chosen: list[int] = []
        for classes in _CLASSES:
            chosen = [key for key in keys if key % 12 in classes]
            apart = min((b - a for a, b in itertools.pairwise(chosen)), default=12)
            if apart * self.a_semitone >= _LABEL_APART:
                break
        return chosen


def now_x(width: float) -> float:
    """The pixel of what is now."""
    return round(GUTTER + NOW * (width - GUTTER))


class Tiles:
    """The lane in pieces of `TILE_S`, each drawn once, and once more when it was sung to its end.

    Only pieces in view are kept.
    """

    def __init__(self) -> None:
        self._kept: dict[int, tuple[QPixmap, bool]] = {}

    def clear(self) -> None:
        self._kept.clear()

    def paint(
        self, painter: QPainter, view: View, score: LaneScore, trace: Trace, *, width: float
    ) -> float:
        """Paint all that rests in view; the second from which what was sung is still missing."""
        scale = painter.device().devicePixelRatioF()
        first = math.floor(view.second_at(GUTTER) / TILE_S)
        last = math.floor(view.second_at(width) / TILE_S)
        missing = math.inf
        kept: dict[int, tuple[QPixmap, bool]] = {}
        for number in range(first, last + 1):
            start = number * TILE_S
            settled = start + TILE_S < trace.last - _SETTLED_S
            tile = self._kept.get(number)
            if tile is None or (settled and not tile[1]):
                drawn = _drawn(view.at(start), score, trace if settled else None, start, scale)
                tile = (drawn, settled)
            kept[number] = tile
            painter.drawPixmap(QPointF(view.x_of(start), 0), tile[0])
            if not tile[1]:
                missing = min(missing, start)
        self._kept = kept
        return missing


def _drawn(
    view: View, score: LaneScore, trace: Trace | None, start: float, scale: float
) -> QPixmap:
    wide = round(TILE_S * view.per_second)
    tile = QPixmap(round(wide * scale), round(view.height * scale))
    tile.setDevicePixelRatio(scale)
    tile.fill(ink.surface())
    painter = left_to_right(QPainter(tile))
    named = view.named
    for midi in range(math.ceil(view.low), math.floor(view.high) + 1):
        y = round(view.y_of(midi))
        painter.setPen(ink.hairline(faint=midi not in named))
        painter.drawLine(0, y, wide, y)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    end = start + TILE_S
    for bar in score.bars_between(start - _OVERLAP_S, end + _OVERLAP_S):
        paint_bar(painter, view, bar, ink.note())
    _paint_curve(painter, view, score, start - _OVERLAP_S, end + _OVERLAP_S)
    if trace is not None:
        paint_trace(painter, view, trace, start - _OVERLAP_S, end + _OVERLAP_S)
    painter.end()
    return tile


def paint_keys(painter: QPainter, view: View) -> None:
    """The gutter with the names of the keys."""
    painter.fillRect(QRectF(0, 0, GUTTER, view.height), ink.surface())
    painter.setFont(font("caption"))
    painter.setPen(colour("muted"))
    where = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    for midi in view.named:
        box = QRectF(0, view.y_of(midi) - 10, GUTTER - S - 2, 20)
        painter.drawText(box, where, note_name(midi))


def paint_bar(painter: QPainter, view: View, bar: Bar, tint: QColor) -> None:
    """A target note; one without pitch is an outline."""
    tall = min(_NOTE, max(_NOTE_RADIUS, 0.8 * view.a_semitone))
    left = view.x_of(bar.start)
    wide = max(_NOTE_LEAST, view.x_of(bar.end) - left - 1)
    radius = min(_NOTE_RADIUS, wide / 2, tall / 2)
    if bar.pitched:
        painter.setPen(QPen(blend("surface", "control", _EDGE_SHARE), 1))
        painter.setBrush(tint)
    else:
        painter.setPen(QPen(tint, 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(
        QRectF(left, view.y_of(bar.midi) - tall / 2, wide, tall), radius, radius
    )


_EDGE_SHARE = 0.9
"""So that notes stand out from the ground by 3:1, and yet are behind the voice."""


def now_ink() -> QColor:
    """The note that is to be sung now."""
    return blend("surface", "control", 0.8)


def _paint_curve(painter: QPainter, view: View, score: LaneScore, start: float, end: float) -> None:
    if not len(score.curve):
        return
    first = max(0, int(start / score.hop_s))
    last = min(len(score.curve), int(end / score.hop_s) + 2)
    times, midi = np.arange(first, last) * score.hop_s, score.curve[first:last]
    painter.setPen(_round_pen(blend("surface", "reference", 0.45), _CURVE))
    with np.errstate(invalid="ignore"):
        joined = np.abs(np.diff(midi)) <= _SLIDE
    edges = [0, *(np.flatnonzero(~joined) + 1).tolist(), len(midi)]
    for a, b in itertools.pairwise(edges):
        if b - a > 1:
            _polyline(painter, view, times[a:b], midi[a:b])


def paint_trace(painter: QPainter, view: View, trace: Trace, start: float, end: float) -> None:
    """What was sung between two times."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for kind, times, midi in trace.runs(start, end):
        painter.setPen(_round_pen(colour(KINDS[kind]), _LINE))
        _polyline(painter, view, times, midi)


def _polyline(painter: QPainter, view: View, times: Floats, midi: Floats) -> None:
    xs = (view.origin + times * view.per_second).tolist()
    ys = (S + (view.high - midi) * view.a_semitone).tolist()
    if len(xs) == 1:
        painter.drawPoint(QPointF(xs[0], ys[0]))
    else:
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in zip(xs, ys, strict=True)]))


def paint_end(painter: QPainter, view: View, sung: Sung, x: float) -> None:
    """The dot, and how far off it is in a sign and words; at the edge where it is beyond."""
    wanted = view.y_of(sung.midi)
    y = min(max(wanted, S + _DOT), view.height - S - _DOT)
    painter.setPen(QPen(ink.surface(), 2))
    painter.setBrush(colour("text"))
    if abs(y - wanted) > 1:
        painter.drawPolygon(_triangle(QPointF(x, y), _DOT, up=wanted < y))
    else:
        painter.drawEllipse(QPointF(x, y), _DOT, _DOT)
    kind = int(kinds_of(np.array([sung.cents]))[0])
    text = off_words(sung.cents) if kind else note_name(sung.midi - 12 * sung.octaves)
    if kind and sung.octaves:
        text = f"{text}, {_octave_words(-sung.octaves)}"
    middle = min(max(y - L, M), view.height - M)
    _paint_label(painter, QPointF(x + L, middle), kind, text)


def _paint_label(painter: QPainter, at: QPointF, kind: int, text: str) -> None:
    tint = colour(KINDS[kind])
    wide = QFontMetricsF(font("strong")).horizontalAdvance(text)
    sign = 14 + S - 2 if kind else 0
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour("surface", 0.85))
    painter.drawRoundedRect(QRectF(at.x() - 6, at.y() - 12, wide + sign + 12, 24), 6, 6)
    if kind:
        painter.setBrush(tint)
        middle = QPointF(at.x() + 6, at.y())
        if KINDS[kind] == "in_tune":
            painter.drawEllipse(middle, 5, 5)
        else:
            painter.drawPolygon(_triangle(middle, 6, up=KINDS[kind] == "sharp"))
    painter.setPen(tint)
    painter.setFont(font("strong"))
    box = QRectF(at.x() + sign, at.y() - 12, wide + 4, 24)
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)


def off_words(cents: float) -> str:
    """In tune, 71 ¢ low, 62 ¢ high."""
    kind = KINDS[int(kinds_of(np.array([cents]))[0])]
    if kind == "in_tune":
        return tr("in tune")
    size = round(abs(cents))
    return tr("{cents} ¢ low", cents=size) if kind == "flat" else tr("{cents} ¢ high", cents=size)


def _octave_words(octaves: int) -> str:
    if octaves == 1:
        return tr("an octave above")
    if octaves == -1:
        return tr("an octave below")
    if octaves > 0:
        return tr("{count} octaves above", count=octaves)
    return tr("{count} octaves below", count=-octaves)


def _round_pen(tint: QColor, width: float) -> QPen:
    pen = QPen(tint, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _triangle(middle: QPointF, size: float, *, up: bool) -> QPolygonF:
    tip = -size if up else size
    return QPolygonF(
        [
            QPointF(middle.x(), middle.y() + tip * 0.75),
            QPointF(middle.x() - size, middle.y() - tip * 0.6),
            QPointF(middle.x() + size, middle.y() - tip * 0.6),
        ]
    )
