"""Work beside the window: it never waits, and every result comes back on its own thread."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from asa_desktop.core.errors import AsaError, Cancelled

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")
Done = Callable[[Any], object]
Failed = Callable[[BaseException], object]

_WORKERS = 2


class Courier(QObject):
    """Carries calls from any thread to the window's."""

    _brought = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._brought.connect(self._carry_out, Qt.ConnectionType.QueuedConnection)

    def call(self, function: Callable[[], object]) -> None:
        """Have `function` called on the window's thread, soon. Harmless after the end."""
        try:
            self._brought.emit(function)
        except RuntimeError:  # the window is gone
            log.info("a result came after the end")

    def _carry_out(self, function: Callable[[], object]) -> None:
        function()


class Task:
    """What work is given: a way to say how far it is, and to learn that nobody waits any more."""

    def __init__(self, report: Callable[[float | None, str], None]) -> None:
        self._report = report
        self._stopped = threading.Event()

    @property
    def cancelled(self) -> bool:
        return self._stopped.is_set()

    def stop(self) -> None:
        self._stopped.set()

    def check(self) -> None:
        """Raises `Cancelled` when the job was stopped."""
        if self._stopped.is_set():
            raise Cancelled()

    def progress(self, part: float | None, text: str = "") -> None:
        """How far it is, 0 to 1, None for unknown. Also a place to stop: raises `Cancelled`."""
        self.check()
        self._report(part, text)


class Job(QObject):
    """One piece of work under way. Its signals come on the window's thread."""

    progressed = Signal(object, str)
    finished = Signal()

    def __init__(self, title: str, courier: Courier) -> None:
        super().__init__()
        self.title = title
        self.running = True
        self.task = Task(self._note)
        self._courier = courier
        self._newest: tuple[float | None, str] | None = None
        self._lock = threading.Lock()

    def cancel(self) -> None:
        """Ask the work to stop; it does where it looks."""
        self.task.stop()

    def _note(self, part: float | None, text: str) -> None:
        # However often work reports, at most one report is on its way.
        with self._lock:
            waiting, self._newest = self._newest is not None, (part, text)
        if not waiting:
            self._courier.call(self._tell)

    def _tell(self) -> None:
        with self._lock:
            newest, self._newest = self._newest, None
        if newest is not None and self.running:
            self.progressed.emit(*newest)


class Jobs(QObject):
    """Long work on a few threads. `started` lets a page show every job that runs."""

    started = Signal(Job)

    def __init__(self, complain: Failed) -> None:
        super().__init__()
        self.courier = Courier()
        self._complain = complain
        self._pool: ThreadPoolExecutor | None = None
        self._running: set[Job] = set()
        self._closed = False

    @property
    def running(self) -> tuple[Job, ...]:
        return tuple(self._running)

    def start(
        self,
        work: Callable[[Task], R],
        *,
        title: str = "",
        done: Callable[[R], object] | None = None,
        failed: Failed | None = None,
        progressed: Callable[[float | None, str], object] | None = None,
        stopped: Callable[[], object] | None = None,
        owner: QObject | None = None,
    ) -> Job:
        """Run ``work(task)`` on another thread.

        One of `done`, `failed` and `stopped` follows, here; without `failed` the window says the
        error's sentence. Nothing follows once `owner` is gone.
        """
        job = Job(title, self.courier)
        if self._closed:
            job.running = False
            return job
        self._running.add(job)
        if progressed is not None:
            job.progressed.connect(lambda part, text: _alive(owner) and progressed(part, text))

        def settle(future: Future[R]) -> None:
            self.courier.call(lambda: self._settle(job, future, done, failed, stopped, owner))

        self._threads().submit(work, job.task).add_done_callback(settle)
        self.started.emit(job)
        return job

    def list_late(self, job: Job, title: str) -> None:
        """Give a job that was begun without a title one, for it takes longer than thought."""
        if job.running:
            job.title = title
            self.started.emit(job)

    def close(self) -> None:
        """Ask all that runs to stop, and take nothing new."""
        self._closed = True
        for job in self._running:
            job.cancel()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _settle(
        self,
        job: Job,
        future: Future[R],
        done: Callable[[R], object] | None,
        failed: Failed | None,
        stopped: Callable[[], object] | None,
        owner: QObject | None,
    ) -> None:
        job.running = False
        self._running.discard(job)
        job.finished.emit()
        hand_over(future, done=done, failed=failed or self._complain, stopped=stopped, owner=owner)

    def _threads(self) -> ThreadPoolExecutor:
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="asa-job")
        return self._pool


