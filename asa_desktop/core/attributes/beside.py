"""The notes of a reference, and what a take has in their places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from asa_desktop.core.align import key_of
from asa_desktop.core.attributes import lengths
from asa_desktop.core.attributes.frames import level_gap, read_at, sounds
from asa_desktop.core.notes.against import sung_times
from asa_desktop.core.notes.fine import FineTrack
from asa_desktop.core.notes.segment import MIDDLE, cents_of
from asa_desktop.core.types import Note, SungNote

Floats = NDArray[np.float64]
Clock = lengths.Clock
"""The take's second at seconds of the reference."""

Key = Literal["own", "tuning", "given"]
"""All of the key is the singer's, or what is less than half a semitone (where nobody knows how the
accompaniment is tuned), or only whole octaves."""

_LEAST_VOICED = 0.25
_TUNING_CENTS = 50.0


@dataclass(frozen=True, slots=True)
class NoteBeside:
    """One note of the reference, and the stretch of the take that stands for it.

    `start` and `end` are seconds of the take, `begun` the one at which it begins as far as that is
    known, and `due` the one at which it should have, were the take in step. `cents` is how far the
    take lies above the note, the key taken off and octaves folded (-600 to 600): the median over
    the note's middle 65 %; None where less than a quarter of that is voiced, `voiced` being the
    share that is. `lost` is the share of the note's sound that the take lacks (0 to 1), `over` for
    how many seconds it sounds on where the reference rests.
    """

    note: Note | SungNote
    start: float
    end: float
    begun: float
    due: float
    cents: float | None
    voiced: float
    lost: float = 0.0
    over: float = 0.0


@dataclass(frozen=True, slots=True)
class Beside:
    """A take beside its reference, note by note.

    `reference` is None where there are notes alone. `free` tells that the tempo is the singer's.
    `key_cents` is how far the take lies above the reference, and `removed_cents` what of it was
    taken off before notes were compared. `gain_db` is how much louder the take is: the median over
    what both sing of the notes, None without a reference or levels.
    """

    take: FineTrack
    reference: FineTrack | None
    notes: tuple[NoteBeside, ...]
    free: bool
    key_cents: float | None
    removed_cents: float
    gain_db: float | None = None

    def meant(self, note: Note | SungNote) -> float:
        """The pitch that was meant by a note, in the key of the take, as a MIDI number."""
        return note.midi + self.removed_cents / 100


def frames_of(each: NoteBeside, hop_s: float) -> tuple[Floats, Floats]:
    """Seconds of the take, a frame apart, over a note, and those of the reference beside them."""
    count = max(2, round((each.end - each.start) / hop_s))
    there = np.linspace(each.start, each.end, count)
    return there, np.linspace(each.note.start, each.note.end, count)


