"""What notes are read from: pitch and level every 10 ms, on a recording's own clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.notes import periods
from asa_desktop.core.notes.segment import segment_notes
from asa_desktop.core.notes.syllables import syllable_level
from asa_desktop.core.notes.tracker import HOP_S, fine_pitch
from asa_desktop.core.types import FloatArray, PitchTrack, SungNote

_FRAME = 480
_FLOOR = 1e-10


@dataclass(frozen=True)
class FineTrack:
    """Pitch and level of one recording, or its pitch alone.

    `syllable_db` is the level from 500 to 2000 Hz, in which consonants show; `level_db` that of
    all the sound, both over 30 ms. Shapes: as `pitch.hz`, (T,).
    """

    pitch: PitchTrack
    syllable_db: FloatArray | None = None
    level_db: FloatArray | None = None

    @cached_property
    def notes(self) -> tuple[SungNote, ...]:
        """The notes that were sung (`segment_notes`)."""
        return segment_notes(self.pitch, level_db=self.syllable_db)

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Plain arrays, for a cache; `from_arrays` reads them back."""
        arrays: dict[str, NDArray[np.generic]] = {
            "fine_hz": self.pitch.hz,
            "fine_confidence": self.pitch.confidence.astype(np.float16),
        }
        for name, level in (("syllable_db", self.syllable_db), ("level_db", self.level_db)):
            if level is not None:
                arrays[name] = level.astype(np.float16)
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> FineTrack:
        """Read what `to_arrays` gave. Raises KeyError or ValueError where it does not fit."""
        hz = np.asarray(arrays["fine_hz"], dtype=np.float32)
        confidence = np.asarray(arrays["fine_confidence"], dtype=np.float32)
        levels = [np.asarray(arrays[name], dtype=np.float32) for name in ("syllable_db", "level_db")]
        if any(each.shape != hz.shape for each in (confidence, *levels)):
            raise ValueError("arrays of different length")
        return cls(PitchTrack(HOP_S, hz, confidence), *levels)


def fine_track(samples: FloatArray, *, guide: PitchTrack, voiced: NDArray[np.bool_]) -> FineTrack:
    """The fine track of a recording.

    Parameters
    ----------
    samples
        Mono at 16 kHz. Shape: (n,).
    guide, voiced
        As in `fine_pitch`.
    """
    return FineTrack(
        pitch=fine_pitch(samples, rate=periods.RATE, guide=guide, voiced=voiced),
        syllable_db=syllable_level(samples, rate=periods.RATE),
        level_db=_level(samples),
    )


def _level(samples: FloatArray) -> FloatArray:
    """Power over 30 ms around each frame, in dB of full scale. Shape: (T,)."""
    count = 1 + len(samples) // periods.HOP
    padded = np.pad(samples.astype(np.float64), _FRAME)
    power = np.concatenate(([0.0], np.cumsum(np.square(padded))))
    first = np.arange(count) * periods.HOP + _FRAME - _FRAME // 2
    mean = (power[first + _FRAME] - power[first]) / _FRAME
    return np.asarray(10 * np.log10(np.maximum(mean, 0) + _FLOOR), dtype=np.float32)
