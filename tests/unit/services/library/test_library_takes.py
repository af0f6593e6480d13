from __future__ import annotations

import dataclasses
import hashlib
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from asa_desktop.core.errors import LibraryError, PlaceError
from asa_desktop.services import files
from asa_desktop.services.check import check_library
from asa_desktop.services.library import ClipRow, Library, TakeRow, recordings
from asa_desktop.services.library.database import Database


def listing(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir()) if folder.exists() else []


def add(library: Library, take: TakeRow, **changes: Any) -> int:
    values: dict[str, Any] = {
        "take": take.id,
        "document": '{"schema": "x"}',
        "status": "scored",
        "reason": None,
        "score": 71.5,
        "low": 65.0,
        "high": 78.0,
        "case": "in_step",
        "model": "rori",
        "features": "rori-1",
        "latency_s": take.latency_s,
        "clips": [ClipRow(0.0, 3.0, 80.0, None, 0.9, 1.0, 0.8), ClipRow(3.0, 6.0, None, "silence")],
    }
    return library.add_analysis(**(values | changes)).id


def test_an_imported_take_is_a_copy_byte_for_byte(
    library: Library, take: TakeRow, recording: Path
) -> None:
    path = library.audio(take)
    assert path.read_bytes() == recording.read_bytes()
    assert take.sha256 == hashlib.sha256(recording.read_bytes()).hexdigest()
    assert (take.source, take.original_name) == ("imported", "Täke № 1.FLAC")
    assert path.suffix == ".flac"
    assert listing(path.parent) == [take.file]
    assert library.take(take.id) == take


def test_a_recorded_take_is_moved_with_what_the_engine_knows(
    library: Library, take: TakeRow, recording: Path
) -> None:
    part = library.recordings.parts / "done.flac"
    part.parent.mkdir()
    part.write_bytes(b"sung here")
    when = datetime(2026, 5, 1, 20, 30, tzinfo=timezone(timedelta(hours=2)))
    new = library.add_take(
        song=take.song,
        person=take.person,
        file=part,
        latency_s=0.113,
        duration_s=61.5,
        sample_rate=44_100,
        device="USB micro",
        xruns=2,
        gaps=[(3.5, 4.25)],
        recorded_at=when,
    )
    assert not part.exists()
    assert library.audio(new).read_bytes() == b"sung here"
    assert new.file.startswith("20260501-203000-")
    assert new.recorded_at == "2026-05-01T18:30:00.000Z"
    assert (new.gaps, new.xruns, new.device) == (((3.5, 4.25),), 2, "USB micro")
    assert (new.latency_s, new.duration_s, new.sample_rate) == (0.113, 61.5, 44_100)
    assert new.source == "recorded"


def test_takes_are_listed_by_singer_and_song_newest_first(
    library: Library, take: TakeRow, recording: Path, tmp_path: Path
) -> None:
    other_song = library.add_song(path=tmp_path / "other", title="Other")
    bob = library.add_person(name="Bob")
    late = datetime.now(UTC) + timedelta(days=1)
    for song, person in ((take.song, bob.id), (other_song.id, take.person)):
        library.import_take(song=song, person=person, file=recording, recorded_at=late)
    assert [one.singer for one in library.takes(song=take.song)] == ["Bob", "Zoë"]
    assert [one.song_title for one in library.takes(person=take.person)] == ["Other", "On the run"]
    assert library.takes(song=take.song, person=take.person) == [take]
    assert len(library.takes()) == 3
    assert len({one.file for one in library.takes()}) == 3


def test_a_take_is_renamed_shifted_and_exported_while_its_bytes_stay(
    library: Library, take: TakeRow, recording: Path, tmp_path: Path
) -> None:
    assert library.rename_take(take.id, title=" second\n try ").title == "second try"
    assert library.set_latency(take.id, latency_s=0.25).latency_s == 0.25
    library.export_take(take.id, to=tmp_path / "out.flac")
    assert (tmp_path / "out.flac").read_bytes() == recording.read_bytes()
    assert library.audio(take).read_bytes() == recording.read_bytes()
    with pytest.raises(sqlite3.IntegrityError), library.database.transaction():
        library.database.run("UPDATE takes SET sha256 = 'x'")


