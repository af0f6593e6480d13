"""What a feature job costs beside the features: `python -m benchmarks.job_bookkeeping`.

Starting a worker, handing out tasks that are nothing (by the crew, and with `--dask` by a Dask
cluster of this machine), passing over recordings that are prepared already, and the list of hashes
that a job writes every five minutes. All of it is said for one recording, too: a plan multiplies by
that.

    python -m benchmarks.job_bookkeeping --recordings 20000 --dask
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from asa_training.prepared import cluster, crew
from asa_training.prepared.digests import Digests, stamp_of
from asa_training.prepared.job import Means, cores, run_job
from asa_training.prepared.recordings import Recording
from asa_training.prepared.store import Store

from asa_desktop.core.audio import sha256
from asa_desktop.core.features.spec import FeatureSpec


def nothing(task: int) -> int:
    """A task that costs as good as nothing."""
    return task


def main() -> int:
    """Measure each in turn and print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--recordings", type=int, default=5000)
    parser.add_argument("--tasks", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=cores())
    parser.add_argument("--dask", action="store_true")
    options = parser.parse_args()
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{cores()} cores, {options.workers} workers{load}", flush=True)
    handing("crew", options.tasks, options.workers)
    if options.dask:
        handing("cluster", options.tasks, options.workers)
    passing_over(options.recordings)
    return 0


def handing(scheduler: str, tasks: int, workers: int) -> None:
    """Start the workers, then hand out tasks that are nothing."""
    began = time.monotonic()
    if scheduler == "crew":
        results = crew.work_off(nothing, range(tasks), workers=workers)
    else:
        results = cluster.work_off(nothing, range(tasks), address=cluster.LOCAL, workers=workers)
    first, core = 0.0, 0.0
    for _ in results:
        if not first:
            first, core = time.monotonic() - began, time.process_time()
    spent = time.monotonic() - began - first
    core = time.process_time() - core
    # Of a cluster made here, the scheduler is a part of this process.
    print(
        f"{scheduler}: first result after {first:.1f} s, then {1000 * spent / (tasks - 1):.2f} ms a"
        f" result, of which {1000 * core / (tasks - 1):.2f} ms on the handing process's core"
        f" ({tasks} results)",
        flush=True,
    )


def passing_over(count: int) -> None:
    """A job of recordings that are all prepared already, and its list of hashes."""
    spec = FeatureSpec()
    with tempfile.TemporaryDirectory() as name:
        takes, cache = Path(name, "takes"), Path(name, "cache")
        store, digests = Store(cache, spec), Digests(cache)
        takes.mkdir()
        recordings = []
        for number in range(count):
            path = takes / f"{number:08}.flac"
            path.write_bytes(number.to_bytes(8, "big"))
            os.utime(path, (1e9, 1e9))
            digest = sha256(path)
            entry = store.features(digest)
            entry.parent.mkdir(parents=True, exist_ok=True)
            entry.touch()
            digests.learn(path, stamp_of(path), digest)
            recordings.append(Recording(str(path)))
        digests.save(store)
        late = takes / "late.flac"
        late.touch()
        os.utime(late, (1e9, 1e9))
        digests.learn(late, stamp_of(late), sha256(late))
        began = time.monotonic()
        digests.save(store)  # reads what other jobs have learnt, too
        saved = time.monotonic() - began
        size = (cache / "files.jsonl").stat().st_size
        began = time.monotonic()
        there = sum(
            each.entry is not None and not each.made
            for each in run_job(recordings, cache=cache, spec=spec, means=Means())
        )
        spent = time.monotonic() - began
    assert there == count
    print(
        f"{count} recordings that are prepared already: passed over in {spent:.1f} s,"
        f" {1e6 * spent / count:.0f} microseconds each; their list of hashes: {size / 1e6:.1f} MB,"
        f" {size / count:.0f} bytes each, read and written in {saved:.2f} s,"
        f" {1e6 * saved / count:.0f} microseconds each"
    )


if __name__ == "__main__":
    sys.exit(main())
