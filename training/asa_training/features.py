"""Renditions as training sees them, with the features that are kept of them (`prepared`).

A source may have an accompaniment, which `racc` compares with: `<source id>/accompaniment.flac`,
put there by hand, on the clock and in the key of the source. It counts as a rendition of role
"accompaniment" without any defect.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.features.track import TrackFeatures
from asa_training.grades import COLUMNS
from asa_training.prepared.digests import Digests
from asa_training.prepared.job import HERE, Means, run_job
from asa_training.prepared.recordings import ACCOMPANIMENT, of_renders
from asa_training.prepared.store import Store, read_npz
from asa_training.prepared.task import GRID, windows
from asa_training.render.batch import read_rendition

__all__ = ["ACCOMPANIMENT", "GRID", "Rendition", "load", "prepare"]


@dataclass(frozen=True, slots=True)
class Rendition:
    """One rendition as training sees it.

    `severity` has shape (W, 11): what was realised (`grades.COLUMNS`) in the windows that start at
    frame k * GRID. `asked` names the defects that were asked for, with their severities.
    `transpose_cents` is how far the renderer moved the whole take from the source's key. `files`
    are the sound and its truth, by their paths below the folder, with the sha256 of each.
    """

    name: str
    source: str
    singer: str
    song: str
    role: str
    asked: dict[str, float]
    severity: np.ndarray
    features: TrackFeatures
    engine: str = ""
    transpose_cents: float = 0.0
    files: tuple[tuple[str, str], ...] = ()


def prepare(
    renders: Path, cache: Path, spec: FeatureSpec, *, workers: int = HERE
) -> Iterator[Path]:
    """Compute what is not kept yet; yields the features of each rendition as they are there.

    Raises
    ------
    AudioError, PlaceError
        For the first rendition that cannot be prepared, and as `run_job`.
    """
    means = Means(workers=workers)
    for outcome in run_job(of_renders(renders), cache=cache, spec=spec, means=means):
        if outcome.entry is None:
            assert outcome.fault is not None
            raise outcome.fault
        yield outcome.entry


def load(renders: Path, cache: Path, spec: FeatureSpec) -> list[Rendition]:
    """All prepared renditions of a folder, in the order of their paths.

    An accompaniment has its source's name alone, no singer and no song.
    """
    loaded = []
    store, digests = Store(cache, spec), Digests(cache)
    for recording in of_renders(renders):
        path = recording.file
        files = [(path.relative_to(renders).as_posix(), digests.of(path))]
        key = recording.key(files[0][1])
        entry, severity = store.features(key), None
        if (truth := recording.truth) is not None:
            files.append((truth.relative_to(renders).as_posix(), digests.of(truth)))
            severity = store.severity(key, files[1][1])
        if not entry.exists() or not (severity is None or severity.exists()):
            continue
        features = TrackFeatures.from_arrays(read_npz(entry), spec)
        name = str(path.relative_to(renders))
        if severity is None:
            loaded.append(_accompaniment(name, path.parent.name, features, files))
            continue
        facts, plan, _truth = read_rendition(path)
        asked = plan.to_json()["severities"]
        loaded.append(
            Rendition(
                name=name,
                source=facts["source"]["id"],
                singer=facts["source"]["singer"],
                song=facts["source"]["song"],
                role=plan.role,
                asked={name: value for name, value in asked.items() if value > 0},
                severity=read_npz(severity)["severity"],
                features=features,
                engine=plan.engine,
                transpose_cents=plan.harmless.transpose_cents,
                files=tuple(files),
            )
        )
    return loaded


def _accompaniment(
    name: str, source: str, features: TrackFeatures, files: Sequence[tuple[str, str]]
) -> Rendition:
    starts = windows(features.frames, features.spec)
    return Rendition(
        name=name,
        source=source,
        singer="",
        song="",
        role=ACCOMPANIMENT,
        asked={},
        severity=np.zeros((len(starts), len(COLUMNS)), dtype=np.float32),
        features=features,
        files=tuple(files),
    )