def laid_beside(
    take: FineTrack,
    *,
    notes: Sequence[Note | SungNote],
    reference: FineTrack | None,
    clock: Clock | None,
    due: Clock | None,
    key: Key,
) -> Beside:
    """Find every note of the reference in the take.

    Against a voice the difference is taken frame by frame, so that a glide that both sing cancels
    out; against notes, from their pitch. The key is one a take, the mode of the differences:
    taken a phrase it would forgive what is to be judged.

    Parameters
    ----------
    notes
        In time order, on the reference's clock; those without a pitch of their own left out.
    clock
        Where the reference's seconds lie in the take. None where that is known no closer than that
        both run together: then a note begins where the nearest one was sung (`sung_times`).
    due
        Where they would lie had all come when it should; None where the tempo is the singer's.
    key
        What of the key is the singer's.
    """
    begun: list[float | None] = [None] * len(notes)
    if clock is None:
        begun = [onset for onset, _ in sung_times(notes, take.notes)]
        clock = together
    ours = cents_of(take.pitch)
    theirs = None if reference is None else cents_of(reference.pitch)
    gaps = []
    for note in notes:
        at = _middle(note, take.pitch.hop_s)
        sung = read_at(ours, clock(at) / take.pitch.hop_s)
        meant = np.full(len(at), 100.0 * note.midi)
        if theirs is not None and reference is not None:
            meant = read_at(theirs, at / reference.pitch.hop_s)
        gaps.append((sung - meant)[np.isfinite(meant)])
    key_cents = _key(gaps)
    gain_db = _gain(take, reference, notes, clock)
    removed = _removed(key_cents, key)
    found = []
    following = [*(note.start for note in notes[1:]), np.inf][: len(notes)]
    for note, gap, after, late_ms in zip(notes, gaps, following, begun, strict=True):
        start, end = (float(each) for each in clock([note.start, note.end]))
        known = gap[np.isfinite(gap)] - removed
        voiced = len(known) / max(len(gap), 1)
        found.append(
            NoteBeside(
                note=note,
                start=start,
                end=end,
                begun=start + (late_ms or 0.0) / 1000,
                due=start if due is None else float(due(note.start)),
                cents=_centre(known) if voiced >= _LEAST_VOICED else None,
                voiced=voiced,
                lost=lengths.lost(take, reference, note, clock, gain_db=gain_db),
                over=lengths.over(take, reference, note, clock, until=after),
            )
        )
    return Beside(take, reference, tuple(found), due is None, key_cents, removed, gain_db)


def together(seconds: ArrayLike) -> Floats:
    """The clock of a take that runs with its reference."""
    return np.asarray(seconds, dtype=np.float64)


def _removed(key_cents: float | None, key: Key) -> float:
    if key_cents is None:
        return 0.0
    octaves = 1200.0 * round(key_cents / 1200)
    rest = key_cents - octaves
    if key == "own" or (key == "tuning" and abs(rest) <= _TUNING_CENTS):
        return key_cents
    return octaves


def _middle(note: Note | SungNote, hop_s: float) -> Floats:
    """Seconds, about a frame apart, in the middle of a note of the reference."""
    edge = (note.end - note.start) * (1 - MIDDLE) / 2
    count = max(1, round((note.end - note.start - 2 * edge) / hop_s))
    return np.linspace(note.start + edge, note.end - edge, count)


def _gain(
    take: FineTrack, reference: FineTrack | None, notes: Sequence[Note | SungNote], clock: Clock
) -> float | None:
    """How much louder the take is, in dB: the median over the frames of notes that both sing."""
    if reference is None or not notes:
        return None
    hop_s = take.pitch.hop_s
    at = np.concatenate([np.arange(note.start, note.end, hop_s) for note in notes])
    there = clock(at)
    gap = level_gap(take, reference, there, at)
    gap = gap[np.isfinite(gap) & sounds(take, there) & sounds(reference, at)]
    return float(np.median(gap)) if len(gap) else None


def _key(gaps: Sequence[Floats]) -> float | None:
    """The mode of the notes' own differences, each weighing by its voiced frames.

    Not that of the frames: a wide vibrato is most of its time at its turning points.
    """
    known = [gap[np.isfinite(gap)] for gap in gaps]
    octaves = [1200 * round(float(np.median(gap)) / 1200) if len(gap) else 0.0 for gap in known]
    every = [
        np.full(len(gap), _centre(gap - octave) + octave)
        for gap, octave in zip(known, octaves, strict=True)
        if len(gap)
    ]
    flat = np.concatenate(every) if every else np.zeros(0)
    return key_of(flat.astype(np.float32), np.zeros(len(flat), np.float32))


def _centre(gap: Floats) -> float:
    """The median of differences that are the same an octave apart, -600 to 600."""
    turned = np.angle(np.mean(np.exp(2j * np.pi * gap / 1200))) * 1200 / (2 * np.pi)
    near = np.mod(gap - turned + 600, 1200) - 600
    return float(np.mod(turned + np.median(near) + 600, 1200) - 600)
