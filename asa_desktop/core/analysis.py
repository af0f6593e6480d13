"""From a take and its song to scores: the one place that strings the steps together.

The window, the command line, the tests and the training all call `analyse`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core import align, judge
from asa_desktop.core.assess import embedding, on_notes
from asa_desktop.core.audio import mono_16k, sha256
from asa_desktop.core.clips import cut_clips
from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.features.track import TrackFeatures, track_features
from asa_desktop.core.types import (
    Alignment,
    Analysis,
    Case,
    Clip,
    ClipScore,
    FloatArray,
    Overall,
    Pictures,
    Song,
    SystemScore,
)

if TYPE_CHECKING:
    from asa_desktop.core.networks.runner import Model

Progress = Callable[[str, float], None]
"""Told the stage ("take", "reference", "score") and the share of it that is done."""

Arrays = Mapping[str, NDArray[np.generic]]
Kept = TypeVar("Kept")

NO_REFERENCE = "no_reference"
NO_MODEL = "no_model"


class FeatureCache(Protocol):
    """Keeps what was computed of a recording; may forget anything at any time."""

    def get(self, key: str) -> Arrays | None:
        """What was put under this key, or None."""

    def put(self, key: str, arrays: Arrays) -> None:
        """Keep arrays under a key."""


@dataclass(slots=True)
class _Run:
    """What one run carries along: its model or none, and where time went."""

    spec: FeatureSpec
    model: Model | None
    cache: FeatureCache | None
    tell: Progress
    timings: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.timings[name] = self.timings.get(name, 0.0) + time.perf_counter() - start


def analyse(
    take: Path,
    song: Song,
    *,
    model: Model | None,
    cache: FeatureCache | None = None,
    progress: Progress | None = None,
) -> Analysis:
    """Assess one take of a song.

    Against the song's vocal where there is one (the model's cosine to it), else against its
    notes, else not at all: then there are pictures and a reason.

    Parameters
    ----------
    take
        The recording of the voice alone, starting with the song.
    model
        From `load_model`; needed where the song has a vocal, and used for its pitch network.
    cache
        Keeps the features and embeddings of the song's vocal; the take's are never kept.
    progress
        Called between steps; an exception that it raises ends the run and passes through.

    Raises
    ------
    AudioError, PlaceError
        When a recording cannot be read.
    """
    run = _Run(
        spec=model.card.features if model else FeatureSpec(),
        model=model,
        cache=cache,
        tell=progress or (lambda stage, share: None),
    )
    with run.timed("total"):
        ours = _features(run, take, "take")
        clips = cut_clips(ours)
        blank = _blank(take, song, run, ours, clips)
        reason = judge.not_singing(ours, clips)
        if reason is None and song.vocal is None and judge.spoken(ours.pitch, agreement=None):
            reason = judge.SPEECH
        if song.vocal is not None:
            found = _against_vocal(run, song, song.vocal, ours, clips, reason)
        elif song.melody is not None and song.melody.notes:
            found = _against_notes(song, ours, clips, reason)
        else:
            found = _Found(reason=reason or NO_REFERENCE)
    return _finish(blank, found, run)


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found out beyond the take's own pictures."""

    reason: str | None = None
    clips: tuple[ClipScore, ...] = ()
    overall: Overall | None = None
    case: Case | None = None
    alignment: Alignment = field(default_factory=Alignment)
    reference: TrackFeatures | None = None
    model: str | None = None
    systems: Mapping[str, SystemScore] = field(default_factory=dict)


def _against_vocal(
    run: _Run,
    song: Song,
    vocal: Path,
    ours: TrackFeatures,
    clips: tuple[Clip, ...],
    reason: str | None,
) -> _Found:
    reference, digest = _reference(run, vocal)
    base = _Found(reason=reason, case="in_step", reference=reference)
    if reason is not None:
        return base
    cents = align.key_cents(ours.pitch, reference.pitch)
    alignment = Alignment(offset_s=song.offset_s, key=None if cents is None else cents / 100)
    base = replace(base, alignment=alignment)
    agreement = align.agreement(ours.pitch, reference.pitch, cents=cents or 0.0)
    if judge.spoken(ours.pitch, agreement=agreement):
        return replace(base, reason=judge.SPEECH)
    model = run.model
    if model is None:
        return replace(base, reason=NO_MODEL)
    with run.timed("score"):
        anchors = _anchors(run, model, reference, digest)
        scored = embedding.score_clips(
            ours, reference, clips, cents=cents or 0.0, anchors=anchors, model=model
        )
    run.tell("score", 1.0)
    overall = embedding.overall(scored)
    return replace(
        base,
        clips=scored,
        overall=overall,
        model=model.card.id,
        reason=embedding.why_none(scored) if overall is None else None,
    )


