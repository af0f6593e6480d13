"""The loop with every system: it goes on as if unbroken, stops when patience is over, exports."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from asa_training import fit
from asa_training.checkpoints import CHECKPOINT, State, best_of
from asa_training.config import FitConfig
from asa_training.evaluate import table_of_model
from asa_training.export import export
from asa_training.hardware import ALONE
from asa_training.labelled import Labelled
from asa_training.learner import Learner
from asa_training.lightning_trainer import trainer_of
from asa_training.loader import Loader
from asa_training.optimising import optimiser_of, set_rate
from asa_training.scores import PLAIN
from asa_training.systems.towers import read_tower
from asa_training.validation import Checked
from asa_training.windows import WHOLE, Batch
from made_renditions import made, small_scene

from asa_desktop.core.assess import networks
from asa_desktop.core.assess.score_map import ScoreMap
from asa_desktop.core.clips import cut_clips
from asa_desktop.core.errors import UsageError
from asa_desktop.core.models import SYSTEMS, TRIPLETS, load_model
from asa_desktop.core.networks.cnnsa import TowerConfig

CPU = torch.device("cpu")
SMALL = TowerConfig(width=4, feed_forward=8, layers=1, heads=2, embedding=8)
CONFIG = FitConfig(
    steps=4,
    clips=2,
    performances=2,
    warmup=2,
    check_every=2,
    learning_rate=2e-3,
    network=SMALL,
    choose="auc",
)


@pytest.fixture(scope="module")
def renditions():
    return small_scene("a")


@pytest.fixture(scope="module", autouse=True)
def _short_validation():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("asa_training.validation._MOST_BATCHES", 1)
        yield


@pytest.fixture(scope="module")
def tower(tmp_path_factory, renditions) -> Path:
    """The run of a triplet system with two towers, for EmbDirect to stand on."""
    folder = tmp_path_factory.mktemp("tower") / "run-of-rori"
    config = replace(CONFIG, id="tiny-rori", towers="two", steps=2, strangers=0.0)
    fitted(folder, renditions, config)
    return folder


def fitted(folder, renditions, config, **more) -> Path:
    few = [each for each in renditions if each.name.rsplit("/")[-1][:-5] not in ("good1", "poor2")]
    return fit.train(config, training=renditions, validation=few, run=folder, device=CPU, **more)


def config_of(name: str, tower: Path | None, **changes) -> FitConfig:
    config = replace(CONFIG, id=f"tiny-{name}", system=name, **changes)
    return replace(config, tower_from=str(tower)) if tower is not None else config


def tower_if(name: str, request: pytest.FixtureRequest) -> Path | None:
    return request.getfixturevalue("tower") if name == "embdirect" else None


def checkpoint(folder: Path) -> dict:
    return torch.load(folder / CHECKPOINT, weights_only=True)


def log(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("name", ["racc", "direct", "delta", "embdirect"])
def test_a_run_that_was_broken_off_ends_as_if_it_had_not(tmp_path, renditions, request, name):
    config = config_of(name, tower_if(name, request), patience=3)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    fitted(whole, renditions, config)
    fitted(broken, renditions, config, minutes=1e-9)
    assert checkpoint(broken)["state"]["step"] == 1
    fitted(broken, renditions, config)
    one, other = checkpoint(whole), checkpoint(broken)
    for key, value in one["network"].items():
        torch.testing.assert_close(other["network"][key], value, atol=1e-6, rtol=0, msg=key)
    assert torch.equal(one["rng"], other["rng"])
    # What came out of turn, when time was over, counts for no patience.
    for part in ("step", "stale"):
        assert one["state"][part] == other["state"][part]
    assert one["state"]["lowest"] == pytest.approx(other["state"]["lowest"], abs=1e-5)
    assert log(broken)[-1]["validation_loss"] == pytest.approx(
        log(whole)[-1]["validation_loss"], abs=1e-5
    )


def test_the_log_and_the_record_are_the_same_for_all(tmp_path, renditions, tower):
    fitted(tmp_path, renditions, config_of("direct", None, steps=1, seed=9))
    for folder in (tmp_path, tower):
        for line in log(folder):
            assert list(line) == [
                "step", "loss", "validation_loss", "validation_auc", "validation_rank", "kept",
                "seconds", "on", "threads", "processes", "waiting", "clips_per_second",
                "memory_mib",
            ]  # fmt: skip
    record = json.loads((tmp_path / "config.json").read_text())
    assert (record["seed"], record["system"], record["steps"]) == (9, "direct", 1)


class Judge:
    """Says what it is told to, instead of a validation."""

    losses: tuple[float, ...] = ()
    aucs: tuple[float, ...] = ()

    def __init__(self, *_: object) -> None:
        self.said = 0

    def check(self, network: torch.nn.Module) -> Checked:
        self.said += 1
        aucs = self.aucs or (0.5,) * len(self.losses)
        return Checked(auc=aucs[self.said - 1], loss=self.losses[self.said - 1])


@pytest.fixture
def judged(monkeypatch):
    """Training without work: a step costs nothing, and the checks come out as planted."""

    def planted(*losses: float, aucs: tuple[float, ...] = ()) -> None:
        judge = type("Planted", (Judge,), {"losses": losses, "aucs": aucs})
        monkeypatch.setattr(fit, "Validation", judge)

    def nothing(learner, batch, number):
        learner.loss = torch.tensor(1.0)

    monkeypatch.setattr(Learner, "training_step", nothing)
    return planted


def test_it_stops_when_the_loss_has_not_fallen_for_so_many_checks(tmp_path, renditions, judged):
    judged(5, 4, 4, 3, 3.5, 3.2, 3, 1)
    config = config_of("direct", None, steps=20, check_every=1, patience=3, choose="loss")
    fitted(tmp_path, renditions, config)
    lines = log(tmp_path)
    assert [line["step"] for line in lines] == [1, 2, 3, 4, 5, 6, 7]
    # An equal loss is no fall, but as good a state.
    assert [line["kept"] for line in lines] == [True, True, True, True, False, False, True]
    assert best_of(tmp_path)["step"] == 7
    state = checkpoint(tmp_path)["state"]
    assert (state["lowest"], state["stale"], state["best"]) == (3, 3, -3)
    fitted(tmp_path, renditions, config)
    assert len(log(tmp_path)) == 7, "it has stopped for good"


def test_without_patience_it_goes_on(tmp_path, renditions, judged):
    judged(1, 2, 3, 4, 5)
    fitted(tmp_path, renditions, config_of("direct", None, steps=5, check_every=1))
    assert log(tmp_path)[-1]["step"] == 5


def test_the_state_is_chosen_by_auc_or_by_loss(tmp_path, renditions, judged):
    for choose, best in (("auc", 2), ("loss", 3)):
        judged(3, 2, 1, aucs=(0.6, 0.9, 0.7))
        config = config_of("direct", None, steps=3, check_every=1, choose=choose)
        fitted(tmp_path / choose, renditions, config)
        assert best_of(tmp_path / choose)["step"] == best


def test_epochs_are_counted_in_batches(tmp_path, renditions, judged):
    # (200 - 94) // 8 + 1 = 14 windows in batches of 4: four batches an epoch.
    judged(3, 2, 1)
    config = config_of("direct", None, clips=4, epochs=3)
    fitted(tmp_path, renditions, config)
    assert [line["step"] for line in log(tmp_path)] == [4, 8, 12]
    assert json.loads((tmp_path / "config.json").read_text())["steps"] == 12


@pytest.mark.parametrize(("choose", "patience"), [("auc", 0), ("loss", 0), ("auc", 2)])
def test_a_validation_that_tells_nothing_is_said(tmp_path, renditions, judged, choose, patience):
    nan = float("nan")
    judged(nan, aucs=(nan if choose == "auc" and not patience else 0.9,))
    config = config_of("direct", None, choose=choose, patience=patience, check_every=1)
    with pytest.raises(UsageError) as caught:
        fitted(tmp_path, renditions, config)
    assert (caught.value.code, caught.value.facts) == ("nothing_to_validate", {"step": 1})


def test_a_check_out_of_turn_does_not_try_patience():
    state = State(step=4, best=0.5, lowest=1.0, stale=1)
    worse = Checked(auc=0.4, loss=2.0)
    assert state.after(5, worse, best=0.4, counted=False) == replace(state, step=5)
    assert state.after(6, worse, best=0.4, counted=True) == replace(state, step=6, stale=2)
    better = state.after(6, Checked(auc=0.6, loss=0.9), best=0.6, counted=True)
    assert better == State(step=6, best=0.6, lowest=0.9, stale=0)


def test_optimiser_schedule_and_norm_are_as_configured(renditions):
    network = torch.nn.Linear(2, 1)
    plain = optimiser_of(network, replace(CONFIG, optimiser="adam", weight_decay=0.0))
    assert type(plain) is torch.optim.Adam
    assert type(optimiser_of(network, CONFIG)) is torch.optim.AdamW
    config = replace(CONFIG, schedule="constant", warmup=0, learning_rate=1e-6, steps=100)
    for step in (0, 50, 99):
        set_rate(plain, config, step)
        assert plain.param_groups[0]["lr"] == 1e-6


class Steep:
    """A loss with a gradient of length five everywhere."""

    def said(self, network, batch, device):
        return network.weight

    def cost(self, said, severity):
        return 3 * said[0, 0] + 4 * said[0, 1]

    windows = 1

    def batch(self, number, share):
        return Batch(np.zeros((1, 1, 5, 96, 94), np.float32), np.zeros((1, 1), np.float32))


@pytest.mark.parametrize(("norm", "moved"), [(1.0, (0.6, 0.8)), (0.0, (3.0, 4.0))])
def test_the_gradient_is_cut_where_that_is_asked_for(norm, moved, monkeypatch):
    network = torch.nn.Linear(2, 1, bias=False)
    torch.nn.init.zeros_(network.weight)
    sgd = torch.optim.SGD(network.parameters(), lr=1.0)
    monkeypatch.setattr("asa_training.learner.optimiser_of", lambda *_: sgd)
    config = replace(CONFIG, clip_norm=norm, warmup=0, learning_rate=1.0)
    learner = Learner(Steep(), network, config)
    loader = Loader(Steep(), first=0, last=1, share=WHOLE)
    trainer_of(config, CPU, ALONE).fit(learner, train_dataloaders=loader)
    assert (-network.weight[0]).tolist() == pytest.approx(moved, abs=1e-5)


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_system_without_what_it_needs_says_so(tmp_path, name):
    takes = [made("good", role="positive"), made("poor", severity=0.5)]
    config = config_of(name, None)
    with pytest.raises(UsageError) as caught:
        fitted(tmp_path, takes if SYSTEMS[name] != "nothing" else takes[:1], config)
    code = "tower_unnamed" if name == "embdirect" else "nothing_to_train_on"
    assert caught.value.code == code
    assert not (tmp_path / "config.json").exists()


def test_a_folder_with_another_run_is_left_alone(tmp_path, renditions, judged):
    judged(1, 1, 1, 1)
    fitted(tmp_path, renditions, config_of("direct", None, check_every=4))
    before = (tmp_path / "config.json").read_bytes()
    for config, what in (
        (config_of("delta", None), "system"),
        (config_of("direct", None, network=replace(SMALL, width=8)), "network"),
    ):
        with pytest.raises(UsageError) as caught:
            fitted(tmp_path, renditions, config)
        assert (caught.value.code, caught.value.facts["what"]) == ("run_of_another", what)
    assert (tmp_path / "config.json").read_bytes() == before


def test_the_tower_of_a_run_or_of_a_model(tmp_path, tower, untrained):
    from_run = read_tower(tower)
    saved = torch.load(tower / "best.pt", weights_only=True)
    assert torch.equal(from_run.tower.dense.weight, saved["performance.dense.weight"])
    assert (from_run.id, len(from_run.sha256)) == ("tiny-rori", 64)
    from_model = read_tower(untrained)
    assert (from_model.id, from_model.licence) == ("untrained", "none, for tests")
    assert from_model.tower.config.embedding == 16
    with pytest.raises(UsageError) as caught:
        read_tower(tmp_path)
    assert (caught.value.code, caught.value.facts) == ("tower_missing", {"path": tmp_path})


def test_no_tower_of_a_system_that_compares_nothing(tmp_path, renditions, judged):
    judged(1, 1)
    fitted(tmp_path, renditions, config_of("direct", None))
    with pytest.raises(UsageError) as caught:
        read_tower(tmp_path)
    assert (caught.value.code, caught.value.facts["system"]) == ("tower_of_another", "direct")


def fact() -> dict:
    source = {"id": "x", "corpus": "pjs", "singer": "x", "song": "x", "licence": "CC BY-SA 4.0"}
    return {"source": {**source, "start": 0.0, "end": 9.0}, "plan": {"engine": "world"}}


def held_out(renditions):
    """The same as somebody else's, of another song."""
    return [replace(each, singer="tested", song="tested") for each in renditions]


