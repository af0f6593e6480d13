"""Recordings worked off by machines that fail, event by event; `cluster_rules` says who does what.

A task costs reading from a file system that all share, computing, writing there, and the time that
the one process which hands out tasks needs for a result. Dice are numpy's, with a seed.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field
from itertools import count

import numpy as np
from numpy.typing import NDArray

NEVER = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The tasks, one a recording.

    `compute_s` is what each computes on a core of full speed, `read` and `written` its bytes on the
    file system; a `fatal` one brings down every worker that computes it, somewhere on the way.
    `killed` says at which share of its time a task's first, second, ... try ends with its worker's
    death: for comparison with real workers.
    """

    compute_s: NDArray[np.float64]
    read: NDArray[np.float64]
    written: NDArray[np.float64]
    fatal: NDArray[np.bool_]
    killed: dict[int, tuple[float, ...]] = field(default_factory=dict)

    def part(self, every: int, first: int) -> Work:
        """Every so many-th task from the first one on."""
        place = slice(first, None, every)
        return Work(
            compute_s=self.compute_s[place],
            read=self.read[place],
            written=self.written[place],
            fatal=self.fatal[place],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """Nodes and what befalls them; rates an hour, 0 for never.

    `deaths` is the rate at which a worker dies by itself, `preempted` that at which a node is taken
    away, for `away_s`. The first `slow` nodes compute `slow_factor` times slower. `bandwidth` is
    the shared file system's in bytes a second; a worker starts in `start_s`, and a result takes the
    handing process `handling_s`.
    """

    nodes: int
    cores: int
    deaths: float = 0.0
    preempted: float = 0.0
    away_s: float = 600.0
    slow: int = 0
    slow_factor: float = 3.0
    bandwidth: float = NEVER
    start_s: float = 0.0
    handling_s: float = 0.0


@dataclass(slots=True)
class Outcome:
    """What came of a job; times in seconds, over all workers but `makespan_s` and `alone_s`.

    `results` is how often each task gave a result, `given_up` names those that never did, `order`
    is that of the results. `present` is the worker time that was paid for; of it `computed` went
    into results and `lost` into tries that died, the rest into starting and waiting. `alone_s` is
    when the first given-up task got its last chance, 0 where none did.
    """

    results: NDArray[np.int64]
    makespan_s: float = 0.0
    given_up: list[int] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    stopped: bool = False
    tries: int = 0
    deaths: int = 0
    restarts: int = 0
    computed: float = 0.0
    lost: float = 0.0
    present: float = 0.0
    alone_s: float = 0.0

    @property
    def utilisation(self) -> float:
        """The share of the worker time that went into results."""
        return self.computed / self.present if self.present else 1.0


class Worker:
    """A process on a node: what it works on, and what it only holds."""

    __slots__ = ("began", "costs", "held", "life", "node", "phase", "task")

    def __init__(self, node: int) -> None:
        self.node = node
        self.life = 0  # counts up at a death, so that what was to happen to it does not
        self.phase = "down"
        self.task: int | None = None
        self.held: list[int] = []
        self.began = self.costs = 0.0


class Run:
    """One job until its end. What follows on an event is said by the rules below this class."""

    ahead = 1
    """Tasks that a worker holds."""

    def __init__(self, work: Work, machines: Machines, *, seed: int) -> None:
        self.work, self.machines = work, machines
        self.dice = np.random.default_rng(seed)
        tasks = len(work.compute_s)
        self.out = Outcome(results=np.zeros(tasks, np.int64))
        self.deaths = np.zeros(tasks, np.int64)
        self.tried = np.zeros(tasks, np.int64)
        self.queue = deque(range(tasks))
        self.open = tasks
        self.workers = [Worker(n) for n in range(machines.nodes) for _ in range(machines.cores)]
        # In the order in which they became it.
        self.idle: dict[Worker, None] = {}
        self.roomy: dict[Worker, None] = {}  # busy, and may hold more
        self.rich: dict[Worker, None] = {}  # busy, and hold more
        self.flying = 0  # tasks whose result the handing process has not seen
        self.since: list[float | None] = [None] * machines.nodes
        self.there = 0  # nodes
        self._events: list[tuple[float, int, str, Worker | int, int]] = []
        self._number = count()
        self._pipe_free = self._hand_free = 0.0

    # What the rules say

    @property
    def most_flying(self) -> int:
        """How many tasks the handing process lets out of its hands."""
        raise NotImplementedError

    def on_arrival(self, node: int, now: float) -> None:
        """A node is there, at the beginning or again."""
        raise NotImplementedError

    def on_death(self, worker: Worker, now: float) -> None:
        """A worker died; its tasks have been told already."""
        raise NotImplementedError

    def orphaned(self, tasks: list[int], now: float) -> None:
        """Tasks that a worker held when it died."""
        raise NotImplementedError

    def settled(self, task: int, now: float) -> None:
        """A task gave its result."""

    # Events

    def run(self) -> Outcome:
        """Let everything happen; what came of it."""
        for node in range(self.machines.nodes):
            self.arrive(node, 0.0)
        now = 0.0
        while self._events and self.open and not self.out.stopped:
            now, _, what, whom, life = heapq.heappop(self._events)
            if not isinstance(whom, Worker) or whom.life == life:
                getattr(self, what)(whom, now)
        self.out.makespan_s = now
        for since in self.since:
            if since is not None:
                self.out.present += self.machines.cores * (now - since)
        return self.out

    def at(self, time: float, what: str, whom: Worker | int) -> None:
        """Let something happen, unless the worker has died by then."""
        if time < NEVER:
            life = whom.life if isinstance(whom, Worker) else 0
            heapq.heappush(self._events, (time, next(self._number), what, whom, life))

    def arrive(self, node: int, now: float) -> None:
        self.since[node] = now
        self.there += 1
        self.at(now + self._drawn(self.machines.preempted), "leave", node)
        self.on_arrival(node, now)

    def leave(self, node: int, now: float) -> None:
        """A node is taken away, and all its workers with it."""
        since = self.since[node]
        assert since is not None
        self.out.present += self.machines.cores * (now - since)
        self.since[node] = None
        self.there -= 1
        for worker in self.of(node):
            self.end(worker, now)
        self.at(now + self.machines.away_s, "arrive", node)
        self.hand_out(now)

    def of(self, node: int) -> list[Worker]:
        """The workers of a node."""
        return self.workers[node * self.machines.cores :][: self.machines.cores]

    def start(self, worker: Worker, now: float) -> None:
        worker.phase, worker.began = "starting", now
        self.at(now + self._drawn(self.machines.deaths), "die", worker)
        self.at(now + self.machines.start_s, "up", worker)

    def up(self, worker: Worker, now: float) -> None:
        worker.phase = "up"
        if worker.task is not None:
            self.begin(worker, now)
        else:
            self.idle[worker] = None
            self.hand_out(now)

    def die(self, worker: Worker, now: float) -> None:
        self.end(worker, now)
        self.on_death(worker, now)

    def end(self, worker: Worker, now: float) -> None:
        """A worker is gone; its tasks are nobody's."""
        if worker.phase == "down":
            return
        tasks = [task for task in (worker.task, *worker.held) if task is not None]
        self.flying -= len(tasks)
        if worker.task is not None:
            self.out.lost += now - worker.began
        self.out.deaths += 1
        for kind in (self.idle, self.roomy, self.rich):
            kind.pop(worker, None)
        worker.life += 1
        worker.phase, worker.task, worker.held = "down", None, []
        self.orphaned(tasks, now)

    def _drawn(self, rate_an_hour: float) -> float:
        return float(self.dice.exponential(3600 / rate_an_hour)) if rate_an_hour else NEVER

    # Tasks

    def hand_out(self, now: float) -> None:
        """Give what waits to those who have nothing to do, then to those who may hold more."""
        while self.queue and self.flying < self.most_flying and (self.idle or self.roomy):
            self.flying += 1
            task = self.queue.popleft()
            if self.idle:
                self.give(next(iter(self.idle)), task, now)
            else:
                self._let_hold(next(iter(self.roomy)), task)

    def give(self, worker: Worker, task: int, now: float) -> None:
        """An idle worker begins with a task."""
        del self.idle[worker]
        worker.task = task
        self.begin(worker, now)

    def _let_hold(self, worker: Worker, task: int) -> None:
        worker.held.append(task)
        self.rich[worker] = None
        if len(worker.held) >= self.ahead - 1:
            del self.roomy[worker]

    def take_held(self, worker: Worker) -> int:
        """One of the tasks that a worker only holds."""
        task = worker.held.pop(0)
        self.roomy[worker] = None
        if not worker.held:
            del self.rich[worker]
        return task

    def begin(self, worker: Worker, now: float) -> None:
        """Work on a task: read, compute, write."""
        assert worker.task is not None
        task = worker.task
        worker.began = now
        if len(worker.held) < self.ahead - 1:
            self.roomy[worker] = None
        worker.costs = float(self.work.compute_s[task])
        if worker.node < self.machines.slow:
            worker.costs *= self.machines.slow_factor
        read_at = self._moved(float(self.work.read[task]), now)
        ends = self._death(task)
        self.out.tries += 1
        self.tried[task] += 1
        if ends is None:
            self.at(read_at + worker.costs, "computed", worker)
        else:
            self.at(read_at + ends * worker.costs, "die", worker)

    def _death(self, task: int) -> float | None:
        """At which share of its time this try of a task brings its worker down."""
        if self.work.fatal[task]:
            return float(self.dice.uniform())
        shares = self.work.killed.get(task, ())
        return shares[self.tried[task]] if self.tried[task] < len(shares) else None

    def _moved(self, size: float, now: float) -> float:
        """When so many bytes have passed the file system, one after the other."""
        self._pipe_free = max(self._pipe_free, now) + size / self.machines.bandwidth
        return self._pipe_free if size else now

    def computed(self, worker: Worker, now: float) -> None:
        assert worker.task is not None
        self.at(self._moved(float(self.work.written[worker.task]), now), "done", worker)

    def done(self, worker: Worker, now: float) -> None:
        """A result. The worker goes on with what it holds; more comes when the handing process has
        seen the result."""
        assert worker.task is not None
        task, worker.task = worker.task, None
        self.out.computed += worker.costs
        self.out.results[task] += 1
        self.out.order.append(task)
        self.open -= 1
        self._hand_free = max(self._hand_free, now) + self.machines.handling_s
        self.at(self._hand_free, "seen", 0)
        if worker.held:
            worker.task = self.take_held(worker)
            self.begin(worker, now)
        else:
            self.roomy.pop(worker, None)
            self.idle[worker] = None
        self.settled(task, now)
        self.hand_out(now)

    def seen(self, _nobody: int, now: float) -> None:
        """The handing process has seen a result, and lets another task out of its hands."""
        self.flying -= 1
        self.hand_out(now)