def test_a_removed_take_goes_to_the_trash_and_comes_back(library: Library, take: TakeRow) -> None:
    content = library.audio(take).read_bytes()
    add(library, take)
    removed = library.remove_take(take.id)
    assert library.takes() == []
    assert [one.id for one in library.takes(removed=True)] == [take.id]
    assert library.audio(removed).parent == library.recordings.trash
    assert library.audio(removed).read_bytes() == content
    assert listing(library.recordings.folder) == []
    back = library.restore_take(take.id)
    assert library.takes() == [back]
    assert library.audio(back).read_bytes() == content
    assert len(library.analyses(take=take.id)) == 1
    assert library.restore_take(take.id) == back


def test_a_removed_take_whose_file_is_gone_cannot_come_back(
    library: Library, take: TakeRow
) -> None:
    library.audio(library.remove_take(take.id)).unlink()
    with pytest.raises(PlaceError) as caught:
        library.restore_take(take.id)
    assert caught.value.code == "missing_file"
    assert library.take(take.id).removed


@pytest.mark.parametrize("who", ["song", "person"])
def test_a_take_of_nothing_or_nobody_leaves_nothing(
    library: Library, take: TakeRow, recording: Path, who: str
) -> None:
    given = {"song": take.song, "person": take.person} | {who: 99}
    with pytest.raises(LibraryError) as caught:
        library.import_take(file=recording, **given)
    assert caught.value.code == f"{who}_unknown"
    assert listing(library.recordings.folder) == [take.file]


def test_a_file_that_is_not_there_leaves_nothing(
    library: Library, take: TakeRow, tmp_path: Path
) -> None:
    for source in ("imported", "recorded"):
        with pytest.raises(PlaceError) as caught:
            library.add_take(
                song=take.song,
                person=take.person,
                file=tmp_path / "gone.wav",
                source=source,  # type: ignore[arg-type]
            )
        assert caught.value.code == "missing_file"
    assert listing(library.recordings.folder) == [take.file]
    assert library.takes() == [take]


class _Killed(BaseException):
    """Stands for a kill: nothing of ours catches it."""


def killed(*args: object, **kwargs: object) -> None:
    raise _Killed


