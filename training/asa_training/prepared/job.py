"""A feature job: what is there is passed over, the rest is worked off, and all of it is counted."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from asa_desktop.core.errors import PlaceError
from asa_desktop.core.features.spec import FeatureSpec
from asa_training.prepared import cluster, crew
from asa_training.prepared.crew import Done
from asa_training.prepared.digests import Digests
from asa_training.prepared.recordings import Recording
from asa_training.prepared.store import Store
from asa_training.prepared.task import Network, Outcome, Task, crepe, perform

SAVED_EVERY_S = 300.0
"""How often the list of hashes is written while a job runs."""

HERE = 0
"""As the number of workers: in this process, without any."""

Work = Callable[[Task], Outcome]


@dataclass(frozen=True, slots=True)
class Means:
    """What a job works with: workers here (`HERE` for none), or a cluster's address."""

    workers: int = HERE
    dask: str = ""
    network: Network = crepe
    work: Work = perform


def run_job(
    recordings: Sequence[Recording], *, cache: Path, spec: FeatureSpec, means: Means
) -> Iterator[Outcome]:
    """Prepare recordings; one outcome for each, those that are there already first.

    Whoever stops asking ends the workers; the next job goes on.

    Raises
    ------
    PlaceError
        Where the cache cannot be written (``disk_full``, ...), where workers die again and again,
        and as `cluster.work_off`.
    ModelError
        Without the pitch network.
    """
    store, digests = Store(cache, spec), Digests(cache)
    store.sweep()
    saved = time.monotonic()
    try:
        missing: list[Task] = []
        for recording in recordings:
            if (entry := _there(recording, store, digests)) is not None:
                yield Outcome(recording, entry)
            else:
                missing.append(Task(recording, cache, spec, means.network))
        for done in _work_off(missing, means):
            outcome = done.result or _given_up(done)
            if outcome.stop and outcome.fault is not None:
                raise outcome.fault
            for file, stamp, digest in outcome.hashed:
                digests.learn(file, stamp, digest)
            if time.monotonic() - saved > SAVED_EVERY_S:
                with contextlib.suppress(PlaceError):
                    digests.save(store)
                saved = time.monotonic()
            yield outcome
    finally:
        # Without the list the next job reads more, and misses nothing.
        with contextlib.suppress(PlaceError):
            digests.save(store)
        store.sweep()


def _there(recording: Recording, store: Store, digests: Digests) -> Path | None:
    """The entry of a recording of which all is there, as far as that is known without reading."""
    try:
        digest = digests.known(recording.file)
        truth = None if recording.truth is None else digests.known(recording.truth)
    except PlaceError:
        return None  # a worker will say it
    if digest is None or (recording.truth is not None and truth is None):
        return None
    if recording.listed and recording.listed != digest:
        return None
    key = recording.key(digest)
    entry = store.features(key)
    whole = entry.exists() and (truth is None or store.severity(key, truth).exists())
    return entry if whole else None


def _work_off(tasks: Sequence[Task], means: Means) -> Iterable[Done[Task, Outcome]]:
    if not tasks:
        return ()
    if means.dask:
        return cluster.work_off(
            means.work, tasks, address=means.dask, workers=max(means.workers, 1)
        )
    if means.workers == HERE:
        return (Done(task, means.work(task), 0) for task in tasks)
    return crew.work_off(means.work, tasks, workers=min(means.workers, len(tasks)))


def _given_up(done: Done[Task, Outcome]) -> Outcome:
    recording = done.task.recording
    fault = PlaceError("worker_lost", path=recording.file, count=done.deaths)
    return Outcome(recording, fault=fault)


def cores() -> int:
    """How many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


@dataclass(slots=True)
class Tally:
    """What a job has done so far."""

    began: float = field(default_factory=time.monotonic)
    written: int = 0
    there: int = 0
    faults: list[Outcome] = field(default_factory=list)
    seconds: float = 0.0
    core_s: float = 0.0
    size: int = 0
    peak: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        if outcome.fault is not None:
            self.faults.append(outcome)
        elif outcome.made:
            self.written += 1
        else:
            self.there += 1
        self.seconds += outcome.seconds
        self.core_s += outcome.core_s
        self.size += outcome.size
        self.peak = max(self.peak, outcome.peak)

    @property
    def count(self) -> int:
        """Recordings that are done with."""
        return self.written + self.there + len(self.faults)

    @property
    def spent(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.began

    def lines(self) -> list[str]:
        """What came of it, and what it cost."""
        counts = {
            "written": self.written,
            "there already": self.there,
            "not prepared": len(self.faults),
        }
        lines = [
            f"{self.count} recordings: "
            + ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        ]
        if self.seconds:
            hours = self.seconds / 3600
            lines.append(
                f"{hours:.2f} hours of audio in {self.spent:.0f} s,"
                f" {self.seconds / self.spent:.0f} times real time; an hour of audio took"
                f" {self.core_s / hours:.0f} core seconds and {self.size / hours / 1e6:.0f} MB"
            )
        if self.peak:
            lines.append(f"largest worker: {self.peak / 2**20:.0f} MiB")
        return lines
