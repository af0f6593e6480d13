"""The sequences that are compared when a take is aligned: what survives another singer and key.

Frames are 32 ms apart, frame t lying at t * `HOP_S`, as in `FeatureSpec`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.assess.evidence import level_of, onsets_of
from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.types import TUNEFUL, FloatArray, Melody, PitchTrack

HOP_S = 0.032
TIMBRE = 12
"""Number of MFCC: 1 to 12. Coefficient 0 is the level, which is a field of its own."""

_QUIET_DB = 40.0
_LEVEL_RANGE_DB = 30.0
_NEAR_PITCH = 5
_BRIDGED = 6
_LOCAL = 50
_LEAST_LOCAL = 0.15
_HIGHEST_MEL = 15 + 27 * np.log(8) / np.log(6.4)

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sequence:
    """One recording, or one melody, as it is compared. What it cannot have is None.

    Shapes: `sung`, `cents`, `contour`, `level`, `onsets` (T,), `mel` (T, 96), `timbre` and
    `change` (T, 12). `cents` is F0 in cents, NaN where there is no pitch; `contour` the same less
    its mean over the 3.2 s around it, which is free of key and octave. `mel` is in dB; `timbre` are
    MFCC of it and `change` their slopes, of unit length in each frame; `level` and `onsets` lie
    between 0 and 1.
    """

    sung: BoolArray
    cents: FloatArray
    contour: FloatArray
    mel: FloatArray | None = None
    timbre: FloatArray | None = None
    change: FloatArray | None = None
    level: FloatArray | None = None
    onsets: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.sung)


def of_track(track: TrackFeatures) -> Sequence:
    """The sequence of a recording.

    A frame counts as sung where the voice detector heard voice, there is a pitch within 0.16 s,
    and the level is no more than 40 dB below the loud parts: breath, noise and room are not
    sung. MFCC are the cosine transform of the mel rows in dB, brought to mean 0 and variance 1
    over the sung frames, which takes microphone and most of the voice out of them.
    """
    pitched = track.pitch.hz > 0
    level_db = level_of(track)
    sung = track.voicing.frames & spread(pitched, _NEAR_PITCH)
    if sung.any():
        sung &= level_db > np.percentile(level_db[sung], 90) - _QUIET_DB
    cents = _cents(track.pitch.hz)
    found = Sequence(
        sung=sung,
        cents=cents,
        contour=_contour(cents),
        mel=track.mel.T,
        level=_level(level_db, sung),
        onsets=_onsets(onsets_of(track), sung),
    )
    return with_tract(found, 1.0)


def with_tract(sequence: Sequence, ratio: float) -> Sequence:
    """The sequence as of a singer whose vocal tract is `ratio` times as long.

    Every frequency f of its timbre is read at f * ratio (Lee and Rose 1996): a man's formants lie
    some 15 % below a woman's, a child's above both. Without a mel spectrum nothing changes.
    """
    if sequence.mel is None:
        return sequence
    timbre, change = _timbre(_stretched(sequence.mel, ratio), sequence.sung)
    return replace(sequence, timbre=timbre, change=change)


def of_pitch(pitch: PitchTrack) -> Sequence:
    """The sequence of an F0 curve without sound, on frames of any length.

    A frame of 32 ms has the median of what is pitched in it, where that is half of it or more;
    holes in the pitch of less than 0.2 s are sung, as consonants are.
    """
    cents = _on_frames(_cents(pitch.hz), pitch.hop_s)
    return Sequence(sung=_bridged(np.isfinite(cents)), cents=cents, contour=_contour(cents))


def of_melody(melody: Melody, *, offset_s: float) -> Sequence:
    """The sequence of a melody whose notes begin `offset_s` seconds into the reference's clock.

    Notes without a pitch of their own (freestyle, rap) are sung and have no pitch.
    """
    end = max((note.end for note in melody.notes), default=0.0) + offset_s
    count = max(int(np.ceil(end / HOP_S)) + 1, 1)
    sung = np.zeros(count, dtype=np.bool_)
    cents = np.full(count, np.nan, dtype=np.float32)
    onsets = np.zeros(count, dtype=np.float32)
    for note in melody.notes:
        first = max(round((note.start + offset_s) / HOP_S), 0)
        last = max(round((note.end + offset_s) / HOP_S), 0)
        sung[first:last] = True
        onsets[first : min(first + 1, last)] = 1.0
        if note.kind in TUNEFUL:
            cents[first:last] = 100 * note.midi
    return Sequence(sung=_bridged(sung), cents=cents, contour=_contour(cents), onsets=onsets)


def pooled(sequence: Sequence, count: int) -> Sequence:
    """The sequence on frames `count` times as long: means over what is sung, medians of pitch.

    Frame p of it holds the frames from p * count on; a rest at the end is left out. Level and
    onsets, which are over too soon, are left out too.
    """
    whole = len(sequence) // count * count
    groups = sequence.sung[:whole].reshape(-1, count)
    found = Sequence(
        sung=groups.mean(axis=1) >= 0.5,
        cents=_median(sequence.cents[:whole].reshape(-1, count)),
        contour=_median(sequence.contour[:whole].reshape(-1, count)),
        mel=None if sequence.mel is None else _pooled_rows(sequence.mel[:whole], groups),
    )
    return with_tract(found, 1.0)


def backwards(sequence: Sequence) -> Sequence:
    """The sequence as of a recording played backwards; without its slopes, which would turn."""

    def turned(values: FloatArray | None) -> FloatArray | None:
        return None if values is None else values[::-1]

    return Sequence(
        sung=sequence.sung[::-1],
        cents=sequence.cents[::-1],
        contour=sequence.contour[::-1],
        mel=turned(sequence.mel),
        timbre=turned(sequence.timbre),
        level=turned(sequence.level),
        onsets=turned(sequence.onsets),
    )


def _cents(hz: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        cents = 6900 + 1200 * np.log2(np.asarray(hz, dtype=np.float64) / 440)
    return np.where(np.isfinite(cents), cents, np.nan).astype(np.float32)


def spread(frames: BoolArray, reach: int) -> BoolArray:
    """Frames with one of these within `reach`."""
    near = np.convolve(frames, np.ones(2 * reach + 1), mode="full")
    return np.asarray(near[reach : reach + len(frames)] > 0.5)


def _bridged(frames: BoolArray) -> BoolArray:
    """Close holes of less than `_BRIDGED` frames."""
    closed = frames.copy()
    there = np.flatnonzero(frames)
    for at in np.flatnonzero((np.diff(there) > 1) & (np.diff(there) <= _BRIDGED)):
        closed[there[at] : there[at + 1]] = True
    return closed


def _contour(cents: FloatArray) -> FloatArray:
    """Cents less their mean over the 3.2 s around, NaN where little of that is pitched."""
    known = np.isfinite(cents)
    count = _around(known.astype(np.float64))
    total = _around(np.where(known, cents, 0.0).astype(np.float64))
    enough = known & (count >= _LEAST_LOCAL * 2 * _LOCAL)
    return np.where(enough, cents - total / np.maximum(count, 1), np.nan).astype(np.float32)


def _around(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums over the `_LOCAL` frames on either side of each."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(len(values))
    low, high = np.maximum(at - _LOCAL, 0), np.minimum(at + _LOCAL + 1, len(values))
    return np.asarray(sums[high] - sums[low])


def _stretched(mel: FloatArray, ratio: float) -> FloatArray:
    """The mel rows read at `ratio` times their frequency; what lies above the last repeats it."""
    if ratio == 1.0:
        return mel
    hz = _mel_hz(mel.shape[1])
    place = np.interp(hz * ratio, hz, np.arange(len(hz)))
    below = np.minimum(place.astype(np.intp), len(hz) - 2)
    part = (place - below).astype(np.float32)
    return np.asarray(mel[:, below] * (1 - part) + mel[:, below + 1] * part, dtype=np.float32)


def _mel_hz(rows: int) -> NDArray[np.float64]:
    """Middle frequencies of the rows of a mel spectrum up to 8 kHz, on Slaney's scale.

    The scale of librosa, by hand, as importing it takes longer than an alignment.
    """
    mel = np.linspace(0, _HIGHEST_MEL, rows + 2)[1:-1]
    return np.where(mel < 15, mel * 200 / 3, 1000 * 6.4 ** ((mel - 15) / 27))


def _timbre(mel: FloatArray, sung: BoolArray) -> tuple[FloatArray, FloatArray]:
    import scipy.fft

    rows = scipy.fft.dct(mel, axis=1, norm="ortho")[:, 1 : TIMBRE + 1]
    if not sung.any():
        return np.zeros_like(rows), np.zeros_like(rows)
    rows = (rows - rows[sung].mean(axis=0)) / (rows[sung].std(axis=0) + 1e-6)
    # The slope of the straight line through five frames (Furui 1986).
    held = np.pad(rows, ((2, 2), (0, 0)), mode="edge")
    slope = (2 * (held[4:] - held[:-4]) + held[3:-1] - held[1:-3]) / 10
    slope = slope / (slope[sung].std(axis=0) + 1e-6)
    return unit(rows), unit(slope)


def unit(rows: FloatArray) -> FloatArray:
    """The rows brought to length 1; rows of zeros stay."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(length, 1e-6), dtype=np.float32)


