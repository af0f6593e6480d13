"""Model folders from anybody: what is wrong with one is said, and nothing in it is run."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from carried import bundled_models
from material import read_card, write_card
from safetensors.torch import load_file, save

from asa_desktop.core.errors import AsaError, ModelError, PlaceError
from asa_desktop.core.models import load_model, validate_model

NOT_A_NUMBER = float("nan")


@pytest.fixture
def folder(untrained, tmp_path) -> Path:
    """A copy to tamper with."""
    return shutil.copytree(untrained, tmp_path / "model")


def code_of(folder: Path) -> str:
    with pytest.raises(AsaError) as caught:
        validate_model(folder)
    return caught.value.code


def test_a_whole_model_is_read(untrained):
    card = validate_model(untrained)
    assert (card.id, card.system) == ("untrained", "rori")
    assert card.folder == untrained
    assert card.values["schema"] == 1
    assert (card.towers, card.needs) == ("shared", "vocal")


@pytest.mark.parametrize(
    ("system", "needs"),
    [
        ("racc", "accompaniment"),
        ("direct", "nothing"),
        ("delta", "vocal"),
        ("embdirect", "nothing"),
    ],
)
def test_a_card_of_every_system_is_read(folder, system, needs):
    write_card(folder, {**read_card(folder), "system": system, "towers": "two"})
    card = validate_model(folder)
    assert (card.system, card.towers, card.needs) == (system, "two", needs)


def tampered(path: str, value: object):
    """A change to the card's value at a dotted path."""

    def change(card: dict) -> None:
        *outer, last = path.split(".")
        for name in outer:
            card = card[name]
        card[last] = value

    return change


def without(path: str):
    def change(card: dict) -> None:
        *outer, last = path.split(".")
        for name in outer:
            card = card[name]
        del card[last]

    return change


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (tampered("schema", 2), "card_version"),
        (tampered("schema", "1"), "card_version"),
        (without("schema"), "card_version"),
        (tampered("id", ""), "card_broken"),
        (tampered("id", 7), "card_broken"),
        (without("licence"), "card_broken"),
        (without("scale"), "card_broken"),
        (without("network"), "card_broken"),
        (tampered("weights", []), "card_broken"),
        (tampered("score_map", None), "card_broken"),
        (tampered("system", "oracle"), "system_unknown"),
        (tampered("system", "Rori"), "system_unknown"),
        (tampered("towers", "three"), "network_unknown"),
        (tampered("towers", ["two"]), "network_unknown"),
        (without("features"), "features_unknown"),
        (tampered("features", []), "features_unknown"),
        (tampered("features.version", 2), "features_unknown"),
        (tampered("features.name", "asa-six"), "features_unknown"),
        (tampered("features.hop", 0), "features_unknown"),
        (tampered("features.hop", 256), "features_unknown"),
        (tampered("features.rate", True), "features_unknown"),
        (tampered("features.mel_floor_db", "-60"), "features_unknown"),
        (tampered("features.mel_floor_db", -1e300), "features_unknown"),
        (tampered("features.crepe", "../../huge"), "features_unknown"),
        (without("features.vad_mode"), "features_unknown"),
        (tampered("features.colour", 1), "features_unknown"),
        (without("score_map.knots"), "score_map_broken"),
        (tampered("score_map.knots", "knots"), "score_map_broken"),
        (tampered("score_map.knots", [[0.5, 50]]), "score_map_broken"),
        (tampered("score_map.knots", [[0.5, 50], [0.4, 60]]), "score_map_broken"),
        (tampered("score_map.knots", [[0.5, 50], [0.6, 40]]), "score_map_broken"),
        (tampered("score_map.knots", [[0.5, 50], [0.6, 140]]), "score_map_broken"),
        (tampered("score_map.knots", [[0.5, 50], [10**400, 60]]), "score_map_broken"),
        (tampered("weights.sha256", "0" * 64), "weights_changed"),
        (without("weights.sha256"), "weights_changed"),
        (tampered("score_map.knots", [[NOT_A_NUMBER, 50], [0.6, 60]]), "card_broken"),
        (tampered("features.loudness_db", float("inf")), "card_broken"),
    ],
)
def test_a_card_that_lies_or_is_unknown_is_refused(folder, change, code):
    card = read_card(folder)
    change(card)
    write_card(folder, card)
    assert code_of(folder) == code


def test_numbers_too_large_for_a_float_are_refused(folder):
    text = json.dumps(read_card(folder)).replace("0.99", "1e999")
    (folder / "card.json").write_text(text)
    assert code_of(folder) == "score_map_broken"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"schema": 1}', b"[" * 100_000, b" " * (2 << 20)],
    ids=["empty", "cut", "list", "not text", "bare", "deep", "large"],
)
def test_a_broken_card_is_refused(folder, content):
    (folder / "card.json").write_bytes(content)
    assert code_of(folder) == "card_broken"


def test_missing_parts_are_told_apart(folder, tmp_path):
    assert code_of(tmp_path / "nowhere") == "model_missing"
    assert code_of(folder / "card.json") == "model_missing"
    (folder / "weights.safetensors").unlink()
    assert code_of(folder) == "weights_missing"
    (folder / "card.json").unlink()
    assert code_of(folder) == "model_missing"


