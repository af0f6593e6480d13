"""The clip strip: one bar a clip over the whole take, its height the score."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from asa_desktop.core.types import ClipScore
from asa_desktop.ui.plots import ink
from asa_desktop.ui.plots.clipwords import clip_words
from asa_desktop.ui.plots.places import PlaceMarks
from asa_desktop.ui.plots.row import move_by_key
from asa_desktop.ui.plots.timeaxis import RIGHT, TimeAxis, clock
from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.painting import antialiased, hatched, left_to_right, plate

LEFT = 12
_NUMBER = 18
_TIMES = 22
_VIEW = 3
_GAP = 2.0
_WIDE_ENOUGH = 20.0
_DENSE = 3.0
_EMPTY_SHARE = 0.34
_RADIUS = 4.0
_LEAST = 2.0
_REACH = 8


class ClipStrip(QWidget):
    """Bars of all clips. Clicks, arrow keys, Home and End choose one; space asks to play it.

    The whole take is always in view; a line under the bars shows the part that the rows show.
    Where clips are too many for a bar each, a column is the mean of its clips.
    """

    chosen = Signal(int)
    clicked = Signal()
    play = Signal()

    def __init__(self, axis: TimeAxis) -> None:
        super().__init__()
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # time, in every language
        self._axis = axis
        self._clips: list[ClipScore] = []
        self._provisional: set[int] = set()
        self._seconds = 1.0
        self._selected: int | None = None
        self._hovered: int | None = None
        self._playhead: float | None = None
        self._marks = PlaceMarks()
        self._columns: tuple[object, np.ndarray] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        axis.changed.connect(self._show_view)
        self._tell()

    # What is shown

    @property
    def clips(self) -> Sequence[ClipScore]:
        """The clips in order of time."""
        return self._clips

    @property
    def selected(self) -> int | None:
        """Place of the selected clip in `clips`."""
        return self._selected

    def set_clips(self, clips: Sequence[ClipScore], *, seconds: float) -> None:
        """Show these clips of a take of this length; none is selected, none provisional."""
        self._clips = sorted(clips, key=lambda each: each.clip.start)
        self._provisional.clear()
        self._seconds = max(seconds, 1.0)
        self._selected = self._hovered = self._columns = None
        self._tell()
        self.update()

    def set_clip(self, each: ClipScore, *, provisional: bool) -> None:
        """Add one clip, or put it in the place of the one that starts at the same time."""
        starts = [one.clip.start for one in self._clips]
        place = bisect.bisect_left(starts, each.clip.start - 1e-6)
        if place < len(starts) and starts[place] <= each.clip.start + 1e-6:
            self._clips[place] = each
        else:
            self._clips.insert(place, each)
            if self._selected is not None and place <= self._selected:
                self._selected += 1
        index = each.clip.index
        (self._provisional.add if provisional else self._provisional.discard)(index)
        self._seconds = max(self._seconds, each.clip.end)
        self._columns = None
        self._tell()
        self.update()

    def is_provisional(self, place: int) -> bool:
        """Whether a clip's score may still change."""
        return self._clips[place].clip.index in self._provisional

    def words(self, place: int) -> str:
        """Clip 8, 0:21 to 0:24, 42 of 100."""
        provisional = self.is_provisional(place)
        return clip_words(self.number(place), self._clips[place], provisional=provisional)

    def number(self, place: int) -> int:
        """The number by which people call the clip at a place: the first is 1."""
        return self._clips[place].clip.index + 1

    def select(self, place: int | None) -> None:
        """Show a clip as selected, without telling anybody."""
        self._refresh(self._selected)
        self._selected = place
        self._refresh(place)
        self._tell()

    def choose(self, place: int) -> None:
        """Select a clip and tell so."""
        if self._clips:
            self.select(min(max(place, 0), len(self._clips) - 1))
            self.chosen.emit(self._selected)

    def place_at(self, second: float) -> int | None:
        """Place of the clip that holds a second, else None."""
        starts = [each.clip.start for each in self._clips]
        place = bisect.bisect_right(starts, second) - 1
        return place if place >= 0 and second < self._clips[place].clip.end else None

    def set_playhead(self, second: float | None) -> None:
        """What is heard now."""
        before = self._x(self._playhead or 0.0)
        self._playhead = second
        for x in (before, self._x(second or 0.0)):
            self.update(int(x) - 3, 0, 7, self.height())

    def set_places(self, marks: PlaceMarks) -> None:
        """Mark these places under the bars; call it again when another of them is chosen."""
        self._marks = marks
        self.update()

    # Painting

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(400, 112)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(200, 88)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = left_to_right(antialiased(QPainter(self)))
        painter.setFont(font("caption"))
        self._paint_times(painter)
        if self._selected is not None:
            box = self._column(self._selected)
            painter.fillRect(box.adjusted(-_GAP / 2, 0, _GAP / 2, 0), ink.chosen())
        if event.rect().top() > self._floor():
            pass  # only the line of the view has moved
        elif self._a_clip() < _DENSE:
            self._paint_dense(painter, event.rect())
        else:
            exposed = QRectF(event.rect()).adjusted(-24, 0, 24, 0)  # a number may be wider
            for place in range(len(self._clips)):
                if self._column(place).intersects(exposed):
                    self._paint_bar(painter, place)
        if self._marks:
            left, right = event.rect().left() - _REACH, event.rect().right() + _REACH
            start, end = self._second(left), self._second(right)
            self._marks.paint_rug(painter, self._x, self._floor(), start=start, end=end)
        self._paint_view(painter)
        if self._playhead is not None:
            x = round(self._x(self._playhead))
            painter.fillRect(QRectF(x - 1, 0, 2, self._floor()), colour("accent"))

    def _paint_bar(self, painter: QPainter, place: int) -> None:
        each, column = self._clips[place], self._column(place)
        share = _EMPTY_SHARE if each.score is None else each.score / 100
        top = self._floor() - max(share * self._tallest(), _LEAST)
        gap = _GAP / 2 if column.width() >= 6 else 0.5
        box = QRectF(column.left() + gap, top, column.width() - 2 * gap, self._floor() - top)
        radius = min(_RADIUS, box.width() / 2, box.height() / 2)
        at_hand = place in (self._selected, self._hovered)
        if each.score is None:
            hatched(painter, box, radius=radius)
            return
        if self.is_provisional(place):
            fill = QColor(ink.bar(each.score))
            fill.setAlphaF(0.45)
            plate(painter, box, fill=fill, edge=colour("accent"), radius=radius, dashed=True)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("accent") if place == self._selected else ink.bar(each.score))
            painter.drawRoundedRect(box, radius, radius)
        if column.width() >= _WIDE_ENOUGH or at_hand:
            self._paint_number(painter, column.center().x(), top, round(each.score), at_hand)

    def _paint_number(
        self, painter: QPainter, middle: float, top: float, score: int, strong: bool
    ) -> None:
        painter.setFont(font("strong" if strong else "caption"))
        painter.setPen(colour("text"))
        box = QRectF(middle - 24, top - _NUMBER, 48, _NUMBER)
        if strong and self._a_clip() < _WIDE_ENOUGH:
            wide = QFontMetricsF(painter.font()).horizontalAdvance(str(score)) + 8
            painter.fillRect(QRectF(middle - wide / 2, box.top(), wide, _NUMBER), ink.surface())
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(score))

    def _paint_dense(self, painter: QPainter, exposed: QRect) -> None:
        """A pixel column is the mean of the clips in it; a grey foot where none is scored."""
        floor, tallest = self._floor(), self._tallest()
        means = self._means(round(self._room()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        foot = QBrush(colour("border"))
        first = min(max(exposed.left() - LEFT, 0), len(means))
        last = max(exposed.right() + 2 - LEFT, first)
        for x, mean in enumerate(means[first:last].tolist(), first):
            if mean >= 0:
                tall = max(mean / 100 * tallest, _LEAST)
                painter.fillRect(QRectF(LEFT + x, floor - tall, 1, tall), ink.bar(mean))
            elif mean == -1:
                painter.fillRect(QRectF(LEFT + x, floor - 4, 1, 4), foot)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place in {self._selected, self._hovered}:
            if place is not None:
                self._paint_bar(painter, place)

    def _means(self, columns: int) -> np.ndarray:
        """Mean score a column; -1: clips without a score, -2: no clip."""
        key = (columns, len(self._clips), self._seconds)
        if self._columns is not None and self._columns[0] == key:
            return self._columns[1]
        middles = np.array([(each.clip.start + each.clip.end) / 2 for each in self._clips])
        scores = np.array([np.nan if each.score is None else each.score for each in self._clips])
        places = np.minimum((middles / self._seconds * columns).astype(int), columns - 1)
        known = np.isfinite(scores)
        count = np.bincount(places[known], minlength=columns)
        total = np.bincount(places[known], weights=scores[known], minlength=columns)
        there = np.bincount(places, minlength=columns)
        means = np.where(count > 0, total / np.maximum(count, 1), np.where(there > 0, -1.0, -2.0))
        self._columns = (key, means)
        return means

    def _paint_times(self, painter: QPainter) -> None:
        painter.setPen(colour("muted"))
        per_second = self._room() / self._seconds
        steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
        step = next((each for each in steps if each * per_second >= 72), 7200)
        for second in range(0, int(self._seconds) + 1, step):
            x = self._x(second)
            left = min(max(x - 36, LEFT), self.width() - 72)
            align = Qt.AlignmentFlag.AlignLeft if x - 36 < LEFT else Qt.AlignmentFlag.AlignHCenter
            box = QRectF(left, self.height() - _TIMES + 2, 72, _TIMES - 2)
            painter.drawText(box, align | Qt.AlignmentFlag.AlignVCenter, clock(second))

    def _refresh(self, place: int | None) -> None:
        """Paint a clip and its number anew."""
        if place is not None and place < len(self._clips):
            column = self._column(place)
            left, wide = int(column.left()) - 26, int(column.width()) + 52
            self.update(left, 0, wide, self.height())

    def _show_view(self) -> None:
        floor = int(self._floor())
        self.update(0, floor + 1, self.width(), _VIEW + 2)

    def _paint_view(self, painter: QPainter) -> None:
        """A line under the bars, as long as what the rows show."""
        painter.setPen(Qt.PenStyle.NoPen)
        floor = self._floor() + 1
        painter.setBrush(colour("border"))
        painter.drawRect(QRectF(LEFT, floor, self._room(), 1))
        if not self._axis.whole:
            left, right = self._x(self._axis.start), self._x(self._axis.end)
            painter.setBrush(colour("control"))
            box = QRectF(left, floor, max(right - left, 4), _VIEW)
            painter.drawRoundedRect(box, 1.5, 1.5)

    # Places

    def _x(self, second: float) -> float:
        return LEFT + second / self._seconds * self._room()

    def _second(self, x: float) -> float:
        return (x - LEFT) / self._room() * self._seconds

    def _room(self) -> float:
        return max(self.width() - LEFT - RIGHT, 1)

    def _floor(self) -> float:
        return self.height() - _TIMES - 2

    def _tallest(self) -> float:
        return self._floor() - _NUMBER - 2

    def _a_clip(self) -> float:
        """Pixels of the first clip; all are equally long."""
        if not self._clips:
            return self._room()
        clip = self._clips[0].clip
        return (clip.end - clip.start) / self._seconds * self._room()

    def _column(self, place: int) -> QRectF:
        clip = self._clips[place].clip
        left = self._x(clip.start)
        return QRectF(left, 0, max(self._x(clip.end) - left, 1.0), self._floor())

    def _under(self, place: QPointF) -> int | None:
        return self.place_at(self._second(place.x()))

    # Pointer and keyboard

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        hovered = self._under(event.position())
        if hovered != self._hovered:
            self._refresh(self._hovered)
            self._hovered = hovered
            self._refresh(hovered)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self._refresh(self._hovered)
        self._hovered = None

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        place = self._under(event.position())
        if event.button() == Qt.MouseButton.LeftButton and place is not None:
            self.choose(place)
            self.clicked.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        second = min(max((event.position().x() - LEFT) / self._room(), 0), 1) * self._seconds
        self._axis.zoom(1.25 ** (event.angleDelta().y() / 120), at=second)
        event.accept()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._under(QPointF(event.pos()))
            if place is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self.words(place), self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        now, last = self._selected, len(self._clips) - 1
        steps = {
            Qt.Key.Key_Left: 0 if now is None else now - 1,
            Qt.Key.Key_Right: 0 if now is None else now + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if event.key() in steps:
            self.choose(steps[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Space:
            self.play.emit()
        elif not move_by_key(self._axis, event):
            super().keyPressEvent(event)

    def _tell(self) -> None:
        """The name is what a screen reader says whenever the selection moves."""
        if not self._clips:
            self.setAccessibleName(tr("Clips: none yet"))
        elif self._selected is None:
            self.setAccessibleName(tr("Clips: {count}, none selected", count=len(self._clips)))
        else:
            self.setAccessibleName(self.words(self._selected))
        self.setAccessibleDescription(tr("Arrow keys choose a clip, space plays it."))
