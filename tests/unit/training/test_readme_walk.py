"""The walk of training/README.md, from a folder of recordings to a table, as it is written."""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path

import pytest
from asa_training.__main__ import main
from carried import ROOT
from rated_tree import pesnq_tree

SECTION = "## From a folder of recordings to a table"


def commands() -> list[list[str]]:
    """The words of every command in the section's code blocks; a line may go on after a \\."""
    text = (ROOT / "training" / "README.md").read_text("utf-8")
    section = re.split(r"^## ", text.split(f"{SECTION}\n", 1)[1], flags=re.MULTILINE)[0]
    blocks = re.findall(r"^```\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.strip()]


def test_the_walk_has_its_steps():
    words = commands()
    assert all(each[0] == "asa-train" for each in words)
    assert [each[1] for each in words] == [
        "import", "check", "evaluate", "evaluate", "features", "score",
    ]  # fmt: skip


@pytest.mark.slow
def test_every_command_of_the_walk_runs_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    pesnq_tree(tmp_path / "PESnQ", singers=6, sentences=1)
    for name in ("models", "resources"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    for words in commands():
        status = main(words[1:])
        said = capsys.readouterr()
        assert status == 0, f"{shlex.join(words)}\n{said.out}{said.err}"
    for folder in ("results", "results-rori"):
        with (tmp_path / folder / "table.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert {row["scope"] for row in rows} == {"mix", "song"}
        assert (tmp_path / folder / "report.html").stat().st_size > 20_000
    # Of twelve: a made-up voice may be none to the voice detector, or an instrument.
    assert any(row["system"] == "rori-3" and int(row["n"]) >= 8 for row in rows)
    assert len(list((tmp_path / "f0").glob("*.f0.csv"))) == 7
    with (tmp_path / "scores.csv").open(newline="") as file:
        assert [row["status"] for row in csv.DictReader(file)] == ["scored"]
