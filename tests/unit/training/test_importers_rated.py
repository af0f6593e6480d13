"""Rated corpora: MASTmelody in both forms, the PESnQ set, and a teacher's folder of takes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from asa_training.importers import layout
from asa_training.importers.mast import mean_of_people
from asa_training.importers.sheets import number, read_sheet
from asa_training.manifest import open_f0, performances
from asa_training.sentences import say
from corpus_trees import bring_in, make

from asa_desktop.core.errors import UsageError

GRADES = (
    "file,expert_a_1,expert_b,expert_a_2,expert_c_1,expert_c_2,majority\r\n"
    "51_mel1_per101559_fail,2.0,1.0,1.0,1.5,,1.0\r\n"
    "51_mel1_per106160_pass,4.0,4.0,4.0,4.0,4.0,\r\n"
    "99_mel1_per1_pass,4.0,4.0,4.0,4.0,4.0,4.0\r\n"
)
# The header and the way of naming of the published table.
PUBLISHED = (
    "index,file,1Asli,5Ozan,2Asli,3Cihan,4Cihan,fullAgree,fullAgree_score,majority_score\n"
    "0,51_mel1_per101559.wav,2.0,1.0,1.0,1.5,,0,0.0,1.0\n"
    "1,51_mel1_per106160.wav,4.0,4.0,4.0,4.0,4.0,1,4.0,\n"
    "2,99_mel1_per1.wav,4.0,4.0,4.0,4.0,4.0,1,4.0,4.0\n"
)
TRACKS = (
    "51_mel1_per101559_fail", "51_mel1_per106160_pass", "51_mel1_ref101559", "51_mel1_ref20",
    "52_mel1_per3_fail",
)  # fmt: skip


@pytest.fixture(params=["npz", "f0data", "flat"])
def mast(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    if request.param == "npz":
        (tmp_path / "grades.csv").write_bytes(GRADES.encode())
        np.savez(tmp_path / "f0_hz.npz", **{name: np.array([0.0, 220.0]) for name in TRACKS})
        return tmp_path
    folder = tmp_path / ("f0data" if request.param == "f0data" else "")
    folder.mkdir(exist_ok=True)
    for at, name in enumerate((*TRACKS, "readme")):
        text = f"0.0\t0.0\n0.00290249433107\t{at}.0\n0.00580498866213\t220.0\n"
        (folder / f"{name}.f0s.txt").write_text(text, "utf-8")
    (tmp_path / "annotations").mkdir()
    listed = PUBLISHED
    if request.param == "flat":
        listed = GRADES.replace("_fail,", "_fail.f0s.txt,").replace("_pass,", "_pass.f0s.txt,")
    (tmp_path / "annotations" / "annotations.csv").write_text(listed, "utf-8")
    return tmp_path


def test_mastmelody(mast: Path):
    found, held = bring_in("mast", mast)
    sung = {(one.singer, one.take): one for one in performances(held)}
    assert len(sung) == len(held.rows) == 5
    failed = sung["per101559", ""]
    # Expert a gave 2 and 1, b 1, c 1.5 (and no second round): (1.5 + 1 + 1.5) / 3.
    assert failed.scores == {"overall": pytest.approx(4 / 3), "majority": 1, "verdict": 0}
    assert failed.scales == {"overall": (1, 4), "majority": (1, 4), "verdict": (0, 1)}
    own = {"expert_a_1": 2, "expert_b": 1, "expert_a_2": 1, "expert_c_1": 1.5}
    published = {"Asli_1": 2, "Ozan": 1, "Asli_2": 1, "Cihan_1": 1.5}
    assert failed.judges == (published if (mast / "f0data").is_dir() else own)
    assert sung["per106160", ""].scores == {"overall": 4, "verdict": 1}
    assert sung["per3", ""].scores == {"verdict": 0}
    row = failed.rows[0]
    assert (row.song, row.licence, row.part) == ("51_mel1", "CC BY-NC-SA 4.0", "")
    renditions = [sung["piano", "ref20"], sung["piano", "ref101559"]]
    assert row.reference == tuple(one.rows[0].path for one in renditions)
    assert all(one.referenced and not one.scores for one in renditions)
    assert held.open_f0(row).hop_s == pytest.approx(128 / 44_100)
    assert open_f0(held.root / row.reference[0]).hz[0] == 0
    assert [notice.partition(":")[2] for notice in found.notices] == [
        " 1 (52_mel1_per3_fail).",
        " 1 (99_mel1_per1).",
    ]


def test_mastmelody_whose_archive_is_broken(tmp_path: Path):
    (tmp_path / "f0_hz.npz").write_bytes(b"nothing")
    with pytest.raises(UsageError, match="table_broken"):
        layout("mast").read(tmp_path)


def test_a_person_counts_once():
    assert mean_of_people({"a_1": 1, "a_2": 3, "b": 4}) == 3


PESNQ = [
    f"WavfileDataset/{song}/{singer}/{singer}_{k}.wav"
    for song, singers, count in (
        ("Edelweiss", "ADIZ AONG KARI MCUR", 2),
        ("IHave", "BAND MCUR", 11),
    )
    for singer in singers.split()
    for k in range(count)
]


@pytest.fixture
def pesnq(tmp_path: Path) -> Path:
    make(
        tmp_path, [*PESNQ, "wavfile_samples/bad_clip.wav", "WavfileDataset/IHave/BAND/BAND_11.wav"]
    )
    folder = tmp_path / "groundtruthfiles"
    folder.mkdir()
    (folder / "GT_Edelweiss_overall.txt").write_text("ADIZ\t3.4\nAONG\t2\n", "utf-8")
    (folder / "GT_Edelweiss_pitchDynamicRange.txt").write_text("ADIZ\t1.8\nAONG\t5.0", "utf-8")
    (folder / "GT_IHave_overall.txt").write_text("BAND\t4.2\r\nLOST\t1\r\n", "utf-8")
    (folder / "GT_overall_individual_judge_scores.csv").write_bytes(
        b"singer,a,b,c,d,e\rADIZ,3,4,3,4,3\rAONG,2,2,2,2,5\rBAND,4,4,4,5,4\r"
    )
    return tmp_path


def test_pesnq(pesnq: Path):
    found, held = bring_in("pesnq", pesnq)
    sung = {(one.song, one.singer): one for one in performances(held)}
    assert len(held.rows) == len(PESNQ) + 1
    adiz = sung["Edelweiss", "ADIZ"]
    assert adiz.scores == {"overall": 3.4, "pitchDynamicRange": 1.8}
    assert set(adiz.scales.values()) == {(1.0, 5.0)}
    assert adiz.judges == {"judge1": 3, "judge2": 4, "judge3": 3, "judge4": 4, "judge5": 3}
    band = sung["IHave", "BAND"]
    assert [row.part for row in band.rows] == [str(k) for k in range(12)]
    assert band.rows[10].reference == ("WavfileDataset/IHave/MCUR/MCUR_10.wav",)
    assert band.rows[11].reference == ()
    for song in ("Edelweiss", "IHave"):
        professional = sung[song, "MCUR"]
        assert professional.referenced
        assert not professional.scores
        assert not any(row.reference for row in professional.rows)
    assert {row.licence for row in held.rows} == {"unknown"}
    assert [notice.partition(": ")[2] for notice in found.notices] == [
        "1 (KARI (Edelweiss)).",
        "1 (LOST (IHave)).",
        "1 (WavfileDataset/IHave/BAND/BAND_11.wav).",
        "1 (AONG (Edelweiss)).",
    ]


def test_pesnq_where_one_singer_sang_both_songs(pesnq: Path):
    make(pesnq, ["WavfileDataset/IHave/ADIZ/ADIZ_0.wav"])
    ratings = pesnq / "groundtruthfiles"
    (ratings / "GT_IHave_overall.txt").write_text("ADIZ\t1.2\n", "utf-8")
    (ratings / "GT_overall_individual_judge_scores.csv").write_bytes(
        b"ADIZ,1,1,1,1,2\rADIZ,3,4,3,4,3\r"
    )
    _, held = bring_in("pesnq", pesnq)
    sung = {one.song: one for one in performances(held) if one.singer == "ADIZ"}
    assert sung["IHave"].judges["judge5"] == 2
    assert sung["Edelweiss"].judges["judge5"] == 3


def test_pesnq_without_ratings(tmp_path: Path):
    make(tmp_path, PESNQ)
    found, held = bring_in("pesnq", tmp_path)
    assert not any(row.scores for row in held.rows)
    assert "4 (ADIZ (Edelweiss)" in found.notices[0]


def takes(tmp_path: Path, table: bytes, name: str = "marks.csv") -> Path:
    source = tmp_path / "Exam 3"
    make(source, ["anna.wav", "Jürgen/one.flac", "Jürgen/two.flac", "reference.wav", "._anna.wav"])
    (source / name).write_bytes(table)
    return source


def test_a_teachers_folder(tmp_path: Path):
    table = (
        "File;Overall [1-5];Pitch (0-10);Judge Ben;comment\r\n"
        "anna.wav;3,5;7;4;schön gesungen\r\n"
        "Jürgen\\one;4;;n/a;\r\n"
        "lost.wav;1;1;1;\r\n"
    ).encode("cp1252")
    found, held = bring_in("takes", takes(tmp_path, table))
    rows = {row.path: row for row in held.rows}
    assert set(rows) == {"anna.wav", "Jürgen/one.flac", "Jürgen/two.flac"}
    anna = rows["anna.wav"]
    assert (anna.singer, anna.song, anna.take) == ("anna", "Exam 3", "")
    assert anna.scores == {"overall": 3.5, "pitch": 7.0}
    assert anna.scales == {"overall": (1.0, 5.0), "pitch": (0.0, 10.0)}
    assert anna.judges == {"ben": 4.0}
    assert anna.reference == ("reference.wav",)
    one, two = rows["Jürgen/one.flac"], rows["Jürgen/two.flac"]
    assert (one.singer, one.take, two.take) == ("Jürgen", "one", "two")
    assert one.scores == {"overall": 4.0}
    assert not two.scores
    assert [notice.partition(": ")[2] for notice in found.notices] == [
        "2 (comment: schön gesungen, ben: n/a).",
        "1 (Jürgen/two.flac).",
        "1 (lost.wav (missing)).",
    ]


def test_judges_alone_make_an_overall(tmp_path: Path):
    table = (
        b"recording,student,song,split,reference,judge_1 [1-5],Judge anna_1 [1-5],"
        b"judge anna_2 [1-5]\ranna,Anna K.,gel,test,Jurgen.wav,5,1,2\r"
    )
    source = takes(tmp_path, table, "Noten.csv")
    make(source, ["Jurgen.wav"])
    _, held = bring_in("takes", source)
    row = next(row for row in held.rows if row.path == "anna.wav")
    assert row.judges == {"judge1": 5, "anna_1": 1, "anna_2": 2}
    assert row.scores == {"overall": (5 + 1.5) / 2}
    assert row.scales == {"overall": (1.0, 5.0)}
    assert (row.singer, row.song, row.split) == ("Anna K.", "gel", "test")
    assert row.reference == ("Jurgen.wav",)


def test_what_is_called_after_judges_is_none(tmp_path: Path):
    table = (
        b"file,judge mean [1-5],Judges mean,judgement,judge Mean-Ann,rater2\nanna,3.5,3.4,2,4,3\n"
    )
    found, held = bring_in("takes", takes(tmp_path, table))
    anna = next(row for row in held.rows if row.path == "anna.wav")
    assert anna.judges == {"mean-ann": 4, "rater2": 3}
    assert anna.scores == {"overall": 3.5, "judgement": 2}
    assert anna.scales == {"overall": (1.0, 5.0)}
    assert "Columns left out, since another is overall: 1 (Judges mean)." in found.notices


def test_a_mean_of_judges_beside_an_overall_is_left_out(tmp_path: Path):
    found, held = bring_in("takes", takes(tmp_path, b"file,rater_avg,overall\nanna,1,5\n"))
    anna = next(row for row in held.rows if row.path == "anna.wav")
    assert (anna.scores, anna.judges) == ({"overall": 5}, {})
    assert "Columns left out, since another is overall: 1 (rater_avg)." in found.notices


def test_the_folder_a_take_lies_in_is_the_singer(tmp_path: Path):
    make(tmp_path, ["class 3/Anna/one.wav", "class 3/Ben/one.wav"])
    (tmp_path / "marks.csv").write_text("file,overall\nclass 3/Anna/one,4\n")
    _, held = bring_in("takes", tmp_path)
    assert [row.singer for row in held.rows] == ["Anna", "Ben"]


def test_takes_of_one_name_in_two_folders_are_told_by_their_paths(tmp_path: Path):
    names = ["may/one.wav", "june/one.wav", "june/two.wav", "may/both.wav", "may/both.flac"]
    make(tmp_path, names)
    lines = [f"{name},Anna\n" for name in names]
    (tmp_path / "marks.csv").write_text("".join(["file,singer\n", *lines]))
    _, held = bring_in("takes", tmp_path)
    assert {row.path: row.take for row in held.rows} == {
        "may/one.wav": "may/one", "june/one.wav": "june/one", "june/two.wav": "two",
        "may/both.wav": "may/both.wav", "may/both.flac": "may/both.flac",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tables", "code"),
    [
        ({}, "marks_missing"),
        ({"a.csv": b"file\n", "b.csv": b"file\n"}, "marks_ambiguous"),
        ({"a.csv": b"who,mark\nanna,3\n"}, "marks_without_files"),
        ({"a.csv": b""}, "marks_without_files"),
        ({"a.csv": b"file,mark\nanna,3,5\n"}, "table_ragged"),
        ({"a.csv": b'file,mark\nanna,"' + b"3" * 200_000}, "table_broken"),
        ({"a.csv": bytes(17_000_000)}, "table_too_large"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path: Path, tables: dict[str, bytes], code: str):
    make(tmp_path, ["anna.wav"])
    for name, data in tables.items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError) as caught:
        layout("takes").read(tmp_path)
    assert caught.value.code == code
    assert say(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("cell", "value"),
    [("3", 3), ("3,5", 3.5), ("-0.25", -0.25), (".5", 0.5), ("", None), ("nan", None),
     ("1e3", None), ("1.000,5", None), ("3 ", None), ("1" * 400, None)],
)  # fmt: skip
def test_numbers_of_people(cell: str, value: float | None):
    assert number(cell) == value


def test_sheets_are_read_as_they_come(tmp_path: Path):
    path = tmp_path / "x.csv"
    path.write_bytes("\ufeffa;b\r\r\n ; \r1;ä, x\r".encode())
    assert read_sheet(path) == [["a", "b"], ["1", "ä, x"]]
    path.write_bytes("a\tb,c\n".encode("utf-16"))
    assert read_sheet(path, separator="\t") == [["a", "b,c"]]
