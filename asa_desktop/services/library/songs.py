"""Who sings, and what."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from asa_desktop.core.errors import LibraryError
from asa_desktop.services.library.rows import PersonRow, SongRow
from asa_desktop.services.library.shelf import Shelf
from asa_desktop.services.library.text import location_of, same_name, searchable, stamp, tidy


class People(Shelf):
    """Everybody the library knows."""

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

    def person(self, person: int) -> PersonRow:
        """One person. Raises ``person_unknown``."""
        row = self.database.row("SELECT id, name FROM people WHERE id = ?", (person,))
        if row is None:
            raise LibraryError("person_unknown", person=person)
        return PersonRow(id=row["id"], name=row["name"])


class Songs(Shelf):
    """The list of songs; their files stay wherever the user has them."""

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

    def song_at(self, *, path: Path) -> SongRow | None:
        """The song of this folder or file, also a removed one; None where there never was one."""
        row = self.database.row("SELECT * FROM songs WHERE location = ?", (location_of(path),))
        return None if row is None else SongRow.of(row)

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


def _described(title: str, artist: str, language: str, parts: Sequence[str]) -> tuple[str, ...]:
    title, artist = tidy(title), tidy(artist)
    return title, artist, tidy(language), " ".join(parts), searchable(f"{title} {artist}")


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
