"""Tone: how clear the voice is, as far as a recording tells: harmonics over noise, in dB."""

from __future__ import annotations

import numpy as np

from asa_desktop.core.attributes.beside import Beside
from asa_desktop.core.attributes.dynamics import NO_COMPARISON
from asa_desktop.core.attributes.reading import TOO_LITTLE, Measured, unmeasured
from asa_desktop.core.notes.fine import FineTrack
from asa_desktop.core.types import Attribute

RECORDING = "recording"

_HIGHEST = 0.999


def tone(beside: Beside) -> Measured:
    """How much clearer or breathier the notes are than the original's, without a score.

    The median over the notes of the harmonics-to-noise ratio less the original's: from the likeness
    r of the sound below 2.5 kHz to itself a period later, as r / (1 - r) in dB (Boersma 1993). It
    gets no score: noise, room and microphone move it as much as a breathy or pressed voice does.
    """
    if beside.reference is None:
        return unmeasured(NO_COMPARISON, unit="dB")
    away = []
    for each in beside.notes:
        ours = _clearness(beside.take, each.start, each.end)
        theirs = _clearness(beside.reference, each.note.start, each.note.end)
        if each.cents is not None and ours is not None and theirs is not None:
            away.append(ours - theirs)
    if not away:
        return unmeasured(TOO_LITTLE, unit="dB")
    value = float(np.median(away))
    return Measured(Attribute(None, value, "dB", confidence=0.0, reason=RECORDING))


def _clearness(track: FineTrack, start: float, end: float) -> float | None:
    part = track.frames(start, end)
    sure = track.pitch.confidence[part][track.pitch.hz[part] > 0]
    if len(sure) < 5:
        return None
    ratio = np.clip(sure, 1e-3, _HIGHEST)
    return float(np.median(10 * np.log10(ratio / (1 - ratio))))
