"""MusicXML scores (.musicxml, .xml, .mxl): one part's top line with its lyrics and tempo."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

from asa_desktop.core.errors import SongError
from asa_desktop.core.songs import melody
from asa_desktop.core.songs.musicxml_measures import Event, MeasureReader
from asa_desktop.core.songs.musicxml_repeats import MOST_PLAYED, measure_order
from asa_desktop.core.songs.notices import NoticeList
from asa_desktop.core.songs.parts import Part, choose
from asa_desktop.core.songs.safe_xml import read_xml
from asa_desktop.core.types import Melody, Note, NoteKind

_DEFAULT_QUARTER_S = 0.5
_REST_BEATS = 4  # a rest of a quarter ends a line where nothing else tells
_MOST_PARTS = 200
_MOST_PLAYED_NOTES = 2 * melody.MOST_NOTES  # chords are thinned out later
_PLACEHOLDER_TITLES = {"", "title", "untitled", "untitled score", "score"}


def looks_like_musicxml(path: Path) -> bool:
    """Whether an .xml file begins like a score."""
    try:
        with path.open("rb") as file:
            return b"<score-" in file.read(4096)
    except OSError:
        return False


def read_musicxml(path: Path, *, part: str | int | None = None) -> melody.NotesFile:
    """Read a score; repeats are played out, jumps (D.C., D.S.) are reported and not followed.

    Parameters
    ----------
    part
        The melody's part, by name or by number counted from 1.

    Raises
    ------
    SongError
        ``bad_musicxml``, ``unsafe_xml``, ``no_notes``, ``no_such_voice``, ``too_many_notes``,
        ``file_too_large``.
    """
    notices = NoticeList(path)
    root = read_xml(path)
    measures = _parts_of(root, path)
    events, tempo = _played(measures, path, notices)
    chosen = choose(_candidates(root, events, tempo), part, path, notices)
    if chosen.left_out:
        notices.add("voices_left_out", count=chosen.left_out)
    sung = melody.one_voice(melody.within(chosen.notes, notices), notices)
    melody.checked(sung, path)
    beat_s = statistics.median_low([tempo.unit_when(note.start) for note in sung]) / 4
    lined = _lined(sung, rest_s=_REST_BEATS * beat_s)
    title, artist = _names(root)
    return melody.NotesFile(
        melody=Melody(
            notes=tuple(replace(n, syllable=n.syllable.replace("\n", "")) for n in lined),
            beat_s=beat_s,
            source=path,
            voice=chosen.name,
        ),
        lyrics=melody.lyric_lines(lined),
        title=title,
        artist=artist,
        notices=notices.done(),
    )


def _parts_of(root: ET.Element, path: Path) -> dict[str, list[ET.Element]]:
    """Each part's measures, from either of the two orders that the format allows."""
    parts: dict[str, list[ET.Element]] = {}
    if root.tag == "score-partwise":
        for part in root.findall("part"):
            parts.setdefault(part.get("id", ""), []).extend(part.findall("measure"))
    elif root.tag == "score-timewise":
        for measure in root.findall("measure"):
            for part in measure.findall("part"):
                parts.setdefault(part.get("id", ""), []).append(part)
    else:
        raise SongError("bad_musicxml", path=path)
    return parts


def _played(
    parts: dict[str, list[ET.Element]], path: Path, notices: NoticeList
) -> tuple[dict[str, list[Event]], melody.TempoMap]:
    """Every part's notes in quarters from the start, in the order played, and the tempo."""
    if len(parts) > _MOST_PARTS:
        raise SongError("unsafe_xml", path=path)
    readers = {name: MeasureReader(measures, path) for name, measures in parts.items()}
    first = next(iter(parts.values()), [])
    order, jumps = measure_order(first)
    if len(order) >= MOST_PLAYED:
        raise SongError("unsafe_xml", path=path)
    if jumps:
        notices.add("jumps_not_followed", count=jumps)
    graces = sum(reader.graces for reader in readers.values())
    if graces:
        notices.add("graces_left_out", count=graces)
    lengths = [
        max((r.lengths[i] for r in readers.values() if i < len(r.lengths)), default=0.0)
        for i in range(len(first))
    ]
    events: dict[str, list[Event]] = {name: [] for name in parts}
    tempos: list[tuple[float, float]] = []
    at = 0.0
    for i, turn in order:
        for name, reader in readers.items():
            if i < len(reader.measures):
                events[name] += [e.placed(at, turn) for e in reader.measures[i]]
                tempos += [(at + place, 60 / bpm) for place, bpm in reader.tempos[i]]
                if len(events[name]) > _MOST_PLAYED_NOTES:
                    raise SongError(
                        "too_many_notes",
                        path=path,
                        count=len(events[name]),
                        limit=_MOST_PLAYED_NOTES,
                    )
        at += lengths[i]
    return events, melody.TempoMap(_DEFAULT_QUARTER_S, tempos)


def _candidates(
    root: ET.Element, events: dict[str, list[Event]], tempo: melody.TempoMap
) -> list[Part]:
    """For each part its leading voice: the one with most syllables, then most notes."""
    names = {
        entry.get("id", ""): melody.plain(entry.findtext("part-name") or "")
        for entry in root.iter("score-part")
    }
    parts = []
    for number, (name, played) in enumerate(events.items(), start=1):
        if not played:
            continue
        counts = Counter(event.voice for event in played)
        sung = Counter(event.voice for event in played if event.syllables)
        voice = max(counts, key=lambda v: (sung[v], counts[v], v))
        chosen = _tied([event for event in played if event.voice == voice])
        parts.append(
            Part(
                number=number,
                name=names.get(name, ""),
                notes=tuple(_note(event, tempo) for event in chosen),
                lyric_share=sung[voice] / counts[voice],
                left_out=sum(counts.values()) - counts[voice],
            )
        )
    return parts


def _tied(events: Sequence[Event]) -> list[Event]:
    """Events in order, tied ones joined to one."""
    joined: list[Event] = []
    open_ties: dict[float, int] = {}
    for event in sorted(events, key=lambda e: (e.start, -e.midi)):
        held = open_ties.pop(event.midi, None) if event.tie_stop else None
        if held is not None and abs(joined[held].end - event.start) < 1e-3:
            joined[held] = replace(joined[held], end=event.end)
        else:
            held = len(joined)
            joined.append(event)
        if event.tie_start:
            open_ties[event.midi] = held
    return joined


def _note(event: Event, tempo: melody.TempoMap) -> Note:
    return Note(
        start=tempo.at(event.start),
        end=tempo.at(event.end),
        midi=event.midi,
        syllable=event.syllable,
        kind=NoteKind.NORMAL if event.pitched else NoteKind.RAP,
    )


def _lined(notes: Sequence[Note], *, rest_s: float) -> list[Note]:
    """Notes with their lyric lines: a new one after a rest, and where the lyrics end a line."""
    line, lined = 0, list[Note]()
    for marked in melody.lines_at_rests(notes, rest_s=rest_s):
        if lined and lined[-1].syllable.endswith("\n"):
            line += 1
        lined.append(replace(marked, line=marked.line + line))
    return melody.renumbered(lined)


def _names(root: ET.Element) -> tuple[str, str]:
    title = root.findtext("work/work-title") or root.findtext("movement-title") or ""
    title = melody.plain(title)
    creators = {c.get("type", ""): c.text or "" for c in root.findall("identification/creator")}
    artist = creators.get("artist") or creators.get("composer") or ""
    shown = "" if title.casefold() in _PLACEHOLDER_TITLES else title
    return shown, "" if artist.strip().casefold() == "composer" else melody.plain(artist)
