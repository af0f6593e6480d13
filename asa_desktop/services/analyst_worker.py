"""The analysis worker: a process that loads the libraries once and does one job after the other.

A take that is followed goes first: the others rest until it is over. Whoever started the worker
may die at any time; then it ends at once, whatever it is doing.
"""

from __future__ import annotations

import os
import queue
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from asa_desktop.core.errors import AsaError, Cancelled, PlaceError
from asa_desktop.engine.faults import fault_of
from asa_desktop.services.analyst_bench import Bench
from asa_desktop.services.analyst_messages import (
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
    Progress,
    Quit,
    Request,
    Task,
)
from asa_desktop.services.background import be_quiet, stay_behind
from asa_desktop.services.crashes import note

if TYPE_CHECKING:
    from asa_desktop.services.following import Following

_TELL_S = 0.1
_REST_S = 0.05


def main(connection: Connection, features: Path, *, device: str = "auto") -> None:
    """Serve requests until the other end is closed.

    Parameters
    ----------
    features
        Folder of the `FeatureStore`, which keeps what was computed of the songs.
    device
        Where the networks run.
    """
    stay_behind()
    be_quiet()
    inbox: queue.SimpleQueue[Request] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(connection, inbox), daemon=True).start()
    Worker(inbox, connection.send, features, device=device).run()


def _receive(connection: Connection, inbox: queue.SimpleQueue[Request]) -> None:
    """Take requests in at once, so that nobody waits to be heard; end with the other side."""
    try:
        while not isinstance(request := connection.recv(), Quit):
            inbox.put(request)
    finally:
        os._exit(0)  # nothing here is worth keeping, and a computation would go on for long


class Worker:
    """Does jobs in the order of their requests; all its methods run on one thread."""

    def __init__(
        self,
        inbox: queue.SimpleQueue[Request],
        send: Callable[[Event], None],
        features: Path,
        *,
        device: str = "auto",
    ) -> None:
        self._inbox = inbox
        self._send = send
        self._bench = Bench(features, device=device)
        self._waiting: deque[Task] = deque()
        self._following: dict[int, Following] = {}
        self._cancelled: set[int] = set()
        self._current = -1
        self._told_at = 0.0

    def run(self) -> None:
        """Work until the process is ended from outside."""
        while True:
            idle = not self._waiting and not self._following
            self._take_in(None if idle else _REST_S if self._following else 0.0)
            if self._following:
                self._tend()
            elif self._waiting:
                task = self._waiting.popleft()
                self._guarded(task.job, partial(self._do, task))
                self._cancelled.discard(task.job)

    # Requests

    def _take_in(self, wait_s: float | None) -> None:
        """Sort what has come, waiting for the first of it at most so long (None: for ever)."""
        try:
            request = self._inbox.get(timeout=wait_s)
            while True:
                self._sort(request)
                request = self._inbox.get_nowait()
        except queue.Empty:
            pass

    def _sort(self, request: Request) -> None:
        match request:
            case Cancel():
                self._cancel(request.job)
            case Follow():
                self._guarded(request.job, partial(self._follow, request))
            case Finish():
                if (followed := self._following.get(request.job)) is not None:
                    followed.ended(request.take, request.timing)
            case Moved():
                if (followed := self._following.get(request.job)) is not None:
                    followed.part = request.part
            case Analyse():
                self._waiting.append(request)
            case Prepare() | PreparePlayback():
                # Somebody waits for these; they go before takes that are analysed again.
                before = sum(not isinstance(task, Analyse) for task in self._waiting)
                self._waiting.insert(before, request)

    def _cancel(self, job: int) -> None:
        waiting = [task for task in self._waiting if task.job == job]
        if waiting:
            self._waiting.remove(waiting[0])
            self._send(Failed(job, fault_of(Cancelled())))
        else:
            self._cancelled.add(job)

    def _follow(self, request: Follow) -> None:
        from asa_desktop.services.following import Following

        self._following[request.job] = Following(
            request.job,
            request.part,
            self._bench.song(request.song),
            model=self._bench.model(request.model),
            cache=self._bench.store,
            timing=request.timing,
            send=self._send,
            breathe=partial(self._refuse_cancelled, request.job),
        )

    # Work

    def _tend(self) -> None:
        """Let every take that is followed go on by a step, where it is time."""
        for job, followed in list(self._following.items()):
            if not followed.due and job not in self._cancelled:
                continue
            self._share_cores()
            if self._guarded(job, partial(self._step, job, followed)) != "goes on":
                del self._following[job]
                self._cancelled.discard(job)
        self._share_cores()

    def _share_cores(self) -> None:
        """While somebody sings, half of the cores are for the sound and the window."""
        if any(followed.take is None for followed in self._following.values()):
            self._bench.share_cores()
        else:
            self._bench.take_cores()

    def _step(self, job: int, followed: Following) -> str:
        self._refuse_cancelled(job)
        return "over" if followed.step() else "goes on"

    def _do(self, task: Task) -> str:
        tell = partial(self._tell, task)
        tell("", 0.0)
        self._send(self._bench.done(task, tell))
        return "over"

    def _guarded(self, job: int, work: Callable[[], str | None]) -> str | None:
        """Do a piece of work for a job; what goes wrong is said, and ``failed``."""
        if self._current != job:
            self._current = job
            self._send(Began(job))
        try:
            return work()
        except MemoryError:
            self._send(Failed(job, fault_of(PlaceError("out_of_memory"))))
        except AsaError as error:
            self._send(Failed(job, fault_of(error)))
        except Exception as error:
            note(error)
            fault = fault_of(AsaError("analysis_failed"))
            self._send(Failed(job, fault, traceback.format_exc()))
        return "failed"

    def _refuse_cancelled(self, job: int) -> None:
        self._take_in(0.0)
        if job in self._cancelled:
            raise Cancelled

    def _tell(self, task: Task, stage: str, share: float) -> None:
        """Pass progress on, now and then; and what is sung goes first."""
        job = task.job
        self._refuse_cancelled(job)
        while self._following and not self._awaited(task):
            self._tend()
            time.sleep(_REST_S)
            self._refuse_cancelled(job)
        if self._current != job:
            self._current = job
            self._send(Began(job))
        now = time.monotonic()
        if stage and now - self._told_at >= _TELL_S:
            self._told_at = now
            self._send(Progress(job, share, 1.0, stage))

    def _awaited(self, task: Task) -> bool:
        """Whether it works through the very song that is sung: done twice it would take longer."""
        if not isinstance(task, Prepare):
            return False
        song = self._bench.song(task.song)
        return all(followed.waits_for(song) for followed in self._following.values())
