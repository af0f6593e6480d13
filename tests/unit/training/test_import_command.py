"""`asa-train import` and `asa-train check`, as they are typed."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from asa_training import import_command
from asa_training.manifest import read_manifest
from corpus_trees import make

FILES = [f"pjs00{k}/pjs00{k}_song.wav" for k in (1, 2)]


def asa_train(*words: object) -> int:
    parser = argparse.ArgumentParser()
    import_command.register(parser.add_subparsers(required=True))
    args = parser.parse_args([str(word) for word in words])
    return int(args.run(args))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return make(tmp_path / "data" / "pjs", FILES)


def test_a_corpus_below_the_manifest(corpus: Path, tmp_path: Path, capsys):
    out = tmp_path / "pjs.csv"
    assert asa_train("import", "pjs", corpus, "--out", out) == 0
    said = capsys.readouterr().out
    assert "2 rows, 2 performances, 0 of them rated, 1 singers, 2 songs" in said
    assert "--root" not in said
    rows = read_manifest(out, verify=True).rows
    assert [row.path for row in rows] == [f"data/pjs/{name}" for name in FILES]
    assert asa_train("check", out, "--verify") == 0


def test_a_corpus_elsewhere_needs_its_root(corpus: Path, tmp_path: Path, capsys):
    out = tmp_path / "lists" / "pjs.csv"
    assert asa_train("import", "pjs", corpus, "--out", out) == 0
    assert f"begin at {corpus}" in capsys.readouterr().out
    assert asa_train("check", out) == 2
    assert asa_train("check", out, "--root", corpus, "--verify") == 0
    assert asa_train(
        "import", "pjs", corpus, "--out", out, "--replace", "--root", corpus.parent
    ) == 0  # fmt: skip
    assert read_manifest(out, root=corpus.parent).rows[0].path == f"pjs/{FILES[0]}"


def test_references_move_with_the_root(tmp_path: Path):
    source = make(tmp_path / "mir", ["Wavfile/a_1_01.wav"])
    out = tmp_path / "mir.csv"
    assert asa_train("import", "mir1k", source, "--out", out) == 0
    (row,) = read_manifest(out).rows
    assert row.accompaniment == "mir/Wavfile/a_1_01.wav#left"


def test_licence_and_split_can_be_said(corpus: Path, tmp_path: Path):
    out = tmp_path / "pjs.csv"
    asa_train("import", "pjs", corpus, "--out", out, "--licence", "mine", "--split", "train")
    assert {(row.licence, row.split) for row in read_manifest(out).rows} == {("mine", "train")}
    asa_train("import", "pjs", corpus, "--out", out, "--replace", "--split", "none")
    assert {(row.licence, row.split) for row in read_manifest(out).rows} == {("CC BY-SA 4.0", "")}


def test_a_manifest_is_not_written_over_unasked(corpus: Path, tmp_path: Path, capsys):
    out = tmp_path / "pjs.csv"
    out.write_text("mine", "utf-8")
    assert asa_train("import", "pjs", corpus, "--out", out) == 2
    assert "give --replace" in capsys.readouterr().err
    assert out.read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing", ".", "--out", "m.csv"), "choose one of makam, mast"),
        (("pjs", "gone", "--out", "m.csv"), "There is no folder"),
        (("pjs", ".", "--out", "m.csv"), "no pjs*/pjs*_song.wav is there"),
        (("pjs", "data/pjs", "--out", "m.xlsx"), "neither .csv nor .parquet"),
        (("pjs", "data/pjs", "--out", "m.csv", "--root", "data/pjs/pjs001"), "higher --root"),
    ],
)
def test_what_cannot_be_done_is_said(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, capsys, words: tuple[str, ...], said: str
):
    monkeypatch.chdir(corpus.parent.parent)
    assert asa_train("import", *words) == 2
    assert said in capsys.readouterr().err
    assert not Path("m.csv").exists()


def test_all_faults_are_printed(corpus: Path, tmp_path: Path, capsys):
    for name in FILES:
        (corpus / name).write_bytes(b"the same")
    make(corpus, ["pjs003/pjs003_song.wav"])
    (corpus / "pjs003" / "pjs003_song.wav").write_bytes(b"the same")
    out = tmp_path / "pjs.csv"
    assert asa_train("import", "pjs", corpus, "--out", out) == 2
    said = capsys.readouterr().err
    assert "row 3, sha256: " in said
    assert "row 4, sha256: " in said
    assert "has 2 faults" in said
    assert not out.exists()


def test_checking_prints_each_fault_and_what_is_left(tmp_path: Path, capsys):
    path = tmp_path / "m.csv"
    (tmp_path / "a.wav").write_bytes(b"a")
    lines = [f"b{k}.wav,anna,gel" for k in range(60)]
    path.write_text("\n".join(["path,singer,song", "a.wav,anna,other", *lines]), "utf-8")
    assert asa_train("check", path) == 2
    said = capsys.readouterr()
    assert said.err.count("there is no file b") == 25
    assert "... and " in said.err
    assert said.out.startswith("1 rows, 1 performances")
    assert asa_train("check", tmp_path / "m.xlsx") == 2
