"""The pitch lane: target notes and what is sung, moving past a line that is now."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from asa_desktop.services.report.pitches import note_name
from asa_desktop.ui.plots.lane_paint import (
    GUTTER,
    Tiles,
    View,
    now_ink,
    now_x,
    off_words,
    paint_bar,
    paint_end,
    paint_keys,
    paint_trace,
)
from asa_desktop.ui.plots.lane_score import Floats, LaneScore
from asa_desktop.ui.plots.lane_trace import Sung, Trace
from asa_desktop.ui.theme import theme
from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.theme.tokens import M
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.painting import left_to_right

_SAY_EVERY_S, _DESCRIBE_EVERY_S = 0.2, 1.0
_WIDEN, _WIDEN_POINTS = 4.0, 10
_AHEAD_S = 0.25


class PitchLane(QWidget):
    """Shows `score` and what `add` brings; `move_to` sets the time that is now.

    What is painted depends on the seconds in view alone, however long the song is. A line's
    colour says how far off it is, and so do an arrow and words beside its end.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # time, in every language
        self._clock = clock
        self._score = LaneScore.of(None)
        self.trace = Trace(self._score)
        self.now = 0.0
        self._low, self._high = self._score.low, self._score.high
        self._tiles = Tiles()
        self._live = False
        self._said_at = self._described_at = -math.inf
        self._sung: Sung | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(160)
        self.setAccessibleName(tr("Pitch lane"))
        theme.current().changed.connect(self._redraw)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(900, 420)

    # What is shown

    @property
    def score(self) -> LaneScore:
        return self._score

    @property
    def sung(self) -> Sung | None:
        """What the words beside the dot say; None: nothing is sung."""
        return self._sung

    def set_score(self, score: LaneScore, *, start_s: float = 0.0) -> None:
        """Show another song from `start_s` on, with nothing sung yet."""
        self._score = score
        self.trace = Trace(score, folding=self.trace.folding)
        self._low, self._high = score.low, score.high
        self.clear(start_s=start_s)
        self._redraw()

    def clear(self, *, start_s: float = 0.0) -> None:
        """Forget what was sung: a take begins."""
        self.trace.clear()
        self._tiles.clear()
        self.now, self._sung, self._live = start_s, None, False
        self._describe()
        self.update()

    def set_folding(self, folding: bool) -> None:
        """Draw what is sung in the octave of the notes, or where it is sung."""
        self.trace.set_folding(folding)
        self._redraw()

    def add(self, times: Floats, hz: NDArray[np.floating]) -> None:
        """Pitch points, on the song's clock; 0 Hz where nothing was sung. Shapes: (n,), (n,)."""
        if self.trace.add(times, hz):
            self._redraw()
        if self._score.free and len(times):
            self._widen()

    def move_to(self, now: float, *, live: bool) -> None:
        """Show the song's time `now`; `live`: somebody is singing, so its end has a dot."""
        if (now, live) == (self.now, self._live):
            return
        self.now, self._live = now, live
        clock = self._clock()
        newest = self.trace.newest(now) if live else None
        if newest is None or self._sung is None or clock - self._said_at >= _SAY_EVERY_S:
            self._sung, self._said_at = newest, clock
        elif newest is not None:
            self._sung = Sung(newest.midi, self._sung.cents, newest.octaves)
        if clock - self._described_at >= _DESCRIBE_EVERY_S:
            self._described_at = clock
            self._describe()
        self.update()

    def warm_up(self, hz: float) -> None:
        """Show the voice before the song: the dot alone, 0 Hz for none."""
        sung = Sung(69 + 12 * math.log2(hz / 440), math.nan, 0) if hz > 0 else None
        if sung != self._sung:
            self._sung = sung
            self.update()

    def words(self) -> str:
        """What is sung now, in words, for those who do not see it."""
        sung = self._sung
        if sung is None:
            return tr("nothing is sung")
        name = note_name(sung.midi - 12 * sung.octaves)
        return f"{name}, {off_words(sung.cents)}" if math.isfinite(sung.cents) else name

    def _describe(self) -> None:
        said = self.words()
        if said != self.accessibleDescription():
            self.setAccessibleDescription(said)

    def _widen(self) -> None:
        """Without a song the lane spans what is sung."""
        _, midi, _ = self.trace.between(self.now - 2, math.inf)
        known = midi[np.isfinite(midi)]
        if len(known) < _WIDEN_POINTS:
            return
        low, high = np.percentile(known, (10, 90))
        wanted = (min(self._low, low - _WIDEN), max(self._high, high + _WIDEN))
        if wanted != (self._low, self._high):
            self._low, self._high = (float(each) for each in wanted)
            self._redraw()

    # Painting

    @property
    def view(self) -> View:
        """Where times and pitches are just now."""
        return View.of(
            self.now,
            width=self.width(),
            height=self.height(),
            low=self._low,
            high=self._high,
            scale=self.devicePixelRatioF(),
        )

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._redraw()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._redraw()
        super().changeEvent(event)

    def _redraw(self) -> None:
        self._tiles.clear()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        view, x = self.view, now_x(self.width())
        painter = left_to_right(QPainter(self))
        unsung = self._tiles.paint(
            painter, view, self._score, self.trace, width=float(self.width())
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        since = max(unsung, view.second_at(GUTTER)) - 0.1
        for bar in self._score.bars_between(self.now, self.now + 1e-6):
            paint_bar(painter, view, bar, now_ink())
            since = min(since, bar.start)
        painter.fillRect(QRectF(x - 1, M, 2, self.height() - 2 * M), colour("accent"))
        paint_trace(painter, view, self.trace, since, self.now + _AHEAD_S)
        if self._sung is not None:
            paint_end(painter, view, self._sung, x)
        paint_keys(painter, view)
