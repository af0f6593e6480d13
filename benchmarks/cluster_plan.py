"""How long the features of very many recordings take on machines that fail.

A simulation of this project's own schedulers (`cluster_rules`), one line a case. What a recording
costs is not simulated but measured: `--core-seconds` and `--feature-mb` an hour of audio are what
`asa-train prepare` and `python -m benchmarks.feature_job` print, `--handling-ms` what
`python -m benchmarks.job_bookkeeping` prints. Everything else is an assumption, to be replaced by
what you know of your machines.

    python -m benchmarks.cluster_plan --hours 1000 --nodes 4          # a minute or less
    python -m benchmarks.cluster_plan                                 # 100,000 hours: ten minutes
    python -m benchmarks.cluster_plan --core-seconds 90 --price 0.8 --only "in peace"

"least" is what it would take if no core ever waited: work divided by cores, or bytes by the file
system, or the longest recording. "busy" is the share of the paid worker time that went into
results, "lost" that of tries that died; "node h" are paid.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import fields

from asa_training.prepared.crew import TRIES

from benchmarks.cluster_rules import Scheduler, simulate
from benchmarks.cluster_setting import Case, Setting
from benchmarks.cluster_simulation import Machines, Outcome, Work

_HEAD = ("case", "scheduler", "hours", "least", "busy", "lost", "deaths", "given up", "node h")
_WIDTHS = (25, 10, 8, 8, 8, 8, 9, 9, 9, 9)


def main() -> int:
    """Print what was assumed, then a line for each case and scheduler."""
    options = _options()
    names = {each.name for each in fields(Setting)}
    given = {name: value for name, value in vars(options).items() if name in names}
    setting = Setting(**{**given, "handling_ms": tuple(options.handling_ms)})
    print(setting.said(), end="\n\n")
    print(_line([*_HEAD, "cost"] if options.price else _HEAD))
    for case in setting.cases():
        if options.only and case.name not in options.only:
            continue
        work = setting.work(case)
        for scheduler in options.scheduler:
            machines = setting.machines(case, scheduler)
            found = simulate(
                work, machines, scheduler=scheduler, allowed=options.allowed, seed=setting.seed
            )
            print(_line(_row(case, scheduler, found, work, machines, options.price)), flush=True)
    return 0


def least_s(work: Work, machines: Machines) -> float:
    """What no scheduler can beat."""
    moved = float((work.read + work.written).sum()) / machines.bandwidth
    shared = float(work.compute_s.sum()) / (machines.nodes * machines.cores)
    return max(shared, moved, float(work.compute_s.max()))


def _row(
    case: Case,
    scheduler: Scheduler,
    found: Outcome,
    work: Work,
    machines: Machines,
    price: float,
) -> list[str]:
    node_h = found.present / machines.cores / 3600
    row = [
        case.name,
        scheduler,
        f"{found.makespan_s / 3600:.2f}" + (" stopped" if found.stopped else ""),
        f"{least_s(work, machines) / 3600:.2f}",
        f"{100 * found.utilisation:.1f} %",
        f"{100 * found.lost / found.present:.2f} %",
        f"{found.deaths:,}",
        f"{len(found.given_up):,}",
        f"{node_h:,.0f}",
    ]
    return [*row, f"{node_h * price:,.0f}"] if price else row


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return "".join(
        cell.ljust(width) if at < 2 else cell.rjust(width)
        for at, (cell, width) in enumerate(zip(cells, _WIDTHS, strict=False))
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    usual = Setting()
    for each in fields(Setting):
        value = getattr(usual, each.name)
        several = {"nargs": 2, "metavar": ("CREW", "CLUSTER")} if isinstance(value, tuple) else {}
        kind = float if several else type(value)
        name = f"--{each.name.replace('_', '-')}"
        parser.add_argument(name, type=kind, default=value, help=f"{value}", **several)
    parser.add_argument("--price", type=float, default=0.0, help="of a node and hour")
    parser.add_argument("--allowed", type=int, default=TRIES - 1, help="Dask's allowed-failures")
    parser.add_argument(
        "--scheduler", nargs="+", choices=("crew", "cluster"), default=["crew", "cluster"]
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="CASE")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
