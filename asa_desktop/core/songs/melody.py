"""What every reader of notes hands over, and the steps they share: tempo, one voice, lines."""

from __future__ import annotations

import bisect
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from asa_desktop.core.errors import SongError
from asa_desktop.core.songs.notices import NoticeList
from asa_desktop.core.types import LyricLine, Melody, Note, Notice

LONGEST_S = 6 * 3600.0
MOST_NOTES = 20_000
_TINY_S = 1e-6


@dataclass(frozen=True, slots=True)
class NotesFile:
    """A notes file as read: its melody, what it says of the song, and what had to be repaired.

    `files` holds the UltraStar tags that name files (AUDIO, VOCALS, ...), in capitals.
    `start_s` and `end_s` are the part of the audio that is to be sung, on the audio's clock.
    """

    melody: Melody
    lyrics: tuple[LyricLine, ...] = ()
    title: str = ""
    artist: str = ""
    language: str = ""
    start_s: float = 0.0
    end_s: float | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()


class TempoMap:
    """Seconds at a position counted in beats, quarters or ticks, through changes of tempo."""

    def __init__(self, first: float, changes: Iterable[tuple[float, float]] = ()) -> None:
        """`first`: seconds per unit from the start; `changes`: (position, seconds per unit)."""
        self._places, self._seconds, self._lengths = [0.0], [0.0], [first]
        for place, length in sorted(changes, key=lambda change: change[0]):
            if place <= self._places[-1]:  # a later line wins at the same place, and before 0
                self._lengths[-1] = length
                continue
            self._seconds.append(self.at(place))
            self._places.append(place)
            self._lengths.append(length)

    def at(self, place: float) -> float:
        """Seconds from position 0 to `place`; before 0 the first tempo goes on backwards."""
        i = self._segment(place)
        return self._seconds[i] + (place - self._places[i]) * self._lengths[i]

    def unit_at(self, place: float) -> float:
        """Seconds per unit at `place`."""
        return self._lengths[self._segment(place)]

    def unit_when(self, seconds: float) -> float:
        """Seconds per unit at the time `seconds`."""
        return self._lengths[max(bisect.bisect_right(self._seconds, seconds + _TINY_S) - 1, 0)]

    def _segment(self, place: float) -> int:
        return max(bisect.bisect_right(self._places, place) - 1, 0)


def within(
    notes: Iterable[Note], notices: NoticeList, *, start_s: float = 0.0, end_s: float | None = None
) -> list[Note]:
    """The notes that begin between `start_s` and `end_s`, cut at the end; others are reported."""
    last = min(end_s, LONGEST_S) if end_s is not None else LONGEST_S
    kept, left_out = [], 0
    for note in notes:
        if start_s - _TINY_S <= note.start < last:
            kept.append(replace(note, end=min(note.end, last)))
        else:
            left_out += 1
    if left_out:
        notices.add("notes_outside", count=left_out, start_s=start_s, end_s=last)
    return kept


def one_voice(notes: Iterable[Note], notices: NoticeList) -> tuple[Note, ...]:
    """One note at a time: of notes begun together the highest stays, a held one ends at the next.

    Notes without length are left out (their text is not: lyrics are made before this).
    """
    ordered = sorted((n for n in notes if n.end > n.start), key=lambda n: (n.start, -n.midi))
    sung: list[Note] = []
    overlaps = 0
    for note in ordered:
        if sung and note.start - sung[-1].start < _TINY_S:
            overlaps += 1
            if not sung[-1].syllable:  # a chord's text may stand at any of its notes
                sung[-1] = replace(sung[-1], syllable=note.syllable)
            continue
        if sung and sung[-1].end > note.start + _TINY_S:
            overlaps += 1
            sung[-1] = replace(sung[-1], end=note.start)
        sung.append(note)
    if overlaps:
        notices.add("notes_overlap", count=overlaps)
    return tuple(sung)


def checked(notes: Sequence[Note], path: Path) -> None:
    """Refuse a melody of no notes, or of more than any singer sings."""
    if not notes:
        raise SongError("no_notes", path=path)
    if len(notes) > MOST_NOTES:
        raise SongError("too_many_notes", path=path, count=len(notes), limit=MOST_NOTES)


def lines_at_rests(notes: Sequence[Note], *, rest_s: float) -> list[Note]:
    """The same notes with a new lyric line after every rest of at least `rest_s`."""
    line, marked = 0, list[Note]()
    for note in notes:
        if marked and note.start - marked[-1].end >= rest_s - _TINY_S:
            line += 1
        marked.append(replace(note, line=line))
    return marked


def renumbered(notes: Sequence[Note]) -> list[Note]:
    """The same notes with their lines counted 0, 1, 2 ... without gaps."""
    numbers = {line: i for i, line in enumerate(sorted({note.line for note in notes}))}
    return [replace(note, line=numbers[note.line]) for note in notes]


def lyric_lines(notes: Sequence[Note]) -> tuple[LyricLine, ...]:
    """Lyric lines from the syllables of renumbered notes, one a line; () if no note has text."""
    lines: dict[int, list[tuple[float, str]]] = {}
    for note in notes:
        lines.setdefault(note.line, []).append((note.start, note.syllable))
    made = tuple(line_of(syllables) for _, syllables in sorted(lines.items()))
    return made if any(line.text for line in made) else ()


def line_of(syllables: Sequence[tuple[float, str]]) -> LyricLine:
    """One lyric line from (start, text) syllables; spaces at their edges part the words.

    UltraStar's "~" (the syllable goes on) is no text.
    """
    words: list[tuple[float, str]] = []
    texts = [text.replace("~", "") for _, text in syllables]
    before = " "
    for (start, _), text in zip(syllables, texts, strict=True):
        bare = " ".join(text.split())
        if bare and words and not _parted(before, text[0]):
            words[-1] = (words[-1][0], words[-1][1] + bare)
        elif bare:
            words.append((start, bare))
        before = text[-1:] or before
    start = syllables[0][0] if syllables else 0.0
    return LyricLine(start=start, text=" ".join("".join(texts).split()), words=tuple(words))


def _parted(before: str, after: str) -> bool:
    """Whether a word ends between two characters; scripts without spaces go by the syllable."""
    if before.isspace() or after.isspace():
        return True
    return unicodedata.east_asian_width(before) in "WF"


def plain(text: str) -> str:
    """`text` composed (NFC), without control characters and space at its edges."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(c for c in composed if unicodedata.category(c) != "Cc").strip()
