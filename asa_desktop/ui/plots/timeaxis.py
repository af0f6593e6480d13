"""The one time axis that all rows share: which part of the take is seen, and how it moves."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, Signal

GUTTER = 88
"""Pixels left of the first second, the same in every row, so that time lines up."""

RIGHT = 12
SHORTEST_S = 0.5
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


class TimeAxis(QObject):
    """The seconds in view, within 0 to `total`. `changed` is sent once for each move."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.total = 1.0
        self.start = 0.0
        self.end = 1.0

    @property
    def span(self) -> float:
        """Seconds in view."""
        return self.end - self.start

    @property
    def whole(self) -> bool:
        """Whether all of the take is in view."""
        return self.span >= self.total - 1e-9

    def set_total(self, seconds: float) -> None:
        """A take of this length, all of it in view."""
        self.total = max(seconds, SHORTEST_S)
        self.show(0.0, self.total)

    def grow(self, seconds: float) -> None:
        """A take that became longer; what was all in view stays so."""
        if seconds <= self.total:
            return
        whole = self.whole
        self.total = seconds
        if whole:
            self.show(0.0, seconds)
        else:
            self.changed.emit()

    def show(self, start: float, end: float) -> None:
        """This part, moved and cut to what there is."""
        span = min(max(end - start, SHORTEST_S), self.total)
        start = min(max(start, 0.0), self.total - span)
        if (start, start + span) != (self.start, self.end):
            self.start, self.end = start, start + span
            self.changed.emit()

    def zoom(self, factor: float, *, at: float | None = None) -> None:
        """`factor` times closer, with the second `at` (or the middle) staying where it is."""
        still = (self.start + self.end) / 2 if at is None else at
        span = min(max(self.span / factor, SHORTEST_S), self.total)
        part = (still - self.start) / self.span
        self.show(still - part * span, still + (1 - part) * span)

    def pan(self, share: float) -> None:
        """Later by a share of what is in view; earlier where it is below 0."""
        self.show(self.start + share * self.span, self.end + share * self.span)

    def reset(self) -> None:
        """All of the take."""
        self.show(0.0, self.total)

    def reveal(self, start: float, end: float) -> None:
        """Move as little as needed to see from `start` to `end`; come closer never."""
        if start >= self.start and end <= self.end:
            return
        span = max(self.span, end - start)
        middle = (start + end) / 2
        self.show(middle - span / 2, middle + span / 2)

    def x_of(self, second: float, width: float) -> float:
        """Pixel of a second in a row of this width."""
        return GUTTER + (second - self.start) / self.span * self.room(width)

    def second_at(self, x: float, width: float) -> float:
        """Second at a pixel, within the take."""
        second = self.start + (x - GUTTER) / self.room(width) * self.span
        return min(max(second, 0.0), self.total)

    def room(self, width: float) -> float:
        """Pixels for the seconds in view."""
        return max(width - GUTTER - RIGHT, 1.0)

    def ticks(self, width: float, *, apart: float = 76.0) -> tuple[tuple[float, str], ...]:
        """Round seconds in view and their words, at least `apart` pixels from each other."""
        per_second = self.room(width) / self.span
        step = next((each for each in _STEPS if each * per_second >= apart), 7200)
        first = math.ceil(self.start / step - 1e-9)
        last = math.floor(self.end / step + 1e-9)
        return tuple((k * step, clock(k * step, tenths=step < 1)) for k in range(first, last + 1))


def clock(seconds: float, *, tenths: bool = False) -> str:
    """Minutes and seconds, from an hour on hours too: 1:05, 1:02:30; with tenths 1:05.3."""
    units = round(max(seconds, 0.0) * 10) if tenths else round(max(seconds, 0.0)) * 10
    whole, tenth = divmod(units, 10)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    text = f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"
    return f"{text}.{tenth}" if tenths else text
