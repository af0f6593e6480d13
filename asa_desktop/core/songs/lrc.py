"""LRC lyrics: [mm:ss.xx] lines, several stamps a line, [offset:], and enhanced word stamps."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from asa_desktop.core.errors import SongError
from asa_desktop.core.songs.melody import LONGEST_S, plain
from asa_desktop.core.songs.notices import NoticeList
from asa_desktop.core.songs.textfile import decode, read_bounded, split_lines
from asa_desktop.core.types import LyricLine, Notice

MOST_LINES = 20_000
_MOST_STAMPS = 100  # of one line; a chorus comes less often
_MOST_WORDS = 1000
_TIME = r"(\d{1,4}):(\d{1,2})(?:[.:,](\d{1,3}))?"
_STAMP = re.compile(rf"\s*\[{_TIME}\]")
_WORD = re.compile(rf"<{_TIME}>")
_TAG = re.compile(r"\s*\[\s*([A-Za-z#]\w*)\s*:(.*)\]\s*")
_OFFSET = re.compile(r"[+-]?\d{1,7}")


@dataclass(frozen=True, slots=True)
class LyricsFile:
    """Lyrics in time order, and what the file says of the song.

    An empty line is a stamp without text: from there on nothing is sung.
    """

    lines: tuple[LyricLine, ...]
    title: str = ""
    artist: str = ""
    language: str = ""
    notices: tuple[Notice, ...] = ()


def read_lrc(path: Path) -> LyricsFile:
    """Read an .lrc file, or a .txt with such stamps.

    Raises
    ------
    SongError
        ``lyrics_without_times`` if not one line has a stamp, ``too_many_lines``,
        ``file_too_large``.
    """
    notices = NoticeList(path)
    tags: dict[str, str] = {}
    stamped: list[LyricLine] = []
    for number, text in enumerate(split_lines(decode(read_bounded(path), notices)), start=1):
        if not text.strip():
            continue
        found = _stamped(text)
        stamped += found
        if len(stamped) > MOST_LINES:
            raise SongError("too_many_lines", path=path, limit=MOST_LINES)
        if not found and (tag := _TAG.fullmatch(text)):
            tags.setdefault(tag[1].lower(), tag[2].strip())
        elif not found:
            notices.add("lyric_line_skipped", line=number, text=text.strip()[:60])
    if not stamped:
        raise SongError("lyrics_without_times", path=path)
    return LyricsFile(
        lines=_in_time(stamped, _offset_s(tags, notices), notices),
        title=plain(tags.get("ti", "")),
        artist=plain(tags.get("ar", "")),
        language=plain(tags.get("la", "")),
        notices=notices.done(),
    )


def _stamped(text: str) -> list[LyricLine]:
    """The lines that one line of the file stands for: one for each stamp it begins with."""
    starts: list[float] = []
    at = 0
    while len(starts) < _MOST_STAMPS and (match := _STAMP.match(text, at)):
        starts.append(_seconds(match))
        at = match.end()
    if not starts:
        return []
    shown = " ".join(_WORD.sub("", text[at:]).split())
    first_word = _WORD.search(text, at)
    told = _seconds(first_word) if first_word else starts[0]
    own = min(starts, key=lambda start: abs(start - told))  # the stamp that the words were timed to
    line = LyricLine(start=own, text=shown, words=_words(text[at:], own))
    return [_moved(line, start - own) for start in starts]


def _words(text: str, start: float) -> tuple[tuple[float, str], ...]:
    """The stamped words; text before the first word stamp begins with the line."""
    stamps = list(_WORD.finditer(text))
    if not 0 < len(stamps) <= _MOST_WORDS:
        return ()
    pieces = [(start, text[: stamps[0].start()])]
    for i, stamp in enumerate(stamps):
        end = stamps[i + 1].start() if i + 1 < len(stamps) else len(text)
        pieces.append((_seconds(stamp), text[stamp.end() : end]))
    return tuple((time, " ".join(piece.split())) for time, piece in pieces if piece.strip())


def _seconds(match: re.Match[str]) -> float:
    """Seconds of a stamp; its fraction is of as many digits as it has."""
    fraction = float(f"0.{match[3]}") if match[3] else 0.0
    return 60 * int(match[1]) + int(match[2]) + fraction


def _offset_s(tags: dict[str, str], notices: NoticeList) -> float:
    """How much earlier the lyrics come than their stamps say ([offset:+ms])."""
    written = tags.get("offset", "")
    if written and not _OFFSET.fullmatch(written):
        notices.add("tag_unreadable", tag="offset", value=written[:40])
        return 0.0
    return int(written or 0) / 1000


def _moved(line: LyricLine, by: float) -> LyricLine:
    words = tuple((max(time + by, 0.0), word) for time, word in line.words)
    return replace(line, start=max(line.start + by, 0.0), words=words)


def _in_time(lines: list[LyricLine], offset_s: float, notices: NoticeList) -> tuple[LyricLine, ...]:
    shifted = [_moved(line, -offset_s) for line in lines]
    kept = [line for line in shifted if line.start <= LONGEST_S]
    if len(kept) < len(shifted):
        notices.add("lyrics_outside", count=len(shifted) - len(kept))
    return tuple(sorted(kept, key=lambda line: line.start))
