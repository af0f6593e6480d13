"""UltraStar .txt: the header's tags, and from header and body a melody with its lyrics.

Follows the published format documents (unversioned, 1.x and the draft of 2.0): time of a beat =
GAP/1000 + beat * 60 / (4 * BPM), version 2 without the 4; pitch p is MIDI 60 + p. Whatever is
not in order is read as best it can be and reported.
"""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass
from pathlib import Path

from asa_desktop.core.errors import SongError
from asa_desktop.core.songs import melody, ultrastar_body
from asa_desktop.core.songs.notices import NoticeList
from asa_desktop.core.songs.textfile import LEGACY, decode, read_bounded, split_lines
from asa_desktop.core.types import Melody

NEWEST_VERSION = 2
MOST_LINES = 100_000
HIGHEST_BPM = 20_000.0
FILE_TAGS = ("AUDIO", "MP3", "VOCALS", "INSTRUMENTAL", "COVER", "BACKGROUND", "VIDEO")
_TELLING_TAGS = {"TITLE", "ARTIST", "BPM", "MP3", "AUDIO", "GAP"}
_NUMBER = re.compile(r"[+-]?\d{1,9}(?:[.,]\d{1,9})?")


@dataclass(frozen=True, slots=True)
class _Header:
    """The tags (in capitals, first wins), the major version (None: unversioned), the rest."""

    tags: dict[str, str]
    version: int | None
    body: list[tuple[int, str]]


def looks_like_ultrastar(path: Path) -> bool:
    """Whether a .txt holds at least two of the tags that every UltraStar song has."""
    try:
        with path.open("rb") as file:
            data = file.read(65_536)
    except OSError:
        return False
    text = "\n".join(split_lines(decode(data, NoticeList())))
    found = {match.upper() for match in re.findall(r"(?m)^[ \t]*#[ \t]*(\w+)[ \t]*:", text)}
    return len(found & _TELLING_TAGS) >= 2


def read_ultrastar(path: Path, *, voice: str | int | None = None) -> melody.NotesFile:
    """Read an UltraStar song.

    Parameters
    ----------
    voice
        Which voice of a duet: "P2", 2 or its singer's name. The first if None, which is reported.

    Raises
    ------
    SongError
        ``not_ultrastar``, ``no_bpm``, ``bad_bpm``, ``too_new_version``, ``no_such_voice``,
        ``no_notes``, ``too_many_notes``, ``too_many_lines``, ``file_too_large``.
    """
    notices = NoticeList(path)
    header = _read_header(_text(read_bounded(path), notices), path, notices)
    tags = header.tags
    new = header.version is not None and header.version >= 2
    bpm = _bpm(tags, path)
    gap_s = (_number(tags, "GAP", notices, whole=new) or 0.0) / 1000
    body = ultrastar_body.read_body(
        header.body,
        notices,
        relative=_is_relative(header, notices),
        versioned=header.version is not None,
        both_voices="P3" not in tags,
    )
    beats_per_bpm = 1 if new else 4
    tempo = melody.TempoMap(
        60 / (beats_per_bpm * bpm),
        [(beat, 60 / (beats_per_bpm * value)) for beat, value in body.tempo_changes],
    )
    number = _chosen(body, tags, voice, path, notices)
    raw = body.voices.get(number, [])
    start_s, end_s = _part_to_sing(tags, notices, milliseconds=new)
    timed = [note.timed(tempo, gap_s=gap_s) for note in raw]
    notes = melody.renumbered(melody.within(timed, notices, start_s=start_s, end_s=end_s))
    sung = melody.one_voice(notes, notices)
    melody.checked(sung, path)
    return melody.NotesFile(
        melody=Melody(
            notes=sung,
            beat_s=statistics.median_low([tempo.unit_at(note.beat) for note in raw]),
            source=path,
            voice=_singer(tags, number) if len(body.voices) > 1 else "",
        ),
        lyrics=melody.lyric_lines(notes),
        title=melody.plain(tags.get("TITLE", "")),
        artist=melody.plain(tags.get("ARTIST", "")),
        language=melody.plain(tags.get("LANGUAGE", "")),
        start_s=start_s,
        end_s=end_s,
        files={tag: tags[tag] for tag in FILE_TAGS if tag in tags},
        notices=notices.done(),
    )


def _text(data: bytes, notices: NoticeList) -> str:
    """The file as text; what it says of its encoding stands in it, in plain ASCII."""
    rough = "\n".join(split_lines(data.decode("latin-1")))
    found = re.findall(r"(?im)^[ \t]*#[ \t]*(ENCODING|VERSION|LANGUAGE)[ \t]*:(.*)$", rough)
    tags = {tag.upper(): value.strip() for tag, value in reversed(found)}  # the first wins
    declared = tags.get("ENCODING", "").lower().replace("-", "").replace("windows", "cp")
    if declared not in (*LEGACY, "", "utf8", "auto"):
        notices.add("encoding_unknown", encoding=tags["ENCODING"][:40])
    return decode(
        data,
        notices,
        declared=declared,
        language=tags.get("LANGUAGE", ""),
        legacy=not tags.get("VERSION"),
    )


