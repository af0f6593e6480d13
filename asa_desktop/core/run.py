"""One run of the analysis: what it carries along, computes once, and keeps for the next take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core import bleed, take_timing
from asa_desktop.core.assess import embedding
from asa_desktop.core.audio import ANALYSIS_RATE, mono_16k, sha256
from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.features.track import TrackFeatures, track_features
from asa_desktop.core.types import FloatArray, TakeTiming

if TYPE_CHECKING:
    from asa_desktop.core.networks.runner import Model

Progress = Callable[[str, float], None]
"""Told the stage ("take", "reference", "align", "score") and the share of it that is done."""

_FINE = "fine-1"
"""Raise the number when `notes.fine` gives other values: what is kept is then computed anew."""

Arrays = Mapping[str, NDArray[np.generic]]
Kept = TypeVar("Kept")


class FeatureCache(Protocol):
    """Keeps what was computed of a recording; may forget anything at any time."""

    def get(self, key: str) -> Arrays | None:
        """What was put under this key, or None."""

    def put(self, key: str, arrays: Arrays) -> None:
        """Keep arrays under a key."""


@dataclass(slots=True)
class Run:
    """What one run carries along: its model or none, what it learnt, and where time went."""

    spec: FeatureSpec
    model: Model | None
    cache: FeatureCache | None
    tell: Progress
    timing: TakeTiming
    timings: dict[str, float] = field(default_factory=dict)
    memo: embedding.Memo | None = None
    reference: tuple[TrackFeatures, str] | None = None
    accompaniment: tuple[TrackFeatures, str] | None = None
    levels: FloatArray | None = None
    anchors: FloatArray | None = None
    align: bool = False
    systems: tuple[str, ...] = ()
    explain: bool = True
    """Whether to ask what pulled clips down; while the song goes on there is no time for it."""

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.timings[name] = self.timings.get(name, 0.0) + time.perf_counter() - start


def begin(
    model: Model | None,
    *,
    cache: FeatureCache | None,
    progress: Progress | None,
    timing: TakeTiming | None,
) -> Run:
    """What a run starts with. What it learns of the song's vocal it keeps for its next take."""
    return Run(
        spec=model.card.features if model else FeatureSpec(),
        model=model,
        cache=cache,
        tell=progress or (lambda stage, share: None),
        timing=timing or TakeTiming(),
    )


def features_of(
    run: Run, path: Path, stage: str, timing: TakeTiming | None = None
) -> TrackFeatures:
    """A recording's features, on the song's clock where `timing` tells how it lies to it."""
    run.tell(stage, 0.0)
    with run.timed(f"{stage}_decode"):
        samples = mono_16k(path)
        if timing is not None:
            samples = take_timing.on_song_clock(samples, timing, rate=ANALYSIS_RATE)
    with run.timed(f"{stage}_features"):
        return track_features(
            samples,
            run.spec,
            activation_of(run),
            fine=True,
            progress=lambda done: run.tell(stage, done),
        )


def activation_of(run: Run) -> Callable[..., NDArray[np.float32]]:
    """The pitch network: the model's, else the one that every specification has."""
    if run.model is not None:
        return run.model.activation
    import torch

    from asa_desktop.core.networks.crepe import load_crepe

    return load_crepe(run.spec.crepe, torch.device("cpu")).activation


def anchors_of(run: Run, model: Model, reference: TrackFeatures, digest: str) -> FloatArray:
    """Embeddings of what the model compares takes with, kept or computed."""
    if run.anchors is not None:
        return run.anchors
    views = model.card.views
    width = model.tower.config.embedding * len(views)
    shape = (reference.frames // run.spec.clip_frames, width)
    if not shape[0]:  # shorter than one clip
        run.anchors = np.zeros(shape, dtype=np.float32)
        return run.anchors
    seen = "_".join(f"{view:g}" for view in views)

    def read(arrays: Arrays) -> FloatArray:
        anchors = np.asarray(arrays["embeddings"], dtype=np.float32)
        if anchors.shape != shape or not np.isfinite(anchors).all():
            raise ValueError("embeddings of something else")
        return anchors

    run.anchors = _kept(
        run,
        f"{digest}-{run.spec.key}-{model.card.weights_sha256[:16]}-{seen}-{model.device.type}",
        lambda: {
            "embeddings": embedding.reference_embeddings(
                reference, model, tell=lambda share: run.tell("reference", 1.0)
            )
        },
        read,
    )
    return run.anchors


def reference_of(run: Run, vocal: Path) -> tuple[TrackFeatures, str]:
    """The original voice's features, and what its file is known by."""
    if run.reference is None:
        run.reference = _kept_features(run, vocal)
    return run.reference


def accompaniment_of(run: Run, path: Path) -> tuple[TrackFeatures, str]:
    """As `reference_of`, of the accompaniment, for the models that compare with it."""
    if run.accompaniment is None:
        run.accompaniment = _kept_features(run, path)
    return run.accompaniment


def accompaniment_levels(run: Run, path: Path) -> FloatArray:
    """The accompaniment's mel bands in dB, for `bleed.likeness`: far cheaper than its features."""

    def compute() -> Arrays:
        return {"mel": bleed.levels(mono_16k(path), run.spec).astype(np.float16)}

    def read(arrays: Arrays) -> FloatArray:
        return np.asarray(arrays["mel"], dtype=np.float32).reshape(run.spec.rows, -1)

    if run.levels is None:
        run.levels = _kept(run, f"{sha256(path)}-{run.spec.track_key}-levels", compute, read)
    return run.levels


def _kept_features(run: Run, vocal: Path) -> tuple[TrackFeatures, str]:
    def read(arrays: Arrays) -> TrackFeatures:
        found = TrackFeatures.from_arrays(arrays, run.spec)
        return replace(found, fine=found.fine_track)  # kept without one, it fits as little

    digest = sha256(vocal)
    features = _kept(
        run,
        f"{digest}-{run.spec.track_key}-{_FINE}",
        lambda: features_of(run, vocal, "reference").to_arrays(),
        read,
    )
    return features, digest


def _kept(
    run: Run, key: str, compute: Callable[[], Arrays], read: Callable[[Arrays], Kept]
) -> Kept:
    """What the cache holds under `key`; computed and kept where it holds nothing that fits."""
    kept = run.cache.get(key) if run.cache is not None else None
    if kept is not None:
        with suppress(KeyError, ValueError, IndexError, TypeError):
            return read(kept)
    arrays = compute()
    if run.cache is not None:
        run.cache.put(key, arrays)
    return read(arrays)
