"""Copies of the database: one a day, one before each migration, thinned as they age.

Nothing here knows the tables; the audio is not copied, for it never changes.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from asa_desktop.core.errors import LibraryError, place_error
from asa_desktop.services.files import sync_folder
from asa_desktop.services.paths import private_folder

FOLDER = "backups"
_NAME = re.compile(r"library-(\d{8}T\d{6}Z)-v(\d+)(-before-v\d+)?\.sqlite")
_DAYS, _WEEKS, _MONTHS, _BEFORE = 7, 5, 12, 3


def taken_at(path: Path) -> datetime | None:
    """When a backup was taken, by its name; None if it is none of ours."""
    match = _NAME.fullmatch(path.name)
    if not match:
        return None
    try:
        return datetime.strptime(match[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def backups(library: Path) -> list[Path]:
    """The backups of the library in this folder, oldest first."""
    with contextlib.suppress(OSError):
        dated = [(when, one) for one in (library / FOLDER).iterdir() if (when := taken_at(one))]
        return [one for _, one in sorted(dated)]
    return []


def newest(library: Path) -> Path | None:
    """The latest backup of the library in this folder."""
    return next(reversed(backups(library)), None)


def back_up(
    connection: sqlite3.Connection,
    library: Path,
    *,
    version: int,
    before: int | None = None,
    now: datetime | None = None,
) -> Path:
    """Copy the database as it is, whole and in one file, even while others use it.

    Raises `sqlite3.Error` or `PlaceError`.
    """
    moment = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    reason = f"-before-v{before}" if before is not None else ""
    folder = private_folder(library / FOLDER)
    path = folder / f"library-{moment}-v{version}{reason}.sqlite"
    temporary = folder / f".{path.name}.{secrets.token_hex(4)}.tmp"
    try:
        with contextlib.closing(sqlite3.connect(temporary)) as copy:
            connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        try:
            with temporary.open("rb+") as stream:
                os.fsync(stream.fileno())
            temporary.replace(path)
        except OSError as error:
            raise place_error(error, path) from error
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(folder)
    return path


def due(library: Path, *, now: datetime | None = None) -> bool:
    """Whether today has no backup yet."""
    today = (now or datetime.now(UTC)).date()
    return not any(when.date() == today for one in backups(library) if (when := taken_at(one)))


def to_drop(paths: Iterable[Path], *, now: datetime | None = None) -> list[Path]:
    """Which backups have had their day.

    Kept are the newest of each of the last 7 days, 5 weeks and 12 months that have one, and the
    last 3 from before a migration.
    """
    ordered = sorted(paths, key=lambda one: one.name, reverse=True)
    before = [one for one in ordered if "-before-" in one.name]
    daily = [(when, one) for one in ordered if one not in before and (when := taken_at(one))]
    kept = set(before[:_BEFORE])
    for count, period in ((_DAYS, "%Y-%m-%d"), (_WEEKS, "%G-%V"), (_MONTHS, "%Y-%m")):
        newest_of: dict[str, Path] = {}
        for when, one in daily:
            newest_of.setdefault(when.strftime(period), one)
        kept.update(list(newest_of.values())[:count])
    return [one for one in ordered if one not in kept]


def thin(library: Path) -> None:
    """Remove the backups that have had their day."""
    for path in to_drop(backups(library)):
        with contextlib.suppress(OSError):
            path.unlink()


def restore(database: Path, *, chosen: Path) -> Path:
    """Put a backup in the place of the database, which is kept beside it under another name.

    The write-ahead log must go with it: left behind, it would be played into the backup.
    Nobody may have the library open. Returns where the old one is now.
    Raises `LibraryError` ``backup_unusable`` or `PlaceError`.
    """
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = database.with_name(f"{database.stem}.broken-{moment}{database.suffix}")
    fresh = database.with_name(f".{database.name}.{secrets.token_hex(4)}.tmp")
    try:
        _copy_sound(chosen, fresh)
        for ending in ("", "-wal", "-shm"):
            old = database.with_name(database.name + ending)
            if old.exists():
                old.replace(aside.with_name(aside.name + ending))
        fresh.replace(database)
    except OSError as error:
        raise place_error(error, database) from error
    finally:
        fresh.unlink(missing_ok=True)
    sync_folder(database.parent)
    return aside


def _copy_sound(chosen: Path, fresh: Path) -> None:
    source = f"{chosen.absolute().as_uri()}?mode=ro"
    try:
        with (
            contextlib.closing(sqlite3.connect(source, uri=True)) as copy,
            contextlib.closing(sqlite3.connect(fresh)) as target,
        ):
            if copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise LibraryError("backup_unusable", path=chosen)
            copy.backup(target)
    except sqlite3.Error as error:
        raise LibraryError("backup_unusable", path=chosen) from error
