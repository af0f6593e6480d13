"""Where in the take each attribute falls short: a lane an attribute over the time axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from asa_desktop import words_singing
from asa_desktop.core.types import Attribute, AttributePlace
from asa_desktop.services.report.canvas import (
    GUTTER,
    TICKS_HEIGHT,
    Canvas,
    Drawing,
    lines,
    time_labels,
)
from asa_desktop.services.report.rows import Row, clock
from asa_desktop.services.report.tokens import LIGHT
from asa_desktop.services.shortfalls import in_order

_LANE = 34
_NAME = 10.0
_MARK_TOP, _MARK = 20.0, 9.0


def draw_places(attributes: Mapping[str, Attribute], rows: Sequence[Row]) -> tuple[Drawing, ...]:
    """One drawing a row of the report; none where nothing falls short."""
    lanes = [(name, each.places) for name, each in in_order(attributes) if each.places]
    if not lanes:
        return ()
    return tuple(_draw(lanes, row, name=f"places-{k}") for k, row in enumerate(rows, 1))


def _draw(lanes: Sequence[tuple[str, Sequence[AttributePlace]]], row: Row, *, name: str) -> Drawing:
    height = _LANE * len(lanes)
    canvas = Canvas(height + TICKS_HEIGHT)
    axes = canvas.axes(top=0, height=height, x=row.limits, y=(height, 0))
    lines(axes, up=row.ticks(apart=13), alpha=0.45)
    least = row.scale_s / 300  # what can still be seen
    said = []
    for number, (attribute, places) in enumerate(lanes):
        top = number * _LANE
        shown = [each for each in places if each.end > row.start and each.start < row.end]
        canvas.text(GUTTER, top + _NAME, words_singing.name_text(attribute), ha="left")
        lines(axes, across=(top + _MARK_TOP + _MARK,))
        spans = [(each.start, max(each.end - each.start, least)) for each in shown]
        axes.broken_barh(spans, (top + _MARK_TOP, _MARK), facecolor=LIGHT["accent"], linewidth=0)
        said.append(f"{words_singing.name_text(attribute)} {_times(shown)}")
    time_labels(canvas, row, y=height + TICKS_HEIGHT / 2 + 1)
    title = f"Where it falls short, {clock(row.start)} to {clock(row.end)}"
    return canvas.svg(name, title=title, words=f"{title}: {'; '.join(said)}.")


def _times(shown: Sequence[AttributePlace]) -> str:
    if not shown:
        return "nowhere"
    return "at " + ", ".join(clock(each.start) for each in shown)
