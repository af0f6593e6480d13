"""How long the features of very many recordings take on machines that fail.

A simulation of this project's own schedulers (`cluster_rules`), one line a case. What a recording
costs is not simulated but measured: `--core-seconds` and `--feature-mb` an hour of audio are what
`asa-train prepare` and `python -m benchmarks.feature_job` print; `--start` and `--handling-ms` come
from `python -m benchmarks.job_bookkeeping`. Everything else is an assumption that you may
replace by your own: how often machines fail, how wide the file system is, what a node costs.

    python -m benchmarks.cluster_plan --hours 1000 --nodes 4          # a minute or less
    python -m benchmarks.cluster_plan                                 # 100,000 hours; minutes
    python -m benchmarks.cluster_plan --core-seconds 90 --price 0.8 --only "in peace"
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, field, replace

import numpy as np
from asa_training.prepared.crew import TRIES
from numpy.typing import NDArray

from benchmarks.cluster_rules import Scheduler, simulate
from benchmarks.cluster_simulation import Machines, Outcome, Work

_LONGEST_S = 3600.0
_MB = 1e6


@dataclass(frozen=True, slots=True)
class Costs:
    """What an hour of audio costs, on one core and on the disk."""

    core_s: float
    audio_mb: float
    feature_mb: float


@dataclass(frozen=True, slots=True)
class Case:
    """One line: what is otherwise than in peace."""

    name: str
    machines: dict[str, float] = field(default_factory=dict)
    fatal: float = 0.0
    long: float = 0.0


def main() -> int:
    """Print what was assumed, then a line for each case and scheduler."""
    options = _options()
    costs = Costs(options.core_seconds, options.audio_mb, options.feature_mb)
    peace = Machines(
        nodes=options.nodes,
        cores=options.cores,
        away_s=60 * options.away,
        bandwidth=options.bandwidth_mb * _MB,
        start_s=options.start,
    )
    print(_assumed(options))
    lines = ["case", "scheduler", "hours", "least", "busy", "lost", "deaths", "given up", "node h"]
    print(_line([*lines, "cost"] if options.price else lines))
    for case in _cases(options):
        if options.only and case.name not in options.only:
            continue
        work = made_work(
            hours=options.hours,
            minutes=options.song_minutes,
            costs=costs,
            fatal=case.fatal,
            long=case.long,
            seed=options.seed,
        )
        for scheduler in options.scheduler:
            handling_ms = options.handling_ms[scheduler == "cluster"]
            machines = replace(peace, handling_s=handling_ms / 1000, **case.machines)
            began = time.monotonic()
            found = simulate(
                work, machines, scheduler=scheduler, allowed=options.allowed, seed=options.seed
            )
            print(_line(_row(case, scheduler, found, work, machines, options.price)), flush=True)
            if options.timings:
                print(f"  simulated in {time.monotonic() - began:.0f} s")
    return 0


def made_work(
    *, hours: float, minutes: float, costs: Costs, fatal: float, long: float, seed: int
) -> Work:
    """Recordings of so many hours in all: most of about so many minutes, some of an hour.

    Lengths are log-normal around the median, with a spread of 0.35 (an assumption); `long` is the
    share of all audio that lies in recordings of an hour, `fatal` that of recordings which bring
    their worker down. The order is by chance.
    """
    dice = np.random.default_rng(seed)
    seconds = _lengths(dice, 3600 * hours * (1 - long), 60 * minutes)
    seconds = np.concatenate([seconds, np.full(round(hours * long), _LONGEST_S)])
    dice.shuffle(seconds)
    audio_h = seconds / 3600
    # A core is not as quick at all times and for all recordings.
    unevenness = dice.normal(1.0, 0.1, len(seconds)).clip(0.5, 1.5)
    return Work(
        compute_s=audio_h * costs.core_s * unevenness,
        read=audio_h * costs.audio_mb * _MB,
        written=audio_h * costs.feature_mb * _MB,
        fatal=dice.uniform(size=len(seconds)) < fatal,
    )


def _lengths(dice: np.random.Generator, total_s: float, median_s: float) -> NDArray[np.float64]:
    spread = 0.35
    mean_s = median_s * np.exp(spread**2 / 2)
    count = max(1, round(total_s / mean_s))
    seconds = (median_s * dice.lognormal(0.0, spread, count)).clip(10.0, _LONGEST_S)
    return np.asarray(seconds * (total_s / seconds.sum()))


def _cases(options: argparse.Namespace) -> list[Case]:
    deaths = {"deaths": options.deaths}
    taken = {"preempted": options.preempted}
    slow = {"slow": max(1, options.nodes // 32), "slow_factor": options.slow_factor}
    return [
        Case("in peace"),
        Case("workers die", deaths),
        Case("nodes are taken away", taken),
        Case("fatal recordings", fatal=options.fatal),
        Case("slow nodes", slow),
        Case("long recordings", long=options.long),
        Case("narrow file system", {"bandwidth": options.bandwidth_mb * _MB / 10}),
        Case("all of it", {**deaths, **taken, **slow}, fatal=options.fatal, long=options.long),
    ]


def _assumed(options: argparse.Namespace) -> str:
    return (
        f"{options.hours:,.0f} hours of audio in recordings of about {options.song_minutes:g}"
        f" minutes, on {options.nodes} nodes of {options.cores} cores; an hour of audio: "
        f"{options.core_seconds:g} core seconds, {options.audio_mb:g} MB read,"
        f" {options.feature_mb:g} MB written; file system {options.bandwidth_mb:,.0f} MB/s; a"
        f" worker starts in {options.start:g} s, a result takes the crew's process"
        f" {options.handling_ms[0]:g} ms and the cluster's {options.handling_ms[1]:g} ms; seed"
        f" {options.seed}\nwhere they fail: a worker dies {options.deaths:g} times an hour, a node"
        f" is taken away {options.preempted:g} times an hour for {options.away:g} minutes,"
        f" {options.fatal:g} of the recordings are fatal, {options.long:g} of the audio lies in"
        f" recordings of an hour, {max(1, options.nodes // 32)} nodes are"
        f" {options.slow_factor:g} times slower\n"
    )


def _row(
    case: Case,
    scheduler: Scheduler,
    found: Outcome,
    work: Work,
    machines: Machines,
    price: float,
) -> list[str]:
    workers = machines.nodes * machines.cores
    moved = float((work.read + work.written).sum()) / machines.bandwidth
    least = max(float(work.compute_s.sum()) / workers, moved, float(work.compute_s.max()))
    node_h = found.present / machines.cores / 3600
    row = [
        case.name,
        scheduler,
        f"{found.makespan_s / 3600:.2f}" + (" stopped" if found.stopped else ""),
        f"{least / 3600:.2f}",
        f"{100 * found.utilisation:.1f} %",
        f"{100 * found.lost / found.present:.2f} %",
        f"{found.deaths:,}",
        f"{len(found.given_up):,}",
        f"{node_h:,.0f}",
    ]
    return [*row, f"{node_h * price:,.0f}"] if price else row


def _line(cells: list[str]) -> str:
    widths = (22, 10, 8, 8, 8, 8, 9, 9, 9, 9)
    return "".join(
        cell.ljust(width) if at < 2 else cell.rjust(width)
        for at, (cell, width) in enumerate(zip(cells, widths, strict=False))
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    work = parser.add_argument_group("recordings")
    work.add_argument("--hours", type=float, default=100_000.0)
    work.add_argument("--song-minutes", type=float, default=4.0)
    work.add_argument("--core-seconds", type=float, default=140.0, help="an hour of audio")
    work.add_argument("--audio-mb", type=float, default=60.0, help="an hour of audio, as it lies")
    work.add_argument("--feature-mb", type=float, default=147.0, help="an hour of audio")
    work.add_argument("--fatal", type=float, default=1e-5, help="share of the recordings")
    work.add_argument("--long", type=float, default=0.02, help="share of the audio")
    there = parser.add_argument_group("machines")
    there.add_argument("--nodes", type=int, default=32)
    there.add_argument("--cores", type=int, default=16)
    there.add_argument("--bandwidth-mb", type=float, default=5000.0, help="of the file system")
    there.add_argument("--start", type=float, default=10.0, help="seconds")
    there.add_argument(
        "--handling-ms", type=float, nargs=2, default=[0.1, 5.0], metavar=("CREW", "CLUSTER")
    )
    there.add_argument("--price", type=float, default=0.0, help="of a node and hour")
    wrong = parser.add_argument_group("what goes wrong; rates an hour")
    wrong.add_argument("--deaths", type=float, default=0.05)
    wrong.add_argument("--preempted", type=float, default=0.1)
    wrong.add_argument("--away", type=float, default=15.0, help="minutes")
    wrong.add_argument("--slow-factor", type=float, default=3.0)
    parser.add_argument("--allowed", type=int, default=TRIES - 1, help="Dask's allowed-failures")
    parser.add_argument(
        "--scheduler", nargs="+", choices=("crew", "cluster"), default=["crew", "cluster"]
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="CASE")
    parser.add_argument("--timings", action="store_true", help="how long each simulation took")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
