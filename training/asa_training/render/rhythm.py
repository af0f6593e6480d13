"""Defects of time: onsets late and early, an uneven tempo, syllables dropped, cut or held over.

Shifts are given as knots in source seconds, rising, and the seconds by which each comes later.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from asa_training.render.shapes import smooth
from asa_training.segment import Array, SungNote

TIMING_S = 0.125  # the typical shift of an onset at severity 1; it may reach twice as much
HELD_SHARE = 0.35  # of the sung time is silenced or held over at severity 1
_HELD_NOTES = 0.5
_SQUEEZE, _STRETCH = 0.45, 1.0  # out time may run this much shorter or longer than source time
_SILENCE_S = 0.12
_OVER_REST_S = 0.2  # nothing is held over into a shorter rest
_LONGEST_OVER_S = 0.8
_TEMPO_KNOT_S = 2.5


def late_and_early(
    rng: np.random.Generator, severity: float, notes: tuple[SungNote, ...], total: float
) -> tuple[Array, Array]:
    """Shifts of the onsets, and of the ends before a silence; both ends of the take stay put.

    Part of each is the note's own, part belongs to a tempo that comes and goes over several
    notes; how much of which is drawn. Returns knots (k,) and shifts (k,).
    """
    draws = rng.normal(0, 1, 2 * len(notes))
    tempo_share = rng.uniform(0, 1)
    tempo = rng.normal(0, 1, max(4, round(total / _TEMPO_KNOT_S) + 1))
    at = _knots(notes, total)
    shift = np.zeros(at.size)
    if severity == 0 or at.size < 3:
        return at, shift
    own = draws[: at.size - 2].copy()
    for n in range(1, own.size):
        own[n] = 0.5 * own[n - 1] + np.sqrt(0.75) * draws[n]
    slow = np.interp(at[1:-1], np.linspace(0, total, tempo.size), tempo)
    walk = np.sqrt(1 - tempo_share) * own + np.sqrt(tempo_share) * slow
    walk -= np.median(walk)
    wanted = severity * TIMING_S * walk / max(float(np.median(np.abs(walk))), 1e-6)
    wanted = np.clip(wanted, -2 * TIMING_S, 2 * TIMING_S)
    for n, want in enumerate(wanted, start=1):
        since, left = at[n] - at[n - 1], total - at[n]
        low = max(shift[n - 1] - _SQUEEZE * since, -_STRETCH * left)
        high = min(shift[n - 1] + _STRETCH * since, _SQUEEZE * left)
        shift[n] = np.clip(want, low, high)
    return at, shift


def _knots(notes: tuple[SungNote, ...], total: float) -> Array:
    knots = [0.0]
    for one, after in zip(notes, [*notes[1:], None], strict=True):
        if one.start > knots[-1] + 0.02:
            knots.append(one.start)
        if (after is None or after.start - one.end > _SILENCE_S) and one.end < total - 0.02:
            knots.append(one.end)
    knots.append(total)
    return np.array(knots)


def swayed(rng: np.random.Generator, times: Array, bound: float) -> Array:
    """Shift rising times by a smooth random curve of at most `bound` seconds, 0 at both ends."""
    total = times[-1]
    knots = np.linspace(0, total, max(3, round(total / 1.5) + 1))
    sway = rng.uniform(-1, 1, knots.size) * bound
    sway[[0, -1]] = 0.0
    curve = smooth(np.interp(times, knots, sway), 0.5)
    fade = np.minimum(1.0, np.minimum(times, total - times) / 0.5)
    return np.maximum.accumulate(times + curve * fade)


@dataclass(frozen=True, slots=True)
class Held:
    """Which syllables do not last as they should.

    `silent`: (start, end) in source seconds that are not heard; `knots` and `shift` hold notes over
    into the rest after them. Per note (n,): `lost_s`, `over_s` in source seconds, and `kinds`:
    "dropped", "cut", "over" or "".
    """

    silent: tuple[tuple[float, float], ...]
    knots: Array
    shift: Array
    lost_s: Array
    over_s: Array
    kinds: tuple[str, ...]


def held(
    rng: np.random.Generator, severity: float, notes: tuple[SungNote, ...], total: float
) -> Held:
    """Drop, cut short or hold over a share of the notes; without a rest behind it one is cut."""
    count = len(notes)
    order = rng.permutation(count)
    asked = rng.choice(["dropped", "cut", "over"], size=count, p=[0.35, 0.35, 0.3])
    size = rng.uniform(0, 1, count)
    chosen = order[: max(1, round(severity * _HELD_NOTES * count))] if severity > 0 else order[:0]
    lost, over = np.zeros(count), np.zeros(count)
    kinds = [""] * count
    silent: list[tuple[float, float]] = []
    knots: list[tuple[float, float]] = [(0.0, 0.0)]
    for n in sorted(int(one) for one in chosen):
        note = notes[n]
        before = notes[n - 1].end if n else 0.0
        after = notes[n + 1].start if n + 1 < count else total
        length, rest = note.end - note.start, after - note.end
        kinds[n] = str(asked[n])
        if kinds[n] == "over" and rest < _OVER_REST_S:
            kinds[n] = "cut"
        if kinds[n] == "over":
            share = 0.5 + 0.5 * size[n]
            over[n] = share * min(_SQUEEZE * rest, 1.5 * length, _LONGEST_OVER_S)
            knots += [(note.start + length / 2, 0.0), (note.end, over[n]), (after, 0.0)]
            continue
        if kinds[n] == "dropped":
            # The consonant goes with its vowel, as far as nobody else sings there.
            first, lost[n] = max(note.start - 0.06, before), length
        else:
            lost[n] = (0.3 + 0.2 * size[n] + 0.25 * severity) * length
            first = note.end - lost[n]
        silent.append((first, min(note.end + 0.05, after)))
    knots.append((total + 1e-6, 0.0))
    place, shift = np.array(knots).T
    return Held(tuple(silent), place, shift, lost, over, tuple(kinds))


def trims(
    rng: np.random.Generator, bound: float, notes: tuple[SungNote, ...]
) -> tuple[tuple[float, float], ...]:
    """What is harmlessly lost of the ends before a rest: (start, end) in source seconds."""
    sizes = rng.uniform(0, bound, len(notes))
    gone = []
    for one, after, size in zip(notes, [*notes[1:], None], sizes, strict=True):
        stop = one.end + _SILENCE_S
        if size > 0 and (after is None or after.start > stop):
            gone.append((one.end - float(size), stop))
    return tuple(gone)
