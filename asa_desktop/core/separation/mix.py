"""A mix read twice, in pieces: surveyed first, then given out beside the voice in it.

Both come at the mix's own rate and with its channels, in whole steps of 24 bits, and what is left
of the mix without the voice is the accompaniment: added up, the two are the mix again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.audio import decoding, resample_blocks
from asa_desktop.core.errors import SeparationError
from asa_desktop.core.separation.overlap import Overlap, Separate
from asa_desktop.core.types import FloatArray

if TYPE_CHECKING:
    from asa_desktop.core.separation.weights import Network

Steps = NDArray[np.int32]

FULL = 1 << 23
"""Steps of 24 bits from silence to full scale."""

SILENT = 1e-4
"""A mix that never rises above this (-80 dB) holds nothing to separate."""

USUAL_RATE = 48_000
_FINEST_ODD_RATE = 65_535
_CANCELLED_OUT = 1e-2
_LOUDEST = 2.0


@dataclass(frozen=True, slots=True)
class Survey:
    """What a mix is like: `rate` is what its parts will have, `frames` their number at it.

    `gain` and `offset` bring it to the loudness that the network was trained on.
    """

    rate: int
    channels: int
    frames: int
    gain: float
    offset: float

    @property
    def seconds(self) -> float:
        return self.frames / self.rate

    @property
    def most_bytes(self) -> int:
        """What two parts take where nothing can be compressed."""
        return 2 * 3 * self.channels * self.frames


def rate_of_parts(rate: int) -> int:
    """The mix's own rate, where FLAC has it: above 65,535 Hz only multiples of ten."""
    return USUAL_RATE if rate > _FINEST_ODD_RATE and rate % 10 else rate


def survey(path: Path) -> Survey:
    """Read a mix through. Errors as `audio.decode`, and SeparationError ``mix_silent``."""
    frames, peak = 0, 0.0
    total = squares = middle_squares = 0.0
    with decoding(path) as stream:
        rate, channels = stream.rate, stream.channels
        for block in resample_blocks(stream, to=rate_of_parts(rate)):
            middle = block.mean(axis=0, dtype=np.float64)
            frames += block.shape[1]
            peak = max(peak, float(np.abs(block).max(initial=0.0)))
            total += float(middle.sum())
            middle_squares += float(np.square(middle).sum())
            squares += float(np.square(block, dtype=np.float64).mean(axis=0).sum())
    if peak < SILENT or not frames:
        raise SeparationError("mix_silent", path=path)
    mean = total / frames
    deviation = np.sqrt(max(middle_squares / frames - mean**2, 0.0))
    level = np.sqrt(squares / frames)
    # Two channels of opposite sign have no middle to go by.
    gain = float(deviation if deviation > _CANCELLED_OUT * level else level)
    return Survey(rate_of_parts(rate), channels, frames, gain, mean)


def taken_apart(
    path: Path, known: Survey, network: Network, separate: Separate
) -> Iterator[tuple[Steps, Steps]]:
    """The voice and the accompaniment in steps of 24 bits, piece by piece, (channels, n) each.

    Together they are as long as the survey says and add up to the mix, step by step. Errors as
    `audio.decode`, and of `separate`.
    """
    mix = _Waiting(known.channels)
    voices = _voices(path, known, network, separate, mix)
    given = 0
    for sung in voices:
        voice = sung[:, : min(known.frames, mix.end) - given]
        yield _both(mix.take(voice.shape[1]), voice)
        given += voice.shape[1]
    # Resampled there and back, a voice may lack a few frames: silence.
    rest = mix.take(known.frames - given)
    if rest.shape[1]:
        yield _both(rest, np.zeros_like(rest))


class _Waiting:
    """Sound of the mix that the voice has not come up to yet; `end` counts all that came."""

    def __init__(self, channels: int) -> None:
        self._blocks: list[FloatArray] = [np.zeros((channels, 0), np.float32)]
        self.end = 0

    def put(self, block: FloatArray) -> None:
        self._blocks.append(block)
        self.end += block.shape[1]

    def take(self, frames: int) -> FloatArray:
        whole = np.concatenate(self._blocks, axis=1)
        self._blocks = [whole[:, frames:]]
        return whole[:, :frames]


def _voices(
    path: Path, known: Survey, network: Network, separate: Separate, mix: _Waiting
) -> Iterator[FloatArray]:
    """The voice at the mix's rate; what was read of the mix by then is put into `mix`."""
    import soxr

    overlap = Overlap(
        separate,
        channels=network.channels,
        segment=network.segment,
        gain=known.gain,
        offset=known.offset,
    )
    apart = network.rate != known.rate
    if apart:
        there = soxr.ResampleStream(known.rate, network.rate, network.channels, dtype="float32")
        back = soxr.ResampleStream(network.rate, known.rate, network.channels, dtype="float32")

    def through(block: FloatArray, *, last: bool) -> FloatArray:
        if apart:
            block = np.ascontiguousarray(there.resample_chunk(block.T, last=last).T)
        voice = overlap.feed(block)
        if last:
            voice = np.concatenate([voice, overlap.finish()], axis=1)
        if apart:
            voice = np.ascontiguousarray(back.resample_chunk(voice.T, last=last).T)
        return _with_channels(voice, known.channels)

    with decoding(path) as stream:
        for block in resample_blocks(stream, to=known.rate):
            mix.put(block)
            voice = through(_with_channels(block, network.channels), last=False)
            if voice.shape[1]:
                yield voice
    yield through(np.zeros((network.channels, 0), np.float32), last=True)


def _with_channels(sound: FloatArray, channels: int) -> FloatArray:
    """Mono as two equal channels, two as their mean."""
    if sound.shape[0] == channels:
        return sound
    if channels == 1:
        return np.asarray(sound.mean(axis=0, keepdims=True, dtype=np.float32), np.float32)
    return np.repeat(sound, channels, axis=0)


def _both(mix: FloatArray, voice: FloatArray) -> tuple[Steps, Steps]:
    """In steps, and so that neither leaves the scale: the voice gives way where it would.

    Decoded MP3 rises above full scale; what is above twice that is cut.
    """
    whole = _steps(mix)
    lowest = np.maximum(-FULL, whole - (FULL - 1))
    highest = np.minimum(FULL - 1, whole + FULL)
    sung = np.clip(_steps(voice), lowest, highest).astype(np.int32)
    return sung, whole - sung


def _steps(sound: FloatArray) -> Steps:
    scaled = np.rint(np.clip(sound, -_LOUDEST, _LOUDEST).astype(np.float64) * FULL)
    return np.clip(scaled, 2 - 2 * FULL, 2 * FULL - 2).astype(np.int32)
