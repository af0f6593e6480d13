"""The notes of a take against those of its reference, both on one clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.notes.octaves import OctaveFinding
from asa_desktop.core.notes.segment import MIDDLE, cents_of, segment_notes
from asa_desktop.core.types import Note, PitchTrack, SungNote

Floats = NDArray[np.float64]
Times = tuple[float | None, float | None]

_LEAST_VOICED = 0.25
_ASTRAY_S = 0.3


@dataclass(frozen=True, slots=True)
class NoteDeviation:
    """How one note of the reference was sung.

    `cents` is the median over the middle 65 % of the note of how far the take lies above it (the
    key taken off), None where less than a quarter of that is voiced; `voiced` is the share that
    is. `onset_ms` and `offset_ms` tell how much later than in the reference it begins and ends,
    None where no note of the take belongs to it.
    """

    note: Note | SungNote
    cents: float | None
    voiced: float
    onset_ms: float | None
    offset_ms: float | None


def note_deviations(
    pitch: PitchTrack,
    notes: Sequence[Note | SungNote],
    *,
    key_cents: float,
    sung: Sequence[SungNote] | None = None,
    forgiven: Sequence[OctaveFinding] = (),
) -> tuple[NoteDeviation, ...]:
    """Measure every note of the reference in the take.

    Parameters
    ----------
    pitch
        The take's fine F0, on the clock of `notes`, its octave errors mended.
    notes
        Notes of a melody or, from `segment_notes`, of a vocal; freestyle and rap left out.
    key_cents
        How far the take lies above the reference as a whole.
    sung
        The take's own notes, for onsets and offsets; by default `segment_notes` of its F0 without
        a level, which cannot tell a repeated note where the voice does not break off.
    forgiven
        From `mend_octaves`. Where the singer is said to be in another octave, whole octaves are
        taken off `cents`.
    """
    cents = cents_of(pitch) - key_cents
    times = sung_times(notes, segment_notes(pitch) if sung is None else sung)
    octaves = [each for each in forgiven if each.kind == "sung"]
    found = []
    for note, (onset, offset) in zip(notes, times, strict=True):
        off, voiced = _deviation(cents, note, pitch.hop_s)
        if off is not None and any(_mostly_in(note, each) for each in octaves):
            off -= 1200 * round(off / 1200)
        found.append(NoteDeviation(note, off, voiced, onset, offset))
    return tuple(found)


def _deviation(cents: Floats, note: Note | SungNote, hop_s: float) -> tuple[float | None, float]:
    edge = (note.end - note.start) * (1 - MIDDLE) / 2
    first = int(np.ceil((note.start + edge) / hop_s))
    last = int(np.floor((note.end - edge) / hop_s)) + 1
    if last <= first:  # a note shorter than a frame: the frame in its middle
        first = round((note.start + note.end) / 2 / hop_s)
        last = first + 1
    off = cents[max(first, 0) : max(last, 0)] - 100 * note.midi
    off = off[np.isfinite(off)]
    voiced = len(off) / (last - first)
    return (float(np.median(off)) if voiced >= _LEAST_VOICED else None), voiced


def _mostly_in(note: Note | SungNote, finding: OctaveFinding) -> bool:
    shared = min(note.end, finding.end) - max(note.start, finding.start)
    return 2 * shared > note.end - note.start


def sung_times(notes: Sequence[Note | SungNote], sung: Sequence[SungNote]) -> list[Times]:
    """Onset and offset of each note in ms after the reference's.

    A sung note belongs to one note of the reference, whose onset is within 0.3 s and which it
    covers for half of the shorter; the nearest onsets are paired first.
    """
    found: list[Times] = [(None, None)] * len(notes)
    if not len(notes) or not len(sung):
        return found
    known = np.array([(each.start, each.end) for each in notes])
    own = np.array([(each.start, each.end) for each in sung])
    late = own[None, :, 0] - known[:, None, 0]
    shared = np.minimum(known[:, None, 1], own[None, :, 1]) - np.maximum(
        known[:, None, 0], own[None, :, 0]
    )
    shorter = np.minimum(np.diff(known, axis=1), np.diff(own, axis=1).T)
    pairs = np.argwhere((np.abs(late) <= _ASTRAY_S) & (2 * shared >= shorter) & (shared > 0))
    taken: set[int] = set()
    for note, which in sorted(pairs.tolist(), key=lambda pair: abs(late[pair[0], pair[1]])):
        if found[note][0] is None and which not in taken:
            taken.add(which)
            longer = float(own[which, 1] - known[note, 1])
            offset = 1000 * longer if abs(longer) <= _ASTRAY_S else None
            found[note] = (1000 * float(late[note, which]), offset)
    return found
