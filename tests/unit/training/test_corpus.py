"""The list of recordings and the split by singer and song."""

from __future__ import annotations

from pathlib import Path

import pytest
from asa_training.corpus import SPLITS, of_split, pairs, recordings

from asa_desktop.core.errors import PlaceError, UsageError

FILES = (
    "pjs/pjs001/pjs001_song.flac",
    "pjs/pjs002/pjs002_song.flac",
    "pjs/pjs002/pjs002_other.wav",
    "makam/barbaros/02_Gel_2_zemin.flac",
    "makam/goekhan/02_Gel_2_zemin.flac",
    "makam/goekhan/02_Kimseye_2_zemin.flac",
    "makam/idil/Melihat_Gulses_2_zemin_from_47_355984_to_68_789494.flac",
    "makam/idil/Sakin--Gec--Kalma_3_nakarat_from_33_767787_to_42_626825.flac",
    "makam/idil/Sakin--Gec--Kalma_3_nakarat_from_188_093035_to_196_72427.flac",
    "makam/guelcin/bu_aksam_part2_nakarat.flac",
    "makam/guelen/01_Aksam_0_zemin.flac",
    "makam/safiye/01_Aksam_0_zemin.flac",
    "makam/safiye/01_Bakmiyor_0_zemin.flac",
    "nit_song070/nitech_jp_song070_f001_004.flac",
    "vocadito/vocadito_1.flac",
    "everything_is_remixed/1_Hydrogen_lead_vocal.ogg",
    "everything_is_remixed/1_Hydrogen_accompaniment.ogg",
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path


def test_every_voice_is_listed_once_and_nothing_else(data: Path) -> None:
    found = recordings(data)
    listed = {one.path.relative_to(data).as_posix() for one in found}
    assert listed == set(FILES) - {"pjs/pjs002/pjs002_other.wav", FILES[-1]}
    assert len({one.id for one in found}) == len(found)
    assert [one.id for one in found] == sorted(one.id for one in found)


def test_no_singer_and_no_song_is_in_two_splits(data: Path) -> None:
    parts = [of_split(recordings(data), split) for split in SPLITS]
    for what in ("singer", "song"):
        sets = [{getattr(one, what) for one in part} for part in parts]
        assert all(sets)
        assert not sets[0] & sets[1]
        assert not sets[0] & sets[2]
        assert not sets[1] & sets[2]


def test_one_song_under_two_file_names_is_one_song(data: Path) -> None:
    songs = {one.path.relative_to(data).as_posix(): one.song for one in recordings(data)}
    assert songs[FILES[5]] == songs[FILES[6]]
    assert songs[FILES[7]] == songs[FILES[9]]


def test_who_sings_the_same_songs_is_held_out(data: Path) -> None:
    found = pairs(recordings(data))
    assert [(one.singer, other.singer, one.song) for one, other in found] == [
        ("barbaros", "goekhan", "gel_guzelim"),
        ("guelen", "safiye", "aksam_oldu_huzunlendim"),
    ]
    assert all(one.part == other.part for one, other in found)
    assert {one.split for pair in found for one in pair} == {"test"}


def test_a_song_of_two_splits_stays_in_one(data: Path) -> None:
    splits = {one.path.relative_to(data).as_posix(): one.split for one in recordings(data)}
    assert splits["makam/goekhan/02_Kimseye_2_zemin.flac"] is None
    assert splits[FILES[6]] == "train"
    assert splits[FILES[7]] is None
    assert splits["makam/guelcin/bu_aksam_part2_nakarat.flac"] == "validation"


def test_the_songs_of_the_demo_are_not_learnt_from(tmp_path: Path) -> None:
    for name in ("pjs062", "pjs063"):
        path = tmp_path / "pjs" / name / f"{name}_song.flac"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"")
    assert [one.song for one in of_split(recordings(tmp_path), "train")] == ["pjs062"]


def test_spoken_leads_are_used_nowhere(data: Path) -> None:
    used = {one.corpus for split in SPLITS for one in of_split(recordings(data), split)}
    assert "everything_is_remixed" not in used


@pytest.mark.parametrize("unwanted", ["pjs-pjs_male-pjs001", "pjs001"])
def test_what_is_excluded_is_left_out(data: Path, unwanted: str) -> None:
    left = of_split(recordings(data), "train", excluding=[unwanted])
    assert "pjs001" not in {one.song for one in left}
    assert "pjs002" in {one.song for one in left}


def test_a_choice_can_be_made(data: Path) -> None:
    chosen = of_split(recordings(data), "train", only=["vocadito", "pjs002"])
    assert [one.id for one in chosen] == ["pjs-pjs_male-pjs002", "vocadito-vocadito_1-vocadito_1"]


def test_the_fingerprint_follows_the_content(data: Path) -> None:
    one = recordings(data)[0]
    before = one.sha256()
    one.path.write_bytes(b"other")
    assert one.sha256() != before


def test_a_folder_without_corpora_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlaceError, match="training_data_missing"):
        recordings(tmp_path / "nowhere")


def test_an_unknown_split_is_refused(data: Path) -> None:
    with pytest.raises(UsageError, match="unknown_split"):
        of_split(recordings(data), "dev")
