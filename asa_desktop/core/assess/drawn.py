"""A melody drawn as the curves that a recording of it would have."""

from __future__ import annotations

import numpy as np

from asa_desktop.core.types import TUNEFUL, FloatArray, Melody, Note, NoteKind, PitchTrack

_BESIDE = 0.5


def has_tune(melody: Melody) -> bool:
    """Whether any of its notes has a pitch to be judged."""
    return any(note.kind in TUNEFUL for note in melody.notes)


def drawn_pitch(
    melody: Melody, *, hop_s: float, offset_s: float = 0.0, frames: int | None = None
) -> PitchTrack:
    """F0 that stands on each note from its beginning to its end; rap and freestyle stay silent.

    Parameters
    ----------
    offset_s
        Where the notes' clock starts on the frames' clock.
    frames
        How many to draw; up to the end of the last note where not given.
    """
    notes = [note for note in melody.notes if note.kind in TUNEFUL]
    hz = np.zeros(_frames(notes, hop_s, offset_s, frames), dtype=np.float32)
    for note in notes:
        first = max(0, round((note.start + offset_s) / hop_s))
        last = max(0, round((note.end + offset_s) / hop_s))
        hz[first:last] = 440 * 2 ** ((note.midi - 69) / 12)
    return PitchTrack(hop_s=hop_s, hz=hz, confidence=(hz > 0).astype(np.float32))


def drawn_onsets(
    melody: Melody, *, hop_s: float, offset_s: float = 0.0, frames: int | None = None
) -> FloatArray:
    """Strength of a beginning: 1 where a note begins, half of it in the frames beside.

    Freestyle is left out; parameters as for `drawn_pitch`. Shape: (frames,).
    """
    notes = [note for note in melody.notes if note.kind is not NoteKind.FREESTYLE]
    strength = np.zeros(_frames(notes, hop_s, offset_s, frames), dtype=np.float32)
    for note in notes:
        at = round((note.start + offset_s) / hop_s)
        for frame, height in ((at - 1, _BESIDE), (at, 1.0), (at + 1, _BESIDE)):
            if 0 <= frame < len(strength):
                strength[frame] = max(strength[frame], height)
    return strength


def _frames(notes: list[Note], hop_s: float, offset_s: float, frames: int | None) -> int:
    if frames is not None:
        return frames
    end = max((note.end for note in notes), default=-offset_s)
    return max(0, int(np.ceil((end + offset_s) / hop_s)) + 1)
