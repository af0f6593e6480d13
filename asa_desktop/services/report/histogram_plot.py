"""The pitch histogram as a plot: the take as bars, the original as a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from asa_desktop.services.report.canvas import GUTTER, RIGHT, Canvas, Drawing, lines
from asa_desktop.services.report.histogram import BIN_CENTS, BINS, PitchHistogram
from asa_desktop.services.report.tokens import LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 520
_TOP, _HEIGHT, _TICKS = 28, 180, 40
_EDGES = -600 + BIN_CENTS * np.arange(BINS + 1)


def draw_histogram(take: PitchHistogram, reference: PitchHistogram | None, *, name: str) -> Drawing:
    """Bars, line, and the half-power width of each peak as a bracket at half its height."""
    canvas = Canvas(_TOP + _HEIGHT + _TICKS, width=WIDTH)
    legend: list[tuple[str, str | None]] = [(f"take{_width(take)}", "take")]
    if reference is not None:
        legend.append((f"original{_width(reference)}", "-reference"))
    canvas.caption(10, *legend)
    shares = [take.share, take.smooth] + ([] if reference is None else [reference.share])
    highest = max(float(np.max(each)) for each in shares) or 1.0
    axes = canvas.axes(top=_TOP, height=_HEIGHT, x=(-600, 600), y=(0, highest * 1.08))
    lines(axes, up=range(-600, 601, 100), alpha=0.6)
    lines(axes, across=(0,))
    colour = LIGHT["take"]
    axes.stairs(take.share, _EDGES, fill=True, color=colour, alpha=0.45, linewidth=0)
    if reference is not None:
        axes.stairs(reference.share, _EDGES, baseline=None, color=LIGHT["reference"], linewidth=1.3)
    for peak in take.peaks:
        _bracket(axes, left=peak.left, right=peak.right, level=peak.height / 2, tick=highest / 28)
    _cents(canvas)
    return canvas.svg(name, title="Pitch histogram", words=_in_words(take, reference))


def _bracket(axes: Axes, *, left: float, right: float, level: float, tick: float) -> None:
    look: dict[str, Any] = {"color": LIGHT["text"], "linewidth": 1.2, "zorder": 4}
    axes.plot([left, right], [level, level], **look)
    axes.plot([left, left], [level - tick, level + tick], **look)
    axes.plot([right, right], [level - tick, level + tick], **look)


def _cents(canvas: Canvas) -> None:
    across = canvas.width - GUTTER - RIGHT
    for cents in range(-600, 601, 200):
        x = GUTTER + (cents + 600) / 1200 * across
        words = f"{cents:+d}".replace("-", "−") if cents else "0"
        canvas.text(x, _TOP + _HEIGHT + 12, words, ha="center")
    middle = GUTTER + across / 2
    canvas.text(middle, _TOP + _HEIGHT + 30, "cents from the median", ha="center")


def _width(histogram: PitchHistogram) -> str:
    width = histogram.width
    return ", nothing sung" if width is None else f", peaks {width:.0f} cents wide"


def _in_words(take: PitchHistogram, reference: PitchHistogram | None) -> str:
    words = f"Pitch histogram, folded to one octave about the median: take{_width(take)}"
    if reference is not None:
        words += f"; original{_width(reference)}"
    return words + "."
