"""From dropped files and folders to songs: which there are, what each holds, how long it is."""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from asa_desktop.core.errors import AsaError, Cancelled, PlaceError, SongError, place_error
from asa_desktop.services.reading import Cancel, Progress, looked_at

if TYPE_CHECKING:
    from asa_desktop.core.types import Song

PARTS = ("accompaniment", "vocal", "mix", "melody", "lyrics")
"""What the library calls the pieces of a song."""

_DEEPEST = 6
_MOST_FOLDERS = 20_000


@dataclass(frozen=True, slots=True)
class SongFacts:
    """What was read of a song. `low` and `high` are its lowest and highest note (MIDI numbers).

    `sounds` are its recordings; `seconds` is None where only decoding would tell.
    """

    path: Path
    title: str
    artist: str
    language: str
    parts: tuple[str, ...]
    seconds: float | None
    low: int | None
    high: int | None
    sounds: tuple[Path, ...]
    stamp: str


@dataclass(frozen=True, slots=True)
class Found:
    """The songs among what was looked at, and what was wrong with the rest."""

    songs: tuple[SongFacts, ...]
    faults: tuple[AsaError, ...]


def find_songs(
    paths: Sequence[Path], *, progress: Progress | None = None, cancelled: Cancel | None = None
) -> Found:
    """All songs in files and folders, which may be folders of songs too.

    A recording alone is a song; one that belongs to a song beside it is not counted twice. Raises
    `Cancelled`.
    """
    songs: list[SongFacts] = []
    faults: list[AsaError] = []
    places = tuple(dict.fromkeys(_places(paths, faults, cancelled)))
    looks = looked_at(places, _all_in, progress=progress, cancelled=cancelled)
    for place, look in zip(places, looks, strict=True):
        if isinstance(look, AsaError):
            faults += [] if _mere_folder(look, place, places) else [look]
            continue
        for one in look:
            (faults if isinstance(one, AsaError) else songs).append(one)  # type: ignore[arg-type]
    taken = {sound for song in songs if song.path not in song.sounds for sound in song.sounds}
    return Found(tuple(one for one in songs if one.path not in taken), tuple(faults))


def read_songs(
    paths: Sequence[Path], *, progress: Progress | None = None, cancelled: Cancel | None = None
) -> list[SongFacts | AsaError]:
    """What is known of each song, or why it cannot be used. Raises `Cancelled`."""
    return looked_at(paths, song_facts, progress=progress, cancelled=cancelled)


def song_facts(path: Path) -> SongFacts:
    """Read one song in this process. Raises as `load_song`, and as `probe` for its recordings."""
    from asa_desktop.core.songs import load_song

    before = stamp_of(path)
    return _facts(load_song(path), path, before)


def stamp_of(path: Path) -> str:
    """Changes whenever a file of the song does; empty where there is nothing any more."""
    try:
        status = path.stat()
        if not stat.S_ISDIR(status.st_mode):
            return f"{status.st_mtime_ns}-{status.st_size}"
        with os.scandir(path) as entries:
            listed = sorted((one.name, *_age(one)) for one in entries)
    except (OSError, ValueError):
        return ""
    return f"{zlib.crc32(repr(listed).encode()):08x}-{len(listed)}"


def _age(entry: os.DirEntry[str]) -> tuple[int, int]:
    try:
        status = entry.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


# In the worker


def _all_in(path: Path) -> tuple[SongFacts | AsaError, ...]:
    """The songs of a file or of one folder, which may hold several side by side."""
    try:
        return (song_facts(path),)
    except SongError as error:
        if error.code != "ambiguous" or not path.is_dir():
            raise
        several = tuple(_side_by_side(path, str(error.facts.get("entry"))))
        if len(several) < 2:
            raise
        return several


