"""How loud a voice is where it sings, so that two can be heard side by side at equal loudness."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from asa_desktop.core.types import FloatArray

TARGET_DB = -20.0
"""The loudness, in dB of full scale, at which voices are played; a peak below -1 dB goes first."""

_BLOCK_S = 0.4
_GATE_DB = -20.0
_FLOOR = 1e-6
_PEAK = 10 ** (-1 / 20)
_MOST_GAIN = 10 ** (30 / 20)


def playing_gain(path: Path) -> float:
    """The factor by which a recording is played at `TARGET_DB`; 1 where it is silent.

    `path` is one of our own files that libsndfile reads (see `services.playback`). Its loudness
    is the mean power of the blocks of 0.4 s that are at most 20 dB below the loudest: breaths
    and pauses do not count. A simple relative of ITU-R BS.1770, without its filter.
    """
    powers: list[float] = []
    peak = 0.0
    with soundfile.SoundFile(path) as file:
        for block in file.blocks(round(_BLOCK_S * file.samplerate), dtype="float32"):
            sound = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
            powers.append(float(np.mean(np.square(sound))))
            peak = max(peak, float(np.max(np.abs(sound), initial=0.0)))
    return gain_for(np.array(powers, np.float32), peak)


def gain_for(powers: FloatArray, peak: float) -> float:
    """The same from the mean powers of the blocks, shape (n,), and the highest sample."""
    if not len(powers) or float(powers.max()) < _FLOOR**2 or peak <= 0:
        return 1.0
    loud = powers[powers >= powers.max() * 10 ** (_GATE_DB / 10)]
    gain = float(10 ** (TARGET_DB / 20) / np.sqrt(np.mean(loud)))
    return min(gain, _PEAK / peak, _MOST_GAIN)
