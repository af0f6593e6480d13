"""A run killed by SIGKILL, and one of several processes: the losses of an unbroken one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import small_run
import torch
from asa_training.checkpoints import CHECKPOINT, read_checkpoint
from asa_training.logs import STEPS

PROGRAM = Path(small_run.__file__)
LENGTH = {"steps": 14, "check_every": 6, "checkpoint_every": 3}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL"),
]


def program(**told: object) -> int:
    """Run it; the exit status, negative for a signal."""
    # It imports what stands beside the tests, and so may the processes that it begins itself. Two
    # threads add up in another order than one, and over twenty steps that is more than 1e-5.
    path = os.pathsep.join(filter(None, sys.path))
    found = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, str(PROGRAM), json.dumps(told)], env=found, check=False)
    return done.returncode


def losses(run: Path) -> dict[int, float]:
    lines = (run / STEPS).read_text().splitlines()[1:]
    return {int(step): float(loss) for step, loss in (line.split(",") for line in lines)}


def log(run: Path) -> list[dict]:
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return [{key: each[key] for key in list(each)[:6]} for each in lines]


def test_a_run_killed_twice_repeats_the_losses_of_an_unbroken_one(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert program(run=str(whole), config=LENGTH) == 0
    wanted = losses(whole)
    assert list(wanted) == list(range(1, 15))
    told = {"run": str(broken), "config": LENGTH}
    # In the middle of a step, two steps after a checkpoint and one before the first check.
    assert program(**told, kill_at=5) == -signal.SIGKILL
    assert read_checkpoint(broken).state.step == 3
    assert list(losses(broken)) == [1, 2, 3, 4]
    # Then in the middle of a checkpoint, the third of that part: of 6, 9 and 12.
    assert program(**told, kill_saving=3) == -signal.SIGKILL
    assert read_checkpoint(broken).state.step == 9
    assert b"half" in (broken / CHECKPOINT).with_suffix(".part").read_bytes()
    between = losses(broken)
    assert list(between) == list(range(1, 13))
    assert program(**told) == 0
    found = losses(broken)
    assert list(found) == list(wanted)
    for step, loss in wanted.items():
        assert found[step] == pytest.approx(loss, abs=1e-6)
        assert between.get(step, loss) == pytest.approx(loss, abs=1e-6)
    assert log(broken) == log(whole)
    one, other = read_checkpoint(whole), read_checkpoint(broken)
    for name, value in one.weights.items():
        torch.testing.assert_close(other.weights[name], value, atol=1e-6, rtol=0, msg=name)
    parts = [json.loads(line) for line in (broken / "parts.jsonl").read_text().splitlines()]
    assert [each["from_step"] for each in parts] == [0, 3, 9]


@pytest.mark.parametrize(
    "kind", [{"towers": "two"}, {"system": "delta"}], ids=["triplets", "ratings"]
)
def test_two_processes_have_the_gradients_of_one(tmp_path: Path, kind: dict[str, str]) -> None:
    """For 20 steps at the rate of the shipped configurations, norms in evaluation mode."""
    config = {"norms": "fixed", "precision": "32", "learning_rate": 5e-4, "check_every": 20, **kind}
    found = []
    for devices in (1, 2):
        place = tmp_path / f"{devices}.pt"
        told = {"run": str(tmp_path / f"run{devices}"), "dropout": 0.0, "config": config}
        assert program(**told, devices=devices, gradients=str(place)) == 0
        found.append(torch.load(place, weights_only=True))
    assert len(found[0]) == len(found[1]) == 20
    for step, (one, two) in enumerate(zip(*found, strict=True), 1):
        assert max(each.abs().max() for each in one.values()) > 1e-4
        for name, value in one.items():
            torch.testing.assert_close(
                two[name], value, atol=1e-5, rtol=0, msg=f"{name}, step {step}"
            )
    ours, theirs = (losses(tmp_path / f"run{devices}") for devices in (1, 2))
    assert ours == pytest.approx(theirs, abs=1e-5)
    parts = (tmp_path / "run2" / "parts.jsonl").read_text().splitlines()
    assert [json.loads(line)["devices"] for line in parts] == [2]
    (line,) = (tmp_path / "run2" / "log.jsonl").read_text().splitlines()
    assert json.loads(line)["processes"] == 2
