"""Numbers about a finished medley, from the files as they decode: levels, chords, pitch, drums."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.types import Note
from asa_training.demo.timeline import Stretch, Timeline
from asa_training.demo.voice import active_rms

F0_HOP_S = 0.005
# The edges of a note belong to the glide from its neighbour.
EDGE_S = 0.05


@dataclass(frozen=True, slots=True)
class SectionNumbers:
    """One section. Levels in dBFS (RMS of the sung part, and of the accompaniment beneath it).

    `chord_tones` is the share of sung time that the chord holds; `cents` the median deviation of
    F0 within the notes, `cents_off` the median of its size, `within_50` the share of frames
    within 50 cents; `notes_within_50` the same for the notes' own medians, by length.
    """

    song: str
    start_s: float
    seconds: float
    vocal_db: float
    accompaniment_db: float
    balance_db: float
    chord_tones: float
    lag_ms: float
    cents: float
    cents_off: float
    within_50: float
    notes_within_50: float


@dataclass(frozen=True, slots=True)
class MedleyNumbers:
    """The whole medley; peaks in dBFS, `mix_peak_db` with both files at their own level."""

    seconds: float
    accompaniment_peak_db: float
    accompaniment_db: float
    vocal_peak_db: float
    mix_peak_db: float
    sections: tuple[SectionNumbers, ...]

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""
        return asdict(self)


def measure(timeline: Timeline, folder: Path) -> MedleyNumbers:
    """Decode the two files in `folder` and hold them against the timeline."""
    import soundfile
    import soxr

    backing, rate = soundfile.read(folder / "accompaniment.ogg", always_2d=True)
    vocal, vocal_rate = soundfile.read(folder / "vocal.flac")
    f0 = _pitch(vocal, vocal_rate)
    sung = soxr.resample(vocal, vocal_rate, rate)
    both = min(len(sung), len(backing))
    mix = backing[:both] + sung[:both, None]
    return MedleyNumbers(
        seconds=round(len(backing) / rate, 3),
        accompaniment_peak_db=decibels(np.abs(backing).max()),
        accompaniment_db=decibels(np.sqrt(np.mean(backing**2))),
        vocal_peak_db=decibels(np.abs(vocal).max()),
        mix_peak_db=decibels(np.abs(mix).max()),
        sections=tuple(
            _section(timeline, section, backing, sung, rate, f0) for section in timeline.sections
        ),
    )


def _section(
    timeline: Timeline,
    section: Stretch,
    backing: NDArray[np.float64],
    sung: NDArray[np.float64],
    rate: int,
    f0: NDArray[np.float64],
) -> SectionNumbers:
    assert section.piece is not None
    notes = timeline.notes_of(section)
    start, end = int(notes[0].start * rate), int(notes[-1].end * rate)
    vocal_db = decibels(active_rms(sung[start:end], rate))
    backing_db = decibels(np.sqrt(np.mean(backing[start:end] ** 2)))
    cents, good_s, long_s = deviations(notes, f0)
    return SectionNumbers(
        song=section.piece.name,
        start_s=round(section.beat * timeline.beat_s, 3),
        seconds=round(section.beats * timeline.beat_s, 3),
        vocal_db=vocal_db,
        accompaniment_db=backing_db,
        balance_db=round(vocal_db - backing_db, 2),
        chord_tones=chord_tone_share(timeline, notes),
        lag_ms=round(section.piece.lag_s * 1000, 1),
        cents=round(float(np.median(cents)), 1),
        cents_off=round(float(np.median(np.abs(cents))), 1),
        within_50=round(float(np.mean(np.abs(cents) <= 50)), 3),
        notes_within_50=round(good_s / long_s, 3) if long_s else 0.0,
    )


def chord_tone_share(timeline: Timeline, notes: tuple[Note, ...]) -> float:
    """Share of the notes' time in which the chord of the moment holds their pitch class."""
    held = total = 0.0
    for note in notes:
        for moment in np.linspace(note.start, note.end, 48, endpoint=False):
            chord = timeline.chord_at(moment / timeline.beat_s)
            held += (note.end - note.start) * (round(note.midi) % 12 in chord.classes)
            total += note.end - note.start
    return round(held / total, 3) if total else 0.0


def deviations(
    notes: tuple[Note, ...], f0: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float, float]:
    """Cents of F0 (MIDI numbers at `F0_HOP_S`, NaN unvoiced) off the notes it is sung for.

    Returns every frame's cents, the time of the notes whose median is within 50 cents, and the
    time of all notes long enough (60 ms of pitch) to have one.
    """
    frames: list[NDArray[np.float64]] = []
    good_s = long_s = 0.0
    for note in notes:
        piece = f0[round((note.start + EDGE_S) / F0_HOP_S) : round((note.end - EDGE_S) / F0_HOP_S)]
        cents = (piece[~np.isnan(piece)] - note.midi) * 100.0
        frames.append(cents)
        if len(cents) * F0_HOP_S >= 0.06:
            long_s += note.end - note.start
            good_s += (note.end - note.start) * bool(abs(np.median(cents)) <= 50)
    joined = np.concatenate(frames) if frames else np.empty(0)
    return (joined if len(joined) else np.full(1, np.nan)), good_s, long_s


def _pitch(vocal: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    import pyworld

    rough, times = pyworld.dio(
        vocal, rate, f0_floor=60.0, f0_ceil=900.0, frame_period=F0_HOP_S * 1000
    )
    hz = pyworld.stonemask(vocal, rough, times, rate)
    return np.where(hz > 0, 69 + 12 * np.log2(np.maximum(hz, 1.0) / 440.0), np.nan)


def decibels(amplitude: float) -> float:
    """Amplitude in dBFS, rounded to hundredths."""
    return round(float(20 * np.log10(max(float(amplitude), 1e-9))), 2)
