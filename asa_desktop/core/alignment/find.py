"""Align a take with its reference: with another singer, an F0 curve, or the notes of a melody.

First the rough path is found by timbre, voice and the contour of the pitch, none of which knows a
key; key and length of the vocal tract are read off it, once for the whole take. With these the path
is found again (`dtw`), four frames a step or more. From there `refine` goes on to a fraction of
a frame.

Nothing but time is moved, so that what is to be judged is not forgiven: one key a take, however it
drifts; the take runs at half to double speed, and its path keeps only what lasts 0.2 s and more, so
that a glide or a vibrato cannot be bent into another; and what both sing at one place is compared
there, however badly (`pieces.with_badly_sung`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.align import key_of
from asa_desktop.core.alignment import features, likeness, pieces
from asa_desktop.core.alignment.dtw import Path, best_path
from asa_desktop.core.alignment.features import HOP_S, Sequence
from asa_desktop.core.alignment.refine import finer, refined
from asa_desktop.core.alignment.warp import Warp
from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.types import FloatArray, Melody, PitchTrack

Progress = Callable[[float], None]
"""Told the share that is done, 0 to 1; what it raises stops the work."""

_POOLED = 4
_MOST_PAIRS = 12_000_000
"""Pairs of frames looked at in one pass; longer recordings are pooled more, to save memory."""
_KNOT_FRAMES = 4
_SAME_KEY_CENTS = 50.0
_TRACTS = tuple(float(1.072**step) for step in range(-4, 5))
"""Ratios of vocal tracts that are tried, 0.76 to 1.32 in steps of 7 %: child to man and back."""
_FIRST_TRACTS = (_TRACTS[4], _TRACTS[1], _TRACTS[7])
"""Those of the first pass: as long, and a fifth shorter and longer."""
_KEY_BINS = 120
_KEY_WIDTH_CENTS = 25.0
_LIKELY_KEYS = 3
_PASSES = 7
"""Passes at most: by contour, in the likely keys and in that of the contour, and twice more."""

Curve = NDArray[np.float64]


def align(
    take: TrackFeatures,
    reference: TrackFeatures,
    *,
    in_step: bool = False,
    progress: Progress = lambda done: None,
) -> Warp:
    """Where each moment of the reference lies in the take, whoever sings it and however fast.

    Key, octave, voice and offset are free, the tempo may change between half and double, phrases
    may be missing or added, and the take may be a part of the song. See `Warp` for what is found
    and `warp.SURE` for when to believe it.

    `in_step` says that both clocks run together but for what a singer is early or late by: key and
    voice are then read where the two lie side by side, which spares three passes of five.
    """
    return _align(features.of_track(take), features.of_track(reference), progress, in_step=in_step)


def align_pitch(
    take: PitchTrack, reference: PitchTrack, *, progress: Progress = lambda done: None
) -> Warp:
    """As `align`, by F0 alone; the frames of the two may differ in length."""
    return _align(features.of_pitch(take), features.of_pitch(reference), progress)


def align_to_notes(
    take: TrackFeatures,
    melody: Melody,
    *,
    offset_s: float,
    progress: Progress = lambda done: None,
) -> Warp:
    """As `align`, to the notes of a melody drawn as a curve, by pitch, voice and onsets.

    `offset_s` is where the notes' clock starts on the reference's clock, which the result is on:
    a note lies at ``note.start + offset_s``.
    """
    return _align(features.of_track(take), features.of_melody(melody, offset_s=offset_s), progress)


def backwards(take: TrackFeatures, reference: TrackFeatures) -> float:
    """How sure the take is found in the reference played backwards: `Warp.confidence` by chance.

    Played backwards a reference has the same voice, notes and vowels, and nothing of the song.
    """
    ours, theirs = features.of_track(take), features.backwards(features.of_track(reference))
    if not ours.sung.any() or not theirs.sung.any():
        return 0.0
    count = _pooling(len(theirs), len(ours))
    short, short_take = features.pooled(theirs, count), features.pooled(ours, count)
    found = _search(short, short_take, lambda done: None, in_step=False)
    return _confidence(found, short, short_take)


def _align(
    take: Sequence, reference: Sequence, progress: Progress, *, in_step: bool = False
) -> Warp:
    if not take.sung.any() or not reference.sung.any():
        return _nothing(None)
    count = _pooling(len(reference), len(take))
    short, short_take = features.pooled(reference, count), features.pooled(take, count)
    found = _search(short, short_take, lambda done: progress(0.6 * done), in_step=in_step)
    matched = pieces.with_badly_sung(found.path.pieces, short.sung, short_take.sung)
    if not matched:
        return _nothing(found.key_cents)
    lines = []
    fine = finer(features.with_tract(take, found.tract))
    for number, piece in enumerate(matched):
        frames, coarse = _unpooled(piece, count, len(reference), len(take))
        course = refined(reference, fine, frames, coarse, key_cents=found.key_cents or 0.0)
        lines.append((frames, course))
        progress(0.6 + 0.4 * (number + 1) / len(matched))
    confidence = _confidence(found, short, short_take)
    return _warp(take, reference, lines, found.key_cents, confidence)


@dataclass(frozen=True, slots=True)
class _Found:
    """The rough path, and what of the singer was found on it."""

    path: Path
    key_cents: float | None = None
    tract: float = 1.0


def _search(reference: Sequence, take: Sequence, progress: Progress, *, in_step: bool) -> _Found:
    """The rough path, and key and vocal tract along it, by turns until they stay."""
    passes = iter(np.arange(_PASSES) / _PASSES)

    def best(key_cents: float | None, tract: float) -> _Found:
        share = next(passes)
        path = best_path(
            likeness.everywhere(reference, features.with_tract(take, tract), key_cents=key_cents),
            reference.sung,
            take.sung,
            progress=lambda done: progress(share + done / _PASSES),
        )
        return _Found(path, key_cents, tract)

    def heard(cells: NDArray[np.intp]) -> float | None:
        return key_of(take.cents[cells[:, 1]], reference.cents[cells[:, 0]])

    if in_step:
        beside = np.repeat(np.arange(min(len(reference), len(take)))[:, None], 2, axis=1)
        found = best(heard(beside), _tract(reference, take, beside))
    elif reference.timbre is not None and take.timbre is not None:
        found = max((best(None, tract) for tract in _FIRST_TRACTS), key=_gain)
    else:
        contour = heard(best(None, 1.0).path.cells)
        keys = _likely_keys(reference, take) + ([] if contour is None else [contour])
        found = max((best(key, 1.0) for key in keys), key=_gain, default=_Found(Path(0.0, ())))
    for _ in range(2):
        cells = found.path.cells
        key_cents, tract = heard(cells), _tract(reference, take, cells)
        if key_cents is None or (
            found.key_cents is not None
            and abs(key_cents - found.key_cents) < _SAME_KEY_CENTS
            and tract == found.tract
        ):
            break
        found = best(key_cents, tract)
    progress(1.0)
    return found


def _confidence(found: _Found, reference: Sequence, take: Sequence) -> float:
    share = found.path.gain / likeness.attainable(reference, take)
    return float(np.clip(share, 0, 1))


def _gain(found: _Found) -> float:
    return found.path.gain


def _likely_keys(reference: Sequence, take: Sequence) -> list[float]:
    """The keys, within the octave, in which both sing most on the same pitches: three or fewer.

    For what has no timbre: on a short stretch the contour alone may not find the path.
    """
    bins = np.arange(_KEY_BINS)
    near = np.minimum(bins, _KEY_BINS - bins) * 1200 / _KEY_BINS
    bell = np.fft.rfft(np.exp(-0.5 * (near / _KEY_WIDTH_CENTS) ** 2))

    def spectrum(cents: FloatArray) -> NDArray[np.complex128]:
        place = np.round(cents[np.isfinite(cents)] * _KEY_BINS / 1200).astype(np.intp)
        return np.fft.rfft(np.bincount(place % _KEY_BINS, minlength=_KEY_BINS)) * bell

    shared = np.fft.irfft(spectrum(take.cents) * np.conj(spectrum(reference.cents)), _KEY_BINS)
    peaks = (shared > np.roll(shared, 1)) & (shared >= np.roll(shared, -1))
    order = np.flatnonzero(peaks)[np.argsort(-shared[peaks])]
    return [float(at * 1200 / _KEY_BINS) for at in order[:_LIKELY_KEYS]]


def _tract(reference: Sequence, take: Sequence, cells: NDArray[np.intp]) -> float:
    """How much shorter the take's vocal tract is than the reference's: what fits best on a path."""
    if reference.timbre is None or take.mel is None:
        return 1.0
    ours = reference.timbre[cells[:, 0]]

    def fit(ratio: float) -> float:
        theirs = features.with_tract(take, ratio).timbre
        return -np.inf if theirs is None else float(np.sum(ours * theirs[cells[:, 1]]))

    return max(_TRACTS, key=fit)


def _pooling(reference: int, take: int) -> int:
    """Frames in a step of the first two passes."""
    return max(_POOLED, int(np.ceil(np.sqrt(reference * take / _MOST_PAIRS))))


def _unpooled(
    piece: NDArray[np.intp], count: int, reference: int, take: int
) -> tuple[NDArray[np.intp], Curve]:
    """All frames of a piece, and where in the take they lie by it, in frames.

    The middle of a step of `count` frames is at (count - 1) / 2 of them. The piece goes on by a
    step at either end, where the voice was cut, as far as the recordings go.
    """
    middle = (count - 1) / 2
    at, to = piece[:, 0] * count + middle, piece[:, 1] * count + middle
    at = np.concatenate([[at[0] - count], at, [at[-1] + count]])
    to = np.concatenate([[to[0] - count], to, [to[-1] + count]])
    frames = np.arange(max(int(at[0]), 0), min(int(at[-1]) + 1, reference), dtype=np.intp)
    places = np.interp(frames, at, to)
    inside = (places >= 0) & (places <= take - 1)
    return frames[inside], places[inside]


def _warp(
    take: Sequence,
    reference: Sequence,
    lines: list[tuple[NDArray[np.intp], Curve]],
    key_cents: float | None,
    confidence: float,
) -> Warp:
    at = np.concatenate([_thinned(frames) for frames, _ in lines]).astype(np.float64)
    to = np.concatenate([_thinned(course) for _, course in lines])
    at, to = pieces.rising(at, to)
    if len(at) < 2:
        return _nothing(key_cents)
    clock, take_clock = np.arange(len(reference)), np.arange(len(take))
    matched = np.zeros(len(reference), dtype=np.bool_)
    take_matched = np.zeros(len(take), dtype=np.bool_)
    for frames, course in lines:
        matched[frames[0] : frames[-1] + 1] = True
        take_matched[max(int(course[0]), 0) : int(course[-1]) + 2] = True
    there, back = np.interp(clock, at, to), np.interp(take_clock, to, at)
    exact = key_of(_read_at(take.cents, there, matched), reference.cents)
    return Warp(
        reference_s=(at * HOP_S).astype(np.float32),
        take_s=(to * HOP_S).astype(np.float32),
        missing=pieces.alone(reference.sung, there, matched, take.sung, hop_s=HOP_S),
        added=pieces.alone(take.sung, back, take_matched, reference.sung, hop_s=HOP_S),
        key_cents=key_cents if exact is None else exact,
        confidence=confidence,
    )


def _thinned(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Every fourth value and the last."""
    return np.concatenate([values[:-1:_KNOT_FRAMES], values[-1:]])


def _read_at(cents: FloatArray, place: Curve, matched: NDArray[np.bool_]) -> FloatArray:
    nearest = np.clip(np.round(place).astype(np.intp), 0, len(cents) - 1)
    return np.where(matched, cents[nearest], np.nan).astype(np.float32)


def _nothing(key_cents: float | None) -> Warp:
    """The two do not meet: both clocks run together, and nobody is to believe it."""
    clock = np.array([0, 1], dtype=np.float32)
    return Warp(clock, clock, (), (), key_cents, 0.0)
