"""Which of several tracks or parts is the melody, said in words where it had to be guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from asa_desktop.core.errors import SongError
from asa_desktop.core.songs.notices import NoticeList
from asa_desktop.core.types import Note

VOCAL_RANGE = (40, 84)  # E2 to C6
_MOST_LISTED = 12
_MELODY = re.compile(
    r"melod|vocal|voice|voix|\bvoc\b|\bvox\b|gesang|stimme|\bcanto|\bvoz\b|"
    r"\bsing|\blead\b|chant\b|soprano|\btenor|\balto\b|ボーカル|歌|メロディ",
    re.IGNORECASE,
)
_NOT_MELODY = re.compile(
    r"back|choir|chorus|harmon|counter|guitar|gtr|synth|bass|drum|pad|string|organ|brass|sax|2nd",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """A candidate: a track (and channel) or a part (and voice) with notes.

    `number` counts tracks or parts from 1 as the file does; `lyric_share` is how well its onsets
    and the lyrics agree (0 to 1); `left_out` counts the notes of
    the part's other voices.
    """

    number: int
    name: str
    notes: tuple[Note, ...]
    lyric_share: float = 0.0
    left_out: int = 0

    @property
    def label(self) -> str:
        """How the part is named to the user."""
        return f"{self.number} ({self.name})" if self.name else str(self.number)


def choose(
    parts: Sequence[Part], wanted: str | int | None, path: Path, notices: NoticeList
) -> Part:
    """The wanted part, else the likeliest melody; a guess among several is reported.

    By name first, then by the lyrics, then by how much a part is one voice in a singer's range.

    Raises
    ------
    SongError
        ``no_notes`` without parts, ``no_such_voice`` if the wanted one is not there.
    """
    if not parts:
        raise SongError("no_notes", path=path)
    labels = tuple(part.label for part in parts[:_MOST_LISTED])
    if wanted is not None:
        return _wanted(parts, wanted, path, labels)
    if len(parts) == 1:
        return parts[0]
    named = [p for p in parts if _MELODY.search(p.name) and not _NOT_MELODY.search(p.name)]
    if len(named) == 1:
        return named[0]
    pool = named or list(parts)
    best = max(
        pool,
        key=lambda part: (
            round(part.lyric_share, 1) if part.lyric_share >= 0.5 else 0,
            voice_likeness(part.notes),
        ),
    )
    others = max((p.lyric_share for p in pool if p is not best), default=0.0)
    if not (best.lyric_share >= 0.8 and others < 0.5):
        notices.add("track_guessed", track=best.label, tracks=labels)
    return best


def _wanted(parts: Sequence[Part], wanted: str | int, path: Path, labels: tuple[str, ...]) -> Part:
    asked = str(wanted).strip().casefold()
    matching = [p for p in parts if asked in (str(p.number), p.name.casefold())]
    if not matching:
        raise SongError("no_such_voice", path=path, wanted=str(wanted), voices=labels)
    return max(matching, key=lambda part: (part.lyric_share, voice_likeness(part.notes)))


def voice_likeness(notes: Sequence[Note]) -> float:
    """How much notes look like one sung voice: 0 to 1, the more notes the surer.

    Share of notes that do not sound together with another, times the share in `VOCAL_RANGE`,
    damped for parts of a few notes.
    """
    if not notes:
        return 0.0
    ordered = sorted(notes, key=lambda note: note.start)
    together = sum(
        1 for a, b in pairwise(ordered) if min(a.end, b.end) - b.start > 0.3 * (b.end - b.start)
    )
    low, high = VOCAL_RANGE
    in_range = sum(low <= note.midi <= high for note in ordered) / len(ordered)
    return (1 - together / len(ordered)) * in_range * len(ordered) / (len(ordered) + 20)


def lyric_share(notes: Sequence[Note], syllables: Sequence[float], *, slack_s: float) -> float:
    """How well onsets and lyric times agree: the F-measure of those within `slack_s`."""
    if not notes or not syllables:
        return 0.0
    onsets = sorted(note.start for note in notes)
    times, hits, i = sorted(syllables), 0, 0
    for time in times:
        while i < len(onsets) and onsets[i] < time - slack_s:
            i += 1
        if i < len(onsets) and onsets[i] <= time + slack_s:
            hits += 1
            i += 1
    return 2 * hits / (len(onsets) + len(times))
