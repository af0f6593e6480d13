from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from asa_desktop.core.errors import ModelError
from asa_desktop.engine.held import hold, lock_path
from asa_desktop.engine.part import PartWriter, read_part_note, write_part_note
from asa_desktop.services.check import check_library, check_models
from asa_desktop.services.findings import Finding
from asa_desktop.services.library import Library, TakeRow
from asa_desktop.services.part_row import plan_take
from asa_desktop.services.paths import places


@pytest.fixture
def take(home: Path, tmp_path: Path) -> TakeRow:
    recording = tmp_path / "take.wav"
    recording.write_bytes(b"RIFF" * 999)
    (tmp_path / "song").mkdir()
    with Library.open() as library:
        song = library.add_song(path=tmp_path / "song", title="On the run").id
        person = library.add_person(name="Zoë").id
        return library.import_take(song=song, person=person, file=recording)


def look(*, repair: bool = False) -> list[Finding]:
    return check_library(places().library, repair=repair, still_growing_s=0)


def everything() -> dict[Path, bytes]:
    return {one: one.read_bytes() for one in places().home.rglob("*") if one.is_file()}


def sounds() -> set[bytes]:
    folders = ("recordings", "trash", "parts")
    return {
        content
        for path, content in everything().items()
        if path.parent.name in folders and not path.name.endswith(".json")
    }


def test_no_library_is_made_by_looking(home: Path) -> None:
    assert look(repair=True) == []
    assert not home.exists()
    places().library.mkdir(parents=True)
    assert look(repair=True) == []
    assert list(places().library.iterdir()) == []


def test_a_sound_library_has_nothing_to_say(take: TakeRow) -> None:
    before = everything()
    counted: list[tuple[int, int]] = []
    found = check_library(places().library, progress=lambda done, of: counted.append((done, of)))
    assert found == []
    assert counted == [(0, 1), (1, 1)]
    assert everything() == before


def test_a_missing_recording_is_said_and_its_row_kept(take: TakeRow) -> None:
    path = places().library / "recordings" / take.file
    path.unlink()
    for repair in (False, True):
        (finding,) = look(repair=repair)
        assert (finding.code, finding.repaired) == ("take_file_missing", False)
        assert finding.facts == {"singer": "Zoë", "song": "On the run", "path": path}
    with Library.open() as library:
        assert library.takes() == [take]


def test_a_recording_that_slipped_into_the_trash_comes_back(take: TakeRow) -> None:
    path = places().library / "recordings" / take.file
    trash = places().library / "trash"
    trash.mkdir()
    path.rename(trash / take.file)
    assert [(one.code, one.repaired) for one in look()] == [("take_in_trash", False)]
    assert not path.exists()
    assert [(one.code, one.repaired) for one in look(repair=True)] == [("take_in_trash", True)]
    assert path.exists()
    assert look() == []


def test_an_unknown_file_is_offered_and_can_be_adopted(take: TakeRow) -> None:
    stray = places().library / "recordings" / "strây.wav"
    stray.write_bytes(b"who sang this?")
    for repair in (False, True):
        assert look(repair=repair) == [Finding("file_unlisted", {"path": stray})]
    with Library.open() as library:
        adopted = library.adopt_take(
            song=take.song, person=take.person, name=stray.name, sha256="0" * 64
        )
        assert library.audio(adopted) == stray
    assert [one.code for one in look()] == ["take_changed"]  # the sha256 above was made up


@pytest.mark.parametrize("note", ["{", "[]", "{}", '{"song_id": 99, "person_id": 1}'])
def test_a_note_that_cannot_be_used_leaves_the_file_offered(take: TakeRow, note: str) -> None:
    stray = places().library / "recordings" / "x.wav"
    stray.write_bytes(b"sung")
    stray.with_name("x.wav.take.json").write_text(note)
    assert look(repair=True) == [Finding("file_unlisted", {"path": stray})]
    assert stray.read_bytes() == b"sung"


def test_changed_bytes_are_noticed_only_by_a_deep_look(take: TakeRow) -> None:
    path = places().library / "recordings" / take.file
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    assert [one.code for one in look(repair=True)] == ["take_changed"]
    assert check_library(places().library, deep=False) == []


def part_of(take: TakeRow, *, frames: int = 1000, named: bool = True) -> Path:
    """A part as a dead engine leaves it."""
    with Library.open() as library:
        planned = plan_take(library, song=take.song, person=take.person)
    with PartWriter(planned.part, rate=48000) as writer:
        writer.append(np.linspace(-0.5, 0.5, frames, dtype=np.float32))
    if named:
        write_part_note(planned.part, planned.note)
    lock_path(planned.part).touch()
    return planned.part