def _against_notes(
    song: Song, ours: TrackFeatures, clips: tuple[Clip, ...], reason: str | None
) -> _Found:
    if reason is not None or song.melody is None:
        return _Found(reason=reason, case="notes")
    result = on_notes.score(ours, clips, song.melody, offset_s=song.offset_s)
    return _Found(
        reason=None if result.overall is not None else on_notes.NO_NOTES,
        clips=result.clips,
        overall=result.overall,
        case="notes",
        alignment=Alignment(offset_s=song.offset_s, key=result.key),
        systems=result.systems,
    )


def _features(run: _Run, path: Path, stage: str) -> TrackFeatures:
    run.tell(stage, 0.0)
    with run.timed(f"{stage}_decode"):
        samples = mono_16k(path)
    with run.timed(f"{stage}_features"):
        return track_features(
            samples, run.spec, _activation(run), progress=lambda done: run.tell(stage, done)
        )


def _activation(run: _Run) -> Callable[..., NDArray[np.float32]]:
    if run.model is not None:
        return run.model.activation
    import torch

    from asa_desktop.core.networks.crepe import load_crepe

    return load_crepe(run.spec.crepe, torch.device("cpu")).activation


def _anchors(run: _Run, model: Model, reference: TrackFeatures, digest: str) -> FloatArray:
    """The reference's embeddings, kept or computed."""
    views = model.card.views
    width = model.tower.config.embedding * len(views)
    shape = (reference.frames // run.spec.clip_frames, width)
    seen = "_".join(f"{view:g}" for view in views)

    def read(arrays: Arrays) -> FloatArray:
        anchors = np.asarray(arrays["embeddings"], dtype=np.float32)
        if anchors.shape != shape or not np.isfinite(anchors).all():
            raise ValueError("embeddings of something else")
        return anchors

    return _kept(
        run,
        f"{digest}-{run.spec.key}-{model.card.weights_sha256[:16]}-{seen}-{model.device.type}",
        lambda: {"embeddings": embedding.reference_embeddings(reference, model)},
        read,
    )


def _reference(run: _Run, vocal: Path) -> tuple[TrackFeatures, str]:
    digest = sha256(vocal)
    features = _kept(
        run,
        f"{digest}-{run.spec.track_key}",
        lambda: _features(run, vocal, "reference").to_arrays(),
        lambda arrays: TrackFeatures.from_arrays(arrays, run.spec),
    )
    return features, digest


def _kept(
    run: _Run, key: str, compute: Callable[[], Arrays], read: Callable[[Arrays], Kept]
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


def _blank(
    take: Path, song: Song, run: _Run, ours: TrackFeatures, clips: tuple[Clip, ...]
) -> Analysis:
    return Analysis(
        take=take.name,
        song=song.title,
        status="not_scored",
        reason=None,
        overall=Overall(score=None, low=None, high=None),
        clips=tuple(ClipScore(clip=clip, score=None) for clip in clips),
        case=None,
        alignment=Alignment(),
        model=None,
        features=run.spec.key,
        take_pictures=pictures(ours),
        melody=song.melody,
        notices=song.notices,
    )


def _finish(blank: Analysis, found: _Found, run: _Run) -> Analysis:
    clips = found.clips or tuple(
        replace(each, reason=found.reason or each.reason) for each in blank.clips
    )
    return replace(
        blank,
        status="scored" if found.overall is not None else "not_scored",
        reason=found.reason,
        overall=found.overall or blank.overall,
        clips=clips,
        case=found.case,
        alignment=found.alignment,
        model=found.model,
        reference_pictures=pictures(found.reference) if found.reference is not None else None,
        systems=found.systems,
        timings=dict(run.timings),
    )


def pictures(features: TrackFeatures) -> Pictures:
    """What is drawn of a recording."""
    return Pictures(
        hop_s=features.spec.hop_s,
        pitch=features.pitch,
        chroma=features.chroma,
        mel=features.mel,
        voiced=features.voicing.frames,
    )
