"""From a plan and the notes of a source: the pitch and time curves that the engine is to follow.

Source time is when a thing happens in the recording, output time when it happens in the
rendition. Pitch curves live on the source's 5 ms frames, so each note carries its offset along.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asa_training.render.centre import mode_of, weighted_median
from asa_training.render.plan import Plan
from asa_training.segment import FRAME_S, Array, SungNote

OFF_PITCH_CENTS = 150.0  # the typical offset of a note at severity 1
OFF_PITCH_CAP = 250.0
OFF_PITCH_MEMORY = 0.4
_KEPT_KEY_CENTS = 20.0
DRIFT_PEAK_CENTS = 260.0  # which a sinking take reaches in its last quarter
TIMING_S = 0.125  # the typical shift of an onset at severity 1; it may reach twice as much
WRONG_SHARE = 0.6
_GLIDE_S = 0.06
_SQUEEZE, _STRETCH = 0.45, 1.0  # out time may run this much shorter or longer than source time
_SILENCE_S = 0.12


@dataclass(frozen=True, slots=True)
class Curves:
    """What a rendition does to its source of T frames, by cause.

    All shapes (T,): cents added by each pitch defect and by the harmless edits (`in_tune`, with
    the changed vibrato) on source frames; `out_time` and `defect_shift` in seconds: when each
    source frame sounds, and how much of that is owed to the timing defect. `source_time` is the
    inverse, on output frames. Per note (n,): `note_off`, `note_wrong` cents, `note_shift` seconds.
    """

    off_pitch: Array
    drift: Array
    wrong_notes: Array
    in_tune: Array
    out_time: Array
    defect_shift: Array
    source_time: Array
    note_off: Array
    note_wrong: Array
    note_shift: Array

    @property
    def cents(self) -> Array:
        """All that is added to the source's pitch, (T,)."""
        return self.off_pitch + self.drift + self.wrong_notes + self.in_tune


def draw_curves(plan: Plan, *, cents: Array, notes: tuple[SungNote, ...]) -> Curves:
    """Draw the curves of `plan` over a source whose pitch is `cents` (T,), NaN where unvoiced.

    Every curve has its own generator: changing one severity leaves the others as they were.
    """
    seeds = np.random.SeedSequence(plan.seed).spawn(6)
    rngs = [np.random.default_rng(one) for one in seeds]
    frames = cents.size
    asked = plan.severities
    note_off = _off_pitch(rngs[0], asked.off_pitch, notes)
    note_wrong = _wrong_notes(rngs[1], asked.wrong_notes, len(notes))
    tiny = np.clip(rngs[2].normal(0, 1, len(notes)) * plan.harmless.wobble_cents, -15, 15)
    in_tune = (
        _over_frames(tiny, notes, frames)
        + (plan.harmless.vibrato - 1.0) * _movement(cents, notes)
        + plan.harmless.transpose_cents
    )
    knots, shift = _late_and_early(rngs[3], asked.timing, notes, frames * FRAME_S)
    at = np.arange(frames) * FRAME_S
    defect_shift = np.interp(at, knots, shift)
    out_time = _swayed(rngs[4], at + defect_shift, plan.harmless.sway_s)
    return Curves(
        off_pitch=_over_frames(note_off, notes, frames),
        drift=_drift(rngs[5], asked.drift, np.isfinite(cents)),
        wrong_notes=_over_frames(note_wrong, notes, frames),
        in_tune=in_tune,
        out_time=out_time,
        defect_shift=defect_shift,
        source_time=np.interp(at, out_time, at),
        note_off=note_off,
        note_wrong=note_wrong,
        note_shift=np.interp([one.start for one in notes], knots, shift),
    )


def _off_pitch(rng: np.random.Generator, severity: float, notes: tuple[SungNote, ...]) -> Array:
    """AR(1) offsets, half above and half below by sung time, most about 0: the key stays.

    A few notes may by chance heap up elsewhere; such draws are made again, 30 times at most.
    """
    if severity == 0 or not notes:
        return np.zeros(len(notes))
    lengths = np.array([one.end - one.start for one in notes])
    best, nearest = np.zeros(len(notes)), np.inf
    for _ in range(30):
        walk = rng.normal(0, 1, len(notes))
        for at in range(1, len(notes)):
            new = walk[at] * np.sqrt(1 - OFF_PITCH_MEMORY**2)
            walk[at] = OFF_PITCH_MEMORY * walk[at - 1] + new
        walk -= weighted_median(walk, lengths)
        typical = max(weighted_median(np.abs(walk), lengths), 1e-6)
        offsets = walk * severity * OFF_PITCH_CENTS / typical
        # Folding back at the cap rather than clipping: a heap at the cap would be a second key.
        size = np.abs(offsets)
        size = np.where(size > OFF_PITCH_CAP, 2 * OFF_PITCH_CAP - size, size)
        offsets = np.sign(offsets) * np.clip(size, 0, OFF_PITCH_CAP)
        away = abs(mode_of(offsets, lengths))
        if away < nearest:
            best, nearest = offsets, away
        if nearest <= _KEPT_KEY_CENTS:
            break
    return best


def _wrong_notes(rng: np.random.Generator, severity: float, count: int) -> Array:
    """A share of the notes on another semitone, neighbours more often than leaps."""
    order = rng.permutation(count)
    size = rng.choice([100.0, 200.0, 300.0, 400.0], size=count, p=[0.35, 0.3, 0.2, 0.15])
    sign = rng.choice([-1.0, 1.0], size=count)
    missed = np.zeros(count)
    if severity > 0 and count:
        chosen = order[: max(1, round(severity * WRONG_SHARE * count))]
        missed[chosen] = (size * sign)[chosen]
    return missed


