"""Reads one song of the PJS corpus: notes from its MIDI file, syllables from its MusicXML."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from asa_desktop.core.errors import SongError

STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
# Moraic n and the closure of a double consonant carry a note of their own in Japanese singing.
SYLLABIC = frozenset("aiueoAIUEON") | {"cl"}


@dataclass(frozen=True, slots=True)
class ScoreNote:
    """A written note; `beat` and `length` in quarter notes from the start of the recording."""

    beat: float
    length: float
    midi: int
    syllable: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A song as written, and where its recording lies.

    `lag_s` is how much later than written the singer is: the median over the notes of the
    labelled start of the vowel minus the start of the note (0 without labels).
    """

    name: str
    bpm: float
    notes: tuple[ScoreNote, ...]
    recording: Path
    lag_s: float = 0.0

    @property
    def beat_s(self) -> float:
        """Seconds in a quarter note."""
        return 60.0 / self.bpm


def read_piece(folder: Path) -> Piece:
    """Read the song in `folder`, whose files carry the folder's name.

    Raises
    ------
    SongError
        ``demo_song_broken`` with `song` and `part`: a file is missing or unreadable, the tempo
        changes, or MIDI and MusicXML do not hold the same notes.
    """
    name = folder.name
    try:
        bpm, notes = _read_midi(folder / f"{name}.mid")
        syllables = _read_syllables(folder / f"{name}.musicxml")
    except (OSError, ValueError, EOFError, KeyError, ElementTree.ParseError) as error:
        raise SongError("demo_song_broken", song=name, part=str(error)) from error
    if [midi for midi, _ in syllables] != [midi for _, _, midi in notes]:
        raise SongError("demo_song_broken", song=name, part="syllables")
    recording = folder / f"{name}_song.flac"
    if not recording.is_file():
        raise SongError("demo_song_broken", song=name, part=recording.name)
    written = tuple(
        ScoreNote(beat, length, midi, text)
        for (beat, length, midi), (_, text) in zip(notes, syllables, strict=True)
    )
    starts = np.array([note.beat for note in written]) * 60.0 / bpm
    return Piece(name, bpm, written, recording, _lag(folder / f"{name}.lab", starts))


def _read_midi(path: Path) -> tuple[float, list[tuple[float, float, int]]]:
    import mido

    midi = mido.MidiFile(path)
    tempi: set[float] = set()
    open_at: dict[int, int] = {}
    notes: list[tuple[float, float, int]] = []
    tick = 0
    for message in mido.merge_tracks(midi.tracks):
        tick += message.time
        if message.type == "set_tempo":
            tempi.add(round(float(mido.tempo2bpm(message.tempo)), 2))
        elif message.type == "note_on" and message.velocity > 0:
            open_at[message.note] = tick
        elif message.type in ("note_on", "note_off") and message.note in open_at:
            start = open_at.pop(message.note)
            beat = midi.ticks_per_beat
            notes.append((start / beat, (tick - start) / beat, message.note))
    if len(tempi) != 1:
        raise ValueError(f"{len(tempi)} tempi")
    return tempi.pop(), sorted(notes)


def _read_syllables(path: Path) -> list[tuple[int, str]]:
    """Pitch and text of every sung note in order, tied notes taken as one."""
    found: list[tuple[int, str]] = []
    for note in ElementTree.parse(path).getroot().iter("note"):
        pitch = note.find("pitch")
        if pitch is None or any(tie.get("type") == "stop" for tie in note.findall("tie")):
            continue
        octave = int(pitch.findtext("octave", ""))
        alter = int(pitch.findtext("alter", "0"))
        midi = 12 * (octave + 1) + STEPS[pitch.findtext("step", "")] + alter
        found.append((midi, "".join(text.text or "" for text in note.findall("lyric/text"))))
    return found


def _lag(labels: Path, starts: np.ndarray) -> float:
    """Median of (vowel start - note start) over the notes with a vowel within 0.2 s."""
    if not labels.is_file():
        return 0.0
    rows = [line.split() for line in labels.read_text(encoding="utf-8").splitlines()]
    vowels = np.array([int(row[0]) * 1e-7 for row in rows if len(row) == 3 and row[2] in SYLLABIC])
    if not len(vowels):
        return 0.0
    late = vowels[np.abs(vowels[None, :] - starts[:, None]).argmin(axis=1)] - starts
    near = np.abs(late) < 0.2
    return float(np.median(late[near])) if near.any() else 0.0
