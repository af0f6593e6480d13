"""From every form that the library ever had to the newest: nothing is lost, a backup before each.

Whoever adds a step gives it a place in `PUBLISHED`, and rows for its tables in `ROWS`.
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from asa_desktop.services.library import Library, backup, migrate, restore_backup
from asa_desktop.services.library.database import FILE
from asa_desktop.services.library.migrate import Migration, shipped
from asa_desktop.services.paths import places

NOW = len(shipped())
PUBLISHED = (
    "cb8a7f06cc9aefdeddc437fa6abd1a2d670da65f27546f170cf3ecdeac5bf15f",
    "c0b2b52816295fa741ec1ee10b95a60ad98749eb8077159ce82bd692ef95ada9",
)
"""sha256 of each step. Libraries were made with it: it stays as it is, for ever."""

ROWS = (
    """
    INSERT INTO people VALUES (3, 'Zoë', 'zoë', '2026-01-01T00:00:00.000Z');
    INSERT INTO songs VALUES
        (5, '/songs/a', 'A', '', 'de', 'mix vocal', 'a', '2026-01-01T00:00:00.000Z', NULL),
        (6, x'2f736f6e67ff', 'B', 'b', '', '', 'b b', '2026-01-01', '2026-02-01');
    INSERT INTO takes (id, song_id, person_id, title, file, sha256, source, latency_s, gaps,
                       recorded_at, added_at, removed_at)
        VALUES (7, 5, 3, 'first', 'x.flac', 'ab', 'recorded', 0.25, '[[1, 2]]', '2026-01-02',
                '2026-01-02', NULL),
               (8, 6, 3, '', 'y.flac', 'cd', 'imported', 0, '[]', '2026-01-03', '2026-01-03',
                '2026-01-04');
    INSERT INTO clips VALUES (1, 7, 0, 3), (2, 7, 3, 6);
    INSERT INTO analyses VALUES
        (1, 7, 'rori-1', 'f', 0.1, 'scored', NULL, 61.5, 50, 70, NULL, '{"a": 1}', '0.1.0',
         '2026-01-02'),
        (2, 7, NULL, 'f', 0.1, 'not_scored', 'silence', NULL, NULL, NULL, NULL, '{}', '0.1.0',
         '2026-01-03');
    INSERT INTO clip_results VALUES (1, 1, 60, NULL, 0.5, 0.9, 0.8), (1, 2, NULL, 'no_pitch',
        NULL, 0.1, 0);
    INSERT INTO comments VALUES (1, 7, 1, 3, 1.5, 'higher', '2026-01-03');
    INSERT INTO ratings VALUES (1, 7, NULL, 3, 'overall', 80, '2026-01-03');
    """,
    """
    UPDATE takes SET clock_ratio = 1.00001, delay_from = 'chirps', start_s = 12.5 WHERE id = 7;
    INSERT INTO delays VALUES (1, 'mic', 'phones', 'ALSA', 48000, 512, 'low', 1, 0.032, 0.0004, 12,
        12, 'chirps', 0.03, '2026-01-02');
    """,
)
"""What a user has in the tables that each step brought."""

FURTHER = (
    Migration(NOW + 1, "ALTER TABLE people ADD COLUMN voice TEXT NOT NULL DEFAULT '';"),
    Migration(NOW + 2, "CREATE TABLE marks (id INTEGER PRIMARY KEY, take_id REFERENCES takes);"),
)
"""Steps of programs to come."""

Contents = dict[str, list[dict[str, Any]]]


def library_of(version: int) -> Path:
    """A used library as the program of that time left it."""
    folder = places().library
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / FILE)) as connection:
        for step, rows in zip(shipped()[:version], ROWS, strict=False):
            connection.executescript(step.sql)
            connection.executescript(rows)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()
    return folder


def contents(path: Path) -> Contents:
    """Every row of every table."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            name: [dict(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2")]
            for (name,) in tables.fetchall()
        }


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def without_loss(before: Contents, after: Contents) -> None:
    for table, rows in before.items():
        assert len(after[table]) == len(rows), table
        for old, new in zip(rows, after[table], strict=True):
            assert {name: new[name] for name in old} == old, table


def test_a_published_step_never_changes() -> None:
    found = tuple(hashlib.sha256(step.sql.encode()).hexdigest() for step in shipped())
    assert found == PUBLISHED
    assert len(ROWS) == NOW


@pytest.mark.parametrize("version", range(1, NOW + 1))
def test_every_table_of_that_time_has_rows(home: Path, version: int) -> None:
    found = contents(library_of(version) / FILE)
    assert [table for table, rows in found.items() if not rows] == []


@pytest.mark.parametrize("more", [(), FURTHER], ids=["now", "to come"])
@pytest.mark.parametrize("version", range(1, NOW + 1))
def test_nothing_is_lost_and_each_step_has_its_backup(
    home: Path, monkeypatch: pytest.MonkeyPatch, version: int, more: tuple[Migration, ...]
) -> None:
    folder = library_of(version)
    before, newest = contents(folder / FILE), NOW + len(more)
    steps = (*shipped(), *more)
    monkeypatch.setattr(migrate, "shipped", lambda: steps)
    with Library.open(daily_backup=False) as library:
        assert library.database.pragma("user_version") == newest
        assert library.database.rows("PRAGMA integrity_check")[0][0] == "ok"
        assert library.database.rows("PRAGMA foreign_key_check") == []
        assert [one.title for one in library.takes()] == ["first"]
        assert [one.score for one in library.analyses(take=7)] == [None, 61.5]
        assert [song.title for song in library.songs()] == ["A"]
    without_loss(before, contents(folder / FILE))
    kept = sorted(backup.backups(folder), key=version_of)
    names = [one.name.partition("Z-")[2] for one in kept]
    assert names == [f"v{n}-before-v{n + 1}.sqlite" for n in range(version, newest)]
    assert [version_of(one) for one in kept] == list(range(version, newest))
    for one in kept:
        without_loss(before, contents(one))


def test_going_back_to_a_backup_gives_the_library_of_before(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = library_of(NOW)
    before = contents(folder / FILE)
    with monkeypatch.context() as later:
        later.setattr(migrate, "shipped", lambda: (*shipped(), FURTHER[0]))
        with Library.open(daily_backup=False) as library:
            library.add_person(name="Ada")
    restore_backup(folder)
    assert contents(folder / FILE) == before
    with Library.open(daily_backup=False) as library:  # by the program of before
        assert [one.name for one in library.people()] == ["Zoë"]
