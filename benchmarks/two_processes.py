"""Batch norm in two processes against one: `python -m benchmarks.two_processes`.

Each of two processes norms by its own half of a batch, so that two train another network than one
does. Printed is the AUC on the validation (a singer, song and renditions of which nothing was
trained on) of the state that each run keeps, by seed, and the means. On two CPU cores it takes an
hour; `--work` keeps what was done, and the same command goes on.

    python -m benchmarks.two_processes --work two-processes
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.training_material import prepared, trained

SETTINGS = {
    "id": "two-processes",
    "system": "rori",
    "clips": 8,
    "performances": 5,
    "warmup": 20,
    "check_every": 50,
    "choose": "auc",
    "grade": "intonation",
    "network": {
        "width": 16,
        "feed_forward": 64,
        "layers": 1,
        "heads": 4,
        "embedding": 32,
        "channels": ["f0"],
    },
}


def main() -> int:
    """Render, train with one process and with two, print the AUCs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, help="a folder to keep everything in")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--each", type=int, default=14, help="training renditions of a recording")
    parser.add_argument("--checked", type=int, default=60, help="renditions to check by")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = options.work or Path(folder)
        prepared(work, each=options.each, checked=options.checked)
        report(work, options.seeds, options.steps)
    return 0


def report(work: Path, seeds: Sequence[int], steps: int) -> None:
    """Train and print a table."""
    rows = []
    for seed in seeds:
        settings = {**SETTINGS, "seed": seed, "steps": steps}
        found = []
        for devices in (1, 2):
            run = work / f"seed{seed}-processes{devices}"
            lines = trained(run, work, settings, "--device", "cpu", "--devices", devices)
            found.append([line for line in lines if line["kept"]][-1]["validation_auc"])
        rows.append(found)
    print(f"\n{steps} steps, validation AUC of the state that was kept\n")
    print("| seed | one process | two processes | difference |\n|---|---|---|---|")
    means = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    names = [*(str(seed) for seed in seeds), "mean"]
    for name, (one, two) in zip(names, [*rows, means], strict=True):
        print(f"| {name} | {one:.4f} | {two:.4f} | {two - one:+.4f} |")


if __name__ == "__main__":
    raise SystemExit(main())
