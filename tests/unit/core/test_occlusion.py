"""What pulled a clip down is found in the channel in which it differs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from asa_desktop.core.assess import embedding, occlusion
from asa_desktop.core.clips import cut_clips


@pytest.fixture
def reference(features_of):
    return features_of("pjs001")


def scored(take, reference, model):
    anchors = embedding.reference_embeddings(reference, model)
    return embedding.score_clips(
        take, reference, cut_clips(take), cents=0.0, anchors=anchors, model=model
    )


def told(take, reference, model):
    clips = scored(take, reference, model)
    return occlusion.with_channels(clips, take=take, reference=reference, model=model, cents=0.0)


def test_a_take_like_its_reference_needs_no_explanation(reference, model):
    assert all(not each.channels for each in told(reference, reference, model))


@pytest.mark.parametrize(
    ("field", "channel"), [("mel", "spec"), ("activation", "f0"), ("tempo", "tempo")]
)
def test_the_channel_that_differs_costs_the_points(reference, model, monkeypatch, field, channel):
    monkeypatch.setattr(occlusion, "WORTH_ASKING", 101.0)
    changed = np.ascontiguousarray(getattr(reference, field)[::-1])
    take = replace(reference, **{field: changed})
    found = [each for each in told(take, reference, model) if each.score is not None]
    assert found
    like = [each.score for each in scored(reference, reference, model) if each.score is not None]
    for each, wanted in zip(found, like, strict=True):
        lost = wanted - each.score
        others = {name: points for name, points in each.channels.items() if name != channel}
        assert not others, "the others are the reference's already"
        if lost > 3:
            assert each.channels[channel] == pytest.approx(lost, rel=0.5, abs=3)


def test_a_network_is_asked_about_nothing_that_it_does_not_see(reference, model, monkeypatch):
    monkeypatch.setattr(occlusion, "WORTH_ASKING", 101.0)
    take = replace(reference, activation=np.ascontiguousarray(reference.activation[::-1]))
    clips = scored(take, reference, model)
    network = {**model.card.network, "channels": ["spec", "tempo"]}
    narrow = replace(model, card=replace(model.card, network=network))
    found = occlusion.with_channels(clips, take=take, reference=reference, model=narrow, cents=0.0)
    assert any(each.score is not None for each in found)
    assert all(not each.channels for each in found), "spec and tempo are the reference's"


def test_only_what_has_a_score_is_asked(reference, model, monkeypatch):
    monkeypatch.setattr(occlusion, "WORTH_ASKING", 101.0)
    clips = [
        replace(each, score=None, reason="gap") for each in scored(reference, reference, model)
    ]
    found = occlusion.with_channels(
        clips, take=reference, reference=reference, model=model, cents=0.0
    )
    assert list(found) == clips
