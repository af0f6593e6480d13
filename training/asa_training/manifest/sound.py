"""The sound at a place: a whole recording, or one channel of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from asa_desktop.core.audio import ANALYSIS_RATE, Audio, decode, mono_16k, resample
from asa_desktop.core.errors import AudioError
from asa_desktop.core.types import FloatArray
from asa_training.manifest.places import CHANNELS, split_place


def decoded(path: Path, channel: str = "") -> Audio:
    """A recording at its own rate: all channels, or the one that is named, "left" or "right".

    Raises
    ------
    AudioError, PlaceError
        As `core.audio.decode`; ``channel_not_there`` where a mono file is asked for a channel.
    """
    audio = decode(path)
    if not channel:
        return audio
    if len(audio.samples) <= CHANNELS[channel]:
        raise AudioError("channel_not_there", path=path, channel=channel)
    return Audio(audio.samples[[CHANNELS[channel]]], audio.rate)


def voice_16k(place: str | Path) -> FloatArray:
    """Mono at 16 kHz, shape (n,): all channels' mean, or the channel that ``#left`` names.

    Raises as `decoded`.
    """
    name, member = split_place(str(place))
    path = Path(name)
    if member not in CHANNELS:
        return mono_16k(path)
    audio = decoded(path, member)
    return resample(np.ascontiguousarray(audio.samples[0]), rate=audio.rate, to=ANALYSIS_RATE)
