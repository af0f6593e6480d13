"""Clips scored by a model of each system: against what, by which formula, and why not."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from material import read_card, write_card
from safetensors.torch import save
from tracks import SPEC, track

from asa_desktop.core.assess import embedding, networks
from asa_desktop.core.assess.embedding import Memo
from asa_desktop.core.clips import NOT_SUNG, REFERENCE_SILENT, cut_clips
from asa_desktop.core.errors import ModelError
from asa_desktop.core.models import SYSTEMS, load_model
from asa_desktop.core.networks.cnnsa import TowerConfig
from asa_desktop.core.networks.heads import Headed, build_network, performance_tower

SMALL = TowerConfig(width=4, feed_forward=8, layers=1, heads=2, embedding=16)
PLAIN = [[0.0, 0.0], [1.0, 100.0]]
TAKE, VOCAL = (track(np.full(188, 220.0), seed=seed) for seed in (1, 2))
BAND = track(np.full(188, 0.0), seed=3)


def network_of(system: str, towers: str) -> torch.nn.Module:
    """Random, but its norms have seen such images: fresh weights give every clip the same."""
    torch.manual_seed(1)
    network = build_network(system, SMALL, towers=towers)
    images = torch.from_numpy(np.stack([TAKE.image(at) for at in range(0, 90, 10)]))
    seen = images - images.roll(1, 0) if system == "delta" else images
    towers_of = [network.performance, network.reference] if towers == "two" else []
    for tower in towers_of or [performance_tower(network)]:
        for norm in (each for each in tower.modules() if isinstance(each, torch.nn.BatchNorm2d)):
            norm.momentum = None
        with torch.no_grad():
            tower.train()(seen)
            tower.dense.bias -= tower.eval()(seen).mean(dim=0)
    if isinstance(network, Headed):
        with torch.no_grad():
            said = network.eval()(seen)
            network.head[-1].weight *= 0.2 / said.std()
            network.head[-1].bias += 0.5 - network(seen).mean()
    return network.eval()


@pytest.fixture(scope="module")
def model_of(tmp_path_factory, untrained):
    """A loaded model of a system, its folder put together by hand."""

    def made(system: str, towers: str = "shared", **changes):
        folder: Path = tmp_path_factory.mktemp(system) / "model"
        folder.mkdir()
        weights = save(network_of(system, towers).state_dict())
        (folder / "weights.safetensors").write_bytes(weights)
        card = {**read_card(untrained), "id": system, "system": system, "towers": towers}
        card["network"] = SMALL.to_dict()
        card["weights"] = {"sha256": hashlib.sha256(weights).hexdigest()}
        if system not in ("rori", "racc"):
            card["score_map"] = {"knots": PLAIN}
        write_card(folder, {**card, **changes})
        return load_model(folder, device="cpu")

    return made


def scored(model, take=TAKE, **more):
    given = {"vocal": VOCAL, "accompaniment": BAND, **more}
    return networks.score_clips(take, cut_clips(take), model=model, **given)


def test_what_each_system_needs():
    assert {name: networks.needs(name) for name in SYSTEMS} == {
        "rori": "vocal",
        "racc": "accompaniment",
        "direct": "nothing",
        "delta": "vocal",
        "embdirect": "nothing",
    }


@pytest.mark.parametrize("towers", ["shared", "two"])
def test_rori_is_the_cosine_to_the_vocal(model_of, towers):
    model = model_of("rori", towers)
    for index, each in enumerate(scored(model)):
        ours = model.embed(TAKE.image(94 * index)[None])[0]
        theirs = model.embed_reference(VOCAL.image(94 * index)[None])[0]
        assert each.cosine == pytest.approx(float(ours @ theirs), abs=1e-5)
        assert each.score == pytest.approx(model.card.score_map(each.cosine))
    image = VOCAL.image(0)[None]
    same = np.allclose(model.embed(image), model.embed_reference(image))
    assert same == (towers == "shared")


def test_rori_comes_out_as_the_program_scores_it_to_the_bit(model_of):
    model = model_of("rori")
    clips = cut_clips(TAKE)
    wanted = embedding.score_clips(
        TAKE, VOCAL, clips, cents=130.0, model=model,
        anchors=embedding.reference_embeddings(VOCAL, model),
    )  # fmt: skip
    assert networks.score_clips(TAKE, clips, model=model, cents=130.0, vocal=VOCAL) == wanted


def test_racc_is_the_cosine_to_the_accompaniment_which_needs_no_pitch(model_of):
    model = model_of("racc")
    first = scored(model)[0]
    ours, theirs = (model.embed(each.image(0)[None])[0] for each in (TAKE, BAND))
    assert first.cosine == pytest.approx(float(ours @ theirs), abs=1e-5)
    assert first.cosine != pytest.approx(scored(model, accompaniment=VOCAL)[0].cosine, abs=1e-4)
    assert scored(model, vocal=None) == scored(model)


def test_direct_and_embdirect_look_at_the_take_alone(model_of):
    for system in ("direct", "embdirect"):
        model = model_of(system)
        found = scored(model, vocal=None, accompaniment=None)
        assert found == scored(model, cents=400.0)
        for index, each in enumerate(found):
            (share,) = model.rate(TAKE.image(94 * index)[None])
            assert each.score == pytest.approx(100 * float(np.clip(share, 0, 1)), abs=1e-3)
            assert each.cosine is None
        assert {round(each.score) for each in found} - {0, 100}


def test_delta_looks_at_take_less_vocal(model_of):
    model = model_of("delta")
    for index, each in enumerate(scored(model, cents=200.0)):
        start = 94 * index
        (share,) = model.rate((TAKE.image(start, cents=200.0) - VOCAL.image(start))[None])
        assert each.score == pytest.approx(100 * float(np.clip(share, 0, 1)), abs=1e-3)
    assert scored(model) != scored(model, vocal=track(np.full(188, 220.0), seed=9))


@pytest.mark.parametrize("system", ["rori", "delta"])
def test_the_key_stays_where_the_card_says_so(model_of, system):
    features = replace(SPEC, key_removed=False).to_dict()
    model = model_of(system, features=features)
    assert scored(model, cents=300.0) == scored(model)
    removing = model_of(system)
    assert scored(removing, cents=300.0) != scored(removing)


def test_views_are_averaged(model_of):
    model = model_of("direct", views=[-480, 480])
    low, high = (model.rate(TAKE.image(0, cents=view)[None])[0] for view in (-480, 480))
    wanted = 100 * float(np.clip((low + high) / 2, 0, 1))
    assert scored(model)[0].score == pytest.approx(wanted, abs=1e-3)


def test_delta_moves_both_sides_of_a_view(model_of):
    model = model_of("delta", views=[240])
    image = TAKE.image(0, cents=340.0) - VOCAL.image(0, cents=240.0)
    wanted = 100 * float(np.clip(model.rate(image[None])[0], 0, 1))
    assert 0 < wanted < 100
    assert scored(model, cents=100.0)[0].score == pytest.approx(wanted, abs=1e-3)


def test_what_was_seen_before_is_not_run_again(model_of):
    model, memo = model_of("delta"), Memo()
    before = scored(model, memo=memo)
    calls: list[float] = []
    assert scored(model, memo=memo, tell=calls.append) == before
    assert calls == []
    other = scored(model, memo=memo, tell=calls.append, vocal=track(np.full(188, 220.0), seed=9))
    assert calls
    assert other != before


@pytest.mark.parametrize(
    ("system", "reason"),
    [("rori", "no_reference"), ("delta", "no_reference"), ("racc", "no_accompaniment")],
)
def test_without_its_reference_every_clip_says_so(model_of, system, reason):
    found = scored(model_of(system), vocal=None, accompaniment=None)
    assert [(each.score, each.reason) for each in found] == [(None, reason)] * 2


def test_clips_that_cannot_be_judged_keep_their_reason(model_of):
    hz = np.repeat([220.0, 0.0, 220.0, 220.0], 94)
    take, vocal = track(hz), track(np.repeat([220.0, 220.0, 0.0], 94))
    for system, late in (("delta", [REFERENCE_SILENT] * 2), ("direct", [None, None])):
        found = scored(model_of(system), take, vocal=vocal)
        assert [each.reason for each in found] == [None, NOT_SUNG, *late], system
        assert [each.score is None for each in found] == [bool(each.reason) for each in found]
    # Music in the first clip and in a fifth of the third, then none; the last clip is not whole.
    mel = np.full((96, 370), SPEC.mel_floor_db, np.float32)
    mel[40, :94] = mel[40, 188:207] = 0.0
    band = replace(track(np.zeros(370)), mel=mel)
    found = scored(model_of("racc"), take, accompaniment=band)
    gone = networks.ACCOMPANIMENT_SILENT
    assert [each.reason for each in found] == [None, NOT_SUNG, gone, gone]


def test_features_of_another_specification_are_refused(model_of):
    other = track(np.full(188, 220.0), spec=replace(SPEC, crepe="full"))
    with pytest.raises(ValueError, match="specification"):
        scored(model_of("direct"), other)


def test_a_system_without_a_head_rates_nothing(model_of):
    with pytest.raises(TypeError):
        model_of("rori").rate(TAKE.image(0)[None])


def test_a_head_rates_whatever_the_company(model_of):
    model = model_of("direct")
    images = np.random.default_rng(0).normal(size=(20, 5, 96, 94)).astype(np.float32)
    found = model.rate(images)
    assert found.shape == (20,)
    np.testing.assert_allclose(model.rate(images[17:18]), found[17:18], atol=1e-5)
    assert model.rate(images[:0]).shape == (0,)


def test_weights_of_another_system_are_refused(model_of):
    folder = model_of("direct").card.folder
    for system, towers in (("rori", "shared"), ("rori", "two"), ("embdirect", "shared")):
        write_card(folder, {**read_card(folder), "system": system, "towers": towers})
        with pytest.raises(ModelError) as caught:
            load_model(folder, device="cpu")
        assert caught.value.code == "weights_changed"
