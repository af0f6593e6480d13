"""load_song: what a folder's files become, what is asked, what is said, what is refused."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asa_desktop.core.errors import PlaceError, SongError
from asa_desktop.core.songs import load_song
from asa_desktop.core.songs.names import title_and_artist
from asa_desktop.core.songs.notices import NoticeList
from asa_desktop.core.songs.places import Refused, open_folder
from asa_desktop.core.types import Song

TUNE = "#TITLE:Tune\n#ARTIST:Band\n#LANGUAGE:English\n#BPM:120\n"
BODY = ": 0 4 0 la\n: 4 4 2  li\nE\n"
ROUND = Path(__file__).parents[2] / "data" / "songs" / "round.musicxml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "Some Band - Some Song"
    path.mkdir()
    return path


def fill(folder: Path, *names: str, **texts: str) -> None:
    """Files without sound, as nothing here decodes; `texts` are a .txt, a song.toml, an .lrc."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"sound")
    files = {"ultrastar": "song.txt", "toml": "song.toml", "lrc": "lyrics.lrc"}
    for kind, text in texts.items():
        (folder / files[kind]).write_text(text, encoding="utf-8")


def said(song: Song, code: str) -> list[dict[str, object]]:
    return [dict(notice.facts) for notice in song.notices if notice.code == code]


def refused(path: Path, **wanted: str | int) -> SongError:
    with pytest.raises(SongError) as caught:
        load_song(path, **wanted)  # type: ignore[arg-type]
    return caught.value


def test_by_stem(folder: Path) -> None:
    fill(folder, "Instrumental.FLAC", "vocals.wav", lrc="[00:01.00]la\n")
    (folder / "NOTES.musicxml").write_bytes(ROUND.read_bytes())
    song = load_song(folder)
    assert song.accompaniment == folder / "Instrumental.FLAC"
    assert song.vocal == folder / "vocals.wav"
    assert song.mix is None
    assert song.melody is not None
    assert song.melody.source == folder / "NOTES.musicxml"
    assert [line.text for line in song.lyrics] == ["la"]
    assert (song.title, song.artist, song.folder) == ("Small Round", "House Singers", folder)
    assert "parts_missing" not in [notice.code for notice in song.notices]


def test_ultrastar_tags_win_over_stems(folder: Path) -> None:
    fill(
        folder, "a.ogg", "old.mp3", "sung.ogg", "played.ogg", "vocals.ogg", "karaoke.ogg",
        "cover.jpg",
        ultrastar=TUNE + "#MP3:old.mp3\n#AUDIO:A.OGG\n#VOCALS:sung.ogg\n#INSTRUMENTAL:played.ogg\n"
        "#COVER:cover.jpg\n#VIDEO:film.mp4\n#BACKGROUND:back.jpg\n" + BODY,
    )  # fmt: skip
    song = load_song(folder)
    assert song.mix == folder / "a.ogg"
    assert song.vocal == folder / "sung.ogg"
    assert song.accompaniment == folder / "played.ogg"
    assert (song.title, song.artist, song.language) == ("Tune", "Band", "English")
    assert [line.text for line in song.lyrics] == ["la li"]
    assert [fact["name"] for fact in said(song, "named_file_missing")] == ["back.jpg", "film.mp4"]
    assert len(song.notices) == 2


def test_what_the_tags_do_not_name_goes_by_stem(folder: Path) -> None:
    fill(folder, "a.ogg", "vocals.flac", ultrastar=TUNE + "#MP3:a.ogg\n" + BODY)
    song = load_song(folder / "song.txt")
    assert (song.mix, song.vocal) == (folder / "a.ogg", folder / "vocals.flac")
    assert song.notices == ()


def test_audio_goes_before_mp3_even_where_that_is_gone(folder: Path) -> None:
    fill(folder, "a.ogg", ultrastar=TUNE + "#MP3:gone.mp3\n#AUDIO:a.ogg\n" + BODY)
    song = load_song(folder)
    assert song.mix == folder / "a.ogg"
    assert said(song, "named_file_missing") == []


