"""`asa-train train`: Lightning only where it is needed, TensorBoard, and the walk of the README."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import small_run
from asa_training.__main__ import COMMANDS, main
from asa_training.checkpoints import read_checkpoint
from asa_training.lightning_trainer import BOARD
from carried import ROOT

SECTION = "## On several GPUs and machines"
WORDS = ("--config", "rori", "--renders", "r", "--validation", "v", "--cache", "c", "--run", "x")


def without(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """As if these packages were not installed."""
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in names else find(name)
    )


def test_no_command_imports_lightning_before_it_trains():
    program = (
        "import importlib, sys\n"
        f"for name in {list(COMMANDS)}:\n"
        "    importlib.import_module(f'asa_training.{name}')\n"
        "sys.exit(' '.join({'lightning', 'tensorboard'} & set(sys.modules)) or 0)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize(
    ("lacking", "more"), [("lightning", ()), ("tensorboard", ("--tensorboard",))]
)
def test_without_it_one_sentence_says_how_to_get_it(monkeypatch, capsys, lacking, more):
    without(monkeypatch, lacking)
    assert main(["train", *WORDS, *more]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"`pip install {lacking}`" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--device", "cpu", "--devices", "5"), "cannot be shared evenly by 5 processes"),
        (("--device", "cpu", "--precision", "16-mixed"), "needs a GPU"),
    ],
)
def test_what_the_machine_cannot_do_is_said_before_anything_is_read(capsys, words, said):
    assert main(["train", *WORDS, *words]) == 2
    assert said in capsys.readouterr().err


def test_numbers_that_make_no_sense_are_usage_errors(capsys):
    for words in (("--devices", "0"), ("--nodes", "x"), ("--loaders", "-1")):
        with pytest.raises(SystemExit):
            main(["train", *WORDS, *words])


def test_tensorboard_reads_what_was_written_and_a_part_done_again_once(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    config = {"steps": 6, "check_every": 3}
    for minutes in (1e-9, None):
        small_run.run({"run": tmp_path, "config": config}, minutes=minutes, tensorboard=True)
    assert read_checkpoint(tmp_path).state.step == 6
    events = EventAccumulator(str(tmp_path / BOARD)).Reload()
    assert [each.step for each in events.Scalars("step_loss")] == list(range(1, 7))
    assert [each.step for each in events.Scalars("validation_auc")] == [1, 3, 6]
    lines = (tmp_path / "steps.csv").read_text().splitlines()[1:]
    wanted = [float(line.split(",")[1]) for line in lines]
    assert [each.value for each in events.Scalars("step_loss")] == pytest.approx(wanted, abs=1e-6)
    for name in ("rate", "waiting", "clips_per_second", "memory_mib", "loss"):
        assert events.Scalars(name)


def commands() -> list[list[str]]:
    """The words of every command in the section's first code block."""
    text = (ROOT / "training" / "README.md").read_text("utf-8")
    section = text.split(f"{SECTION}\n", 1)[1]
    block = re.search(r"^```\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL)[1]
    return [shlex.split(line) for line in block.replace("\\\n", " ").splitlines()]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(sys.platform == "win32", reason="it begins with mkdir -p and cp")
def test_the_walk_runs_as_written(tmp_path: Path) -> None:
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    for words in commands():
        if words[0] == "asa-train":
            words[:1] = [sys.executable, "-m", "asa_training"]
        ran = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, f"{shlex.join(words)}\n{ran.stdout}{ran.stderr}"
    one, two = (
        [json.loads(line) for line in (tmp_path / run / "log.jsonl").read_text().splitlines()]
        for run in ("R/one", "R/two")
    )
    assert {line["processes"] for line in one} == {1}
    assert {line["processes"] for line in two} == {2}
    assert one[-1]["step"] == two[-1]["step"]
