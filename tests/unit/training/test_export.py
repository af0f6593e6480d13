"""From a run to a model folder that the program opens."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from asa_training import fit
from asa_training.config import FitConfig
from asa_training.evaluate import clip_table
from asa_training.export import LICENCES, export
from asa_training.hub import write_hub
from asa_training.report import summary
from asa_training.scores import STATEMENT, fit_score_map
from made_renditions import scene
from safetensors.torch import load_file

from asa_desktop.core.errors import AsaError, UsageError
from asa_desktop.core.models import load_model, validate_model
from asa_desktop.core.networks.cnnsa import Tower, TowerConfig

SMALL = TowerConfig(width=8, feed_forward=16, layers=1, heads=2, embedding=8)
CPU = torch.device("cpu")
DEFECTS = ("off_pitch", "drift", "wrong_notes")


def fact(corpus: str = "pjs", licence: str = "CC BY-SA 4.0", number: int = 0) -> dict:
    source = {
        "id": f"{corpus}-{number}",
        "corpus": corpus,
        "singer": f"{corpus} singer",
        "song": f"{corpus} song",
        "licence": licence,
        "start": 1.0,
        "end": 11.5,
    }
    path = f"{corpus}-{number}/negative.flac"
    return {"path": path, "source": source, "plan": {"engine": "world"}}


@pytest.fixture(scope="module")
def validation():
    return [*scene("a", defects=DEFECTS)]


@pytest.fixture(scope="module")
def test_set():
    return [*scene("b", singer="two", defects=DEFECTS)]


@pytest.fixture(scope="module")
def run(tmp_path_factory, validation):
    """A run that learnt what there is to learn in a few steps."""
    folder = tmp_path_factory.mktemp("run")
    config = FitConfig(
        id="tiny", steps=40, clips=3, performances=4, warmup=5, check_every=20,
        learning_rate=3e-3, network=SMALL,
    )  # fmt: skip
    fit.train(config, training=validation, validation=validation, run=folder, device=CPU)
    return folder


@pytest.fixture(scope="module")
def exported(run, tmp_path_factory, validation, test_set):
    out = tmp_path_factory.mktemp("models") / "tiny"
    facts = [fact(number=0), fact(number=0), fact(number=1), fact("makam", "CC BY 4.0")]
    card = export(run, out, training=facts, validation=validation, test=test_set)
    return out, card


def test_the_program_opens_what_was_exported(exported, run):
    out, card = exported
    read = validate_model(out)
    assert json.loads((out / "card.json").read_text("utf-8")) == card == dict(read.values)
    assert (read.id, read.system, read.scale) == ("tiny", "rori", STATEMENT)
    assert not list(out.glob("*.part"))
    tower = Tower(SMALL)
    tower.load_state_dict(torch.load(run / fit.BEST, weights_only=True))
    images = np.random.default_rng(0).random((3, 5, 96, 94)).astype(np.float32)
    with torch.inference_mode():
        wanted = torch.nn.functional.normalize(tower.eval()(torch.from_numpy(images)), dim=1)
    found = load_model(out, device="cpu").embed(images)
    np.testing.assert_allclose(found, wanted.numpy(), atol=5e-3)
    assert not np.allclose(found, wanted.numpy(), atol=1e-7), "half precision leaves its mark"


def test_the_card_says_how_far_rounding_moved_the_scores(exported, run, validation):
    out, card = exported
    weights = card["weights"]
    assert weights["precision"] == "float16"
    assert weights["bytes"] == (out / "weights.safetensors").stat().st_size
    full, model = Tower(SMALL), load_model(out, device="cpu")
    full.load_state_dict(torch.load(run / fit.BEST, weights_only=True))
    to_score = model.card.score_map
    apart = [
        abs(to_score(one.cosine) - to_score(other.cosine))
        for one, other in zip(
            clip_table(full.eval(), validation, device=CPU),
            clip_table(model.tower, validation, device=CPU),
            strict=True,
        )
    ]
    assert max(apart) > 0
    assert weights["rounding"]["most"] == pytest.approx(max(apart), abs=1e-3)
    assert weights["rounding"]["most"] <= weights["rounding"]["limit_points"]
    assert weights["rounding"]["clips"] == len(apart)


def test_full_precision_is_kept_where_it_is_asked_for(run, tmp_path, validation, test_set):
    card = export(
        run, tmp_path / "m", training=[fact()], validation=validation, test=test_set,
        precision="float32",
    )  # fmt: skip
    assert card["weights"]["rounding"]["most"] == 0
    read = load_file(tmp_path / "m" / "weights.safetensors")
    assert {value.dtype for value in read.values()} == {torch.float32, torch.int64}


def test_rounding_that_moves_scores_stops_the_export(
    run, tmp_path, validation, test_set, monkeypatch
):
    monkeypatch.setattr("asa_training.weights.MOST_MOVED", 1e-9)
    with pytest.raises(UsageError) as caught:
        export(run, tmp_path / "m", training=[fact()], validation=validation, test=test_set)
    assert caught.value.code == "rounding_moves_scores"
    assert not (tmp_path / "m").exists()


def test_the_scale_is_fitted_on_validation_and_the_numbers_are_of_the_test(
    exported, validation, test_set
):
    out, card = exported
    model = load_model(out, device="cpu")
    table = clip_table(model.tower, validation, device=CPU)
    assert model.card.score_map.knots == fit_score_map(table).knots
    measured = summary(clip_table(model.tower, test_set, device=CPU), model.card.score_map)
    assert card["evaluation"]["singers"] == ["two"]
    assert card["evaluation"]["auc_pitch_0.5"] == pytest.approx(measured["auc_pitch_0.5"])
    assert card["evaluation"]["curve"] == measured["curve"]


def test_the_card_tells_what_it_was_made_from(exported):
    out, card = exported
    assert card["licence"] == "CC BY-SA 4.0"
    assert len(card["attribution"]) == 2
    makam, pjs = card["training"]["data"]
    assert (makam["corpus"], makam["renditions"], makam["sources"]) == ("makam", 1, 1)
    assert (pjs["renditions"], pjs["sources"], pjs["seconds"]) == (3, 2, 21.0)
    assert pjs["licence"] == "CC BY-SA 4.0"
    assert card["training"]["best"]["step"] in (20, 40)
    text = (out / "MODEL_CARD.md").read_text("utf-8")
    assert text.startswith('---\nlicense: "cc-by-sa-4.0"\n')
    assert "\n# tiny\n" in text
    assert STATEMENT in text
    assert "no clips" in text, "timing was not in the test"
    for word in ("nan", "None", "{", "}"):
        assert word not in text, word


@pytest.mark.parametrize(
    ("licences", "wanted"),
    [
        (["CC BY 4.0"], "CC BY 4.0"),
        (["CC BY 3.0", "CC0 1.0"], "CC BY 4.0"),
        (["CC BY 4.0", "CC BY-SA 4.0"], "CC BY-SA 4.0"),
    ],
)
def test_share_alike_is_handed_on(run, tmp_path, validation, test_set, licences, wanted):
    facts = [fact(f"corpus{n}", licence) for n, licence in enumerate(licences)]
    card = export(run, tmp_path / "m", training=facts, validation=validation, test=test_set)
    assert card["licence"] == wanted


@pytest.mark.parametrize("licence", ["CC BY-NC-SA 4.0", "unknown", "all rights reserved"])
def test_other_licences_of_ones_own_recordings_stand_in_the_card_and_are_not_given_away(
    run, tmp_path, validation, test_set, licence
):
    assert licence not in LICENCES
    facts = [fact(), fact("own.csv", licence)]
    out = tmp_path / "m"
    card = export(run, out, training=facts, validation=validation, test=test_set)
    assert card["licence"] == ", ".join(sorted([licence, "CC BY-SA 4.0"]))
    assert {each["licence"] for each in card["training"]["data"]} == {licence, "CC BY-SA 4.0"}
    assert f"Licence of the weights: {card['licence']}\n" in (out / "MODEL_CARD.md").read_text(
        "utf-8"
    )
    assert validate_model(out).licence == card["licence"]
    with pytest.raises(UsageError) as caught:
        write_hub(out, tmp_path / "hub")
    assert caught.value.code == "licence_unknown"
    assert not (tmp_path / "hub").exists()


def test_a_model_that_orders_nothing_is_not_exported(run, tmp_path, validation, test_set):
    flat = [each for each in validation if each.role != "positive"]
    with pytest.raises(AsaError) as caught:
        export(run, tmp_path / "m", training=[fact()], validation=flat, test=test_set)
    assert caught.value.code == "model_orders_nothing"
    assert not (tmp_path / "m").exists()


def test_a_thin_test_set_still_makes_a_card_that_opens(run, tmp_path, validation, test_set):
    thin = [replace(each) for each in test_set if each.role in ("anchor", "positive")]
    card = export(run, tmp_path / "m", training=[fact()], validation=validation, test=thin)
    assert card["evaluation"]["auc_pitch_0.5"] is None
    validate_model(tmp_path / "m")


@pytest.mark.parametrize(
    ("part", "name", "value"), [("source", "singer", "two"), ("plan", "engine", "psola")]
)
def test_a_test_set_that_was_trained_on_is_refused(
    run, validation, test_set, tmp_path, part, name, value
):
    known = fact()
    known[part][name] = value
    tested = [replace(each, engine="psola") for each in test_set]
    with pytest.raises(UsageError) as caught:
        export(run, tmp_path / "m", training=[known], validation=validation, test=tested)
    assert caught.value.code == "test_was_trained_on"
    assert caught.value.facts == {"what": name, "names": value}
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("what", ["singer", "song"])
def test_a_test_set_that_the_state_was_chosen_by_is_refused(
    run, validation, test_set, tmp_path, what
):
    shared = getattr(test_set[0], what)
    chosen_by = [replace(each, **{what: shared}) for each in validation]
    with pytest.raises(UsageError) as caught:
        export(run, tmp_path / "m", training=[fact()], validation=chosen_by, test=test_set)
    assert caught.value.code == "test_was_trained_on"
    assert caught.value.facts == {"what": what, "names": shared}
    assert not (tmp_path / "m").exists()
