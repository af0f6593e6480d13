"""The audio files beside the database: named, brought in, moved to the trash, never rewritten.

Before a file takes its place a note (`.take.json`) with its row lies beside it, and goes when the
row is there. A kill at any moment leaves either nothing new or a file whose row can be made.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from asa_desktop.core.errors import PlaceError, place_error
from asa_desktop.services.files import (
    copy_verified,
    sha256_of,
    sync_folder,
    write_bytes,
)
from asa_desktop.services.paths import private_folder

NOTE = ".take.json"
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")


class Recordings:
    """The folders of a library that hold sound.

    `folder` has one file for each take, `trash` those of removed takes, `parts` what is being
    recorded just now or was when the program died.
    """

    def __init__(self, library: Path) -> None:
        self.folder = library / "recordings"
        self.trash = library / "trash"
        self.parts = library / "parts"

    def new_name(self, *, recorded: datetime, suffix: str) -> str:
        """A name that tells when it was sung, so that the folder alone is of use too."""
        kept = suffix.lower() if _SUFFIX.fullmatch(suffix.lower()) else ".audio"
        return f"{recorded:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}{kept}"

    def bring_in(self, source: Path, *, name: str, move: bool) -> str:
        """Put the bytes of `source` under `name`, copied or moved, and return their sha256."""
        target = private_folder(self.folder) / name
        if move and _moved(source, target):
            return sha256_of(target)
        return copy_verified(source, target)

    def to_trash(self, name: str) -> Path:
        """Move a recording out of sight. Raises `PlaceError`."""
        return self._move(self.folder / name, private_folder(self.trash))

    def from_trash(self, name: str) -> Path:
        """Move a recording back. Raises `PlaceError`."""
        return self._move(self.trash / name, private_folder(self.folder))

    def _move(self, path: Path, folder: Path) -> Path:
        target = folder / path.name
        if not path.exists() and target.exists():
            return target  # an earlier try got this far
        if target.exists():
            target = target.with_name(f"{path.stem}-{secrets.token_hex(4)}{path.suffix}")
        try:
            path.replace(target)
        except OSError as error:
            raise place_error(error, path) from error
        sync_folder(folder)
        sync_folder(path.parent)
        return target

    def write_note(self, name: str, row: dict[str, Any]) -> None:
        """Say which row belongs to the file that is about to come."""
        folder = private_folder(self.folder)
        write_bytes(folder / (name + NOTE), json.dumps(row).encode())

    def read_note(self, name: str) -> dict[str, Any] | None:
        """The row that belongs to a file, if its note is there and whole."""
        try:
            row = json.loads((self.folder / (name + NOTE)).read_bytes())
        except (OSError, ValueError):
            return None
        return row if isinstance(row, dict) else None

    def drop_note(self, name: str) -> None:
        with contextlib.suppress(OSError):
            (self.folder / (name + NOTE)).unlink()

    def notes(self) -> Iterator[str]:
        """Names of the recordings that have a note, whether they are there or not."""
        if self.folder.is_dir():
            for path in sorted(self.folder.glob(f"*{NOTE}")):
                yield path.name.removesuffix(NOTE)

    def files(self) -> Iterator[Path]:
        """Whatever lies in the folder of recordings, notes and leftovers too."""
        if self.folder.is_dir():
            yield from sorted(one for one in self.folder.iterdir() if one.is_file())


def _moved(source: Path, target: Path) -> bool:
    """Whether the file could be renamed; not from one disk to another."""
    try:
        with source.open("rb+") as stream:
            os.fsync(stream.fileno())
    except OSError as error:
        raise place_error(error, source) from error
    if target.exists():
        raise PlaceError("in_the_way", path=target)
    try:
        source.replace(target)
    except OSError as error:
        if error.errno == errno.EXDEV:
            return False
        raise place_error(error, target) from error
    sync_folder(target.parent)
    return True
