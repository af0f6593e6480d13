"""The measures of one MusicXML part: notes and tempo in quarters, and the order of playing."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree as ET

from asa_desktop.core.errors import SongError

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_UNITS = {
    "whole": 4.0,
    "half": 2.0,
    "quarter": 1.0,
    "eighth": 0.5,
    "16th": 0.25,
    "32nd": 0.125,
    "breve": 8.0,
}


@dataclass(frozen=True, slots=True)
class Event:
    """A note in quarters. `syllables` are its lyric verses in order, `syllable` the one sung."""

    start: float
    end: float
    midi: float
    voice: str
    pitched: bool
    tie_start: bool
    tie_stop: bool
    syllables: tuple[str, ...]
    syllable: str = ""

    def placed(self, at: float, turn: int) -> Event:
        """The same note, its measure begun at `at`, in the `turn`-th playing (from 0)."""
        verses = self.syllables
        text = verses[min(turn, len(verses) - 1)] if verses else ""
        return replace(self, start=self.start + at, end=self.end + at, syllable=text)


class MeasureReader:
    """One part's measures as lists of events; state (divisions, transposition) runs through them.

    `lengths` are in quarters, `tempos` hold (quarters into the measure, quarters a minute).
    """

    def __init__(self, measures: Sequence[ET.Element], path: Path) -> None:
        self.measures: list[list[Event]] = []
        self.lengths: list[float] = []
        self.tempos: list[list[tuple[float, float]]] = []
        self.graces = 0
        self._path = path
        self._divisions = 1.0
        self._transpose = 0.0
        for measure in measures:
            self._read(measure)

    def _read(self, measure: ET.Element) -> None:
        events: list[Event] = []
        tempos: list[tuple[float, float]] = []
        at = onset = longest = 0.0
        for element in measure:
            if element.tag == "attributes":
                self._attributes(element)
            elif element.tag == "backup":
                at = max(at - self._duration(element), 0.0)
            elif element.tag == "forward":
                at += self._duration(element)
            elif element.tag in ("direction", "sound"):
                offset = self._number(element.findtext("offset"), 0.0) / self._divisions
                tempos += [(max(at + offset, 0.0), bpm) for bpm in self._tempo(element)]
            elif element.tag == "note" and element.find("grace") is not None:
                self.graces += 1
            elif element.tag == "note" and element.find("cue") is None:
                duration = self._duration(element)
                if element.find("chord") is None:
                    onset, at = at, at + duration
                if element.find("rest") is None:
                    events.append(self._event(element, onset, onset + duration))
            longest = max(longest, at)
        self.measures.append(events)
        self.lengths.append(longest)
        self.tempos.append(tempos)

    def _attributes(self, element: ET.Element) -> None:
        divisions = self._number(element.findtext("divisions"), self._divisions)
        if divisions <= 0:
            raise SongError("bad_musicxml", path=self._path)
        self._divisions = divisions
        transpose = element.find("transpose")
        if transpose is not None:
            octaves = self._number(transpose.findtext("octave-change"), 0.0)
            self._transpose = self._number(transpose.findtext("chromatic"), 0.0) + 12 * octaves

    def _event(self, element: ET.Element, start: float, end: float) -> Event:
        pitch = element.find("pitch")
        ties = {tie.get("type") for tie in element.findall("tie")}
        return Event(
            start=start,
            end=end,
            midi=60.0 if pitch is None else self._midi(pitch),
            voice=(element.findtext("voice") or "1").strip(),
            pitched=pitch is not None,
            tie_start="start" in ties,
            tie_stop="stop" in ties,
            syllables=_syllables(element),
        )

    def _midi(self, pitch: ET.Element) -> float:
        """MIDI number of a written pitch; octave 4 begins with middle C, 60."""
        step = _STEPS.get((pitch.findtext("step") or "").strip().upper())
        if step is None:
            raise SongError("bad_musicxml", path=self._path)
        octave = self._number(pitch.findtext("octave"), 4.0)
        alter = self._number(pitch.findtext("alter"), 0.0)
        return min(max(12 * (octave + 1) + step + alter + self._transpose, 0.0), 127.0)

    def _tempo(self, element: ET.Element) -> list[float]:
        """Quarters a minute: what is to sound, else what is written over the staff."""
        for sound in element.iter("sound"):
            bpm = self._number(sound.get("tempo"), 0.0)
            if 1 <= bpm <= 2000:
                return [bpm]
        for mark in element.iter("metronome"):
            unit = _UNITS.get((mark.findtext("beat-unit") or "").strip(), 0.0)
            dotted = unit * (2 - 0.5 ** len(mark.findall("beat-unit-dot")))
            bpm = self._number((mark.findtext("per-minute") or "").strip() or None, 0.0) * dotted
            if 1 <= bpm <= 2000:
                return [bpm]
        return []

    def _duration(self, element: ET.Element) -> float:
        return max(self._number(element.findtext("duration"), 0.0), 0.0) / self._divisions

    def _number(self, text: str | None, default: float) -> float:
        if text is None:
            return default
        try:
            value = float(text)
        except ValueError:
            return default
        if not math.isfinite(value) or abs(value) > 1e9:
            raise SongError("bad_musicxml", path=self._path)
        return value


def _syllables(note: ET.Element) -> tuple[str, ...]:
    """A note's verses in order, each ending in a space where a word ends, in LF where a line does.

    Scripts written without spaces get none.
    """
    verses: dict[str, str] = {}
    for lyric in note.findall("lyric"):
        text = "".join(
            (child.text or ("\u203f" if child.tag == "elision" else ""))
            for child in lyric
            if child.tag in ("text", "elision")
        ).replace("\n", " ")
        ends_word = (lyric.findtext("syllabic") or "single").strip() in ("single", "end")
        wide = bool(text) and unicodedata.east_asian_width(text[-1]) in "WF"
        if text.strip() and ends_word and not wide:
            text += " "
        if lyric.find("end-line") is not None or lyric.find("end-paragraph") is not None:
            text += "\n"
        verses.setdefault(lyric.get("number", "1"), text)
    return tuple(text for _, text in sorted(verses.items()))
