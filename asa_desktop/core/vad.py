"""Level and voice activity: how loud the singing is, and where there is any."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.types import FloatArray

SILENCE_DB = -60.0
"""A recording whose loud parts stay under this (dBFS, RMS of 30 ms) is called silent."""

_LOUD_PERCENTILE = 95.0
_SPARSE_PERCENTILE = 99.5
_SPARSE_DROP_DB = 12.0
_VAD_LEVEL_DB = -20.0
_GAIN_STEP_DB = 0.1
_SAMPLED = 200_000
_LOUD_SHARE, _TOP_SHARE, _FLAT_SHARE = 0.1, 0.9, 0.02


@dataclass(frozen=True, slots=True)
class Voicing:
    """Where a recording is voiced, and the gain that brings that part to one loudness.

    `frames` has shape (T,), T = 1 + n // hop, a frame being centred on sample t * hop;
    `level_db` is the level of the loud parts as recorded, in dBFS; `clipped` the share of its
    loud samples that lie in flat tops, 0 to 1 (`flat_tops`).
    """

    frames: NDArray[np.bool_]
    gain: float
    level_db: float
    clipped: float = 0.0

    @property
    def silent(self) -> bool:
        """Whether the recording holds nothing loud enough to be singing."""
        return self.level_db < SILENCE_DB


def find_voice(samples: FloatArray, spec: FeatureSpec) -> Voicing:
    """Level a recording and find its voiced frames with WebRTC's VAD.

    Parameters
    ----------
    samples
        Mono at `spec.rate`. Shape: (n,).

    The VAD hears the recording at -20 dBFS, because it misses quiet singing; the gain then
    brings the RMS of what it found to `spec.loudness_db`, to the nearest tenth of a dB.
    """
    length = spec.rate * spec.vad_frame_ms // 1000
    level_db = _loud_level_db(samples, length)
    count = 1 + len(samples) // spec.hop
    if level_db < SILENCE_DB:
        return Voicing(frames=np.zeros(count, dtype=np.bool_), gain=1.0, level_db=level_db)
    rough = 10 ** ((_VAD_LEVEL_DB - level_db) / 20)
    blocks = _bridge(_speech_blocks(samples * rough, spec), spec.vad_merge_ms // spec.vad_frame_ms)
    centres = np.arange(count) * spec.hop // length
    frames = blocks[np.minimum(centres, len(blocks) - 1)] if len(blocks) else centres < 0
    return Voicing(
        frames=frames,
        gain=_voiced_gain(samples, blocks, length, spec, rough),
        level_db=level_db,
        clipped=flat_tops(samples),
    )


def flat_tops(samples: FloatArray) -> float:
    """Share of the samples over a tenth of the peak that lie in flat tops near it, 0 to 1.

    Near the peak (its 99.9th percentile, for resampling overshoots) is what lies within a tenth of
    it, flat what differs from the sample before by less than a fiftieth. A clipped recording needs
    not reach full scale: what comes after the clipping may have turned it down. Shape: (n,).
    """
    size = np.abs(samples)
    peak = float(np.percentile(size[:: max(1, len(size) // _SAMPLED)], 99.9)) if len(size) else 0.0
    loud = size > _LOUD_SHARE * peak
    if not loud.any():
        return 0.0
    flat = np.abs(np.diff(samples)) < _FLAT_SHARE * peak
    return float(np.count_nonzero(flat & (size[1:] > _TOP_SHARE * peak)) / np.count_nonzero(loud))


def _loud_level_db(samples: FloatArray, length: int) -> float:
    whole = len(samples) // length * length
    if not whole:
        return -np.inf
    power = np.mean(np.square(samples[:whole].reshape(-1, length), dtype=np.float64), axis=1)
    loud, loudest = 10 * np.log10(
        np.percentile(power, (_LOUD_PERCENTILE, _SPARSE_PERCENTILE)) + 1e-20
    )
    # Where someone sings for a twentieth of the recording or less, its loud parts are the room.
    return float(max(loud, loudest - _SPARSE_DROP_DB))


def _speech_blocks(samples: FloatArray, spec: FeatureSpec) -> NDArray[np.bool_]:
    import webrtcvad

    detector = webrtcvad.Vad(spec.vad_mode)
    length = spec.rate * spec.vad_frame_ms // 1000
    pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    starts = range(0, len(samples) // length * length * 2, length * 2)
    found = [detector.is_speech(pcm[at : at + length * 2], spec.rate) for at in starts]
    return np.array(found, dtype=np.bool_)


def _bridge(blocks: NDArray[np.bool_], gap: int) -> NDArray[np.bool_]:
    """Close holes shorter than `gap` blocks between voiced blocks."""
    closed = blocks.copy()
    voiced = np.flatnonzero(blocks)
    for before, after in pairwise(voiced):
        if after - before - 1 < gap:
            closed[before:after] = True
    return closed


def _voiced_gain(
    samples: FloatArray, blocks: NDArray[np.bool_], length: int, spec: FeatureSpec, rough: float
) -> float:
    if not blocks.any():
        return rough
    voiced = samples[: len(blocks) * length].reshape(-1, length)[blocks]
    power = float(np.mean(np.square(voiced, dtype=np.float64)))
    gain_db = spec.loudness_db - 10 * np.log10(power + 1e-20)
    # In steps, so that what was computed while singing mostly holds for the whole take.
    return float(10 ** (round(gain_db / _GAIN_STEP_DB) * _GAIN_STEP_DB / 20))
