"""The clips of the take that is being sung: empty places that fill with scores as they come."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from asa_desktop.core.types import ClipScore
from asa_desktop.ui.plots import ink
from asa_desktop.ui.plots.clipwords import clip_words
from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.painting import antialiased, hatched, left_to_right, plate
from asa_desktop.ui.widgets.score import score_text

TALL = 28
_GAP, _WIDE, _NARROW, _NUMBER = 6, 44, 8, 26


class ClipCells(QWidget):
    """One cell for each clip of the song; as many round the present one as there is room for."""

    def __init__(self) -> None:
        super().__init__()
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # time, in every language
        self._count, self._now = 0, 0
        self._clips: dict[int, ClipScore] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Clip scores"))

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(400, TALL)

    @property
    def clips(self) -> tuple[ClipScore, ...]:
        """What has come so far, in the song's order."""
        return tuple(self._clips[index] for index in sorted(self._clips))

    def set_count(self, count: int) -> None:
        """A take of so many clips begins (0: nobody knows); nothing is scored yet."""
        self._count, self._now = count, 0
        self._clips.clear()
        self.setAccessibleDescription("")
        self.update()

    def set_clip(self, clip: ClipScore) -> None:
        """A clip's score has come, or why it has none."""
        self._clips[clip.clip.index] = clip
        self._count = max(self._count, clip.clip.index + 1)
        scored = sum(each.score is not None for each in self._clips.values())
        self.setAccessibleDescription(
            tr(
                "{said}; {count} clips scored so far",
                said=clip_words(clip.clip.index + 1, clip),
                count=scored,
            )
        )
        self.update()

    def move_to(self, index: int) -> None:
        """The clip that is being sung."""
        if index != self._now:
            self._now = index
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = left_to_right(antialiased(QPainter(self)))
        painter.setFont(font("strong"))
        for index, box in self._cells():
            clip = self._clips.get(index)
            if clip is None:
                edge = colour("accent") if index == self._now else colour("border")
                plate(painter, box, edge=edge, radius=5, dashed=index != self._now)
            else:
                self._paint_clip(painter, box, clip)

    def _paint_clip(self, painter: QPainter, box: QRectF, clip: ClipScore) -> None:
        if clip.score is None:
            hatched(painter, box, radius=5)
        else:
            tall = box.height() * (0.3 + 0.7 * clip.score / 100)
            plate(painter, box, edge=colour("border"), radius=5)
            filled = QRectF(box.left(), box.bottom() - tall, box.width(), tall)
            plate(painter, filled, fill=ink.bar(clip.score), radius=5)
        if box.width() >= _NUMBER:
            painter.setPen(colour("muted" if clip.score is None else "text"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, score_text(clip.score))

    def _cells(self) -> list[tuple[int, QRectF]]:
        if not self._count:
            return []
        room = self.width() + _GAP
        wide = min(_WIDE, room / self._count - _GAP)
        gap = _GAP if wide >= _NARROW else 2
        wide = max(_NARROW, min(_WIDE, (self.width() + gap) / self._count - gap))
        fits = max(1, int((self.width() + gap) / (wide + gap)))
        shown = min(self._count, fits)
        first = min(max(0, self._now - shown // 2), self._count - shown)
        left = (self.width() - shown * (wide + gap) + gap) / 2
        return [
            (first + each, QRectF(round(left + each * (wide + gap)), 0, round(wide), TALL))
            for each in range(shown)
        ]

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = next((i for i, box in self._cells() if box.contains(event.pos())), None)
            clip = None if at is None else self._clips.get(at)
            QToolTip.showText(
                event.globalPos(),
                "" if clip is None else clip_words(clip.clip.index + 1, clip),
                self,
            )
            return True
        return super().event(event)


def _said(clip: ClipScore) -> str:
    return clip_words(clip.clip.index + 1, clip, provisional=True)
