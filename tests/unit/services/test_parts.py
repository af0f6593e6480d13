from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from disks import small_disk

from asa_desktop.core.errors import AudioError, LibraryError, PlaceError, UsageError
from asa_desktop.engine.finish import finish_part, timing_of
from asa_desktop.engine.held import hold, lock_path
from asa_desktop.engine.part import PartWriter, part_note_path, read_part_note, write_part_note
from asa_desktop.services import parts
from asa_desktop.services.library import Library
from asa_desktop.services.part_row import PlannedTake, plan_file, plan_take
from asa_desktop.services.parts import (
    discard_part,
    finish_left,
    list_take,
    parts_left,
    recover_part,
    take_in_finished,
)

RATE = 48000
MEASURED = {
    "latency_s": 0.0321,
    "clock_ratio": 1.0002,
    "start_s": 3.0,
    "delay_from": "chirps",
    "device": "vmic (ALSA)",
    "xruns": 2,
    "gaps": [[0.1, 0.2]],
    "stamp_delay_s": 0.05,
    "clipped": 0,
}


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with Library.open() as opened:
        yield opened


@pytest.fixture
def song(library: Library, tmp_path: Path) -> int:
    (tmp_path / "song").mkdir()
    return library.add_song(path=tmp_path / "song", title="On the run").id


@pytest.fixture
def person(library: Library) -> int:
    return library.add_person(name="Zoë").id


@pytest.fixture
def planned(library: Library, song: int, person: int) -> PlannedTake:
    return plan_take(library, song=song, person=person, title="second  try")


def sing(planned: PlannedTake, *, frames: int = RATE, note: bool = True) -> np.ndarray:
    """What a killed engine leaves."""
    sung = (np.arange(frames) % 1000 / 2048).astype(np.float32)
    with PartWriter(planned.part, rate=RATE) as writer:
        writer.append(sung)
    lock_path(planned.part).touch()
    if note:
        write_part_note(planned.part, {**planned.note, **MEASURED})
    return sung


def finish(planned: PlannedTake) -> str:
    """What the engine does at the end."""
    note = {**planned.note, **MEASURED, "duration_s": 1.0, "sample_rate": RATE}
    return finish_part(planned.part, planned.target, note=note, note_path=planned.note_path)


def test_a_part_is_offered_and_recovered(
    library: Library, planned: PlannedTake, song: int, person: int
) -> None:
    assert parts_left(library) == ()
    sung = sing(planned)
    (left,) = parts_left(library)
    assert left.path == planned.part
    assert (left.seconds, left.song_title, left.singer) == (1.0, "On the run", "Zoë")
    assert left.started_at == planned.note["recorded_at"]
    assert left.complete
    take = recover_part(library, planned.part)
    assert (take.song, take.person, take.title) == (song, person, "second try")
    assert (take.source, take.duration_s, take.sample_rate) == ("recorded", 1.0, RATE)
    assert (take.latency_s, take.xruns, take.device) == (0.0321, 2, "vmic (ALSA)")
    assert take.gaps == ((0.1, 0.2),)
    assert take.recorded_at == planned.note["recorded_at"]
    assert library.audio(take) == planned.target
    np.testing.assert_array_equal(soundfile.read(planned.target, dtype="float32")[0], sung)
    wanted = ("latency_s", "clock_ratio", "start_s", "gaps", "delay_from")
    assert timing_of(planned.target) == {name: MEASURED[name] for name in wanted}
    assert list(library.recordings.parts.iterdir()) == []
    assert list(library.recordings.notes()) == []
    assert parts_left(library) == ()


def test_a_living_engine_keeps_its_part(library: Library, planned: PlannedTake) -> None:
    sing(planned)
    with hold(planned.part):
        assert parts_left(library) == ()
        with pytest.raises(PlaceError, match="part_held"):
            recover_part(library, planned.part)
        with pytest.raises(PlaceError, match="part_held"):
            discard_part(library, planned.part)
        assert take_in_finished(library) == []
    assert len(parts_left(library)) == 1


