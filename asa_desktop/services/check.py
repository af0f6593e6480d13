"""What `asa check` looks for, and puts right where nothing can be lost by it.

Sound is moved at most, never deleted; what only the user can decide is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from asa_desktop.core.errors import AsaError, LibraryError, PlaceError
from asa_desktop.services.check_files import Progress, look_at_files
from asa_desktop.services.findings import Finding
from asa_desktop.services.library import Library, restore_backup
from asa_desktop.services.library import backup as backups
from asa_desktop.services.library.database import FILE, corrupt

STILL_GROWING_S = 10.0
"""What was written to so lately belongs to a program that is running."""


def check_library(
    folder: Path,
    *,
    repair: bool = False,
    deep: bool = True,
    still_growing_s: float = STILL_GROWING_S,
    progress: Progress | None = None,
) -> list[Finding]:
    """Look through the library in `folder`; an empty list is good news.

    Parameters
    ----------
    repair
        Put right what can be, going back to a backup if the database is damaged or gone: only
        when no other program of ours runs.
    deep
        Also read the whole database and all recordings; without it the look takes milliseconds.
    still_growing_s
        Leave alone what was written to so lately; 0 for who knows that nobody else is there.
    progress
        Told how many recordings were read, and of how many.

    Where there is no library nothing is made.
    """
    if not _is_there(folder):
        return []
    findings = []
    try:
        _see_database(folder, deep=deep)
    except (LibraryError, PlaceError) as error:
        if not (repair and error.facts.get("backup")):
            return [Finding(error.code, error.facts)]
        try:
            findings.append(_go_back(folder))
        except AsaError as second:
            return [Finding(error.code, error.facts), Finding(second.code, second.facts)]
    try:
        with Library.open(folder, daily_backup=False) as library:
            findings += _parents(library)
            findings += _songs(library)
            findings += look_at_files(
                library,
                repair=repair,
                deep=deep,
                still_growing_s=still_growing_s,
                progress=progress or (lambda done, of: None),
            )
    except (LibraryError, PlaceError) as error:
        findings.append(Finding(error.code, error.facts))
    return findings


def check_models(
    folders: Iterable[Path], validate: Callable[[Path], object]
) -> list[tuple[Path, Finding | None]]:
    """Each model folder with what `validate` has against it, or None where it is sound."""
    return [(folder, _refusal(folder, validate)) for folder in folders]


def _refusal(folder: Path, validate: Callable[[Path], object]) -> Finding | None:
    try:
        validate(folder)
    except AsaError as error:
        return Finding(error.code, error.facts)
    return None


def _is_there(folder: Path) -> bool:
    if (folder / FILE).exists():
        return True
    kept = ("recordings", "trash", "parts", backups.FOLDER)
    return any(next((folder / name).glob("*"), None) for name in kept)


def _see_database(folder: Path, *, deep: bool) -> None:
    with Library.open(folder, daily_backup=False) as library:
        if deep:
            answer = library.database.rows("PRAGMA integrity_check(1)")[0][0]
            if answer != "ok":
                raise corrupt(library.database.path)


def _go_back(folder: Path) -> Finding:
    backup, aside = restore_backup(folder)
    return Finding("library_restored", {"backup": backup, "aside": aside}, repaired=True)


def _parents(library: Library) -> list[Finding]:
    rows = library.database.rows(
        'SELECT "table" AS name, count(*) AS number FROM pragma_foreign_key_check GROUP BY 1'
    )
    return [
        Finding("rows_without_parents", {"table": row["name"], "count": row["number"]})
        for row in rows
    ]


def _songs(library: Library) -> list[Finding]:
    return [
        Finding("song_gone", {"title": song.title, "path": song.path})
        for song in library.songs()
        if not song.path.exists()
    ]
