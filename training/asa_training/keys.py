"""In which key a network is shown a take: what is taken off before its clips are cut."""

from __future__ import annotations

from asa_desktop.core.align import key_cents
from asa_training.config import Key
from asa_training.features import Rendition


def cents_off(take: Rendition, anchor: Rendition | None, key: Key) -> float:
    """Cents to take off a take.

    "removed": how far it was measured to lie above the anchor, as the program does it. "song":
    what the renderer transposed it, but for whole octaves, so that it lies in the anchor's key as
    a singer over an accompaniment does; off key is then wrong. "own": nothing.
    """
    if anchor is None or key == "own":
        return 0.0
    if key == "song":
        return within_octave(take.transpose_cents) - within_octave(anchor.transpose_cents)
    return key_cents(take.features.pitch, anchor.features.pitch) or 0.0


def within_octave(cents: float) -> float:
    """The part of a transposition that is no octave: -600 up to 600."""
    return (cents + 600.0) % 1200.0 - 600.0
