"""Defects of intonation: notes off their pitch, a drifting key, wrong notes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.medians import weighted_median
from asa_training.render.centre import mode_of
from asa_training.render.shapes import smooth
from asa_training.segment import Array, SungNote

OFF_PITCH_CENTS = 150.0  # the typical offset of a note at severity 1
OFF_PITCH_CAP = 250.0
OFF_PITCH_MEMORY = 0.4
_KEPT_KEY_CENTS = 20.0
DRIFT_PEAK_CENTS = 260.0  # which a sinking take reaches in its last quarter
WRONG_SHARE = 0.6


def off_pitch(rng: np.random.Generator, severity: float, notes: tuple[SungNote, ...]) -> Array:
    """AR(1) offsets (n,), half above and half below by sung time, most about 0: the key stays.

    A few notes may by chance heap up elsewhere; such draws are made again, 30 times at most. They
    are judged at full severity, so that a weaker one is the same mistakes made smaller.
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
        walk /= max(weighted_median(np.abs(walk), lengths), 1e-6)
        away = abs(mode_of(_offsets(walk, 1.0), lengths))
        if away < nearest:
            best, nearest = walk, away
        if nearest <= _KEPT_KEY_CENTS:
            break
    return _offsets(best, severity)


def _offsets(walk: Array, severity: float) -> Array:
    """Cents; bending towards the cap rather than clipping: a heap at it would be a second key."""
    return OFF_PITCH_CAP * np.tanh(walk * severity * OFF_PITCH_CENTS / OFF_PITCH_CAP)


def wrong_notes(rng: np.random.Generator, severity: float, count: int) -> Array:
    """A share of the notes on another semitone, neighbours more often than leaps. (n,) cents."""
    order = rng.permutation(count)
    size = rng.choice([100.0, 200.0, 300.0, 400.0], size=count, p=[0.35, 0.3, 0.2, 0.15])
    sign = rng.choice([-1.0, 1.0], size=count)
    missed = np.zeros(count)
    if severity > 0 and count:
        chosen = order[: max(1, round(severity * WRONG_SHARE * count))]
        missed[chosen] = (size * sign)[chosen]
    return missed


def drift(
    rng: np.random.Generator, severity: float, voiced: NDArray[np.bool_]
) -> tuple[Array, str]:
    """Leave the key and stay away, leave it and come back, or wander about it: (T,), and which.

    The level that is held longest, a third of the take or more in the first two, is the key: 0.
    """
    kind = str(rng.choice(["sink", "return", "wander"], p=[0.45, 0.3, 0.25]))
    sign = rng.choice([-1.0, 1.0])
    hold, reach = rng.uniform(0.3, 0.45), rng.uniform(0.8, 1.0)
    waves = np.cumsum(rng.normal(0, 1, 8))
    at = np.linspace(0, 1, voiced.size)
    if severity == 0 or not voiced.any():
        return np.zeros(voiced.size), ""
    if kind == "sink":
        shape = np.interp(at, [0, hold, reach, 1.01], [0, 0, 1, 1])
    elif kind == "return":
        shape = np.interp(at, [0, hold / 2, reach - 0.2, reach, 1.01], [0, 0, 1, 0, 0])
    else:
        shape = np.interp(at, np.linspace(hold / 2, 1, waves.size), waves - waves[0])
    shape = smooth(shape, 1.0)
    shape = shape / max(float(np.max(np.abs(shape))), 1e-6)
    curve = sign * severity * DRIFT_PEAK_CENTS * shape
    return curve - mode_of(curve[voiced]), kind
