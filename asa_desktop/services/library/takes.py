"""Recordings of one person singing one song: brought in, listed, renamed, removed."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from asa_desktop.core.errors import AsaError, LibraryError, PlaceError, place_error
from asa_desktop.services.files import copy_verified
from asa_desktop.services.library.rows import Source, TakeRow
from asa_desktop.services.library.songs import People, Songs
from asa_desktop.services.library.text import stamp, tidy

log = logging.getLogger(__name__)

_TAKES = """
    SELECT takes.*, songs.title AS song_title, people.name AS singer,
           newest.status AS status, newest.score AS score
    FROM takes
    JOIN songs ON songs.id = takes.song_id
    JOIN people ON people.id = takes.person_id
    LEFT JOIN analyses AS newest ON newest.id =
        (SELECT max(id) FROM analyses WHERE take_id = takes.id)
"""

_COLUMNS = (
    "song_id",
    "person_id",
    "title",
    "source",
    "original_name",
    "latency_s",
    "clock_ratio",
    "start_s",
    "delay_from",
    "duration_s",
    "sample_rate",
    "device",
    "xruns",
    "gaps",
    "recorded_at",
)


class Takes(People, Songs):
    """Takes, whose bytes never change and are never deleted: file first, row second."""

    def import_take(self, *, song: int, person: int, file: Path, **facts: Any) -> TakeRow:
        """Copy a recording from elsewhere into the library; see `add_take`."""
        return self.add_take(song=song, person=person, file=file, source="imported", **facts)

    def add_take(
        self,
        *,
        song: int,
        person: int,
        file: Path,
        source: Source = "recorded",
        title: str = "",
        latency_s: float = 0.0,
        clock_ratio: float = 1.0,
        start_s: float = 0.0,
        delay_from: str = "",
        duration_s: float | None = None,
        sample_rate: int | None = None,
        device: str = "",
        xruns: int = 0,
        gaps: Sequence[tuple[float, float]] = (),
        recorded_at: datetime | None = None,
    ) -> TakeRow:
        """Bring a recording in: its note, its bytes, its row.

        What was ``"recorded"`` here is moved, what is ``"imported"`` is copied and left alone.

        Raises
        ------
        LibraryError
            ``song_unknown`` or ``person_unknown``.
        PlaceError
            ``missing_file``, ``is_folder``, ``not_a_file``, ``no_rights``, ``disk_full``,
            ``copy_differs`` and the like; then nothing of it stays.
        """
        self.song(song)
        self.person(person)
        when = recorded_at or datetime.now(UTC)
        name = self.recordings.new_name(recorded=when, suffix=file.suffix)
        row = {
            "song_id": song,
            "person_id": person,
            "title": tidy(title),
            "file": name,
            "source": source,
            "original_name": tidy(file.name),
            "latency_s": latency_s,
            "clock_ratio": clock_ratio,
            "start_s": start_s,
            "delay_from": delay_from,
            "duration_s": duration_s,
            "sample_rate": sample_rate,
            "device": tidy(device),
            "xruns": xruns,
            "gaps": json.dumps([list(gap) for gap in gaps]),
            "recorded_at": stamp(when),
        }
        self.recordings.write_note(name, row)
        try:
            sha256 = self.recordings.bring_in(file, name=name, move=source == "recorded")
        except AsaError:
            self.recordings.drop_note(name)
            raise
        # From here on a failure leaves file and note, of which `asa check` makes the take.
        return self.take_from_note(name, sha256=sha256)

    def take_from_note(self, name: str, *, sha256: str) -> TakeRow:
        """Make the row of a file in recordings/ of the note beside it, which then goes.

        Raises `LibraryError` ``note_unusable`` if the note is missing, damaged or names rows
        that are not there.
        """
        row = self.recordings.read_note(name) or {}
        try:
            take = self._insert_take(row, file=name, sha256=sha256)
        except (KeyError, TypeError, sqlite3.IntegrityError, sqlite3.ProgrammingError) as error:
            raise LibraryError("note_unusable", path=self.recordings.folder / name) from error
        self.recordings.drop_note(name)
        return self.take(take)

    def adopt_take(self, *, song: int, person: int, name: str, sha256: str) -> TakeRow:
        """Make a take of a file in recordings/ that nothing is known about any more."""
        self.song(song)
        self.person(person)
        path = self.recordings.folder / name
        try:
            when = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except OSError as error:
            raise place_error(error, path) from error
        row = {"song_id": song, "person_id": person, "source": "imported", "original_name": name}
        take = self._insert_take(row | {"recorded_at": stamp(when)}, file=name, sha256=sha256)
        self.recordings.drop_note(name)
        return self.take(take)

    def _insert_take(self, row: Mapping[str, Any], *, file: str, sha256: str) -> int:
        values = {name: row[name] for name in _COLUMNS if name in row}
        values |= {"file": file, "sha256": sha256, "added_at": stamp()}
        marks = ", ".join("?" for _ in values)
        with self.database.transaction():
            cursor = self.database.run(
                f"INSERT INTO takes ({', '.join(values)}) VALUES ({marks})", [*values.values()]
            )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def take(self, take: int) -> TakeRow:
        """One take, also a removed one. Raises ``take_unknown``."""
        row = self.database.row(f"{_TAKES} WHERE takes.id = ?", (take,))
        if row is None:
            raise LibraryError("take_unknown", take=take)
        return TakeRow.of(row)

    def takes(
        self, *, song: int | None = None, person: int | None = None, removed: bool = False
    ) -> list[TakeRow]:
        """The takes of a song, of a singer, of both or all; the newest first."""
        rows = self.database.rows(
            f"{_TAKES} WHERE (takes.removed_at IS NOT NULL) = ?"
            " AND takes.song_id = coalesce(?, takes.song_id)"
            " AND takes.person_id = coalesce(?, takes.person_id)"
            " ORDER BY takes.recorded_at DESC, takes.id DESC",
            (removed, song, person),
        )
        return [TakeRow.of(row) for row in rows]

    def audio(self, take: TakeRow) -> Path:
        """Where the bytes of a take are; see `remove_take` for those of a removed one."""
        trashed = self.recordings.trash / take.file
        if take.removed and trashed.exists():
            return trashed
        return self.recordings.folder / take.file

    def rename_take(self, take: int, *, title: str) -> TakeRow:
        """Give a take a title, or none. Raises ``take_unknown``."""
        return self._changed(take, "title", tidy(title))

    def give_take(self, take: int, *, person: int) -> TakeRow:
        """Say who sang a take. Raises ``take_unknown``, ``person_unknown``."""
        self.person(person)
        return self._changed(take, "person_id", person)

    def set_latency(self, take: int, *, latency_s: float) -> TakeRow:
        """Shift a take against its song; analyses keep the latency that they were made with.

        From then on it is a delay that was given. The recording itself stays as it is.
        """
        self._changed(take, "latency_s", latency_s)
        return self._changed(take, "delay_from", "given")

    def remove_take(self, take: int) -> TakeRow:
        """Take a take off the lists and its audio to the trash folder, from where it can return.

        Emptying that folder is left to the user. Raises ``take_unknown``.
        """
        row = self._changed(take, "removed_at", stamp())
        try:
            self.recordings.to_trash(row.file)
        except PlaceError as error:
            # The take is off the lists; `asa check` moves its file later.
            log.warning("removed take %d keeps its file: %s", take, error)
        return row

    def restore_take(self, take: int) -> TakeRow:
        """Bring a removed take back. Raises ``take_unknown``, ``missing_file``."""
        row = self.take(take)
        if row.removed:
            self.recordings.from_trash(row.file)
        return self._changed(take, "removed_at", None)

    def export_take(self, take: int, *, to: Path) -> None:
        """Copy the bytes of a take to a file of the user's choice. Raises `PlaceError`."""
        copy_verified(self.audio(self.take(take)), to)

    def _changed(self, take: int, column: str, value: object) -> TakeRow:
        self.take(take)
        with self.database.transaction():
            self.database.run(f"UPDATE takes SET {column} = ? WHERE id = ?", (value, take))
        return self.take(take)
