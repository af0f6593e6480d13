"""A tune as fine tracks: the original's, and takes of it with one thing changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from asa_desktop.core.attributes.beside import Beside, Key, laid_beside
from asa_desktop.core.notes.fine import FineTrack
from asa_desktop.core.types import PitchTrack, SungNote

HOP_S = 0.01
STEPS = (60, 62, 64, 65, 67, 65, 64, 62, 60, 64, 67, 72, 71, 67, 64, 60)
TUNE = tuple(SungNote(0.3 + 0.8 * k, 0.95 + 0.8 * k, float(midi)) for k, midi in enumerate(STEPS))
WITHIN_S = 0.03


def moved(notes: Sequence[SungNote], *, cents: float = 0.0, late_s: float = 0.0) -> list[SungNote]:
    """The notes higher and later."""
    return [
        replace(n, start=n.start + late_s, end=n.end + late_s, midi=n.midi + cents / 100)
        for n in notes
    ]


def sung(
    notes: Sequence[SungNote],
    *,
    vibrato_hz: float = 5.5,
    vibrato_cents: float = 60.0,
    wobble_cents: float = 0.0,
    scoop_cents: float = 0.0,
    levels_db: Sequence[float] | None = None,
    cut_s: float = 10.0,
    tail_db: float = 0.0,
    seconds: float = 14.0,
) -> FineTrack:
    """A fine track of these notes, each with its vibrato, silent between.

    A note begins `scoop_cents` away and is there after 0.15 s; `cut_s` after its beginning it
    sounds on by `tail_db`, as in a room.
    """
    clock = np.arange(0, seconds, HOP_S)
    cents = np.full(len(clock), np.nan)
    level = np.full(len(clock), -80.0)
    for k, note in enumerate(notes):
        inside = (clock >= note.start) & (clock < note.end)
        at = clock[inside] - note.start
        swing = vibrato_cents * np.sin(2 * np.pi * vibrato_hz * at)
        wobble = wobble_cents * np.sin(2 * np.pi * 1.3 * at + k)
        scoop = scoop_cents * np.clip(1 - at / 0.15, 0, 1)
        cents[inside] = 100 * note.midi + swing + wobble + scoop
        level[inside] = -20.0 if levels_db is None else levels_db[k]
        level[inside] += np.where(at < cut_s, 0.0, tail_db)
    hz = np.where(np.isfinite(cents), 440 * 2 ** ((np.nan_to_num(cents) - 6900) / 1200), 0)
    sure = np.where(hz > 0, 0.95, 0.1)
    pitch = PitchTrack(HOP_S, hz.astype(np.float32), sure.astype(np.float32))
    return FineTrack(pitch, level.astype(np.float32), level.astype(np.float32))


def same(seconds: object) -> np.ndarray:
    """Both clocks run together."""
    return np.asarray(seconds, dtype=np.float64)


def beside(
    take: FineTrack,
    *,
    reference: FineTrack | None = None,
    late_s: Sequence[float] | None = None,
    free: bool = False,
    key: Key = "own",
    notes: Sequence[SungNote] = TUNE,
) -> Beside:
    """The take beside the tune, whose notes lie in it `late_s` after they are due."""

    def clock(seconds: object) -> np.ndarray:
        at = same(seconds)
        if late_s is None:
            return at
        knots = [each for n in notes for each in (n.start - WITHIN_S, n.end + WITHIN_S)]
        shifts = [late for late in late_s for _ in range(2)]
        return at + np.interp(at, knots, shifts)

    return laid_beside(
        take,
        notes=notes,
        reference=reference,
        clock=clock,
        due=None if free else same,
        key=key,
    )
