"""What notes are read from: pitch and level every 10 ms, on a recording's own clock."""

from __future__ import annotations

import hashlib
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

_GUIDE_HOP = 512
_BLOCK, _AROUND = 800, 112
"""Both lie on frames of the guide: 250 and 35 of them."""

Block = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
Memo = dict[bytes, Block]
"""Blocks that were computed: pitch, its confidence, and both levels."""


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

    def frames(self, start: float, end: float) -> slice:
        """The frames from `start` to `end` in seconds."""
        return slice(*(max(round(each / self.pitch.hop_s), 0) for each in (start, end)))

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
        levels = [
            np.asarray(arrays[name], dtype=np.float32) for name in ("syllable_db", "level_db")
        ]
        if any(each.shape != hz.shape for each in (confidence, *levels)):
            raise ValueError("arrays of different length")
        return cls(PitchTrack(HOP_S, hz, confidence), *levels)


def fine_track(
    samples: FloatArray, *, guide: PitchTrack, voiced: NDArray[np.bool_], memo: Memo | None = None
) -> FineTrack:
    """The fine track of a recording, in blocks of 8 s, each with 1.1 s of what lies around it.

    Parameters
    ----------
    samples
        Mono at 16 kHz. Shape: (n,).
    guide, voiced
        As in `fine_pitch`; the guide's frames are 512 samples apart.
    memo
        Keeps the blocks for when the recording has grown; those of another sound or guide are
        dropped.
    """
    count = 1 + len(samples) // periods.HOP
    known: Memo = {} if memo is None else dict(memo)
    used: Memo = {}
    parts = []
    for first in range(0, count, _BLOCK):
        window = _Window.around(first, count)
        name = window.name(samples, guide, voiced)
        if name not in known:
            known[name] = _of_window(window, samples, guide, voiced)
        used[name] = known[name]
        parts.append(known[name])
    if memo is not None:
        memo.clear()
        memo.update(used)
    hz, confidence, syllable_db, level_db = (
        np.concatenate(each).astype(np.float32) for each in zip(*parts, strict=True)
    )
    return FineTrack(PitchTrack(HOP_S, hz, confidence), syllable_db, level_db)


@dataclass(frozen=True, slots=True)
class _Window:
    """Frames `first` to `last`, and how many before them are looked at, too."""

    first: int
    last: int
    before: int

    @classmethod
    def around(cls, first: int, count: int) -> _Window:
        return cls(first, min(first + _BLOCK, count), min(first, _AROUND))

    @property
    def samples(self) -> slice:
        return slice((self.first - self.before) * periods.HOP, (self.last + _AROUND) * periods.HOP)

    @property
    def guide(self) -> slice:
        inside = self.samples
        return slice(inside.start // _GUIDE_HOP, 1 + inside.stop // _GUIDE_HOP)

    def name(self, samples: FloatArray, guide: PitchTrack, voiced: NDArray[np.bool_]) -> bytes:
        """One that two windows share only where all that is read in them is the same."""
        digest = hashlib.blake2b(repr(self).encode(), digest_size=16)
        digest.update(np.ascontiguousarray(samples[self.samples]).data)
        for each in (guide.hz, guide.confidence, voiced):
            digest.update(np.ascontiguousarray(each[self.guide]).data)
        return digest.digest()


def _of_window(
    window: _Window, samples: FloatArray, guide: PitchTrack, voiced: NDArray[np.bool_]
) -> Block:
    sound = samples[window.samples]
    part = window.guide
    pitch = fine_pitch(
        sound,
        rate=periods.RATE,
        guide=PitchTrack(guide.hop_s, guide.hz[part], guide.confidence[part]),
        voiced=voiced[part],
    )
    kept = slice(window.before, window.before + window.last - window.first)
    syllable_db = syllable_level(sound, rate=periods.RATE)
    return pitch.hz[kept], pitch.confidence[kept], syllable_db[kept], _level(sound)[kept]


def _level(samples: FloatArray) -> FloatArray:
    """Power over 30 ms around each frame, in dB of full scale. Shape: (T,)."""
    count = 1 + len(samples) // periods.HOP
    padded = np.pad(samples.astype(np.float64), _FRAME)
    power = np.concatenate(([0.0], np.cumsum(np.square(padded))))
    first = np.arange(count) * periods.HOP + _FRAME - _FRAME // 2
    mean = (power[first + _FRAME] - power[first]) / _FRAME
    return np.asarray(10 * np.log10(np.maximum(mean, 0) + _FLOOR), dtype=np.float32)
