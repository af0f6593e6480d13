"""From a take and its song to scores: the one place that strings the steps together.

The window, the command line, the tests and the training all call `analyse`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from asa_desktop.core import align, doubts, judge, placing, take_timing
from asa_desktop.core.assess import embedding, networks, on_notes, on_song
from asa_desktop.core.assess.drawn import has_tune
from asa_desktop.core.attributing import own_key, with_attributes
from asa_desktop.core.clips import REFERENCE_SILENT, cut_clips
from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.found import LACKING, NO_MODEL, Found, Sung
from asa_desktop.core.models import TRIPLETS
from asa_desktop.core.run import (
    FeatureCache,
    Progress,
    Run,
    accompaniment_of,
    anchors_of,
    begin,
    features_of,
    reference_of,
)
from asa_desktop.core.types import (
    Alignment,
    Analysis,
    Case,
    Clip,
    ClipScore,
    Overall,
    Pictures,
    Song,
    TakeTiming,
)

if TYPE_CHECKING:
    from asa_desktop.core.networks.runner import Model

GAP = "gap"


def analyse(
    take: Path,
    song: Song,
    *,
    model: Model | None,
    cache: FeatureCache | None = None,
    progress: Progress | None = None,
    timing: TakeTiming | None = None,
    align: bool = False,
    systems: Iterable[str] = (),
) -> Analysis:
    """Assess one take of a song.

    By the model, against the song's vocal where there is one; else against its notes, else not at
    all: then there are pictures and a reason. A model that compares with the accompaniment, or with
    nothing, needs no vocal.

    Parameters
    ----------
    take
        The recording of the voice alone.
    model
        From `load_model`; needed where the song has a vocal, and used for its pitch network.
    cache
        Keeps the features and embeddings of the song's vocal; the take's are never kept.
    progress
        Called between steps; an exception that it raises ends the run and passes through.
    timing
        How the take lies to the song; without it, it starts with the song and runs as fast. Clips
        in which the microphone was away are not scored.
    align
        Whether it has to be found first how the take lies to the song (`placing`): nobody knows of
        a recording from elsewhere. Where it was sung freely, key and tempo are the singer's.
    systems
        Names of further systems to score it by (`assess.systems.SYSTEMS`); ``all`` for all.

    Raises
    ------
    AudioError, PlaceError
        When a recording cannot be read.
    """
    run = begin(model, cache=cache, progress=progress, timing=timing)
    run.align, run.systems = align, tuple(systems)
    with run.timed("total"):
        ours = features_of(run, take, "take", run.timing)
        found = assess(run, take.name, song, ours)
    return replace(found, timings=dict(run.timings))


def assess(run: Run, take: str, song: Song, ours: TrackFeatures) -> Analysis:
    """The steps that follow the take's features, whole or of what has been sung so far."""
    clips = _of_the_take(cut_clips(ours), run.timing)
    reason = judge.not_singing(ours, clips)
    if reason is None and not _has_tune(song) and judge.spoken(ours.pitch):
        reason = judge.SPEECH
    placed = place(run, song, ours) if run.align and reason is None else None
    sung = Sung(track=ours, own=ours, clips=clips, placed=placed, reason=reason)
    if placed is not None:
        if placed.track is not ours:
            sung = replace(sung, track=placed.track, clips=cut_clips(placed.track))
        sung = replace(sung, reason=placed.reason)
    sung = replace(sung, reason=doubts.better_reason(run, song, ours, sung.reason))
    blank = _blank(take, song, run, sung.track, sung.clips)
    if song.vocal is not None:
        found = _against_vocal(run, song, song.vocal, sung)
    elif run.model is not None and _alone(run.model, song):
        found = _without_vocal(run, run.model, song, sung)
    elif song.melody is not None and song.melody.notes:
        found = _against_notes(run, song, sung)
    else:
        found = Found(reason=sung.reason or networks.NO_REFERENCE)
    if placed is not None and placed.reason is not None:
        blank = replace(blank, melody=None)  # nor are its notes drawn
    found = with_attributes(run, song, sung, found)
    return _finish(blank, _with_systems(run, song, ours, found, placed))


def _alone(model: Model, song: Song) -> bool:
    """Whether a song without a vocal goes by the model: it has what that needs, or nothing else."""
    has_notes = song.melody is not None and bool(song.melody.notes)
    if model.card.needs == "accompaniment":
        return song.accompaniment is not None or not has_notes
    return model.card.needs == "nothing"


