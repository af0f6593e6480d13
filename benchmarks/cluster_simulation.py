"""The feature job's schedulers on machines that fail, as a discrete-event simulation.

The rules are those of `asa_training.prepared`:

crew
    One job a node, over a share of the recordings that is its own from the beginning. A worker holds one
    task; the task of a dead worker goes to the end of the queue, and is given up when `TRIES`
    workers died over it; after `MOST_IN_A_ROW` deaths without a result the job stops. A node that
    goes away takes its job along: whoever starts it again begins with what is not in the cache.
cluster
    One job over all nodes by Dask. A worker holds up to `AHEAD` tasks, of which it works on one;
    when it dies each of them has lost a worker, and goes back to the front. What has lost more than `allowed`
    workers is given up, and tried once more when all else is done, alone. Idle workers take
    what others only hold.

Time passes by events; dice are numpy's with a seed. What a task costs: reading from a file system that all
share, computing, writing there, and the time that the one process which hands out tasks needs for a result.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

import numpy as np
from asa_training.prepared import cluster
from asa_training.prepared.crew import MOST_IN_A_ROW, TRIES
from numpy.typing import NDArray

Scheduler = Literal["crew", "cluster"]
NEVER = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The tasks, one a recording.

    `compute_s` is what each computes on a core of full speed, `read` and `written` its bytes on the
    file system; `fatal` brings down every worker that computes it, after a share of its time.
    `killed` holds, for tests against real workers, at which share of its time a task's first, second,
    ... try ends with its worker's death.
    """

    compute_s: NDArray[np.float64]
    read: NDArray[np.float64]
    written: NDArray[np.float64]
    fatal: NDArray[np.bool_]
    killed: dict[int, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """Nodes and what befalls them; rates per hour, 0 for never.

    `deaths` is the rate at which a worker dies by itself, `preempted` that at which a node is taken
    away, for `away_s`. `slow` nodes compute `slow_factor` times slower. `bandwidth` is the shared
    file system's in bytes a second; a worker starts in `start_s`, a result takes the handing
    process `handling_s`.
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
    """What came of a job; times in seconds, those with "worker" summed over workers.

    `results` is how often each task gave a result; `given_up` those that never did. `present` is
    the worker time that was paid for, of which `useful` was spent on tries that gave results,
    `lost` on others; the rest was starting and waiting.
    """

    results: NDArray[np.int64]
    makespan_s: float = 0.0
    given_up: list[int] = field(default_factory=list)
    stopped: bool = False
    tries: int = 0
    deaths: int = 0
    restarts: int = 0
    useful: float = 0.0
    lost: float = 0.0
    present: float = 0.0
    alone_s: float = 0.0
    order: list[int] = field(default_factory=list)

    @property
    def utilisation(self) -> float:
        """The useful share of the worker time that was paid for."""
        return self.useful / self.present if self.present else 1.0


class _Worker:
    __slots__ = ("began", "held", "life", "node", "phase", "task")

    def __init__(self, node: int) -> None:
        self.node = node
        self.life = 0
        """Counts up when the worker dies, so that what was to happen to it does not."""
        self.phase = "down"
        self.task: int | None = None
        self.held: list[int] = []
        self.began = 0.0


class _Run:
    """One job until its end. `queues` has one queue for all nodes, or one for each."""

    def __init__(
        self, work: Work, machines: Machines, *, scheduler: Scheduler, allowed: int, seed: int
    ) -> None:
        self.work, self.machines = work, machines
        self.crew = scheduler == "crew"
        self.tries = TRIES if self.crew else allowed + 1
        self.ahead = 1 if self.crew else cluster._AHEAD
        self.dice = np.random.default_rng(seed)
        self.tasks = len(work.compute_s)
        self.out = Outcome(results=np.zeros(self.tasks, np.int64))
        self.deaths = np.zeros(self.tasks, np.int64)
        self.workers = [_Worker(n) for n in range(machines.nodes) for _ in range(machines.cores)]
        self.on = [self.workers[n * machines.cores :][: machines.cores] for n in self.all_nodes]
        self.queues: list[deque[int]] = [deque() for _ in (self.all_nodes if self.crew else (0,))]
        self.shares = [range(n, self.tasks, len(self.queues)) for n in range(len(self.queues))]
        for queue, share in zip(self.queues, self.shares, strict=True):
            queue.extend(share)
        self.in_a_row = [0] * len(self.queues)
        self.idle: list[deque[_Worker]] = [deque() for _ in self.queues]
        self.gone: list[float | None] = [None] * machines.nodes
        self.last = [0.0] * machines.nodes
        self.waiting_alone: deque[int] = deque()
        self.alone: int | None = None
        self.open = self.tasks
        self.events: list[tuple[float, int, str, object, int]] = []
        self.number = count()
        self.pipe_free = self.hand_free = 0.0

    @property
    def all_nodes(self) -> range:
        return range(self.machines.nodes)

    # Events

    def at(self, time: float, what: str, whom: object, life: int = 0) -> None:
        heapq.heappush(self.events, (time, next(self.number), what, whom, life))

    def run(self) -> Outcome:
        for node in self.all_nodes:
            self.arrive(node, 0.0)
        now = 0.0
        while self.events and self.open and not self.out.stopped:
            now, _, what, whom, life = heapq.heappop(self.events)
            if isinstance(whom, _Worker):
                if whom.life == life:
                    getattr(self, what)(whom, now)
            else:
                getattr(self, what)(whom, now)
        self.out.makespan_s = now
        for node, since in enumerate(self.gone):
            # A crew's node is given back when its share is done.
            until = self.last[node] if self.crew else now
            if since is None and until > self.since[node]:
                self.out.present += self.machines.cores * (until - self.since[node])
        return self.out

    # Nodes

    since: list[float]

    def arrive(self, node: int, now: float) -> None:
        if not hasattr(self, "since"):
            self.since = [0.0] * self.machines.nodes
        self.since[node], self.gone[node] = now, None
        self.at(now + self.drawn(self.machines.preempted), "leave", node)
        if not self.crew:
            for worker in self.on[node]:
                self.start(worker, now)
            return
        if now > 0:
            self.out.restarts += 1
            given_up = set(self.out.given_up)
            mine = [task for task in self.shares[node] if not self.out.results[task]]
            self.out.given_up = [task for task in self.out.given_up if task not in mine]
            self.open += len(given_up.intersection(mine))
            self.deaths[mine] = 0
            self.in_a_row[node] = 0
            self.queues[node] = deque(mine)
        self.idle[node].clear()
        self.hand_out(node, now)

    def leave(self, node: int, now: float) -> None:
        """A node is taken away, and all its workers with it."""
        if self.crew and not self.unfinished(node):
            return
        self.gone[node] = now
        self.out.present += self.machines.cores * (now - self.since[node])
        for worker in self.on[node]:
            self.end(worker, now)
        self.at(now + self.machines.away_s, "arrive", node)

    def unfinished(self, node: int) -> bool:
        return bool(self.queues[node]) or any(w.task is not None for w in self.on[node])

    # Workers

    def drawn(self, rate_per_hour: float) -> float:
        return float(self.dice.exponential(3600 / rate_per_hour)) if rate_per_hour else NEVER

    def start(self, worker: _Worker, now: float) -> None:
        worker.phase = "starting"
        worker.began = now
        self.at(now + self.drawn(self.machines.deaths), "die", worker, worker.life)
        self.at(now + self.machines.start_s, "up", worker, worker.life)

    def up(self, worker: _Worker, now: float) -> None:
        worker.phase = "up"
        if worker.task is not None:  # a crew's worker is started with its task in hand
            self.begin(worker, now)
        else:
            self.idle[0].append(worker)
            self.hand_out(0, now)

    def die(self, worker: _Worker, now: float) -> None:
        self.end(worker, now)
        if not self.crew:
            self.start(worker, now)
        queue = worker.node if self.crew else 0
        if self.crew:
            self.in_a_row[queue] += 1
            self.out.stopped = self.in_a_row[queue] >= MOST_IN_A_ROW
        self.hand_out(queue, now)

    def end(self, worker: _Worker, now: float) -> None:
        """A worker is gone; what becomes of the tasks that it held."""
        if worker.phase == "down":
            return
        queue = worker.node if self.crew else 0
        held = [*([worker.task] if worker.task is not None else []), *worker.held]
        if worker.task is not None:
            self.out.lost += now - worker.began
        self.out.deaths += 1
        worker.life += 1
        worker.phase, worker.task, worker.held = "down", None, []
        if worker in self.idle[queue]:
            self.idle[queue].remove(worker)
        for task in reversed(held):
            self.deaths[task] += 1
            if self.deaths[task] >= self.tries:
                self.give_up(task, now)
            elif task == self.alone:
                self.queues[0].appendleft(task)
            elif self.crew:
                self.queues[queue].append(task)
            else:
                self.queues[queue].appendleft(task)
        self.last[worker.node] = now

    def give_up(self, task: int, now: float) -> None:
        if self.crew or task == self.alone:
            self.out.given_up.append(task)
            self.open -= 1
            self.alone = None
            self.next_alone(now)
        else:
            self.waiting_alone.append(task)
            self.next_alone(now)

    def next_alone(self, now: float) -> None:
        """When nothing but given-up tasks is open, the next of them gets its last chance."""
        if self.alone is None and self.waiting_alone and self.open == len(self.waiting_alone):
            self.alone = self.waiting_alone.popleft()
            self.deaths[self.alone] = 0
            self.out.alone_s = self.out.alone_s or now
            self.queues[0].append(self.alone)
            self.hand_out(0, now)

    # Tasks

    def hand_out(self, queue: int, now: float) -> None:
        waiting, idle = self.queues[queue], self.idle[queue]
        while waiting and idle:
            worker = idle.popleft()
            worker.task = waiting.popleft()
            self.begin(worker, now)
        if not self.crew:
            return
        for worker in self.on[queue]:
            if not waiting or self.gone[queue] is not None:
                return
            if worker.phase == "down":
                worker.task = waiting.popleft()
                self.start(worker, now)

    def begin(self, worker: _Worker, now: float) -> None:
        assert worker.task is not None
        self.out.tries += 1
        worker.began = now
        task = worker.task
        if not self.crew and self.alone is None:
            while len(worker.held) < self.ahead - 1 and self.queues[0]:
                worker.held.append(self.queues[0].popleft())
        read_at = self.moved(float(self.work.read[task]), now)
        compute = float(self.work.compute_s[task])
        if worker.node < self.machines.slow:
            compute *= self.machines.slow_factor
        tries = self.work.killed.get(task, ())
        if self.work.fatal[task]:
            share = float(self.dice.uniform())
        elif self.deaths[task] < len(tries):
            share = tries[self.deaths[task]]
        else:
            self.at(read_at + compute, "computed", worker, worker.life)
            return
        self.at(read_at + share * compute, "die", worker, worker.life)

    def moved(self, size: float, now: float) -> float:
        """When so many bytes have passed the file system, one after the other."""
        if self.machines.bandwidth == NEVER:
            return now
        self.pipe_free = max(self.pipe_free, now) + size / self.machines.bandwidth
        return self.pipe_free

    def computed(self, worker: _Worker, now: float) -> None:
        assert worker.task is not None
        written = self.moved(float(self.work.written[worker.task]), now)
        self.at(written, "done", worker, worker.life)

    def done(self, worker: _Worker, now: float) -> None:
        """A result; the worker goes on with what it holds, the rest waits for the handing process."""
        task, queue = worker.task, worker.node if self.crew else 0
        assert task is not None
        self.out.useful += now - worker.began
        self.out.results[task] += 1
        self.out.order.append(task)
        self.open -= 1
        self.in_a_row[queue] = 0
        self.last[worker.node] = now
        worker.task = None
        if task == self.alone:
            self.alone = None
        self.hand_free = max(self.hand_free, now) + self.machines.handling_s
        if worker.held:
            worker.task = worker.held.pop(0)
            self.begin(worker, now)
        else:
            self.at(self.hand_free, "handled", worker, worker.life)
        self.next_alone(now)

    def handled(self, worker: _Worker, now: float) -> None:
        queue = worker.node if self.crew else 0
        if not self.crew and not self.queues[0]:
            self.steal(now)
        self.idle[queue].append(worker)
        self.hand_out(queue, now)

    def steal(self, now: float) -> None:
        """What a busy worker only holds goes back to where an idle one takes it from."""
        for worker in self.workers:
            if worker.held:
                self.queues[0].append(worker.held.pop())
                return


def simulate(
    work: Work, machines: Machines, *, scheduler: Scheduler, allowed: int = TRIES - 1, seed: int = 0
) -> Outcome:
    """Run a job to its end; `allowed` is the cluster's ``allowed-failures``."""
    return _Run(work, machines, scheduler=scheduler, allowed=allowed, seed=seed).run()
