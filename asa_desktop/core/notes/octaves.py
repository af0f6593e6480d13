"""Octave errors of a tracker told from singing in another octave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.notes.segment import cents_of
from asa_desktop.core.types import Note, PitchTrack, SungNote

Floats = NDArray[np.float64]
Target = PitchTrack | Sequence[Note | SungNote]

_BRIDGED_S = 0.03
_JUMP_SLACK = 200.0
_UNRELATED = 400.0
_ERROR_S = 0.5
_ISLAND_S = 0.25
_BESIDE_S = 0.5
_UNSURE = 0.8
_SUNG_S = 0.5


@dataclass(frozen=True, slots=True)
class OctaveFinding:
    """A stretch in another octave, from `start` to `end` on the track's clock.

    `tracker`: F0 was read `octaves` above what was sung, and is mended. `sung`: the singer is
    `octaves` above the target; nothing is changed.
    """

    start: float
    end: float
    octaves: int
    kind: Literal["tracker", "sung"]


@dataclass(slots=True)
class _Piece:
    """Frames without a break or an octave's jump; `level` counts octaves from where its stretch
    began, `relation` those above the target (None: not known)."""

    first: int
    last: int
    stretch: int
    level: int
    relation: int | None = None


def mend_octaves(
    pitch: PitchTrack, target: Target, *, key_cents: float = 0.0
) -> tuple[PitchTrack, tuple[OctaveFinding, ...]]:
    """Mend what the tracker got wrong and say where the singer is in another octave.

    Nobody changes pitch by an octave from one frame to the next without a break (the fastest
    singers and speakers need 0.17 s: Xu and Sun, 2002). So where F0 jumps by an octave within a
    stretch of voice, one side is wrong: the shorter one, half a second at most (twice that where
    the tracker is unsure), unless the target leaps by the same octave there. A whole stretch of a
    quarter of a second at most is wrong where it alone lies an octave from the target, and the
    singing within half a second on both sides does not. What is left in another octave for half a
    second and more was sung so.

    Parameters
    ----------
    target
        F0 or notes of the reference on the take's clock, in time order.
    key_cents
        How far the take lies above the target as a whole. Whole octaves in it are reported as
        sung: -1200 for a take that lies an octave lower and -100 in key is -1300.
    """
    cents = cents_of(pitch) - key_cents
    known = _on_frames(target, len(cents), pitch.hop_s)
    pieces = _pieces(cents, known, pitch.hop_s)
    usual = _usual(pieces)
    wrong = np.zeros(len(cents), dtype=np.intp)
    for piece, octaves in [*_jumps(pieces, pitch, usual), *_islands(pieces, pitch)]:
        wrong[piece.first : piece.last] = octaves
    mended = replace(pitch, hz=(pitch.hz * np.exp2(-wrong)).astype(np.float32))
    findings = [*_runs(wrong, pitch, "tracker"), *_sung(mended, known, key_cents)]
    return mended, tuple(sorted(findings, key=lambda each: (each.start, each.end)))


def _on_frames(target: Target, count: int, hop_s: float) -> Floats:
    """The target's cents at the take's frames, NaN where it has none. Shape: (count,)."""
    known = np.full(count, np.nan)
    if isinstance(target, PitchTrack):
        at = np.round(np.arange(count) * hop_s / target.hop_s).astype(int)
        inside = at < len(target.hz)
        known[inside] = cents_of(target)[at[inside]]
        return known
    for note in target:
        first, last = (max(0, int(np.ceil(each / hop_s))) for each in (note.start, note.end))
        known[first:last] = 100 * note.midi
    return known


def _pieces(cents: Floats, known: Floats, hop_s: float) -> list[_Piece]:
    voiced = np.flatnonzero(np.isfinite(cents))
    pieces: list[_Piece] = []
    if not len(voiced):
        return pieces
    breaks = np.diff(voiced) * hop_s > _BRIDGED_S + hop_s
    steps = np.diff(cents[voiced])
    jumps = np.round(steps / 1200).astype(int)
    jumps[np.abs(steps - 1200 * jumps) > _JUMP_SLACK] = 0
    cuts = np.flatnonzero(breaks | (jumps != 0)) + 1
    stretch = level = 0
    for first, last in zip([0, *cuts.tolist()], [*cuts.tolist(), len(voiced)], strict=True):
        if first:
            stretch += int(breaks[first - 1])
            level = 0 if breaks[first - 1] else level + int(jumps[first - 1])
        piece = _Piece(int(voiced[first]), int(voiced[last - 1]) + 1, stretch, level)
        piece.relation = _relation((cents - known)[piece.first : piece.last])
        pieces.append(piece)
    return pieces


def _relation(gap: Floats) -> int | None:
    gap = gap[np.isfinite(gap)]
    if not len(gap):
        return None
    middle = float(np.median(gap))
    octaves = round(middle / 1200)
    return octaves if abs(middle - 1200 * octaves) <= _UNRELATED else None


def _usual(pieces: Sequence[_Piece]) -> int | None:
    """The relation that most of the take has."""
    frames: dict[int, int] = {}
    for piece in pieces:
        if piece.relation is not None:
            frames[piece.relation] = frames.get(piece.relation, 0) + piece.last - piece.first
    return max(frames, key=lambda each: frames[each]) if frames else None


def _limit(piece: _Piece, pitch: PitchTrack, longest_s: float) -> int:
    """How many frames an error may have there: twice as many where the tracker is unsure."""
    own = float(pitch.confidence[piece.first : piece.last].mean())
    unsure = own < _UNSURE * float(np.median(pitch.confidence[pitch.hz > 0]))
    return round((2 if unsure else 1) * longest_s / pitch.hop_s)


def _jumps(
    pieces: Sequence[_Piece], pitch: PitchTrack, usual: int | None
) -> list[tuple[_Piece, int]]:
    wrong = []
    for _, stretch in groupby(pieces, key=lambda piece: piece.stretch):
        own = list(stretch)
        weight: dict[int, float] = {}
        for piece in own:
            # What is where it should be counts double: an error may be the longer part.
            trust = 2 if usual is not None and piece.relation == usual else 1
            length = trust * (piece.last - piece.first)
            weight[piece.level] = weight.get(piece.level, 0) + length
        right = max(weight, key=lambda each: weight[each])
        fits = {piece.relation for piece in own if piece.level == right} - {None}
        wrong += [
            (piece, piece.level - right)
            for piece in own
            if piece.level != right
            and piece.relation not in fits
            and piece.last - piece.first <= _limit(piece, pitch, _ERROR_S)
        ]
    for piece, octaves in wrong:
        piece.relation = None if piece.relation is None else piece.relation - octaves
    return wrong


def _islands(pieces: Sequence[_Piece], pitch: PitchTrack) -> list[tuple[_Piece, int]]:
    wrong = []
    reach = round(_BESIDE_S / pitch.hop_s)
    for before, piece, after in zip(pieces, pieces[1:], pieces[2:], strict=False):
        apart = before.stretch < piece.stretch < after.stretch
        near = piece.first - before.last <= reach and after.first - piece.last <= reach
        if not (apart and near) or piece.relation is None or before.relation is None:
            continue
        octaves = piece.relation - before.relation
        short = piece.last - piece.first <= _limit(piece, pitch, _ISLAND_S)
        if octaves and before.relation == after.relation and short:
            wrong.append((piece, octaves))
    return wrong


def _sung(mended: PitchTrack, known: Floats, key_cents: float) -> list[OctaveFinding]:
    from scipy.ndimage import median_filter

    gap = cents_of(mended) - key_cents - known
    octaves = np.round(gap / 1200)
    at = np.flatnonzero(np.abs(gap - 1200 * octaves) <= _UNRELATED)
    if not len(at):
        return []
    # A median over a second leaves what lasts half of it, and takes away leaps sung early or late.
    width = 2 * round(_SUNG_S / mended.hop_s) + 1
    relation = median_filter(octaves[at], size=width, mode="nearest") + round(key_cents / 1200)
    # What the target does not know is as what it knows nearby; rests belong to what goes before.
    pitched = np.flatnonzero(mended.hz > 0)
    after = np.minimum(np.searchsorted(at, pitched), len(at) - 1)
    before = np.maximum(after - 1, 0)
    nearest = np.where(np.abs(at[before] - pitched) < np.abs(at[after] - pitched), before, after)
    near = np.abs(at[nearest] - pitched) * mended.hop_s <= _BESIDE_S
    frames = np.zeros(len(gap), dtype=np.intp)
    frames[pitched[0] : pitched[-1] + 1] = np.repeat(
        np.where(near, relation[nearest], 0).astype(np.intp),
        np.diff(pitched, append=pitched[-1] + 1),
    )
    return [each for each in _runs(frames, mended, "sung") if each.end - each.start >= _SUNG_S]


def _runs(
    octaves: NDArray[np.intp], pitch: PitchTrack, kind: Literal["tracker", "sung"]
) -> list[OctaveFinding]:
    """A finding for each run of one value other than 0, from its first pitched frame to its
    last."""
    cuts = np.flatnonzero(np.diff(octaves, prepend=0, append=0)).tolist()
    pitched = pitch.hz > 0
    found = []
    for first, last in pairwise(cuts):
        inside = np.flatnonzero(pitched[first:last]) + first
        if octaves[first] and len(inside):
            start, end = (
                max(0.0, (each - 0.5) * pitch.hop_s) for each in (inside[0], inside[-1] + 1)
            )
            found.append(OctaveFinding(float(start), float(end), int(octaves[first]), kind))
    return found