def trained(folder: Path, name: str, renditions, tower: Path | None, judged) -> Path:
    """A run without steps that cost anything; its network is as it was drawn."""
    judged(1, 1)
    fitted(folder, renditions, config_of(name, tower, towers="two" if name == "racc" else "shared"))
    return folder


@pytest.mark.parametrize("name", ["rori", "direct", "delta", "racc", "embdirect"])
def test_what_was_exported_is_opened_and_scores_as_it_was_measured(
    tmp_path, renditions, request, monkeypatch, judged, name
):
    tower = tower_if(name, request)
    run = trained(tmp_path / "run", name, renditions, tower, judged)
    # Fresh weights order nothing; that is not what is tested here.
    order = ScoreMap.from_knots([[-1.0, 0.0], [1.0, 100.0]])
    monkeypatch.setattr("asa_training.export.fit_score_map", lambda table: order)
    out = tmp_path / "model"
    card = export(run, out, training=[fact()], validation=renditions, test=held_out(renditions))
    model = load_model(out, device="cpu")
    assert (model.card.system, model.card.id) == (name, f"tiny-{name}")
    assert model.card.towers == ("two" if name == "racc" else "shared")
    assert model.card.features.key_removed == (name in ("rori", "delta"))
    saved = torch.load(run / "best.pt", weights_only=True)
    for key, value in model.network.state_dict().items():
        torch.testing.assert_close(value, saved[key], atol=1e-4, rtol=1e-3, msg=key)
    by_role = {each.role: each for each in renditions}
    take = by_role["negative"]
    rows = [row for row in table_of_model(model, renditions) if row.take == take.name]
    found = networks.score_clips(
        take.features,
        cut_clips(take.features),
        model=model,
        vocal=by_role["anchor"].features,
        accompaniment=by_role["accompaniment"].features,
    )
    to_score = model.card.score_map
    assert [each.score for each in found] == pytest.approx(
        [to_score(row.cosine) for row in rows], abs=0.01
    )
    assert len(found) == 2
    assert to_score == (order if name in TRIPLETS else PLAIN)
    text = (out / "MODEL_CARD.md").read_text("utf-8")
    for word in ("nan", "None", "{", "}", str(tmp_path)):
        assert word not in text, word
    assert ("weak label" in text) == (name not in TRIPLETS)
    assert ("Two CNNSA towers" in text) == (name == "racc")
    if name == "embdirect":
        assert "frozen tower of `tiny-rori`" in text
        assert card["training"]["tower_from"] == "run-of-rori"
    assert str(tmp_path) not in json.dumps(card)


