from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from asa_desktop.core.errors import LibraryError, PlaceError
from asa_desktop.services.check import check_library
from asa_desktop.services.library import Library, TakeRow, backup, migrate, restore_backup
from asa_desktop.services.library.database import explained
from asa_desktop.services.library.migrate import Migration, shipped, statements
from asa_desktop.services.paths import places

NOW = len(shipped())
NEXT = Migration(
    NOW + 1,
    """
    -- a comment; with a semicolon
    ALTER TABLE people ADD COLUMN voice TEXT NOT NULL DEFAULT '';
    CREATE TRIGGER both AFTER INSERT ON people BEGIN
        UPDATE people SET voice = 'new; fresh' WHERE id = new.id;
    END;
    """,
)
BROKEN = Migration(
    NOW + 1, "ALTER TABLE people ADD COLUMN voice TEXT; INSERT INTO nowhere VALUES (1);"
)
ORPHANS = Migration(NOW + 1, "DELETE FROM people;")


def dump(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return [*connection.iterdump(), str(connection.execute("PRAGMA user_version").fetchone())]
    finally:
        connection.close()


def offered(monkeypatch: pytest.MonkeyPatch, *more: Migration) -> None:
    steps = (*shipped(), *more)
    monkeypatch.setattr(migrate, "shipped", lambda: steps)


def code_at_open(folder: Path | None = None, **options: float) -> str:
    with pytest.raises(LibraryError) as caught:
        Library.open(folder, **options).close()  # type: ignore[arg-type]
    return caught.value.code


def test_the_steps_are_numbered_without_holes() -> None:
    assert [step.number for step in shipped()] == list(range(1, len(shipped()) + 1))


def test_a_fresh_library_is_private_safe_and_of_the_newest_version(library: Library) -> None:
    assert library.folder == places().library
    pragma = library.database.pragma
    assert pragma("user_version") == len(shipped())
    assert (pragma("foreign_keys"), pragma("synchronous")) == (1, 2)
    assert library.database.rows("PRAGMA journal_mode")[0][0] == "wal"
    assert backup.backups(library.folder) == []
    assert check_library(library.folder) == []


def test_a_library_of_version_1_opens(home: Path) -> None:
    folder = places().library
    folder.mkdir(parents=True)
    connection = sqlite3.connect(folder / "library.sqlite")
    connection.executescript(shipped()[0].sql)
    connection.executescript(
        """
        INSERT INTO people VALUES (3, 'Zoë', 'zoë', '2026-01-01T00:00:00.000Z');
        INSERT INTO songs VALUES
            (5, '/songs/a', 'A', '', 'de', 'mix vocal', 'a', '2026-01-01T00:00:00.000Z', NULL);
        INSERT INTO takes (id, song_id, person_id, file, sha256, source, recorded_at, added_at)
            VALUES (7, 5, 3, 'x.flac', 'ab', 'recorded', '2026-01-02', '2026-01-02');
        INSERT INTO analyses (take_id, features, latency_s, status, document, program, made_at)
            VALUES (7, 'rori-1', 0.1, 'not_scored', '{}', '0.1.0', '2026-01-02');
        INSERT INTO comments VALUES (1, 7, NULL, 3, 1.5, 'higher', '2026-01-03');
        INSERT INTO ratings VALUES (1, 7, NULL, 3, 'overall', 80, '2026-01-03');
        PRAGMA user_version = 1;
        """
    )
    connection.close()
    with Library.open() as library:
        (take,) = library.takes(person=3)
        assert (take.id, take.song_title, take.status) == (7, "A", "not_scored")
        assert (take.clock_ratio, take.start_s, take.delay_from) == (1, 0, "")
        assert library.songs()[0].parts == ("mix", "vocal")
        assert library.add_person(name="ZOË").id == 3
        assert library.database.rows("SELECT text FROM comments")[0][0] == "higher"
        assert library.delays(history=True) == []
    (kept,) = [one for one in backup.backups(folder) if "-before-" in one.name]
    assert kept.name.endswith("-v1-before-v2.sqlite")


def test_a_migration_is_preceded_by_a_backup(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Library.open() as library:
        library.add_person(name="Zoë")
        path = library.database.path
    before = dump(path)
    offered(monkeypatch, NEXT)
    with Library.open(daily_backup=False) as library:
        assert library.database.pragma("user_version") == NOW + 1
        assert library.people()[0].name == "Zoë"
        bob = library.add_person(name="Bob")
        row = library.database.row("SELECT voice FROM people WHERE id = ?", (bob.id,))
        assert row is not None
        assert row["voice"] == "new; fresh"
    (kept,) = backup.backups(path.parent)
    assert kept.name.endswith(f"-v{NOW}-before-v{NOW + 1}.sqlite")
    assert dump(kept) == before
    Library.open(daily_backup=False).close()
    assert backup.backups(path.parent) == [kept]


@pytest.mark.parametrize("step", [BROKEN, ORPHANS])
def test_a_failing_migration_leaves_the_library_as_it_was(
    home: Path, take: TakeRow, library: Library, monkeypatch: pytest.MonkeyPatch, step: Migration
) -> None:
    library.close()
    path = library.database.path
    before = dump(path)
    with monkeypatch.context() as patch:
        offered(patch, step)
        with pytest.raises(LibraryError) as caught:
            Library.open()
    assert caught.value.code == "migration_failed"
    assert caught.value.facts["backup"] == backup.newest(path.parent)
    assert dump(path) == before
    with Library.open() as again:  # the program of before still works with it
        assert again.takes() == [take]


def test_without_a_backup_nothing_is_migrated(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Library.open() as library:
        path = library.database.path
    (path.parent / "backups").write_text("in the way")
    before = dump(path)
    offered(monkeypatch, NEXT)
    with pytest.raises(PlaceError) as caught:
        Library.open()
    assert caught.value.code == "in_the_way"
    assert dump(path) == before
    assert [one.code for one in check_library(path.parent)] == ["in_the_way"]


def test_two_programs_starting_at_once_make_one_library(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered(monkeypatch, NEXT)
    faults: list[Exception] = []
    barrier = threading.Barrier(4)

    def start(number: int) -> None:
        barrier.wait()
        try:
            with Library.open() as library:
                library.add_person(name=f"singer {number}")
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=start, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert faults == []
    with Library.open() as library:
        assert len(library.people()) == 4


def test_a_newer_library_is_left_alone(home: Path, library: Library) -> None:
    library.database.run("PRAGMA user_version = 99")
    library.close()
    content = library.database.path.read_bytes()
    with pytest.raises(LibraryError) as caught:
        Library.open()
    assert caught.value.code == "library_newer"
    assert caught.value.facts["version"] == 99
    assert library.database.path.read_bytes() == content


def test_another_programs_database_is_left_alone(home: Path) -> None:
    path = places().library / "library.sqlite"
    path.parent.mkdir(parents=True)
    for version in (0, 1):
        path.unlink(missing_ok=True)
        connection = sqlite3.connect(path)
        connection.executescript(f"CREATE TABLE x (y); PRAGMA user_version = {version};")
        connection.close()
        content = path.read_bytes()
        assert code_at_open() == "library_not_ours"
        assert path.read_bytes() == content


def test_a_damaged_library_names_its_backup_and_comes_back(
    home: Path, take: TakeRow, library: Library
) -> None:
    library.close()
    Library.open().close()  # the day's backup
    path = library.database.path
    damaged = b"not a database at all" * 500
    path.write_bytes(damaged)
    with pytest.raises(LibraryError) as caught:
        Library.open()
    newest = backup.newest(path.parent)
    assert newest is not None
    assert (caught.value.code, caught.value.facts["backup"]) == ("library_corrupt", newest)
    assert check_library(path.parent)[0].code == "library_corrupt"
    assert path.read_bytes() == damaged
    (finding,) = [one for one in check_library(path.parent, repair=True) if one.repaired]
    assert (finding.code, finding.facts["backup"]) == ("library_restored", newest)
    aside = finding.facts["aside"]
    assert isinstance(aside, Path)
    assert aside.read_bytes() == damaged
    with Library.open() as again:
        assert again.takes() == [take]


def test_damage_within_is_found_before_it_reaches_the_backups(home: Path, library: Library) -> None:
    with library.database.transaction():
        for number in range(3000):
            library.database.run(
                "INSERT INTO people (name, folded, added_at) VALUES (?1, ?1, '')",
                (f"{number:09}",),
            )
    library.close()
    path = library.database.path
    content = bytearray(path.read_bytes())
    for page in range(12, len(content) // 4096 - 1):
        content[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(bytes(content))
    with pytest.raises(LibraryError) as caught:
        Library.open()
    assert (caught.value.code, caught.value.facts["backup"]) == ("library_corrupt", "")
    assert backup.backups(path.parent) == []
    assert [one.code for one in check_library(path.parent, repair=True)] == ["library_corrupt"]
    assert path.read_bytes() == bytes(content)


@pytest.mark.parametrize("how", ["gone", "emptied"])
def test_a_lost_database_is_not_replaced_by_an_empty_one(
    home: Path, take: TakeRow, library: Library, how: str
) -> None:
    library.close()
    Library.open().close()
    path = library.database.path
    path.unlink() if how == "gone" else path.write_bytes(b"")
    assert code_at_open() == "library_missing"
    restore_backup(path.parent)
    with Library.open() as again:
        assert again.takes() == [take]


def test_going_back_skips_a_damaged_backup_and_an_old_log(home: Path, library: Library) -> None:
    library.add_person(name="Zoë")
    library.close()
    Library.open().close()
    folder = library.folder
    (good,) = backup.backups(folder)
    bad = good.with_name("library-29990101T000000Z-v1.sqlite")
    bad.write_bytes(b"no")
    path = library.database.path
    path.write_bytes(b"broken" * 1000)
    log = path.with_name(path.name + "-wal")
    log.write_bytes(b"left over")
    used, aside = restore_backup(folder)
    assert used == good
    assert not log.exists()
    assert aside.with_name(aside.name + "-wal").read_bytes() == b"left over"
    good.unlink()
    with pytest.raises(LibraryError) as caught:
        restore_backup(folder)
    assert caught.value.code == "backup_unusable"


def test_one_backup_a_day(home: Path, library: Library) -> None:
    library.add_person(name="Zoë")
    library.close()
    for _ in range(3):
        Library.open().close()
    (kept,) = backup.backups(library.folder)
    assert dump(kept) == dump(library.database.path)
    assert [one.name for one in kept.parent.iterdir()] == [kept.name]


def test_a_backup_that_fails_stops_nobody(
    home: Path, library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    library.close()
    (library.folder / "backups").write_text("in the way")
    Library.open().close()
    assert "no backup today" in caplog.text


def test_old_backups_are_thinned() -> None:
    names = [
        f"library-2026{month:02}{day:02}T{hour:02}0000Z-v1.sqlite"
        for month in range(1, 7)
        for day in range(1, 29)
        for hour in (8, 20)
    ]
    names += [f"library-20260101T00000{second}Z-v1-before-v2.sqlite" for second in range(5)]
    paths = [Path(name) for name in names]
    dropped = backup.to_drop(paths)
    kept = sorted(set(paths) - set(dropped))
    assert not any("T08" in one.name for one in kept)
    for day in range(22, 29):
        assert Path(f"library-202606{day}T200000Z-v1.sqlite") in kept
    for month in range(1, 7):
        assert Path(f"library-2026{month:02}28T200000Z-v1.sqlite") in kept
    assert sum("before" in one.name for one in kept) == 3
    assert len(kept) <= 7 + 5 + 12 + 3
    assert backup.to_drop(kept) == []


def test_a_library_in_use_is_said(home: Path, library: Library) -> None:
    other = sqlite3.connect(library.database.path)
    other.execute("BEGIN IMMEDIATE")
    assert code_at_open(busy_s=0.05) == "library_busy"
    other.rollback()
    other.close()
    Library.open().close()


def test_a_library_in_a_closed_folder(closed_folder: Path) -> None:
    assert code_at_open(closed_folder / "inside") == "library_read_only"
    assert code_at_open(closed_folder / "library") == "library_read_only"


def test_a_full_disk_is_said_and_loses_nothing(small_disk: Path) -> None:
    with Library.open(small_disk / "library", daily_backup=False) as library:
        zoe = library.add_person(name="Zoë")
        (small_disk / "ballast").write_bytes(bytes(1 << 16))
        names = (f"{number}" * 500 for number in range(2000))
        with pytest.raises(LibraryError) as caught:
            [library.add_person(name=name) for name in names]
        assert caught.value.code == "library_full"
        kept = len(library.people())
    (small_disk / "ballast").unlink()
    with Library.open(small_disk / "library", daily_backup=False) as library:
        assert len(library.people()) == kept
        assert zoe in library.people()


def test_no_room_for_a_new_library(small_disk: Path) -> None:
    with (small_disk / "ballast").open("wb", 0) as ballast, contextlib.suppress(OSError):
        while ballast.write(bytes(4096)):
            pass
    assert code_at_open(small_disk / "library") == "library_full"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (sqlite3.SQLITE_READONLY_DBMOVED, "library_read_only"),
        (sqlite3.SQLITE_IOERR_READ, "library_disk_fault"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "library_busy"),
        (sqlite3.SQLITE_CONSTRAINT, None),
        (sqlite3.SQLITE_ERROR, None),
    ],
)
def test_what_sqlite_says_is_understood(number: int, code: str | None, tmp_path: Path) -> None:
    error = sqlite3.OperationalError("said")
    error.sqlite_errorcode = number
    fault = explained(error, tmp_path)
    assert (fault and fault.code) == code


def test_scripts_are_split_where_statements_end() -> None:
    assert len(list(statements(NEXT.sql))) == 2
    assert len(list(statements("SELECT 1;\nSELECT 2;\n-- the end\n"))) == 3
    assert list(statements("")) == []


def test_a_killed_writer_leaves_whole_rows(home: Path) -> None:
    script = (
        "from asa_desktop.services.library import Library\n"
        "library = Library.open()\n"
        "for n in range(10**6):\n"
        "    library.add_person(name=f'singer {n}')\n"
        "    print(n, flush=True)\n"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    assert writer.stdout is not None
    last = -1
    for line in writer.stdout:
        last = int(line)
        if last == 20:
            writer.kill()
            break
    rest = writer.stdout.read().split()
    writer.stdout.close()
    writer.wait()
    promised = int(rest[-1]) if rest else last
    with Library.open() as library:
        assert len(library.people()) >= promised + 1
    assert check_library(places().library) == []


def test_opening_needs_nothing_heavy(home: Path) -> None:
    script = (
        "import sys\n"
        "from asa_desktop.services.library import Library\n"
        "from asa_desktop.services import check, featurestore, logs, paths, settings\n"
        "Library.open().close()\n"
        "print(sorted({'numpy', 'torch', 'librosa', 'PySide6'} & set(sys.modules)))\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
