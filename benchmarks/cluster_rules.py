"""The two schedulers of `asa-train prepare`, as rules of a simulation.

crew (`asa_training.prepared.crew`)
    A job on one node. A worker holds one task. The task of a dead worker goes to the end of the
    queue, and is given up when `TRIES` workers died over it; after `MOST_IN_A_ROW` deaths without a
    result between, over tasks that had cost no worker before, the job stops. Taken away, the node
    takes the job along: whoever starts it again begins with what is not in the cache. Of several
    nodes, each has a job and a share of the recordings of its own, and of the file system.
cluster (`asa_training.prepared.cluster`)
    A job over all nodes, by Dask. A worker holds up to two tasks and works on one; when it dies,
    each of them has lost a worker and goes back to the front. What has lost more than `allowed` of
    them is given up, and tried once more when all else is done, alone. Idle workers take what
    others only hold.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Literal

import numpy as np
from asa_training.prepared.cluster import AHEAD
from asa_training.prepared.crew import MOST_IN_A_ROW, TRIES

from benchmarks.cluster_simulation import Machines, Outcome, Run, Work, Worker

Scheduler = Literal["crew", "cluster"]


def simulate(
    work: Work,
    machines: Machines,
    *,
    scheduler: Scheduler,
    allowed: int = TRIES - 1,
    seed: int = 0,
) -> Outcome:
    """Run a job to its end; `allowed` is the cluster's ``allowed-failures``."""
    if scheduler == "cluster":
        return Cluster(work, machines, allowed=allowed, seed=seed).run()
    nodes = machines.nodes
    return _together(
        [
            Crew(
                work.part(nodes, node) if nodes > 1 else work,
                replace(
                    machines,
                    nodes=1,
                    slow=int(node < machines.slow),
                    bandwidth=machines.bandwidth / nodes,
                ),
                seed=seed + node,
            ).run()
            for node in range(nodes)
        ]
    )


def _together(shares: list[Outcome]) -> Outcome:
    """The jobs of all nodes as one: over when the last one is; a node is paid for until its end."""
    every = len(shares)
    results = np.zeros(sum(len(each.results) for each in shares), np.int64)
    whole = Outcome(results=results, makespan_s=max(each.makespan_s for each in shares))
    for first, each in enumerate(shares):
        results[first::every] = each.results
        whole.given_up += [first + every * task for task in each.given_up]
        whole.order += [first + every * task for task in each.order]
        whole.stopped |= each.stopped
        for name in ("tries", "deaths", "restarts", "computed", "lost", "present"):
            setattr(whole, name, getattr(whole, name) + getattr(each, name))
    return whole


class Crew(Run):
    """Workers of one process, on one node."""

    in_a_row = 0

    @property
    def most_flying(self) -> int:
        return len(self.workers)

    def on_arrival(self, node: int, now: float) -> None:
        if now > 0:  # somebody starts the job again; what died before is forgotten
            self.out.restarts += 1
            self.queue = deque(np.flatnonzero(self.out.results == 0).tolist())
            self.open, self.out.given_up, self.in_a_row = len(self.queue), [], 0
            self.deaths[:] = 0
        self.hand_out(now)

    def on_death(self, worker: Worker, now: float) -> None:
        self.out.stopped = self.in_a_row >= MOST_IN_A_ROW
        self.hand_out(now)

    def orphaned(self, tasks: list[int], now: float) -> None:
        self.in_a_row += not tasks or self.deaths[tasks[0]] == 0
        for task in tasks:
            self.deaths[task] += 1
            if self.deaths[task] < TRIES:
                self.queue.append(task)
            else:
                self.out.given_up.append(task)
                self.open -= 1

    def settled(self, task: int, now: float) -> None:
        self.in_a_row = 0

    def hand_out(self, now: float) -> None:
        super().hand_out(now)
        for worker in self.workers:
            if not self.queue or self.flying >= self.most_flying or self.since[0] is None:
                return
            if worker.phase == "down":  # a worker is started with its first task in hand
                self.flying += 1
                worker.task = self.queue.popleft()
                self.start(worker, now)


class Cluster(Run):
    """A Dask cluster's workers, on all nodes."""

    ahead = AHEAD

    def __init__(self, work: Work, machines: Machines, *, allowed: int, seed: int) -> None:
        super().__init__(work, machines, seed=seed)
        self.allowed = allowed
        self.last_chance: deque[int] = deque()
        self.alone: int | None = None

    @property
    def most_flying(self) -> int:
        return self.ahead * self.machines.cores * self.there

    def on_arrival(self, node: int, now: float) -> None:
        for worker in self.of(node):
            self.start(worker, now)

    def on_death(self, worker: Worker, now: float) -> None:
        self.start(worker, now)
        self.hand_out(now)

    def orphaned(self, tasks: list[int], now: float) -> None:
        for task in reversed(tasks):
            self.deaths[task] += 1
            if self.deaths[task] <= self.allowed:
                self.queue.appendleft(task)
            elif task == self.alone:
                self.alone = None
                self.out.given_up.append(task)
                self.open -= 1
            else:
                self.last_chance.append(task)
        self._next_alone(now)

    def settled(self, task: int, now: float) -> None:
        if task == self.alone:
            self.alone = None
        self._next_alone(now)

    def _next_alone(self, now: float) -> None:
        """When nothing else is open any more, the next of those that were given up."""
        if self.alone is None and self.last_chance and self.open == len(self.last_chance):
            self.alone = self.last_chance.popleft()
            self.deaths[self.alone] = 0
            self.out.alone_s = self.out.alone_s or now
            self.queue.append(self.alone)
            self.hand_out(now)

    def hand_out(self, now: float) -> None:
        super().hand_out(now)
        while self.idle and self.rich:
            self.give(next(iter(self.idle)), self.take_held(next(iter(self.rich))), now)
