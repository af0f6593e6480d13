"""Frames of a take and of its reference, read at the same moments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.notes.fine import FineTrack
from asa_desktop.core.types import FloatArray

Floats = NDArray[np.float64]

HUSHED_DB = 15.0
"""What lies so far below the level that is expected of a voice is not sung any more: it is the
room that goes on sounding, in which a tracker hears the pitch of what was sung before. From note
to note a singer's level hardly ever falls as far."""


def read_at(values: FloatArray | Floats, place: Floats) -> Floats:
    """The nearest frame's value, NaN outside. Shape: as `place`, which is in frames."""
    if not len(values):
        return np.full(np.shape(place), np.nan)
    at = np.rint(place).astype(np.intp)
    found = np.take(values, at, mode="clip").astype(np.float64)
    found[(at < 0) | (at >= len(values))] = np.nan
    return found


def sounds(track: FineTrack, seconds: Floats) -> NDArray[np.bool_]:
    """Whether there is a pitch. Shape: as `seconds`."""
    return read_at(track.pitch.hz, seconds / track.pitch.hop_s) > 0


def level_gap(take: FineTrack, reference: FineTrack | None, there: Floats, at: Floats) -> Floats:
    """How much louder the take is at `there` than the reference at `at` (seconds, (T,)) in dB.

    NaN throughout where one of the two has no levels. Shape: (T,).
    """
    if reference is None or take.level_db is None or reference.level_db is None:
        return np.full(len(at), np.nan)
    ours = read_at(take.level_db, there / take.pitch.hop_s)
    return ours - read_at(reference.level_db, at / reference.pitch.hop_s)


def sounds_beside(
    take: FineTrack,
    reference: FineTrack | None,
    there: Floats,
    at: Floats,
    *,
    gain_db: float | None,
) -> NDArray[np.bool_]:
    """Whether the take is still sung at `there`: it has a pitch, and not 15 dB less than the
    reference at `at`, `gain_db` being how much louder the take is as a whole. Shape: (T,)."""
    found = sounds(take, there)
    if gain_db is not None:
        found &= ~(level_gap(take, reference, there, at) < gain_db - HUSHED_DB)
    return found
