"""What every figure is drawn on: light, no frame, colours that a colour-blind reader tells apart.

A song is never told by colour alone: it has a shape, too. matplotlib is used through its objects;
its settings are put back after each drawing.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TEXT, MUTED, LINE, BAND = "#1c1b1a", "#5f5d59", "#dddcd7", "#f2f1ee"
# Okabe and Ito 2008, without the yellow, which is too pale on white.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#1c1b1a")
SHAPES = ("o", "s", "^", "D", "v", "P", "X")
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
MANY = 4000
"""Points beyond which they are drawn as a picture: the page stays light."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """One figure as SVG text, with what it shows in words."""

    name: str
    title: str
    words: str
    svg: str


@dataclass(frozen=True, slots=True)
class Look:
    """How one song is drawn everywhere."""

    colour: str
    shape: str


def looks(songs: Sequence[str]) -> dict[str, Look]:
    """A colour and a shape for each song; no two of the first 49 share both."""
    return {song: Look(COLOURS[k % 7], SHAPES[(k + k // 7) % 7]) for k, song in enumerate(songs)}


def figure(width: float, height: float) -> Figure:
    """A sheet of so many pixels."""
    from matplotlib.figure import Figure as Sheet

    return Sheet(figsize=(width / 72, height / 72), dpi=72, layout="constrained")


def plain(axes: Axes) -> None:
    """Without a frame, with hairlines behind the data."""
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, labelcolor=MUTED, labelsize=10)
    axes.grid(visible=True, color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.xaxis.label.set(color=MUTED, size=10)
    axes.yaxis.label.set(color=MUTED, size=10)
    axes.title.set(color=TEXT, size=10.5)


def legend_of_songs(sheet: Figure, songs: dict[str, Look]) -> None:
    """Which colour and shape is which song, below the figure."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=look.colour, marker=look.shape, linestyle="", label=worded(song))
        for song, look in songs.items()
    ]
    style: dict[str, Any] = {"fontsize": 10, "labelcolor": TEXT, "frameon": False}
    sheet.legend(handles=handles, loc="outside lower center", ncols=min(5, len(handles)), **style)


def worded(words: str) -> str:
    """Words as they are: matplotlib would read $ as mathematics."""
    return words.replace("$", r"\$")


@contextmanager
def drawing() -> Iterator[None]:
    """Settings under which the same values give the same bytes; put back at the end.

    Signs that the measuring font lacks are no matter: the page's own fonts draw them.
    """
    import matplotlib

    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "asa-train"})
        yield


def to_svg(sheet: Figure, name: str, *, title: str, words: str) -> Drawing:
    """The finished figure, with a title and a description for those who do not see it."""
    buffer = io.BytesIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    sheet.savefig(buffer, format="svg", dpi=144, facecolor="white", metadata=nothing)
    text = buffer.getvalue().decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r"font-family: [^;\"]*", f"font-family: {FONTS}", text)
    text = re.sub(r"font: ([\d.]+px) [^;\"]*", rf"font: \1 {FONTS}", text)
    # Several drawings share one page: their ids must not meet.
    text = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{name}-", text)
    head, body = text.split(">", 1)
    described = f"<title>{escape(title)}</title><desc>{escape(words)}</desc>"
    return Drawing(name, title, words, f'{head} role="img">{described}{body}')
