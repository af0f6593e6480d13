"""Why a clip scored as it did: what its score is made of, where it falls short, what would help."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from asa_desktop import words_singing
from asa_desktop.core.attributes.codes import ATTRIBUTES, LIKENESS
from asa_desktop.core.types import Attribute, AttributePlace, ClipScore
from asa_desktop.services.shortfalls import places_between
from asa_desktop.ui.theme.tokens import XS
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.bar import Bar, BarList
from asa_desktop.ui.widgets.frames import column, label

_MOST = 5
_POINTS_AT_LEAST = 0.5
_LONGEST_BAR = 20.0
"""Points that fill a bar, unless a channel has more."""


class WhyPart(QWidget):
    """Parts as bars, places in words, channels as bars; hidden where nothing of it is known.

    `picked` gives the attribute and the place of a line that was clicked or entered.
    """

    picked = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self.parts, self.channels = BarList(), BarList()
        self._parts_title = label(tr("What the score is made of"), "strong")
        self._places_title = label(tr("What was off here"), "strong")
        self._channels_title = label(tr("Points that it would gain"), "strong")
        self._channels_remark = label(
            tr("if this were as in the original"), "caption", tone="muted", wrap=True
        )
        self._places = column(spacing=2)
        self._lines: list[QLabel] = []
        self._places_said: list[tuple[str, AttributePlace]] = []
        box = column(
            self._parts_title, self.parts, self._places_title, self._places,
            self._channels_title, self._channels_remark, self.channels, spacing=XS,
        )  # fmt: skip
        box.insertSpacing(4, XS)
        box.insertSpacing(2, XS)
        self.setLayout(box)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.show_clip(None, {})

    @property
    def lines(self) -> list[str]:
        """What is said of the places."""
        return [each.accessibleName() for each in self._lines]

    def pick(self, number: int) -> None:
        """Ask for the place of a line to be seen and heard."""
        self.picked.emit(*self._places_said[number])

    def show_clip(self, each: ClipScore | None, attributes: Mapping[str, Attribute]) -> None:
        """Say why; None: no clip is selected."""
        parts = () if each is None else part_bars(each)
        channels = () if each is None else channel_bars(each)
        self._places_said = _found(each, attributes)[:_MOST]
        lines = () if each is None else place_lines(each, attributes)
        self.parts.show_bars(parts)
        self._parts_title.setVisible(bool(parts))
        self.channels.show_bars(channels)
        for title in (self._channels_title, self._channels_remark):
            title.setVisible(bool(channels))
        self._show_lines(lines)
        self._places_title.setVisible(bool(self._places_said))
        self.setVisible(bool(parts or channels or lines))

    def _show_lines(self, lines: tuple[str, ...]) -> None:
        for each in self._lines:
            self._places.removeWidget(each)
            each.hide()
            each.deleteLater()
        self._lines = [self._line(number, text) for number, text in enumerate(lines)]
        for each in self._lines:
            self._places.addWidget(each)

    def _line(self, number: int, text: str) -> QLabel:
        if number >= len(self._places_said):
            said = label(text, wrap=True)
        else:
            said = label("", wrap=True)
            said.setTextFormat(Qt.TextFormat.RichText)
            said.setText(f'<a href="{number}">{escape(text)}</a>')
            said.setToolTip(tr("See and hear it"))
            said.setTextInteractionFlags(
                Qt.TextInteractionFlag.LinksAccessibleByMouse
                | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
            )
            said.linkActivated.connect(lambda _link, number=number: self.pick(number))
        said.setAccessibleName(text)
        said.setMinimumWidth(1)  # else a long sentence makes all the panel wider than its room
        return said


def part_bars(each: ClipScore) -> tuple[Bar, ...]:
    """What the score is made of; the lowest is marked where it lies below the score."""
    order = [*ATTRIBUTES, LIKENESS]
    names = sorted(each.parts, key=lambda name: order.index(name) if name in order else len(order))
    lowest = min(each.parts, key=lambda name: each.parts[name], default="")
    bars = []
    for name in names:
        score = each.parts[name]
        pulled = name == lowest and each.score is not None and round(score) < round(each.score)
        said = tr("{name}: {score} of 100", name=words_singing.name_text(name), score=round(score))
        if pulled:
            said = tr("{said}, pulled the score down most", said=said)
        value = f"▼ {round(score)}" if pulled else str(round(score))
        bars.append(Bar(words_singing.name_text(name), score / 100, value, said, marked=pulled))
    return tuple(bars)


def channel_bars(each: ClipScore) -> tuple[Bar, ...]:
    """Channels that cost the clip half a point or more, the dearest first."""
    dear = sorted(each.channels.items(), key=lambda pair: -pair[1])
    dear = [pair for pair in dear if pair[1] >= _POINTS_AT_LEAST]
    longest = max([_LONGEST_BAR, *(points for _, points in dear)])
    bars = []
    for code, points in dear:
        name = words_singing.channel_text(code)
        said = tr("{name}: {points} points more", name=name, points=f"{points:.0f}")
        bars.append(Bar(name[:1].upper() + name[1:], points / longest, f"+{points:.0f}", said))
    return tuple(bars)


def place_lines(each: ClipScore, attributes: Mapping[str, Attribute]) -> tuple[str, ...]:
    """The gravest places of a clip in words; one calm sentence where there are none."""
    found = _found(each, attributes)
    if not found:
        measured = any(one.score is not None for one in attributes.values())
        calm = each.score is not None and measured
        return (words_singing.said("in_place"),) if calm else ()
    lines = [f"{words_singing.place_text(place)}." for _, place in found[:_MOST]]
    if len(found) > _MOST:
        lines.append(tr("{count} more in this clip.", count=len(found) - _MOST))
    return tuple(lines)


def _found(
    each: ClipScore | None, attributes: Mapping[str, Attribute]
) -> list[tuple[str, AttributePlace]]:
    return [] if each is None else places_between(attributes, each.clip.start, each.clip.end)
