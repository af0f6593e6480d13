"""The attributes of a take side by side: how the singing was, in six bars."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from asa_desktop import words_singing
from asa_desktop.core.types import Attribute
from asa_desktop.services.shortfalls import LOW_CONFIDENCE, in_order
from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import blend, colour
from asa_desktop.ui.theme.tokens import XS, M, S
from asa_desktop.ui.tr import listed, tr
from asa_desktop.ui.widgets.bar import BAR, paint_bar
from asa_desktop.ui.widgets.button import Button
from asa_desktop.ui.widgets.frames import Card, label, row
from asa_desktop.ui.widgets.painting import antialiased, plate
from asa_desktop.ui.widgets.score import score_text

_TALL, _TALL_LOW = 68, 50
_LINE, _LINE_LOW = 18, 16


class AttributeTile(Button):
    """Name, score, bar and value; pressed, its places are shown everywhere."""

    def __init__(self, name: str, attribute: Attribute) -> None:
        super().__init__(words_singing.name_text(name))
        self.attribute_name, self.attribute = name, attribute
        self.faded = attribute.score is not None and attribute.confidence < LOW_CONFIDENCE
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(spoken(name, attribute))
        self.setAccessibleDescription(words_singing.meaning_text(name))
        self.setToolTip(f"{spoken(name, attribute)}\n{words_singing.meaning_text(name)}")

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(120, _TALL_LOW - 3 * XS)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(96, _TALL_LOW - 3 * XS)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        card = self.parentWidget()
        if event.key() in steps and isinstance(card, AttributesCard):
            card.step(self, steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = antialiased(QPainter(self))
        self._paint_ground(painter)
        attribute = self.attribute
        high = self.height() >= 2 * _LINE + BAR + 2 * XS
        tall, gap = (_LINE, 3) if high else (_LINE_LOW, 1)
        content = 2.0 * tall + BAR + 2 * gap
        top = round((self.height() - content) / 2)
        left, wide = float(S), self.width() - 2.0 * S
        head = QRectF(left, top, wide, tall)
        painter.setFont(font("number"))
        painter.setPen(colour("muted" if self.faded or attribute.score is None else "text"))
        number = score_text(attribute.score)
        centre = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(head, Qt.AlignmentFlag.AlignRight | centre, number)
        room = wide - QFontMetricsF(font("number")).horizontalAdvance(number) - XS
        kind = "strong" if self.isChecked() else "body"
        painter.setFont(font(kind))
        painter.setPen(colour("muted" if self.faded else "text"))
        name = _cut(self.text(), kind, room)
        painter.drawText(head, Qt.AlignmentFlag.AlignLeft | centre, name)
        track = QRectF(left, head.bottom() + gap, wide, BAR)
        share = None if attribute.score is None else attribute.score / 100
        paint_bar(painter, track, share, faded=self.faded)
        below = QRectF(left, track.bottom() + gap, wide, tall)
        painter.setFont(font("caption"))
        painter.setPen(colour("muted"))
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | centre, self._caption(wide))

    def _paint_ground(self, painter: QPainter) -> None:
        box = QRectF(self.rect())
        if self.isChecked():
            plate(painter, box, fill=blend("surface", "accent", 0.12), edge=colour("accent"),
                  width=1.5)  # fmt: skip
        elif self.isDown() or self.underMouse():
            plate(painter, box, fill=colour("raised"))

    def _caption(self, room: float) -> str:
        """As much as finds room: the value, and what has to be known of it."""
        metrics = QFontMetricsF(font("caption"))
        for text in captions(self.attribute_name, self.attribute):
            if metrics.horizontalAdvance(text) <= room:
                return text
        return _cut(text, "caption", room)


class AttributesCard(Card):
    """All attributes in one row. `chosen` gives the name of the one to be looked at, or ""."""

    chosen = Signal(str)
    assess = Signal()

    def __init__(self) -> None:
        super().__init__(margin=XS, spacing=0, name=tr("Attributes of the take"))
        self.tiles: tuple[AttributeTile, ...] = ()
        self._can_assess = self._older = False
        self._row = row(spacing=XS)
        self.box.addLayout(self._row)
        self.older = label(words_singing.said("assess_again"), tone="muted")
        self.again = Button(tr("Assess again"), icon="refresh-cw", action=self.assess.emit)
        self._old = QWidget()
        self._old.setLayout(row(self.older, None, self.again, spacing=M))
        self._old.layout().setContentsMargins(M, 0, XS, 0)
        self.box.addWidget(self._old)
        self.set_low(False)
        self.show_attributes({}, older=False)

    def set_low(self, low: bool) -> None:
        """Take less room where the window is low."""
        self.setFixedHeight(_TALL_LOW if low else _TALL)

    def offer(self, *, assess: bool) -> None:
        """Whether somebody can assess the take again."""
        self._can_assess = assess
        self.again.setVisible(assess)

    def show_attributes(self, attributes: Mapping[str, Attribute], *, older: bool) -> None:
        """Show these, none chosen. `older`: there are none because they were not measured then."""
        for tile in self.tiles:
            self._row.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        self.tiles = tuple(AttributeTile(name, each) for name, each in in_order(attributes))
        for tile in self.tiles:
            self._row.addWidget(tile, 1)
            tile.clicked.connect(lambda on, tile=tile: self._pressed(tile, on))
        self._old.setVisible(older)
        self.again.setVisible(self._can_assess)
        self.setVisible(older or bool(self.tiles))

    def set_chosen(self, name: str) -> None:
        """Show one as chosen, without telling anybody."""
        for tile in self.tiles:
            tile.setChecked(tile.attribute_name == name)

    def step(self, tile: AttributeTile, by: int) -> None:
        """Give the focus to a neighbour."""
        place = self.tiles.index(tile) + by
        if 0 <= place < len(self.tiles):
            self.tiles[place].setFocus(Qt.FocusReason.TabFocusReason)

    def _pressed(self, tile: AttributeTile, on: bool) -> None:
        self.chosen.emit(tile.attribute_name if on else "")


def captions(name: str, attribute: Attribute) -> tuple[str, ...]:
    """What stands under the bar, the longest first."""
    if attribute.score is None:
        reason = attribute.reason or ""
        return words_singing.reason_text(reason), words_singing.short_reason_text(reason)
    value = words_singing.measure_text(name, attribute)
    if attribute.confidence < LOW_CONFIDENCE:
        unsure = words_singing.said("unsure")
        return listed(value, unsure), unsure
    count = len(attribute.places)
    places = tr("1 place") if count == 1 else tr("{count} places", count=count)
    return (listed(value, places), value) if count and value else (value or places,)


def spoken(name: str, attribute: Attribute) -> str:
    """An attribute as it is read out: Intonation, 71 of 100, 23 cents, 4 places."""
    head = words_singing.name_text(name)
    if attribute.score is None:
        reason = words_singing.reason_text(attribute.reason or "")
        return tr("{name}, no score: {reason}", name=head, reason=reason)
    score = tr("{score} of 100", score=round(attribute.score))
    return f"{head}, {score}, {captions(name, attribute)[0]}"


def _cut(text: str, kind: str, room: float) -> str:
    return QFontMetricsF(font(kind)).elidedText(text, Qt.TextElideMode.ElideRight, room)
