"""A small training of what the project carries, for benchmarks: two singers, and one to check by.

Recordings of `tests/data/singing` are laid out as the corpora they are from, rendered and prepared
by the commands that a user gives.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asa_training.__main__ import main as asa_train

SINGING = Path(__file__).resolve().parents[1] / "tests" / "data" / "singing"
_PLACES = {
    "pjs001.flac": "pjs/pjs001/pjs001_song.flac",
    "vocadito_1.flac": "vocadito/vocadito_1.flac",
    "nit_029.flac": "nit_song070/nit_029.flac",
}


def prepared(work: Path, *, each: int, checked: int) -> None:
    """Fill `work` with `train`, `validation` and `cache`: so many renditions of each recording."""
    for name, place in _PLACES.items():
        (work / "data" / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SINGING / name, work / "data" / place)
    for folder, split, count, seed in (
        ("train", "train", each, 1),
        ("validation", "test", checked, 2),
    ):
        words = ["render", "--data", work / "data", "--split", split, "--engine", "world"]
        words += ["--per-source", count, "--seed", seed, "--out", work / folder]
        _do(*words)
    _do("prepare", "--renders", work / "train", work / "validation", "--cache", work / "cache")


def trained(run: Path, work: Path, settings: Mapping[str, Any], *more: object) -> list[dict]:
    """Train in a process of its own; the lines of its log. `settings` are those of a TOML file."""
    config = run.with_suffix(".toml")
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(_toml(settings), "utf-8")
    words = [
        sys.executable, "-m", "asa_training", "train", "--config", config,
        "--renders", work / "train", "--validation", work / "validation",
        "--cache", work / "cache", "--run", run, *more,
    ]  # fmt: skip
    done = subprocess.run([str(word) for word in words], check=False)
    if done.returncode:
        raise SystemExit(f"the training in {run} ended with {done.returncode}")
    lines = (run / "log.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _do(*words: object) -> None:
    if asa_train([str(word) for word in words]):
        raise SystemExit(f"asa-train {words[0]} did not go through")


def _toml(settings: Mapping[str, Any]) -> str:
    """Plain values first, then the table of the network; JSON's numbers and texts are TOML's."""
    plain = {name: value for name, value in settings.items() if name != "network"}
    lines = [f"{name} = {json.dumps(value)}" for name, value in plain.items()]
    lines += ["[network]"]
    lines += [f"{name} = {json.dumps(value)}" for name, value in settings["network"].items()]
    return "\n".join(lines) + "\n"
