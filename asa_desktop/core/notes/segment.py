"""Cutting a sung F0 track into notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.notes import syllables
from asa_desktop.core.types import FloatArray, PitchTrack, SungNote

Floats = NDArray[np.float64]
Piece = tuple[int, int]

MIDDLE = 0.65
"""The share of a note, around its middle, in which its pitch is read."""

# Measured on 25 songs of PJS (every fourth from the first) against their MIDI: no F-measure moves
# by .02 where one of these is changed by a quarter.
_BRIDGED_S = 0.03
_SHORTEST_S = 0.08
_GRID_CENTS = 25.0
_GLANCE_CENTS = 150.0  # no single frame argues much louder than this for a new note
_BEYOND = 0.1  # but of two notes far off the nearer one is meant: a glide is cut in its middle
_CHANGE_COST = 8.0  # in cents x seconds: 100 cents for 80 ms
_SAME_CENTS = 60.0
_DIP_DB = 6.0
_SLIGHT_DIP_DB = 3.0
_DEEPEST = 1.25
_SCOOP_S = 0.15
_RELEASE_S = 0.11  # half a turn of the slowest vibrato
_EDGE_CENTS = 300.0


@dataclass(frozen=True, slots=True)
class _Run:
    """A stretch without a break: cents (no gaps) and dips in dB, of frames of `hop_s`."""

    cents: Floats
    dips: Floats
    hop_s: float

    def pitch(self, piece: Piece) -> float:
        return float(np.median(self.cents[piece[0] : piece[1]]))

    def lasts(self, piece: Piece) -> float:
        return (piece[1] - piece[0]) * self.hop_s


def segment_notes(pitch: PitchTrack, *, level_db: FloatArray | None = None) -> tuple[SungNote, ...]:
    """The notes in an F0 track of any hop, in time order.

    Each voiced run (gaps under 30 ms bridged) is explained by steady pitches (Viterbi on a grid of
    25 cents): a frame costs its distance from the pitch, hardly more than 150 cents, and a new
    note 8 cents x seconds, which no usual vibrato earns and a semitone earns in 80 ms. Where the
    level dips a new note is cheaper, and at 6 dB it needs no change of pitch; it begins where the
    level has risen again. Then pieces less than 60 cents apart without a dip are one note (drift),
    pieces under 80 ms join the neighbour nearest in pitch, and so do, where there is no dip
    between, a beginning under 150 ms (scoop) and an end under 110 ms (release).

    Parameters
    ----------
    level_db
        Level of each frame, best from `syllables.syllable_level`. Without it, a repeated note is
        told only where the voice breaks off. Shape: as `pitch.hz`.
    """
    cents = cents_of(pitch)
    depth = np.zeros(len(cents)) if level_db is None else syllables.dips(level_db, pitch.hop_s)
    notes: list[SungNote] = []
    for first, last in _voiced_runs(pitch):
        run = _Run(_filled(cents[first:last]), depth[first:last], pitch.hop_s)
        pieces = _without_edges(run, _merged(run, _steady(run)))
        if level_db is not None:
            pieces = _from_vowels(run, pieces, level_db[first:last])
        notes += [_note(pitch, run, piece, first) for piece in pieces]
    return tuple(notes)


def cents_of(pitch: PitchTrack) -> Floats:
    """Hundredths of MIDI numbers, NaN where there is no pitch. Shape: (T,)."""
    hz = pitch.hz.astype(np.float64)
    return np.where(hz > 0, 6900 + 1200 * np.log2(np.where(hz > 0, hz, 1.0) / 440), np.nan)


def _voiced_runs(pitch: PitchTrack) -> list[Piece]:
    voiced = np.concatenate(([0], (pitch.hz > 0).astype(np.int8), [0]))
    runs: list[Piece] = []
    for first, last in np.flatnonzero(np.diff(voiced)).reshape(-1, 2).tolist():
        if runs and (first - runs[-1][1]) * pitch.hop_s < _BRIDGED_S:
            runs[-1] = (runs[-1][0], last)
        else:
            runs.append((first, last))
    return [run for run in runs if (run[1] - run[0]) * pitch.hop_s >= _SHORTEST_S]


def _filled(cents: Floats) -> Floats:
    known = np.isfinite(cents)
    at = np.arange(cents.size)
    return np.interp(at, at[known], cents[known])


def _steady(run: _Run) -> list[Piece]:
    """The best path over the grid, cut where a new note begins."""
    cents = run.cents
    grid = np.arange(cents.min() - _GRID_CENTS, cents.max() + 2 * _GRID_CENTS, _GRID_CENTS)
    off = np.abs(cents[:, None] - grid)
    cost = np.minimum(off, _GLANCE_CENTS + _BEYOND * np.maximum(off - _GLANCE_CENTS, 0))
    price = _CHANGE_COST / run.hop_s * (1 - np.minimum(run.dips / _DIP_DB, _DEEPEST))
    begins = np.zeros(cost.shape, dtype=np.bool_)
    from_state = np.zeros(len(cents), dtype=np.intp)
    total = cost[0]
    for frame in range(1, len(cents)):
        best = int(total.argmin())
        fresh = total[best] + price[frame]
        from_state[frame] = best
        begins[frame] = total > fresh
        total = np.minimum(total, fresh) + cost[frame]
    cuts = [len(cents)]
    state = int(total.argmin())
    for frame in range(len(cents) - 1, 0, -1):
        if begins[frame, state]:
            cuts.append(frame)
            state = int(from_state[frame])
    return list(pairwise([0, *reversed(cuts)]))


def _merged(run: _Run, pieces: Sequence[Piece]) -> list[Piece]:
    pieces = list(pieces)
    while len(pieces) > 1:
        gaps = [
            np.inf if run.dips[after[0]] >= _DIP_DB else abs(run.pitch(after) - run.pitch(before))
            for before, after in pairwise(pieces)
        ]
        at = int(np.argmin(gaps))
        if gaps[at] >= _SAME_CENTS:
            break
        _join(pieces, at)
    while len(pieces) > 1:
        at = min(range(len(pieces)), key=lambda each: run.lasts(pieces[each]))
        if run.lasts(pieces[at]) >= _SHORTEST_S:
            break
        own = run.pitch(pieces[at])
        beside = [each for each in (at - 1, at + 1) if 0 <= each < len(pieces)]
        nearest = min(beside, key=lambda each: abs(run.pitch(pieces[each]) - own))
        _join(pieces, min(at, nearest))
    return pieces


def _join(pieces: list[Piece], at: int) -> None:
    pieces[at : at + 2] = [(pieces[at][0], pieces[at + 1][1])]


def _without_edges(run: _Run, pieces: Sequence[Piece]) -> list[Piece]:
    """Join approaches to what they lead to, and releases to what they leave."""
    kept = [pieces[0]]
    for piece in pieces[1:]:
        before = kept[-1]
        bound = (
            run.dips[piece[0]] < _SLIGHT_DIP_DB
            and abs(run.pitch(piece) - run.pitch(before)) < _EDGE_CENTS
        )
        begins = before[0] == 0 or run.dips[before[0]] >= _DIP_DB
        ends = piece[1] == len(run.cents) or run.dips[piece[1]] >= _DIP_DB
        approach = begins and run.lasts(before) < min(_SCOOP_S, run.lasts(piece))
        release = ends and run.lasts(piece) < min(_RELEASE_S, run.lasts(before))
        if bound and (approach or release):
            kept[-1] = (before[0], piece[1])
        else:
            kept.append(piece)
    return kept


def _from_vowels(run: _Run, pieces: Sequence[Piece], level_db: FloatArray) -> list[Piece]:
    """Move what begins at a dip to where the level has risen, leaving every note its 80 ms."""
    shortest = round(_SHORTEST_S / run.hop_s)
    moved = [pieces[0]]
    for first, last in pieces[1:]:
        at = first
        if run.dips[first] >= _SLIGHT_DIP_DB:
            risen = syllables.risen(level_db, first, run.hop_s)
            at = max(first, min(risen, last - shortest))
        moved.append((at, last))
    return moved


def _note(pitch: PitchTrack, run: _Run, piece: Piece, offset: int) -> SungNote:
    first, last = piece
    edge = int((last - first) * (1 - MIDDLE) / 2)
    return SungNote(
        start=max(0.0, (offset + first - 0.5) * run.hop_s),
        end=(offset + last - 0.5) * run.hop_s,
        midi=run.pitch((first + edge, last - edge)) / 100,
        confidence=float(pitch.confidence[offset + first : offset + last].mean()),
    )
