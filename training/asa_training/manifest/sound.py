"""The sound at a place: a whole recording, or one channel of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from asa_desktop.core.errors import AudioError
from asa_desktop.core.types import FloatArray
from asa_training.manifest.places import CHANNELS, split_place


def voice_16k(place: str | Path) -> FloatArray:
    """Mono at 16 kHz, shape (n,): all channels' mean, or the channel that ``#left`` names.

    Raises
    ------
    AudioError, PlaceError
        As `core.audio.decode`; ``channel_not_there`` where a mono file is asked for a channel.
    """
    from asa_desktop.core.audio import ANALYSIS_RATE, decode, mono_16k, resample

    name, member = split_place(str(place))
    path = Path(name)
    if member not in CHANNELS:
        return mono_16k(path)
    audio = decode(path)
    if len(audio.samples) <= CHANNELS[member]:
        raise AudioError("channel_not_there", path=path, channel=member)
    one = np.ascontiguousarray(audio.samples[CHANNELS[member]])
    return resample(one, rate=audio.rate, to=ANALYSIS_RATE)
