"""The places of the chosen attribute: a list, worst first, and marks wherever time is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QListWidget, QListWidgetItem

from asa_desktop import words_singing
from asa_desktop.core.types import Attribute, AttributePlace
from asa_desktop.services.shortfalls import worst_first
from asa_desktop.ui.pages.review_attributes import AttributesCard, spoken
from asa_desktop.ui.pages.review_view import TakeView
from asa_desktop.ui.plots.places import PlaceMarks
from asa_desktop.ui.plots.timeaxis import TimeAxis
from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.tokens import HIT, XS, M, S
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.button import IconButton
from asa_desktop.ui.widgets.frames import Card, label, row

if TYPE_CHECKING:
    from asa_desktop.ui.plots.overlay import Overlay
    from asa_desktop.ui.plots.strip import ClipStrip

_MOST = 200
_LEAST = 120
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_BEFORE_S, _AFTER_S = 0.5, 0.5
_LEAST_PIXELS = 12.0
_CLOSE_S = 12.0


class PlacesCard(Card):
    """The list. `picked` gives a place that was clicked or entered, `closed` that it should go."""

    picked = Signal(object)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__(margin=M, spacing=S, name=tr("Places"))
        self.name = label("", "section")
        self.remark = label("", "caption", tone="muted")
        self.close_button = IconButton("x", tr("Close"), keys="Esc", action=self.closed.emit)
        self.meaning = label("", "caption", tone="muted", wrap=True)
        self.nothing = label("", wrap=True)
        self.list = _List()
        self.list.taken.connect(self._pick)
        self.list.wrapped.connect(self._fit)
        self.box.addLayout(row(self.name, self.remark, None, self.close_button, spacing=S))
        self.box.addWidget(self.meaning)
        self.box.addWidget(self.nothing)
        self.box.addWidget(self.list, 1)
        self.places: tuple[AttributePlace, ...] = ()
        self.setMinimumHeight(_LEAST)  # a window may be made lower than what it shows
        self.hide()

    def show_attribute(self, name: str, attribute: Attribute) -> None:
        """List what this one has to say."""
        ordered = worst_first(attribute.places)
        self.places = tuple(ordered[:_MOST])
        self.name.setText(words_singing.name_text(name))
        self.meaning.setText(words_singing.meaning_text(name))
        self.remark.setText(_count(len(ordered)))
        self.nothing.setText("" if ordered else _nothing(attribute))
        self.nothing.setVisible(not ordered)
        self.list.setVisible(bool(ordered))
        self.list.setAccessibleName(spoken(name, attribute))
        self.list.show_texts([words_singing.place_text(each) for each in self.places])
        self.show()
        self._fit()

    def set_place(self, place: AttributePlace | None) -> None:
        """Show a place as chosen, without telling anybody."""
        known = place is not None and place in self.places
        self.list.setCurrentRow(self.places.index(place) if known else -1)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Take no more room than the list has lines."""
        self.list.setMaximumHeight(self.list.tall())
        beside = self.box.sizeHint().height() - self.list.sizeHint().height()
        self.setMaximumHeight(beside + self.list.tall() if self.places else beside)

    def _pick(self, number: int) -> None:
        self.picked.emit(self.places[number])


