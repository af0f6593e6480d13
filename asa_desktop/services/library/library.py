"""The library: who sang which song when, and what was found out about it."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self

from asa_desktop.core.errors import LibraryError, PlaceError
from asa_desktop.services.library import backup, migrate
from asa_desktop.services.library.analyses import Analyses
from asa_desktop.services.library.database import FILE, Database, corrupt, explained, of_library
from asa_desktop.services.library.delays import Delays
from asa_desktop.services.paths import places, private_folder

log = logging.getLogger(__name__)


class Library(Analyses, Delays):
    """One open library, used by the thread that opened it (the database's one-thread executor).

    Every change is one transaction; files come first and rows second, and no audio is deleted.
    All methods may raise `LibraryError`: ``library_busy``, ``library_read_only``,
    ``library_full``, ``library_disk_fault``, ``library_corrupt``.
    """

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
        PlaceError
            ``in_the_way`` and the like, if one of its folders cannot be made.
        """
        folder = _made(folder or places().library)
        path = folder / FILE
        if _is_gone(path) and (last := backup.newest(folder)):
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


def _made(folder: Path) -> Path:
    try:
        return private_folder(folder)
    except PlaceError as error:
        raise of_library(error, folder) from error


def _is_gone(path: Path) -> bool:
    try:
        return path.stat().st_size == 0  # SQLite would take it for a new one
    except OSError:
        return True


def _back_up_daily(database: Database) -> None:
    """Back up once a day, after a look that a damaged library does not push out sound copies."""
    library = database.path.parent
    if not backup.due(library):
        return
    if database.rows("PRAGMA quick_check(1)")[0][0] != "ok":
        raise corrupt(database.path)
    try:
        backup.back_up(database.connection, library, version=database.pragma("user_version"))
    except (PlaceError, sqlite3.Error) as error:
        fault = explained(error, database.path) if isinstance(error, sqlite3.Error) else None
        if fault is not None and fault.code == "library_corrupt":
            raise fault from error
        log.warning("no backup today: %s", error)  # singing goes on without one
        return
    backup.thin(library)


def restore_backup(folder: Path) -> tuple[Path, Path]:
    """Go back to the newest sound backup; nobody may have the library open.

    The damaged library is kept beside it. Returns the backup used and where the old one is.
    Raises `LibraryError` ``backup_unusable`` if none is sound, or `PlaceError`.
    """
    fault = LibraryError("backup_unusable", path=folder / backup.FOLDER)
    for chosen in reversed(backup.backups(folder)):
        try:
            return chosen, backup.restore(folder / FILE, chosen=chosen)
        except LibraryError as error:
            fault = error
    raise fault