@pytest.mark.parametrize(
    "note",
    [
        None,
        "{",
        "[]",
        "{}",
        '{"song_id": 99, "person_id": 1}',
        '{"song_id": "1", "person_id": 1, "latency_s": "x", "gaps": 3, "recorded_at": "now"}',
        '{"song_id": 1e99, "person_id": true, "latency_s": [], "device": 1, "target": "\\u0000"}',
        '{"song_id": 99999999999999999999, "person_id": 1, "xruns": 1e400, "target": 5}',
    ],
)
def test_a_part_without_a_sound_note_needs_names(
    library: Library, planned: PlannedTake, song: int, person: int, note: str | None
) -> None:
    sung = sing(planned, note=False)
    if note is not None:
        part_note_path(planned.part).write_text(note)
    os.utime(planned.part, (1_000_000_000, 1_000_000_000))
    (left,) = parts_left(library)
    assert not left.complete
    assert left.started_at == "2001-09-09T01:46:39.000Z"
    with pytest.raises(LibraryError, match=r"part_unnamed|song_unknown"):
        recover_part(library, planned.part)
    with pytest.raises(LibraryError, match="song_unknown"):
        recover_part(library, planned.part, song=77, person=person)
    assert parts_left(library) == (left,)
    take = recover_part(library, planned.part, song=song, person=person)
    assert (take.song, take.person, take.latency_s, take.gaps) == (song, person, 0.0, ())
    assert take.recorded_at == left.started_at
    np.testing.assert_array_equal(soundfile.read(library.audio(take), dtype="float32")[0], sung)
    assert list(library.recordings.parts.iterdir()) == []


def test_a_killed_window_leaves_a_take_that_is_taken_in(
    library: Library, planned: PlannedTake
) -> None:
    sing(planned)
    sha256 = finish(planned)
    (take,) = take_in_finished(library)
    assert (take.sha256, take.title, take.gaps) == (sha256, "second try", ((0.1, 0.2),))
    assert take_in_finished(library) == []
    assert library.takes() == [take]
    assert list(library.recordings.notes()) == []


def test_an_import_under_way_is_left_to_itself(library: Library, planned: PlannedTake) -> None:
    path = library.recordings.folder / "a.flac"
    path.write_bytes(b"copied")
    note = {name: value for name, value in planned.note.items() if name != "target"}
    library.recordings.write_note(path.name, note)
    assert take_in_finished(library) == []
    os.utime(path, (1, 1))
    assert len(take_in_finished(library)) == 1


@pytest.mark.parametrize("row", [True, False])
@pytest.mark.parametrize("side_note", [True, False])
@pytest.mark.parametrize("by", ["start", "recover", "finish"])
def test_killed_before_the_part_went_gives_one_take(
    library: Library, planned: PlannedTake, row: bool, side_note: bool, by: str
) -> None:
    sing(planned)
    part, note = planned.part.read_bytes(), read_part_note(planned.part)
    finish(planned)
    planned.part.write_bytes(part)
    write_part_note(planned.part, note or {})
    if row:
        list_take(library, planned.target)
    elif not side_note:
        library.recordings.drop_note(planned.target.name)
    assert parts_left(library) == ()
    if by == "start":
        assert len(take_in_finished(library)) == (0 if row else 1)
    elif by == "recover":
        recover_part(library, planned.part)
    else:
        assert finish_left(library, planned.part) == planned.target
    (take,) = library.takes()
    assert library.audio(take) == planned.target
    assert not planned.part.exists()
    assert not part_note_path(planned.part).exists()
    assert list(library.recordings.notes()) == []


def test_a_removed_take_does_not_come_back_from_its_part(
    library: Library, planned: PlannedTake
) -> None:
    sing(planned)
    part, note = planned.part.read_bytes(), read_part_note(planned.part)
    finish(planned)
    library.remove_take(list_take(library, planned.target).id)
    planned.part.write_bytes(part)
    write_part_note(planned.part, note or {})
    assert parts_left(library) == ()
    assert take_in_finished(library) == []
    assert library.takes() == []
    assert not planned.part.exists()


def test_another_file_of_the_planned_name_is_not_taken_for_the_take(
    library: Library, planned: PlannedTake
) -> None:
    sung = sing(planned)
    planned.target.write_bytes(b"something else")
    (left,) = parts_left(library)
    take = recover_part(library, left.path)
    assert take.file != planned.target.name
    assert planned.target.read_bytes() == b"something else"
    np.testing.assert_array_equal(soundfile.read(library.audio(take), dtype="float32")[0], sung)


def test_a_library_that_moved_recovers_its_parts(
    home: Path, library: Library, planned: PlannedTake, tmp_path: Path
) -> None:
    sing(planned)
    library.close()
    moved = tmp_path / "moved"
    shutil.move(library.folder, moved)
    with Library.open(moved) as again:
        (left,) = parts_left(again)
        take = recover_part(again, left.path)
        assert again.audio(take).parent == moved / "recordings"
        assert again.audio(take).exists()


def test_two_that_list_a_take_at_once_give_one_row(
    library: Library, planned: PlannedTake, monkeypatch: pytest.MonkeyPatch
) -> None:
    sing(planned)
    sha256 = finish(planned)
    real = parts._take_of
    asked = []

    def late(library: Library, path: Path) -> Any:
        asked.append(path)
        if len(asked) == 1:  # the other one is quicker
            library.take_from_note(path.name, sha256=sha256)
            return None
        return real(library, path)

    monkeypatch.setattr(parts, "_take_of", late)
    take = list_take(library, planned.target)
    assert library.takes() == [take]
    library.recordings.folder.joinpath("b.flac").touch()
    with pytest.raises(LibraryError, match="note_unusable"):
        list_take(library, library.recordings.folder / "b.flac")


