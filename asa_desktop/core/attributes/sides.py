"""A take beside its song, as the program knows the two: what the attributes are measured on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from asa_desktop.core.attributes.beside import Beside, Clock, laid_beside, together
from asa_desktop.core.notes.fine import FineTrack
from asa_desktop.core.types import TUNEFUL, Melody, Note, PitchTrack, SungNote

if TYPE_CHECKING:
    from asa_desktop.core.alignment.warp import Warp
    from asa_desktop.core.features.track import TrackFeatures
    from asa_desktop.core.placing import Placed

Stretch = tuple[float, float]

_FAR_MS = 1000.0
_SLIP_S, _SLIP_SEMITONES = 0.2, 10.0


@dataclass(frozen=True, slots=True)
class Part:
    """The part of the song that was attempted: `start` to `end` in seconds, without the `gaps`."""

    start: float
    end: float
    gaps: tuple[Stretch, ...] = ()

    def holds(self, start: float, end: float) -> bool:
        """Whether the middle of a note lies in it and no gap touches the note."""
        middle = (start + end) / 2
        gone = any(start < last and first < end for first, last in self.gaps)
        return self.start <= middle <= self.end and not gone


def beside_vocal(
    take: TrackFeatures,
    reference: TrackFeatures,
    *,
    placed: Placed | None,
    part: Part,
    own_key: bool,
    delay_known: bool = True,
) -> Beside:
    """A take beside the original voice. Raises ValueError without a fine track of either.

    Parameters
    ----------
    take
        As it was recorded: on its own clock, or on the song's where `placed` is None.
    placed
        Where it was found. Without it, it runs in step; its notes are then looked for near where
        they are due, so that a late one is late, and not wrong.
    own_key
        Whether the key is the singer's: there was no accompaniment. Of a take that had to be found,
        the tempo then is, too, however near it comes to the original's.
    delay_known
        Whether it is known how late the recording itself is; else what all of it is late by is
        put down to that.
    """
    warp = placed.warp if placed is not None else _near(take, reference)
    clock, due = _clocks(warp, placed)
    if placed is not None and own_key:
        due = None
    if placed is None and warp is not None and not delay_known:
        due = warp.unbent().take_at
    notes = [note for note in _sung_notes(reference.fine_track) if part.holds(note.start, note.end)]
    return laid_beside(
        take.fine_track,
        notes=notes,
        reference=reference.fine_track,
        clock=clock,
        due=due,
        key="own" if own_key else "given",
    )


def beside_notes(
    take: TrackFeatures,
    melody: Melody,
    *,
    offset_s: float,
    placed: Placed | None,
    part: Part,
) -> Beside:
    """As `beside_vocal`, with the notes of a melody whose clock starts `offset_s` into the song's.

    Nobody knows how the accompaniment is tuned, so less than half a semitone is the singer's.
    """
    notes = [_moved(note, offset_s) for note in melody.notes if note.kind in TUNEFUL]
    clock, due = _clocks(placed.warp if placed is not None else None, placed)
    free = placed is not None and not placed.in_step
    return laid_beside(
        take.fine_track,
        notes=[note for note in notes if part.holds(note.start, note.end)],
        reference=None,
        clock=clock,
        due=due,
        key="own" if free else "tuning",
    )


def beside_pitch(
    take: PitchTrack, *, reference: PitchTrack | None = None, notes: Sequence[SungNote | Note] = ()
) -> Beside:
    """F0 alone, of a take that was sung freely, beside another F0 curve, or beside notes."""
    from asa_desktop.core.alignment.find import align_pitch

    ours = FineTrack(take)
    if reference is None:
        return laid_beside(ours, notes=notes, reference=None, clock=None, due=None, key="own")
    theirs = FineTrack(reference)
    warp = align_pitch(take, reference)
    return laid_beside(
        ours, notes=theirs.notes, reference=theirs, clock=warp.take_at, due=None, key="own"
    )


def alone(take: FineTrack) -> Beside:
    """A take beside the nearest semitones of its own tuning, at its own times.

    The tuning is the middle of the notes' distances from the semitones, on the circle that these
    make, each note weighing by its length.
    """
    lengths = np.array([note.end - note.start for note in take.notes])
    pitches = np.array([note.midi for note in take.notes])
    turn = np.sum(lengths * np.exp(2j * np.pi * pitches))
    tuning = float(np.angle(turn)) / (2 * np.pi) if len(pitches) else 0.0
    nearest = [replace(note, midi=float(round(note.midi - tuning)) + tuning) for note in take.notes]
    return laid_beside(
        take, notes=nearest, reference=None, clock=together, due=together, key="given"
    )


def _sung_notes(track: FineTrack) -> list[SungNote]:
    """The notes without those that nobody sang: shorter than 0.2 s and, alone, ten semitones and
    more from both neighbours. Such is a consonant or a tracker's slip; no singer can leap so."""
    notes = list(track.notes)
    beside = zip([None, *notes], notes, [*notes[1:], None], strict=False)
    return [
        note
        for before, note, after in beside
        if note.end - note.start >= _SLIP_S
        or any(
            other is not None and abs(note.midi - other.midi) < _SLIP_SEMITONES
            for other in (before, after)
        )
        or (before is None and after is None)
    ]


def _near(take: TrackFeatures, reference: TrackFeatures) -> Warp | None:
    """The path of a take that runs with the reference, where it can be believed."""
    from asa_desktop.core.alignment.find import align
    from asa_desktop.core.alignment.warp import SURE

    warp = align(take, reference, in_step=True)
    if warp.confidence < SURE:  # Far off, side by side tells nothing of key and voice.
        warp = align(take, reference)
    apart = np.abs(warp.take_s - warp.reference_s)
    near = float(np.median(apart)) * 1000 <= _FAR_MS
    return warp if warp.confidence >= SURE and near else None


def _clocks(warp: Warp | None, placed: Placed | None) -> tuple[Clock | None, Clock | None]:
    """Where the song's seconds lie in the take, and where they were due; None as `laid_beside`."""
    if warp is None:
        return None, together
    if placed is None:
        return warp.take_at, together
    return warp.take_at, warp.unbent().take_at if placed.in_step else None


def _moved(note: Note, offset_s: float) -> Note:
    return replace(note, start=note.start + offset_s, end=note.end + offset_s)
