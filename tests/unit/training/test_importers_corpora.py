"""Corpora of singing that nobody rated: PJS, makam, NIT-SONG070, vocadito, MIR-1K, UltraStar."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from asa_training.importers import NAMES, layout
from asa_training.manifest import performances
from carried import ROOT
from corpus_trees import bring_in, make

from asa_desktop.core.errors import UsageError


@pytest.mark.parametrize("name", [name for name in NAMES if name != "takes"])
def test_another_folder_is_refused_with_what_was_looked_for(tmp_path: Path, name: str):
    make(tmp_path, ["notes.txt", "song/cover.jpg"])
    with pytest.raises(UsageError, match="layout_not_found") as caught:
        layout(name).read(tmp_path)
    assert caught.value.facts["looked_for"]


def test_an_unknown_layout_is_refused():
    with pytest.raises(UsageError, match="layout_unknown"):
        layout("..corpus")


def test_every_layout_says_what_it_is():
    for name in NAMES:
        one = layout(name)
        assert one.name == name
        assert one.holds
        assert one.licence


def test_pjs(tmp_path: Path):
    make(
        tmp_path,
        [
            "pjs002/pjs002_song.wav", "pjs002/pjs002_speech.wav", "pjs002/pjs002.musicxml",
            "pjs010/pjs010_song.flac", "pjs010/._pjs010_song.wav",
            "pjs001/pjs001_song.wav", "pjs001/pjs001.mid", "pjs001/pjs001.musicxml",
            "background_noise/background_20200530.wav",
        ],
    )  # fmt: skip
    found, held = bring_in("pjs", tmp_path)
    assert [(row.path, row.song, row.reference) for row in held.rows] == [
        ("pjs001/pjs001_song.wav", "pjs001", ("pjs001/pjs001.mid",)),
        ("pjs002/pjs002_song.wav", "pjs002", ("pjs002/pjs002.musicxml",)),
        ("pjs010/pjs010_song.flac", "pjs010", ()),
    ]
    assert {(row.singer, row.licence, row.split) for row in held.rows} == {
        ("pjs_male", "CC BY-SA 4.0", "train")
    }
    assert found.notices == ()


def test_makam(tmp_path: Path):
    make(
        tmp_path,
        [
            "idil/Melihat_Gulses_3_zemin_from_68_789494_to_90_147054.wav",
            "idil/kimseye_whole_last_4_nakarat_from_90_147054_to_111_508612.wav",
            "idil/Kimseye_5_nakarat.wav",
            "goekhan/02_Kimseye_10_meyan.wav", "goekhan/02_Kimseye_4_nakarat.flac",
            "goekhan/02_Kimseye_4_nakarat.TextGrid",
            "guelen/01_Olmaz_Part2_zemin.wav",
            "guelen/09_Yeni_Sarki_2_zemin.wav", "guelen/whole.wav",
        ],
    )  # fmt: skip
    found, held = bring_in("makam", tmp_path)
    kimseye = [one for one in performances(held) if one.song == "kimseye_etmem"]
    assert [(one.singer, one.split, len(one.rows)) for one in kimseye] == [
        ("goekhan", "", 2),
        ("idil", "train", 3),
    ]
    assert [row.part for row in kimseye[0].rows] == ["4_nakarat", "10_meyan"]
    others = {row.song: (row.part, row.split) for row in held.rows if row.singer == "guelen"}
    assert others == {
        "olmaz_ilac": ("Part2_zemin", "test"),
        "09_Yeni_Sarki": ("2_zemin", "test"),
    }
    unknown, left_out = found.notices
    assert "1 (09_Yeni_Sarki)" in unknown
    assert "Left out" in left_out
    assert "1 (guelen/whole.wav)" in left_out


@pytest.mark.parametrize("folder", ["", "data/raw/", "wav/"])
def test_nit_song070(tmp_path: Path, folder: str):
    name = f"{folder}nitech_jp_song070_f001_"
    make(tmp_path, [f"{name}004.wav", f"{name}007.flac", f"{name}004.raw", f"{name}029.raw"])
    found, held = bring_in("nit_song070", tmp_path)
    assert [row.song for row in held.rows] == [
        "nitech_jp_song070_f001_004", "nitech_jp_song070_f001_007",
    ]  # fmt: skip
    assert {(row.singer, row.licence) for row in held.rows} == {("nit_female", "CC BY 3.0")}
    (notice,) = found.notices
    assert "1 (nitech_jp_song070_f001_029.raw)" in notice


@pytest.mark.parametrize(
    ("folder", "table"),
    [("Audio/", "vocadito_metadata.csv"), ("", "vocadito_vocadito_metadata.csv")],
)
def test_vocadito(tmp_path: Path, folder: str, table: str):
    make(tmp_path, [f"{folder}vocadito_{number}.wav" for number in (1, 3, 10, 99)])
    make(tmp_path, ["Annotations/F0/vocadito_1_f0.csv"])
    # The head and lines of the published table.
    (tmp_path / table).write_bytes(
        b"track_id,singer_id,average_pitch,language\r\n1,S1,50,Tagalog\r\n3,S1,52,Tagalog\r\n"
        b"10,S7,49,English\r\n"
    )
    found, held = bring_in("vocadito", tmp_path)
    assert [(row.song, row.singer) for row in held.rows] == [
        ("vocadito_1", "vocadito_S1"),
        ("vocadito_3", "vocadito_S1"),
        ("vocadito_10", "vocadito_S7"),
        ("vocadito_99", "vocadito_99"),
    ]
    assert {(row.licence, row.split) for row in held.rows} == {("CC BY 4.0", "train")}
    assert "1 (vocadito_99)" in found.notices[0]


def test_mir1k(tmp_path: Path):
    make(
        tmp_path,
        [
            "Wavfile/abjones_1_01.wav", "Wavfile/abjones_1_02.wav", "Wavfile/Ani_1_01.wav",
            "Wavfile/demo.wav", "UndividedWavfile/abjones_1.wav", "PitchLabel/abjones_1_01.pv",
        ],
    )  # fmt: skip
    found, held = bring_in("mir1k", tmp_path)
    sung = performances(held)
    assert [(one.singer, one.song, len(one.rows)) for one in sung] == [
        ("Ani", "Ani_1", 1),
        ("abjones", "abjones_1", 2),
    ]
    row = sung[1].rows[0]
    assert (row.path, row.accompaniment) == (
        "Wavfile/abjones_1_01.wav#right",
        "Wavfile/abjones_1_01.wav#left",
    )
    assert (row.part, row.licence) == ("01", "unknown")
    assert "1 (demo.wav)" in found.notices[0]


def test_ultrastar(tmp_path: Path):
    for name in ("on-the-run", "pjs-medley"):
        shutil.copytree(ROOT / "resources" / "demo" / name, tmp_path / "deep" / name)
    make(tmp_path, ["broken/readme.txt", "broken/audio.mp3"])
    (tmp_path / "broken" / "song.txt").write_text("#TITLE:x\n#ARTIST:y\n#MP3:audio.mp3\n", "utf-8")
    found, held = bring_in("ultrastar", tmp_path)
    by_path = {row.path: row for row in held.rows}
    run = by_path["deep/on-the-run/audio.ogg"]
    assert (run.singer, run.song) == ("Joshua Morin", "Joshua Morin - On the run")
    assert run.reference == ("deep/on-the-run/song.txt",)
    assert run.accompaniment == ""
    medley = by_path["deep/pjs-medley/vocal.flac"]
    assert medley.reference == ("deep/pjs-medley/notes.txt",)
    assert medley.accompaniment == "deep/pjs-medley/accompaniment.ogg"
    assert len(by_path) == 2
    left_out, mixes = found.notices
    assert "1 (broken (" in left_out
    assert "1 (deep/on-the-run)" in mixes