def _before_the_copy(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(recordings.Recordings, "bring_in", killed)


def _in_the_copy(patch: pytest.MonkeyPatch) -> None:
    # A kill runs no clean-up: the half-written copy stays.
    patch.setattr(files, "sha256_of", killed)
    patch.setattr(files.Path, "unlink", lambda *args, **kwargs: None)


def _before_the_row(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Library, "take_from_note", killed)


def _in_the_row(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Database, "run", killed)


def _before_the_note_goes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(recordings.Recordings, "drop_note", killed)


@pytest.mark.parametrize(
    ("moment", "taken", "codes"),
    [
        (_before_the_copy, False, {"import_lost"}),
        (_in_the_copy, False, {"copy_left", "import_lost"}),
        (_before_the_row, True, {"take_unlisted"}),
        (_in_the_row, True, {"take_unlisted"}),
        (_before_the_note_goes, True, set()),
    ],
)
def test_a_kill_at_any_moment_of_an_import_loses_nothing(
    home: Path,
    recording: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    moment: Callable[[pytest.MonkeyPatch], None],
    taken: bool,
    codes: set[str],
) -> None:
    content = recording.read_bytes()
    with Library.open() as library:
        song = library.add_song(path=tmp_path, title="Song").id
        person = library.add_person(name="Zoë").id
        folder = library.folder
        with monkeypatch.context() as patch:
            moment(patch)
            with pytest.raises(_Killed):
                library.import_take(
                    song=song, person=person, file=recording, title="first", latency_s=0.1
                )
    assert recording.read_bytes() == content
    seen = check_library(folder, still_growing_s=0)
    assert {one.code for one in seen} == codes
    assert not any(one.repaired for one in seen)
    mended = check_library(folder, repair=True, still_growing_s=0)
    assert {(one.code, one.repaired) for one in mended} == {(code, True) for code in codes}
    assert check_library(folder, repair=True, still_growing_s=0) == []
    with Library.open() as library:
        takes = library.takes()
        assert len(takes) == taken
        for take in takes:
            assert library.audio(take).read_bytes() == content
            assert (take.title, take.latency_s, take.singer) == ("first", 0.1, "Zoë")
            assert take.sha256 == hashlib.sha256(content).hexdigest()
        assert listing(folder / "recordings") == [take.file for take in takes]


def test_a_kill_between_row_and_file_of_a_removal(
    library: Library, take: TakeRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(recordings.Recordings, "to_trash", killed)
        with pytest.raises(_Killed):
            library.remove_take(take.id)
    removed = library.take(take.id)
    assert removed.removed
    assert library.audio(removed).exists()
    (finding,) = check_library(library.folder, repair=True, still_growing_s=0)
    assert (finding.code, finding.repaired) == ("removed_file_left", True)
    assert listing(library.recordings.trash) == [take.file]


def test_analyses_stand_side_by_side_and_the_newest_counts(library: Library, take: TakeRow) -> None:
    first = add(library, take)
    library.set_latency(take.id, latency_s=0.2)
    second = add(library, take, model="rori-paper", score=40.0, latency_s=0.2, document="{}")
    assert [one.id for one in library.analyses(take=take.id)] == [second, first]
    assert [one.latency_s for one in library.analyses(take=take.id)] == [0.2, 0.0]
    assert (library.take(take.id).score, library.take(take.id).status) == (40.0, "scored")
    assert library.document(first) == '{"schema": "x"}'
    assert library.clips(analysis=first) == [
        ClipRow(0.0, 3.0, 80.0, None, 0.9, 1.0, 0.8),
        ClipRow(3.0, 6.0, None, "silence"),
    ]
    # The same windows of the take are the same clips, by whatever model.
    assert library.database.rows("SELECT count(*) FROM clips")[0][0] == 2
    for table in ("analyses", "clip_results"):
        with pytest.raises(sqlite3.IntegrityError), library.database.transaction():
            library.database.run(f"UPDATE {table} SET score = 100")


def test_a_take_without_analysis_has_no_status(take: TakeRow) -> None:
    assert (take.status, take.score) == (None, None)


def test_an_analysis_is_kept_whole_or_not_at_all(library: Library, take: TakeRow) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        add(library, take, clips=[ClipRow(0.0, 3.0, 50.0), ClipRow(6.0, 3.0, 50.0)])
    assert library.analyses(take=take.id) == []
    assert library.database.rows("SELECT count(*) FROM clips")[0][0] == 0
    with pytest.raises(LibraryError) as caught:
        add(library, dataclasses.replace(take, id=99))
    assert caught.value.code == "take_unknown"


def test_readers_see_whole_analyses_while_one_writes(library: Library, take: TakeRow) -> None:
    done = threading.Event()
    seen: list[int] = []
    sizes: set[int] = set()

    def read() -> None:
        with Library.open(library.folder) as other:
            while not done.is_set() or not seen:
                seen.append(len(other.analyses(take=take.id)))
                newest = other.analyses(take=take.id)[:1]
                sizes.update(len(other.clips(analysis=one.id)) for one in newest)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for one in readers:
        one.start()
    clips = [ClipRow(3.0 * n, 3.0 * n + 3.0, 50.0) for n in range(20)]
    for _ in range(15):
        add(library, take, clips=clips)
    done.set()
    for one in readers:
        one.join(10)
    assert seen
    assert sizes <= {20}
    assert len(library.analyses(take=take.id)) == 15


def test_another_thread_is_refused_as_our_own_fault(library: Library) -> None:
    caught: list[Exception] = []

    def ask() -> None:
        try:
            library.songs()
        except sqlite3.ProgrammingError as error:
            caught.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert len(caught) == 1


def test_a_take_keeps_how_it_lies_to_its_song(library: Library, take: TakeRow, recording) -> None:  # type: ignore[no-untyped-def]
    assert (take.clock_ratio, take.start_s, take.delay_from) == (1.0, 0.0, "")
    kept = library.import_take(
        song=take.song,
        person=take.person,
        file=recording,
        latency_s=0.032,
        clock_ratio=1.000208,
        start_s=12.5,
        delay_from="chirps",
    )
    assert library.take(kept.id) == kept
    assert (kept.latency_s, kept.clock_ratio, kept.start_s) == (0.032, 1.000208, 12.5)
    assert kept.delay_from == "chirps"
    shifted = library.set_latency(kept.id, latency_s=0.05)
    assert (shifted.latency_s, shifted.delay_from) == (0.05, "given")
    assert (shifted.clock_ratio, shifted.sha256) == (kept.clock_ratio, kept.sha256)
