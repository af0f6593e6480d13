"""The review explained on the singer's own take: a few call-outs, each gone with one key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.theme.tokens import RADIUS_CARD, L, M, S
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.button import Button
from asa_desktop.ui.widgets.frames import Card, label, row
from asa_desktop.ui.widgets.notice import announce
from asa_desktop.ui.widgets.painting import antialiased, plate
from asa_desktop.ui.widgets.steps import step_text

if TYPE_CHECKING:
    from asa_desktop.ui.pages.review import ReviewPage

_WIDE, _GAP, _REACH = 360, 10, 4


@dataclass(frozen=True, slots=True, eq=False)
class CallOut:
    """What is said of one part of the page; `offers` is a further button."""

    title: str
    sentence: str
    part: QWidget
    offers: str = ""


class Tour(QObject):
    """Begins once a take is done while the introduction is under way. `at` is None outside it."""

    def __init__(self, page: ReviewPage, *, look: Callable[[], object]) -> None:
        super().__init__(page)
        self._page, self._look = page, look
        self.stops: tuple[CallOut, ...] = ()
        self.at: int | None = None
        self.box = _Box(page, next_=self.go_on, skip=self.end, offered=self._offered)
        self.frame = _Frame(page)

    def begin(self, stops: tuple[CallOut, ...]) -> None:
        """Show the first call-out."""
        self.stops = stops
        self._show(0)

    def go_on(self) -> None:
        """The next call-out, after the last one none."""
        if self.at is not None and self.at + 1 < len(self.stops):
            self._show(self.at + 1)
        else:
            self.end()

    def end(self) -> None:
        """No call-outs any more, in this introduction."""
        if self.at is None:
            return
        self.leave()
        self._page.context.touring = False
        (self._page.strip if self._page.strip.isVisible() else self._page).setFocus()

    def leave(self) -> None:
        """Take away what is shown: another take, or another page."""
        self.at = None
        self.box.hide()
        self.frame.hide()

    def place(self) -> None:
        """Lay frame and words to the part that is spoken of."""
        if self.at is None:
            return
        part, page = self.stops[self.at].part, self._page
        around = QRect(part.mapTo(page, QPoint(0, 0)), part.size())
        around = around.adjusted(-_REACH, -_REACH, _REACH, _REACH).intersected(page.rect())
        self.frame.setGeometry(around)
        self.box.fit(min(_WIDE, page.width() - 2 * L))
        self.box.move(beside(around, self.box.size().toTuple(), page.rect()))
        for each in (self.frame, self.box):
            each.show()
            each.raise_()

    def _show(self, at: int) -> None:
        self.at = at
        self.box.say(self.stops[at], number=at + 1, of=len(self.stops))
        self.place()
        self.box.next.setFocus()
        announce(self._page, f"{self.stops[at].title}. {self.stops[at].sentence}")

    def _offered(self) -> None:
        self.leave()
        self._look()


def beside(around: QRect, size: tuple[int, int], room: QRect) -> QPoint:
    """Where a box of `size` hides least of what is `around`: below, above, left, right, over it."""
    wide, tall = size
    inner = room.adjusted(M, M, -M, -M)
    x = min(max(around.left(), inner.left()), inner.right() - wide)
    y = min(max(around.top(), inner.top()), inner.bottom() - tall)
    for corner in (
        QPoint(x, around.bottom() + _GAP),
        QPoint(x, around.top() - _GAP - tall),
        QPoint(around.left() - _GAP - wide, y),
        QPoint(around.right() + _GAP, y),
    ):
        if inner.contains(QRect(corner, QPoint(corner.x() + wide - 1, corner.y() + tall - 1))):
            return corner
    return QPoint(x, y)


class _Box(Card):
    def __init__(
        self,
        page: QWidget,
        *,
        next_: Callable[[], object],
        skip: Callable[[], object],
        offered: Callable[[], object],
    ) -> None:
        super().__init__(margin=L, spacing=S)
        self.setParent(page)
        self.count = label("", "caption", tone="muted")
        self.title = label("", "section", wrap=True)
        self.sentence = label("", wrap=True)
        self.skip = Button(tr("Skip"), kind="quiet", keys=tr("Esc"), action=skip)
        self.offer = Button("", icon="eye", action=offered)
        self.next = Button(tr("Next"), kind="primary", action=next_)
        for part in (self.count, self.title, self.sentence):
            self.box.addWidget(part)
        self.box.addLayout(row(self.skip, None, self.offer, self.next, spacing=S))
        self.hide()

    def say(self, stop: CallOut, *, number: int, of: int) -> None:
        last = number == of
        count = tr("{number} of {of}", number=number, of=of)
        self.count.setText(f"{step_text(4)} · {count}" if of > 1 else step_text(4))
        self.title.setText(stop.title)
        self.sentence.setText(stop.sentence)
        self.offer.say(stop.offers)
        self.offer.setVisible(bool(stop.offers))
        self.skip.setVisible(not last)
        self.next.say(tr("Done") if last else tr("Next"))
        self.setAccessibleName(stop.title)
        self.setAccessibleDescription(stop.sentence)

    def fit(self, wide: int) -> None:
        """As wide as that, as tall as its words need."""
        inner = wide - 2 * L
        for part in (self.title, self.sentence):
            part.setMinimumHeight(0)  # or the words before would count
            part.setFixedSize(inner, part.heightForWidth(inner))
        self.box.invalidate()
        self.box.activate()
        self.setFixedSize(wide, self.box.minimumSize().height())


class _Frame(QWidget):
    """A line round what is spoken of; it takes no clicks."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = antialiased(QPainter(self))
        plate(painter, QRectF(self.rect()), edge=colour("accent"), width=2, radius=RADIUS_CARD)


def stops_of(page: ReviewPage) -> tuple[CallOut, ...]:
    """What there is to say of a take that is done."""
    view = page.view
    if view is None or view.sheet is None:
        return ()
    if view.sheet.overall.score is None:
        return (
            CallOut(
                tr("No score this time"),
                tr("The sentence says why, and what to do about it. The take is kept all the"
                   " same."),
                page.head, "" if view.example else tr("Look at an example"),
            ),
        )  # fmt: skip
    told = (
        CallOut(
            tr("Every clip of the take"),
            tr("A bar for every three seconds: the taller, the better. A click plays it; J and K"
               " go from one to the next."),
            page.strip,
        ),
        CallOut(
            tr("The score"),
            tr("All of the take as one number. The sentences beside it lead to the lowest clips."),
            page.head.score,
        ),
        CallOut(
            tr("What it is made of"),
            tr("Intonation, rhythm, vibrato and more, each by itself. Press one, and every place"
               " where it falls short is listed and marked."),
            page.attributes,
        ),
        CallOut(
            tr("You and the original"),
            tr("A plays you, B the original, D both; X swaps them at the same place. Try it now."),
            page.panel,
        ),
    )  # fmt: skip
    return tuple(each for each in told if each.part.isVisible())
