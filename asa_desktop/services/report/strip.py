"""The clip strip: one bar a clip, its height the score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from asa_desktop.core.types import ClipScore
from asa_desktop.services.report.canvas import (
    GUTTER,
    RIGHT,
    TICKS_HEIGHT,
    Canvas,
    Drawing,
    level_labels,
    lines,
    time_labels,
)
from asa_desktop.services.report.rows import Row, clock
from asa_desktop.services.report.tokens import LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLOT_HEIGHT = 96
_CEILING = 124.0  # room over a score of 100 for its number
_NOT_SCORED_HEIGHT = 34.0


def reason_letters(clips: tuple[ClipScore, ...]) -> dict[str, str]:
    """A letter for each reason, in the order in which they occur: a whole sentence fits no bar."""
    reasons = dict.fromkeys(each.reason or "" for each in clips if each.score is None)
    return {reason: _letter(index) for index, reason in enumerate(reasons)}


def draw_strip(
    row: Row, clips: tuple[ClipScore, ...], letters: Mapping[str, str], *, name: str
) -> Drawing:
    """The clips that begin within the row."""
    canvas = Canvas(PLOT_HEIGHT + TICKS_HEIGHT)
    axes = canvas.axes(top=0, height=PLOT_HEIGHT, x=row.limits, y=(0, _CEILING))
    lines(axes, across=(0, 50, 100))
    level_labels(canvas, axes, [(0, "0"), (50, "50"), (100, "100")])
    shown = [each for each in clips if row.start - 1e-6 <= each.clip.start < row.end - 1e-6]
    for each in shown:
        _bar(axes, row, each, letters)
    time_labels(canvas, row, y=PLOT_HEIGHT + TICKS_HEIGHT / 2 + 1)
    title = f"Clip scores, {clock(row.start)} to {clock(row.end)}"
    return canvas.svg(name, title=title, words=f"{title}: {_in_words(shown, letters)}.")


def _bar(axes: Axes, row: Row, each: ClipScore, letters: Mapping[str, str]) -> None:
    from matplotlib.patches import FancyBboxPatch

    a_pixel = row.scale_s / (axes.figure.bbox.width - GUTTER - RIGHT)
    gap = 1.5 * a_pixel
    height = _NOT_SCORED_HEIGHT if each.score is None else max(float(each.score), 1.5)
    width = max(each.clip.end - each.clip.start - 2 * gap, a_pixel)
    radius = min(3 * a_pixel, width / 2)
    steep = (_CEILING / PLOT_HEIGHT) / a_pixel
    if each.score is None:
        look: dict[str, Any] = {
            "facecolor": "none",
            "edgecolor": LIGHT["control"],
            "linewidth": 0.9,
            "linestyle": (0, (3, 2)),
            "hatch": "///",
            "hatch_linewidth": 0.4,
        }
        words, token = letters[each.reason or ""], "muted"
    else:
        strength = 0.42 + 0.5 * float(each.score) / 100
        look = {"facecolor": LIGHT["accent"], "edgecolor": "none", "alpha": strength}
        words, token = str(round(each.score)), "text"
    box = FancyBboxPatch(
        (each.clip.start + gap, 0),
        width,
        height,
        boxstyle=f"round,pad=0,rounding_size={radius}",
        mutation_aspect=steep,
        clip_on=False,
        **look,
    )
    axes.add_patch(box)
    middle = (each.clip.start + each.clip.end) / 2
    axes.text(middle, height + 10, words, ha="center", va="center", fontsize=12, color=LIGHT[token])


def _in_words(shown: list[ClipScore], letters: Mapping[str, str]) -> str:
    if not shown:
        return "no clips"
    return ", ".join(
        f"{clock(each.clip.start)} "
        + (
            f"not scored ({letters[each.reason or '']})"
            if each.score is None
            else str(round(each.score))
        )
        for each in shown
    )


def _letter(index: int) -> str:
    return chr(ord("a") + index) if index < 26 else f"a{index - 25}"
