"""Batch norm in two processes against one: `python -m benchmarks.two_processes`.

Each of two processes norms by its own half of a batch, so that two train another network than one
does. Both learn, with each seed, from the same made-up renditions (those of the tests): images that
stray from the anchor's with severity, and by chance besides, so that no network can order all of
them. Printed is the AUC of faultless clips above those at severity 0.5, of sources that nothing was
learnt from, after the last step, when the rate has fallen to nearly nothing: no state is chosen.

    python -m benchmarks.two_processes
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from asa_training import fit
from asa_training.config import FitConfig
from asa_training.features import Rendition
from asa_training.hardware import Hardware

from asa_desktop.core.networks.cnnsa import TowerConfig

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "unit" / "training")]

from made_renditions import made  # noqa: E402

LIMIT = 0.02
_CHANCE = 0.2
_NETWORK = TowerConfig(width=8, feed_forward=32, layers=1, heads=2, embedding=16)


def main() -> int:
    """Train in processes of their own, and print the AUCs; 1 where the means lie farther apart."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--work", type=Path, help="a folder to keep the runs in")
    parser.add_argument("--one", type=int, nargs=2, metavar=("SEED", "PROCESSES"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = options.work or Path(folder)
        if options.one:
            seed, devices = options.one
            train(work, seed, options.steps, devices)
            return 0
        return report(work, options.seeds, options.steps)


def report(work: Path, seeds: list[int], steps: int) -> int:
    """Train and print a table."""
    rows = [[auc_of(work, seed, steps, devices) for devices in (1, 2)] for seed in seeds]
    means = [float(np.mean(column)) for column in zip(*rows, strict=True)]
    print(f"\nvalidation AUC after {steps} steps\n")
    print("| seed | one process | two processes | difference |\n|---|---|---|---|")
    names = [*(str(seed) for seed in seeds), "mean"]
    for name, (one, two) in zip(names, [*rows, means], strict=True):
        print(f"| {name} | {one:.4f} | {two:.4f} | {two - one:+.4f} |")
    return int(abs(means[1] - means[0]) > LIMIT)


def auc_of(work: Path, seed: int, steps: int, devices: int) -> float:
    """Train in a process of its own, which begins the other one; the AUC of the last check."""
    words = [sys.executable, "-m", "benchmarks.two_processes", "--work", work, "--steps", steps]
    words += ["--one", seed, devices]
    subprocess.run([str(word) for word in words], check=True)
    lines = (run_of(work, seed, devices) / "log.jsonl").read_text("utf-8").splitlines()
    return json.loads(lines[-1])["validation_auc"]


def run_of(work: Path, seed: int, devices: int) -> Path:
    """A run's folder."""
    return work / f"seed{seed}-processes{devices}"


def train(work: Path, seed: int, steps: int, devices: int) -> None:
    """Train with one process or several, which all come here."""
    config = FitConfig(
        seed=seed,
        steps=steps,
        clips=8,
        performances=3,
        warmup=10,
        check_every=steps // 4,
        learning_rate=2e-3,
        grade="worst",
        norms="batch",
        network=_NETWORK,
    )
    fit.train(
        config,
        training=[each for source in "abcd" for each in scene(source, takes=6)],
        validation=[each for source in "xy" for each in scene(source, takes=30)],
        run=run_of(work, seed, devices),
        device=torch.device("cpu"),
        hardware=Hardware(devices=devices),
    )


def scene(source: str, *, takes: int) -> list[Rendition]:
    """An anchor, faultless takes and as many at 0.5 and at 1; each strays by chance as well."""
    rng = np.random.default_rng([ord(source), takes])
    found = [made("anchor", role="anchor", source=source)]
    for severity in (0.0, 0.5, 1.0):
        for number in range(takes):
            strays = float(np.clip(severity + rng.normal(0, _CHANCE), 0, 1.2))
            role = "negative" if severity else "positive"
            name = f"{role}-{severity}-{number}"
            found.append(made(name, role=role, source=source, severity=severity, strays=strays))
    return found


if __name__ == "__main__":
    raise SystemExit(main())
