"""What is drawn of one take: an analysis as lines, maps and numbers, small enough to keep.

Numbers only, no window system, so that a worker can make it and send it. The maps of an
`Analysis` of three hours take 0.5 GB as floats; a sheet holds them as bytes, a quarter of that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.types import (
    Alignment,
    Analysis,
    Attribute,
    Case,
    ClipScore,
    Note,
    NoteKind,
    Notice,
    Overall,
    Pictures,
    SystemScore,
)
from asa_desktop.services.report.histogram import PitchHistogram, pitch_histogram
from asa_desktop.services.report.maps import CHROMA_RANGE, MEL_RANGE
from asa_desktop.services.report.pitch_plot import moved, pitch_axis
from asa_desktop.services.report.pitches import sung_midi
from asa_desktop.services.report.rows import duration
from asa_desktop.ui.plots.heat import HeatMap
from asa_desktop.ui.plots.line import PitchLine

_UNPITCHED = (NoteKind.RAP, NoteKind.GOLDEN_RAP, NoteKind.FREESTYLE)
_TRUSTED = 0.1


@dataclass(frozen=True, slots=True)
class Distance:
    """How far the take lies from what it is held against, in cents, where both have a pitch.

    `median` is signed, `scatter` the median absolute deviation from it, `seconds` how long both
    had a pitch.
    """

    median: float
    scatter: float
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One take, ready to be drawn. Times are on the take's clock; pitches MIDI numbers.

    Original and notes are moved by `moved` whole semitones, to lie in the singer's key.
    """

    seconds: float
    status: str
    reason: str | None
    overall: Overall
    clips: tuple[ClipScore, ...]
    case: Case | None
    alignment: Alignment
    model: str | None
    moved: int
    low: float
    high: float
    voice: Pictures
    original_voice: Pictures | None
    take: PitchLine
    original: PitchLine | None
    notes: tuple[Note, ...]
    chroma: HeatMap
    original_chroma: HeatMap | None
    mel: HeatMap
    notices: tuple[Notice, ...] = ()
    systems: Mapping[str, SystemScore] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)

    @classmethod
    def of(cls, analysis: Analysis) -> Sheet:
        """Everything that the review draws of an analysis; the analysis can be let go."""
        pictures, reference = analysis.take_pictures, analysis.reference_pictures
        shift, axis = moved(analysis), pitch_axis(analysis)
        ends = [each.clip.end for each in analysis.clips]
        return cls(
            seconds=max([duration(pictures), *ends, 1.0]),
            status=analysis.status,
            reason=analysis.reason,
            overall=analysis.overall,
            clips=analysis.clips,
            case=analysis.case,
            alignment=analysis.alignment,
            model=analysis.model,
            moved=shift,
            low=axis.low,
            high=axis.high,
            voice=_without_maps(pictures),
            original_voice=None if reference is None else _without_maps(reference),
            take=_line(pictures, 0),
            original=None if reference is None else _line(reference, shift),
            notes=_notes(analysis, shift),
            chroma=_chroma(pictures),
            original_chroma=None if reference is None else _chroma(reference),
            mel=HeatMap.of(pictures.mel, hop_s=pictures.hop_s, limits=MEL_RANGE),
            notices=analysis.notices,
            systems=analysis.systems,
            attributes=analysis.attributes,
        )

    @property
    def nbytes(self) -> int:
        """Memory of maps and lines."""
        maps = (self.chroma, self.original_chroma, self.mel)
        lines = (self.take, self.original)
        voices = (self.voice, self.original_voice)
        return (
            sum(each.nbytes for each in maps if each is not None)
            + sum(each.midi.nbytes * 3 for each in lines if each is not None)
            + sum(
                each.pitch.hz.nbytes + each.pitch.confidence.nbytes + each.voiced.nbytes
                for each in voices
                if each is not None
            )
        )

    def histograms(
        self, start: float | None = None, end: float | None = None
    ) -> tuple[PitchHistogram, PitchHistogram | None]:
        """Pitch histograms of take and original, of the whole or of what lies between two times."""
        take = pitch_histogram(_between(self.voice, start, end))
        if self.original_voice is None:
            return take, None
        other = pitch_histogram(_between(self.original_voice, start, end))
        if other.median is not None:
            other = replace(other, median=other.median + self.moved)
        return take, other

    def distance(self, start: float, end: float) -> Distance | None:
        """From the original where it sings, else from the notes; None where there is too little."""
        hop = self.take.hop_s
        first, last = _window(start, end, hop, len(self.take.midi))
        ours = self.take.midi[first:last].astype(np.float64)
        if self.original is not None:
            if abs(self.original.hop_s - hop) > 1e-9:
                return None
            theirs = np.full(len(ours), np.nan)
            known = self.original.midi[first:last]
            theirs[: len(known)] = known
        else:
            frames = np.arange(first, first + len(ours), dtype=np.float64)
            theirs = self._notes_at(np.asarray(frames * hop, np.float64))
        cents = (ours - theirs) * 100
        cents = cents[np.isfinite(cents)]
        if not len(cents) or len(cents) < _TRUSTED * (last - first):
            return None
        median = float(np.median(cents))
        scatter = float(np.median(np.abs(cents - median)))
        return Distance(median, scatter, seconds=len(cents) * hop)

    def _notes_at(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        midi = np.full(len(times), np.nan)
        if len(times):
            for note in self.notes:
                if note.end > times[0] and note.start <= times[-1]:
                    midi[(times >= note.start) & (times < note.end)] = note.midi
        return midi


def _line(pictures: Pictures, shift: int) -> PitchLine:
    return PitchLine.of(sung_midi(pictures) + shift, hop_s=pictures.pitch.hop_s)


def _chroma(pictures: Pictures) -> HeatMap:
    """Chroma where it sings: frames are scaled to their maximum, silence would be brightest."""
    return HeatMap.of(
        pictures.chroma, hop_s=pictures.hop_s, limits=CHROMA_RANGE, shown=pictures.voiced
    )


def _notes(analysis: Analysis, shift: int) -> tuple[Note, ...]:
    if analysis.melody is None:
        return ()
    offset_s = analysis.alignment.notes_s
    return tuple(
        replace(note, start=note.start + offset_s, end=note.end + offset_s, midi=note.midi + shift)
        for note in analysis.melody.notes
        if note.kind not in _UNPITCHED
    )


def _without_maps(pictures: Pictures) -> Pictures:
    nothing = np.zeros((96, 0), np.float32)
    return replace(pictures, chroma=nothing, mel=nothing)


def _between(voice: Pictures, start: float | None, end: float | None) -> Pictures:
    if start is None or end is None:
        return voice
    first, last = _window(start, end, voice.pitch.hop_s, len(voice.pitch.hz))
    pitch = replace(
        voice.pitch, hz=voice.pitch.hz[first:last], confidence=voice.pitch.confidence[first:last]
    )
    first, last = _window(start, end, voice.hop_s, len(voice.voiced))
    return replace(voice, pitch=pitch, voiced=voice.voiced[first:last])


def _window(start: float, end: float, hop_s: float, count: int) -> tuple[int, int]:
    first = min(max(math.ceil(start / hop_s - 1e-6), 0), count)
    return first, min(max(math.ceil(end / hop_s - 1e-6), first), count)
