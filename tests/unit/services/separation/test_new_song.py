"""A song made of a mix: it loads, keeps notes and words in their places, and leaves the old one."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from carried import ROOT
from hypothesis import given
from hypothesis import strategies as st
from tiny_demucs import write_mix

from asa_desktop.core.errors import AsaError, SeparationError
from asa_desktop.core.separation.parts import ACCOMPANIMENT, VOCAL
from asa_desktop.core.songs import load_song
from asa_desktop.services.paths import Places
from asa_desktop.services.separation.new_song import (
    Plan,
    free_folder,
    furnish,
    plan_of,
    planned,
)

ULTRASTAR = (
    "#TITLE:Hum\n#ARTIST:Zoë\n#MP3:hum.wav\n#COVER:c.jpg\n#BPM:240\n#GAP:500\n"
    ": 0 4 12 la\n: 8 4 14 la\n- 14\n: 16 4 12 la\nE\n"
)


def furnished(plan: Plan, folder: Path) -> Path:
    """The folder with stand-ins for the parts."""
    folder.mkdir()
    for name in (VOCAL, ACCOMPANIMENT):
        write_mix(folder / name, seconds=0.2)
    furnish(folder, plan)
    return folder


def state_of(folder: Path) -> dict[str, str]:
    return {
        str(one.relative_to(folder)): hashlib.sha256(one.read_bytes()).hexdigest()
        for one in folder.rglob("*")
        if one.is_file()
    }


def test_a_recording_alone(tmp_path: Path) -> None:
    mix = write_mix(tmp_path / "Zoë - Hum.wav")
    plan = planned(mix)
    assert (plan.mix, plan.title, plan.artist, plan.folder_name) == (mix, "Hum", "Zoë", "Zoë - Hum")
    song = load_song(furnished(plan, tmp_path / "new"))
    assert (song.title, song.artist, song.mix) == ("Hum", "Zoë", None)
    assert song.accompaniment == tmp_path / "new" / ACCOMPANIMENT
    assert song.vocal == tmp_path / "new" / VOCAL


def test_an_ultrastar_song_keeps_its_notes_where_they_were(tmp_path: Path) -> None:
    old = tmp_path / "old"
    write_mix(old / "hum.wav")
    (old / "hum.txt").write_text(ULTRASTAR, encoding="utf-8")
    before, first = state_of(old), load_song(old)
    plan = plan_of(old)
    song = load_song(furnished(plan, tmp_path / "new"))
    assert song.melody is not None
    assert song.melody.notes == first.melody.notes
    assert (song.lyrics, song.offset_s, song.start_s) == (
        first.lyrics, first.offset_s, first.start_s,
    )  # fmt: skip
    assert (song.title, song.artist) == ("Hum", "Zoë")
    assert (song.accompaniment, song.vocal) == (
        tmp_path / "new" / ACCOMPANIMENT, tmp_path / "new" / VOCAL,
    )  # fmt: skip
    assert [one.code for one in song.notices if one.code.startswith("named_file")] == []
    assert state_of(old) == before


def test_song_toml_offset_and_lyrics_come_along(tmp_path: Path) -> None:
    old = tmp_path / "old"
    write_mix(old / "song.flac")
    (old / "words.lrc").write_text("[00:00.50]la\n[00:01.00]li\n")
    (old / "song.toml").write_text(
        'title = "A \\"quoted\\" one"\nlanguage = "de"\noffset = 0.25\nmix = "song.flac"\n'
    )
    first = load_song(old)
    song = load_song(furnished(plan_of(old), tmp_path / "new"))
    assert (song.title, song.language, song.offset_s) == ('A "quoted" one', "de", 0.25)
    assert song.lyrics == first.lyrics
    assert song.vocal is not None


def test_the_bundled_mix(tmp_path: Path) -> None:
    old = ROOT / "resources" / "demo" / "on-the-run"
    first, plan = load_song(old), plan_of(old)
    song = load_song(furnished(plan, tmp_path / "new"))
    assert song.melody.notes == first.melody.notes
    assert song.lyrics == first.lyrics
    assert (song.title, song.artist) == (first.title, first.artist)


def test_songs_whose_parts_are_apart_are_no_mix(tmp_path: Path) -> None:
    folder = tmp_path / "song"
    for name in ("accompaniment.wav", "vocal.wav"):
        write_mix(folder / name, seconds=0.2)
    with pytest.raises(SeparationError, match="no_mix"):
        plan_of(folder)
    with pytest.raises(SeparationError, match="no_mix"):
        planned(folder)
    with pytest.raises(AsaError, match="missing_file"):
        planned(tmp_path / "none")


def test_even_what_is_called_karaoke_is_separated_when_asked(tmp_path: Path) -> None:
    mix = write_mix(tmp_path / "hum (karaoke).wav")
    assert plan_of(mix).mix == mix


def test_songs_of_one_name_lie_beside_each_other(tmp_path: Path) -> None:
    places = Places(home=tmp_path, cache=tmp_path)
    plan = Plan(mix=tmp_path / "a.wav", title="Hum", artist="Zoë")
    made = []
    for _ in range(3):
        made.append(free_folder(places, plan))
        made[-1].mkdir()
    assert [one.name for one in made] == ["Zoë - Hum", "Zoë - Hum (2)", "Zoë - Hum (3)"]


@given(title=st.text(max_size=300), artist=st.text(max_size=300))
def test_no_title_leads_anywhere_else(title: str, artist: str) -> None:
    name = Plan(mix=Path("a"), title=title, artist=artist).folder_name
    assert Path(name).name == name
    assert name not in ("", ".", "..")
    assert not set(name) & set('<>:"/\\|?*\0\n')
    assert len(name) <= 80


@given(
    title=st.text(st.characters(codec="utf-8"), max_size=60),
    offset=st.floats(-3000, 3000, allow_nan=False),
    track=st.one_of(
        st.none(), st.integers(1, 9), st.text(st.characters(codec="utf-8"), max_size=9)
    ),
)
def test_whatever_stands_in_it_song_toml_reads_back(
    tmp_path_factory: pytest.TempPathFactory, title: str, offset: float, track: str | int | None
) -> None:
    import tomllib

    folder = tmp_path_factory.mktemp("song")
    plan = Plan(mix=folder / "a.wav", title=title, offset_s=offset, notes_track=track)
    furnish(folder, plan)
    read = tomllib.loads((folder / "song.toml").read_text(encoding="utf-8"))
    assert read.get("title", "") == title.replace("\x7f", "")
    assert np.isclose(read.get("offset", 0.0), offset)
    assert read["vocal"] == VOCAL
