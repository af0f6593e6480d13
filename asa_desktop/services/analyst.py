"""The client of the analysis worker: jobs in, events out, nothing heavy in this process.

analyst = Analyst.start()
analyst.prepare(song, model)                     # before the singer is let on
job = analyst.follow(part, song, model)          # as soon as the take grows
analyst.finish(job, take=path, timing=timing)    # when the engine has finished it
for event in analyst.events(): ...               # now and then
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from asa_desktop.core.errors import AsaError, Cancelled, PlaceError
from asa_desktop.engine.faults import fault_of
from asa_desktop.services.analyst_messages import (
    LAST,
    Analyse,
    Began,
    Cancel,
    Event,
    Failed,
    Finish,
    Follow,
    Moved,
    Prepare,
    PreparePlayback,
    Quit,
    Request,
    Task,
)
from asa_desktop.services.paths import places
from asa_desktop.services.processes import Ending, end, ending, spawned

if TYPE_CHECKING:
    from asa_desktop.core.types import Song, TakeTiming

log = logging.getLogger(__name__)

Main = Callable[[Connection, Path], None]

TRIES = 2
"""How often a job is begun: a crash costs one retry."""

_QUIT_S = 1.0


def worker_main(connection: Connection, features: Path, *, device: str = "auto") -> None:
    """The worker's process. Its modules are imported there alone."""
    from asa_desktop.services.analyst_worker import main

    main(connection, features, device=device)


@dataclass
class _Open:
    """A job that has not ended: all that a new worker has to be told of it."""

    task: Task
    further: list[Request] = field(default_factory=list)
    crashes: int = 0
    cancelled: bool = False


