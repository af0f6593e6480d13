"""Render many sources to disk; what is there already is not made again.

Layout of the output folder: `<source id>/<role>-<nn>-<key>.flac` with a `.json` of the same stem,
`<source id>/accompaniment.flac` where one was asked for,
`_f0/` with the kept pitch tracks, and `manifest.jsonl`, one line per rendition, written at the end.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from asa_desktop.core.errors import AsaError, PlaceError
from asa_training.corpus import Recording
from asa_training.render.accompaniment import accompany
from asa_training.render.draw import SWAY_S, Design, draw_plans
from asa_training.render.engines import RATE, engine
from asa_training.render.plan import Plan
from asa_training.render.rendition import Singer
from asa_training.render.source import Source, load_sources
from asa_training.render.truth import Truth, realised
from asa_training.segment import Array
from asa_training.sentences import say

_ACCOMPANIMENT = "accompaniment.flac"


@dataclass(frozen=True, slots=True)
class Job:
    """One recording to render: `count` renditions and `probes` pairs of severity 0 per source.

    `engines`, `design` and `sway_s` are those of `draw_plans`; `accompany` adds an accompaniment.
    """

    recording: Recording
    out: Path
    engines: tuple[str, ...]
    count: int
    probes: int
    seed: int
    design: Design = "turn"
    sway_s: float = SWAY_S
    accompany: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a job: renditions made anew, found made, and why it failed, as a sentence."""

    recording: str
    made: int
    kept: int
    fault: str = ""


def render_all(
    jobs: list[Job], *, workers: int, report: Callable[[int, Done], None] = lambda _n, _d: None
) -> list[Done]:
    """Run the jobs in `workers` processes and write each output folder's manifest.

    `report` is called with the number of jobs done so far and the newest result. A recording that
    cannot be used is reported and skipped; the others go on.
    """
    results: list[Done] = []
    for done in _results(jobs, workers):
        results.append(done)
        report(len(results), done)
    for folder in {job.out for job in jobs}:
        write_manifest(folder)
    return results


def _results(jobs: list[Job], workers: int) -> Iterator[Done]:
    if workers <= 1:
        yield from map(run_job, jobs)
        return
    with ProcessPoolExecutor(max_workers=workers) as pool:
        for future in as_completed([pool.submit(run_job, job) for job in jobs]):
            yield future.result()


def run_job(job: Job) -> Done:
    """Render one recording; made renditions are recognised by their key and left alone."""
    made = kept = 0
    try:
        for source in load_sources(job.recording, kept=job.out / "_f0"):
            new, old = _render_source(source, job)
            made, kept = made + new, kept + old
    except AsaError as fault:
        return Done(job.recording.id, made, kept, say(fault))
    return Done(job.recording.id, made, kept)


def _render_source(source: Source, job: Job) -> tuple[int, int]:
    voiced = source.f0[source.f0 > 0]
    plans = draw_plans(
        engines=job.engines,
        seed=job.seed,
        source_id=source.id,
        count=job.count,
        probes=job.probes,
        median_hz=float(np.median(voiced)),
        design=job.design,
        sway_s=job.sway_s,
    )
    singers = {name: Singer(source, engine(name)) for name in job.engines}
    folder = job.out / source.id
    folder.mkdir(parents=True, exist_ok=True)
    if job.accompany and not (folder / _ACCOMPANIMENT).exists():
        music = accompany(source.notes, source.audio.size / RATE)
        _replace(folder / _ACCOMPANIMENT, lambda path: _write_flac(path, music))
    made = 0
    for n, plan in enumerate(plans):
        key = plan.key(source.content, source.start, source.end)
        stem = f"{plan.role}-{n:02d}-{key}"
        if (folder / f"{stem}.json").exists() and (folder / f"{stem}.flac").exists():
            _correct(folder / f"{stem}.json", source)
            continue
        for stale in folder.glob(f"*-{n:02d}-*"):
            stale.unlink()
        sound, truth = singers[plan.engine].render(plan)
        # The truth comes last: a rendition with its truth beside it is complete.
        _replace(folder / f"{stem}.flac", lambda path, s=sound: _write_flac(path, s))
        _write_facts(folder / f"{stem}.json", _facts(source, plan, truth, key))
        made += 1
    return made, len(plans) - made


def _correct(path: Path, source: Source) -> None:
    """A table's licence may have been mended since, and the weights' licence hangs on it."""
    facts = json.loads(path.read_text("utf-8"))
    told = _facts_of_source(source)
    if facts["source"] != told:
        _write_facts(path, {**facts, "source": told})


def _write_facts(path: Path, facts: dict[str, Any]) -> None:
    text = json.dumps(facts, separators=(",", ":"))
    _replace(path, lambda place: place.write_text(text, "utf-8"))


def _facts_of_source(source: Source) -> dict[str, Any]:
    one = source.recording
    return {
        "id": source.id,
        "recording": one.id,
        "corpus": one.corpus,
        "singer": one.singer,
        "song": one.song,
        "part": one.part,
        "licence": one.licence,
        "split": one.split,
        "sha256": source.sha256,
        "start": source.start,
        "end": source.end,
    }


def _facts(source: Source, plan: Plan, truth: Truth, key: str) -> dict[str, Any]:
    return {
        "key": key,
        "source": _facts_of_source(source),
        "plan": plan.to_json(),
        "realised": {k: round(v, 4) for k, v in realised(truth, 0.0, truth.seconds).items()},
        "truth": truth.to_json(),
    }


def read_rendition(path: Path) -> tuple[dict[str, Any], Plan, Truth]:
    """The facts, plan and truth beside a rendition; `path` is its .json or .flac."""
    facts = json.loads(path.with_suffix(".json").read_text("utf-8"))
    return facts, Plan.from_json(facts["plan"]), Truth.from_json(facts["truth"])


def write_manifest(folder: Path) -> Path:
    """One line per rendition in `folder`, in the order of their paths: all but frames and notes."""
    lines = []
    for path in sorted(folder.glob("*/*.json")):
        facts = json.loads(path.read_text("utf-8"))
        facts.pop("truth")
        lines.append(
            json.dumps({"path": str(path.with_suffix(".flac").relative_to(folder)), **facts})
        )
    target = folder / "manifest.jsonl"
    _replace(
        target, lambda place: place.write_text("\n".join(lines) + "\n" if lines else "", "utf-8")
    )
    return target


def read_manifest(folder: Path) -> list[dict[str, Any]]:
    """The lines of a rendered split's manifest; PlaceError `renders_missing` without one."""
    try:
        text = (folder / "manifest.jsonl").read_text("utf-8")
    except OSError as fault:
        raise PlaceError("renders_missing", path=folder) from fault
    return [json.loads(line) for line in text.splitlines()]


def _write_flac(path: Path, sound: Array) -> None:
    import soundfile

    soundfile.write(path, sound, RATE, format="FLAC", subtype="PCM_16")


def _replace(target: Path, write: Callable[[Path], Any]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
    os.close(handle)
    try:
        write(Path(name))
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)