class PlaceDesk(QObject):
    """Which attribute is chosen, and its places wherever they are shown.

    `asked` gives a place that somebody wants to see and hear; `changed` says that another
    attribute, or none, is looked at.
    """

    asked = Signal(object)
    changed = Signal()

    def __init__(
        self,
        attributes: AttributesCard,
        card: PlacesCard,
        *,
        strip: ClipStrip,
        overlay: Overlay,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.name = ""
        self.card = card
        self._attributes, self._strip, self._overlay = attributes, strip, overlay
        self._known: Mapping[str, Attribute] = {}
        self._marks = PlaceMarks()
        attributes.chosen.connect(self.choose)
        card.picked.connect(self.pick)
        card.closed.connect(lambda: self.choose(""))

    def show_view(self, view: TakeView | None) -> None:
        """Show the attributes of a take; the one that was chosen stays so where it is there."""
        sheet = None if view is None else view.sheet
        self._known = {} if sheet is None else sheet.attributes
        older = sheet is not None and sheet.status == "scored" and not self._known
        assessed = view is not None and view.state == "done"
        self._attributes.show_attributes(self._known, older=older and assessed)
        self.choose(self.name if self.name in self._known else "")

    def choose(self, name: str) -> None:
        """Look at an attribute; "": at none."""
        before, self.name = self.name, name
        self._attributes.set_chosen(name)
        attribute = self._known.get(name)
        self._mark(() if attribute is None else attribute.places, None)
        if attribute is None:
            self.card.hide()
        else:
            self.card.show_attribute(name, attribute)
        if name != before:
            self.changed.emit()

    def pick(self, place: AttributePlace) -> None:
        """Choose one of the places, and ask for it to be seen and heard."""
        self._mark(self._marks.places, place)
        self.card.set_place(place)
        self.asked.emit(place)

    def pick_of(self, name: str, place: AttributePlace) -> None:
        """The same for a place of any attribute, which is then the one that is looked at."""
        self.choose(name)
        self.pick(place)

    def step(self, by: int) -> None:
        """The next of the list, or the first."""
        places = self.card.places if self.name else ()
        if not places:
            return
        now = self._marks.chosen
        number = 0 if now is None or now not in places else places.index(now) + by
        self.pick(places[min(max(number, 0), len(places) - 1)])

    def _mark(self, places: tuple[AttributePlace, ...], chosen: AttributePlace | None) -> None:
        self._marks = PlaceMarks(places)
        self._marks.chosen = chosen
        self._strip.set_places(self._marks)
        self._overlay.set_places(self._marks)


class _List(QListWidget):
    """Lines that wrap; `taken` gives the number of one that was clicked or entered.

    `wrapped` comes with another width: lines may be more or fewer then.
    """

    taken = Signal(int)
    wrapped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFont(font())
        self.setWordWrap(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setStyleSheet(
            f"QListView {{ border: none; }} QListView::item {{ padding: {S - 2}px {S}px;"
            f" min-height: {HIT - 2 * S + XS}px; }}"
        )
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMinimumHeight(72)
        self.itemClicked.connect(lambda item: self.taken.emit(self.row(item)))

    def show_texts(self, texts: list[str]) -> None:
        self.clear()
        for text in texts:
            item = QListWidgetItem(text)
            item.setToolTip(text)
            self.addItem(item)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.wrapped.emit()

    def tall(self) -> int:
        """Pixels of all its lines, as they wrap now."""
        self.executeDelayedItemsLayout()
        return max(self.contentsSize().height() + 4, self.minimumHeight())

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(240, self.minimumHeight())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in _ENTER and self.currentRow() >= 0:
            self.taken.emit(self.currentRow())
        else:
            super().keyPressEvent(event)


def heard_with(place: AttributePlace, total: float) -> tuple[float, float]:
    """From when to when a place is played: with a little before and after it."""
    return max(place.start - _BEFORE_S, 0.0), min(place.end + _AFTER_S, total)


def seen_with(place: AttributePlace, axis: TimeAxis, width: float) -> tuple[float, float]:
    """What to show of the take for a place: what is shown, unless it is outside or too small."""
    pixels = (place.end - place.start) / axis.span * axis.room(width)
    if pixels >= _LEAST_PIXELS or axis.span <= _CLOSE_S:
        inside = axis.start <= place.start and place.end <= axis.end
        if inside:
            return axis.start, axis.end
        span = axis.span
    else:
        span = _CLOSE_S
    start = (place.start + place.end - span) / 2
    return start, start + span


def _count(count: int) -> str:
    if count > _MOST:
        return tr("the {most} worst of {count}", most=_MOST, count=count)
    if not count:
        return ""
    return tr("1 place") if count == 1 else tr("{count} places, worst first", count=count)


def _nothing(attribute: Attribute) -> str:
    if attribute.score is None:
        said = words_singing.reason_text(attribute.reason or "")
        return f"{said[:1].upper()}{said[1:]}."
    return words_singing.said("in_place")
