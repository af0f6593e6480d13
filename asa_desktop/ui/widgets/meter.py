"""The level of the microphone: cheap enough to be set at every frame."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from asa_desktop.ui.theme.theme import blend, colour
from asa_desktop.ui.theme.tokens import XS
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.frames import column, label
from asa_desktop.ui.widgets.painting import mirrored

FLOOR_DB, WARM_DB, HOT_DB = -60.0, -12.0, -6.0
HOLD_S = 1.5
_CELLS, _GAP, _WORDS_EVERY_S = 30, 2, 0.25


class LevelBar(QWidget):
    """Cells from -60 dB to full scale; the peak is held, a clip stays marked until `clear`."""

    def __init__(self, name: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._lit, self._held, self._held_at = 0, 0, 0.0
        self.clipped = False
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, False)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(220, 20)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(96, 20)

    def set_level(self, db: float, *, clipped: bool = False) -> None:
        """Show `db` (dBFS; -inf is silence). Repaints only where a cell changes."""
        lit, now = cells(db), self._clock()
        held, held_at = self._held, self._held_at
        if lit >= held or now - held_at > HOLD_S:
            held, held_at = lit, now
        changed = (lit, held, self.clipped or clipped) != (self._lit, self._held, self.clipped)
        self._lit, self._held, self._held_at = lit, held, held_at
        self.clipped = self.clipped or clipped
        if changed:
            self.update()

    def clear(self) -> None:
        """Forget peak and clip."""
        self._lit = self._held = 0
        self.clipped = False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        whole, tall = QRectF(self.rect()), self.height()
        step = (self.width() + _GAP) / (_CELLS + 1)  # the last cell is the clip's
        off = blend("raised", "border", 1.0)
        good, warm, hot = colour("in_tune"), colour("sharp"), colour("record")
        for cell in range(_CELLS):
            left = round(cell * step)
            wide = round((cell + 1) * step) - left - _GAP
            lit = cell < self._lit or cell == self._held - 1
            ink = off if not lit else good if cell < cells(HOT_DB) else warm
            painter.fillRect(mirrored(painter, QRectF(left, 0, wide, tall), whole), ink)
        left = round(_CELLS * step)
        last = mirrored(painter, QRectF(left, 0, self.width() - left, tall), whole)
        if self.clipped:
            painter.fillRect(last, hot)
        else:
            painter.setPen(colour("control"))
            painter.drawRect(last.adjusted(0.5, 0.5, -0.5, -0.5))


class LevelMeter(QWidget):
    """A level bar under its name and its level in words."""

    def __init__(self, name: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._name, self._clock, self._said_at = name, clock, -math.inf
        self.bar = LevelBar(name, clock=clock)
        self._words = label(name, "caption", tone="muted")
        self.setLayout(column(self._words, self.bar, spacing=XS))

    @property
    def words(self) -> str:
        return self._words.text()

    def set_level(self, db: float, *, clipped: bool = False) -> None:
        """As `LevelBar.set_level`; the words follow four times a second."""
        self.bar.set_level(db, clipped=clipped)
        now = self._clock()
        if now - self._said_at < _WORDS_EVERY_S:
            return
        self._said_at = now
        text = tr("{name}, {level}", name=self._name, level=level_text(db))
        if self.bar.clipped:
            text = tr("{level}, too loud: it clipped", level=text)
        if text != self._words.text():
            self._words.setText(text)
            self.bar.setAccessibleDescription(text)

    def clear(self) -> None:
        self.bar.clear()
        self._said_at = -math.inf
        self._words.setText(self._name)


def cells(db: float) -> int:
    """How many cells are lit at `db`, 0 to `_CELLS`."""
    if not db > FLOOR_DB:  # NaN too
        return 0
    return math.ceil(_CELLS * (min(db, 0.0) - FLOOR_DB) / -FLOOR_DB)


def level_text(db: float) -> str:
    """A level as it is read: whole decibels with a true minus."""
    if not db > FLOOR_DB:
        return tr("silent")
    return f"{min(db, 0.0):.0f} dB".replace("-", "−")
