"""The bundled lettering: Inter in four weights, figures of one width everywhere.

It has no Chinese characters; those come from the system's own font for them.
"""

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

_HAN = (
    "PingFang SC", "Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC",
    "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
)  # fmt: skip
"""Fonts for simplified Chinese that look well beside Inter, as systems name them."""

_for_now: list[str] = []  # further families that the language of now asks for


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


def write(language: str) -> None:
    """Have the lettering suit a language; fonts that were taken before stay as they are."""
    # Else the system might write Chinese in the Japanese or Korean form of a character.
    _for_now[:] = han_families() if language == "zh_CN" else []
    font.cache_clear()


def han_families() -> list[str]:
    """The system's fonts for simplified Chinese, the best first; empty where it has none."""
    known = QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese)
    return [one for one in _HAN if one in known] or known[:1]


@cache
def font(kind: str = "body") -> QFont:
    """The font of one kind of `tokens.TYPE`. Do not change it: it is shared."""
    chosen = TYPE[kind]
    made = QFont([FAMILY, *_for_now, KANA_FAMILY])
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
