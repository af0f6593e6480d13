"""The body of an UltraStar song, line by line: notes, ends of lines, voices, changes of tempo."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from asa_desktop.core.songs.melody import TempoMap
from asa_desktop.core.songs.notices import NoticeList
from asa_desktop.core.types import Note, NoteKind

KINDS = {
    ":": NoteKind.NORMAL,
    "*": NoteKind.GOLDEN,
    "F": NoteKind.FREESTYLE,
    "R": NoteKind.RAP,
    "G": NoteKind.GOLDEN_RAP,
}
_NUM = r"[+-]?\d{1,9}(?:[.,]\d{1,6})?"
_NOTE = re.compile(
    rf"\s*(?P<kind>[!-~])(?P<gap>\s*)(?P<start>{_NUM})\s+(?P<length>{_NUM})\s+(?P<pitch>{_NUM})"
    r"(?:\s(?P<text>.*))?",
    re.DOTALL,
)
_END_OF_LINE = re.compile(rf"\s*-(?:\s*(?P<beat>{_NUM}))?(?:\s+(?P<next>{_NUM}))?\s*")
_TEMPO = re.compile(rf"\s*B\s*(?P<beat>{_NUM})\s+(?P<bpm>{_NUM})\s*")
_VOICE = re.compile(r"\s*P\s*(?P<number>[1-9])\s*")
_BOTH = 3  # before versions, "P 3" meant both singers


@dataclass(frozen=True, slots=True)
class RawNote:
    """A note in beats, and the lyric line it stands in."""

    beat: float
    length: float
    midi: float
    text: str
    kind: NoteKind
    line: int

    def timed(self, tempo: TempoMap, *, gap_s: float) -> Note:
        """The same note in seconds."""
        return Note(
            start=gap_s + tempo.at(self.beat),
            end=gap_s + tempo.at(self.beat + self.length),
            midi=self.midi,
            syllable=self.text,
            kind=self.kind,
            line=self.line,
        )


@dataclass(slots=True)
class Body:
    """What the body says: for each voice its notes as they stand; (beat, BPM) of the B lines."""

    voices: dict[int, list[RawNote]] = field(default_factory=dict)
    tempo_changes: list[tuple[float, float]] = field(default_factory=list)


@dataclass(slots=True)
class _Voice:
    """Where a voice stands: its offset (relative songs), its line, whether that has notes yet."""

    offset: float = 0.0
    line: int = 0
    begun: bool = False


def number(written: str) -> float:
    """A number with a decimal point or comma."""
    return float(written.replace(",", "."))


def read_body(
    lines: Iterable[tuple[int, str]],
    notices: NoticeList,
    *,
    relative: bool,
    versioned: bool,
    both_voices: bool,
) -> Body:
    """Read numbered lines up to "E".

    `relative` songs count each line from where the last one ended; where `both_voices`, "P3" of
    an unversioned song stands for both singers.
    """
    reader = _Reader(notices, relative=relative, both=both_voices and not versioned)
    for where, text in lines:
        if text.strip() == "E":
            break
        reader.take(where, text)
    else:
        notices.add("no_end_line")
    return reader.finished()


class _Reader:
    def __init__(self, notices: NoticeList, *, relative: bool, both: bool) -> None:
        self._notices = notices
        self._relative = relative
        self._both = both
        self._places: dict[int, _Voice] = {1: _Voice()}
        self._current: tuple[int, ...] = (1,)
        self._body = Body()

    def finished(self) -> Body:
        """The body, its voices in order of beat."""
        for notes in self._body.voices.values():
            if any(a.beat > b.beat for a, b in pairwise(notes)):
                self._notices.add("notes_unsorted")
                notes.sort(key=lambda note: note.beat)
        return self._body

    def take(self, where: int, text: str) -> None:
        if match := _VOICE.fullmatch(text):
            self._voice(where, int(match["number"]))
        elif match := _END_OF_LINE.fullmatch(text):
            self._end_of_line(where, text, match)
        elif match := _TEMPO.fullmatch(text):
            self._tempo(where, text, match)
        elif (match := _NOTE.fullmatch(text)) and match["kind"] not in "#-":
            self._note(where, text, match)
        else:
            self._notices.add("bad_line", line=where, text=text[:60])

    def _voice(self, where: int, wanted: int) -> None:
        if wanted == _BOTH and self._both:
            self._current = (1, 2)
            self._notices.add("both_voices", line=where)
        else:
            self._current = (wanted,)
        for voice in self._current:
            self._places.setdefault(voice, _Voice())

    def _end_of_line(self, where: int, text: str, match: re.Match[str]) -> None:
        if self._relative and match["next"] is None:
            self._mended(where, text)
        for voice in self._current:
            place = self._places[voice]
            if place.begun:
                place.line, place.begun = place.line + 1, False
            else:
                self._notices.add("line_end_skipped", line=where)
            if self._relative:
                place.offset += number(match["next"] or match["beat"] or "0")

    def _tempo(self, where: int, text: str, match: re.Match[str]) -> None:
        bpm = number(match["bpm"])
        if not 1 <= bpm <= 20_000:
            self._notices.add("bad_line", line=where, text=text[:60])
            return
        offset = self._places[self._current[0]].offset
        self._body.tempo_changes.append((offset + number(match["beat"]), bpm))

    def _note(self, where: int, text: str, match: re.Match[str]) -> None:
        length = number(match["length"])
        if length < 0:
            self._notices.add("bad_line", line=where, text=text[:60])
            return
        kind = KINDS.get(match["kind"])
        if kind is None:
            self._notices.add("unknown_note_type", line=where, type=match["kind"])
        if length == 0:
            self._notices.add("note_without_length", line=where)
        midi = 60 + number(match["pitch"])
        in_range = midi if 0 <= midi <= 127 else 60 + midi % 12
        written = "".join(match.group("start", "length", "pitch"))
        if not match["gap"] or re.search(r"[.,]", written) or in_range != midi:
            self._mended(where, text)
        for voice in self._current:
            place = self._places[voice]
            place.begun = True
            self._body.voices.setdefault(voice, []).append(
                RawNote(
                    beat=place.offset + number(match["start"]),
                    length=length,
                    midi=in_range,
                    text=(match["text"] or "").rstrip("\0"),
                    kind=kind or NoteKind.FREESTYLE,
                    line=place.line,
                )
            )

    def _mended(self, where: int, text: str) -> None:
        self._notices.add("line_mended", line=where, text=text[:60])
