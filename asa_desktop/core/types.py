"""The frozen values that travel between the layers. Times are seconds, pitches MIDI numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


class NoteKind(StrEnum):
    """UltraStar's kinds of note; all but `FREESTYLE` are judged, `RAP` without its pitch."""

    NORMAL = "normal"
    GOLDEN = "golden"
    FREESTYLE = "freestyle"
    RAP = "rap"
    GOLDEN_RAP = "golden_rap"


TUNEFUL = (NoteKind.NORMAL, NoteKind.GOLDEN)
"""Kinds of note that have a pitch of their own."""


@dataclass(frozen=True, slots=True)
class Note:
    """One target note: `start` and `end` on the song's clock, `line` the lyric line it is in."""

    start: float
    end: float
    midi: float
    syllable: str = ""
    kind: NoteKind = NoteKind.NORMAL
    line: int = 0


@dataclass(frozen=True, slots=True)
class Melody:
    """Target notes in time order. `beat_s` is the grid on which karaoke scoring decides."""

    notes: tuple[Note, ...]
    beat_s: float
    source: Path | None = None
    voice: str = ""


@dataclass(frozen=True, slots=True)
class LyricLine:
    """One line of the lyrics; `words` holds (start, text) where the source times each word."""

    start: float
    text: str
    words: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader repaired or had to guess: a code and its facts, as in an error."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Song:
    """What can be sung. Every part but the title may be missing, and `notices` says so.

    `offset_s` is where the song's clock starts in the accompaniment and vocal files. `start_s` to
    `end_s` (None: the end) is the part to be sung, on the song's clock.
    """

    title: str
    artist: str = ""
    language: str = ""
    folder: Path | None = None
    accompaniment: Path | None = None
    vocal: Path | None = None
    mix: Path | None = None
    melody: Melody | None = None
    lyrics: tuple[LyricLine, ...] = ()
    offset_s: float = 0.0
    notices: tuple[Notice, ...] = ()
    start_s: float = 0.0
    end_s: float | None = None

    @property
    def accompanied(self) -> bool:
        """Whether there is an accompaniment to sing over."""
        return self.accompaniment is not None or self.mix is not None


@dataclass(frozen=True, slots=True)
class PitchTrack:
    """F0 of a recording on frames of `hop_s`.

    `hz` is 0 where no pitch was found; `confidence` is the tracker's own, 0 to 1. Shapes: (T,).
    """

    hop_s: float
    hz: FloatArray
    confidence: FloatArray


@dataclass(frozen=True, slots=True)
class Clip:
    """One window on the song's clock, and how much of it was voiced and pitched (0 to 1)."""

    index: int
    start: float
    end: float
    voiced: float
    pitched: float


@dataclass(frozen=True, slots=True)
class AttributePlace:
    """A place in a take where one of its attributes falls short.

    `start` to `end` lie on the clock of the clips; `code` says what is wrong there, `value` by how
    much, in the unit that goes with the code; `midi` is the pitch that was meant there, in the key
    of the take, where that is known.
    """

    start: float
    end: float
    code: str
    value: float
    midi: float | None = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """One property of the singing: `value` as measured, in `unit`, and its `score`, 0 to 100.

    `confidence` (0 to 1) tells how much of the take speaks for it. Where there is no score,
    `reason` is a code that tells why. `detail` holds further measures by name.
    """

    score: float | None
    value: float | None
    unit: str
    confidence: float
    places: tuple[AttributePlace, ...] = ()
    detail: Mapping[str, float] = field(default_factory=dict)
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ClipScore:
    """A clip with its score, 0 to 100, or None and the reason (a code, worded elsewhere).

    `parts` are what the score is made of, by name (attributes, and ``likeness`` for the network),
    0 to 100 each. `channels` tells for each channel of the network's image by how many points the
    clip would lie higher if the take had the reference's.
    """

    clip: Clip
    score: float | None
    reason: str | None = None
    cosine: float | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    channels: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Overall:
    """The take's score, and the range in which its mean lies (90 % over its clips)."""

    score: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Alignment:
    """How the take lies to the song.

    `offset_s` is where the song's clock starts in the take, `tempo` how much faster it is sung,
    `key` by how many semitones it lies above the reference. Where the take was aligned first
    (case ``free``), `missing` are stretches of the reference that were not sung, on the song's
    clock, `added` stretches of the take that the reference does not have, on the take's own
    clock, and `confidence` tells how sure the alignment is, 0 to 1 (None: not measured). `path`
    are moments of the song and where they lie in the take, in seconds, where the take was moved to
    be compared; what is drawn of it then lies on the song's clock, and `melody_s` is where the
    notes' clock starts on it.
    """

    offset_s: float = 0.0
    tempo: float = 1.0
    key: float | None = None
    missing: tuple[tuple[float, float], ...] = ()
    added: tuple[tuple[float, float], ...] = ()
    confidence: float | None = None
    path: tuple[tuple[float, float], ...] = ()
    melody_s: float | None = None

    @property
    def notes_s(self) -> float:
        """Where the notes' clock starts on the clock of what is drawn."""
        return self.offset_s if self.melody_s is None else self.melody_s

    @property
    def begins_s(self) -> float:
        """Where on the clock of what is drawn, which clips lie on, the take begins."""
        return self.notes_s - self.offset_s * self.tempo


@dataclass(frozen=True, slots=True)
class SungNote:
    """One note as it was sung: `midi` is the median pitch of its middle, fractional.

    `start` and `end` are seconds on the clock of the F0 track it was read from, `confidence` the
    mean confidence of its frames.
    """

    start: float
    end: float
    midi: float
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class TakeTiming:
    """How a recording lies to its song: second t of it is second
    ``start_s + (t - latency_s) / clock_ratio`` of the song's files.

    `latency_s` is the round trip from speakers to recording, `clock_ratio` how much faster the
    microphone's clock ran than the song's, `start_s` where in the song it began. `gaps` are
    (start, end) in the recording where the microphone was away. `delay_from` tells how the latency
    came about: stamps, chirps, taps, given, or "" where that is not known.
    """

    latency_s: float = 0.0
    clock_ratio: float = 1.0
    start_s: float = 0.0
    gaps: tuple[tuple[float, float], ...] = ()
    delay_from: str = ""


Case = Literal["in_step", "free", "notes"]


@dataclass(frozen=True, slots=True)
class SystemScore:
    """What one of the further systems says: its raw `value` in `unit`, mapped to 0-100.

    Where there is neither, `reason` is a code that tells why.
    """

    score: float | None
    value: float | None
    unit: str
    detail: Mapping[str, float] = field(default_factory=dict)
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Pictures:
    """What is drawn of one recording. Shapes: `chroma` and `mel` (96, T), `voiced` (T,).

    `chroma` runs from C upwards, 8 rows a semitone; `mel` is in dB after levelling.
    """

    hop_s: float
    pitch: PitchTrack
    chroma: FloatArray
    mel: FloatArray
    voiced: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that one run found out about one take, on the song's clock, to which `timing` put it."""

    take: str
    song: str
    status: Literal["scored", "not_scored"]
    reason: str | None
    overall: Overall
    clips: tuple[ClipScore, ...]
    case: Case | None
    alignment: Alignment
    model: str | None
    features: str
    take_pictures: Pictures
    reference_pictures: Pictures | None = None
    melody: Melody | None = None
    systems: Mapping[str, SystemScore] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    timing: TakeTiming = TakeTiming()
    timings: Mapping[str, float] = field(default_factory=dict)
