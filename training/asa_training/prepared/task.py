"""What a worker does: the features of one recording, and the severities of a rendition."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from asa_desktop.core.errors import AsaError, AudioError, PlaceError
from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.features.track import Activation
from asa_training.grades import COLUMNS
from asa_training.prepared.digests import Stamp, stamp_of
from asa_training.prepared.recordings import Recording
from asa_training.prepared.store import Store, read_npz

GRID = 8
"""Frames between the windows whose severities are kept."""

Network = Callable[[FeatureSpec], Activation]
"""Gives the pitch network; a function of a module, so that workers find it by its name."""


def crepe(spec: FeatureSpec) -> Activation:
    """The specification's own pitch network."""
    import torch

    from asa_desktop.core.networks.crepe import load_crepe

    return load_crepe(spec.crepe, torch.device("cpu")).activation


@dataclass(frozen=True, slots=True)
class Task:
    """One recording and where its features go."""

    recording: Recording
    cache: Path
    spec: FeatureSpec
    network: Network = crepe


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a recording.

    `entry` is where its features are; `fault` says why there are none, and with `stop` that no
    other recording could be kept either. Of what was computed: seconds of sound, core seconds,
    bytes written; 0 where all was there already. `peak` is the most memory in bytes that the worker
    has had so far. `hashed` are the files with their stamps and sha256.
    """

    recording: Recording
    entry: Path | None = None
    fault: AsaError | None = None
    stop: bool = False
    made: bool = False
    seconds: float = 0.0
    core_s: float = 0.0
    size: int = 0
    peak: int = 0
    hashed: tuple[tuple[Path, Stamp, str], ...] = ()


def perform(task: Task) -> Outcome:
    """Compute what is not kept yet of one recording, and keep it. Never raises."""
    from dataclasses import replace

    began = time.process_time()
    try:
        done = _perform(task)
    except AsaError as fault:
        done = Outcome(task.recording, fault=fault)
    except Exception as error:  # one odd recording must not end a job of thousands
        why = f"{type(error).__name__}: {error}"
        fault = AudioError("features_failed", path=task.recording.file, why=why)
        done = Outcome(task.recording, fault=fault)
    return replace(done, core_s=time.process_time() - began, peak=_peak_bytes())


@contextlib.contextmanager
def _one_core() -> Iterator[None]:
    """Another number of threads adds up in another order, and the bytes would differ."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(threads)


def _perform(task: Task) -> Outcome:
    from asa_desktop.core.features.track import track_features
    from asa_training.manifest import voice_16k

    recording, store = task.recording, Store(task.cache, task.spec)
    hashed = [_hashed(recording.file)]
    digest = hashed[0][2]
    if recording.listed and recording.listed != digest:
        raise AudioError("bytes_differ", path=recording.file)
    key = recording.key(digest)
    entry = store.features(key)
    seconds, size, frames, made = 0.0, 0, None, False
    if not entry.exists():
        try:
            network = task.network(task.spec)
        except AsaError as fault:  # the same for all
            return Outcome(recording, fault=fault, stop=True)
        samples = voice_16k(recording.place)
        with _one_core():
            features = track_features(samples, task.spec, network)
        if stamp_of(recording.file) != hashed[0][1]:
            raise AudioError("changed_meanwhile", path=recording.file)
        if full := _kept(store, entry, features.to_arrays()):
            return Outcome(recording, fault=full, stop=True)
        made, frames, seconds = True, features.frames, len(samples) / task.spec.rate
        size += entry.stat().st_size
    if recording.truth is not None:
        hashed.append(_hashed(recording.truth))
        place = store.severity(key, hashed[1][2])
        if not place.exists():
            count = len(read_npz(entry)["hz"]) if frames is None else frames
            severity = severities(recording.truth, windows(count, task.spec), task.spec)
            if full := _kept(store, place, {"severity": severity}):
                return Outcome(recording, fault=full, stop=True)
            made = True
            size += place.stat().st_size
    return Outcome(
        recording, entry, made=made, seconds=seconds, size=size, hashed=tuple(hashed)
    )  # fmt: skip


def windows(frames: int, spec: FeatureSpec) -> range:
    """The frames at which windows start whose severities are kept."""
    return range(0, max(frames - spec.clip_frames, 0) + 1, GRID)


def severities(truth: Path, starts: range, spec: FeatureSpec) -> NDArray[np.float32]:
    """What was realised in the windows that start at these frames. Shape: (W, 11)."""
    from asa_training.render.batch import read_rendition
    from asa_training.render.truth import realised

    _facts, _plan, known = read_rendition(truth)
    rows = [realised(known, at * spec.hop_s, at * spec.hop_s + spec.clip_s) for at in starts]
    return np.array([[row[name] for name in COLUMNS] for row in rows], dtype=np.float32)


def _hashed(file: Path) -> tuple[Path, Stamp, str]:
    from asa_desktop.core.audio import sha256

    stamp = stamp_of(file)
    return file, stamp, sha256(file)


def _kept(store: Store, place: Path, arrays: dict[str, NDArray[np.generic]]) -> PlaceError | None:
    try:
        store.write_arrays(place, arrays)
    except PlaceError as fault:
        return fault
    return None


def _peak_bytes() -> int:
    """The most memory that this process has had; 0 where the system does not say."""
    try:
        # getrusage would count what the process was before it became a worker, too.
        status = Path("/proc/self/status").read_text("ascii", "replace")
        return 1024 * int(status.split("VmHWM:")[1].split()[0])
    except (OSError, IndexError, ValueError):
        pass
    try:
        import resource
    except ImportError:  # Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