def test_a_file_that_the_tag_misnames_is_looked_for(folder: Path) -> None:
    fill(folder, "renamed.ogg", "film.mp4", ultrastar=TUNE + "#MP3:a.mp3\n#VIDEO:film.mp4\n" + BODY)
    song = load_song(folder)
    assert song.mix == folder / "renamed.ogg"
    assert said(song, "named_file_missing")[0]["name"] == "a.mp3"
    assert said(song, "audio_taken") == [{"name": "renamed.ogg", "taken_as": "mix"}]


def test_start_and_end_are_on_the_songs_clock(folder: Path) -> None:
    fill(
        folder,
        "a.ogg",
        ultrastar=TUNE + "#MP3:a.ogg\n#START:0,25\n#END:60000\n: 8 4 0 la\nE\n",
        toml="offset = 0.25\n",
    )
    song = load_song(folder)
    assert (song.offset_s, song.start_s, song.end_s) == (0.25, 0.0, 59.75)


def test_song_toml_wins_over_all(folder: Path) -> None:
    fill(
        folder, "a.ogg", "b.ogg", "c.ogg", "karaoke.ogg", "sub/other.lrc",
        ultrastar=TUNE + "#MP3:a.ogg\n#VOCALS:a.ogg\nP1\n: 0 4 0 la\nP2\n: 8 4 0 lo\nE\n",
        toml='title = "Mine"\nartist = "Me"\nlanguage = "Latin"\noffset = -1.5\n'
        'notes_track = "P2"\n'
        'vocal = "b.ogg"\naccompaniment = "c.ogg"\nlyrics = "sub/other.lrc"\ncolour = "red"\n',
    )  # fmt: skip
    (folder / "sub" / "other.lrc").write_text("[00:03]mine\n")
    song = load_song(folder)
    assert (song.title, song.artist, song.language, song.offset_s) == ("Mine", "Me", "Latin", -1.5)
    assert (song.vocal, song.accompaniment) == (folder / "b.ogg", folder / "c.ogg")
    assert song.melody is not None
    assert song.melody.notes[0].start == 1.0
    assert song.lyrics[0].text == "mine"
    assert said(song, "song_toml_unknown") == [{"key": "colour"}]
    assert load_song(folder, notes_track="P1").melody.notes[0].start == 0.0  # type: ignore[union-attr]
    assert load_song(folder / "song.toml") == song