def test_a_discarded_part_lies_in_the_trash(library: Library, planned: PlannedTake) -> None:
    for _ in range(2):
        sing(planned)
        content = planned.part.read_bytes()
        put = discard_part(library, planned.part)
        assert put.parent == library.recordings.trash
        assert put.read_bytes() == content
        assert (read_part_note(put) or {})["title"] == "second try"
        assert list(library.recordings.parts.iterdir()) == []
    assert len(list(library.recordings.trash.iterdir())) == 4
    with pytest.raises(PlaceError, match="missing_file"):
        discard_part(library, planned.part)
    assert list(library.recordings.parts.iterdir()) == []


def test_parts_with_nothing_in_them_are_not_offered(library: Library, planned: PlannedTake) -> None:
    sing(planned, frames=0)
    planned.part.with_name("odd.w64").write_bytes(b"riff")
    assert parts_left(library) == ()
    with pytest.raises(AudioError, match="nothing_recorded"):
        recover_part(library, planned.part)
    with pytest.raises(AudioError, match="not_a_part"):
        recover_part(library, planned.part.with_name("odd.w64"), song=1, person=1)
    assert [one.name for one in library.recordings.parts.iterdir()] == ["odd.w64"]


def test_a_take_for_a_file_goes_there(library: Library, tmp_path: Path) -> None:
    target = tmp_path / "take.wav"
    planned = plan_file(
        target, parts=library.recordings.parts, song_title="On the run", singer="Zoë"
    )
    assert planned.note_path is None
    sung = sing(planned)
    (left,) = parts_left(library)
    assert (left.song_title, left.singer, left.complete) == ("On the run", "Zoë", False)
    with pytest.raises(LibraryError, match="part_unnamed"):
        recover_part(library, planned.part)
    target.write_bytes(b"another")
    assert finish_left(library, planned.part) == tmp_path / "take-2.wav"
    assert target.read_bytes() == b"another"
    np.testing.assert_array_equal(soundfile.read(tmp_path / "take-2.wav", dtype="float32")[0], sung)
    assert library.takes() == []
    assert list(library.recordings.parts.iterdir()) == []


def test_a_take_for_a_file_that_is_there_is_not_made_twice(
    library: Library, tmp_path: Path
) -> None:
    planned = plan_file(tmp_path / "take.flac", parts=library.recordings.parts)
    sing(planned)
    part, note = planned.part.read_bytes(), read_part_note(planned.part)
    assert finish_left(library, planned.part) == planned.target
    planned.part.write_bytes(part)
    write_part_note(planned.part, note or {})
    assert take_in_finished(library) == []
    assert not planned.part.exists()
    assert [one.name for one in tmp_path.glob("take*")] == ["take.flac"]


def test_a_plan_says_at_once_what_cannot_be(
    library: Library, song: int, person: int, tmp_path: Path
) -> None:
    with pytest.raises(LibraryError, match="song_unknown"):
        plan_take(library, song=99, person=person)
    with pytest.raises(LibraryError, match="person_unknown"):
        plan_take(library, song=song, person=99)
    folder = library.recordings.parts
    with pytest.raises(UsageError, match="take_kind"):
        plan_file(tmp_path / "take.mp3", parts=folder)
    with pytest.raises(PlaceError, match="missing_folder"):
        plan_file(tmp_path / "no" / "take.flac", parts=folder)
    (tmp_path / "take.flac").touch()
    with pytest.raises(PlaceError, match="in_the_way"):
        plan_file(tmp_path / "take.flac", parts=folder)


def test_a_full_disk_leaves_the_part_to_be_recovered_later(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", kilobytes=2048) as disk, Library.open(disk) as library:
        (tmp_path / "song").mkdir()
        song = library.add_song(path=tmp_path / "song", title="On the run").id
        person = library.add_person(name="Zoë").id
        planned = plan_take(library, song=song, person=person)
        write_part_note(planned.part, planned.note)
        noise = np.random.default_rng(1).normal(0, 0.3, 1 << 20).astype(np.float32)
        with PartWriter(planned.part, rate=RATE) as writer:
            with pytest.raises(PlaceError, match="disk_full"):
                writer.append(noise)
            kept = writer.frames
        with pytest.raises((PlaceError, LibraryError), match="disk_full"):
            recover_part(library, planned.part)
        assert kept > 100_000
        assert len(parts_left(library)) == 1
        os.truncate(planned.part, 200_000)  # as if there were room again
        take = recover_part(library, planned.part)
        assert take.duration_s == (200_000 - 104) // 3 / RATE
        assert library.takes() == [take]
