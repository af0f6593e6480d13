"""The files of a song's folder, found by name or stem, and never anything outside it."""

from __future__ import annotations

import re
import stat
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from asa_desktop.core.errors import AsaError, SongError, place_error
from asa_desktop.core.songs.notices import NoticeList

# fmt: off
SOUND = frozenset((
    "wav", "w64", "flac", "mp3", "ogg", "oga", "opus", "m4a", "aac", "wma",
    "aif", "aiff", "aifc", "caf", "au", "mka",
))
MOVING = frozenset((
    "mp4", "m4v", "webm", "mkv", "mov", "avi", "mpg", "mpeg", "wmv", "flv", "3gp", "ts",
))
# fmt: on
AUDIO = SOUND | MOVING
MIDI = frozenset(("mid", "midi", "kar"))
MUSICXML = frozenset(("musicxml", "mxl", "xml"))
NOTES = MIDI | MUSICXML | {"txt"}
MOST_ENTRIES = 10_000
_DEEPEST = 8

Refusal = Literal["absolute", "outside", "control", "link", "odd"]


class Refused(Exception):  # noqa: N818 - never leaves core.songs
    """A name that must not be followed, and why."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why: Refusal = why


@dataclass(frozen=True, slots=True)
class Folder:
    """A song's folder: its own path and the ordinary files directly in it, in order of name."""

    path: Path
    files: tuple[Path, ...]

    def stems(self, stems: Collection[str], suffixes: Collection[str]) -> list[Path]:
        """Files called one of `stems` (in any case and composition) with one of `suffixes`."""
        return [f for f in self.files if key(f.stem) in stems and suffix(f) in suffixes]

    def kinds(self, suffixes: Collection[str]) -> list[Path]:
        """Files with one of `suffixes` (small letters, no dot)."""
        return [f for f in self.files if suffix(f) in suffixes]

    def named(self, name: str) -> Path | None:
        """The file that a tag or song.toml calls `name`, None if there is none.

        Each part of the name is looked for among what the folder really holds, first as written,
        then composed, then without regard to case, so that a name never reaches the system.

        Raises
        ------
        Refused
            If the name leads, or the file is a link, out of the folder.
        """
        place = self.path
        for part in _parts(name):
            entry = _entry(place, part)
            if entry is None or not _leads_somewhere(entry):
                return None
            if not is_inside(entry, self.path):
                raise Refused("link")
            place = entry
        return place if is_ordinary(place) else None


def open_folder(path: Path, notices: NoticeList) -> Folder:
    """List a folder; hidden files are passed over, links out of it are reported and left out.

    Raises
    ------
    SongError
        ``empty_folder``, ``too_many_files``.
    PlaceError
        Where the folder cannot be read.
    """
    entries = [entry for entry in _entries(path) if not entry.name.startswith(".")]
    if not entries:
        raise SongError("empty_folder", path=path)
    files = []
    for entry in entries:
        if not is_ordinary(entry):
            continue
        if is_inside(entry, path):
            files.append(entry)
        else:
            notices.add("path_refused", entry="", name=entry.name, why="link")
    return Folder(path, tuple(sorted(files, key=lambda file: (key(file.name), file.name))))


def key(name: str) -> str:
    """`name` as compared: composed (macOS stores names decomposed) and without case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def suffix(path: Path) -> str:
    """The suffix in small letters without its dot."""
    return path.suffix[1:].lower()


def is_ordinary(path: Path) -> bool:
    """Whether `path` leads to an ordinary file: no folder, pipe or device, no broken link."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def _leads_somewhere(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def is_inside(path: Path, folder: Path) -> bool:
    """Whether `path`, its links followed, lies in `folder`."""
    try:
        return path.resolve(strict=True).is_relative_to(folder.resolve(strict=True))
    except (OSError, RuntimeError):
        return False


def _parts(name: str) -> list[str]:
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in name):
        raise Refused("control")
    slashed = name.strip().replace("\\", "/")
    if slashed.startswith(("/", "~")) or re.match(r"[A-Za-z]:", slashed):
        raise Refused("absolute")
    parts = [part for part in slashed.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise Refused("outside")
    if not parts or len(parts) > _DEEPEST or len(name) > 1024:
        raise Refused("odd")
    return parts


def _entry(folder: Path, name: str) -> Path | None:
    """What `folder` holds under `name`; exact before composed before caseless."""
    try:
        held = {entry.name: entry for entry in _entries(folder)}
    except AsaError:  # no folder, or one closed to us
        return None
    for same in (str, lambda n: unicodedata.normalize("NFC", n), key):
        for found, entry in held.items():
            if same(found) == same(name):
                return entry
    return None


def _entries(folder: Path) -> list[Path]:
    """All that `folder` holds, in order of name."""
    entries: list[Path] = []
    try:
        for entry in folder.iterdir():
            entries.append(entry)
            if len(entries) > MOST_ENTRIES:
                raise SongError("too_many_files", path=folder, limit=MOST_ENTRIES)
    except OSError as error:
        raise place_error(error, folder) from error
    return sorted(entries)
