"""Which file has which sha256, so that what is there already need not be read to be known.

``<cache>/files.jsonl`` holds one line a file: its path, its size and time when it was hashed, and
its sha256. A file of another size or time is hashed again. The list may be thrown away.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from asa_desktop.core.audio import sha256
from asa_desktop.core.errors import place_error
from asa_training.prepared.store import Store

Stamp = tuple[int, int]
"""Size in bytes and time of the last change in nanoseconds."""

_FRESH_NS = 2_000_000_000
"""A file this young may change again without its time telling."""


def stamp_of(file: Path) -> Stamp:
    """Size and time of a file. Raises PlaceError."""
    try:
        found = file.stat()
    except OSError as error:
        raise place_error(error, file) from error
    return found.st_size, found.st_mtime_ns


class Digests:
    """The list of a cache, read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known = self._read()
        self._new: dict[str, tuple[Stamp, str]] = {}

    def known(self, file: Path) -> str | None:
        """The sha256 of a file as it is now, if it is known. Raises PlaceError without a file."""
        stamp = stamp_of(file)
        for listed in (self._new, self._known):
            if (found := listed.get(_name(file))) and found[0] == stamp:
                return found[1]
        return None

    def of(self, file: Path) -> str:
        """The sha256 of a file, computed where it is not known. Raises PlaceError."""
        return self.known(file) or sha256(file)

    def learn(self, file: Path, stamp: Stamp, digest: str) -> None:
        """Remember what a file with this stamp has been hashed to."""
        if time.time_ns() - stamp[1] > _FRESH_NS:
            self._new[_name(file)] = (stamp, digest)

    def save(self, store: Store) -> None:
        """Write the list with what was learnt, and what other jobs have learnt meanwhile."""
        if not self._new:
            return
        self._known = {**self._read(), **self._new}
        self._new = {}
        lines = [
            json.dumps([name, *stamp, digest], ensure_ascii=False)
            for name, (stamp, digest) in sorted(self._known.items())
        ]
        # Names that are no UTF-8 come with halves of surrogates.
        data = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")
        store.write(self._place, lambda stream: stream.write(data))

    @property
    def _place(self) -> Path:
        return self._root / "files.jsonl"

    def _read(self) -> dict[str, tuple[Stamp, str]]:
        try:
            text = self._place.read_bytes().decode("utf-8", "surrogatepass")
        except (OSError, UnicodeDecodeError):
            return {}
        found = {}
        for line in text.split("\n"):
            try:
                name, size, changed, digest = json.loads(line)
            except (ValueError, TypeError):
                continue
            found[name] = ((size, changed), digest)
        return found


def _name(file: Path) -> str:
    return str(file.absolute())