class Analyst:
    """An analysis worker in a process of its own. Its methods may be called from any thread.

    None of them waits for the worker, whose answers are the `events`: each job ends with one of
    `LAST`. A worker that dies is replaced, and its jobs begin again; a job during which it died
    twice is `Failed` with ``worker_died``.
    """

    def __init__(self, main: Main, features: Path) -> None:
        self._main, self._features = main, features
        self._numbers = itertools.count(1)
        self._jobs: dict[int, _Open] = {}
        self._events: deque[Event] = deque()
        self._changed = threading.Condition(threading.RLock())
        self._current: int | None = None
        self._closed = False
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None

    @classmethod
    def start(cls, *, main: Main = worker_main, features: Path | None = None) -> Self:
        """Start a worker, which loads its libraries meanwhile.

        `features` is where it keeps what it computed of songs, by default in the user's cache.
        """
        analyst = cls(main, features or places().features)
        with analyst._changed:
            analyst._begin_worker()
        return analyst

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # Jobs

    def prepare(self, song: Song | Path, model: Path | None) -> int:
        """Load a model and work through a song's vocal; ends with `Prepared`."""
        return self._ask(Prepare(next(self._numbers), song, model))

    def analyse(
        self,
        take: Path,
        song: Song | Path,
        model: Path | None,
        *,
        timing: TakeTiming | None = None,
        align: bool = False,
    ) -> int:
        """Analyse a take; ends with `Analysed`. While a take is followed this waits."""
        return self._ask(Analyse(next(self._numbers), take, song, model, timing, align))

    def follow(
        self,
        part: Path,
        song: Song | Path,
        model: Path | None,
        *,
        timing: TakeTiming | None = None,
    ) -> int:
        """Analyse a take while it is sung: `ClipDone`, and after `finish` `Analysed`.

        The part need not be there yet. `timing` None: as the engine's note beside the part says.
        """
        return self._ask(Follow(next(self._numbers), part, song, model, timing))

    def finish(self, job: int, *, take: Path, timing: TakeTiming) -> None:
        """Say that the take that is followed is whole, and lies at `take`.

        Where `timing` has another delay than the take was followed with, or its clocks went
        apart, it is analysed again from its beginning, which takes longer.
        """
        self._add(job, Finish(job, take, timing))

    def moved(self, job: int, part: Path) -> None:
        """Say that the part goes on growing elsewhere."""
        self._add(job, Moved(job, part))

    def prepare_playback(self, path: Path, rate: int, *, cache: Path) -> int:
        """Make a recording of any kind playable at `rate`; ends with `Playback`."""
        return self._ask(PreparePlayback(next(self._numbers), path, rate, cache))

    def cancel(self, job: int) -> None:
        """End a job soon; its last event is then `Failed` with ``cancelled``."""
        with self._changed:
            if job in self._jobs:
                self._jobs[job].cancelled = True
                self._send(Cancel(job))

    def events(self, *, wait_s: float = 0.0) -> list[Event]:
        """What happened since the last look, waiting at most `wait_s` for the first of it."""
        with self._changed:
            if wait_s > 0:
                self._changed.wait_for(lambda: self._events or self._closed, wait_s)
            given = list(self._events)
            self._events.clear()
        return given

    def close(self) -> None:
        """End the worker and all jobs, without further events."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._send(Quit())
            process, self._process = self._process, None
            self._changed.notify_all()
        if process is not None:
            end(process, patience_s=_QUIT_S)

    # The worker

    def _ask(self, task: Task) -> int:
        with self._changed:
            if self._closed:
                raise PlaceError("worker_died")
            self._jobs[task.job] = _Open(task)
            if self._process is None:
                self._begin_worker()
            self._send(task)
        return task.job

    def _add(self, job: int, request: Request) -> None:
        with self._changed:
            if job in self._jobs:
                self._jobs[job].further.append(request)
                self._send(request)

    def _send(self, request: Request) -> None:
        # To a worker that has died nothing can be said; its successor is told everything.
        if self._connection is not None:
            try:
                self._connection.send(request)
            except (OSError, ValueError):
                log.info("the analysis worker does not listen")

    def _begin_worker(self) -> None:
        self._process, self._connection = spawned(self._main, self._features, name="asa-analyst")
        self._current = None
        threading.Thread(
            target=self._listen,
            args=(self._process, self._connection),
            name="analyst-events",
            daemon=True,
        ).start()

    def _listen(self, process: BaseProcess, connection: Connection) -> None:
        """Take events in as they come, large ones too, until the worker has ended."""
        try:
            while True:
                self._heard(connection.recv())
        except (EOFError, OSError):
            pass
        except Exception:  # a worker killed in the midst of a message leaves half of it
            log.exception("the analysis worker said something odd")
        with self._changed:
            connection.close()
            if self._closed:
                return
            how = ending(process)
            log.warning("the analysis worker ended by itself: %s", how)
            self._connection = self._process = None
            end(process)
            self._begin_again(how)

    def _heard(self, event: Event) -> None:
        with self._changed:
            if isinstance(event, Began):
                self._current = event.job
                return
            if event.job not in self._jobs or self._closed:
                return
            if isinstance(event, Failed) and event.trace:
                log.error("job %d failed: %s", event.job, event.trace)
            if isinstance(event, LAST):
                del self._jobs[event.job]
            self._tell(event)

    def _tell(self, event: Event) -> None:
        self._events.append(event)
        self._changed.notify_all()

    def _begin_again(self, how: Ending) -> None:
        """Give up the job that the worker died of twice; a new worker gets the others."""
        # One that dies before it turns to any job would die for ever: then it is every job's.
        blamed = list(self._jobs) if self._current is None else [self._current]
        for job in blamed:
            if (opened := self._jobs.get(job)) is not None:
                opened.crashes += 1
        for job, opened in list(self._jobs.items()):
            error: AsaError | None = None
            if opened.cancelled:
                error = Cancelled()
            elif opened.crashes >= TRIES:
                error = PlaceError("worker_died", **how.facts)
            if error is not None:
                del self._jobs[job]
                self._tell(Failed(job, fault_of(error)))
        if not self._jobs:
            return  # the next job starts a worker
        self._begin_worker()
        for opened in list(self._jobs.values()):
            for request in (opened.task, *opened.further):
                self._send(request)
