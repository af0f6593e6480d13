"""Lays intro, sections, links and ending on one clock of beats, with chords and melody."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from asa_desktop.core.errors import SongError
from asa_desktop.core.types import Note
from asa_training.demo.harmony import SLOT_BEATS, Chord, harmonise
from asa_training.demo.plan import BEATS_A_BAR, MedleyPlan, SectionPlan
from asa_training.demo.score import Piece, ScoreNote

LINE_REST_BEATS = 0.5


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of bars played in one way: `role` is intro, section, link or ending."""

    role: str
    feel: str
    beat: float
    chords: tuple[Chord, ...]
    piece: Piece | None = None
    plan: SectionPlan | None = None

    @property
    def beats(self) -> float:
        """Its length; one chord a half bar."""
        return float(len(self.chords) * SLOT_BEATS)

    @property
    def source_beat(self) -> float:
        """Beat in the piece's own score on which the stretch begins."""
        return float(self.plan.first_bar * BEATS_A_BAR) if self.plan else 0.0


@dataclass(frozen=True, slots=True)
class Timeline:
    """The medley in beats. `melody` is on the clock of all its files, in seconds."""

    bpm: float
    stretches: tuple[Stretch, ...]
    melody: tuple[Note, ...]

    @property
    def beat_s(self) -> float:
        """Seconds in a beat."""
        return 60.0 / self.bpm

    @property
    def beats(self) -> float:
        """Length without the last chord's tail."""
        return sum(stretch.beats for stretch in self.stretches)

    @property
    def sections(self) -> tuple[Stretch, ...]:
        """The stretches that are sung."""
        return tuple(stretch for stretch in self.stretches if stretch.role == "section")

    def chord_at(self, beat: float) -> Chord:
        """The chord that sounds at `beat`; the last one after the end."""
        for stretch in self.stretches:
            if beat < stretch.beat + stretch.beats:
                return stretch.chords[max(int((beat - stretch.beat) // SLOT_BEATS), 0)]
        return self.stretches[-1].chords[-1]

    def notes_of(self, section: Stretch) -> tuple[Note, ...]:
        """The melody's notes that begin within `section`."""
        start, end = section.beat * self.beat_s, (section.beat + section.beats) * self.beat_s
        return tuple(note for note in self.melody if start - 1e-6 <= note.start < end - 1e-6)


def lay_out(plan: MedleyPlan, pieces: dict[str, Piece]) -> Timeline:
    """Place the plan's songs one after the other.

    Raises
    ------
    SongError
        ``demo_song_unfit``: a song's tempo, bars or lyric lines contradict the plan.
    """
    first, last = plan.sections[0], plan.sections[-1]
    stretches = [Stretch("intro", first.feel, 0.0, _intro(first.tonic, plan.intro_bars))]
    melody: list[Note] = []
    for index, section in enumerate(plan.sections):
        if index:
            end = stretches[-1].beat + stretches[-1].beats
            feel = plan.sections[index - 1].feel
            stretches.append(Stretch("link", feel, end, _turn(section.tonic)))
        beat = stretches[-1].beat + stretches[-1].beats
        piece = pieces[section.song]
        notes = _taken(piece, section, plan.bpm)
        chords = harmonise(
            notes,
            tonic=section.tonic,
            first_beat=section.first_bar * BEATS_A_BAR,
            bars=section.bars,
        )
        placed = Stretch("section", section.feel, beat, chords, piece, section)
        stretches.append(placed)
        melody += _placed(placed, notes, plan.bpm, melody[-1].line + 1 if melody else 0)
    end = stretches[-1].beat + stretches[-1].beats
    stretches.append(Stretch("ending", last.feel, end, _ending(last.tonic, plan.ending_bars)))
    return Timeline(plan.bpm, tuple(stretches), tuple(melody))


def _taken(piece: Piece, section: SectionPlan, bpm: float) -> tuple[ScoreNote, ...]:
    start = section.first_bar * BEATS_A_BAR
    end = start + section.bars * BEATS_A_BAR
    notes = tuple(note for note in piece.notes if start <= note.beat < end)
    if abs(piece.bpm - bpm) > 0.01:
        raise SongError("demo_song_unfit", song=piece.name, what="tempo")
    if not notes or notes[-1].beat + notes[-1].length > end:
        raise SongError("demo_song_unfit", song=piece.name, what="bars")
    if section.lines and sum(section.lines) != len(notes):
        raise SongError("demo_song_unfit", song=piece.name, what="lines")
    return notes


def _placed(
    section: Stretch, notes: tuple[ScoreNote, ...], bpm: float, first_line: int
) -> list[Note]:
    shift = section.beat - section.source_beat
    lines = _lines(notes, section.plan.lines if section.plan else ())
    return [
        Note(
            start=(note.beat + shift) * 60.0 / bpm,
            end=(note.beat + note.length + shift) * 60.0 / bpm,
            midi=float(note.midi),
            syllable=note.syllable,
            line=first_line + line,
        )
        for note, line in zip(notes, lines, strict=True)
    ]


def _lines(notes: tuple[ScoreNote, ...], lengths: tuple[int, ...]) -> list[int]:
    """Line number of each note, from the plan or else from the rests."""
    if lengths:
        return [line for line, length in enumerate(lengths) for _ in range(length)]
    numbers = [0]
    for before, note in pairwise(notes):
        rest = note.beat - before.beat - before.length
        numbers.append(numbers[-1] + (rest >= LINE_REST_BEATS))
    return numbers


def _intro(tonic: int, bars: int) -> tuple[Chord, ...]:
    """I and IV to show the key, then a bar of V7 to count in."""
    opening = (Chord(tonic), Chord((tonic + 5) % 12)) * (bars - 1)
    return (*opening, *(Chord((tonic + 7) % 12, "7"),) * 2)


def _turn(tonic: int) -> tuple[Chord, ...]:
    """One bar, ii7 V7 of the key to come."""
    return Chord((tonic + 2) % 12, "m7"), Chord((tonic + 7) % 12, "7")


def _ending(tonic: int, bars: int) -> tuple[Chord, ...]:
    """IV and V7, then the tonic held."""
    cadence = (Chord((tonic + 5) % 12), Chord((tonic + 7) % 12, "7")) * (bars - 1)
    return (*cadence, *(Chord(tonic),) * 2)
