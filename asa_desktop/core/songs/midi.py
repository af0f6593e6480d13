"""Standard MIDI and KAR files: the melody track, its lyrics and the tempo map."""

from __future__ import annotations

import io
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from asa_desktop.core.errors import SongError
from asa_desktop.core.songs import melody
from asa_desktop.core.songs.kar import Words, find_words
from asa_desktop.core.songs.notices import NoticeList
from asa_desktop.core.songs.parts import Part, choose, lyric_share
from asa_desktop.core.songs.textfile import decode, read_bounded
from asa_desktop.core.types import Melody, Note, NoteKind

MIDI_LIMIT = 1_000_000
_DRUMS = 9  # channel 10 as musicians count
_DEFAULT_TEMPO = 500_000  # microseconds a quarter: 120 a minute
_REST_BEATS = 4  # a rest of a quarter ends a line where nothing else tells


@dataclass(slots=True)
class _Track:
    """One track: its notes in ticks by channel, (tick, text) of its lyric and text events."""

    number: int
    name: str = ""
    notes: dict[int, list[tuple[int, int, int]]] = field(default_factory=lambda: defaultdict(list))
    lyrics: list[tuple[int, str]] = field(default_factory=list)
    texts: list[tuple[int, str]] = field(default_factory=list)
    tempos: list[tuple[int, int]] = field(default_factory=list)
    unclosed: int = 0


def read_midi(path: Path, *, track: str | int | None = None) -> melody.NotesFile:
    """Read a .mid or .kar file.

    Parameters
    ----------
    track
        The melody's track, by name or by number counted from 1 (a channel in a file of type 0).

    Raises
    ------
    SongError
        ``bad_midi``, ``separate_songs`` (type 2), ``no_notes``, ``no_such_voice``,
        ``too_many_notes``, ``file_too_large``.
    """
    notices = NoticeList(path)
    file = _open(path)
    tracks = [_read_track(i, raw, notices) for i, raw in enumerate(file.tracks, start=1)]
    unclosed = sum(track.unclosed for track in tracks)
    if unclosed:
        notices.add("notes_unclosed", count=unclosed)
    tempo = _tempo_map(file.ticks_per_beat, tracks, path, notices)
    quarter = _ticks_per_quarter(file.ticks_per_beat)
    words = find_words([(t.lyrics, t.texts) for t in tracks], tempo)
    sixteenth_s = tempo.unit_at(0) * quarter / 4
    chosen = choose(_parts(tracks, tempo, words, sixteenth_s), track, path, notices)
    sung = list(melody.one_voice(melody.within(chosen.notes, notices), notices))
    melody.checked(sung, path)
    tick_s = statistics.median_low([tempo.unit_when(note.start) for note in sung])
    beat_s = tick_s * quarter / 4
    if words.lines:
        sung = _with_syllables(sung, words, slack_s=max(beat_s, 0.1))
    else:
        sung = melody.lines_at_rests(sung, rest_s=_REST_BEATS * beat_s)
    return melody.NotesFile(
        melody=Melody(notes=tuple(sung), beat_s=beat_s, source=path, voice=chosen.name),
        lyrics=words.lyric_lines(),
        title=melody.plain(words.title),
        artist=melody.plain(words.artist),
        language=melody.plain(words.language),
        notices=notices.done(),
    )


def _open(path: Path) -> Any:
    import mido

    data = read_bounded(path, limit=MIDI_LIMIT)
    if data[:4] == b"RIFF" and data[8:12] == b"RMID":  # MIDI in a RIFF wrapper
        data = data[20:]
    try:
        file = mido.MidiFile(file=io.BytesIO(data), clip=True)
    except Exception as error:  # mido lets out whatever its parsing stumbles over
        raise SongError("bad_midi", path=path) from error
    if file.type == 2:
        raise SongError("separate_songs", path=path)
    if not file.ticks_per_beat:
        raise SongError("bad_midi", path=path)
    return file