def test_what_a_tower_learnt_from_is_handed_on(tmp_path, renditions, tower, judged):
    run = trained(tmp_path / "run", "embdirect", renditions, tower, judged)
    record = json.loads((run / "config.json").read_text())
    record["tower"] |= {"licence": "CC BY-SA 4.0", "attribution": ["Somebody"], "singers": ["x"]}
    (run / "config.json").write_text(json.dumps(record))
    free = fact()
    free["source"]["licence"] = "CC BY 4.0"
    given = {"training": [free], "validation": renditions}
    card = export(run, tmp_path / "model", test=held_out(renditions), **given)
    assert card["licence"] == "CC BY-SA 4.0"
    assert card["attribution"][-1] == "Somebody"
    sung = [replace(each, singer="x") for each in held_out(renditions)]
    free["source"]["singer"] = "y"
    with pytest.raises(UsageError) as caught:
        export(run, tmp_path / "other", test=sung, **given)
    assert caught.value.facts == {"what": "singer", "names": "x"}


@pytest.mark.parametrize("name", ["direct", "rori"])
def test_it_trains_on_clips_that_people_labelled(tmp_path, renditions, name):
    takes = [each for each in renditions if each.role in ("positive", "negative")]
    anchor = next(each for each in renditions if each.role == "anchor")
    clips = Labelled(
        scores=[95.0, 80.0, 55.0, 30.0, 0.0],
        places=["chorus"] * 5,
        cut=lambda number: takes[number].features.image(8),
        reference=lambda number: anchor.features.image(8),
    )
    config = config_of(name, None, strangers=0.0, margin="fixed", steps=2)
    best = fit.train(config, training=clips, validation=clips, run=tmp_path, device=CPU)
    assert best.exists()
    (line,) = log(tmp_path)
    assert np.isfinite(line["validation_loss"])
    assert 0 <= line["validation_auc"] <= 1
    alone = replace(clips, reference=None)
    if name == "rori":
        with pytest.raises(UsageError) as caught:
            fit.train(config, training=alone, validation=alone, run=tmp_path / "b", device=CPU)
        assert caught.value.code == "reference_missing"
