"""Features of renditions, computed once by the program's own code and kept.

One .npz per rendition beside nothing else: `<cache>/<track key>-<columns>/<source id>/<stem>.npz`,
written by rename, so that an interrupted run goes on where it stopped.

A source may have an accompaniment, which `racc` compares with: `<source id>/accompaniment.flac`,
put there by hand, mono at 16 kHz, on the clock and in the key of the source. It counts as a
rendition of role "accompaniment" without any defect.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.features.track import TrackFeatures, track_features
from asa_training.grades import COLUMNS
from asa_training.render.batch import read_rendition
from asa_training.render.truth import realised

GRID = 8
"""Frames between the windows whose severities are kept."""

ACCOMPANIMENT = "accompaniment"


@dataclass(frozen=True, slots=True)
class Rendition:
    """One rendition as training sees it.

    `severity` has shape (W, 11): what was realised (`grades.COLUMNS`) in the windows that start at
    frame k * GRID. `asked` names the defects that were asked for, with their severities.
    `transpose_cents` is how far the renderer moved the whole take from the source's key.
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


def prepare(renders: Path, cache: Path, spec: FeatureSpec, *, workers: int) -> Iterator[Path]:
    """Compute what is not kept yet; yields each file as it is there."""
    found = sorted(renders.glob("*/*.flac"))
    jobs = [(path, _place(path, renders, cache, spec), spec) for path in found]
    if workers <= 1:
        yield from map(_prepare_one, jobs)
        return
    with ProcessPoolExecutor(max_workers=workers) as pool:
        yield from pool.map(_prepare_one, jobs, chunksize=8)


def _place(path: Path, renders: Path, cache: Path, spec: FeatureSpec) -> Path:
    # Of renditions with fewer defects than there are now the severities are counted again.
    return (
        cache / f"{spec.track_key}-{len(COLUMNS)}" / path.relative_to(renders).with_suffix(".npz")
    )


def _prepare_one(job: tuple[Path, Path, FeatureSpec]) -> Path:
    import soundfile
    import torch

    from asa_desktop.core.networks.crepe import load_crepe

    path, target, spec = job
    if target.exists():
        return target
    torch.set_num_threads(1)
    samples, _rate = soundfile.read(path, dtype="float32")
    crepe = load_crepe(spec.crepe, torch.device("cpu"))
    features = track_features(samples, spec, crepe.activation)
    starts = range(0, max(features.frames - spec.clip_frames, 0) + 1, GRID)
    _write(target, {**features.to_arrays(), "severity": _severity(path, starts, spec)})
    return target


def _severity(path: Path, starts: range, spec: FeatureSpec) -> np.ndarray:
    """What was realised in the windows that start at these frames. Shape: (W, 11)."""
    if path.stem == ACCOMPANIMENT:
        return np.zeros((len(starts), len(COLUMNS)), dtype=np.float32)
    _facts, _plan, truth = read_rendition(path)
    rows = [realised(truth, at * spec.hop_s, at * spec.hop_s + spec.clip_s) for at in starts]
    return np.array([[row[name] for name in COLUMNS] for row in rows], dtype=np.float32)


def _write(target: Path, arrays: dict[str, Any]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
    with os.fdopen(handle, "wb") as file:
        np.savez(file, **arrays)
    Path(name).replace(target)


def load(renders: Path, cache: Path, spec: FeatureSpec) -> list[Rendition]:
    """All prepared renditions of a folder, in the order of their paths.

    An accompaniment has its source's name alone, no singer and no song.
    """
    loaded = []
    for path in sorted(renders.glob("*/*.flac")):
        place = _place(path, renders, cache, spec)
        if not place.exists():
            continue
        with np.load(place) as arrays:
            kept = {name: arrays[name] for name in arrays.files}
        severity = kept.pop("severity")
        features = TrackFeatures.from_arrays(kept, spec)
        name = str(path.relative_to(renders))
        if path.stem == ACCOMPANIMENT:
            loaded.append(_accompaniment(name, path.parent.name, severity, features))
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
                severity=severity,
                features=features,
                engine=plan.engine,
                transpose_cents=plan.harmless.transpose_cents,
            )
        )
    return loaded


def _accompaniment(
    name: str, source: str, severity: np.ndarray, features: TrackFeatures
) -> Rendition:
    return Rendition(
        name=name,
        source=source,
        singer="",
        song="",
        role=ACCOMPANIMENT,
        asked={},
        severity=severity,
        features=features,
    )


def register(subparsers: Any) -> argparse.ArgumentParser:
    """Add `asa-train prepare`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "prepare", help="compute and keep the features of renditions"
    )
    parser.add_argument("--renders", type=Path, required=True, nargs="+")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Prepare the folders one after the other."""
    for renders in args.renders:
        began, count = time.monotonic(), 0
        for _ in prepare(renders, args.cache, FeatureSpec(), workers=args.workers):
            count += 1
            if count % 100 == 0:
                spent = time.monotonic() - began
                print(f"{renders.name}: {count} renditions, {spent:.0f} s", flush=True)
        if not count:
            print(f"no renditions in {renders}; run asa-train render first", file=sys.stderr)
            return 2
        print(f"{renders.name}: {count} renditions ready", flush=True)
    return 0
