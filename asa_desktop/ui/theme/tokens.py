"""Every colour, distance and size of the window, for both themes. No other module names a colour.

Contrast is WCAG's: text and muted stand out from every ground, outlines of controls by 3:1.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one theme, as #RRGGBB."""

    name: str
    bg: str
    surface: str
    raised: str
    border: str
    control: str
    text: str
    muted: str
    accent: str
    on_accent: str
    record: str
    on_record: str
    take: str
    reference: str
    flat: str
    in_tune: str
    sharp: str

    def __getitem__(self, token: str) -> str:
        return str(getattr(self, token))


LIGHT = Tokens(
    name="light",
    bg="#FAFAF8", surface="#FFFFFF", raised="#F2F1EE",
    border="#DDDCD7", control="#85837D",
    text="#1C1B1A", muted="#5F5D59",
    accent="#3056C8", on_accent="#FFFFFF",
    record="#C2321F", on_record="#FFFFFF",
    take="#0B6FB8", reference="#6B6963",
    flat="#1F6FB5", in_tune="#0B7A5B", sharp="#A85200",
)  # fmt: skip

DARK = Tokens(
    name="dark",
    bg="#131316", surface="#1B1B1F", raised="#25252A",
    border="#34343A", control="#7C7C86",
    text="#EDEDF0", muted="#A6A6AF",
    accent="#8AA8FF", on_accent="#0E1430",
    record="#FF6B57", on_record="#2A0A05",
    take="#5CB8F5", reference="#9A9AA3",
    flat="#6DB7F2", in_tune="#4CC9A0", sharp="#F2A154",
)  # fmt: skip

ON_PICTURE = "#FFFFFF"
"""For lines over the cividis pictures, which are the same dark blue to yellow in both themes."""

NAMES = tuple(one.name for one in fields(Tokens) if one.name != "name")

# Distances in pixels at a scale of one.
XS, S, M, L, XL, XXL, HUGE = 4, 8, 12, 16, 24, 32, 48
RADIUS_CONTROL, RADIUS_CARD = 6, 10
HIT, CONTROL = 32, 36
ROW = 56
ICON_SMALL, ICON = 16, 20
RAIL, RAIL_NARROW, NARROW_BELOW = 200, 56, 1000
MOTION_MS = 150


@dataclass(frozen=True, slots=True)
class Type:
    """One kind of lettering: size in pixels, weight as in CSS."""

    size: float
    weight: int


TYPE = {
    "caption": Type(12, 400),
    "body": Type(13.5, 400),
    "button": Type(13.5, 500),
    "strong": Type(13.5, 600),
    "section": Type(16, 600),
    "number": Type(16, 700),
    "page": Type(22, 700),
    "score": Type(44, 700),
}


def channels(colour: str) -> tuple[int, int, int]:
    """#RRGGBB as three numbers of 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(ground: str, over: str, share: float) -> str:
    """`ground` with `share` (0 to 1) of `over` laid on it."""
    mixed = (
        round(a + (b - a) * share) for a, b in zip(channels(ground), channels(over), strict=True)
    )
    return "#{:02X}{:02X}{:02X}".format(*mixed)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
