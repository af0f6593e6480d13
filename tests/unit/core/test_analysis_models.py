"""`analyse` with a model of each learned system: what it compares with, and what it lacks."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import soundfile
import torch
from carried import SINGING
from material import read_card, write_card
from safetensors.torch import save
from test_analysis import Cache

from asa_desktop.core import analyse
from asa_desktop.core.analysis import prepare_reference
from asa_desktop.core.models import load_model
from asa_desktop.core.networks.cnnsa import TowerConfig
from asa_desktop.core.networks.heads import build_network
from asa_desktop.core.run import begin
from asa_desktop.core.types import Song

SMALL = TowerConfig(width=4, feed_forward=8, layers=1, heads=2, embedding=16)
TAKE, OTHER = SINGING / "pjs001.flac", SINGING / "pjs001.flac"
BARE = Song(title="Nothing to compare with")
VOCAL = Song(title="With its voice", vocal=OTHER)
BACKED = Song(title="With its accompaniment", accompaniment=OTHER)


@pytest.fixture(scope="module")
def model_of(tmp_path_factory, untrained):
    """A loaded model of a system that has learnt nothing."""

    def made(system: str):
        torch.manual_seed(2)
        folder = tmp_path_factory.mktemp(system) / "model"
        folder.mkdir()
        weights = save(build_network(system, SMALL, towers="shared").state_dict())
        (folder / "weights.safetensors").write_bytes(weights)
        card = {**read_card(untrained), "id": system, "system": system, "network": SMALL.to_dict()}
        card["weights"] = {"sha256": hashlib.sha256(weights).hexdigest()}
        if system not in ("rori", "racc"):
            card["score_map"] = {"knots": [[0.0, 0.0], [1.0, 100.0]]}
        write_card(folder, card)
        return load_model(folder, device="cpu")

    return made


@pytest.mark.parametrize(
    ("system", "song"),
    [("direct", BARE), ("direct", VOCAL), ("embdirect", BARE), ("delta", VOCAL), ("racc", BACKED)],
)
def test_a_take_is_scored_against_what_its_model_needs(model_of, system, song):
    found = analyse(TAKE, song, model=model_of(system))
    assert (found.status, found.model) == ("scored", system)
    assert found.case == ("in_step" if song is VOCAL else None), "nothing else was compared with"
    scored = [each for each in found.clips if each.score is not None]
    assert scored
    assert all((each.cosine is not None) == (system == "racc") for each in scored)
    if song.vocal is None:
        assert found.overall.score == pytest.approx(np.mean([each.score for each in scored]))
    else:
        assert all("likeness" in each.parts and "intonation" in each.parts for each in scored)
    assert (found.reference_pictures is not None) == (song is VOCAL)


@pytest.mark.parametrize(
    ("system", "song", "reason"),
    [
        ("delta", BARE, "no_reference"),
        ("delta", BACKED, "no_reference"),
        ("racc", BARE, "no_accompaniment"),
        ("racc", VOCAL, "no_accompaniment"),
    ],
)
def test_what_is_missing_is_the_reason(model_of, system, song, reason):
    found = analyse(TAKE, song, model=model_of(system))
    assert (found.status, found.reason) == ("not_scored", reason)
    assert {each.reason for each in found.clips} == {reason}


def test_a_silent_accompaniment_is_the_reason(model_of, tmp_path):
    soundfile.write(tmp_path / "silent.flac", np.zeros(9 * 16_000), 16_000)
    song = Song(title="Silent", accompaniment=tmp_path / "silent.flac")
    assert analyse(TAKE, song, model=model_of("racc")).reason == "accompaniment_silent"


def test_what_takes_are_compared_with_is_prepared_once(model_of):
    cache, model = Cache(), model_of("racc")
    run = begin(model, cache=cache, progress=None, timing=None)
    prepare_reference(run, BACKED)
    assert cache.puts == 2, "features and embeddings"
    analyse(TAKE, BACKED, model=model, cache=cache)
    assert cache.puts == 2
    nothing = Cache()
    prepare_reference(begin(model_of("direct"), cache=nothing, progress=None, timing=None), BACKED)
    assert nothing.puts == 0