def test_a_part_is_finished_once_nobody_holds_it(take: TakeRow) -> None:
    part = part_of(take)
    with hold(part):
        assert look(repair=True) == []
    assert look() == [Finding("part_left", {"path": part})]
    (finding,) = look(repair=True)
    target = places().library / "recordings" / f"{part.stem}.flac"
    assert finding == Finding("part_left", {"path": part, "to": target}, repaired=True)
    assert list(part.parent.iterdir()) == []
    assert look() == []
    with Library.open() as library:
        newest = library.takes()[0]
        assert (newest.singer, newest.song_title, newest.source) == (
            "Zoë",
            "On the run",
            "recorded",
        )
        assert library.audio(newest) == target


def test_a_part_that_nobody_named_is_offered_and_stays(take: TakeRow) -> None:
    part = part_of(take, named=False)
    content = part.read_bytes()
    for repair in (False, True):
        assert look(repair=repair) == [Finding("part_left", {"path": part})]
    assert part.read_bytes() == content


def test_a_part_whose_take_is_there_goes(take: TakeRow) -> None:
    part = part_of(take)
    content, note = part.read_bytes(), read_part_note(part)
    look(repair=True)
    part.write_bytes(content)
    write_part_note(part, note or {})
    target = places().library / "recordings" / f"{part.stem}.flac"
    facts = {"path": part, "to": target}
    assert look() == [Finding("part_finished", facts)]
    assert look(repair=True) == [Finding("part_finished", facts, repaired=True)]
    assert look() == []
    with Library.open() as library:
        assert len(library.takes()) == 2


def test_a_part_without_sound_goes_and_one_that_is_none_stays(take: TakeRow) -> None:
    part = part_of(take, frames=0)
    odd = part.with_name("odd.w64")
    odd.write_bytes(b"riff")
    empty = part.with_name("zero.w64")
    empty.touch()
    found = {one.facts["path"]: (one.code, one.repaired) for one in look(repair=True)}
    assert found == {
        part: ("part_empty", True),
        empty: ("part_empty", True),
        odd: ("part_unreadable", False),
    }
    assert [one.name for one in part.parent.iterdir()] == ["odd.w64"]


def test_what_is_left_of_a_part_that_never_began_goes(take: TakeRow) -> None:
    part = part_of(take)
    part.unlink()
    (part.parent / ".a.w64.json.12ab.tmp").touch()
    mine = part.with_name("mine.json")
    mine.touch()
    assert look() == []
    assert len(list(part.parent.iterdir())) == 4
    assert look(repair=True) == []
    assert list(part.parent.iterdir()) == [mine]


def test_a_take_that_is_being_finished_is_left_alone(take: TakeRow) -> None:
    part = part_of(take)
    half = places().library / "recordings" / f".{part.stem}.flac.12ab.tmp"
    half.write_bytes(b"half")
    with hold(part):
        assert look(repair=True) == []
    assert {one.code for one in look(repair=True)} == {"copy_left", "part_left"}


def test_a_copy_under_way_is_left_alone(take: TakeRow) -> None:
    folder = places().library / "recordings"
    note = folder / "20260101-000000-abcd.wav.take.json"
    note.write_text("{}")
    os.utime(note, (1, 1))  # a long copy: its note is old, the copy still grows
    half = folder / ".20260101-000000-abcd.wav.1234.tmp"
    half.write_bytes(b"half")
    assert check_library(places().library, repair=True) == []
    os.utime(half, (1, 1))
    found = check_library(places().library, repair=True)
    assert {(one.code, one.repaired) for one in found} == {
        ("copy_left", True),
        ("import_lost", True),
    }
    assert not note.exists()
    assert b"half" in sounds()


def test_no_repair_loses_a_sound(take: TakeRow) -> None:
    library = places().library
    for place in ("recordings/a.wav", "recordings/.b.tmp", "parts/c.w64", "trash/d.flac"):
        (library / place).parent.mkdir(exist_ok=True)
        (library / place).write_bytes(place.encode())
    before = sounds()
    for _ in range(2):
        look(repair=True)
        assert sounds() == before


def test_a_song_that_is_gone_is_said(take: TakeRow, tmp_path: Path) -> None:
    (tmp_path / "song").rmdir()
    (finding,) = look()
    assert finding == Finding("song_gone", {"title": "On the run", "path": tmp_path / "song"})


def test_rows_without_parents_are_counted(take: TakeRow) -> None:
    with Library.open() as library:
        library.database.run("PRAGMA foreign_keys = OFF")
        library.database.run("DELETE FROM people")
    codes = {one.code: one.facts for one in look()}
    assert codes["rows_without_parents"] == {"table": "takes", "count": 1}


def test_models_are_looked_through_one_by_one(tmp_path: Path) -> None:
    def validate(folder: Path) -> None:
        if folder.name != "good":
            raise ModelError("card_broken", path=folder / "card.json")

    good, bad = tmp_path / "good", tmp_path / "bad"
    assert check_models([good, bad], validate) == [
        (good, None),
        (bad, Finding("card_broken", {"path": bad / "card.json"})),
    ]
    with pytest.raises(ZeroDivisionError):
        check_models([good], lambda folder: 1 / 0)
