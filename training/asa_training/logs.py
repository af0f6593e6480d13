"""The logs of a run as it writes them: the loss of every step, and what was found at each check."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from asa_training.checkpoints import LOG
from asa_training.writing import write_text

STEPS = "steps.csv"
_HEAD = "step,loss\n"


def take_back(run: Path, step: int) -> None:
    """Take out of the logs what comes after a step: it is going to be done again."""
    _keep_lines(run / LOG, lambda line: json.loads(line)["step"] <= step)
    _keep_lines(run / STEPS, lambda line: f"{line}\n" == _HEAD or int(line.split(",")[0]) <= step)


def _keep_lines(path: Path, wanted: Callable[[str], bool]) -> None:
    if not path.exists():
        return
    text = path.read_text("utf-8")
    # What a killed run wrote last may be half a line.
    whole = text[: text.rfind("\n") + 1]
    kept = "".join(f"{line}\n" for line in whole.splitlines() if wanted(line))
    if kept != text:
        write_text(path, kept)


def open_steps(run: Path) -> TextIO:
    """`steps.csv`, to add losses to; each line is handed to the system at once."""
    path = run / STEPS
    new = not path.exists()
    stream = path.open("a", encoding="utf-8", buffering=1)
    if new:
        stream.write(_HEAD)
    return stream


def losses_since(run: Path, step: int) -> list[float]:
    """The losses of the steps after `step` that `steps.csv` holds."""
    if not (run / STEPS).exists():
        return []
    lines = (run / STEPS).read_text("utf-8").splitlines()[1:]
    rows = [line.split(",") for line in lines]
    return [float(loss) for number, loss in rows if int(number) > step]


def last_check(run: Path) -> int:
    """The step of the last check in the log; 0 before the first."""
    if not (run / LOG).exists():
        return 0
    lines = (run / LOG).read_text("utf-8").splitlines()
    return json.loads(lines[-1])["step"] if lines else 0