@pytest.mark.parametrize(
    ("code", "toml"),
    [
        ("bad_song_toml", "title = "),
        ("bad_song_toml", "a = " + "[" * 100_000),
        ("bad_song_toml_value", "title = 7"),
        ("bad_song_toml_value", "offset = true"),
        ("bad_song_toml_value", "offset = nan"),
        ("bad_song_toml_value", "offset = 1e9"),
        ("bad_song_toml_value", "notes_track = 1.5"),
        ("bad_song_toml_value", "vocal = ['a']"),
        ("named_file_missing", "vocal = 'nowhere.wav'"),
        ("path_refused", "vocal = '../karaoke.ogg'"),
        ("file_too_large", "# " + "x" * 1_000_001),
    ],
)
def test_song_toml_faults(folder: Path, code: str, toml: str) -> None:
    fill(folder, "karaoke.ogg", toml=toml)
    assert refused(folder).code == code


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("/etc/passwd", "absolute"),
        ("\\\\server\\share\\a.ogg", "absolute"),
        ("C:\\a.ogg", "absolute"),
        ("c:a.ogg", "absolute"),
        ("~/a.ogg", "absolute"),
        ("../a.ogg", "outside"),
        ("sub/../../a.ogg", "outside"),
        ("sub\\..\\..\\a.ogg", "outside"),
        ("a\0.ogg", "control"),
        ("a\x1b.ogg", "control"),
        (".", "odd"),
        ("a/" * 9 + "a.ogg", "odd"),
    ],
)
def test_hostile_names_are_refused(folder: Path, name: str, why: str) -> None:
    (folder.parent / "a.ogg").write_bytes(b"not yours")
    fill(folder, "karaoke.ogg", ultrastar=TUNE + f"#VOCALS:{name}\n" + BODY)
    song = load_song(folder)
    assert song.vocal is None
    assert [fact["why"] for fact in said(song, "path_refused")] == [why]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_out_of_the_folder_are_refused(folder: Path) -> None:
    (folder.parent / "secret.ogg").write_bytes(b"not yours")
    (folder.parent / "away").mkdir()
    (folder.parent / "away" / "b.ogg").write_bytes(b"not yours")
    fill(folder, "karaoke.ogg", ultrastar=TUNE + "#MP3:away/b.ogg\n#VOCALS:v.ogg\n" + BODY)
    (folder / "vocals.ogg").symlink_to(folder.parent / "secret.ogg")
    (folder / "v.ogg").symlink_to(folder.parent / "secret.ogg")
    (folder / "away").symlink_to(folder.parent / "away")
    (folder / "broken.ogg").symlink_to(folder / "nowhere.ogg")
    (folder / "mix.ogg").symlink_to(folder / "karaoke.ogg")
    song = load_song(folder)
    assert song.vocal is None
    assert song.mix == folder / "mix.ogg"  # a link within the folder is fine
    refusals = said(song, "path_refused")
    assert sorted((str(f["entry"]), str(f["name"]), str(f["why"])) for f in refusals) == [
        ("", "v.ogg", "link"),
        ("", "vocals.ogg", "link"),
        ("MP3", "away/b.ogg", "link"),
        ("VOCALS", "v.ogg", "link"),
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    fill(folder, "karaoke.ogg", ultrastar=TUNE + "#VOCALS:pipe.ogg\n" + BODY)
    os.mkfifo(folder / "pipe.ogg")
    os.mkfifo(folder / "notes.mid")
    assert said(load_song(folder), "named_file_missing")[0]["name"] == "pipe.ogg"


@pytest.mark.parametrize("stored", ["NFC", "NFD"])
@pytest.mark.parametrize("written", ["NFC", "NFD"])
def test_composed_and_decomposed_names(folder: Path, stored: str, written: str) -> None:
    fill(
        folder,
        unicodedata.normalize(stored, "Köln Été.OGG"),
        ultrastar=TUNE + "#MP3:" + unicodedata.normalize(written, "Köln été.ogg") + "\n" + BODY,
    )
    song = load_song(folder)
    assert song.mix is not None
    assert song.mix.exists()
    assert said(song, "named_file_missing") == []


def test_exact_names_go_before_similar_ones(folder: Path) -> None:
    fill(folder, "a.ogg", "A.ogg", ultrastar=TUNE + "#MP3:A.ogg\n" + BODY)
    if len(list(folder.iterdir())) == 3:  # a file system that tells them apart
        assert load_song(folder).mix == folder / "A.ogg"


@pytest.mark.parametrize(
    ("names", "entry", "candidates"),
    [
        (["karaoke.ogg", "instrumental.mp3"], "accompaniment", ("instrumental.mp3", "karaoke.ogg")),
        (["karaoke.ogg", "vocal.wav", "vocals.wav"], "vocal", ("vocal.wav", "vocals.wav")),
        (["one.mp3", "two.mp3"], "accompaniment", ("one.mp3", "two.mp3")),
        (["karaoke.ogg", "notes.mid", "notes.kar"], "notes", ("notes.kar", "notes.mid")),
        (["karaoke.ogg", "one.mid", "two.mid"], "notes", ("one.mid", "two.mid")),
    ],
)
def test_what_only_the_user_can_choose(
    folder: Path, names: list[str], entry: str, candidates: tuple[str, ...]
) -> None:
    fill(folder, *names)
    error = refused(folder)
    assert error.code == "ambiguous"
    assert error.facts == {"path": folder, "entry": entry, "candidates": candidates}


def test_two_ultrastar_files(folder: Path) -> None:
    fill(folder, "a.ogg", ultrastar=TUNE + "#MP3:a.ogg\n" + BODY)
    (folder / "song [DUET].txt").write_text(TUNE + "#MP3:a.ogg\n" + BODY)
    (folder / "readme.txt").write_text("no song")
    assert refused(folder).facts["candidates"] == ("song [DUET].txt", "song.txt")
    assert load_song(folder / "song.txt").melody is not None
    fill(folder, toml="notes = 'song [duet].txt'")
    assert load_song(folder).melody.source == folder / "song [DUET].txt"  # type: ignore[union-attr]


def test_a_sane_choice_is_said(folder: Path) -> None:
    fill(folder, "Some Song (Karaoke).mp3", "Some Song (Vocals).mp3", "Some Song.mp3", "film.mp4")
    (folder / "tune.musicxml").write_bytes(ROUND.read_bytes())
    (folder / "info.xml").write_text("<info/>")
    (folder / "one.lrc").write_text("[00:01]one")
    (folder / "two.lrc").write_text("[00:01]two")
    song = load_song(folder)
    assert song.accompaniment == folder / "Some Song (Karaoke).mp3"
    assert song.vocal == folder / "Some Song (Vocals).mp3"
    assert song.mix == folder / "Some Song.mp3"
    assert said(song, "notes_taken") == [{"name": "tune.musicxml"}]
    assert {fact["taken_as"] for fact in said(song, "audio_taken")} == {
        "accompaniment",
        "vocal",
        "mix",
    }
    assert said(song, "lyrics_not_chosen") == [{"candidates": ("one.lrc", "two.lrc")}]


def test_lyrics_that_cannot_be_used_are_said(folder: Path) -> None:
    fill(folder, "karaoke.ogg")
    (folder / "lyrics.txt").write_text("only\nwords\n")
    song = load_song(folder)
    assert song.lyrics == ()
    assert said(song, "lyrics_without_times") == [{"file": "lyrics.txt"}]
    assert said(song, "parts_missing") == [{"parts": ("vocal", "notes", "lyrics")}]


@pytest.mark.parametrize(
    "suffix",
    "wav flac mp3 ogg opus m4a aac mp4 webm wma aiff AIF".split(),  # noqa: SIM905
)
def test_one_recording_is_a_song(tmp_path: Path, suffix: str) -> None:
    fill(tmp_path, f"Some Band - Some Song.{suffix}", "other.mp3", toml="title = 'not asked'")
    song = load_song(tmp_path / f"Some Band - Some Song.{suffix}")
    assert (song.title, song.artist, song.folder) == ("Some Song", "Some Band", None)
    assert song.mix == tmp_path / f"Some Band - Some Song.{suffix}"
    assert [notice.code for notice in song.notices] == ["audio_taken", "parts_missing"]


def test_a_karaoke_recording_is_an_accompaniment(tmp_path: Path) -> None:
    fill(tmp_path, "Some Band - Some Song (Karaoke Version).mp3")
    song = load_song(tmp_path / "Some Band - Some Song (Karaoke Version).mp3")
    assert (song.mix, song.title, song.artist) == (None, "Some Song", "Some Band")
    assert song.accompaniment is not None


def test_one_song_of_a_flat_folder(folder: Path) -> None:
    fill(folder, "one.mp3", "two.mp3", "two.lrc", "three.lrc")
    (folder / "one.musicxml").write_bytes(ROUND.read_bytes())
    (folder / "two.musicxml").write_bytes(ROUND.read_bytes())
    song = load_song(folder / "one.musicxml")
    assert (song.mix, song.lyrics[0].text) == (folder / "one.mp3", "Morning")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Nena - 99 Luftballons", ("99 Luftballons", "Nena")),
        ("01 - Nena - 99 Luftballons [Karaoke]", ("99 Luftballons", "Nena")),
        ("Nena_-_99_Luftballons", ("99 Luftballons", "Nena")),
        ("Nena - Luft - Ballons", ("Luft - Ballons", "Nena")),
        ("Nena - Luft - Karaoke", ("Luft", "Nena")),
        ("AC-DC – Thunder (Live)", ("Thunder (Live)", "AC-DC")),
        ("karaoke", ("karaoke", "")),
        ("- ", ("-", "")),
    ],
)
def test_title_and_artist(name: str, expected: tuple[str, str]) -> None:
    assert title_and_artist(name) == expected


