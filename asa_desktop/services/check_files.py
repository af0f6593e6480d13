"""The recordings of a library against its rows: what is missing, left over or changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from asa_desktop.core.errors import AsaError, Fact, PlaceError
from asa_desktop.engine.held import is_held
from asa_desktop.services.files import TEMPORARY, sha256_of
from asa_desktop.services.findings import Finding
from asa_desktop.services.library import Library
from asa_desktop.services.library.recordings import NOTE
from asa_desktop.services.part_check import SIDES, finishing_names, look_at_part
from asa_desktop.services.part_row import SUFFIX

Progress = Callable[[int, int], None]
Given = TypeVar("Given")


def look_at_files(
    library: Library, *, repair: bool, deep: bool, still_growing_s: float, progress: Progress
) -> Iterator[Finding]:
    """Compare files and rows, both ways; with `deep` also the bytes of every recording."""
    look = _Look(library, repair, time.time() - still_growing_s)
    yield from look.leftovers()
    yield from look.unlisted()
    yield from look.missing()
    yield from look.parts()
    if deep:
        yield from look.changed(progress)


@dataclass(frozen=True, slots=True)
class _Look:
    library: Library
    repair: bool
    settled_before: float

    def leftovers(self) -> Iterator[Finding]:
        """What an interrupted import left: an unfinished copy, a note without its file."""
        recordings = self.library.recordings
        copying = set()
        finishing = finishing_names(self.library)
        for path in recordings.files():
            if path.suffix == TEMPORARY:
                if self._is_settled(path) and not path.name.startswith(finishing):
                    done = self._try(recordings.to_trash, path.name)
                    yield Finding("copy_left", {"path": path}, repaired=done)
                else:
                    copying.add(path.name)
        for name in recordings.notes():
            note = recordings.folder / (name + NOTE)
            if (recordings.folder / name).exists() or not self._is_settled(note):
                continue
            if any(one.startswith(f".{name[:80]}.") for one in copying):
                continue
            named = str((recordings.read_note(name) or {}).get("original_name") or name)
            done = self._try(recordings.drop_note, name)
            yield Finding("import_lost", {"name": named}, repaired=done)

    def unlisted(self) -> Iterator[Finding]:
        """Files without a row: taken in by their notes, else offered."""
        recordings = self.library.recordings
        listed = {take.file for take in self.library.takes()}
        removed = {take.file for take in self.library.takes(removed=True)}
        for path in recordings.files():
            if path.suffix == TEMPORARY or path.name.endswith(NOTE):
                continue
            note = recordings.folder / (path.name + NOTE)
            if path.name in listed:
                # Killed between the row and the end of its note: nothing is amiss.
                self._try(recordings.drop_note, path.name)
            elif path.name in removed:
                done = self._try(recordings.to_trash, path.name)
                yield Finding("removed_file_left", {"path": path}, repaired=done)
            elif not self._is_settled(path) or not self._is_settled(note):
                continue
            elif note.exists() and self._try(self._take_in, path):
                yield Finding("take_unlisted", {"path": path}, repaired=True)
            elif note.exists() and not self.repair:
                yield Finding("take_unlisted", {"path": path})
            else:
                yield Finding("file_unlisted", {"path": path})

    def missing(self) -> Iterator[Finding]:
        """Rows without their file: brought back from the trash, else said."""
        recordings = self.library.recordings
        for take in self.library.takes():
            path = recordings.folder / take.file
            if path.exists():
                continue
            facts: dict[str, Fact] = {"singer": take.singer, "song": take.song_title, "path": path}
            if (recordings.trash / take.file).exists():
                done = self._try(recordings.from_trash, take.file)
                yield Finding("take_in_trash", facts, repaired=done)
            else:
                yield Finding("take_file_missing", facts)

    def parts(self) -> Iterator[Finding]:
        """Recordings that were under way when the program died; not those that still are."""
        folder = self.library.recordings.parts
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if not path.is_file():
                continue
            if path.suffix in SIDES:
                self._side(path)
            elif not is_held(path):
                yield look_at_part(self.library, path, repair=self.repair)

    def _side(self, path: Path) -> None:
        """Clear away what lies beside a part that is no longer there; no sound is in it."""
        part = path.with_suffix("")
        ours = part.suffix == SUFFIX or path.suffix == TEMPORARY
        if ours and not part.exists() and not is_held(part) and self._is_settled(path):
            self._try(Path.unlink, path)

    def changed(self, progress: Progress) -> Iterator[Finding]:
        """Recordings whose bytes are not those that were brought in."""
        takes = self.library.takes()
        for number, take in enumerate(takes):
            progress(number, len(takes))
            path = self.library.recordings.folder / take.file
            if not path.exists():
                continue
            try:
                if sha256_of(path) != take.sha256:
                    yield Finding(
                        "take_changed",
                        {"singer": take.singer, "song": take.song_title, "path": path},
                    )
            except PlaceError as error:
                yield Finding(error.code, error.facts)
        progress(len(takes), len(takes))

    def _take_in(self, path: Path) -> None:
        self.library.take_from_note(path.name, sha256=sha256_of(path))

    def _is_settled(self, path: Path) -> bool:
        try:
            return path.stat().st_mtime <= self.settled_before
        except OSError:
            return True

    def _try(self, repair: Callable[[Given], object], what: Given) -> bool:
        """Whether a repair was wanted and done; what is in its way stays a finding."""
        if not self.repair:
            return False
        try:
            repair(what)
        except (AsaError, OSError):
            return False
        return True
