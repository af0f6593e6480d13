"""A take laid beside its reference, as the program lays it, once: which clips there are, and where.

What is found is kept in the cache by the content of the sounds, a few kB a take, so that no run
does it again. Takes are recordings from elsewhere: how one lies to its song is looked for
(`core.placing`), the key is measured once for the whole of it, and of a take over an accompaniment
that keeps in step whole octaves alone are forgiven.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from asa_desktop.core import placing
from asa_desktop.core.align import key_cents
from asa_desktop.core.alignment.warp import Spans, Warp, on_reference_clock
from asa_desktop.core.assess.networks import unaccompanied
from asa_desktop.core.attributing import own_key
from asa_desktop.core.clips import cut_clips, unfit
from asa_desktop.core.errors import AsaError, AudioError, PlaceError
from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.models import Needs
from asa_desktop.core.types import FloatArray
from asa_training.marked.tracks import read_track
from asa_training.prepared.crew import work_off
from asa_training.prepared.store import Store, read_npz

_VERSION = 1
"""Raise it when `placing` or `clips` give other results: all is then laid anew."""

_FEW = 8
"""Takes for which starting workers does not pay."""


@dataclass(frozen=True, slots=True)
class Lay:
    """A take to be laid, by the keys of its sounds in the cache.

    `vocal` is what it is laid beside; without one it stays on its own clock. `compared` is what
    its clips are compared with by a system with these `needs`.
    """

    take: str
    needs: Needs
    vocal: str = ""
    compared: str = ""
    accompanied: bool = False

    @property
    def clock(self) -> str:
        """The sound whose clock the clips are cut on."""
        return self.vocal or self.compared or self.take

    @property
    def name(self) -> str:
        """The same for the same sounds, laid for the same purpose."""
        return (
            f"{_VERSION} {self.take} {self.needs} {self.vocal} {self.compared} {self.accompanied}"
        )


@dataclass(frozen=True, slots=True)
class Laid:
    """Where a take's clips begin, in frames of the reference's clock (C,), and how to cut them.

    `cents` is the key to be forgiven. `warp` lays the take on that clock, None where it lies there
    already. `found` is False for a take that is not of its reference's song.
    """

    starts: NDArray[np.int32]
    cents: float = 0.0
    warp: Warp | None = None
    found: bool = True

    def cut(self, take: TrackFeatures, start: int, *, key_removed: bool) -> FloatArray:
        """The image of the clip that begins at a frame: (5, 96, 94)."""
        cents = self.cents if key_removed else 0.0
        if self.warp is None:
            return take.image(start, cents=cents)
        size = take.spec.clip_frames
        there = on_reference_clock(take, self.warp, frames=size, first=start)
        return there.image(0, cents=cents)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Plain arrays, for the cache."""
        arrays: dict[str, NDArray[Any]] = {
            "starts": self.starts,
            "cents": np.array(self.cents),
            "found": np.array(self.found),
        }
        if self.warp is None:
            return arrays
        return {
            **arrays,
            "reference_s": self.warp.reference_s,
            "take_s": self.warp.take_s,
            "missing": np.array(self.warp.missing, np.float64).reshape(-1, 2),
            "added": np.array(self.warp.added, np.float64).reshape(-1, 2),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Laid:
        """Read what `to_arrays` gave. Raises KeyError where it is something else."""
        warp = None
        if "take_s" in arrays:
            warp = Warp(
                reference_s=arrays["reference_s"],
                take_s=arrays["take_s"],
                missing=_spans(arrays["missing"]),
                added=_spans(arrays["added"]),
                key_cents=None,
                confidence=1.0,
            )
        return cls(
            starts=arrays["starts"],
            cents=float(arrays["cents"]),
            warp=warp,
            found=bool(arrays["found"]),
        )


def _spans(pairs: NDArray[np.float64]) -> Spans:
    return tuple((float(start), float(end)) for start, end in pairs)


def read_laid(store: Store, lay: Lay) -> Laid:
    """How a take was laid. Raises PlaceError as `read_npz`."""
    place = store.laid(lay.name)
    try:
        return Laid.from_arrays(read_npz(place))
    except KeyError as error:
        raise PlaceError("entry_damaged", path=place) from error


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a take; `fault` says why it could not be laid."""

    lay: Lay
    fault: AsaError | None = None


def lay_all(store: Store, lays: Sequence[Lay], *, workers: int) -> Iterator[Outcome]:
    """Lay what is not laid yet; an outcome for each of these, in any order.

    Raises PlaceError as `crew.work_off`.
    """
    missing = [
        _Task(lay, store.root, store.spec)
        for lay in dict.fromkeys(lays)
        if not store.laid(lay.name).exists()
    ]
    # Several processes that begin at once (torchrun, Slurm) do different ones first.
    random.Random(os.getpid()).shuffle(missing)
    if len(missing) <= _FEW:
        yield from map(perform, missing)
        return
    for done in work_off(perform, missing, workers=min(workers, len(missing))):
        lost = PlaceError("worker_lost", path=store.features(done.task.lay.take), count=done.deaths)
        yield done.result or Outcome(done.task.lay, lost)


@dataclass(frozen=True, slots=True)
class _Task:
    lay: Lay
    cache: Path
    spec: FeatureSpec


def perform(task: _Task) -> Outcome:
    """Lay one take and keep it, unless another process has done so meanwhile. Never raises.

    On one core: there is a worker for each.
    """
    store = Store(task.cache, task.spec)
    place = store.laid(task.lay.name)
    try:
        if not place.exists():
            with threadpool_limits(1):
                found = laid(store, task.lay)
            store.write_arrays(place, found.to_arrays())
    except AsaError as fault:
        return Outcome(task.lay, fault)
    except Exception as error:  # one odd recording must not end a table of thousands
        why = f"{type(error).__name__}: {error}"
        path = store.features(task.lay.take)
        return Outcome(task.lay, AudioError("features_failed", path=path, why=why))
    return Outcome(task.lay)


def laid(store: Store, lay: Lay) -> Laid:
    """Lay one take beside its reference, as `core.analysis` does. Raises PlaceError."""
    take = track = read_track(store, lay.take)
    vocal = read_track(store, lay.vocal) if lay.vocal else None
    cents, warp = 0.0, None
    if vocal is not None:
        placed = placing.beside_vocal(take, vocal)
        if placed.reason is not None:
            return Laid(np.zeros(0, np.int32), found=False)
        track, warp = placed.track, placed.laid
        cents = key_cents(track.pitch, vocal.pitch) or 0.0
        if not own_key(placed, accompanied=lay.accompanied):
            cents = 1200.0 * round(cents / 1200)
    clips = cut_clips(track)
    if lay.needs == "accompaniment":
        music = read_track(store, lay.compared)
        fit = [clip.index for clip in clips if unaccompanied(clip, track, music) is None]
    else:
        fit = [clip.index for clip in clips if unfit(clip, track, vocal) is None]
    return Laid(np.array(fit, np.int32) * track.spec.clip_frames, cents, warp)