def test_folders_and_files_that_are_no_song(folder: Path, tmp_path: Path) -> None:
    assert refused(folder).code == "empty_folder"
    (folder / ".DS_Store").write_bytes(b"hidden")
    (folder / "._song.mp3").write_bytes(b"hidden")
    assert refused(folder).code == "empty_folder"
    (folder / "letter.pdf").write_bytes(b"pdf")
    assert refused(folder).code == "no_audio"
    assert refused(folder / "letter.pdf").code == "unknown_song_type"
    fill(folder, ultrastar=TUNE + "#MP3:gone.mp3\n" + BODY)
    assert refused(folder).facts["named"] == ("gone.mp3",)
    (folder / "poem.txt").write_text("a poem")
    assert refused(folder / "poem.txt").code == "not_ultrastar"
    assert refused(Path(f"{tmp_path}/a\0b")).code == "unknown_song_type"
    with pytest.raises(PlaceError) as caught:
        load_song(tmp_path / "nowhere")
    assert caught.value.code == "missing_file"


def test_only_a_voice_is_enough(folder: Path) -> None:
    fill(folder, "vocal.wav")
    song = load_song(folder)
    assert song.vocal == folder / "vocal.wav"
    assert said(song, "parts_missing") == [{"parts": ("accompaniment", "notes", "lyrics")}]


