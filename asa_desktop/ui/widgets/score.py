"""A score as a large number; where there is none, a hatched plate and the reason."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.painting import antialiased, hatched

NONE = "–"


def score_text(score: float | None) -> str:
    """A score as it is written everywhere: whole, a dash for none."""
    return NONE if score is None else str(round(score))


class ScoreNumber(QWidget):
    """`kind` is ``score`` (44 px, the page's own) or ``number`` (16 px); `remark` stands below."""

    def __init__(self, *, kind: str = "score") -> None:
        super().__init__()
        self._kind = kind
        self._text, self._remark, self._reason = NONE, "", ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_score(None)

    def show_score(self, score: float | None, *, remark: str = "", reason: str = "") -> None:
        """A score of 0 to 100 with its spread in words, or None and why there is none."""
        self._text, self._remark = score_text(score), remark
        self._reason = reason if score is None else ""
        if score is not None:
            said = tr("Score {score}", score=self._text)
        else:
            said = tr("Not scored: {reason}", reason=reason) if reason else tr("Not scored")
        self.setAccessibleName(f"{said}, {remark}" if remark else said)
        self.setToolTip(said if score is None else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        number = QFontMetricsF(font(self._kind))
        below = QFontMetricsF(font("caption"))
        figures = max(number.horizontalAdvance(one) for one in ("88", self._text))
        wide = max(figures, below.horizontalAdvance(self._remark))
        tall = self._tall() + (below.height() if self._remark else 0)
        return QSize(round(wide + 0.5), round(tall))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = antialiased(QPainter(self))
        box = QRectF(0, 0, self.width(), self._tall())
        if self._reason:
            hatched(painter, box.adjusted(0, 4, 0, -4))
        painter.setFont(font(self._kind))
        painter.setPen(colour("muted" if self._text == NONE else "text"))
        painter.drawText(
            box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            if self._text != NONE else Qt.AlignmentFlag.AlignCenter, self._text,
        )  # fmt: skip
        painter.setFont(font("caption"))
        painter.setPen(colour("muted"))
        below = QRectF(0, box.bottom(), self.width(), self.height() - box.bottom())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, self._remark)

    def _tall(self) -> float:
        # Figures have no descenders: the line's height would leave a hole under them.
        return round(QFontMetricsF(font(self._kind)).capHeight() * 1.45)