def test_a_folder_in_place_of_a_file_is_said(folder):
    (folder / "weights.safetensors").unlink()
    (folder / "weights.safetensors").mkdir()
    assert code_of(folder) in ("is_folder", "no_rights")
    (folder / "card.json").unlink()
    (folder / "card.json").mkdir()
    assert code_of(folder) in ("is_folder", "no_rights")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_model_that_may_not_be_read_is_said(folder):
    (folder / "weights.safetensors").chmod(0)
    with pytest.raises(PlaceError) as caught:
        validate_model(folder)
    assert caught.value.code == "no_rights"


def test_one_changed_byte_of_the_weights_is_noticed(folder):
    weights = folder / "weights.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert code_of(folder) == "weights_changed"


class _Trap:
    """What a pickle of this does when it is opened."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (Path(self.path),))


def _put_weights(folder: Path, content: bytes) -> None:
    """Weights with a card that vouches for them."""
    (folder / "weights.safetensors").write_bytes(content)
    card = read_card(folder)
    card["weights"]["sha256"] = hashlib.sha256(content).hexdigest()
    write_card(folder, card)


def test_a_pickle_is_never_opened(folder, tmp_path):
    sprung = tmp_path / "sprung"
    trap = pickle.dumps(_Trap(str(sprung)))
    pickle.loads(trap)
    assert sprung.exists(), "the trap works"
    sprung.unlink()
    _put_weights(folder, trap)
    (folder / "weights.pt").write_bytes(trap)
    with pytest.raises(ModelError) as caught:
        load_model(folder, device="cpu")
    assert caught.value.code == "weights_changed"
    assert not sprung.exists()


def test_weights_of_another_tower_are_refused(folder):
    card = read_card(folder)
    card["network"]["width"] = 16
    write_card(folder, card)
    with pytest.raises(ModelError) as caught:
        load_model(folder, device="cpu")
    assert caught.value.code == "weights_changed"


def test_weights_that_are_not_finite_are_refused(folder):
    tensors = load_file(folder / "weights.safetensors")
    tensors["dense.bias"][3] = NOT_A_NUMBER
    _put_weights(folder, save(tensors))
    with pytest.raises(ModelError) as caught:
        load_model(folder, device="cpu")
    assert caught.value.code == "weights_changed"


def _stored_as(folder: Path, dtype: torch.dtype) -> None:
    tensors = load_file(folder / "weights.safetensors")
    _put_weights(
        folder,
        save({name: each.to(dtype) if each.is_floating_point() else each
              for name, each in tensors.items()}),
    )  # fmt: skip


def test_weights_of_half_precision_are_read_and_computed_in_single(folder):
    images = np.random.default_rng(0).normal(size=(3, 5, 96, 94)).astype(np.float32)
    before = load_model(folder, device="cpu").embed(images)
    _stored_as(folder, torch.float16)
    model = load_model(folder, device="cpu")
    assert {each.dtype for each in model.network.parameters()} == {torch.float32}
    found = model.embed(images)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, before, atol=2e-3)
    assert not np.array_equal(found, before)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.int8, torch.int64])
def test_weights_of_another_type_are_refused(folder, dtype):
    _stored_as(folder, dtype)
    with pytest.raises(ModelError) as caught:
        load_model(folder, device="cpu")
    assert caught.value.code == "weights_changed"


def test_weights_that_overflowed_half_precision_are_refused(folder):
    tensors = load_file(folder / "weights.safetensors")
    tensors["dense.bias"][0] = 1e6
    _put_weights(folder, save({**tensors, "dense.bias": tensors["dense.bias"].half()}))
    with pytest.raises(ModelError) as caught:
        load_model(folder, device="cpu")
    assert caught.value.code == "weights_changed"


def test_half_precision_cut_short_is_refused(folder):
    _stored_as(folder, torch.float16)
    _put_weights(folder, (folder / "weights.safetensors").read_bytes()[:-64])
    with pytest.raises(ModelError) as caught:
        load_model(folder, device="cpu")
    assert caught.value.code == "weights_changed"


def test_a_loaded_model_embeds_to_length_one_whatever_the_company(untrained):
    model = load_model(untrained, device="cpu")
    images = np.random.default_rng(0).normal(size=(20, 5, 96, 94)).astype(np.float32)
    found = model.embed(images)
    assert found.shape == (20, 16)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(model.embed(images[17:18]), found[17:18], atol=1e-5)
    assert model.embed(images[:0]).shape == (0, 16)


@pytest.mark.parametrize("folder", bundled_models(), ids=lambda folder: folder.name)
def test_bundled_models_are_whole_and_say_what_their_scores_mean(folder):
    card = validate_model(folder)
    assert card.id == folder.name
    assert "rendered defects, not of listeners" in card.scale
    assert card.values["attribution"]
    assert (folder / "MODEL_CARD.md").read_text("utf-8").count(card.id)
    assert load_model(folder, device="cpu").embed(np.zeros((1, 5, 96, 94), np.float32)).any()
