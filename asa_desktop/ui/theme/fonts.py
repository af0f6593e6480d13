"""The bundled lettering: Inter in four weights, figures of one width everywhere."""

from __future__ import annotations

import logging
from functools import cache

from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication

from asa_desktop.services.paths import resources
from asa_desktop.ui.theme.tokens import TYPE

log = logging.getLogger(__name__)

FAMILY = "ASA Inter"
KANA_FAMILY = "ASA Kana"
WEIGHTS = ("Regular", "Medium", "SemiBold", "Bold")
_FEATURES = ("tnum", "cv11")
"""Figures of one width, so that a changing number does not dance; the plain round a."""

_POINTS_PER_INCH = 72.0


def load_fonts() -> bool:
    """Make the bundled fonts known to Qt; False where a system font has to do."""
    known = True
    files = [f"Inter-{weight}.ttf" for weight in WEIGHTS]
    if not QFontDatabase.families(QFontDatabase.WritingSystem.Japanese):
        files.append("Kana-Regular.otf")  # the demo song's lyrics, at least
    for name in files:
        file = resources() / "fonts" / name
        if QFontDatabase.addApplicationFont(str(file)) < 0:
            log.warning("the font %s could not be used", file)
            known = False
    font.cache_clear()
    return known


@cache
def font(kind: str = "body") -> QFont:
    """The font of one kind of `tokens.TYPE`. Do not change it: it is shared."""
    chosen = TYPE[kind]
    made = QFont([FAMILY, KANA_FAMILY])
    made.setPointSizeF(points(chosen.size))
    made.setWeight(QFont.Weight(chosen.weight))
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    for feature in _FEATURES:
        made.setFeature(QFont.Tag(feature), 1)
    return made


def points(pixels: float) -> float:
    """The point size that is `pixels` high; Qt takes only points in fractions."""
    screen = QGuiApplication.primaryScreen()
    per_inch = screen.logicalDotsPerInchY() if screen is not None else 96.0
    return pixels * _POINTS_PER_INCH / per_inch
