"""The picture of docs/training-at-scale.md: `python -m benchmarks.plan_picture PICTURE.svg`.

Hours that the features of so many hours of audio take, by the number of nodes; one queue for all
and a share for each node, in peace and with everything that `cluster_plan` lets go wrong. Every
point is a simulation, the same each time.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

from benchmarks.cluster_rules import Scheduler, simulate
from benchmarks.cluster_setting import Setting

NODES = (2, 4, 8, 16, 32, 64, 128)
LOOKS: dict[Scheduler, tuple[str, str]] = {
    "cluster": ("one queue (cluster)", "#2f6f8f"),
    "crew": ("a share each (crew)", "#b0562b"),
}


def main() -> int:
    """Simulate every point and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--hours", type=float, default=5000.0)
    options = parser.parse_args()
    usual = Setting(hours=options.hours)
    figure, axes = plt.subplots(figsize=(7.5, 4.2), layout="constrained")
    for case, style in (("in peace", "-"), ("all but the file system", "--")):
        for scheduler, (name, colour) in LOOKS.items():
            hours = [_hours(usual, case, scheduler, nodes) for nodes in NODES]
            label = f"{name}, {'in peace' if style == '-' else 'where much fails'}"
            axes.plot(NODES, hours, style, color=colour, marker="o", markersize=4, label=label)
    core_h = usual.hours * usual.core_seconds / 3600
    least = [core_h / (usual.cores * nodes) for nodes in NODES]
    axes.plot(NODES, least, ":", color="#777777", label="work divided by cores")
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(NODES, [str(nodes) for nodes in NODES])
    axes.set_xlabel(f"nodes of {usual.cores} cores")
    axes.set_ylabel(f"hours for {usual.hours:,.0f} hours of audio")
    axes.grid(alpha=0.25)
    axes.legend(frameon=False, fontsize=9)
    matplotlib.rcParams["svg.hashsalt"] = "asa"
    figure.savefig(options.picture, metadata={"Date": None})
    return 0


def _hours(usual: Setting, case: str, scheduler: Scheduler, nodes: int) -> float:
    setting = replace(usual, nodes=nodes)
    one = next(each for each in setting.cases() if each.name == case)
    machines = setting.machines(one, scheduler)
    return simulate(setting.work(one), machines, scheduler=scheduler).makespan_s / 3600


if __name__ == "__main__":
    sys.exit(main())
