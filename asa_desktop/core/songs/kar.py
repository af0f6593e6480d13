"""The words of MIDI files: lyric events, and the text events of KAR with their own signs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from asa_desktop.core.songs.melody import LONGEST_S, TempoMap, line_of
from asa_desktop.core.types import LyricLine

_Events = Sequence[tuple[int, str]]
_LANGUAGES = {
    "ENGL": "English",
    "GERM": "German",
    "DEUT": "German",
    "FREN": "French",
    "FRAN": "French",
    "ITAL": "Italian",
    "SPAN": "Spanish",
    "PORT": "Portuguese",
    "DUTC": "Dutch",
    "JAPN": "Japanese",
    "JAPA": "Japanese",
}


@dataclass(slots=True)
class Words:
    """Lines of (start in seconds, syllable), and what KAR's "@" events say of the song."""

    lines: list[list[tuple[float, str]]] = field(default_factory=list)
    title: str = ""
    artist: str = ""
    language: str = ""

    @property
    def times(self) -> list[float]:
        """Where syllables begin."""
        return [start for line in self.lines for start, _ in line]

    def lyric_lines(self) -> tuple[LyricLine, ...]:
        """The lines as shown."""
        return tuple(line_of(line) for line in self.lines)


def find_words(tracks: Sequence[tuple[_Events, _Events]], tempo: TempoMap) -> Words:
    """The words of a file from each track's lyric and text events.

    KAR writes its words as text events of one track (a "/" begins a line, a "\\" a verse, "@"
    tells of the song); elsewhere text events are remarks, and lyric events are the words.
    """
    words = Words()
    titles: list[str] = []
    for _, texts in tracks:
        for _, text in texts:
            if text.startswith("@T"):
                titles.append(text[2:].strip())
            elif text.startswith("@L") and not words.language:
                code = text[2:].strip()
                words.language = _LANGUAGES.get(code.upper(), code)
    words.title, words.artist = (*titles, "", "")[:2]
    lyrics = max((events for events, _ in tracks), key=len, default=())
    kar = max((_sung(texts) for _, texts in tracks), key=len, default=[])
    chosen = lyrics if len(lyrics) >= len(kar) else kar
    words.lines = _lines([(tempo.at(tick), text) for tick, text in chosen])
    return words


def _sung(texts: _Events) -> list[tuple[int, str]]:
    """The text events that are words: none unless one has a KAR sign."""
    sung = [(tick, text) for tick, text in texts if not text.startswith("@")]
    has_signs = any(text.startswith(("/", "\\")) for _, text in sung)
    return sung if has_signs or len(sung) < len(texts) else []


def _lines(events: Sequence[tuple[float, str]]) -> list[list[tuple[float, str]]]:
    """Events cut into lines at "/" and "\\" before a syllable and at CR and LF anywhere."""
    lines: list[list[tuple[float, str]]] = [[]]
    for start, text in events:
        if start > LONGEST_S:
            break
        begins = text.startswith(("/", "\\"))
        if begins:
            lines.append([])
        for piece in re.findall(r"[\r\n]+|[^\r\n]+", text[begins:]):
            if piece[0] in "\r\n":
                lines.append([])
            else:
                lines[-1].append((start, piece))
    return [line for line in lines if any(text.strip() for _, text in line)]
