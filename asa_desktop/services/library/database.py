"""The one SQLite connection: how it is opened, and what its errors mean to a user."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from asa_desktop.core.errors import AsaError, LibraryError, PlaceError
from asa_desktop.services.library import backup

FILE = "library.sqlite"

_CODES = {
    sqlite3.SQLITE_BUSY: "library_busy",
    sqlite3.SQLITE_LOCKED: "library_busy",
    sqlite3.SQLITE_READONLY: "library_read_only",
    sqlite3.SQLITE_PERM: "library_read_only",
    sqlite3.SQLITE_CANTOPEN: "library_read_only",
    sqlite3.SQLITE_FULL: "library_full",
    sqlite3.SQLITE_IOERR: "library_disk_fault",
    sqlite3.SQLITE_CORRUPT: "library_corrupt",
    sqlite3.SQLITE_NOTADB: "library_corrupt",
}


def explained(error: sqlite3.Error, path: Path) -> LibraryError | None:
    """Put an error of SQLite's into the family, or None where it is a fault of ours."""
    # The low byte is the kind, the rest is detail.
    code = _CODES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    if code is None:
        return None
    if code == "library_corrupt":
        return corrupt(path)
    return LibraryError(code, path=path)


def corrupt(path: Path) -> LibraryError:
    """The database is damaged; name the newest backup, or ``""`` where there is none."""
    return LibraryError("library_corrupt", path=path, backup=backup.newest(path.parent) or "")


def of_library(error: PlaceError, path: Path) -> AsaError:
    """Say of the library what was met at one of its folders; the rest is precise as it is."""
    if error.code == "disk_full":
        return LibraryError("library_full", path=path)
    if error.code in ("no_rights", "read_only"):
        return LibraryError("library_read_only", path=path)
    return error


@contextlib.contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the surroundings into `LibraryError`."""
    try:
        yield
    except sqlite3.Error as error:
        if fault := explained(error, path):
            raise fault from error
        raise


class Database:
    """A connection that belongs to the thread that opened it."""

    def __init__(self, path: Path, *, busy_s: float = 5.0) -> None:
        self.path = path
        with in_words(path):
            self.connection = sqlite3.connect(path, timeout=busy_s, isolation_level=None)
            self.connection.row_factory = sqlite3.Row

    def close(self) -> None:
        self.connection.close()

    def set_up(self) -> None:
        """Readers beside a writer, nothing lost in a power cut, no row without its parent."""
        with in_words(self.path):
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = FULL")
            self.connection.execute("PRAGMA foreign_keys = ON")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block or nothing of it; the right to write is taken at once."""
        with in_words(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                # A full disk may have ended the transaction already.
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def run(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement inside a `transaction`."""
        with in_words(self.path):
            return self.connection.execute(sql, values)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        with in_words(self.path):
            return self.connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        found = self.rows(sql, values)
        return found[0] if found else None

    def pragma(self, name: str) -> int:
        """The number that a pragma answers, such as ``user_version``."""
        return int(self.rows(f"PRAGMA {name}")[0][0])
