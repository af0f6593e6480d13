"""How a note is reached and kept: scoops, slides, vibrato, wobble and jitter, in cents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from asa_training.render.shapes import band_noise, faded, frames_of, movement, smooth, wave
from asa_training.segment import FRAME_S, Array, SungNote

SCOOP_CENTS = 45.0  # the mean distance over the sung time at severity 1
UNSTEADY_CENTS = 40.0  # the RMS over the sung time at severity 1
LONG_S = 0.4  # a shorter note has no time for a vibrato
VIBRATO_HZ = (4.5, 8.0)
LEAST_EXTENT_CENTS = 15.0
_LEAST_SHARE = 0.4
_LEGATO_S = 0.06
VIBRATO_KINDS = ("missing", "slow", "fast", "irregular")


def scoops(
    rng: np.random.Generator, severity: float, notes: tuple[SungNote, ...], frames: int
) -> tuple[Array, Array]:
    """Notes that are reached late: curve (T,) and depth per note (n,), in cents.

    A note bound to the one before may be a slow slide from that one's pitch; any other begins 100
    to 350 cents away, mostly below, and is there after 0.08 to 0.3 s.
    """
    count = len(notes)
    order = rng.permutation(count)
    depth = rng.uniform(100, 350, count) * np.where(rng.uniform(size=count) < 0.85, -1, 1)
    slides = rng.uniform(size=count) < 0.5
    lasts = rng.uniform(0.08, 0.3, count)
    curve, depths = np.zeros(frames), np.zeros(count)
    if severity == 0 or not count:
        return curve, depths
    for n in order[: max(1, round((0.2 + 0.7 * severity) * count))]:
        before = notes[n - 1] if n else None
        bound = before is not None and notes[n].start - before.end < _LEGATO_S
        if slides[n] and before is not None and bound:
            full = float(np.clip(before.cents - notes[n].cents, -350, 350))
        else:
            full = float(depth[n])
        depths[n] = (0.4 + 0.6 * severity) * full
        _reach(curve, notes[n], depths[n], float(lasts[n]))
    return smooth(curve, 0.03), depths


def small_scoops(
    rng: np.random.Generator, bound: float, notes: tuple[SungNote, ...], frames: int
) -> Array:
    """Every note begins up to `bound` cents low and is there within 70 ms: harmless. (T,)."""
    curve = np.zeros(frames)
    for note, share in zip(notes, rng.uniform(0, 1, len(notes)), strict=True):
        _reach(curve, note, -bound * float(share), 0.07)
    return curve


def _reach(curve: Array, note: SungNote, depth: float, lasts: float) -> None:
    where = frames_of(note, curve.size)
    reach = min(lasts, 0.45 * (note.end - note.start))
    along = np.arange(where.stop - where.start) * FRAME_S / reach
    curve[where] += depth * (0.5 + 0.5 * np.cos(np.pi * np.minimum(along, 1.0)))


def unsteady(
    rng: np.random.Generator, rms_cents: float, notes: tuple[SungNote, ...], frames: int
) -> Array:
    """Slow wobble and jitter inside the notes, whose middles stay where they are. (T,) cents."""
    wobble, jitter = band_noise(rng, frames, 0.5, 3.0), band_noise(rng, frames, 8.0, 20.0)
    slow = rng.uniform(0.6, 0.95)
    curve = np.zeros(frames)
    sung = 0
    for one in notes:
        where = frames_of(one, frames)
        size = where.stop - where.start
        mixed = np.sqrt(slow) * (wobble[where] - np.mean(wobble[where]))
        curve[where] = (mixed + np.sqrt(1 - slow) * jitter[where]) * faded(size, 0.04)
        sung += size
    power = float(np.sum(np.square(curve))) / max(sung, 1)
    return curve * (rms_cents / np.sqrt(power)) if power > 0 and rms_cents > 0 else 0.0 * curve


@dataclass(frozen=True, slots=True)
class Vibrato:
    """What becomes of the vibrato of the long notes (0.4 s and more).

    Cents (T,): `harmless` is added whatever the severity (the vibrato lent, the source's deepened
    or made shallower), `defect` takes the natural one away and puts another in its place. `extent`
    (n,) in cents is the natural vibrato that each note had to lose (0 for none, or too little to
    hear), `lost` (n,) the share of it taken away, `lent` says who was given it, `kinds` what came
    instead ("" for nothing).
    """

    harmless: Array
    defect: Array
    extent: Array
    lost: Array
    lent: tuple[bool, ...]
    kinds: tuple[str, ...]


def vibrato(
    lending: np.random.Generator,
    spoiling: np.random.Generator,
    severity: float,
    *,
    scale: float,
    lent_cents: float,
    cents: Array,
    notes: tuple[SungNote, ...],
) -> Vibrato:
    """Scale the source's movement, lend vibrato to long notes without one, then take it away."""
    own = movement(cents, notes)
    natural = scale * own
    extent = np.zeros(len(notes))
    lent = [False] * len(notes)
    rate = lending.uniform(5.0, 6.5)
    for n, one in enumerate(notes):
        own_rng = np.random.default_rng(lending.integers(2**31))
        if one.end - one.start < LONG_S:
            continue
        where = frames_of(one, cents.size)
        found, share = _in_band(natural[where])
        if found >= LEAST_EXTENT_CENTS and share >= _LEAST_SHARE:
            extent[n] = found
        elif lent_cents > 0:
            natural[where] += _natural(own_rng, where.stop - where.start, rate, lent_cents)
            extent[n], lent[n] = lent_cents, True
    defect, kinds = _spoilt(spoiling, severity, natural, extent, notes)
    return Vibrato(
        harmless=natural - own,
        defect=defect,
        extent=extent,
        lost=np.where(extent > 0, severity, 0.0),
        lent=tuple(lent),
        kinds=kinds,
    )


