"""A heat map over time: chroma or log-mel."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from asa_desktop.services.report.maps import mel_row
from asa_desktop.ui.plots.guard import guarded
from asa_desktop.ui.plots.heat import HeatMap
from asa_desktop.ui.plots.row import Levels, Row
from asa_desktop.ui.plots.timeaxis import TimeAxis

_CHROMA_NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
_CHROMA_LABELS = ((0.0, "C"), (4.0, "E"), (7.0, "G"), (10.0, "B♭"))
_CHROMA_FEW = ((0.0, "C"), (7.0, "G"))
_HERTZ = ((500, "500 Hz"), (1000, "1 kHz"), (2000, "2 kHz"), (4000, "4 kHz"))
_HERTZ_FEW = ((500, "500 Hz"), (2000, "2 kHz"))
_ROOM_FOR_ALL = 64


@cache
def cividis() -> NDArray[np.uint32]:
    """Opaque colours from dark to bright, as 0xffRRGGBB. Shape: (256,)."""
    table = pg.colormap.get("cividis").getLookupTable(nPts=256, alpha=False).astype(np.uint32)
    return np.ascontiguousarray(0xFF000000 | table[:, 0] << 16 | table[:, 1] << 8 | table[:, 2])


class HeatRow(Row):
    """One heat map with the row's own names in the gutter."""

    outlined = True

    def __init__(
        self, axis: TimeAxis, *, low: float, high: float, title: tuple[str, ...] = ()
    ) -> None:
        super().__init__(axis, low=low, high=high)
        self._title = title
        self._map = _Map(axis)
        self.box.addItem(self._map, ignoreBounds=True)

    def title(self) -> tuple[str, ...]:
        return self._title

    def set_map(self, heat: HeatMap | None) -> None:
        """Show this; None shows nothing."""
        self._map.show_map(heat, self.low, self.high)
        self.viewport().update()


class ChromaRow(HeatRow):
    """Twelve pitch classes of eight rows each, C lowest."""

    def __init__(self, axis: TimeAxis, *, title: tuple[str, ...] = ()) -> None:
        low = -0.5 / 8  # the first row is centred on C
        super().__init__(axis, low=low, high=low + 12, title=title)

    def level_labels(self) -> Levels:
        return _CHROMA_LABELS if self.height() >= _ROOM_FOR_ALL else _CHROMA_FEW

    def level_words(self, level: float) -> str:
        return _CHROMA_NAMES[math.floor(level + 0.5) % 12]


class MelRow(HeatRow):
    """Bands on Slaney's mel scale."""

    ROWS = 96

    def __init__(self, axis: TimeAxis, *, title: tuple[str, ...] = ()) -> None:
        super().__init__(axis, low=-0.5, high=self.ROWS - 0.5, title=title)

    def level_labels(self) -> Levels:
        chosen = _HERTZ if self.height() >= _ROOM_FOR_ALL else _HERTZ_FEW
        return [(mel_row(hertz, rows=self.ROWS), words) for hertz, words in chosen]

    def level_words(self, level: float) -> str:
        top = 8000.0
        low, high = 0.0, top
        for _ in range(24):  # mel_row has no inverse, but rises
            middle = (low + high) / 2
            if mel_row(middle, rows=self.ROWS) < level:
                low = middle
            else:
                high = middle
        return f"{low:.0f} Hz" if low < 995 else f"{low / 1000:.1f} kHz"


class _Map(pg.GraphicsObject):
    """The picture; what was last painted is kept, for a playhead exposes it often."""

    def __init__(self, axis: TimeAxis) -> None:
        super().__init__()
        self._axis = axis
        self._heat: HeatMap | None = None
        self._box = QRectF(0, 0, 1, 1)
        self._kept: tuple[object, QImage, QRectF] | None = None

    def show_map(self, heat: HeatMap | None, low: float, high: float) -> None:
        self.prepareGeometryChange()
        self._heat, self._kept = heat, None
        self._box = QRectF(0, low, 1.0 if heat is None else max(heat.seconds, 1.0), high - low)
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802
        return self._box

    @guarded
    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        box = self._box
        ground = QColor.fromRgb(int(cividis()[0]))
        painter.fillRect(QRectF(self._axis.start, box.top(), self._axis.span, box.height()), ground)
        if self._heat is None:
            return
        image, place = self._picture(painter)
        if not image.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.save()
            painter.translate(0, place.top() + place.bottom())
            painter.scale(1, -1)  # levels rise, rows of a picture fall
            painter.drawImage(place, image)
            painter.restore()

    def _picture(self, painter: QPainter) -> tuple[QImage, QRectF]:
        assert self._heat is not None
        start, end = self._axis.start, self._axis.end
        scale = painter.device().devicePixelRatioF()
        columns = round(abs(self.sceneTransform().m11()) * (end - start) * scale)
        key = (start, end, columns)
        if self._kept is not None and self._kept[0] == key:
            return self._kept[1], self._kept[2]
        levels, left, right = self._heat.window(start, end, columns=columns)
        colours = cividis()[levels]
        height, width = colours.shape
        image = (
            QImage(colours.data, width, height, width * 4, QImage.Format.Format_RGB32).copy()
            if width
            else QImage()
        )
        place = QRectF(left, self._box.top(), right - left, self._box.height())
        self._kept = (key, image, place)
        return image, place