def _level(level_db: FloatArray, sung: BoolArray) -> FloatArray:
    top = np.percentile(level_db[sung], 90) if sung.any() else 0.0
    return np.asarray(np.clip((level_db - top) / _LEVEL_RANGE_DB + 1, 0, 1), dtype=np.float32)


def _onsets(flux: FloatArray, sung: BoolArray) -> FloatArray:
    top = np.percentile(flux[sung], 95) if sung.any() else 1.0
    return np.asarray(np.clip(flux / max(float(top), 1e-6), 0, 1), dtype=np.float32)


def _on_frames(cents: FloatArray, hop_s: float) -> FloatArray:
    """Read a curve on frames of `hop_s` at every `HOP_S`."""
    if abs(hop_s - HOP_S) < 1e-9 or not len(cents):
        return cents
    count = 1 + int((len(cents) - 1) * hop_s / HOP_S)
    each = max(round(HOP_S / hop_s), 1)
    centre = np.round(np.arange(count) * HOP_S / hop_s).astype(int)
    places = centre[:, None] + np.arange(each) - each // 2
    inside = (places >= 0) & (places < len(cents))
    values = np.where(inside, cents[np.clip(places, 0, len(cents) - 1)], np.nan)
    return np.where(np.isfinite(values).mean(axis=1) >= 0.5, _median(values), np.nan)


def _median(groups: FloatArray) -> FloatArray:
    """Medians of the rows, NaN left out. Shape: (n, k) -> (n,)."""
    ordered = np.sort(groups, axis=1)  # NaN come last
    count = np.isfinite(groups).sum(axis=1)
    at = np.arange(len(groups))
    low, high = np.maximum(count - 1, 0) // 2, count // 2
    high = np.where(count > 0, np.minimum(high, np.maximum(count - 1, 0)), 0)
    return np.asarray((ordered[at, low] + ordered[at, high]) / 2, dtype=np.float32)


def _pooled_rows(rows: FloatArray, groups: BoolArray) -> FloatArray:
    """Means of the rows over the sung frames of each group, over all where none is sung."""
    weights = np.where(groups.any(axis=1, keepdims=True), groups, True).astype(np.float32)
    weights /= weights.sum(axis=1, keepdims=True)
    grouped = rows.reshape(*groups.shape, -1)
    return np.asarray(np.einsum("gk,gkd->gd", weights, grouped), dtype=np.float32)