def _spoilt(
    rng: np.random.Generator,
    severity: float,
    natural: Array,
    extent: Array,
    notes: tuple[SungNote, ...],
) -> tuple[Array, tuple[str, ...]]:
    shares = [0.35, 0.2, 0.2, 0.25]
    main = str(rng.choice(VIBRATO_KINDS, p=shares))
    defect = np.zeros(natural.size)
    kinds = [""] * len(notes)
    for n, one in enumerate(notes):
        own_rng = np.random.default_rng(rng.integers(2**31))
        kind = main if own_rng.uniform() < 0.75 else str(own_rng.choice(VIBRATO_KINDS, p=shares))
        if severity == 0 or extent[n] == 0:
            continue
        where = frames_of(one, natural.size)
        size = where.stop - where.start
        instead = _instead(own_rng, kind, size, float(extent[n]))
        defect[where] = severity * (instead * faded(size, 0.05) - natural[where])
        kinds[n] = kind
    return defect, tuple(kinds)


def _natural(rng: np.random.Generator, size: int, rate: float, extent: float) -> Array:
    """Sets in after a while, nearly regular, fades at the end. Shape: (size,)."""
    along = np.arange(size) * FRAME_S
    delay = min(rng.uniform(0.08, 0.25), 0.3 * size * FRAME_S)
    onset = np.clip((along - delay) / 0.15, 0.0, 1.0)
    rates = rate * rng.uniform(0.96, 1.04) * (1 + 0.03 * band_noise(rng, size, 0.3, 3.0))
    depth = extent * (1 + 0.1 * band_noise(rng, size, 0.3, 3.0))
    return depth * onset * faded(size, 0.08) * wave(rates, rng.uniform(0, 2 * np.pi))


def _instead(rng: np.random.Generator, kind: str, size: int, extent: float) -> Array:
    """What a note does whose natural vibrato is gone: never nothing, which nobody can. (size,)."""
    wander = rng.uniform(6, 16) * band_noise(rng, size, 0.4, 2.0)
    wander += rng.uniform(2, 4) * band_noise(rng, size, 3.0, 20.0)
    if kind == "missing":
        return wander
    phase = rng.uniform(0, 2 * np.pi)
    if kind == "slow":
        rates, depth = rng.uniform(2.2, 3.6), np.full(size, rng.uniform(0.7, 1.4))
    elif kind == "fast":
        rates, depth = rng.uniform(9.0, 11.5), np.full(size, rng.uniform(0.5, 1.0))
    else:
        rates = np.clip(5.5 + 3.0 * band_noise(rng, size, 0.5, 4.0), 1.5, 11.0)
        depth = np.clip(0.8 + 0.7 * band_noise(rng, size, 0.5, 4.0), 0.0, 2.0)
    drifting = rates * (1 + 0.06 * band_noise(rng, size, 0.3, 3.0))
    return 0.5 * wander + extent * depth * wave(drifting, phase)


def _in_band(moving: Array) -> tuple[float, float]:
    """Extent in cents of what moves (size,) at 4.5 to 8 Hz, and its share in the movement."""
    window = np.hanning(moving.size)
    padded = 1024
    power = np.abs(np.fft.rfft((moving - moving.mean()) * window, padded)) ** 2
    hz = np.fft.rfftfreq(padded, FRAME_S)
    band = power[(hz >= VIBRATO_HZ[0]) & (hz <= VIBRATO_HZ[1])].sum()
    # Parseval: the mean square under the window, and twice that is the square of a sine's extent.
    mean_square = 2 * band / padded / float(np.sum(window**2))
    return float(np.sqrt(2 * mean_square)), float(band / max(power[hz >= 1.5].sum(), 1e-12))
