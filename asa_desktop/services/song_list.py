"""The list of songs as the window shows it: each with its length, its takes, and what is missing.

Lengths are kept in the cache by the state of the song's files, so that a list of hundreds opens
at once and a file that changed is read anew.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asa_desktop.core.errors import AsaError, PlaceError
from asa_desktop.services.files import write_bytes
from asa_desktop.services.library.text import tidy
from asa_desktop.services.paths import private_folder, resources
from asa_desktop.services.reading import Cancel, Progress
from asa_desktop.services.song_files import SongFacts, read_songs, song_facts, stamp_of

if TYPE_CHECKING:
    from asa_desktop.services.library import Library, SongRow

log = logging.getLogger(__name__)

FILE = "songs.json"
_FORM = 1
_TAKES = "takes"


@dataclass(frozen=True, slots=True)
class Known:
    """What the cache knows of a song's files; an empty stamp: they were not found."""

    stamp: str
    seconds: float | None = None
    low: int | None = None
    high: int | None = None

    @classmethod
    def of(cls, facts: SongFacts) -> Known:
        return cls(facts.stamp, facts.seconds, facts.low, facts.high)


@dataclass(frozen=True, slots=True)
class SongEntry:
    """A song of the list. `scores` are those of its takes, the oldest first."""

    song: SongRow
    takes: int
    scores: tuple[float, ...]

    @property
    def best(self) -> float | None:
        return max(self.scores, default=None)

    @property
    def can_be_scored(self) -> bool:
        """Whether there is an original voice or notes to judge by."""
        return "vocal" in self.song.parts or "melody" in self.song.parts

    @property
    def missing(self) -> tuple[str, ...]:
        """Which of accompaniment, vocal, melody and lyrics are not there."""
        there = set(self.song.parts) | ({"accompaniment"} if "mix" in self.song.parts else set())
        return tuple(
            one for one in ("accompaniment", "vocal", "melody", "lyrics") if one not in there
        )


def song_entries(library: Library) -> list[SongEntry]:
    """The songs by title."""
    scores: dict[int, list[float]] = {}
    count: dict[int, int] = {}
    for take in reversed(library.takes()):
        count[take.song] = count.get(take.song, 0) + 1
        if take.score is not None:
            scores.setdefault(take.song, []).append(take.score)
    return [
        SongEntry(song, count.get(song.id, 0), tuple(scores.get(song.id, ())))
        for song in library.songs()
    ]


def add_bundled(library: Library, *, again: bool = False) -> None:
    """Put the bundled songs on the list, once: one that was taken off stays off, but for `again`.

    What is wrong with one of them is in the log: the user's own songs do not wait for it.
    """
    try:
        folders = bundled_songs()
    except AsaError as error:
        log.warning("bundled songs left out: %s", error)
        return
    for folder in folders:
        try:
            if again or library.song_at(path=folder) is None:
                keep_song(library, song_facts(folder))
        except AsaError as error:
            log.warning("bundled song left out: %s", error)


def bundled_songs() -> tuple[Path, ...]:
    """Folders of the songs that came with the program. Raises ``bundled_missing``."""
    demo = resources() / "demo"
    if not demo.is_dir():
        raise PlaceError("bundled_missing", name="demo", path=demo)
    return tuple(one for one in sorted(demo.iterdir()) if one.is_dir() and one.name != _TAKES)


def keep_song(library: Library, facts: SongFacts) -> SongRow:
    """Put a song on the list, or bring what is said of it up to date."""
    return library.add_song(
        path=facts.path,
        title=facts.title,
        artist=facts.artist,
        language=facts.language,
        parts=facts.parts,
    )


def move_song(library: Library, song: int, facts: SongFacts) -> SongRow:
    """A song lies elsewhere now, where `facts` were read. Raises ``song_twice``."""
    library.move_song(song, path=facts.path)
    return keep_song(library, facts)


def differs(facts: SongFacts, song: SongRow | None) -> bool:
    """Whether a song's files say something else than the list does."""
    if song is None:
        return False
    told = (song.title, song.artist, song.language, song.parts)
    return told != (tidy(facts.title), tidy(facts.artist), tidy(facts.language), facts.parts)


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the files brought: all that is known, and the songs that changed."""

    known: Mapping[Path, Known]
    changed: tuple[SongFacts, ...]


def look_again(
    songs: Sequence[SongRow],
    cache: Path,
    *,
    progress: Progress | None = None,
    cancelled: Cancel | None = None,
) -> Look:
    """See which songs' files are new, changed or gone, and read those. Raises `Cancelled`."""
    known = read_known(cache)
    stamps = {song.path: stamp_of(song.path) for song in songs}
    stale = [path for path, stamp in stamps.items()
             if stamp and (path not in known or known[path].stamp != stamp)]  # fmt: skip
    changed = []
    for path, read in zip(
        stale, read_songs(stale, progress=progress, cancelled=cancelled), strict=True
    ):
        if isinstance(read, AsaError):
            log.info("%s: %s", path, read)
            known[path] = Known(stamps[path])  # there, but of no use; said when it is to be sung
        else:
            known[path] = Known.of(read)
            changed.append(read)
    listed = {
        path: known[path] if stamp and path in known else Known(stamp)
        for path, stamp in stamps.items()
    }
    if stale:
        write_known(cache, listed)
    return Look(listed, tuple(changed))


def read_known(cache: Path) -> dict[Path, Known]:
    """What the cache holds; nothing where it is lost or damaged."""
    try:
        kept = json.loads((cache / FILE).read_bytes())
        if not isinstance(kept, dict) or kept.get("form") != _FORM:
            return {}
        return {Path(name): _known(one) for name, one in kept["songs"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def write_known(cache: Path, known: Mapping[Path, Known]) -> None:
    """Keep what was found out; without it the songs are read again."""
    songs = {str(path): [one.stamp, one.seconds, one.low, one.high] for path, one in known.items()}
    try:
        text = json.dumps({"form": _FORM, "songs": songs})
        write_bytes(private_folder(cache) / FILE, text.encode())
    except PlaceError as error:
        log.warning("lengths not kept: %s", error)


def remember(cache: Path, facts: Iterable[SongFacts]) -> None:
    """Add songs that were read just now to the cache."""
    write_known(cache, {**read_known(cache), **{one.path: Known.of(one) for one in facts}})


def _known(kept: Any) -> Known:
    stamp, seconds, low, high = kept
    if not isinstance(stamp, str) or isinstance(seconds, bool | str | list | dict):
        raise ValueError("not ours")
    return Known(
        stamp,
        None if seconds is None else float(seconds),
        None if low is None else int(low),
        None if high is None else int(high),
    )
