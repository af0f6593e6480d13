"""Labels, cards, lines and headers: what a page is laid out with."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.tokens import L, M, S


def label(text: str = "", kind: str = "body", *, tone: str = "", wrap: bool = False) -> QLabel:
    """A line of text of one kind of `tokens.TYPE`; `tone` is muted, accent, record, flat, ..."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)  # a song's title is no markup
    made.setFont(font(kind))
    made.setWordWrap(wrap)
    if tone:
        set_tone(made, tone)
    return made


def set_tone(widget: QWidget, tone: str) -> None:
    """Colour a label by a token; an empty tone is the plain text colour."""
    if widget.property("tone") == tone:
        return
    widget.setProperty("tone", tone)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


class Elided(QLabel):
    """One line that is cut with an ellipsis where there is no room; the whole is its tool tip.

    With less than `least` pixels for it, nothing is shown rather than its first letters.
    """

    def __init__(
        self, text: str = "", kind: str = "body", *, tone: str = "", least: int = 0
    ) -> None:
        super().__init__()
        self._least = least
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font(kind))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if tone:
            set_tone(self, tone)
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802 - Qt's name
        super().setText(text)
        self.setToolTip(text if self._cut() != text else "")

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        wide = 0 if self._least else self.fontMetrics().horizontalAdvance("…") * 3
        return QSize(wide, super().sizeHint().height())

    def resizeEvent(self, event: object) -> None:  # noqa: N802
        self.setToolTip(self.text() if self._cut() != self.text() else "")

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.setFont(self.font())
        painter.drawText(self.rect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, self._cut())

    def _cut(self) -> str:
        cut = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, max(0, self.width())
        )
        return "" if cut != self.text() and self.width() < self._least else cut


class Card(QFrame):
    """A raised sheet with a hairline round it; `box` is its layout."""

    def __init__(self, *, margin: int = L, spacing: int = M, name: str = "") -> None:
        super().__init__()
        self.setObjectName("card")
        if name:
            self.setAccessibleName(name)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(margin, margin, margin, margin)
        self.box.setSpacing(spacing)


def line(*, upright: bool = False) -> QFrame:
    """A hairline between two parts."""
    made = QFrame()
    made.setObjectName("line")
    if upright:
        made.setFixedWidth(1)
    else:
        made.setFixedHeight(1)
    return made


def row(*parts: QWidget | QLayout | int | None, spacing: int = M, margin: int = 0) -> QHBoxLayout:
    """Side by side; None takes the room that is left, a number is a gap."""
    box = QHBoxLayout()
    _fill(box, parts, spacing=spacing, margin=margin)
    return box


def column(
    *parts: QWidget | QLayout | int | None, spacing: int = S, margin: int = 0
) -> QVBoxLayout:
    """One above the other; None takes the room that is left, a number is a gap."""
    box = QVBoxLayout()
    _fill(box, parts, spacing=spacing, margin=margin)
    return box


def _fill(
    box: QHBoxLayout | QVBoxLayout,
    parts: Iterable[QWidget | QLayout | int | None],
    *,
    spacing: int,
    margin: int,
) -> None:
    box.setSpacing(spacing)
    box.setContentsMargins(margin, margin, margin, margin)
    for part in parts:
        if part is None:
            box.addStretch(1)
        elif isinstance(part, int):
            box.addSpacing(part)
        elif isinstance(part, QWidget):
            box.addWidget(part)
        else:
            box.addLayout(part)


class PageHeader(QWidget):
    """A page's title, a quiet remark beside it, and what can be done at its right."""

    def __init__(self, title: str, remark: str = "") -> None:
        super().__init__()
        self.title = label(title, "page")
        self.remark = Elided(remark, tone="muted")
        self._actions = row(spacing=M)
        box = row(self.title, self.remark, None, self._actions, spacing=M)
        box.setAlignment(self.remark, Qt.AlignmentFlag.AlignBaseline)
        self.setLayout(box)
        self.setMinimumHeight(40)

    def add(self, *widgets: QWidget) -> None:
        """Put widgets at the right end."""
        for widget in widgets:
            self._actions.addWidget(widget)


class SectionHeader(QWidget):
    """The title of a part of a page, with a quiet remark."""

    def __init__(self, title: str, remark: str = "") -> None:
        super().__init__()
        self.title = label(title, "section")
        self.remark = label(remark, "caption", tone="muted")
        self.setLayout(row(self.title, self.remark, None, spacing=S))
