"""Where each moment of a reference lies in a take, and a take laid on the reference's clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.medians import weighted_median
from asa_desktop.core.types import FloatArray, PitchTrack

SURE = 0.15
"""Confidence below which the path itself is not to be relied on (`placing.FOUND` is for the song).

Measured on stretches of 10 s of pjs and vocadito: another song 0.05 at most of 102; the same song
in another voice 0.55 and more, badly sung 0.43 and more, hummed 0.24 and more. By F0 alone another
song has 0.11 or less in 95 % and 0.22 at most, the same in tune 0.46 and more, badly sung 0.10 to
0.26: there a low value is a doubt, not a verdict.
"""
IN_STEP_TEMPO = 0.015
"""Share by which the tempo of a take that is in step may differ: by chance of its early and late
notes it reads up to 0.5 % off on 20 s."""
IN_STEP_S = 0.3
"""How early or late nine tenths of a take that is in step may lie, once its offset is taken off.

Renditions whose entries are as early and late as a quarter of a second stay under it (0.27 at
most of 24 of 20 s); a tempo of one's own does not for long.
"""

_LEAP_SLOPES = (0.4, 2.5)
_TOUCHING_CENTS = 200.0
_NEAR_HZ = 1e-6

Curve = NDArray[np.float64]
Spans = tuple[tuple[float, float], ...]
Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Warp:
    """Where each moment of the reference lies in the take: straight lines between knots.

    `reference_s` and `take_s` (K,), K of 2 and more, are seconds and both rise. Within what was
    matched the take runs at half to double the reference's speed; steeper and flatter lines leap
    over what one of the two does not have. `missing` are the stretches of a second and more that
    are sung in the reference alone (its clock), `added` those sung in the take alone (its own
    clock). `key_cents` is by how much the take lies above the reference, None where there is too
    little pitch to tell. `confidence`, 0 to 1, is how alike the two are along the path, as a share
    of what is to be had where all of the shorter one fits perfectly. Below `SURE` they are hardly
    the same song.
    """

    reference_s: FloatArray
    take_s: FloatArray
    missing: Spans
    added: Spans
    key_cents: float | None
    confidence: float

    def take_at(self, reference_s: ArrayLike) -> Curve:
        """The take's second at these seconds of the reference, any shape.

        Before the first and after the last knot it goes on at the take's tempo, also to before
        the take's beginning and past its end.
        """
        return _read(reference_s, self.reference_s, self.take_s, 1 / self.tempo)

    def reference_at(self, take_s: ArrayLike) -> Curve:
        """The reference's second at these seconds of the take: the inverse of `take_at`."""
        return _read(take_s, self.take_s, self.reference_s, self.tempo)

    @property
    def tempo(self) -> float:
        """How much faster the take is sung: the median over all that is matched, leaps left out.

        Theil and Sen's line, over pairs half a matched piece apart.
        """
        slopes, weights = [], []
        for piece in self._pieces():
            apart = max((piece.stop - piece.start) // 2, 1)
            first, second = np.arange(piece.start, piece.stop - apart), apart
            run = self.reference_s[first + second] - self.reference_s[first]
            rise = self.take_s[first + second] - self.take_s[first]
            slopes.append(np.asarray(rise / run, dtype=np.float64))
            weights.append(np.asarray(run, dtype=np.float64))
        if not slopes:
            return 1.0
        return float(1 / weighted_median(np.concatenate(slopes), np.concatenate(weights)))

    @property
    def offset_s(self) -> float:
        """Where the reference's clock starts in the take, by the line of `tempo`: seconds.

        Of a take in step it is the median distance of the clocks, as if `tempo` were 1.
        """
        tempo = 1.0 if self.in_step else self.tempo
        return float(np.median(self.take_s - self.reference_s / tempo))

    @property
    def in_step(self) -> bool:
        """Whether the take was sung with the accompaniment, but for a constant offset.

        Its tempo is 1 within `IN_STEP_TEMPO`, and nine tenths of it lie within `IN_STEP_S` of the
        median offset. Nothing of such a take needs warping: early and late notes are to be judged.
        """
        away = self.take_s - self.reference_s
        near = np.quantile(np.abs(away - np.median(away)), 0.9)
        return bool(abs(self.tempo - 1) <= IN_STEP_TEMPO and near <= IN_STEP_S)

    def unbent(self) -> Warp:
        """The same offset and nothing else: what a take in step is laid on its reference by."""
        ends = np.array([0.0, max(float(self.reference_s[-1]), 1.0)])
        return replace(
            self,
            reference_s=ends.astype(np.float32),
            take_s=(ends + float(np.median(self.take_s - self.reference_s))).astype(np.float32),
            missing=(),
            added=(),
        )

    def _pieces(self) -> list[slice]:
        """Runs of knots without a leap between them, of two knots and more."""
        slope = np.diff(self.take_s) / np.diff(self.reference_s)
        leaps = np.flatnonzero((slope < _LEAP_SLOPES[0]) | (slope > _LEAP_SLOPES[1]))
        starts = [0, *(int(at) + 1 for at in leaps)]
        stops = [*(int(at) + 1 for at in leaps), len(self.take_s)]
        return [slice(a, b) for a, b in zip(starts, stops, strict=True) if b - a > 1]


def on_reference_clock(
    take: TrackFeatures, warp: Warp, *, frames: int, first: int = 0
) -> TrackFeatures:
    """The take's features on the reference's frames, so that clips are cut at equal places.

    Each frame takes mel, chroma, activation and voicing of the take's nearest frame, and F0 by a
    straight line in cents between the two around it where they touch. The tempo rows are turned
    by the take's tempo, as they would be had it been sung at the reference's. What the reference
    has and the take does not is silent and unvoiced, and so is what the take has alone. Only time
    is warped; a vibrato's rate is therefore to be measured on the take itself.

    Parameters
    ----------
    frames
        Number of frames of the reference; the result has as many.
    first
        The reference's frame that is the first of them.
    """
    hop_s = take.spec.hop_s
    clock = np.arange(first, first + frames, dtype=np.float64) * hop_s
    there = warp.take_at(clock)
    place = there / hop_s
    nearest = np.floor(place + 0.5).astype(np.intp)
    known = (nearest >= 0) & (nearest < take.frames)
    known &= ~_inside(clock, warp.missing) & ~_inside(there, warp.added)
    at = np.clip(nearest, 0, max(take.frames - 1, 0))

    def rows(values: NDArray[Kind], empty: float) -> NDArray[Kind]:
        found = values[:, at]
        found[:, ~known] = empty
        return found

    turns = -round(take.spec.rows * float(np.log2(warp.tempo)))
    return replace(
        take,
        mel=rows(take.mel, take.spec.mel_floor_db),
        chroma=rows(take.chroma, 0.0),
        tempo=np.roll(rows(take.tempo, 0.0), turns, axis=0),
        activation=rows(take.activation, 0.0),
        pitch=PitchTrack(
            hop_s=hop_s,
            hz=np.where(known, _hz_at(take.pitch.hz, place), 0).astype(np.float32),
            confidence=np.where(known, take.pitch.confidence[at], 0).astype(np.float32),
        ),
        voicing=replace(take.voicing, frames=known & take.voicing.frames[at]),
    )


def _hz_at(hz: FloatArray, place: Curve) -> Curve:
    """F0 between frames: along the line where both are pitched and near, else the nearest one's."""
    last = max(len(hz) - 1, 0)
    below = np.clip(np.floor(place), 0, last).astype(np.intp)
    above = np.minimum(below + 1, last)
    part = np.clip(place - below, 0, 1)
    one, other = hz[below].astype(np.float64), hz[above].astype(np.float64)
    leap = np.log2(np.maximum(other, _NEAR_HZ) / np.maximum(one, _NEAR_HZ))
    touching = (one > 0) & (other > 0) & (np.abs(leap) * 1200 <= _TOUCHING_CENTS)
    line = one * 2 ** (np.where(touching, leap, 0) * part)
    return np.where(touching, line, np.where(part < 0.5, one, other))


def _inside(times: Curve, spans: Spans) -> NDArray[np.bool_]:
    found = np.zeros(len(times), dtype=np.bool_)
    for start, end in spans:
        found |= (times >= start) & (times < end)
    return found


def _read(at: ArrayLike, knots: FloatArray, values: FloatArray, slope: float) -> Curve:
    times = np.asarray(at, dtype=np.float64)
    inside = np.interp(times, knots, values)
    before = np.minimum(times - knots[0], 0)
    after = np.maximum(times - knots[-1], 0)
    return np.asarray(inside + slope * (before + after))
