"""Clips scored by their cosine to the reference."""

from __future__ import annotations

import numpy as np
import pytest
from tracks import SPEC, track

from asa_desktop.core.assess import embedding
from asa_desktop.core.clips import NOT_SUNG, REFERENCE_SILENT, cut_clips
from asa_desktop.core.models import load_model
from asa_desktop.core.types import Clip, ClipScore

CLIP = Clip(0, 0.0, 3.0, 1.0, 1.0)


@pytest.fixture(scope="module")
def plain(settled):
    return load_model(settled, device="cpu")


def scored(take, reference, model, cents: float = 0.0) -> tuple[ClipScore, ...]:
    return embedding.score_clips(
        take,
        reference,
        cut_clips(take),
        cents=cents,
        anchors=embedding.reference_embeddings(reference, model),
        model=model,
    )


def test_a_clip_against_itself_has_cosine_one(plain):
    take = track(np.full(3 * 94 + 5, 220.0))
    found = scored(take, take, plain)
    assert len(found) == 3
    assert [each.cosine for each in found] == pytest.approx([1, 1, 1], abs=1e-5)
    assert [each.score for each in found] == pytest.approx([100] * 3, abs=0.1)


def test_the_cosine_is_of_the_images_at_equal_times(plain):
    take, reference = (track(np.full(188, 220.0), seed=seed) for seed in (1, 2))
    found = scored(take, reference, plain)
    for index, each in enumerate(found):
        ours, theirs = (plain.embed(made.image(94 * index)[None])[0] for made in (take, reference))
        assert each.cosine == pytest.approx(float(ours @ theirs), abs=1e-5)
        assert each.score == pytest.approx(plain.card.score_map(each.cosine))


def test_the_key_is_removed_from_the_take_alone(plain):
    take = track(np.full(94, 220.0))
    moved = scored(take, take, plain, cents=300.0)[0].cosine
    ours, theirs = plain.embed(np.stack([take.image(0, cents=300.0), take.image(0)]))
    assert moved == pytest.approx(float(ours @ theirs), abs=1e-5)
    assert moved < 0.999


def test_a_specification_without_key_removal_leaves_the_key_in(plain):
    from dataclasses import replace

    kept = replace(SPEC, key_removed=False)
    take = track(np.full(94, 220.0), spec=kept)
    assert scored(take, take, plain, cents=300.0)[0].cosine == pytest.approx(1, abs=1e-5)


def test_clips_that_cannot_be_judged_keep_their_reason(plain):
    hz = np.repeat([220.0, 0.0, 220.0, 220.0], 94)
    take = track(hz)
    reference = track(np.repeat([220.0, 220.0, 0.0], 94))
    found = scored(take, reference, plain)
    assert [each.reason for each in found] == [None, NOT_SUNG, REFERENCE_SILENT, REFERENCE_SILENT]
    assert [each.score is None for each in found] == [False, True, True, True]
    assert [each.cosine is None for each in found] == [False, True, True, True]


def clip_score(score: float | None, reason: str | None = None) -> ClipScore:
    return ClipScore(clip=CLIP, score=score, reason=reason)


def test_the_take_is_the_mean_of_its_scored_clips():
    found = embedding.overall([clip_score(40.0), clip_score(None, NOT_SUNG), clip_score(60.0)])
    assert found is not None
    assert (found.score, found.low, found.high) == (50.0, None, None)
    found = embedding.overall([clip_score(value) for value in (40.0, 50.0, 60.0)])
    assert found is not None
    assert found.low <= 50.0 <= found.high
    assert embedding.overall([clip_score(None, NOT_SUNG)]) is None


def test_without_a_score_the_commonest_reason_is_told():
    some = [clip_score(None, reason) for reason in (NOT_SUNG, REFERENCE_SILENT, REFERENCE_SILENT)]
    assert embedding.why_none(some) == REFERENCE_SILENT
    assert embedding.why_none([]) == "too_short"
