"""The words under the lane: the line that is sung, lit as far as it is, and the one after it."""

from __future__ import annotations

import bisect
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from asa_desktop.core.types import Note, Song
from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.theme.tokens import XS
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.painting import left_to_right

_AHEAD_S = 3.0
"""A line is put up so long before it begins."""

_REST_S = 8.0
"""A line without a known end stays lit for no longer than this."""

_SMALLEST = 0.6


@dataclass(frozen=True, slots=True)
class Syllable:
    """A piece of a line, with the blank before it; sung from `start` to `end`."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the lyrics; without `syllables` only its own start is known."""

    start: float
    end: float
    text: str
    syllables: tuple[Syllable, ...] = ()

    def sung_until(self, now: float) -> tuple[int, float]:
        """How many syllables are over at `now`, and how much (0 to 1) of the next one is."""
        count = bisect.bisect_right(self.syllables, now, key=lambda each: each.end)
        if count == len(self.syllables):
            return count, 0.0
        at = self.syllables[count]
        part = (now - at.start) / max(at.end - at.start, 1e-3)
        return count, min(max(part, 0.0), 1.0)


def lines_of(song: Song) -> tuple[Line, ...]:
    """A song's lyrics on the clock of its recordings, timed as finely as its files tell."""
    by_notes = _by_notes(song)
    return by_notes or _by_lyrics(song)


def _by_notes(song: Song) -> tuple[Line, ...]:
    notes = song.melody.notes if song.melody is not None else ()
    if not any(note.syllable.strip() for note in notes):
        return ()
    lines: dict[int, list[Note]] = {}
    for note in notes:
        lines.setdefault(note.line, []).append(note)
    made = [_line_of_notes(each, song.offset_s) for each in lines.values()]
    return tuple(sorted((line for line in made if line.text), key=lambda line: line.start))


def _line_of_notes(notes: list[Note], offset_s: float) -> Line:
    syllables: list[Syllable] = []
    for note in notes:
        text = note.syllable
        held = text.strip() in ("~", "-", "")
        if held and syllables:  # the syllable before goes on on another note
            last = syllables[-1]
            syllables[-1] = Syllable(last.start, note.end + offset_s, last.text)
        elif not held:
            shown = text.lstrip() if not syllables else text
            syllables.append(Syllable(note.start + offset_s, note.end + offset_s, shown))
    text = "".join(each.text for each in syllables).rstrip()
    start, end = notes[0].start + offset_s, notes[-1].end + offset_s
    return Line(start, end, text, tuple(syllables))


def _by_lyrics(song: Song) -> tuple[Line, ...]:
    made = []
    for number, line in enumerate(song.lyrics):
        later = song.lyrics[number + 1].start if number + 1 < len(song.lyrics) else None
        end = line.start + _REST_S if later is None else min(later, line.start + _REST_S)
        if not line.text.strip():
            continue
        syllables = []
        for at, (start, word) in enumerate(line.words):
            until = line.words[at + 1][0] if at + 1 < len(line.words) else end
            text = word.strip() if not at else f" {word.strip()}"
            syllables.append(Syllable(start + song.offset_s, until + song.offset_s, text))
        text = "".join(each.text for each in syllables) if syllables else line.text.strip()
        made.append(Line(line.start + song.offset_s, end + song.offset_s, text, tuple(syllables)))
    return tuple(made)


