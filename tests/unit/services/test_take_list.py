"""Takes in the list, in the bin, and from elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from test_song_files import sound

from asa_desktop.core.errors import AsaError, LibraryError, PlaceError
from asa_desktop.services import take_list
from asa_desktop.services.check import check_library
from asa_desktop.services.library import Library, TakeRow
from asa_desktop.services.take_list import bin_take, bring_in, recording_facts, unbin_take


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with Library.open() as opened:
        yield opened


@pytest.fixture
def take(library: Library, tmp_path: Path) -> TakeRow:
    song = library.add_song(path=sound(tmp_path / "song.ogg"), title="On the run")
    recording = recording_facts(sound(tmp_path / "mine.wav", 3.0))
    return bring_in(library, recording, song=song.id, singer="Zoë")


class Bin:
    """A system's bin of the freedesktop.org kind."""

    def __init__(self, folder: Path) -> None:
        self.files, self.info = folder / "files", folder / "info"
        for one in (self.files, self.info):
            one.mkdir(parents=True)

    def __call__(self, path: Path) -> Path:
        place = self.files / path.name
        shutil.move(path, place)
        (self.info / f"{path.name}.trashinfo").write_text("[Trash Info]")
        return place


@pytest.fixture
def system_bin(tmp_path: Path) -> Bin:
    return Bin(tmp_path / "Trash")


def clean(library: Library) -> bool:
    return check_library(library.folder, still_growing_s=0) == []


def test_a_recording_comes_in_with_length_rate_and_singer(library: Library, take: TakeRow) -> None:
    assert (take.singer, take.song_title, take.source) == ("Zoë", "On the run", "imported")
    assert take.duration_s == pytest.approx(3.0)
    assert (take.sample_rate, take.latency_s, take.original_name) == (8000, 0.0, "mine.wav")
    assert library.audio(take).is_file()


def test_a_take_of_ours_keeps_what_was_noted_in_it(library: Library, tmp_path: Path) -> None:
    path = sound(tmp_path / "exported.flac")
    with soundfile.SoundFile(path, "w", 8000, 1, format="FLAC") as file:
        file.comment = '{"asa": {"latency_s": 0.032, "start_s": 4.0, "delay_from": "chirps"}}'
        file.write([0.0] * 8000)
    song = library.add_song(path=path, title="Song")
    take = bring_in(library, recording_facts(path), song=song.id, singer=" Ada ")
    assert (take.latency_s, take.start_s, take.delay_from) == (0.032, 4.0, "chirps")
    assert take.singer == "Ada"


def test_what_is_no_recording_is_refused_whole(tmp_path: Path) -> None:
    text = tmp_path / "take.wav"
    text.write_text("la la la")
    cut = sound(tmp_path / "cut.wav", 6.0)
    cut.write_bytes(cut.read_bytes()[:40_000])
    for path, code in ((text, "not_audio"), (cut, "cut_short")):
        with pytest.raises(AsaError) as caught:
            recording_facts(path)
        assert caught.value.code == code


def test_an_empty_name_leaves_nothing_behind(library: Library, take: TakeRow) -> None:
    facts = recording_facts(library.audio(take))
    with pytest.raises(LibraryError) as caught:
        bring_in(library, facts, song=take.song, singer="  ")
    assert caught.value.code == "name_empty"
    assert len(library.takes()) == 1
    with pytest.raises(LibraryError):
        take_list.edit_take(library, take.id, title="new", singer="")
    assert library.take(take.id).title == ""


def test_a_take_gets_another_name_and_singer(library: Library, take: TakeRow) -> None:
    edited = take_list.edit_take(library, take.id, title="final", singer="Ada")
    assert (edited.title, edited.singer) == ("final", "Ada")
    assert [one.name for one in library.people()] == ["Ada", "Zoë"]


