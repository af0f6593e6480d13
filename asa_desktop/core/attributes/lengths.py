"""What a take lacks of a note's sound, and how long it holds one over into a rest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from asa_desktop.core.attributes.frames import HUSHED_DB, read_at, sounds, sounds_beside
from asa_desktop.core.notes.fine import FineTrack
from asa_desktop.core.types import Note, SungNote

Floats = NDArray[np.float64]
Clock = Callable[[ArrayLike], Floats]

_LEAST_REST_S, _LONGEST_OVER_S = 0.2, 1.0


def lost(
    take: FineTrack,
    reference: FineTrack | None,
    note: Note | SungNote,
    clock: Clock,
    *,
    gain_db: float | None,
) -> float:
    """The share of a note's sound that the take lacks: of what is voiced in the reference."""
    at = np.arange(note.start, note.end, take.pitch.hop_s)
    theirs = np.ones(len(at), dtype=np.bool_) if reference is None else sounds(reference, at)
    ours = sounds_beside(take, reference, clock(at), at, gain_db=gain_db)
    return float(np.clip(1 - ours.sum() / max(theirs.sum(), 1), 0, 1)) if theirs.any() else 0.0


def over(
    take: FineTrack,
    reference: FineTrack | None,
    note: Note | SungNote,
    clock: Clock,
    *,
    until: float,
) -> float:
    """For how many seconds a note sounds on into a rest, which the reference has up to `until`.

    What is 15 dB softer than the note was is the room's.
    """
    rest = min(until, note.end + _LONGEST_OVER_S) - note.end
    if rest < _LEAST_REST_S:
        return 0.0
    hop_s = take.pitch.hop_s
    at = np.arange(note.end, note.end + rest, hop_s)
    ours = sounds(take, clock(at))
    if reference is not None:
        ours &= ~sounds(reference, at)
    if take.level_db is not None and ours.any():
        inside = clock(np.arange(note.start, note.end, hop_s))
        level = read_at(take.level_db, inside / hop_s)[sounds(take, inside)]
        if len(level):
            ours &= read_at(take.level_db, clock(at) / hop_s) > np.median(level) - HUSHED_DB
    return float(ours.sum() * hop_s)
