"""The names that an assessment uses: attributes, what falls short, why not, and channels.

They stand in results and on every page, so none of them is ever given another meaning. What people
read for them is worded elsewhere.
"""

from __future__ import annotations

from types import MappingProxyType

ATTRIBUTES = ("intonation", "rhythm", "vibrato", "dynamics", "steadiness", "tone")
"""In the order in which they are shown."""

LIKENESS = "likeness"
"""Name of the network's opinion among the parts of a clip's score."""

UNITS = MappingProxyType(
    {
        "intonation": "cents",
        "rhythm": "ms",
        "vibrato": "share",
        "dynamics": "dB",
        "steadiness": "cents",
        "tone": "dB",
    }
)
"""Unit of the value of each attribute."""

CODES_OF = MappingProxyType(
    {
        "intonation": ("high", "low", "wrong_note"),
        "rhythm": ("late", "early", "long", "short", "missed_note"),
        "vibrato": ("no_vibrato", "slow_vibrato", "fast_vibrato", "uneven_vibrato"),
        "dynamics": ("jumping_level",),
        "steadiness": ("unsteady", "scoop"),
        "tone": (),
    }
)
"""What can be wrong at a place, by attribute."""

PLACE_CODES = tuple(code for codes in CODES_OF.values() for code in codes)

PLACE_UNITS = MappingProxyType(
    {
        "high": "cents",
        "low": "cents",
        "wrong_note": "cents",
        "missed_note": "share",
        "late": "ms",
        "early": "ms",
        "long": "ms",
        "short": "ms",
        "no_vibrato": "share",
        "slow_vibrato": "Hz",
        "fast_vibrato": "Hz",
        "uneven_vibrato": "share",
        "jumping_level": "dB",
        "unsteady": "cents",
        "scoop": "cents",
    }
)
"""Unit of the value of a place: cents of ``wrong_note`` are signed, of ``missed_note`` it is the
share that was sung, of ``no_vibrato`` and ``uneven_vibrato`` the share of the pitch's movement that
is vibrato; decibels of ``jumping_level`` are signed, above 0 where it is too loud."""

REASONS = ("too_little", "no_long_notes", "no_comparison", "reference_without", "recording")
"""Why an attribute has no score."""

CHANNELS = ("spec", "chroma", "tchroma", "f0", "tempo")
"""Channels of the picture that the network sees."""
