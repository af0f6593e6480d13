"""The list of songs: bundled ones, what is missing, lengths that are remembered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from reading_here import looked_at
from test_song_files import sound, ultrastar

from asa_desktop.core.errors import LibraryError
from asa_desktop.services import song_files, song_list
from asa_desktop.services.library import Library
from asa_desktop.services.song_files import song_facts
from asa_desktop.services.song_list import Known, SongEntry


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(song_files, "looked_at", looked_at)


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with Library.open() as opened:
        yield opened


def entry_of(library: Library, title: str) -> SongEntry:
    return next(one for one in song_list.song_entries(library) if one.song.title == title)


def test_the_bundled_songs_are_there_once_and_stay_away_when_taken_off(library: Library) -> None:
    song_list.add_bundled(library)
    song_list.add_bundled(library)
    titles = [one.song.title for one in song_list.song_entries(library)]
    assert titles == ["On the run", "PJS Medley"]
    library.remove_song(entry_of(library, "On the run").song.id)
    song_list.add_bundled(library)
    assert [one.song.title for one in song_list.song_entries(library)] == ["PJS Medley"]
    song_list.add_bundled(library, again=True)
    assert len(song_list.song_entries(library)) == 2
    medley = entry_of(library, "PJS Medley")
    assert medley.missing == ()
    assert medley.can_be_scored


def test_takes_and_their_scores_are_counted(library: Library, tmp_path: Path) -> None:
    song = song_list.keep_song(library, song_facts(sound(tmp_path / "mix.ogg")))
    person = library.add_person(name="Zoë")
    for score in (40.0, 70.0, None, 55.0):
        file = sound(tmp_path / "take.flac")
        take = library.import_take(song=song.id, person=person.id, file=file)
        library.add_analysis(
            take=take.id, document="{}", status="not_scored" if score is None else "scored",
            reason="silence" if score is None else None, score=score, low=None, high=None,
            case=None, model=None, features="x", latency_s=0.0, clips=[],
        )  # fmt: skip
    entry = entry_of(library, "mix")
    assert (entry.takes, entry.best, entry.scores) == (4, 70.0, (40.0, 70.0, 55.0))
    assert not entry.can_be_scored
    assert entry.missing == ("vocal", "melody", "lyrics")


def test_lengths_are_read_once_and_again_when_files_change(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    mix = sound(tmp_path / "mix.ogg")
    gone = sound(tmp_path / "gone.ogg")
    songs = [song_list.keep_song(library, song_facts(one)) for one in (mix, gone)]
    gone.unlink()
    first = song_list.look_again(songs, cache)
    assert first.known[mix].seconds == pytest.approx(2.0)
    assert first.known[gone] == Known("")
    assert [one.path for one in first.changed] == [mix]
    with monkeypatch.context() as patched:
        patched.setattr(song_list, "read_songs", lambda paths, **_: [1 / 0 for _ in paths])
        assert song_list.look_again(songs, cache).known == first.known
    sound(mix, 5.0)
    again = song_list.look_again(songs, cache)
    assert again.known[mix].seconds == pytest.approx(5.0)
    sound(gone)
    assert song_list.look_again(songs, cache).known[gone].seconds == pytest.approx(2.0)


def test_a_song_that_became_unusable_is_there_but_not_read_again(
    library: Library, tmp_path: Path
) -> None:
    mix = sound(tmp_path / "mix.ogg")
    song = song_list.keep_song(library, song_facts(mix))
    mix.write_text("no sound any more")
    look = song_list.look_again([song], tmp_path / "cache")
    assert look.changed == ()
    assert look.known[mix].stamp != ""
    assert look.known[mix].seconds is None


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", '{"form": 1, "songs": {"/a": [1, 2]}}', '{"form": 2, "songs": {}}',
     '{"form": 1, "songs": {"/a": ["s", "long", null, null]}}', "[" * 100_000],
)  # fmt: skip
def test_a_damaged_cache_is_no_cache(tmp_path: Path, content: str) -> None:
    (tmp_path / song_list.FILE).write_text(content)
    assert song_list.read_known(tmp_path) == {}


def test_names_that_are_no_text_are_remembered(tmp_path: Path) -> None:
    path = Path("/songs/\udcff.ogg")
    song_list.write_known(tmp_path, {path: Known("s", 1.5, 60, 72)})
    assert song_list.read_known(tmp_path) == {path: Known("s", 1.5, 60, 72)}


def test_a_moved_song_keeps_its_takes(library: Library, tmp_path: Path) -> None:
    song = song_list.keep_song(library, song_facts(sound(tmp_path / "mix.ogg")))
    other = song_list.keep_song(library, song_facts(sound(tmp_path / "other.ogg")))
    new = ultrastar(tmp_path / "new", "La")
    moved = song_list.move_song(library, song.id, song_facts(new))
    assert (moved.id, moved.path, moved.title) == (song.id, new, "La")
    with pytest.raises(LibraryError) as caught:
        song_list.move_song(library, other.id, song_facts(new))
    assert caught.value.code == "song_twice"
    assert library.song(other.id).title == "other"


def test_what_files_say_is_compared_as_the_list_keeps_it(library: Library, tmp_path: Path) -> None:
    facts = song_facts(ultrastar(tmp_path / "song", "La  la"))
    song = song_list.keep_song(library, facts)
    assert not song_list.differs(facts, song)
    (tmp_path / "song" / "vocal.ogg").write_bytes((tmp_path / "song" / "audio.ogg").read_bytes())
    assert song_list.differs(song_facts(tmp_path / "song"), song)
    assert not song_list.differs(facts, None)
