"""Numbered steps from one form of the library to the next; `user_version` says which is there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources

from asa_desktop.core.errors import LibraryError, PlaceError
from asa_desktop.services.library import backup
from asa_desktop.services.library.database import Database, explained, of_library

APPLICATION = 0x41534131  # "ASA1", set by the first migration


@dataclass(frozen=True, slots=True)
class Migration:
    """The SQL that leads from version `number` - 1 to `number`; it opens no transaction itself."""

    number: int
    sql: str


def shipped() -> tuple[Migration, ...]:
    """The steps that came with the program: migrations/0001_initial.sql and on, without holes."""
    folder = resources.files(__package__) / "migrations"
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".sql"))
    return tuple(
        Migration(int(name[:4]), (folder / name).read_text(encoding="utf-8")) for name in names
    )


def upgrade(database: Database, steps: Sequence[Migration]) -> bool:
    """Bring the library to the newest version, a backup before each step; a new one has none.

    Returns whether it was made just now. A step that fails leaves the library as it was.

    Raises
    ------
    LibraryError
        ``library_newer`` if a newer program wrote it, ``library_not_ours`` if another did,
        ``migration_failed``, or what SQLite says about disk and rights.
    """
    version = database.pragma("user_version")
    # In this order: another process may be making the library just now.
    used = version > 0 or database.row("SELECT 1 FROM sqlite_master LIMIT 1")
    if used and database.pragma("application_id") != APPLICATION:
        raise LibraryError("library_not_ours", path=database.path)
    if version > len(steps):
        raise LibraryError("library_newer", path=database.path, version=version, known=len(steps))
    for step in steps[version:]:
        if version:
            _backed_up(database, step)
        _apply(database, step)
    return version == 0


def _backed_up(database: Database, step: Migration) -> None:
    library = database.path.parent
    try:
        backup.back_up(database.connection, library, version=step.number - 1, before=step.number)
    except PlaceError as error:
        raise of_library(error, database.path) from error
    except sqlite3.Error as error:
        raise explained(error, database.path) or error from error
    backup.thin(library)


def _apply(database: Database, step: Migration) -> None:
    # Rebuilding a table needs the keys off; the check below makes up for it.
    database.run("PRAGMA foreign_keys = OFF")
    try:
        with database.transaction():
            if database.pragma("user_version") >= step.number:
                return  # another process was faster
            for statement in statements(step.sql):
                database.run(statement)
            if database.row("PRAGMA foreign_key_check"):
                raise sqlite3.IntegrityError("rows without their parents")
            database.run(f"PRAGMA user_version = {step.number}")
    except sqlite3.Error as error:
        raise LibraryError(
            "migration_failed",
            path=database.path,
            version=step.number,
            backup=backup.newest(database.path.parent) or "",
        ) from error


def statements(sql: str) -> Iterator[str]:
    """Split a script into statements; `executescript` would commit before it began."""
    gathered = ""
    for line in sql.splitlines(keepends=True):
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered.strip()
            gathered = ""
    if gathered.strip():
        yield gathered.strip()
