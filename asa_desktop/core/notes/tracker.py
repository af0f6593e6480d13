"""F0 every 10 ms, for notes: where they begin, how they swing, how far they lie off.

The F0 channel (CREPE) has a value every 32 ms, read from 64 ms of sound by a network that has
heard many voices: it tells singing from noise, but smooths over beginnings and vibrato. Here the
periods themselves are measured, and CREPE's path only leans the choice between them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.audio import resample
from asa_desktop.core.notes import periods
from asa_desktop.core.pitch import PITCHED
from asa_desktop.core.types import FloatArray, PitchTrack

Floats = NDArray[np.float64]

HOP_S = periods.HOP / periods.RATE
"""Seconds between the frames of a fine track."""

# Boersma, "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise
# ratio of a sampled sound" (1993), as Praat has them; the costs of changes are for 10 ms.
_VOICING = 0.45
_CHANGE_COST = 0.14
_JUMP_COST = 0.35

# Measured on recordings resynthesised by WORLD, whose F0 is known: with no lean 7 % of the frames
# in noise 5 dB under the voice are an octave off, with this one 1.4 %; where the guide is an octave
# too low, 59 % of the frames follow it with 0.1, 8 % with this one.
_LEAN = 0.04
_LEAN_BETWEEN = 0.3
_FREE_OCTAVES = 0.25
_WITHIN_OCTAVES = 1.5
_VOICING_LEAN = 0.3
_NEAR_S = 0.2
_ISLAND = 5
_CANDIDATES = 6


def fine_pitch(
    samples: FloatArray, *, rate: int, guide: PitchTrack, voiced: NDArray[np.bool_]
) -> PitchTrack:
    """F0 on frames of 10 ms, 0 where nothing is sung.

    The candidates of a frame are the highest summits of its likeness to itself
    (`periods.candidates`); the path through them is Boersma's, with a small cost for what lies
    more than a quarter of an octave off the guide, and a threshold of voicing that sinks where the
    guide is sure of a pitch and rises where it is sure of none.

    Parameters
    ----------
    samples
        Mono. Shape: (n,).
    guide
        The same sound's F0 by another tracker, with its confidence.
    voiced
        Frames of the guide that hold voice; elsewhere no F0 is looked for. Shape: as `guide.hz`.

    Returns
    -------
    T = 1 + n // 160 frames (n at 16 kHz), frame t centred on t * 10 ms; `confidence` is the
    likeness of a frame's sound to itself one period later, 0 to 1.
    """
    if rate != periods.RATE:
        samples = resample(samples, rate=rate, to=periods.RATE)
    count = 1 + len(samples) // periods.HOP
    hz, confidence = np.zeros(count), np.zeros(count)
    frames, at = _wanted(count, guide, voiced)
    if len(frames):
        sound = periods.flattened(samples)
        expected = _expected(guide)[at]
        found = periods.candidates(sound, frames, expected, count=_CANDIDATES)
        octaves = np.log2(periods.RATE / found.lags)
        strength = _strength(found, octaves, guide, at, np.log2(expected))
        choice = _best_path(strength, octaves, frames)
        sung = np.flatnonzero(choice < _CANDIDATES)
        confidence[frames] = found.likeness.max(axis=1)
        confidence[frames[sung]] = found.likeness[sung, choice[sung]]
        lags = periods.refined(sound, frames[sung], found.lags[sung, choice[sung]])
        hz[frames[sung]] = periods.RATE / lags
    return PitchTrack(
        hop_s=HOP_S,
        hz=_without_islands(hz).astype(np.float32),
        confidence=confidence.astype(np.float32),
    )


def _wanted(
    count: int, guide: PitchTrack, voiced: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The frames to look at, and for each the guide's frame: voiced, and the guide not far from a
    pitch (mains hum is periodic too)."""
    if not len(guide.hz):
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp)
    reach = round(_NEAR_S / guide.hop_s)
    near = np.convolve(guide.hz > 0, np.ones(2 * reach + 1))[reach : reach + len(guide.hz)] > 0
    at = np.round(np.arange(count) * HOP_S / guide.hop_s).astype(np.intp)
    at = np.minimum(at, len(guide.hz) - 1)
    frames = np.flatnonzero((near & voiced)[at])
    return frames, at[frames]


def _expected(guide: PitchTrack) -> Floats:
    """The guide's F0, between its pitched frames on a straight line in octaves. Shape: (T,)."""
    known = np.flatnonzero(guide.hz > 0)
    octaves = np.log2(guide.hz[known].astype(np.float64))
    return np.asarray(np.exp2(np.interp(np.arange(len(guide.hz)), known, octaves)))


def _strength(
    found: periods.Candidates,
    octaves: Floats,
    guide: PitchTrack,
    at: NDArray[np.intp],
    expected: Floats,
) -> Floats:
    """What speaks for each candidate and, in the last column, for no pitch. Shape: (T, K + 1)."""
    pitched, sure = guide.hz > 0, guide.confidence.astype(np.float64)
    away = np.abs(octaves - expected[:, None])
    off = np.clip(away - _FREE_OCTAVES, 0, 1 - _FREE_OCTAVES)
    lean = _LEAN / (1 - _FREE_OCTAVES) * np.where(pitched, sure, _LEAN_BETWEEN)[at]
    height = periods.OCTAVE_COST * (octaves - np.log2(periods.LOWEST_HZ))
    strength = found.likeness + height - lean[:, None] * off
    astray = (away > _WITHIN_OCTAVES) & ~pitched[at][:, None]
    strength[(found.likeness == 0) | astray] = -1.0
    # A pitch that the guide is sure of but does not give lies out of the range of voices.
    sung = np.where(pitched | (sure < PITCHED), sure, 0.0)[at]
    unvoiced = _VOICING + _VOICING_LEAN * (1 - 2 * sung)
    return np.concatenate((strength, unvoiced[:, None]), axis=1)


def _best_path(strength: Floats, octaves: Floats, frames: NDArray[np.intp]) -> NDArray[np.intp]:
    """The column of each frame on the path with the most strength, by Viterbi. Shape: (T,)."""
    count, states = strength.shape
    back = np.zeros((count, states), dtype=np.intp)
    cost = np.full((states, states), _CHANGE_COST)
    cost[-1, -1] = 0.0
    follows = np.diff(frames, prepend=frames[0] - 1) == 1
    columns = np.arange(states)
    total = strength[0]
    for frame in range(1, count):
        if follows[frame]:
            cost[:-1, :-1] = _JUMP_COST * np.abs(octaves[frame - 1][:, None] - octaves[frame])
            reached = total[:, None] - cost
            back[frame] = reached.argmax(axis=0)
            total = strength[frame] + reached[back[frame], columns]
        else:
            back[frame] = total.argmax()
            total = strength[frame] + total.max()
    path = np.empty(count, dtype=np.intp)
    path[-1] = total.argmax()
    for frame in range(count - 1, 0, -1):
        path[frame - 1] = back[frame, path[frame]]
    return path


def _without_islands(hz: Floats) -> Floats:
    """Unvoice what lasts less than 50 ms by itself: clicks and the whistle of consonants."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (hz > 0).astype(np.int8), [0]))))
    for first, last in edges.reshape(-1, 2):
        if last - first < _ISLAND:
            hz[first:last] = 0.0
    return hz