def _read_track(number: int, raw: Any, notices: NoticeList) -> _Track:
    track, tick = _Track(number), 0
    sounding: dict[tuple[int, int], list[int]] = defaultdict(list)
    for message in raw:
        tick += message.time
        kind = message.type
        if kind == "note_on" and message.velocity > 0:
            sounding[message.channel, message.note].append(tick)
        elif kind in ("note_on", "note_off"):
            begun = sounding[message.channel, message.note]
            if begun:
                track.notes[message.channel].append((begun.pop(0), tick, message.note))
        elif kind == "track_name" and not track.name:
            track.name = melody.plain(_recode(message.name, notices))
        elif kind == "lyrics":
            track.lyrics.append((tick, _recode(message.text, notices)))
        elif kind == "text":
            track.texts.append((tick, _recode(message.text, notices)))
        elif kind == "set_tempo":
            track.tempos.append((tick, message.tempo))
    for (channel, note), left in sounding.items():
        track.unclosed += len(left)
        track.notes[channel] += [(begun, tick, note) for begun in left]
    return track


def _recode(text: str, notices: NoticeList) -> str:
    """Text of an event: MIDI names no encoding, mido reads Latin-1, most mean UTF-8 or CP1252."""
    if text.isascii():
        return text
    seen = NoticeList()
    decoded = decode(text.encode("latin-1", errors="replace"), seen)
    if seen.done():
        notices.add("encoding_guessed", encoding="cp1252")
    return decoded


def _ticks_per_quarter(division: int) -> float:
    """Ticks of a quarter; where ticks divide film frames, of half a second (120 a minute)."""
    return division if division > 0 else 0.5 / _smpte_tick(division)


def _smpte_tick(division: int) -> float:
    """Seconds of a tick where `division` is negative: -frames a second, then ticks a frame."""
    frames = {-29: 29.97}.get(division >> 8, -(division >> 8))
    return 1 / (frames * max(division & 0xFF, 1))


def _tempo_map(
    division: int, tracks: Sequence[_Track], path: Path, notices: NoticeList
) -> melody.TempoMap:
    """Seconds by tick, from the tempo events of all tracks."""
    if division < 0:
        return melody.TempoMap(_smpte_tick(division))
    tempos = [tempo for track in tracks for tempo in track.tempos]
    useless = sum(tempo <= 0 for _, tempo in tempos)
    if useless:
        notices.add("tempo_ignored", count=useless)
    return melody.TempoMap(
        _DEFAULT_TEMPO / 1e6 / division,
        [(tick, tempo / 1e6 / division) for tick, tempo in tempos if tempo > 0],
    )


def _parts(
    tracks: Sequence[_Track], tempo: melody.TempoMap, words: Words, sixteenth_s: float
) -> list[Part]:
    """Every channel of every track that has notes, the drums left out."""
    whole = [t for t in tracks if t.notes]
    parts = []
    for track in whole:
        for channel, ticks in sorted(track.notes.items()):
            if channel == _DRUMS:
                continue
            notes = tuple(
                Note(start=tempo.at(a), end=tempo.at(b), midi=float(midi), kind=NoteKind.NORMAL)
                for a, b, midi in sorted(ticks)
            )
            by_channel = len(whole) == 1 and len(track.notes) > 1
            parts.append(
                Part(
                    number=channel + 1 if by_channel else track.number,
                    name="" if by_channel else track.name,
                    notes=notes,
                    lyric_share=lyric_share(notes, words.times, slack_s=max(sixteenth_s, 0.05)),
                )
            )
    return parts


def _with_syllables(notes: Sequence[Note], words: Words, *, slack_s: float) -> list[Note]:
    """Notes with the syllable that begins nearest to each, and the line that it stands in."""
    told, line = [], 0
    syllables = [
        (start, text, number)
        for number, entries in enumerate(words.lines)
        for start, text in entries
    ]
    at = 0
    for i, note in enumerate(notes):
        following = notes[i + 1].start if i + 1 < len(notes) else float("inf")
        while at < len(syllables) and syllables[at][0] < note.start - slack_s:
            line = syllables[at][2]
            at += 1
        text = ""
        if at < len(syllables):
            start, found, number = syllables[at]
            if abs(start - note.start) <= slack_s and start < following - 1e-6:
                text, line, at = found, number, at + 1
        told.append(replace(note, syllable=text, line=line))
    return told