class Resident(Generic[T]):
    """Something that lives on a thread of its own and is made when first needed.

    The library and the recorder want to be used by one thread alone; this is that thread. After
    an error whose code is in `fatal` it is thrown away: the error is handed on first, then it is
    closed, and the next call makes a new one.
    """

    def __init__(
        self,
        name: str,
        make: Callable[[], T],
        *,
        close: Callable[[T], object],
        courier: Courier,
        complain: Failed,
        fatal: frozenset[str] = frozenset(),
    ) -> None:
        self._name, self._make, self._close = name, make, close
        self._courier, self._complain, self._fatal = courier, complain, fatal
        self._pool: ThreadPoolExecutor | None = None
        self._value: T | None = None
        self._dead: T | None = None
        self._closed = False

    @property
    def value(self) -> T | None:
        """The thing itself, None until it is made: only for what any thread may do with it."""
        return self._value

    def run(
        self,
        work: Callable[[T], R],
        *,
        done: Callable[[R], object] | None = None,
        failed: Failed | None = None,
        owner: QObject | None = None,
    ) -> None:
        """Do ``work(it)`` on its thread, after all that was asked before."""
        if self._closed:
            return

        def settle(future: Future[R]) -> None:
            self._courier.call(
                lambda: hand_over(
                    future, done=done, failed=failed or self._complain, stopped=None, owner=owner
                )
            )

        self._threads().submit(self._work, work).add_done_callback(settle)

    def close(self, *, patience_s: float = 5.0) -> bool:
        """Close it after what was asked before; False where that takes longer than `patience_s`."""
        if self._closed or self._pool is None:
            self._closed = True
            return True
        self._closed = True
        last = self._pool.submit(self._end)
        self._pool.shutdown(wait=False)
        try:
            last.result(timeout=patience_s)
        except TimeoutError:
            return False
        return True

    def _work(self, work: Callable[[T], R]) -> R:
        self._bury()
        if self._value is None:
            self._value = self._make()
        try:
            return work(self._value)
        except AsaError as error:
            if error.code in self._fatal:
                self._throw_away()
            raise

    def _throw_away(self) -> None:
        """Forget it now; close it as soon as its error is on its way, which may take seconds."""
        self._dead, self._value = self._value, None
        with contextlib.suppress(RuntimeError):  # after the end `_end` sees to it
            self._threads().submit(self._bury)

    def _bury(self) -> None:
        """Close what was thrown away, before another takes its place."""
        dead, self._dead = self._dead, None
        if dead is not None:
            self._close_one(dead)

    def _end(self) -> None:
        self._bury()
        value, self._value = self._value, None
        if value is not None:
            self._close_one(value)

    def _close_one(self, one: T) -> None:
        try:
            self._close(one)
        except Exception:
            log.exception("%s did not close well", self._name)

    def _threads(self) -> ThreadPoolExecutor:
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(1, thread_name_prefix=f"asa-{self._name}")
        return self._pool


def hand_over(
    future: Future[R],
    *,
    done: Callable[[R], object] | None,
    failed: Failed,
    stopped: Callable[[], object] | None,
    owner: QObject | None,
) -> None:
    """Give a finished future's outcome to the one it is for."""
    if future.cancelled() or not _alive(owner):
        return
    error = future.exception()
    if error is None:
        if done is not None:
            done(future.result())
    elif isinstance(error, Cancelled):
        if stopped is not None:
            stopped()
    else:
        failed(error)


def _alive(owner: QObject | None) -> bool:
    return owner is None or isValid(owner)
