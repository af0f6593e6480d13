"""What a plan assumes: recordings, machines, what goes wrong; and the work that is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.cluster_rules import Scheduler
from benchmarks.cluster_simulation import Machines, Work

LONGEST_S = 3600.0
SPREAD = 0.35
"""Of the logarithm of the recordings' lengths; an assumption."""

_MB = 1e6


@dataclass(frozen=True, slots=True)
class Case:
    """One line of a plan: what is otherwise than in peace."""

    name: str
    machines: dict[str, float] = field(default_factory=dict)
    fatal: float = 0.0
    long: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """All numbers of a plan.

    Measured (docs/training-at-scale.md says by what): `core_seconds`, `feature_mb` of an hour of
    audio, `handling_ms` of a result in the crew's process and in the cluster's. Assumed: the rest.
    `audio_mb` is what an hour takes up as it lies, `fatal` the share of recordings that bring
    their worker down, `long` the share of the audio in recordings of an hour; rates are an hour's,
    `away` is in minutes, `start` in seconds.
    """

    hours: float = 100_000.0
    song_minutes: float = 4.0
    core_seconds: float = 140.0
    audio_mb: float = 60.0
    feature_mb: float = 147.0
    fatal: float = 1e-5
    long: float = 0.02
    nodes: int = 32
    cores: int = 16
    bandwidth_mb: float = 5000.0
    start: float = 10.0
    handling_ms: tuple[float, float] = (0.1, 5.0)
    deaths: float = 0.05
    preempted: float = 0.1
    away: float = 15.0
    slow_factor: float = 3.0
    seed: int = 1

    @property
    def slow_nodes(self) -> int:
        """How many nodes are slow where some are: one of 32, and one at least."""
        return max(1, self.nodes // 32)

    def cases(self) -> list[Case]:
        """In peace, each thing that goes wrong by itself, and all of them."""
        deaths = {"deaths": self.deaths}
        taken = {"preempted": self.preempted}
        slow = {"slow": self.slow_nodes, "slow_factor": self.slow_factor}
        return [
            Case("in peace"),
            Case("workers die", deaths),
            Case("nodes are taken away", taken),
            Case("fatal recordings", fatal=self.fatal),
            Case("slow nodes", slow),
            Case("long recordings", long=self.long),
            Case("narrow file system", {"bandwidth": self.bandwidth_mb * _MB / 10}),
            Case("all but the file system", {**deaths, **taken, **slow}, self.fatal, self.long),
        ]

    def machines(self, case: Case, scheduler: Scheduler) -> Machines:
        """The machines of a case."""
        usual = {
            "nodes": self.nodes,
            "cores": self.cores,
            "away_s": 60 * self.away,
            "bandwidth": self.bandwidth_mb * _MB,
            "start_s": self.start,
            "handling_s": self.handling_ms[scheduler == "cluster"] / 1000,
        }
        return Machines(**{**usual, **case.machines})

    def work(self, case: Case) -> Work:
        """The recordings of a case, in an order by chance."""
        dice = np.random.default_rng(self.seed)
        seconds = _lengths(dice, 3600 * self.hours * (1 - case.long), 60 * self.song_minutes)
        long = np.full(round(self.hours * case.long), LONGEST_S)
        seconds = np.concatenate([seconds, long])
        dice.shuffle(seconds)
        audio_h = seconds / 3600
        # A core is not as quick at all times and for all recordings.
        unevenness = dice.normal(1.0, 0.1, len(seconds)).clip(0.5, 1.5)
        return Work(
            compute_s=audio_h * self.core_seconds * unevenness,
            read=audio_h * self.audio_mb * _MB,
            written=audio_h * self.feature_mb * _MB,
            fatal=dice.uniform(size=len(seconds)) < case.fatal,
        )

    def said(self) -> str:
        """All of it in words."""
        crew_ms, cluster_ms = self.handling_ms
        return (
            f"{self.hours:,.0f} hours of audio in recordings of about {self.song_minutes:g} minutes"
            f" on {self.nodes} nodes of {self.cores} cores. An hour of audio: "
            f"{self.core_seconds:g} core seconds, {self.audio_mb:g} MB read, {self.feature_mb:g} MB"
            f" written; file system {self.bandwidth_mb:,.0f} MB/s. A worker starts in"
            f" {self.start:g} s; a result takes the crew's process {crew_ms:g} ms, the cluster's"
            f" {cluster_ms:g} ms. Seed {self.seed}.\nWhere it fails: a worker dies {self.deaths:g}"
            f" times an hour; a node is taken away {self.preempted:g} times an hour for"
            f" {self.away:g} minutes; {self.fatal:g} of the recordings are fatal; {self.long:g} of"
            f" the audio lies in recordings of an hour; {self.slow_nodes} of the nodes are"
            f" {self.slow_factor:g} times slower; the file system is ten times narrower."
        )


def _lengths(dice: np.random.Generator, total_s: float, median_s: float) -> NDArray[np.float64]:
    """Log-normal lengths that add up to the total."""
    mean_s = median_s * np.exp(SPREAD**2 / 2)
    count = max(1, round(total_s / mean_s))
    seconds = (median_s * dice.lognormal(0.0, SPREAD, count)).clip(10.0, LONGEST_S)
    return np.asarray(seconds * (total_s / seconds.sum()))
