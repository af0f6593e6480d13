"""A piece of a recording made ready to be rendered: sound, F0 and notes."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from asa_desktop.core.errors import AudioError
from asa_training.corpus import Recording
from asa_training.manifest import decoded
from asa_training.render.engines import RATE
from asa_training.segment import FRAME_S, Array, SungNote, find_notes, track_f0

LONGEST_S = 50.0
_WANTED_S = 20.0
_SHORTEST_S = 0.1
_FEWEST_NOTES = 3


@dataclass(frozen=True, slots=True)
class Source:
    """`audio` (N,) at 16 kHz, `f0` (T,) in Hz on 5 ms frames; `start`, `end` in the recording.

    `sha256` is the file's.
    """

    id: str
    recording: Recording
    sha256: str
    start: float
    end: float
    audio: Array
    f0: Array
    notes: tuple[SungNote, ...]

    @property
    def content(self) -> str:
        """What tells the recording from any other: the file's sha256, and the channel."""
        channel = self.recording.channel
        return f"{self.sha256}-{channel}" if channel else self.sha256


def load_sources(recording: Recording, *, kept: Path | None = None) -> list[Source]:
    """The recording as one source, or cut in its silences where it is over 50 s long.

    F0 is the slow part: it is kept in the folder `kept`, by the recording's fingerprint. Pieces of
    fewer than three notes are left out.

    Raises
    ------
    AudioError
        ``bytes_differ`` where the file is not the one that its manifest lists, ``too_little_sung``
        where no piece has three notes; as `manifest.decoded`.
    PlaceError
        As `manifest.decoded`.
    """
    audio = _decoded(recording)
    sha256 = recording.sha256()
    if recording.listed not in ("", sha256):
        raise AudioError("bytes_differ", path=recording.path)
    if audio.size < _SHORTEST_S * RATE:
        raise AudioError("too_little_sung", path=recording.path)
    f0 = _kept_f0(audio, f"{sha256[:24]}{recording.channel}", kept)
    sources = []
    for n, (first, last) in enumerate(_cuts(f0, audio.size)):
        piece = f0[first:last]
        sound = audio[round(first * FRAME_S * RATE) : round(last * FRAME_S * RATE)]
        notes = find_notes(piece)
        if len(notes) < _FEWEST_NOTES:
            continue
        whole = last - first >= f0.size - 1
        sources.append(
            Source(
                id=recording.id if whole else f"{recording.id}-{n:02d}",
                recording=recording,
                sha256=sha256,
                start=first * FRAME_S,
                end=last * FRAME_S,
                audio=sound,
                f0=piece,
                notes=notes,
            )
        )
    if not sources:
        raise AudioError("too_little_sung", path=recording.path)
    return sources


def _decoded(recording: Recording) -> Array:
    import soxr

    audio = decoded(recording.path, recording.channel)
    return soxr.resample(audio.samples.mean(axis=0, dtype=np.float64), audio.rate, RATE)


def _kept_f0(audio: Array, name: str, kept: Path | None) -> Array:
    place = kept / f"{name}-harvest16k.npy" if kept else None
    if place and place.exists():
        return np.load(place)
    f0 = track_f0(audio, RATE)
    if place:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, suffix=".part", delete=False) as file:
            np.save(file, f0)
        Path(file.name).replace(place)
    return f0


def _cuts(f0: Array, samples: int) -> list[tuple[int, int]]:
    """Frame ranges: everything, or pieces of about 20 s that part where nothing is voiced."""
    frames = min(f0.size, int(samples / RATE / FRAME_S))
    if frames * FRAME_S <= LONGEST_S:
        return [(0, frames)]
    silent = f0 == 0
    cuts = [0]
    wanted = round(_WANTED_S / FRAME_S)
    while frames - cuts[-1] > 1.5 * wanted:
        low = cuts[-1] + wanted // 2
        window = silent[low : cuts[-1] + wanted * 3 // 2].astype(float)
        # The middle of the longest silence in reach.
        spread = np.convolve(window, np.ones(60), mode="same")
        cuts.append(low + int(np.argmax(spread)))
    return list(pairwise([*cuts, frames]))
