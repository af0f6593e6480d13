"""What of a manifest is learnt from: labels, splits, and every fault as one sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest
from asa_training.__main__ import main
from asa_training.marked.choosing import choose
from asa_training.sentences import say
from hypothesis import given, settings
from hypothesis import strategies as st
from marked_table import Table, table

from asa_desktop.core.errors import UsageError


@pytest.fixture
def made(tmp_path) -> Table:
    """Two good takes and a poor one, and one that validates, of one song."""
    found = Table(tmp_path)
    found.sound("a.flac", None)
    for singer, mark, split in (
        ("anna", 5, "train"), ("ben", 3, "train"), ("cleo", 1, "train"), ("dora", 4, "validation"),
    ):  # fmt: skip
        found.row(singer, "a", mark, split=split)
    return found


def chosen(made: Table, *, target: str = "overall", system: str = "rori"):
    return choose(made.write(), root=None, target=target, system=system)


def code(made: Table, **more: str) -> str:
    with pytest.raises(UsageError) as caught:
        chosen(made, **more)
    assert say(caught.value).count("{") == 0
    return caught.value.code


def test_marks_are_brought_to_a_hundred_by_their_scale(made):
    found = chosen(made)
    assert [each.score for each in found.recordings["train"]] == [100.0, 50.0, 0.0]
    assert [each.score for each in found.recordings["validation"]] == [75.0]
    assert [each.vocal.file.name for each in found.recordings["train"]] == ["a.flac"] * 3
    assert found.notices == (
        "sung in both splits: a; the state is chosen on songs that were learnt from",
    )


@settings(max_examples=25, deadline=None)
@given(low=st.floats(-10, 10), size=st.floats(0.5, 100), share=st.floats(0, 1))
def test_whatever_the_scale(tmp_path_factory, low, size, share):
    made = Table(tmp_path_factory.mktemp("m"))
    made.sound("a.flac", None)
    mark = min(max(low + share * size, low), low + size)
    for singer, split in (("anna", "train"), ("ben", "validation")):
        made.row(singer, "a", mark, split=split, scales={"overall": (low, low + size)})
    score = chosen(made).recordings["train"][0].score
    assert score == pytest.approx(100 * share, abs=1e-6)


def test_a_performance_of_several_recordings_has_one_mark(made):
    made.rows[0] = replace(made.rows[0], part="1")
    made.row("anna", "a", None, take="2", part="2")
    found = chosen(made).recordings["train"]
    assert [(each.row.part, each.score) for each in found[:2]] == [("1", 100.0), ("2", 100.0)]


def test_what_is_left_out_is_said(made):
    made.row("eve", "a", 3, split="test")
    made.row("fay", "a", 3, split="")
    made.row("gil", "a", None)
    made.row("hal", "a", 4, reference=())
    found = chosen(made)
    assert len(found.recordings["train"]) == 3
    assert found.notices[:-1] == (
        "not touched: 1 takes of no split",
        "not touched: 1 takes of test",
        "without a mark, and left out: gil/a.flac (1 recordings)",
        "1 of 4 recordings of train name no sound as reference and are left out: hal/a.flac",
    )
    assert len(chosen(made, system="direct").recordings["train"]) == 4


def test_the_original_that_others_name_need_not_be_marked(made):
    made.rows.append(replace(made.rows[0], path="a.flac", sha256="", singer="original",
                             scores={}, scales={}, reference=()))  # fmt: skip
    assert len(chosen(made).notices) == 1


def test_a_table_that_nobody_marked_is_told_from_one_marked_for_something_else(made):
    made.rows[:] = [replace(row, scores={}, scales={}) for row in made.rows]
    assert code(made) == "unmarked"


def test_faults_of_the_table(made):
    assert code(made, target="pitch") == "nothing_rated"
    assert code(made, system="racc") == "marked_lacks"
    rows = list(made.rows)
    made.rows[0] = replace(rows[0], scales={})
    assert code(made) == "scale_missing"
    made.rows[0] = replace(rows[0], scales={"overall": (0.0, 10.0)})
    assert code(made) == "scales_differ"
    made.rows[0] = replace(rows[0], singer="dora", take="2")
    assert code(made) == "singers_in_both"
    made.rows[:] = [replace(row, split="train") for row in rows]
    assert code(made) == "split_lacks"
    made.rows[:] = [replace(row, reference=()) for row in rows]
    assert code(made, system="delta") == "marked_lacks"
    assert chosen(made, system="direct").recordings["train"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--renders", "r"), "Give --manifest, or --renders with --validation, and not both."),
        (("--manifest", "m.csv", "--renders", "r"), "and not both"),
        ((), "and not both"),
        (("--manifest", "none.csv"), "There is no "),
        (("--manifest", "m.csv", "--target", "charm"), "Nobody's marks of charm"),
        (("--manifest", "m.csv"), "run `asa-train prepare --manifest"),
        (("--manifest", "m.csv", "--config", "racc"), "names a sound as accompaniment"),
    ],
)
def test_the_command_says_it_in_one_line(made, capsys, monkeypatch, words, said):
    made.write()
    monkeypatch.chdir(made.root)
    whole = ["train", "--config", "rori-small", "--cache", "cache", "--run", "run", *words]
    assert main(whole) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (made.root / "run").exists()


def test_another_file_than_the_listed_one_is_refused(tmp_path, capsys):
    made = table(tmp_path, songs=1, singers=1)
    (tmp_path / made.rows[0].path).write_bytes(b"another")
    words = ["--manifest", str(made.path), "--cache", str(made.cache), "--run", str(tmp_path / "r")]
    assert main(["train", "--config", "delta", *words]) == 2
    assert "another sha256" in capsys.readouterr().err


def test_takes_without_a_pair_are_refused_where_pairs_are_learnt_from(tmp_path, capsys):
    made = table(tmp_path, songs=1, singers=1)
    words = ["--manifest", str(made.path), "--cache", str(made.cache), "--run", str(tmp_path / "r")]
    assert main(["train", "--config", "rori-small", *words]) == 2
    assert "there is no such pair" in capsys.readouterr().err