def _has_tune(song: Song) -> bool:
    """Whether there is a tune that a take can follow: then that alone tells speech."""
    return song.vocal is not None or (song.melody is not None and has_tune(song.melody))


def place(run: Run, song: Song, ours: TrackFeatures) -> placing.Placed | None:
    """Where the take lies on the song's clock; None where there is nothing to lay it on."""
    tell = partial(run.tell, "align")
    if song.vocal is not None:
        reference, _ = reference_of(run, song.vocal)
        with run.timed("align"):
            return placing.beside_vocal(ours, reference, progress=tell)
    if song.melody is not None and has_tune(song.melody):
        with run.timed("align"):
            return placing.beside_notes(ours, song.melody, offset_s=song.offset_s, progress=tell)
    return None


def _with_systems(
    run: Run, song: Song, sung: TrackFeatures, found: Found, placed: placing.Placed | None
) -> Found:
    """The same, with what the further systems say of a take that could be scored."""
    if not run.systems or (found.overall is None and found.reason not in LACKING):
        return found
    from asa_desktop.core.assess.systems import SYSTEMS

    names = tuple(SYSTEMS) if "all" in run.systems else run.systems
    with run.timed("systems"):
        said = on_song.systems_of(
            sung,
            names,
            song=song,
            reference=found.reference,
            placed=placed,
            start_s=run.timing.start_s,
            gaps=take_timing.unheard(run.timing),
        )
    return replace(found, systems={**found.systems, **said})


def prepare_reference(run: Run, song: Song) -> None:
    """Work through what takes of the song are compared with, before there is any take.

    With a model, its embeddings too. Errors as `analyse`.
    """
    if song.vocal is not None:
        reference_of(run, song.vocal)
    if run.model is not None:
        compared = _compared_with(run, run.model, song)
        if compared is not None and run.model.card.system in TRIPLETS:
            anchors_of(run, run.model, *compared)


def _against_vocal(run: Run, song: Song, vocal: Path, sung: Sung) -> Found:
    reference, _ = reference_of(run, vocal)
    placed, ours = sung.placed, sung.track
    case: Case = "in_step" if placed is None else placed.case
    alignment = _alignment(song, placed)
    if placed is not None and placed.reason is not None:
        # Beside a song that it does not follow, nothing of it means anything.
        reason = sung.reason
        if not (reference.pitch.hz > 0).any():
            reason = REFERENCE_SILENT
        elif reason == placed.reason:
            reason = doubts.not_this(sung.own)
        return Found(reason=reason, alignment=alignment)
    base = Found(reason=sung.reason, case=case, reference=reference, alignment=alignment)
    if sung.reason is not None:
        return base
    cents = align.key_cents(ours.pitch, reference.pitch)
    alignment = replace(alignment, key=None if cents is None else cents / 100)
    base = replace(base, alignment=alignment)
    reason = doubts.beside_vocal(run, song, sung.own, reference, placed)
    if reason is not None:
        return replace(base, reason=reason)
    if run.model is None:
        return replace(base, reason=NO_MODEL)
    forgiven = cents or 0.0
    if not own_key(placed, accompanied=song.accompanied):
        forgiven = 1200.0 * round(forgiven / 1200)
    return _scored(run, run.model, song, sung, base, cents=forgiven)


def _without_vocal(run: Run, model: Model, song: Song, sung: Sung) -> Found:
    """By a model that compares with something else than the original voice, or with nothing."""
    base = Found(reason=sung.reason, alignment=_alignment(song, sung.placed))
    return base if sung.reason is not None else _scored(run, model, song, sung, base, cents=0.0)


def _scored(run: Run, model: Model, song: Song, sung: Sung, base: Found, *, cents: float) -> Found:
    """`base` with the model's scores. `cents` is what of the key is to be forgiven."""
    whole, away = _apart(sung.clips, run.timing)
    compared = _compared_with(run, model, song)
    with run.timed("score"):
        anchors = None
        if compared is not None and model.card.system in TRIPLETS:
            anchors = anchors_of(run, model, *compared)
        features = compared[0] if compared is not None else None
        scored = networks.score_clips(
            sung.track,
            whole,
            model=model,
            cents=cents,
            vocal=features if model.card.needs == "vocal" else None,
            accompaniment=features if model.card.needs == "accompaniment" else None,
            anchors=anchors,
            memo=run.memo,
            tell=partial(run.tell, "score"),
        )
    if features is not None and model.card.needs == "vocal" and anchors is not None:
        with run.timed("why"):
            scored = _with_channels(run, model, sung.track, features, scored, cents=cents)
    scored = _in_order((*scored, *away))
    run.tell("score", 1.0)
    mean = embedding.overall(scored)
    return replace(
        base,
        clips=scored,
        overall=mean,
        model=model.card.id,
        reason=embedding.why_none(scored) if mean is None else None,
    )