def _read_header(text: str, path: Path, notices: NoticeList) -> _Header:
    tags: dict[str, str] = {}
    written = split_lines(text)
    if len(written) > MOST_LINES:
        raise SongError("too_many_lines", path=path, limit=MOST_LINES)
    lines = [(i, line) for i, line in enumerate(written, start=1) if line.strip()]
    while lines and lines[0][1].lstrip().startswith("#"):
        number, line = lines.pop(0)
        name, colon, value = line.strip()[1:].partition(":")
        name, value = name.strip().upper(), value.strip()
        if not colon or not name:
            notices.add("bad_line", line=number, text=line[:60])
        elif name in tags:
            notices.add("tag_twice", line=number, tag=name)
        elif value:
            tags[name] = value
    if not _TELLING_TAGS & tags.keys():
        raise SongError("not_ultrastar", path=path)
    for tag in ("TITLE", "ARTIST"):
        if tag not in tags:
            notices.add("tag_missing", tag=tag)
    for voice in ("P1", "P2"):
        tags.setdefault(voice, tags.get(f"DUETSINGER{voice}", ""))
    return _Header(
        tags={name: value for name, value in tags.items() if value},
        version=_version(tags, path, notices),
        body=lines,
    )


def _version(tags: dict[str, str], path: Path, notices: NoticeList) -> int | None:
    written = tags.get("VERSION")
    if not written:
        return None
    match = re.fullmatch(r"v?(\d{1,3})(?:\.\d{1,5}){0,2}", written.strip(), re.IGNORECASE)
    if not match:
        notices.add("tag_unreadable", tag="VERSION", value=written[:40])
        return None
    major = int(match[1])
    if major > NEWEST_VERSION:
        raise SongError("too_new_version", path=path, version=written[:20])
    return major


def _bpm(tags: dict[str, str], path: Path) -> float:
    if "BPM" not in tags:
        raise SongError("no_bpm", path=path)
    bpm = ultrastar_body.number(tags["BPM"]) if _NUMBER.fullmatch(tags["BPM"]) else 0.0
    if not 1 <= bpm <= HIGHEST_BPM:
        raise SongError("bad_bpm", path=path, value=tags["BPM"][:40])
    return bpm


def _number(
    tags: dict[str, str], tag: str, notices: NoticeList, *, whole: bool = False
) -> float | None:
    """The number in `tag`, or None; version 2 wants whole ones, others are taken and reported."""
    written = tags.get(tag)
    if written is None:
        return None
    if not _NUMBER.fullmatch(written):
        notices.add("tag_unreadable", tag=tag, value=written[:40])
        return None
    if whole and not written.lstrip("+-").isdigit():
        notices.add("tag_not_whole", tag=tag, value=written[:40])
    return ultrastar_body.number(written)


def _is_relative(header: _Header, notices: NoticeList) -> bool:
    wanted = header.tags.get("RELATIVE", "no").lower() in ("yes", "true", "1")
    if wanted and header.version is not None:  # only the unversioned format has it
        notices.add("relative_ignored", version=header.tags["VERSION"][:20])
        return False
    return wanted


def _part_to_sing(
    tags: dict[str, str], notices: NoticeList, *, milliseconds: bool
) -> tuple[float, float | None]:
    """START and END in seconds; START is written in seconds before version 2, END never is."""
    start = _number(tags, "START", notices, whole=milliseconds) or 0.0
    start_s = max(start / 1000 if milliseconds else start, 0.0)
    end_s = (_number(tags, "END", notices, whole=milliseconds) or 0.0) / 1000
    if end_s <= 0:
        return start_s, None
    if end_s <= start_s:
        notices.add("tag_unreadable", tag="END", value=tags["END"][:40])
        return start_s, None
    return start_s, end_s


def _singer(tags: dict[str, str], number: int) -> str:
    return melody.plain(tags.get(f"P{number}", "")) or f"P{number}"


def _chosen(
    body: ultrastar_body.Body,
    tags: dict[str, str],
    voice: str | int | None,
    path: Path,
    notices: NoticeList,
) -> int:
    """The number of the voice to take: the wanted one, or the first, which is then reported."""
    names = {number: _singer(tags, number) for number in sorted(body.voices)}
    listed = tuple(f"P{n} ({name})" if name != f"P{n}" else name for n, name in names.items())
    if voice is not None:
        wanted = str(voice).strip().casefold()
        for number, name in names.items():
            if wanted in (str(number), f"p{number}", name.casefold()):
                return number
        raise SongError("no_such_voice", path=path, wanted=str(voice), voices=listed)
    if len(names) > 1:
        notices.add("voice_taken", voice=listed[0], voices=listed)
    return next(iter(names), 1)
