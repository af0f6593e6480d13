"""`asa-train` with a stand-in for the features: `python -m cheap_job prepare ...`.

The stand-in needs no library to load and is slow where a kill would hurt, in the middle of a file.
"""

from __future__ import annotations

import functools
import hashlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import BinaryIO

import numpy as np
from asa_training.__main__ import main
from asa_training.prepared import command
from asa_training.prepared.digests import stamp_of
from asa_training.prepared.job import Means
from asa_training.prepared.store import Store, write_npz
from asa_training.prepared.task import Outcome, Task

from asa_desktop.core.errors import PlaceError

POISON = b"poison"
"""A recording that begins so brings its worker down."""

HALF_S = 0.03


def work(task: Task) -> Outcome:
    """As `perform`, with the bytes of the recording for features."""
    recording, store = task.recording, Store(task.cache, task.spec)
    data = recording.file.read_bytes()
    if data.startswith(POISON):
        os.kill(os.getpid(), signal.SIGKILL)
    digest = hashlib.sha256(data).hexdigest()
    entry = store.features(recording.key(digest))

    def write(stream: BinaryIO) -> None:
        time.sleep(HALF_S)
        write_npz(stream, {"first": np.frombuffer(data, np.uint8)})
        stream.flush()
        time.sleep(HALF_S)
        stream.seek(0)
        write_npz(stream, {"first": np.frombuffer(data, np.uint8), "second": np.arange(9)})

    made = not entry.exists()
    if made:
        try:
            store.write(entry, write)
        except PlaceError as fault:
            return Outcome(recording, fault=fault, stop=True)
    hashed = ((recording.file, stamp_of(recording.file), digest),)
    return Outcome(recording, entry, made=made, seconds=1.0, size=len(data), hashed=hashed)


def recordings(folder: Path, count: int, *, size: int = 4000) -> Path:
    """Files that pass for recordings, an hour old. Returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        path = folder / f"take-{number:03}.wav"
        path.write_bytes(np.random.default_rng(number).bytes(size))
        old = time.time() - 3600
        os.utime(path, (old, old))
    return folder


def tree(cache: Path) -> dict[str, bytes]:
    """Everything in a cache, its list of hashes too."""
    files = (path for path in cache.rglob("*") if path.is_file())
    return {str(path.relative_to(cache)): path.read_bytes() for path in files}


if __name__ == "__main__":
    import cheap_job  # by its own name, for the workers

    command.Means = functools.partial(Means, work=cheap_job.work)
    sys.exit(main())
