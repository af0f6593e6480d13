"""The colours of the house, by day and by night, and the scale they are set in.

Contrast against `bg` and `surface`: `text` 14:1 and more, `muted` 5.8:1, `control` 3:1.
"""

from __future__ import annotations

LIGHT = {
    "bg": "#fafaf8",
    "surface": "#ffffff",
    "raised": "#f2f1ee",
    "border": "#dddcd7",
    "control": "#85837d",
    "text": "#1c1b1a",
    "muted": "#5f5d59",
    "accent": "#3056c8",
    "take": "#0b6fb8",
    "reference": "#6b6963",
    "note": "#d2d0ca",
}

DARK = {
    "bg": "#131316",
    "surface": "#1b1b1f",
    "raised": "#25252a",
    "border": "#34343a",
    "control": "#7c7c86",
    "text": "#ededf0",
    "muted": "#a6a6af",
    "accent": "#8aa8ff",
    "take": "#5cb8f5",
    "reference": "#9a9aa3",
    "note": "#42424a",
}

FONTS = (
    "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', "
    "'Hiragino Sans', 'Yu Gothic UI', 'Noto Sans CJK JP', sans-serif"
)


def by_night(drawing: str) -> str:
    """A drawing made in the colours of the day, in those of the night.

    Works because every colour of the day is a different one, and nothing else in a drawing (the
    pictures in it are base64) can hold a number sign and six such digits.
    """
    for name, colour in LIGHT.items():
        drawing = drawing.replace(colour, f"@{name}@")
    for name, colour in DARK.items():
        drawing = drawing.replace(f"@{name}@", colour)
    return drawing
