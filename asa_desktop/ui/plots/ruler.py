"""Minutes and seconds under the rows."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from asa_desktop.ui.plots.timeaxis import GUTTER, TimeAxis
from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.painting import left_to_right

HEIGHT = 24


class Ruler(QWidget):
    """The labels of the time axis."""

    def __init__(self, axis: TimeAxis) -> None:
        super().__init__()
        self._axis = axis
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Time"))
        axis.changed.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(200, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = left_to_right(QPainter(self))
        painter.setFont(font("caption"))
        painter.setPen(colour("muted"))
        metrics = QFontMetricsF(painter.font())
        for second, words in self._axis.ticks(self.width()):
            x = self._axis.x_of(second, self.width())
            wide = metrics.horizontalAdvance(words) + 2
            left = min(max(x - wide / 2, GUTTER - wide / 2), self.width() - wide)
            box = QRectF(left, 0, wide, HEIGHT)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