def _drift(rng: np.random.Generator, severity: float, voiced: NDArray[np.bool_]) -> Array:
    """Leave the key and stay away, leave it and come back, or wander about it.

    The level that is held longest, a third of the take or more in the first two, is the key: 0.
    """
    kind = rng.choice(["sink", "return", "wander"], p=[0.45, 0.3, 0.25])
    sign = rng.choice([-1.0, 1.0])
    hold, reach = rng.uniform(0.3, 0.45), rng.uniform(0.8, 1.0)
    waves = np.cumsum(rng.normal(0, 1, 8))
    at = np.linspace(0, 1, voiced.size)
    if severity == 0 or not voiced.any():
        return np.zeros(voiced.size)
    if kind == "sink":
        shape = np.interp(at, [0, hold, reach, 1.01], [0, 0, 1, 1])
    elif kind == "return":
        shape = np.interp(at, [0, hold / 2, reach - 0.2, reach, 1.01], [0, 0, 1, 0, 0])
    else:
        shape = np.interp(at, np.linspace(hold / 2, 1, waves.size), waves - waves[0])
    shape = _smooth(shape, 1.0)
    shape = shape / max(float(np.max(np.abs(shape))), 1e-6)
    drift = sign * severity * DRIFT_PEAK_CENTS * shape
    return drift - mode_of(drift[voiced])


def _late_and_early(
    rng: np.random.Generator, severity: float, notes: tuple[SungNote, ...], total: float
) -> tuple[Array, Array]:
    """Shifts of the onsets, and of the ends before a silence; both ends of the take stay put.

    Returns knots (k,) in source seconds, rising, and their shifts (k,) in seconds.
    """
    draws = rng.normal(0, 1, 2 * len(notes))
    knots = [0.0]
    for one, after in zip(notes, [*notes[1:], None], strict=True):
        if one.start > knots[-1] + 0.02:
            knots.append(one.start)
        if (after is None or after.start - one.end > _SILENCE_S) and one.end < total - 0.02:
            knots.append(one.end)
    knots.append(total)
    at = np.array(knots)
    shift = np.zeros(at.size)
    if severity == 0 or at.size < 3:
        return at, shift
    walk = draws[: at.size - 2].copy()
    for n in range(1, walk.size):
        walk[n] = 0.5 * walk[n - 1] + np.sqrt(0.75) * draws[n]
    walk -= np.median(walk)
    wanted = severity * TIMING_S * walk / max(float(np.median(np.abs(walk))), 1e-6)
    wanted = np.clip(wanted, -2 * TIMING_S, 2 * TIMING_S)
    for n, want in enumerate(wanted, start=1):
        since, left = at[n] - at[n - 1], total - at[n]
        low = max(shift[n - 1] - _SQUEEZE * since, -_STRETCH * left)
        high = min(shift[n - 1] + _STRETCH * since, _SQUEEZE * left)
        shift[n] = np.clip(want, low, high)
    return at, shift


def _swayed(rng: np.random.Generator, times: Array, bound: float) -> Array:
    """Shift rising times by a smooth random curve of at most `bound` seconds, 0 at both ends."""
    total = times[-1]
    knots = np.linspace(0, total, max(3, round(total / 1.5) + 1))
    sway = rng.uniform(-1, 1, knots.size) * bound
    sway[[0, -1]] = 0.0
    smooth = _smooth(np.interp(times, knots, sway), 0.5)
    fade = np.minimum(1.0, np.minimum(times, total - times) / 0.5)
    return np.maximum.accumulate(times + smooth * fade)


def _over_frames(values: Array, notes: tuple[SungNote, ...], frames: int) -> Array:
    """Per-note values as a curve (T,): each note its own, the turn between two in 60 ms."""
    if not notes:
        return np.zeros(frames)
    ends = np.array([one.end for one in notes[:-1]])
    starts = np.array([one.start for one in notes[1:]])
    turns = np.round((ends + starts) / 2 / FRAME_S).astype(int)
    which = np.searchsorted(turns, np.arange(frames), side="right")
    return _smooth(values[which], _GLIDE_S)


def _movement(cents: Array, notes: tuple[SungNote, ...]) -> Array:
    """What moves inside the notes: the pitch less its course over 0.25 s, faded at note ends."""
    moving = np.zeros(cents.size)
    for one in notes:
        first, last = round(one.start / FRAME_S), round(one.end / FRAME_S)
        piece = cents[first:last]
        known = np.isfinite(piece)
        if last - first < 40 or known.mean() < 0.9:
            continue
        filled = np.interp(np.arange(piece.size), np.flatnonzero(known), piece[known])
        rest = filled - _smooth(filled, 0.25)
        edge = np.minimum(np.arange(piece.size), np.arange(piece.size)[::-1]) / 10
        moving[first:last] = np.clip(rest, -120, 120) * np.minimum(1.0, edge)
    return moving


def _smooth(curve: Array, width_s: float) -> Array:
    """A running mean under a Hann window; the ends are held."""
    size = max(3, round(width_s / FRAME_S) | 1)
    window = np.hanning(size + 2)[1:-1]
    held = np.pad(curve, size // 2, mode="edge")
    return np.convolve(held, window / window.sum(), mode="valid")
