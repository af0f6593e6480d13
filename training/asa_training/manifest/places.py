"""Places: a path below the root, perhaps with a member (``f0_hz.npz#NAME``, ``a.wav#right``)."""

from __future__ import annotations

import re
import stat
import unicodedata
import zipfile
from pathlib import Path

CHANNELS = {"left": 0, "right": 1}

_ARCHIVE = re.compile(r"(.+\.npz)#(.+)", re.IGNORECASE | re.DOTALL)
_CHANNEL = re.compile(r"(.+)#(left|right)", re.DOTALL)
_DRIVE = re.compile(r"[A-Za-z]:")


def split_place(place: str) -> tuple[str, str]:
    """(path, member); the member is empty for a whole file. Other ``#`` belong to the name."""
    match = _ARCHIVE.fullmatch(place) or _CHANNEL.fullmatch(place)
    return (match[1], match[2]) if match else (place, "")


def file_of(place: str, root: Path) -> Path:
    """The file of a place, without its member."""
    return root / split_place(place)[0]


def written_fault(place: str) -> str | None:
    """What is wrong with a place as it is written, as a fault's code; None if nothing is."""
    path, _ = split_place(place)
    if "\\" in path:
        return "path_backslash"
    if path.startswith("/") or _DRIVE.match(path):
        return "path_absolute"
    if ".." in path.split("/"):
        return "path_leaves"
    if path.endswith("/") or path == ".":
        return "not_a_file"
    return None


class Disk:
    """Looks places up below a root; every archive is opened once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._whole = root.resolve()
        self._members: dict[Path, frozenset[str] | None] = {}

    def fault(self, place: str) -> str | None:
        """What is wrong with a place on the disk, as a fault's code; None if it can be opened."""
        path, member = split_place(place)
        file = self._root / path
        try:
            if not file.resolve().is_relative_to(self._whole):
                return "path_outside"
            if not stat.S_ISREG(file.stat().st_mode):
                return "not_a_file"
        except (OSError, ValueError, RuntimeError):  # not there, a NUL, a ring of links
            return "file_missing"
        return self._member_fault(file, member) if _ARCHIVE.fullmatch(place) else None

    def _member_fault(self, file: Path, member: str) -> str | None:
        if file not in self._members:
            self._members[file] = _members(file)
        held = self._members[file]
        if held is None:
            return "archive_broken"
        return None if member in held else "member_missing"


def _members(file: Path) -> frozenset[str] | None:
    """What an archive holds; None where it cannot be opened."""
    try:
        with zipfile.ZipFile(file) as archive:
            return frozenset(name.removesuffix(".npy") for name in archive.namelist())
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return None


def is_text(cell: str) -> bool:
    """Whether a cell holds no control characters and nothing that cannot be written as UTF-8."""
    if cell.isprintable():  # stricter, but quick
        return True
    return not any(unicodedata.category(character) in ("Cc", "Cs") for character in cell)
