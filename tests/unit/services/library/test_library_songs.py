from __future__ import annotations

import os
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asa_desktop.core.errors import LibraryError
from asa_desktop.services import paths
from asa_desktop.services.library import Library
from asa_desktop.services.library.text import location_of, path_of, searchable, tidy

SAME_LIBRARY = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def code_of(caught: pytest.ExceptionInfo[LibraryError]) -> str:
    return caught.value.code


def test_one_name_is_one_person(library: Library) -> None:
    zoe = library.add_person(name="  Zoë\tM. ")
    assert zoe.name == "Zoë M."
    assert library.add_person(name=unicodedata.normalize("NFD", "zoë m.")) == zoe
    assert library.add_person(name="Zoe M.") != zoe
    assert library.person(zoe.id) == zoe
    assert len(library.people()) == 2


@pytest.mark.parametrize("name", ["", " \t\n", "\0"])
def test_a_name_needs_a_letter(library: Library, name: str) -> None:
    with pytest.raises(LibraryError) as caught:
        library.add_person(name=name)
    assert code_of(caught) == "name_empty"


@SAME_LIBRARY
@given(name=st.text(max_size=30))
def test_any_name_can_be_kept(library: Library, name: str) -> None:
    shown = tidy(name)
    assert tidy(shown) == shown
    if shown:
        person = library.add_person(name=name)
        assert library.add_person(name=person.name) == person


@SAME_LIBRARY
@given(title=st.text(max_size=20), other=st.text(max_size=20))
def test_a_song_is_found_by_its_own_words(library: Library, title: str, other: str) -> None:
    song = library.add_song(path=Path("/songs/one"), title=title, artist=other)
    for word in searchable(f"{title} {other}").split():
        assert song.id in [one.id for one in library.songs(search=word)]


def test_search_minds_neither_case_nor_accents_nor_order(library: Library, tmp_path: Path) -> None:
    library.add_song(path=tmp_path / "a", title="Schrei nach Liebe", artist="Die Ärzte")
    library.add_song(path=tmp_path / "b", title="100% of_nothing")

    def found(search: str) -> list[str]:
        return [song.title for song in library.songs(search=search)]

    assert found("arzte SCHREI") == ["Schrei nach Liebe"]
    assert found("%") == found("f_n") == ["100% of_nothing"]
    assert found("arzte 100") == []
    assert found("") == ["100% of_nothing", "Schrei nach Liebe"]


def test_adding_a_song_again_brings_it_up_to_date(library: Library, tmp_path: Path) -> None:
    first = library.add_song(path=tmp_path / "a", title="A", parts=("mix",))
    library.remove_song(first.id)
    assert library.songs() == []
    assert library.song(first.id).removed
    again = library.add_song(path=tmp_path / "x" / ".." / "a", title="B", parts=("mix", "vocal"))
    assert (again.id, again.title, again.parts) == (first.id, "B", ("mix", "vocal"))
    assert library.songs(search="b") == [again]


def test_a_song_can_move_but_not_onto_another(library: Library, tmp_path: Path) -> None:
    one = library.add_song(path=tmp_path / "a", title="A")
    library.add_song(path=tmp_path / "b", title="B")
    assert library.move_song(one.id, path=tmp_path / "c").path == tmp_path / "c"
    with pytest.raises(LibraryError) as caught:
        library.move_song(one.id, path=tmp_path / "b")
    assert code_of(caught) == "song_twice"


@pytest.mark.parametrize("ask", ["song", "person", "take", "analysis", "document", "remove_song"])
def test_what_is_not_there_is_said(library: Library, ask: str) -> None:
    with pytest.raises(LibraryError) as caught:
        getattr(library, ask)(99)
    assert code_of(caught).endswith("_unknown")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are text here")
def test_a_folder_whose_name_is_no_text(library: Library, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"m\xe4rchen")
    path.mkdir()
    assert library.add_song(path=path, title="\udce4").path == path
    assert library.songs()[0].path.is_dir()
    assert library.add_song(path=path, title="again").id == library.songs()[0].id


def test_a_bundled_song_is_found_after_the_program_moved(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("1", "2"):
        (tmp_path / version / "asa_desktop" / "_bundled" / "resources" / "demo").mkdir(parents=True)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path / "1"), raising=False)
    song = library.add_song(path=paths.resources() / "demo", title="Demo")
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path / "2"))
    assert library.song(song.id).path == paths.resources() / "demo"
    assert "2" in library.song(song.id).path.parts
    assert library.add_song(path=paths.resources() / "demo", title="Demo").id == song.id


@given(st.text(st.characters(exclude_characters="/\\\0:"), min_size=1, max_size=30))
def test_locations_come_back(name: str) -> None:
    if name in (".", "..") or sys.platform == "win32":
        return
    path = Path("/songs") / name
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return  # no such file can be
    assert path_of(location_of(path)) == path
