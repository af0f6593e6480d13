"""A take laid on its song's clock, where it was not sung in step with the song.

Whoever recorded a take over the accompaniment knows how it lies to the song; of a recording from
elsewhere nobody knows it, and it is found here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.types import TUNEFUL, Alignment, Case, Melody

if TYPE_CHECKING:
    from asa_desktop.core.alignment.warp import Warp

NOT_ALIGNED = "not_aligned"
FOUND = 0.06
"""Confidence beside a vocal from which a take is of this song and gets a score, however poor.

Far under `warp.SURE`, because a bad singer beside another's voice has little more than a stranger.
Measured on half A of `benchmarks/not_scored.py`, ten seconds each: 95 % of other songs have 0.06 at
most; poor singers with every defect at 1 beside their own voice, changed, 0.13 and more; 66 of 72
renditions with every defect at 0.75 or 1 beside another singer's voice (goekhan and idil, six parts
of one song) have more, the six others are lost.
"""
_BEYOND_DOUBT = 0.25
"""Confidence from which nobody asks what chance would give. Below, a take must be more like the
vocal than like the vocal played backwards. On half A a song in pieces of half a second has up to
0.17 and mostly less than backwards; 72 poor singers have at least 0.12 more forwards, and those of
goekhan and idil beside each other 0.03, where they are found."""
TOGETHER_S = 0.15
"""A take in step whose beginning is no further off lies together with the song as it is."""

_KNOT_S = 0.5
_SURE_ON_NOTES = 0.08
"""Confidence that is asked for beside notes of a take that is long enough to tell (`told_by`), and
of a shorter one as much less. By pitch alone a poor singer's is hardly more than another song's:
of F0 from half A's singers, twelve takes of some 60 s by each of two ways, those with every defect
at 0.75 have at least 0.12, at 1 at least 0.06, other songs 0.04 to 0.17."""
_TOLD_S = (10.0, 40.0)
"""Seconds of singing from which a path by pitch alone says anything, and much."""

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Placed:
    """A take on the song's clock, and how it was found there; `reason` where it was not found.

    `in_step`: it keeps the song's tempo, and was at most moved as a whole. `warp` is where every
    moment of the song lies in the take, late and early notes of a take in step included. `laid` is
    that by which `track` was laid on the song's clock, None where the take stayed as it was.
    """

    track: TrackFeatures
    case: Case
    alignment: Alignment
    reason: str | None = None
    in_step: bool = False
    warp: Warp | None = None
    laid: Warp | None = None


def beside_vocal(
    take: TrackFeatures, vocal: TrackFeatures, *, progress: Progress = lambda done: None
) -> Placed:
    """Find a take's place beside the original voice: in step with it, or sung freely.

    One that is in step is moved as a whole, so that a late entry stays late; one that is free is
    warped phrase by phrase, so that tempo and pauses are the singer's.
    """
    from asa_desktop.core.alignment.find import align
    from asa_desktop.core.alignment.warp import on_reference_clock

    warp = align(take, vocal, progress=progress)
    if not follows(warp, take, vocal):
        return _lost(take, "free", warp)
    if not warp.in_step:
        track = on_reference_clock(take, warp, frames=vocal.frames)
        return Placed(track, "free", _alignment(warp), warp=warp, laid=warp)
    if abs(warp.offset_s) <= TOGETHER_S:
        alignment = replace(_alignment(warp), path=())
        return Placed(take, "in_step", alignment, in_step=True, warp=warp)
    moved = _as_a_whole(warp, vocal.frames * vocal.spec.hop_s)
    track = on_reference_clock(take, moved, frames=vocal.frames)
    return Placed(track, "in_step", _alignment(moved), in_step=True, warp=warp, laid=moved)


def follows(warp: Warp, take: TrackFeatures, vocal: TrackFeatures) -> bool:
    """Whether a take that came to lie like this beside a vocal is of its song at all."""
    from asa_desktop.core.alignment.find import backwards

    if not FOUND <= warp.confidence < _BEYOND_DOUBT:
        return warp.confidence >= FOUND
    return warp.confidence > backwards(take, vocal)


def beside_notes(
    take: TrackFeatures,
    melody: Melody,
    *,
    offset_s: float,
    progress: Progress = lambda done: None,
) -> Placed:
    """As `beside_vocal`, with a melody alone, whose clock starts `offset_s` into the song's."""
    from asa_desktop.core.alignment.find import align_to_notes
    from asa_desktop.core.alignment.warp import on_reference_clock

    warp = align_to_notes(take, melody, offset_s=offset_s, progress=progress)
    if warp.confidence <= _SURE_ON_NOTES * told_by(take, melody):
        return _lost(take, "notes", warp)
    if warp.in_step and abs(warp.offset_s) <= TOGETHER_S:
        alignment = replace(_alignment(warp), path=())
        return Placed(take, "notes", alignment, in_step=True, warp=warp)
    end_s = max(note.end for note in melody.notes) + offset_s
    frames = int(np.ceil(end_s / take.spec.hop_s)) + take.spec.clip_frames
    moved = _as_a_whole(warp, end_s) if warp.in_step else warp
    track = on_reference_clock(take, moved, frames=frames)
    return Placed(track, "notes", _alignment(moved), in_step=warp.in_step, warp=warp, laid=moved)


def told_by(take: TrackFeatures, melody: Melody) -> float:
    """How much an alignment of this take with notes can tell, 0 to 1: by how long both sing.

    Pitch alone fits something anywhere on ten seconds; on forty it fits its own song alone.
    """
    ours = np.count_nonzero(take.pitch.hz > 0) * take.spec.hop_s
    theirs = sum(note.end - note.start for note in melody.notes if note.kind in TUNEFUL)
    return float(np.interp(min(ours, theirs), _TOLD_S, (0.0, 1.0)))


def _lost(take: TrackFeatures, case: Case, warp: Warp) -> Placed:
    return Placed(take, case, Alignment(confidence=warp.confidence), NOT_ALIGNED)


def _as_a_whole(warp: Warp, seconds: float) -> Warp:
    """The same take moved by one offset. What is missing or added stays as it was found."""
    offset_s = float(np.median(warp.take_s - warp.reference_s))
    ends = np.array([0.0, max(seconds, 1.0)], np.float32)
    return replace(warp, reference_s=ends, take_s=ends + np.float32(offset_s))


def _alignment(warp: Warp) -> Alignment:
    """What is told of a warp; its knots every half a second."""
    step = max(1, round(_KNOT_S / max(float(np.median(np.diff(warp.reference_s))), 1e-3)))
    chosen = np.unique([*range(0, len(warp.reference_s), step), len(warp.reference_s) - 1])
    return Alignment(
        offset_s=warp.offset_s,
        tempo=1.0 if warp.in_step else warp.tempo,
        key=None if warp.key_cents is None else warp.key_cents / 100,
        missing=tuple((float(start), float(end)) for start, end in warp.missing),
        added=tuple((float(start), float(end)) for start, end in warp.added),
        confidence=warp.confidence,
        path=tuple((float(warp.reference_s[at]), float(warp.take_s[at])) for at in chosen),
    )
