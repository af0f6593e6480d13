"""The WORLD vocoder (Morise, Yokomori, Ozawa 2016), through pyworld: the engine of training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asa_training.render.engines import RATE
from asa_training.segment import FLOOR_HZ, FRAME_S, Array


@dataclass(frozen=True, slots=True)
class Vocoded:
    """Log envelope and aperiodicity of a recording, both (T, bins), and its length in samples."""

    envelope: NDArray[np.float32]
    aperiodicity: NDArray[np.float32]
    samples: int


class World:
    """Envelope and aperiodicity are read at the source time and driven by the new F0."""

    name = "world"

    def prepare(self, audio: Array, f0: Array) -> Vocoded:
        """See `Engine.prepare`."""
        import pyworld

        times = np.arange(f0.size) * FRAME_S
        audio = np.ascontiguousarray(audio, dtype=np.float64)
        f0 = np.ascontiguousarray(f0, dtype=np.float64)
        envelope = pyworld.cheaptrick(audio, f0, times, RATE, f0_floor=FLOOR_HZ)
        size = (envelope.shape[1] - 1) * 2
        aperiodicity = pyworld.d4c(audio, f0, times, RATE, fft_size=size)
        return Vocoded(
            envelope=np.log(np.maximum(envelope, 1e-14)).astype(np.float32),
            aperiodicity=aperiodicity.astype(np.float32),
            samples=audio.size,
        )

    def render(self, source: Vocoded, *, f0: Array, source_time: Array, formant: float) -> Array:
        """See `Engine.render`."""
        import pyworld

        frames = source.envelope.shape[0]
        place = np.clip(source_time / FRAME_S, 0, frames - 1)
        below = np.minimum(place.astype(int), frames - 1)
        above = np.minimum(below + 1, frames - 1)
        part = (place - below).astype(np.float32)[:, None]
        envelope = source.envelope[below] * (1 - part) + source.envelope[above] * part
        # Aperiodicity jumps at the edges of voicing; a blend of both would buzz.
        aperiodicity = source.aperiodicity[np.where(part[:, 0] < 0.5, below, above)]
        if formant != 1.0:
            envelope = _scaled(envelope, formant)
            aperiodicity = _scaled(aperiodicity, formant)
        sound = pyworld.synthesize(
            np.ascontiguousarray(f0, dtype=np.float64),
            np.exp(envelope.astype(np.float64)),
            np.clip(aperiodicity.astype(np.float64), 0.0, 1.0),
            RATE,
            FRAME_S * 1000,
        )
        fitted = np.zeros(source.samples)
        size = min(sound.size, source.samples)
        fitted[:size] = sound[:size]
        return fitted


def _scaled(rows: NDArray[np.float32], ratio: float) -> NDArray[np.float32]:
    """Read every row (bins,) at bin / ratio; what lies above the last bin repeats it."""
    bins = rows.shape[1]
    place = np.minimum(np.arange(bins) / ratio, bins - 1)
    below = place.astype(int)
    above = np.minimum(below + 1, bins - 1)
    part = (place - below).astype(np.float32)
    # take, unlike indexing, leaves the rows contiguous, which pyworld insists on
    return rows.take(below, axis=1) * (1 - part) + rows.take(above, axis=1) * part