def test_a_tag_that_names_no_sound(folder: Path) -> None:
    fill(folder, "karaoke.ogg", "cover.jpg", ultrastar=TUNE + "#MP3:cover.jpg\n" + BODY)
    assert said(load_song(folder), "named_file_not_audio")[0]["name"] == "cover.jpg"


def test_crowded_folders(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asa_desktop.core.songs.places.MOST_ENTRIES", 3)
    fill(folder, *(f"{i}.mp3" for i in range(4)))
    assert refused(folder).code == "too_many_files"


def test_nothing_is_written(folder: Path) -> None:
    fill(folder, "a.ogg", ultrastar=TUNE + "#MP3:a.ogg\n" + BODY, toml="offset = 1", lrc="[00:01]a")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    load_song(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys, asa_desktop.core.songs as s; assert 'mido' not in sys.modules; s.load_song;"
        "bad = {'torch', 'librosa', 'scipy', 'soundfile', 'mido'} & set(sys.modules);"
        "assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


_FIT = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_FIT
@given(name=st.one_of(st.text(), st.lists(st.sampled_from([*"./\\aA:", "..", "sub"])).map("".join)))
def test_no_name_leads_out(tmp_path: Path, name: str) -> None:
    place = tmp_path / "song"
    if not place.exists():
        (place / "sub").mkdir(parents=True)
        (tmp_path / "a").write_bytes(b"not yours")
        for inside in (place / "a", place / "sub" / "a"):
            inside.write_bytes(b"yours")
    try:
        found = open_folder(place, NoticeList()).named(name)
    except Refused:
        return
    assert found is None or found.resolve().is_relative_to(place.resolve())


@_FIT
@given(text=st.one_of(st.text(), st.lists(st.sampled_from([
    "title", "offset", "vocal", "notes_track", " = ", "1", '"a"', "[", "]", "\n", "'", "nan"
])).map("".join)))  # fmt: skip
def test_no_song_toml_brings_it_down(tmp_path: Path, text: str) -> None:
    (tmp_path / "karaoke.ogg").write_bytes(b"sound")
    (tmp_path / "song.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        song = load_song(tmp_path)
    except SongError as error:
        assert error.code in {  # noqa: PT017 - either is right
            "bad_song_toml",
            "bad_song_toml_value",
            "named_file_missing",
            "path_refused",
        }
    else:
        assert song.accompaniment == tmp_path / "karaoke.ogg"


def test_mix_named_as_instrumental_is_the_accompaniment_alone(tmp_path: Path) -> None:
    silence = b"RIFF" + bytes(40)
    (tmp_path / "backing.wav").write_bytes(silence)
    (tmp_path / "voice.wav").write_bytes(silence)
    (tmp_path / "song.txt").write_text(
        "#TITLE:T\n#ARTIST:A\n#BPM:120\n#AUDIO:backing.wav\n#INSTRUMENTAL:backing.wav\n"
        "#VOCALS:voice.wav\n: 0 4 0 la\nE\n",
        encoding="utf-8",
    )
    song = load_song(tmp_path)
    assert song.mix is None
    assert song.accompaniment == tmp_path / "backing.wav"
    assert song.vocal == tmp_path / "voice.wav"
