"""The walk of training/README.md from a folder of marked takes to a run, as it is written."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from asa_training.__main__ import main
from asa_training.parts import read_recordings
from carried import ROOT

SECTION = "## Training on marked recordings"


def block() -> str:
    """The section's first block of code."""
    text = (ROOT / "training" / "README.md").read_text("utf-8").split(f"{SECTION}\n", 1)[1]
    return re.search(r"^```\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)[1]


def test_the_walk_has_its_steps():
    lines = block().replace("\\\n", " ").splitlines()
    words = [shlex.split(line) for line in lines]
    assert [each[1] for each in words if each[0] == "asa-train"] == [
        "render", "import", "prepare", "train", "train",
    ]  # fmt: skip
    assert words[-1] == words[-2]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(shutil.which("bash") is None, reason="it is written for a shell")
def test_it_runs_as_written(tmp_path: Path):
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    python = shlex.quote(sys.executable)
    ran = subprocess.run(
        ["bash", "-e", "-c", f'asa-train() {{ {python} -m asa_training "$@"; }}\n{block()}'],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "training")])},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "8 clips of 4 recordings to train on, 4 clips of 2 recordings to validate" in ran.stdout
    assert ran.stdout.count("laid out in clips") == 1
    assert ran.stdout.count("best state") == 2
    run = tmp_path / "R" / "exam-rori"
    assert len(read_recordings(run)) == 7
    assert main(["export", "--run", str(run), "--out", str(tmp_path / "m")]) == 2
