#!/usr/bin/env python3
"""Make resources/fonts anew from Inter's own web fonts (developers; needs fonttools and brotli).

    python3 installer/cut_fonts.py FOLDER      FOLDER holds Inter-Regular.woff2 and its like,
                                               and NotoSansCJK-Regular.ttc

Cut to the letters of Latin, Greek and Cyrillic and the marks that the program uses. Inter has no
flat, sharp and natural sign, which note names need, so these three are drawn here. Kana are for the
lyrics of the demo song where the system has no Japanese font.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

OUT = Path(__file__).resolve().parents[1] / "resources" / "fonts"
FAMILY = "ASA Inter"
"""A name of its own, so that an older Inter on the machine is not taken for it."""

STEMS = {"Regular": 150, "Medium": 180, "SemiBold": 215, "Bold": 250}
"""Thickness of a stem in units of 2048 to the em."""

RANGES = (
    (0x20, 0x7F), (0xA0, 0x250), (0x2B0, 0x400), (0x400, 0x530), (0x1E00, 0x1F00),
    (0x2000, 0x20D0), (0x2100, 0x2150), (0x2190, 0x2300), (0x25A0, 0x2600), (0xFFFD, 0xFFFE),
)  # fmt: skip
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "calt", "case", "tnum", "cv11"]

KANA = ((0x3000, 0x3020), (0x3041, 0x3100), (0xFF01, 0xFF5F), (0xFF61, 0xFFA0))
KANA_FAMILY = "ASA Kana"
_JAPANESE = 0  # its place in the collection

Draw = Callable[[TTGlyphPen, float], int]


def main(folder: Path) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for weight, stem in STEMS.items():
        font = TTFont(folder / f"Inter-{weight}.woff2")
        options = Options()
        options.layout_features = FEATURES
        options.name_IDs = ["*"]
        options.notdef_outline = True
        options.hinting = False
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=[code for low, high in RANGES for code in range(low, high)])
        subsetter.subset(font)
        for code, name, draw in (
            (0x266D, "musicflat", _flat),
            (0x266E, "musicnatural", _natural),
            (0x266F, "musicsharp", _sharp),
        ):
            _add(font, code, name, draw, stem)
        _name(font, weight)
        font.flavor = None
        font.save(OUT / f"Inter-{weight}.ttf")
    _cut_kana(folder / "NotoSansCJK-Regular.ttc")


def _cut_kana(source: Path) -> None:
    font = TTFont(source, fontNumber=_JAPANESE)
    options = Options()
    options.layout_features = ["kern", "ccmp", "locl"]
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.hinting = False
    options.desubroutinize = True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for low, high in KANA for code in range(low, high)])
    subsetter.subset(font)
    _name(font, "Regular", family=KANA_FAMILY)
    font.save(OUT / "Kana-Regular.otf")


def _name(font: Any, weight: str, *, family: str = FAMILY) -> None:
    plain = weight in ("Regular", "Bold")  # the two that every system knows without a family name
    names = {
        1: family if plain else f"{family} {weight}",
        2: weight if plain else "Regular",
        3: f"{family} {weight}",
        4: f"{family} {weight}",
        6: f"{family.replace(' ', '')}-{weight}",
        16: None if plain else family,
        17: None if plain else weight,
    }
    for number, text in names.items():
        font["name"].removeNames(nameID=number)
        if text:
            font["name"].setName(text, number, 3, 1, 0x409)


def _add(font: Any, code: int, name: str, draw: Draw, stem: int) -> None:
    pen = TTGlyphPen(None)
    width = draw(pen, stem)
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    glyph = pen.glyph()
    font["glyf"].glyphs[name] = glyph
    font["glyf"].glyphOrder = font.getGlyphOrder()
    glyph.recalcBounds(font["glyf"])
    font["hmtx"].metrics[name] = (width, glyph.xMin)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[code] = name
    font["maxp"].numGlyphs = len(font.getGlyphOrder())


def _polygon(pen: TTGlyphPen, *points: tuple[float, float]) -> None:
    rounded = [(round(x), round(y)) for x, y in points]
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise([*rounded, rounded[0]]))
    rounded = rounded if area < 0 else rounded[::-1]  # TrueType fills what runs clockwise
    pen.moveTo(rounded[0])
    for point in rounded[1:]:
        pen.lineTo(point)
    pen.closePath()


def _sharp(pen: TTGlyphPen, stem: float) -> int:
    thin, thick, rise = stem * 0.72, stem * 1.15, 110
    for x, drop in ((330, 0), (690, 70)):
        _polygon(pen, (x, -170 + drop), (x, 1480 + drop), (x + thin, 1480 + drop),
                 (x + thin, -170 + drop))  # fmt: skip
    for y in (350, 820):
        _polygon(pen, (110, y), (110, y + thick), (1010, y + thick + rise), (1010, y + rise))
    return 1120


def _natural(pen: TTGlyphPen, stem: float) -> int:
    thin, thick, rise = stem * 0.72, stem * 1.15, 90
    _polygon(pen, (170, 300), (170, 1560), (170 + thin, 1560), (170 + thin, 300))
    _polygon(pen, (730 - thin, -250), (730 - thin, 1080), (730, 1080), (730, -250))
    for y in (300, 1080 - thick - rise):
        _polygon(pen, (170, y), (170, y + thick), (730, y + thick + rise), (730, y + rise))
    return 900


def _flat(pen: TTGlyphPen, stem: float) -> int:
    thin = stem * 0.85
    _polygon(pen, (150, 0), (150, 1600), (150 + thin, 1600), (150 + thin, 0))
    # The bowl: from the stem up and over to the right, then down to a point at its foot.
    pen.moveTo((150, 700))
    pen.qCurveTo((290, 930), (530, 930))
    pen.qCurveTo((820, 930), (820, 660))
    pen.qCurveTo((820, 330), (150, 0))
    inner = round(150 + thin)
    pen.lineTo((150, round(stem * 1.25)))
    pen.lineTo((inner, round(stem * 1.5)))
    pen.qCurveTo((round(820 - stem), 430), (round(820 - stem * 1.05), 650))
    pen.qCurveTo((round(820 - stem * 1.05), round(930 - stem * 0.9)), (520, round(930 - stem)))
    pen.qCurveTo((330, round(930 - stem)), (inner, 560))
    pen.closePath()
    return 930


if __name__ == "__main__":
    main(Path(sys.argv[1]))
