"""What is to be sung, as the pitch lane needs it: targets by time, and the range they span."""

from __future__ import annotations

import bisect
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.types import Note, NoteKind, PitchTrack, Song

Floats = NDArray[np.float64]

IN_TUNE_CENTS = 50.0
"""As near as this the right key of a piano would be struck."""

_UNPITCHED = (NoteKind.FREESTYLE, NoteKind.RAP, NoteKind.GOLDEN_RAP)
_ROOM, _LEAST_RANGE = 2.5, 14.0
_FREE = (48.0, 72.0)
_GRACE_S = 0.06
"""So long before and after a note it is still the target: voices glide into notes."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One target note; those that are not `pitched` are spoken or free."""

    start: float
    end: float
    midi: float
    pitched: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class LaneScore:
    """Targets on the clock of the song's recordings.

    `bars` in time order; or `curve`, the original voice's pitch as MIDI numbers on frames of
    `hop_s` (NaN where it rests); or neither. `low` to `high` is what the lane shows. `starts`,
    `ends` and `midis` are the pitched bars as arrays. Shapes: (n,), `curve` (T,).
    """

    bars: tuple[Bar, ...]
    starts: Floats
    ends: Floats
    midis: Floats
    curve: Floats
    hop_s: float
    low: float
    high: float

    @classmethod
    def of(cls, song: Song | None, pitch: PitchTrack | None = None) -> LaneScore:
        """Of a song's notes, else of its original voice's `pitch`, else of nothing."""
        bars = () if song is None else _bars(song)
        pitched = [each for each in bars if each.pitched]
        columns = np.array([(each.start, each.end, each.midi) for each in pitched], float)
        starts, ends, midis = columns.reshape(-1, 3).T
        curve, hop_s = np.zeros(0), 1.0
        if not pitched and pitch is not None:
            curve, hop_s = _curve(pitch), pitch.hop_s
        low, high = _range(midis if len(midis) else curve)
        return cls(bars, starts, ends, midis, curve, hop_s, low, high)

    @property
    def free(self) -> bool:
        """Whether there is nothing to sing after."""
        return not len(self.starts) and not np.isfinite(self.curve).any()

    def targets(self, times: Floats) -> Floats:
        """The pitch to be sung at each time, NaN where none is. Shapes: (n,), (n,)."""
        found = np.full(len(times), np.nan)
        if len(self.starts):
            at = np.searchsorted(self.starts, times + _GRACE_S, side="right") - 1
            # Where the next note's grace has begun, the one before may still sound.
            before = np.maximum(at - 1, 0)
            still = (at > 0) & (times < self.ends[before]) & (times < self.starts[at])
            at = np.where(still, before, at)
            inside = (at >= 0) & (times < self.ends[at] + _GRACE_S)
            found[inside] = self.midis[at[inside]]
        elif len(self.curve):
            at = np.rint(times / self.hop_s).astype(int)
            inside = (at >= 0) & (at < len(self.curve))
            found[inside] = self.curve[at[inside]]
        return found

    def neighbours(self, times: Floats) -> Floats:
        """The pitch of the nearest target in time, NaN where there is none at all."""
        if len(self.starts):
            after = np.clip(np.searchsorted(self.starts, times), 0, len(self.starts) - 1)
            before = np.maximum(after - 1, 0)
            nearer = times - self.ends[before] < self.starts[after] - times
            return self.midis[np.where(nearer, before, after)]
        known = np.flatnonzero(np.isfinite(self.curve))
        if not len(known):
            return np.full(len(times), np.nan)
        at = np.clip(np.searchsorted(known, times / self.hop_s), 0, len(known) - 1)
        return self.curve[known[at]]

    def folded(self, midi: Floats, times: Floats) -> tuple[Floats, NDArray[np.int64]]:
        """`midi` in the octave of the target nearest in time, and by how many it was moved up."""
        near = self.neighbours(times)
        with np.errstate(invalid="ignore"):
            octaves = np.rint((near - midi) / 12)
        octaves = np.where(np.isfinite(octaves), octaves, 0)
        return midi + 12 * octaves, octaves.astype(np.int64)

    def off(self, midi: Floats, times: Floats) -> Floats:
        """Cents from the target, NaN where there is none or nothing is sung."""
        return (midi - self.targets(times)) * 100

    def bars_between(self, start: float, end: float) -> tuple[Bar, ...]:
        """The bars that can be seen between two times, however long the song is."""
        first = bisect.bisect_right(self.bars, start, key=lambda bar: bar.start)
        while first > 0 and self.bars[first - 1].end > start:  # notes of a voice follow each other
            first -= 1
        last = bisect.bisect_left(self.bars, end, lo=first, key=lambda bar: bar.start)
        return self.bars[first:last]


def _bars(song: Song) -> tuple[Bar, ...]:
    if song.melody is None:
        return ()
    return tuple(_bar(note, song.offset_s) for note in song.melody.notes)


def _bar(note: Note, offset_s: float) -> Bar:
    pitched = note.kind not in _UNPITCHED
    return Bar(note.start + offset_s, note.end + offset_s, note.midi, pitched)


def _curve(pitch: PitchTrack) -> Floats:
    hz = pitch.hz.astype(np.float64)
    midi = np.full(len(hz), np.nan)
    sung = hz > 0
    midi[sung] = 69 + 12 * np.log2(hz[sung] / 440)
    return midi


def _range(midi: Floats) -> tuple[float, float]:
    known = midi[np.isfinite(midi)]
    if not len(known):
        return _FREE
    # Of a tracked voice the outermost hundredth may be slips of the tracker.
    share = (0.0, 100.0) if len(known) < 5000 else (1.0, 99.0)
    low, high = np.percentile(known, share)
    wider = max(0.0, _LEAST_RANGE - (high - low) - 2 * _ROOM) / 2
    return float(low - _ROOM - wider), float(high + _ROOM + wider)
