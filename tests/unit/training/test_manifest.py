"""The manifest: what is read, what is refused and in which words, what makes a performance."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from asa_training import manifest
from asa_training.manifest import (
    Manifest,
    Row,
    inspect_manifest,
    performances,
    read_manifest,
    tables,
)
from asa_training.manifest.cells import cells_of, read_ratings, row_of, surviving
from asa_training.manifest.faults import MOST_FAULTS, SENTENCES, Fault
from asa_training.sentences import SENTENCES as SAID
from asa_training.sentences import say
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asa_desktop.core.errors import AsaError, PlaceError, UsageError

HEADER = "path,sha256,singer,song,part,take,reference,accompaniment,scores,judges,licence,split"
BYTES = {"a.wav": b"aa", "b.wav": b"bbb", "deep/ref.wav": b"r"}
Written = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in BYTES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    np.savez(tmp_path / "f0.npz", known=np.zeros(3))
    return tmp_path


@pytest.fixture
def written(folder: Path) -> Written:
    def write(*rows: str, header: str = HEADER, ends: str = "\n") -> Path:
        path = folder / "manifest.csv"
        path.write_bytes(ends.join([header, *rows, ""]).encode())
        return path

    return write


def codes(path: Path, **options: bool) -> list[tuple[int, str, str]]:
    faults = inspect_manifest(path, **options).faults
    return [(fault.row, fault.column, fault.code) for fault in faults]


def told(path: Path) -> list[str]:
    """What is said of a manifest: of each fault, or of the file as a whole."""
    try:
        return [fault.sentence for fault in inspect_manifest(path, verify=True).faults]
    except AsaError as error:
        return [say(error)]


def sha256(name: str) -> str:
    return hashlib.sha256(BYTES[name]).hexdigest()


def test_a_row_becomes_its_values(written: Written):
    path = written(
        f"a.wav,{sha256('a.wav').upper()},anna,gel,2,first,deep/ref.wav|b.wav,b.wav,"
        "overall=3.4 [1-5]; pitch=4,ben=3;cem=4 ,CC0 1.0,test"
    )
    assert read_manifest(path, verify=True).rows == (
        Row(
            path="a.wav",
            sha256=sha256("a.wav"),
            singer="anna",
            song="gel",
            part="2",
            take="first",
            reference=("deep/ref.wav", "b.wav"),
            accompaniment="b.wav",
            scores={"overall": 3.4, "pitch": 4.0},
            scales={"overall": (1.0, 5.0)},
            judges={"ben": 3.0, "cem": 4.0},
            licence="CC0 1.0",
            split="test",
        ),
    )


def test_few_columns_in_any_order_will_do(written: Written):
    path = written("gel,anna,a.wav", "", " , ,", header="song,singer,path")
    assert read_manifest(path).rows == (Row(path="a.wav", singer="anna", song="gel"),)


@pytest.mark.parametrize("ends", ["\r", "\r\n", "\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_files_of_spreadsheets_are_read(folder: Path, ends: str, separator: str, mark: bytes):
    lines = ["path,singer,song", 'a.wav,"Öykü, S.",gel', "b.wav,ben,gel"]
    text = ends.join(line.replace(",", separator) if separator != "," else line for line in lines)
    text = text.replace('"Öykü; S."', '"Öykü, S."').replace('"Öykü\t S."', '"Öykü, S."')
    path = folder / "manifest.csv"
    path.write_bytes(mark + text.encode())
    assert [row.singer for row in read_manifest(path).rows] == ["Öykü, S.", "ben"]


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (",,anna,gel", "path", "cell_empty"),
        ("a.wav,,,gel", "singer", "cell_empty"),
        ("a.wav,,anna,", "song", "cell_empty"),
        ("a.wav,,an\x07na,gel", "singer", "cell_not_text"),
        ("a.wav,abc,anna,gel", "sha256", "sha256_malformed"),
        ("/a.wav,,anna,gel", "path", "path_absolute"),
        ("C:/a.wav,,anna,gel", "path", "path_absolute"),
        ("deep/../a.wav,,anna,gel", "path", "path_leaves"),
        ("deep\\ref.wav,,anna,gel", "path", "path_backslash"),
        ("c.wav,,anna,gel", "path", "file_missing"),
        ("deep,,anna,gel", "path", "not_a_file"),
        ("f0.npz#lost,,anna,gel", "path", "member_missing"),
        ("a.npz#known,,anna,gel", "path", "file_missing"),
        ("a.wav,,anna,gel,,,../b.wav", "reference", "path_leaves"),
        ("a.wav,,anna,gel,,,b.wav|c.wav", "reference", "file_missing"),
        ("a.wav,,anna,gel,,,,c.wav", "accompaniment", "file_missing"),
        ("a.wav,,anna,gel,,,,,overall", "scores", "entry_shape"),
        ("a.wav,,anna,gel,,,,,overall=3;overall=4", "scores", "entry_twice"),
        ("a.wav,,anna,gel,,,,,overall=", "scores", "number_missing"),
        ("a.wav,,anna,gel,,,,,overall=nan", "scores", "number_not_finite"),
        ("a.wav,,anna,gel,,,,,overall=1e999", "scores", "number_not_finite"),
        ('a.wav,,anna,gel,,,,,"overall=3,4"', "scores", "number_comma"),
        ("a.wav,,anna,gel,,,,,overall=good", "scores", "number_unreadable"),
        ("a.wav,,anna,gel,,,,,overall=3 [5-1]", "scores", "scale_unreadable"),
        ("a.wav,,anna,gel,,,,,overall=6 [1-5]", "scores", "off_scale"),
        ("a.wav,,anna,gel,,,,,overall=3 [1-5],ben=9", "judges", "judge_off_scale"),
        ("a.wav,,anna,gel,,,,,,ben=9 [1-10]", "judges", "scale_unexpected"),
        ("a.wav,,anna,gel,,,,,,,,dev", "split", "split_unknown"),
        ("a.wav,,anna,gel,,,,,,,,,more", "", "cells_extra"),
    ],
)
def test_a_slip_is_one_fault_with_its_place_and_sentence(
    written: Written, row: str, column: str, code: str
):
    path = written("b.wav,,ben,gel", row)
    (fault,) = inspect_manifest(path).faults
    assert (fault.row, fault.column, fault.code) == (3, column, code)
    assert fault.sentence.startswith(f"row 3, {column}: " if column else "row 3: ")
    assert "?" not in fault.sentence.removesuffix("is this a manifest?")
    with pytest.raises(UsageError, match="manifest_faulty") as caught:
        read_manifest(path)
    assert say(caught.value).endswith(fault.sentence)


def test_all_faults_are_told_and_good_rows_stay(written: Written):
    path = written(
        "a.wav,,anna,gel,,,,,overall=nan;pitch=x,ben=1,,nowhere", "b.wav,,ben,gel", "../c.wav,,,gel"
    )
    found = inspect_manifest(path)
    assert [(fault.row, fault.code) for fault in found.faults] == [
        (2, "split_unknown"),
        (2, "number_not_finite"),
        (2, "number_unreadable"),
        (4, "cell_empty"),
        (4, "path_leaves"),
    ]
    assert [row.path for row in found.manifest.rows] == ["b.wav"]


def test_what_rows_say_against_each_other(written: Written):
    path = written(
        f"a.wav,{sha256('a.wav')},anna,gel,1,,,,overall=3,ben=3,,train",
        "a.wav,,anna,gel,2,,,,,,,train",
        f"b.wav,{sha256('a.wav')},anna,gel,1,,,,overall=4,ben=3,,test",
    )
    assert codes(path) == [
        (3, "path", "path_twice"),
        (4, "part", "part_twice"),
        (4, "sha256", "bytes_twice"),
        (4, "split", "split_differs"),
        (4, "scores", "rating_differs"),
    ]


def test_bytes_are_compared_when_asked(written: Written):
    path = written(f"a.wav,{sha256('b.wav')},anna,gel", "b.wav,,ben,gel")
    assert codes(path) == []
    assert codes(path, verify=True) == [
        (2, "sha256", "sha256_differs"),
        (3, "sha256", "sha256_missing"),
    ]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_out_of_the_root_is_refused(written: Written, folder: Path, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "x.wav"
    outside.write_bytes(b"x")
    (folder / "x.wav").symlink_to(outside)
    (folder / "within.wav").symlink_to(folder / "a.wav")
    path = written("x.wav,,anna,gel", "within.wav,,ben,gel")
    assert codes(path) == [(2, "path", "path_outside")]


def test_the_root_can_be_given(written: Written, tmp_path_factory):
    path = written("a.wav,,anna,gel")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    moved = elsewhere / "m.csv"
    moved.write_bytes(path.read_bytes())
    assert [fault.code for fault in inspect_manifest(moved).faults] == ["file_missing"]
    assert read_manifest(moved, root=path.parent).file("a.wav") == path.parent / "a.wav"


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("path,singer", ["song column_missing"]),
        ("path,singer,song,song", ["song column_twice"]),
        ("path,singer,song,license", ["license column_unknown"]),
        ("path,anna,song", ["anna column_unknown", "singer column_missing"]),
    ],
)
def test_the_first_row_must_name_the_columns(written: Written, header: str, wanted: list[str]):
    found = inspect_manifest(written("a.wav,anna,gel", header=header)).faults
    assert [f"{fault.column} {fault.code}" for fault in found] == wanted
    assert {fault.row for fault in found} == {1}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "manifest_empty"),
        (HEADER.encode() + b"\n", "manifest_empty"),
        (HEADER.encode() + b"\na.wav,,B\xe4rbel,gel\n", "manifest_not_utf8"),
        (HEADER.encode("utf-16"), "manifest_not_utf8"),
    ],
)
def test_a_file_that_is_no_manifest(folder: Path, data: bytes, code: str):
    path = folder / "manifest.csv"
    path.write_bytes(data)
    with pytest.raises(UsageError) as caught:
        inspect_manifest(path)
    assert caught.value.code == code
    if code == "manifest_not_utf8":
        assert caught.value.facts["line"] == (2 if data.startswith(b"path") else 1)


def test_two_gigabytes_are_not_read(folder: Path):
    path = folder / "manifest.csv"
    with path.open("wb") as file:
        file.truncate(2_000_000_000)
    with pytest.raises(UsageError) as caught:
        read_manifest(path)
    assert caught.value.code == "manifest_too_large"
    assert "more than 64 MB" in say(caught.value)


def test_reading_stops_after_a_thousand_faults(written: Written):
    faults = inspect_manifest(written(*["a.wav,,,"] * 900)).faults
    assert len(faults) == MOST_FAULTS + 1
    assert faults[-1].code == "too_many"
    assert faults[-1].row == 2 + MOST_FAULTS // 2


def test_a_quote_that_is_not_closed(written: Written):
    (fault,) = inspect_manifest(
        written("b.wav,,ben,gel", 'a.wav,,"anna,gel' + "x" * 200_000)
    ).faults
    assert (fault.row, fault.code) == (3, "cells_broken")


@pytest.mark.parametrize(
    ("name", "code"), [("manifest.xlsx", "manifest_kind"), ("lost.csv", "missing_file")]
)
def test_other_files(folder: Path, name: str, code: str):
    with pytest.raises((UsageError, PlaceError), match=code):
        read_manifest(folder / name)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(data=st.one_of(st.text(), st.text('a.w,;=[]|-5"\n\r\t#/\\ \0é', max_size=80)))
def test_no_text_raises_anything_but_its_errors(folder: Path, data: str):
    path = folder / "manifest.csv"
    for text in (data, f"{HEADER}\n{data}", f"path,singer,song,scores\na.wav,b,c,{data}"):
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        assert all(each and "\n" not in each for each in told(path))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(data=st.binary(max_size=200))
def test_no_bytes_raise_anything_but_its_errors(folder: Path, data: bytes):
    path = folder / "manifest.csv"
    path.write_bytes(HEADER.encode() + b"\n" + data)
    assert all(each and "\n" not in each for each in told(path))


NAMES = st.text("ab é.;|=[\n'\"", max_size=5)
NUMBERS = st.floats(-9, 9)
ROWS = st.builds(
    Row,
    path=NAMES,
    singer=NAMES,
    song=NAMES,
    part=NAMES,
    reference=st.lists(NAMES, max_size=2).map(tuple),
    scores=st.dictionaries(NAMES, NUMBERS, max_size=2),
    scales=st.just({}) | st.dictionaries(NAMES, st.tuples(NUMBERS, NUMBERS), max_size=1),
    judges=st.dictionaries(NAMES, NUMBERS, max_size=2),
    split=st.sampled_from(["", "test", "dev"]),
)


@given(row=ROWS)
def test_a_row_survives_or_is_refused(row: Row):
    faults: list[Fault] = []
    back = row_of(cells_of(row), 2, faults)
    assert (back == row) == (not surviving([row]))


GOOD = Row(
    path="a.wav",
    singer='S. "Öykü", x',
    song="gel; güzelim",
    scores={"overall": 1 / 3, "pitch": -2e-9},
    scales={"overall": (0.1, 5.0), "pitch": (-1.0, -1e-12)},
    judges={"ben_1": 1.0, "ben_2": 2.5},
)


def test_what_was_written_is_read(folder: Path):
    rows = [GOOD, replace(GOOD, path="b.wav", take="2", split="train")]
    manifest.write_manifest(folder / "m.csv", rows)
    assert read_manifest(folder / "m.csv") == Manifest(folder, tuple(rows))
    assert [path.name for path in folder.glob("*.part")] == []


def test_what_would_not_be_read_is_not_written(folder: Path):
    with pytest.raises(UsageError, match="manifest_faulty") as caught:
        manifest.write_manifest(folder / "m.csv", [GOOD, replace(GOOD, song=" x", path="b.wav")])
    assert caught.value.facts["faults"][0].startswith("row 3, song:")
    assert not (folder / "m.csv").exists()


def test_parquet_without_pyarrow_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (folder / "m.parquet").write_bytes(b"PAR1")
    for attempt in (
        lambda: read_manifest(folder / "m.parquet"),
        lambda: manifest.write_manifest(folder / "n.parquet", [GOOD]),
    ):
        with pytest.raises(UsageError, match="manifest_needs_pyarrow") as caught:
            attempt()
        assert "pip install pyarrow" in say(caught.value)


def test_parquet_holds_the_same_cells(folder: Path, monkeypatch: pytest.MonkeyPatch):
    manifest.write_manifest(folder / "m.parquet", [GOOD])
    assert read_manifest(folder / "m.parquet").rows == (GOOD,)
    (folder / "broken.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(UsageError, match="manifest_broken"):
        read_manifest(folder / "broken.parquet")
    monkeypatch.setattr(tables, "MOST_ROWS", 0)
    with pytest.raises(UsageError, match="manifest_too_large"):
        read_manifest(folder / "m.parquet")


def test_parquet_of_another_writer_may_leave_cells_without_a_value(folder: Path):
    from pyarrow import parquet

    manifest.write_manifest(folder / "m.parquet", [GOOD])
    table = parquet.read_table(folder / "m.parquet")
    columns = {
        name: [cell or None for cell in table.column(name).to_pylist()]
        for name in table.column_names
    }
    parquet.write_table(type(table).from_pydict(columns), folder / "other.parquet")
    assert read_manifest(folder / "other.parquet").rows == (GOOD,)


def test_performances_gather_parts_and_ratings():
    rows = (
        Row("t_10", "teacher", "gel", part="10"),
        Row("a_10", "anna", "gel", part="10", reference=("t_10",), judges={"ben": 3}),
        Row("a_2", "anna", "gel", part="2", scores={"overall": 3}, scales={"overall": (1, 5)}),
        Row("a_again", "anna", "gel", take="2", split="test"),
        Row("b", "anna", "other"),
    )
    first, second, third, fourth = performances(Manifest(Path(), rows))
    assert first.referenced
    assert not first.scores
    assert [row.path for row in second.rows] == ["a_2", "a_10"]
    assert (second.song, second.singer, second.take) == ("gel", "anna", "")
    assert second.scores == {"overall": 3}
    assert second.scales == {"overall": (1, 5)}
    assert second.judges == {"ben": 3}
    assert not second.referenced
    assert (third.take, third.split) == ("2", "test")
    assert fourth.song == "other"


def test_scores_are_forgiving_about_space_and_dash():
    read = read_ratings(" overall = 3 [ 1 – 5 ] ;; pitch=.5 [-1--0.5]", kind="scores")
    assert read.numbers == {"overall": 3.0, "pitch": 0.5}
    assert read.scales["overall"] == (1.0, 5.0)
    assert read.scales["pitch"] == (-1.0, -0.5)
    assert [each.code for each in read.faults] == ["off_scale"]


def test_every_sentence_is_one_and_ends():
    for sentence in (*SENTENCES.values(), *SAID.values()):
        assert sentence.endswith((".", "?", "{first}"))
        assert "  " not in sentence
