"""F0 as it is drawn and counted: sung frames only, as MIDI numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.types import Pictures

_NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
_LEAP = 5.0  # semitones from one frame to the next: no voice slides so fast

Floats = NDArray[np.float64]


def sung_midi(pictures: Pictures) -> Floats:
    """MIDI number of each pitch frame, NaN where none was sung or found. Shape: (T,)."""
    hz = np.asarray(pictures.pitch.hz, dtype=np.float64)
    found = np.isfinite(hz) & (hz > 0)
    if len(pictures.voiced) and len(hz):
        times = np.arange(len(hz)) * pictures.pitch.hop_s
        frames = np.rint(times / pictures.hop_s).astype(int)
        inside = frames < len(pictures.voiced)
        found &= inside & pictures.voiced[np.minimum(frames, len(pictures.voiced) - 1)]
    else:
        found[:] = False
    midi = np.full(len(hz), np.nan)
    midi[found] = 69 + 12 * np.log2(hz[found] / 440)
    return midi


def curve(pictures: Pictures, *, start: float, end: float) -> tuple[Floats, Floats]:
    """Times and MIDI numbers of a line that breaks at silence and at leaps. Shapes: (N,), (N,)."""
    hop = pictures.pitch.hop_s
    first, last = max(int(start / hop), 0), int(np.ceil(end / hop)) + 1
    midi = sung_midi(pictures)[first:last]
    times = (np.arange(len(midi)) + first) * hop
    with np.errstate(invalid="ignore"):
        leaps = np.flatnonzero(np.abs(np.diff(midi)) > _LEAP) + 1
    return np.insert(times, leaps, times[leaps]), np.insert(midi, leaps, np.nan)


def note_name(midi: float) -> str:
    """Name and octave of the nearest note: 60 is C4."""
    nearest = round(midi)
    return f"{_NAMES[nearest % 12]}{nearest // 12 - 1}"
