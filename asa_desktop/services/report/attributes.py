"""The attributes on the page: six bars with their worst places, and what each clip is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from asa_desktop import words_singing
from asa_desktop.core.attributes.codes import ATTRIBUTES, LIKENESS
from asa_desktop.core.types import Attribute, ClipScore
from asa_desktop.services.report.canvas import Drawing
from asa_desktop.services.report.markup import card, picture, text_of
from asa_desktop.services.shortfalls import LOW_CONFIDENCE, in_order, worst_first

_WORST = 3
_POINTS_AT_LEAST = 0.5


def attributes_card(
    attributes: Mapping[str, Attribute], places: Sequence[Drawing]
) -> tuple[str, ...]:
    """The card, or nothing where attributes were not measured."""
    if not attributes:
        return ()
    cells = "\n".join(_attribute(name, each) for name, each in in_order(attributes))
    pictures = "".join(f"\n{picture(each)}" for each in places)
    return (card("Attributes", f'<div class="attributes">\n{cells}\n</div>{pictures}'),)


def parts_table(clips: Sequence[ClipScore]) -> str:
    """What each clip's score is made of, in numbers with their bars; "" where that is not known."""
    order = [*ATTRIBUTES, LIKENESS]
    found = dict.fromkeys(name for each in clips for name in each.parts)
    names = [name for name in order if name in found] + [n for n in found if n not in order]
    if not names:
        return ""
    gains = any(_gain(each) for each in clips)
    heads = "".join(
        f'<th class="n">{text_of(words_singing.name_text(name))}</th>' for name in names
    )
    last = "<th>Would gain most by</th>" if gains else ""
    rows = "\n".join(
        f'<tr><td class="n">{number}</td>{"".join(_part(each.parts.get(name)) for name in names)}'
        f"{f'<td>{text_of(_gain(each))}</td>' if gains else ''}</tr>"
        for number, each in enumerate(clips, 1)
        if each.parts
    )
    return (
        "\n<h3>What the scores are made of</h3>\n"
        f'<table>\n<thead><tr><th class="n">Clip</th>{heads}{last}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table>"
    )


def _attribute(name: str, each: Attribute) -> str:
    title = text_of(words_singing.name_text(name))
    meaning = text_of(words_singing.meaning_text(name))
    if each.score is None:
        reason = text_of(words_singing.reason_text(each.reason or ""))
        return (
            f'<div class="no" title="{meaning}"><div class="name"><span>{title}</span><b>–</b>'
            f'</div><span class="bar"></span><p class="muted">No score: {reason}</p></div>'
        )
    unsure = each.confidence < LOW_CONFIDENCE
    said = [words_singing.measure_text(name, each)]
    if unsure:
        said.append(words_singing.said("unsure"))
    places = worst_first(each.places)
    lines = "".join(
        f"<li>{text_of(words_singing.place_text(place))}</li>" for place in places[:_WORST]
    )
    if len(places) > _WORST:
        lines += f'<li class="muted">and {len(places) - _WORST} more</li>'
    return (
        f'<div class="{"unsure" if unsure else "sure"}" title="{meaning}"><div class="name">'
        f"<span>{title}</span><b>{round(each.score)}</b></div>{_bar(each.score)}"
        f'<p class="muted">{text_of(", ".join(one for one in said if one))}</p>'
        f"{f'<ul>{lines}</ul>' if lines else ''}</div>"
    )


def _bar(score: float) -> str:
    return f'<span class="bar"><i style="width:{min(max(score, 0.0), 100.0):.0f}%"></i></span>'


def _part(score: float | None) -> str:
    if score is None:
        return '<td class="n">–</td>'
    return f'<td class="n part">{round(score)}{_bar(score)}</td>'


def _gain(each: ClipScore) -> str:
    """The channel that costs a clip most, in words: pitch (6 points)."""
    code = max(each.channels, key=lambda name: each.channels[name], default="")
    points = each.channels.get(code, 0.0)
    if points < _POINTS_AT_LEAST:
        return ""
    count = "1 point" if round(points) == 1 else f"{round(points)} points"
    return f"{words_singing.channel_text(code)} ({count})"