def test_takes_are_numbered_by_singer_and_song_and_numbers_stay(
    library: Library, take: TakeRow, tmp_path: Path
) -> None:
    facts = recording_facts(sound(tmp_path / "more.wav"))
    second = bring_in(library, facts, song=take.song, singer="Zoë")
    other = bring_in(library, facts, song=take.song, singer="Ada")
    library.remove_take(take.id)
    numbers = {one.take.id: one.number for one in take_list.take_entries(library)}
    assert numbers == {second.id: 2, other.id: 1}
    (removed,) = take_list.take_entries(library, removed=True)
    assert (removed.take.id, removed.number) == (take.id, 1)


def test_the_newest_reason_is_told(library: Library, take: TakeRow) -> None:
    for reason in ("silence", "no_voice"):
        library.add_analysis(
            take=take.id, document="{}", status="not_scored", reason=reason, score=None, low=None,
            high=None, case=None, model=None, features="x", latency_s=0.0, clips=[],
        )  # fmt: skip
    assert take_list.take_entries(library)[0].reason == "no_voice"


def test_to_the_systems_bin_and_back(library: Library, take: TakeRow, system_bin: Bin) -> None:
    before = library.audio(take).read_bytes()
    assert bin_take(library, take.id, system_bin) == system_bin.files / take.file
    assert library.takes() == []
    assert not (library.recordings.trash / take.file).exists()
    assert (system_bin.files / take.file).read_bytes() == before
    assert clean(library)
    back = unbin_take(library, take.id)
    assert library.audio(back).read_bytes() == before
    assert [one.id for one in library.takes()] == [take.id]
    assert list(system_bin.info.iterdir()) == []
    assert list(library.recordings.trash.iterdir()) == []
    assert clean(library)
    assert unbin_take(library, take.id) == back  # twice does no harm


def test_what_the_system_restores_itself_comes_back_too(
    library: Library, take: TakeRow, system_bin: Bin
) -> None:
    bin_take(library, take.id, system_bin)
    shutil.move(system_bin.files / take.file, library.recordings.trash / take.file)
    assert clean(library)
    assert library.audio(unbin_take(library, take.id)).is_file()


def test_without_a_bin_the_trash_folder_has_it(library: Library, take: TakeRow) -> None:
    assert bin_take(library, take.id, lambda path: None).parent == library.recordings.trash
    assert (library.recordings.trash / take.file).is_file()
    assert clean(library)
    assert unbin_take(library, take.id).removed is False


@pytest.mark.parametrize("harm", ["emptied", "another"])
def test_an_emptied_bin_is_said_and_the_take_stays_removed(
    library: Library, take: TakeRow, system_bin: Bin, harm: str
) -> None:
    bin_take(library, take.id, system_bin)
    place = system_bin.files / take.file
    if harm == "emptied":
        place.unlink()
    else:
        place.write_text("somebody else's file of that name")
    with pytest.raises(AsaError) as caught:
        unbin_take(library, take.id)
    assert caught.value.code == "bin_emptied"
    assert library.take(take.id).removed
    assert (place.exists(), clean(library)) == (harm == "another", True)


def test_a_bin_that_does_not_say_where_is_said(library: Library, take: TakeRow) -> None:
    kept: list[bytes] = []

    def silent(path: Path) -> Path:
        kept.append(path.read_bytes())
        path.unlink()
        return take_list.UNKNOWN_PLACE

    place = bin_take(library, take.id, silent)
    assert place == take_list.UNKNOWN_PLACE
    with pytest.raises(PlaceError, match="bin_elsewhere"):
        unbin_take(library, take.id)
    (library.recordings.trash / take.file).write_bytes(kept[0])  # as the system restores it
    assert not unbin_take(library, take.id).removed


def test_a_way_back_that_breaks_off_can_be_taken_again(
    library: Library, take: TakeRow, system_bin: Bin, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = library.audio(take).read_bytes()
    place = bin_take(library, take.id, system_bin)

    def full(*_: object, **__: object) -> None:
        raise PlaceError("disk_full", path=place)

    with monkeypatch.context() as patch:
        patch.setattr(take_list, "copy_verified", full)
        with pytest.raises(PlaceError, match="disk_full"):
            unbin_take(library, take.id)
    assert place.read_bytes() == whole
    assert library.audio(unbin_take(library, take.id)).read_bytes() == whole
    assert not place.exists()
