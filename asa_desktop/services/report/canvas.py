"""What every plot stands on: one width, one left gutter, no frame, SVG for day and night.

matplotlib is used through its objects alone: no pyplot, no window system. Its settings are put
back after each drawing, and a user's own matplotlibrc has no say.
"""

from __future__ import annotations

import base64
import io
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from asa_desktop.services.report.rows import Row, clock
from asa_desktop.services.report.tokens import FONTS, LIGHT, by_night

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 960
GUTTER = 48
RIGHT = 18
SMALL = 12
TICKS_HEIGHT = 26
_LOCK = threading.Lock()
_PICTURE = re.compile(r"(?<=base64,)[\sA-Za-z0-9+/=]+")


@dataclass(frozen=True, slots=True)
class Drawing:
    """One plot as SVG text in both themes, and in words. Sizes in CSS pixels."""

    name: str
    light: str
    dark: str
    width: int
    height: int
    words: str


class Canvas:
    """A sheet measured in pixels from its top left corner."""

    def __init__(self, height: float, *, width: int = WIDTH) -> None:
        from matplotlib.figure import Figure

        self.width = width
        self.height = round(height)
        self.figure = Figure(figsize=(width / 72, self.height / 72), dpi=72)

    def axes(
        self,
        *,
        top: float,
        height: float,
        x: tuple[float, float],
        y: tuple[float, float],
    ) -> Axes:
        """A plot right of the gutter, without frame, ticks or labels."""
        box = (
            GUTTER / self.width,
            1 - (top + height) / self.height,
            (self.width - GUTTER - RIGHT) / self.width,
            height / self.height,
        )
        axes = self.figure.add_axes(box, frameon=False, xlim=x, ylim=y, autoscale_on=False)
        axes.set_xticks([])
        axes.set_yticks([])
        return axes

    def caption(self, top: float, *parts: tuple[str, str | None]) -> None:
        """A line of legend: words, each after a swatch in its colour (a token) or none.

        A token that begins with a dash is drawn as a line, any other as a block.
        """
        left = float(GUTTER)
        for words, token in parts:
            if token is not None:
                self._swatch(left, top, token)
                left += 20
            self.text(left, top, words, ha="left")
            left += 6.3 * len(words) + 18

    def text(self, x: float, y: float, words: str, *, ha: str, token: str = "muted") -> None:
        """Words at a place in pixels, centred in height."""
        self.figure.text(
            x / self.width,
            1 - y / self.height,
            words,
            ha=ha,
            va="center",
            fontsize=SMALL,
            color=LIGHT[token],
        )

    def svg(self, name: str, *, title: str, words: str) -> Drawing:
        """The finished sheet."""
        buffer = io.BytesIO()
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        self.figure.savefig(buffer, format="svg", dpi=96, transparent=True, metadata=nothing)
        light = _tidy(buffer.getvalue().decode("utf-8"), self.width, self.height, title)
        return Drawing(name, light, by_night(light), self.width, self.height, words)

    def _swatch(self, left: float, top: float, token: str) -> None:
        from matplotlib.lines import Line2D

        colour = LIGHT[token.removeprefix("-")]
        thickness = 2 if token.startswith("-") else 7
        y = 1 - top / self.height
        self.figure.add_artist(
            Line2D(
                [left / self.width, (left + 13) / self.width],
                [y, y],
                color=colour,
                linewidth=thickness,
                solid_capstyle="butt",
            )
        )


@contextmanager
def drawing() -> Iterator[None]:
    """Settings under which the same values give the same bytes; put back at the end."""
    import matplotlib

    with _LOCK, matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(
            {"svg.fonttype": "none", "svg.hashsalt": "asa", "image.composite_image": False}
        )
        yield


def time_labels(canvas: Canvas, row: Row, *, y: float) -> None:
    """Minutes and seconds under a plot."""
    width = canvas.width - GUTTER - RIGHT
    for second in row.ticks(apart=13):
        x = GUTTER + (second - row.start) / row.scale_s * width
        canvas.text(x, y, clock(second), ha="center")


def level_labels(
    canvas: Canvas, axes: Axes, levels: Sequence[tuple[float, str]], *, token: str = "muted"
) -> None:
    """Words in the gutter, at heights given in the plot's own unit."""
    for level, words in levels:
        y = canvas.height - float(axes.transData.transform((0.0, level))[1])
        canvas.text(GUTTER - 8, y, words, ha="right", token=token)


def lines(
    axes: Axes, *, across: Sequence[float] = (), up: Sequence[float] = (), alpha: float = 1.0
) -> None:
    """Hairlines over the whole plot."""
    look: dict[str, Any] = {
        "colors": LIGHT["border"],
        "linewidth": 0.8,
        "alpha": alpha,
        "zorder": 0.5,
    }
    if len(across):
        axes.hlines(across, *axes.get_xlim(), **look)
    if len(up):
        axes.vlines(up, *axes.get_ylim(), **look)


def _tidy(text: str, width: int, height: int, title: str) -> str:
    """Pixels instead of points, the page's type, a name for those who do not see it."""
    text = _PICTURE.sub(_small_picture, text[text.index("<svg") :])
    text = re.sub(r'width="[\d.]+pt" height="[\d.]+pt"', f'width="{width}" height="{height}"', text)
    text = re.sub(r"font-family: [^;\"]*", f"font-family: {FONTS}", text)
    text = re.sub(r"font: ([\d.]+px) [^;\"]*", rf"font: \1 {FONTS}", text)
    # Thin lines would drop out where the browser shrinks a picture without smoothing.
    text = text.replace("image-rendering:crisp-edges;image-rendering:pixelated", "")
    style = "text{font-variant-numeric: tabular-nums}"
    text = text.replace("stroke-linecap: butt}", "stroke-linecap: butt} " + style, 1)
    head, body = text.split(">", 1)
    return f'{head} role="img">\n <title>{escape(title)}</title>{body}'


def _small_picture(found: re.Match[str]) -> str:
    """The same picture with a palette: a heat map has as many colours as its map, 256."""
    import numpy as np
    from PIL import Image

    picture = Image.open(io.BytesIO(base64.b64decode(found[0])))
    pixels = np.ascontiguousarray(picture.convert("RGBA"))
    colours, index = np.unique(pixels.view("<u4")[..., 0], return_inverse=True)
    palette = colours.view(np.uint8).reshape(-1, 4)
    if len(palette) > 256 or (palette[:, 3] < 255).any():
        return found[0]
    small = Image.fromarray(index.reshape(pixels.shape[:2]).astype(np.uint8))
    small.putpalette(palette[:, :3].tobytes())
    buffer = io.BytesIO()
    small.save(buffer, format="png")
    return base64.b64encode(buffer.getvalue()).decode("ascii")