class Lyrics(QWidget):
    """Two lines: the current one at 22 px, lit as far as it is sung, and the next one, muted."""

    def __init__(self) -> None:
        super().__init__()
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # time, in every language
        self._lines: tuple[Line, ...] = ()
        self._at = -1
        self._lit = (0, 0.0)
        self._sung = False
        self._next = QFont(font("section"))
        self._next.setWeight(QFont.Weight.Normal)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Lyrics"))

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(400, round(self._tall("page") + XS + self._tall("section")))

    @property
    def current(self) -> str:
        """The line that is shown as sung or next to be sung; empty between distant lines."""
        return self._lines[self._at].text if self._at >= 0 else ""

    @property
    def following(self) -> str:
        after = self._at + 1
        return self._lines[after].text if 0 <= after < len(self._lines) else ""

    @property
    def lit(self) -> tuple[int, float]:
        """How many syllables are over, and how much of the next one; (0, 1.0): a whole line."""
        return self._lit

    def set_lines(self, lines: tuple[Line, ...]) -> None:
        """Show another song's words from their beginning."""
        self._lines = lines
        self._at, self._lit, self._sung = (0 if lines else -1), (0, 0.0), False
        self.setAccessibleDescription(self.current)
        self.setVisible(bool(lines))
        self.update()

    def move_to(self, now: float) -> None:
        """Show what is sung at the song's time `now`. Repaints only where something changes."""
        if not self._lines:
            return
        at = bisect.bisect_right(self._lines, now, key=lambda line: line.start) - 1
        if at < 0 or (at + 1 < len(self._lines) and self._is_next(at, now)):
            at += 1
        line = self._lines[at]
        sung = now >= line.start
        lit = (0, 0.0)
        if sung:
            lit = line.sung_until(now) if line.syllables else (0, 1.0)
        if at != self._at:
            self._at = at
            self.setAccessibleDescription(line.text)
        elif (lit[0], round(lit[1], 2)) == (self._lit[0], round(self._lit[1], 2)):
            return
        self._lit, self._sung = lit, sung
        self.update()

    def _is_next(self, at: int, now: float) -> bool:
        """Whether the line after `at` is up already: this one is over, that one near."""
        return now >= self._lines[at].end and self._lines[at + 1].start - now <= _AHEAD_S

    def _tall(self, kind: str) -> float:
        return round(QFontMetricsF(font(kind)).height() * 1.1)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if self._at < 0:
            return
        painter = left_to_right(QPainter(self))
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        tall = self._tall("page")
        self._paint_current(painter, QRectF(0, 0, self.width(), tall))
        painter.setFont(self._next)
        painter.setPen(colour("muted"))
        box = QRectF(0, tall + XS, self.width(), self._tall("section"))
        text = QFontMetricsF(self._next).elidedText(
            self.following, Qt.TextElideMode.ElideRight, box.width()
        )
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_current(self, painter: QPainter, box: QRectF) -> None:
        line = self._lines[self._at]
        chosen = _fitting(line.text, box.width())
        metrics = QFontMetricsF(chosen)
        whole = metrics.horizontalAdvance(line.text)
        left = max(0.0, (box.width() - whole) / 2)
        words = QRectF(left, box.top(), box.width() - left, box.height())
        painter.setFont(chosen)
        painter.setPen(colour("text"))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, line.text)
        lit = self._lit_width(line, metrics, whole)
        if lit > 0:
            painter.setClipRect(QRectF(left, box.top(), lit, box.height()))
            painter.setPen(colour("accent"))
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, line.text)
            painter.setClipping(False)

    def _lit_width(self, line: Line, metrics: QFontMetricsF, whole: float) -> float:
        count, part = self._lit
        if not line.syllables:
            return whole * part
        before = metrics.horizontalAdvance("".join(each.text for each in line.syllables[:count]))
        if count == len(line.syllables):
            return whole
        after = metrics.horizontalAdvance(
            "".join(each.text for each in line.syllables[: count + 1])
        )
        return before + part * (after - before)


def _fitting(text: str, room: float) -> QFont:
    """The font of the current line, smaller where the line is too long for the room."""
    usual = font("page")
    wide = QFontMetricsF(usual).horizontalAdvance(text)
    if wide <= room:
        return usual
    smaller = QFont(usual)
    smaller.setPointSizeF(usual.pointSizeF() * max(_SMALLEST, room / wide))
    return smaller