def _with_channels(
    run: Run,
    model: Model,
    take: TrackFeatures,
    reference: TrackFeatures,
    scored: tuple[ClipScore, ...],
    *,
    cents: float,
) -> tuple[ClipScore, ...]:
    """The clips with the channels that pulled them down; not while the song still goes on."""
    from asa_desktop.core.assess.occlusion import with_channels

    if not run.explain:
        return scored
    removed = cents if model.card.features.key_removed else 0.0
    return with_channels(scored, take=take, reference=reference, model=model, cents=removed)


def _compared_with(run: Run, model: Model, song: Song) -> tuple[TrackFeatures, str] | None:
    """The features of what the model compares takes with, and what its file is known by."""
    if model.card.needs == "vocal" and song.vocal is not None:
        return reference_of(run, song.vocal)
    if model.card.needs == "accompaniment" and song.accompaniment is not None:
        return accompaniment_of(run, song.accompaniment)
    return None


def _against_notes(run: Run, song: Song, sung: Sung) -> Found:
    placed, ours = sung.placed, sung.track
    alignment = _alignment(song, placed)
    if placed is not None and placed.reason is not None:
        lost = sung.reason == placed.reason
        return Found(reason=doubts.not_this(sung.own) if lost else sung.reason, alignment=alignment)
    if sung.reason is not None or song.melody is None:
        return Found(reason=sung.reason, case="notes", alignment=alignment)
    reason = doubts.beside_notes(run, song, sung.own, placed)
    if reason is not None:
        return Found(reason=reason, case="notes", alignment=alignment)
    start_s, end_s = on_song.part_of(ours, song, None, placed=placed, start_s=run.timing.start_s)
    melody = take_timing.heard_part(
        song.melody,
        (*take_timing.unheard(run.timing), (end_s, math.inf)),
        offset_s=song.offset_s,
        start_s=start_s,
    )
    whole, away = _apart(sung.clips, run.timing)
    result = on_notes.score(ours, whole, melody, offset_s=song.offset_s)
    return Found(
        reason=None if result.overall is not None else on_notes.NO_NOTES,
        clips=_in_order((*result.clips, *away)),
        overall=result.overall,
        case="notes",
        alignment=replace(alignment, key=result.key),
        systems=result.systems,
    )


def _alignment(song: Song, placed: placing.Placed | None) -> Alignment:
    if placed is None:
        return Alignment(offset_s=song.offset_s)
    # What was found lies on the clock of the song's files.
    found = placed.alignment
    offset_s = found.offset_s + song.offset_s / found.tempo
    return replace(found, offset_s=offset_s, melody_s=song.offset_s)


def _of_the_take(clips: tuple[Clip, ...], timing: TakeTiming) -> tuple[Clip, ...]:
    """Without those that end before the take begins."""
    return tuple(clip for clip in clips if clip.end > timing.start_s)


def _apart(
    clips: tuple[Clip, ...], timing: TakeTiming
) -> tuple[tuple[Clip, ...], tuple[ClipScore, ...]]:
    """The clips that were recorded whole, and those in which the microphone was away."""
    spans = take_timing.unheard(timing)
    missed = {clip.index for clip in clips if take_timing.overlaps(clip.start, clip.end, spans)}
    return (
        tuple(clip for clip in clips if clip.index not in missed),
        tuple(ClipScore(clip, None, reason=GAP) for clip in clips if clip.index in missed),
    )


def _in_order(scored: tuple[ClipScore, ...]) -> tuple[ClipScore, ...]:
    return tuple(sorted(scored, key=lambda each: each.clip.index))


def _blank(
    take: str, song: Song, run: Run, ours: TrackFeatures, clips: tuple[Clip, ...]
) -> Analysis:
    return Analysis(
        take=take,
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
        timing=run.timing,
    )


def _finish(blank: Analysis, found: Found) -> Analysis:
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
        attributes=found.attributes,
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
