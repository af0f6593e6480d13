"""The simulated crew beside the real one: `python -m benchmarks.crew_beside`.

Real workers (`asa_training.prepared.crew`) do tasks that only wait, and kill themselves by SIGKILL
where the dice say so; the simulation is given the same tasks, the same deaths, the time that
workers took to start in that very run, and what a result took to be handled before. Waiting costs
no core; starting does, so that a busy machine disturbs.
"""

from __future__ import annotations

import argparse
import functools
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from asa_training.prepared import crew

from benchmarks.cluster_rules import simulate
from benchmarks.cluster_simulation import Machines, Outcome, Work


@dataclass(frozen=True, slots=True)
class StandIn:
    """A task that waits; its tries end by SIGKILL at these shares of its time, while they last."""

    number: int
    seconds: float
    killed: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Real:
    """What the real crew did: the tasks in the order of their results, and those given up.

    `start_s` is how long its workers took in the mean from their birth to their first task.
    """

    order: list[int]
    given_up: list[int]
    tries: int
    makespan_s: float
    start_s: float


def wait(task: StandIn, *, folder: Path) -> int:
    """Wait as long as the task says, or until it kills the worker; each try leaves a file."""
    tried = len(list(folder.glob(f"{task.number}-*")))
    born = psutil.Process().create_time()
    (folder / f"{task.number}-{tried}").write_text(f"{os.getpid()} {time.time() - born}")
    if tried < len(task.killed):
        time.sleep(task.killed[tried] * task.seconds)
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(task.seconds)
    return task.number


def drawn(*, tasks: int, seconds: float, deaths: float, seed: int) -> list[StandIn]:
    """Tasks of about so many seconds, a share `deaths` of whose tries ends in a death."""
    dice = np.random.default_rng(seed)
    made = []
    for number in range(tasks):
        shares: list[float] = []
        while len(shares) < crew.TRIES and dice.uniform() < deaths:
            shares.append(float(dice.uniform(0.05, 0.95)))
        made.append(StandIn(number, float(seconds * dice.lognormal(0, 0.5)), tuple(shares)))
    return made


def really(tasks: Sequence[StandIn], *, workers: int) -> Real:
    """Let the real crew do them."""
    with tempfile.TemporaryDirectory() as name:
        work = functools.partial(wait, folder=Path(name))
        began = time.monotonic()
        done = list(crew.work_off(work, tasks, workers=workers))
        spent = time.monotonic() - began
        tries = [path.read_text().split() for path in Path(name).iterdir()]
    ages: dict[str, float] = {}
    for worker, age in tries:
        ages[worker] = min(float(age), ages.get(worker, float("inf")))
    return Real(
        order=[each.task.number for each in done if each.result is not None],
        given_up=[each.task.number for each in done if each.result is None],
        tries=len(tries),
        makespan_s=spent,
        start_s=float(np.mean(list(ages.values()))),
    )


def simulated(
    tasks: Sequence[StandIn], *, workers: int, start_s: float, handling_s: float
) -> Outcome:
    """The same by the simulation."""
    nothing = np.zeros(len(tasks))
    work = Work(
        compute_s=np.array([task.seconds for task in tasks]),
        read=nothing,
        written=nothing,
        fatal=np.zeros(len(tasks), bool),
        killed={task.number: task.killed for task in tasks},
    )
    machines = Machines(nodes=1, cores=workers, start_s=start_s, handling_s=handling_s)
    return simulate(work, machines, scheduler="crew")


def handled_in(*, tasks: int = 300) -> float:
    """Seconds for a result, of tasks that are nothing, with one worker."""
    found = really([StandIn(n, 0.0) for n in range(tasks)], workers=1)
    return max(0.0, (found.makespan_s - found.start_s) / tasks)


def main() -> int:
    """One line a seed: times, and whether the same was tried, given up and done in one order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--deaths", type=float, default=0.2, help="share of the tries")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    options = parser.parse_args()
    handling_s = handled_in()
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{options.workers} workers, a result takes {1000 * handling_s:.1f} ms{load}")
    ratios = []
    for seed in options.seeds:
        tasks = drawn(
            tasks=options.tasks, seconds=options.seconds, deaths=options.deaths, seed=seed
        )
        real = really(tasks, workers=options.workers)
        found = simulated(
            tasks, workers=options.workers, start_s=real.start_s, handling_s=handling_s
        )
        ratios.append(real.makespan_s / found.makespan_s)
        same = (real.tries, sorted(real.given_up)) == (found.tries, sorted(found.given_up))
        print(
            f"seed {seed}: a worker starts in {real.start_s:.2f} s; real {real.makespan_s:.1f} s,"
            f" simulated {found.makespan_s:.1f} s;"
            f" tries {real.tries} and {found.tries}, given up {real.given_up}:"
            f" {'the same' if same else 'not the same'}; pairs done in the same order"
            f" {100 * _agreeing(real.order, found.order):.0f} %",
            flush=True,
        )
    print(f"real / simulated: {np.mean(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})")
    return 0


def _agreeing(one: Sequence[int], other: Sequence[int]) -> float:
    """The share of pairs that come in the same order in both."""
    place = {task: at for at, task in enumerate(other)}
    ranks = np.array([place[task] for task in one if task in place])
    first, second = np.triu_indices(len(ranks), 1)
    return float(np.mean(ranks[first] < ranks[second])) if len(first) else 1.0


if __name__ == "__main__":
    sys.exit(main())