def _side_by_side(folder: Path, entry: str) -> Iterator[SongFacts | AsaError]:
    """One song for each file of notes, and one for each recording that none of them names."""
    from asa_desktop.core.songs.places import AUDIO, NOTES, suffix

    files = sorted(one for one in folder.iterdir() if one.is_file() and one.name[0] != ".")
    notes = [one for one in files if suffix(one) in NOTES]
    if any(one.name.lower() == "song.toml" for one in files) or (notes and entry != "notes"):
        return  # its owner has to say which
    taken: set[Path] = set()
    for file in (*notes, *(one for one in files if suffix(one) in AUDIO)):
        if file in taken:
            continue
        try:
            song = song_facts(file)
        except AsaError as error:
            if error.code != "not_ultrastar":  # a licence or the like
                yield error
        else:
            taken.update(song.sounds)
            yield song


def _facts(song: Song, path: Path, stamp: str) -> SongFacts:
    from asa_desktop.core.audio import probe

    sounds = {part: getattr(song, part) for part in PARTS[:3] if getattr(song, part) is not None}
    lengths = {part: probe(file).duration_s for part, file in sounds.items()}
    backing = lengths.get("accompaniment", lengths.get("mix", lengths.get("vocal")))
    ends = [one for one in (backing, None if song.end_s is None else song.end_s + song.offset_s)
            if one is not None]  # fmt: skip
    notes = song.melody.notes if song.melody is not None else ()
    sung = [round(one.midi) for one in notes if one.kind in ("normal", "golden")]
    return SongFacts(
        path=path,
        title=song.title,
        artist=song.artist,
        language=song.language,
        parts=tuple(part for part in PARTS if getattr(song, part)),
        seconds=min(ends, default=None),
        low=min(sung, default=None),
        high=max(sung, default=None),
        sounds=tuple(sounds.values()),
        stamp=stamp,
    )


# Folders of songs


def _places(
    paths: Iterable[Path], faults: list[AsaError], cancelled: Cancel | None
) -> Iterator[Path]:
    """Files as they are, notes before recordings, and every folder that may hold a song."""
    from asa_desktop.core.songs.places import AUDIO, suffix

    files: list[Path] = []
    for path in paths:
        if _is_folder(path):
            yield from _folders(path, faults, cancelled)
        else:
            files.append(path)
    yield from sorted(files, key=lambda one: suffix(one) in AUDIO)


def _folders(top: Path, faults: list[AsaError], cancelled: Cancel | None) -> Iterator[Path]:
    """`top` and what lies below; nothing below a song that has notes, no links, nothing hidden.

    What keeps it from being looked through goes to `faults`.
    """
    waiting, seen = [(top, 0)], 0
    while waiting:
        if cancelled is not None and cancelled():
            raise Cancelled
        if seen == _MOST_FOLDERS:
            faults.append(PlaceError("too_many_folders", path=top, limit=_MOST_FOLDERS))
            return
        folder, depth = waiting.pop()
        seen += 1
        try:
            with os.scandir(folder) as listed:
                entries = sorted(listed, key=lambda one: one.name)
        except OSError as error:
            if folder == top:
                faults.append(place_error(error, folder))
            continue
        below = [Path(one.path) for one in entries if one.name[0] != "." and _leads_down(one)]
        whole, some = _holds([one.name for one in entries])
        if some or folder == top:
            yield folder
        if not whole and depth < _DEEPEST:
            waiting += [(one, depth + 1) for one in reversed(below)]


def _holds(names: Iterable[str]) -> tuple[bool, bool]:
    """Whether a folder is a song with notes or a card, and whether it may hold any song."""
    from asa_desktop.core.songs.places import AUDIO, NOTES

    kinds = {name.rpartition(".")[2].lower() for name in names if name[0] != "."}
    card = any(name.lower() == "song.toml" for name in names)
    sounds, notes = bool(kinds & AUDIO), bool(kinds & NOTES)
    return card or (sounds and notes), card or sounds or bool(kinds & (NOTES - {"txt", "xml"}))


def _leads_down(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _mere_folder(error: AsaError, place: Path, places: Sequence[Path]) -> bool:
    """Whether a folder only holds folders of songs, so that nothing is wrong with it."""
    if error.code not in ("no_audio", "empty_folder"):
        return False
    return any(other != place and other.is_relative_to(place) for other in places)
