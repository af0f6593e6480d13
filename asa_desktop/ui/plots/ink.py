"""The colours of a plot, from the tokens of the theme in force."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtGui import QColor

from asa_desktop.ui.theme.theme import blend, colour, tokens
from asa_desktop.ui.theme.tokens import DARK


def surface() -> QColor:
    """What plots stand on."""
    return colour("surface")


def hairline(*, faint: bool = False) -> QColor:
    """Grid: at named levels, or faint between them."""
    return blend("surface", "border", 0.4 if faint else 0.8)


def note() -> QColor:
    """Target notes, behind the lines."""
    return blend("surface", "control", 0.32)


def bar(score: float) -> QColor:
    """One hue, the stronger the higher the score (0 to 100). Do not change it: it is shared."""
    return _bar(tokens().name, round(score))


@lru_cache(maxsize=256)
def _bar(_theme: str, score: int) -> QColor:
    return blend("surface", "accent", 0.24 + 0.38 * score / 100)


def playhead(*, on_heat: bool) -> QColor:
    """The accent; over heat maps, which are dark by day too, that of the night."""
    return QColor(DARK.accent) if on_heat else colour("accent")


def chosen(*, strong: bool = False) -> QColor:
    """Behind what is selected."""
    return colour("accent", 0.22 if strong else 0.12)
