"""The same tasks on a Dask cluster: one that runs elsewhere, or one made here for the job.

The workers of a cluster need this package and see recordings and cache under the same paths.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from asa_desktop.core.errors import PlaceError, UsageError
from asa_training.prepared.crew import TRIES, Done, Found, Given

LOCAL = "local"

AHEAD = 2
_PATIENCE_S = 15


def work_off(
    work: Callable[[Given], Found], tasks: Iterable[Given], *, address: str, workers: int
) -> Iterator[Done[Given, Found]]:
    """As `crew.work_off`; `address` is the scheduler's, or ``local`` for a cluster of its own.

    Dask does a task again whose worker died, and gives it up when that has happened more often than
    the cluster's ``allowed-failures``. A task may only have waited in workers that others brought
    down: what was given up is tried once more alone, and then lost.

    Raises UsageError ``needs_distributed``, PlaceError ``cluster_unreachable``,
    ``cluster_without_workers`` and ``cluster_lost``.
    """
    distributed = _distributed()
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(_client(distributed, stack, address=address, workers=workers))
        given_up: list[Given] = []
        for task, result in _flow(distributed, client, work, iter(tasks), ahead=AHEAD):
            if isinstance(result, distributed.KilledWorker):
                given_up.append(task)
            else:
                yield Done(task, result, 0)
        for task in given_up:
            for _, result in _flow(distributed, client, work, iter([task]), ahead=0):
                lost = isinstance(result, distributed.KilledWorker)
                yield Done(task, None if lost else result, 1 + lost)


def _flow(
    distributed: Any,
    client: Any,
    work: Callable[[Given], Found],
    tasks: Iterator[Given],
    *,
    ahead: int,
) -> Iterator[tuple[Given, Any]]:
    """Results, or what was raised instead; few tasks at a time, as there may be millions."""
    under_way: dict[Any, Given] = {}
    flow = distributed.as_completed(loop=client.loop)

    def more(count: int) -> None:
        for _ in range(count):
            for task in tasks:
                future = client.submit(work, task, pure=False)
                under_way[future] = task
                flow.add(future)
                break

    try:
        more(max(1, ahead * len(client.ncores())))
        for future in flow:
            task = under_way.pop(future)
            try:
                fault = future.exception()
                result = future.result() if fault is None else fault
            except (concurrent.futures.CancelledError, OSError) as error:
                raise PlaceError("cluster_lost") from error
            future.release()
            if fault is not None and not isinstance(fault, distributed.KilledWorker):
                raise fault
            # The cluster may have grown.
            more(max(1, ahead * len(client.ncores()) - len(under_way)) if ahead else 0)
            yield task, result
    finally:
        client.cancel(list(under_way))


def _client(distributed: Any, stack: contextlib.ExitStack, *, address: str, workers: int) -> Any:
    if address != LOCAL:
        try:
            client = distributed.Client(address, timeout=_PATIENCE_S)
        except (OSError, ValueError, TypeError) as error:
            raise PlaceError("cluster_unreachable", address=address, why=str(error)) from error
        try:
            client.wait_for_workers(1, timeout=_PATIENCE_S)
        except TimeoutError as error:
            client.close()
            raise PlaceError("cluster_without_workers", address=address) from error
        return client
    import dask

    # One core each; workers read the environment when they start.
    one_core = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    environ = {**dask.config.get("distributed.nanny.pre-spawn-environ", {}), **one_core}
    settings = {
        "distributed.nanny.pre-spawn-environ": environ,
        "distributed.scheduler.allowed-failures": TRIES - 1,
        # A worker that is starting again just when this is over would be closed for good.
        "distributed.deploy.lost-worker-timeout": "1 day",
    }
    stack.enter_context(dask.config.set(settings))
    cluster = distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        memory_limit=0,  # an hour of sound needs what it needs
        silence_logs=50,
        # Ctrl-C reaches all processes of a terminal; the job alone decides what becomes of it.
        preload=["import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"],
    )
    stack.enter_context(cluster)
    return distributed.Client(cluster)


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise UsageError("needs_distributed") from error
    return distributed
