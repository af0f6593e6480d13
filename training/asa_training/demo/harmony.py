"""Chords under a melody in a major key: the cheapest path through the chords of the key.

Every half bar has one chord. What a chord costs there is the share of the melody that it does not
hold; what a step costs follows the functions of tonal harmony. The path is found by dynamic
programming, so the same melody always gets the same chords.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from asa_training.demo.score import ScoreNote

SLOT_BEATS = 2
NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
SHAPES = {"": (0, 4, 7), "m": (0, 3, 7), "dim": (0, 3, 6), "7": (0, 4, 7, 10), "m7": (0, 3, 7, 10)}
MAJOR = frozenset({0, 2, 4, 5, 7, 9, 11})
# (semitones above the tonic, shape, standing cost): the chords of the key, then borrowed ones.
# Those are dear, so that they come in where the melody leaves the key.
PALETTE = (
    (0, "", 0.0),
    (2, "m", 0.05),
    (4, "m", 0.15),
    (5, "", 0.0),
    (7, "", 0.0),
    (7, "7", 0.05),
    (9, "m", 0.05),
    (2, "7", 0.45),
    (4, "7", 0.4),
    (9, "7", 0.45),
    (5, "m", 0.45),
    (10, "", 0.5),
)
# Cost of a step by degree; what is not named costs `OTHER`, staying costs `STAY` at a bar line.
STEPS = {
    (7, 0): 0.0,
    (5, 0): 0.05,
    (5, 7): 0.0,
    (2, 7): 0.0,
    (9, 2): 0.0,
    (9, 5): 0.0,
    (4, 9): 0.0,
    (0, 5): 0.0,
    (0, 9): 0.0,
    (0, 7): 0.05,
    (0, 2): 0.1,
    (0, 4): 0.1,
    (7, 9): 0.05,
    (5, 2): 0.1,
    (4, 5): 0.05,
    (9, 7): 0.1,
    (10, 0): 0.1,
    (10, 5): 0.05,
}
OTHER = 0.3
STAY = 0.15
MID_BAR = 0.2
# A dominant of another degree wants to go there.
LEADS = {2: 7, 4: 9, 9: 2}
ASTRAY = 0.8
OUTSIDE = 0.35


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord by the pitch class of its root and a key of `SHAPES`."""

    root: int
    shape: str = ""

    @property
    def classes(self) -> tuple[int, ...]:
        """Its pitch classes, root first."""
        return tuple((self.root + step) % 12 for step in SHAPES[self.shape])

    @property
    def name(self) -> str:
        """As on a lead sheet."""
        return NAMES[self.root] + self.shape


def harmonise(
    notes: tuple[ScoreNote, ...], *, tonic: int, first_beat: float, bars: int
) -> tuple[Chord, ...]:
    """One chord for each half bar from `first_beat` on, beginning and ending on the tonic.

    Notes are in beats of the same clock as `first_beat`; returns ``2 * bars`` chords.
    """
    chords = [Chord((tonic + degree) % 12, shape) for degree, shape, _ in PALETTE]
    standing = np.array([cost for _, _, cost in PALETTE])
    slots = 2 * bars
    fits = np.stack(
        [
            standing + _misfit(chords, notes, first_beat + slot * SLOT_BEATS, tonic)
            for slot in range(slots)
        ]
    )
    edge = np.full(len(chords), OUTSIDE)
    edge[0] = 0.0
    cost = fits[0] + edge
    back = np.zeros((slots, len(chords)), dtype=int)
    for slot in range(1, slots):
        total = cost[:, None] + _steps(at_bar_line=slot % 2 == 0)
        back[slot] = total.argmin(axis=0)
        cost = total.min(axis=0) + fits[slot]
    path = [0]  # the last chord is the tonic, whatever it costs
    for slot in range(slots - 1, 0, -1):
        path.append(int(back[slot, path[-1]]))
    return tuple(chords[index] for index in reversed(path))


def _misfit(
    chords: list[Chord], notes: tuple[ScoreNote, ...], beat: float, tonic: int
) -> NDArray[np.float64]:
    """Share of the half bar's melody, weighted, that each chord does not hold."""
    weights = np.zeros(12)
    for note in notes:
        shared = min(note.beat + note.length, beat + SLOT_BEATS) - max(note.beat, beat)
        if shared > 0:
            on_beat = note.beat <= beat or float(note.beat).is_integer()
            weights[note.midi % 12] += shared * (1.5 if on_beat else 1.0)
    if not weights.any():
        return np.zeros(len(chords))
    shares = np.array([_unheld(chord, weights, tonic) for chord in chords])
    shares /= weights.sum()
    return shares


def _unheld(chord: Chord, weights: NDArray[np.float64], tonic: int) -> float:
    cost = 0.0
    for pitch in np.flatnonzero(weights):
        if pitch in chord.classes:
            continue
        # A note a semitone above a chord tone grinds; one outside the key asks for a chord of its
        # own; any other passes.
        grinds = (pitch - 1) % 12 in chord.classes
        outside = (pitch - tonic) % 12 not in MAJOR
        cost += weights[pitch] * (2.0 if outside else 1.4 if grinds else 1.0)
    return cost


def _steps(*, at_bar_line: bool) -> NDArray[np.float64]:
    """Cost of going from one chord of the palette (row) to another (column)."""
    size = len(PALETTE)
    table = np.empty((size, size))
    for i, (start, shape, _) in enumerate(PALETTE):
        for j, (end, _, _) in enumerate(PALETTE):
            if i == j:
                table[i, j] = STAY if at_bar_line else 0.0
                continue
            cost = STEPS.get((start, end), 0.05 if start == end else OTHER)
            if shape == "7" and start in LEADS and end != LEADS[start]:
                cost = ASTRAY
            if start == 7 and shape == "7" and end not in (0, 9):
                cost = max(cost, OTHER)
            table[i, j] = cost + (0.0 if at_bar_line else MID_BAR)
    return table


def voicing(chord: Chord, previous: tuple[int, ...], *, low: int, high: int) -> tuple[int, ...]:
    """Close position of `chord` within [low, high] that moves least from `previous`."""
    classes = sorted(chord.classes)
    options = []
    for bottom in range(low, high + 1):
        if bottom % 12 not in classes:
            continue
        start = classes.index(bottom % 12)
        ring = classes[start:] + classes[:start]
        notes = [bottom]
        for pitch in ring[1:]:
            notes.append(notes[-1] + (pitch - notes[-1]) % 12)
        if notes[-1] <= high:
            options.append(tuple(notes))
    aim = float(np.mean(previous)) if previous else (low + high) / 2
    return min(options, key=lambda notes: (abs(float(np.mean(notes)) - aim), notes))


def merged(spans: list[tuple[float, float, Chord]]) -> list[tuple[float, float, Chord]]:
    """Join neighbouring (beat, length, chord) spans of the same chord."""
    joined = spans[:1]
    for (_, _, before), (beat, length, chord) in pairwise(spans):
        if chord == before:
            start, so_far, _ = joined[-1]
            joined[-1] = (start, so_far + length, chord)
        else:
            joined.append((beat, length, chord))
    return joined
