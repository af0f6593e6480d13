"""The library: who sang which song when, and what was found out about it."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from asa_desktop import __version__
from asa_desktop.core.errors import AsaError, LibraryError, PlaceError
from asa_desktop.services.files import copy_verified
from asa_desktop.services.library import backup, migrate
from asa_desktop.services.library.database import FILE, Database, corrupt
from asa_desktop.services.library.recordings import Recordings
from asa_desktop.services.library.rows import (
    AnalysisRow,
    ClipRow,
    PersonRow,
    SongRow,
    Source,
    Status,
    TakeRow,
)
from asa_desktop.services.library.text import location_of, same_name, searchable, stamp, tidy
from asa_desktop.services.paths import places, private_folder

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


class Library:
    """One open library, used by the thread that opened it (the database's one-thread executor).

    Every change is one transaction; files come first and rows second, and no audio is deleted.
    All methods may raise `LibraryError`: ``library_busy``, ``library_read_only``,
    ``library_full``, ``library_disk_fault``, ``library_corrupt``.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.folder = database.path.parent
        self.recordings = Recordings(self.folder)

    # Opening and closing

    @classmethod
    def open(
        cls, folder: Path | None = None, *, busy_s: float = 5.0, daily_backup: bool = True
    ) -> Self:
        """Open the library in `folder` (the user's own by default), made if there is none.

        Raises
        ------
        LibraryError
            Also ``library_missing`` if there are only backups of it, ``library_newer``,
            ``library_not_ours`` and ``migration_failed``.
        """
        folder = _made(folder or places().library)
        path = folder / FILE
        if not path.exists() and (last := backup.newest(folder)):
            raise LibraryError("library_missing", path=path, backup=last)
        database = Database(path, busy_s=busy_s)
        try:
            fresh = migrate.upgrade(database, migrate.shipped())
            database.set_up()
            with database.transaction():
                pass  # a library that cannot be written is said now, not after the song
            if daily_backup and not fresh:
                _back_up_daily(database)
        except BaseException:
            database.close()
            raise
        return cls(database)

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # People

    def add_person(self, *, name: str) -> PersonRow:
        """The person of this name, whatever the case, new or known. Raises ``name_empty``."""
        shown = tidy(name)
        if not shown:
            raise LibraryError("name_empty")
        with self.database.transaction():
            self.database.run(
                "INSERT INTO people (name, folded, added_at) VALUES (?, ?, ?)"
                " ON CONFLICT (folded) DO NOTHING",
                (shown, same_name(shown), stamp()),
            )
            row = self.database.row(
                "SELECT id, name FROM people WHERE folded = ?", (same_name(shown),)
            )
        assert row is not None
        return PersonRow(id=row["id"], name=row["name"])

    def people(self) -> list[PersonRow]:
        """Everybody, by name."""
        rows = self.database.rows("SELECT id, name FROM people ORDER BY folded")
        return [PersonRow(id=row["id"], name=row["name"]) for row in rows]

    # Songs

    def add_song(
        self,
        *,
        path: Path,
        title: str,
        artist: str = "",
        language: str = "",
        parts: Sequence[str] = (),
    ) -> SongRow:
        """Put a song folder or file on the list, or bring what is said of it up to date.

        The files stay where they are. `parts` names what it holds, such as ``"vocal"``.
        """
        location = location_of(path)
        with self.database.transaction():
            self.database.run(
                "INSERT INTO songs (location, title, artist, language, parts, folded, added_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (location) DO UPDATE SET"
                " title = excluded.title, artist = excluded.artist, language = excluded.language,"
                " parts = excluded.parts, folded = excluded.folded, removed_at = NULL",
                (location, *_described(title, artist, language, parts), stamp()),
            )
            row = self.database.row("SELECT * FROM songs WHERE location = ?", (location,))
        assert row is not None
        return SongRow.of(row)

    def song(self, song: int) -> SongRow:
        """One song, also a removed one. Raises ``song_unknown``."""
        row = self.database.row("SELECT * FROM songs WHERE id = ?", (song,))
        if row is None:
            raise LibraryError("song_unknown", song=song)
        return SongRow.of(row)

    def songs(self, *, search: str = "") -> list[SongRow]:
        """The songs whose title or artist holds every word of `search`, by title."""
        words = searchable(search).split()
        where = "".join(" AND folded LIKE ? ESCAPE '\\'" for _ in words)
        rows = self.database.rows(
            f"SELECT * FROM songs WHERE removed_at IS NULL{where} ORDER BY folded, id",
            [f"%{_literal(word)}%" for word in words],
        )
        return [SongRow.of(row) for row in rows]

    def move_song(self, song: int, *, path: Path) -> SongRow:
        """Say where a song's folder or file is now. Raises ``song_unknown``, ``song_twice``."""
        self.song(song)
        try:
            with self.database.transaction():
                self.database.run(
                    "UPDATE songs SET location = ? WHERE id = ?", (location_of(path), song)
                )
        except sqlite3.IntegrityError as error:
            raise LibraryError("song_twice", path=path) from error
        return self.song(song)

    def remove_song(self, song: int) -> None:
        """Take a song off the list; its takes and its files stay. Raises ``song_unknown``."""
        self.song(song)
        with self.database.transaction():
            self.database.run("UPDATE songs SET removed_at = ? WHERE id = ?", (stamp(), song))

    # Takes

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
            ``file_missing``, ``not_a_file``, ``file_unreadable``, ``disk_full``, ``not_writable``,
            ``folder_not_made``, ``copy_differs``; then nothing of it stays.
        """
        self.song(song)
        if not self.database.row("SELECT 1 FROM people WHERE id = ?", (person,)):
            raise LibraryError("person_unknown", person=person)
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
        when = datetime.fromtimestamp((self.recordings.folder / name).stat().st_mtime, UTC)
        row = {"song_id": song, "person_id": person, "source": "imported", "original_name": name}
        take = self._insert_take(row | {"recorded_at": stamp(when)}, file=name, sha256=sha256)
        return self.take(take)

    def _insert_take(self, row: Mapping[str, Any], *, file: str, sha256: str) -> int:
        values = {name: row[name] for name in _TAKE_COLUMNS if name in row}
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
        """Where the bytes of a take are."""
        folder = self.recordings.trash if take.removed else self.recordings.folder
        return folder / take.file
