"""Training: it learns, and a run that was interrupted ends as if it had not been."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from asa_training import fit
from asa_training.checkpoints import CHECKPOINT
from asa_training.config import FitConfig
from asa_training.systems import system_of
from asa_training.validation import Validation
from made_renditions import made, scene

from asa_desktop.core.errors import UsageError
from asa_desktop.core.networks.cnnsa import TowerConfig

CPU = torch.device("cpu")
SMALL = TowerConfig(width=8, feed_forward=16, layers=1, heads=2, embedding=8)
CONFIG = FitConfig(
    steps=6,
    clips=3,
    performances=3,
    warmup=2,
    check_every=3,
    learning_rate=2e-3,
    network=SMALL,
    grade="worst",
)


@pytest.fixture(scope="module")
def renditions():
    return scene("a")


def fitted(folder, renditions, config=CONFIG, **more):
    return fit.train(
        config, training=renditions, validation=renditions, run=folder, device=CPU, **more
    )


def checkpoint(folder) -> dict:
    return torch.load(folder / CHECKPOINT, weights_only=True)


def log(folder) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def assert_same_state(one: dict, other: dict) -> None:
    assert one["state"]["step"] == other["state"]["step"]
    for name, value in one["network"].items():
        torch.testing.assert_close(other["network"][name], value, atol=1e-6, rtol=0, msg=name)
    for key, moments in one["optimiser"]["state"].items():
        for name, value in moments.items():
            torch.testing.assert_close(
                other["optimiser"]["state"][key][name], value, atol=1e-6, rtol=1e-5
            )
    assert torch.equal(one["rng"], other["rng"])


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory, renditions):
    folder = tmp_path_factory.mktemp("unbroken")
    fitted(folder, renditions)
    return folder


def test_a_run_that_ran_out_of_time_goes_on_as_if_it_had_not(tmp_path, renditions, unbroken):
    fitted(tmp_path, renditions, minutes=1e-9)
    assert checkpoint(tmp_path)["state"]["step"] == 1
    fitted(tmp_path, renditions)
    assert_same_state(checkpoint(unbroken), checkpoint(tmp_path))


def test_a_run_that_was_killed_goes_on_from_its_checkpoint(
    tmp_path, renditions, unbroken, monkeypatch
):
    step, done = fit._step, []

    def killed(*arguments):
        done.append(step(*arguments))
        if len(done) == 5:
            raise KeyboardInterrupt
        return done[-1]

    monkeypatch.setattr(fit, "_step", killed)
    with pytest.raises(KeyboardInterrupt):
        fitted(tmp_path, renditions)
    assert checkpoint(tmp_path)["state"]["step"] == 3
    monkeypatch.setattr(fit, "_step", step)
    fitted(tmp_path, renditions)
    assert_same_state(checkpoint(unbroken), checkpoint(tmp_path))
    assert log(tmp_path) == log(unbroken)


def test_another_seed_is_another_run(tmp_path, renditions, unbroken):
    fitted(tmp_path, renditions, replace(CONFIG, seed=2))
    one, other = (checkpoint(folder)["network"]["dense.weight"] for folder in (unbroken, tmp_path))
    assert (one - other).abs().max() > 1e-3


def test_a_finished_run_stays_as_it_is(renditions, unbroken):
    before = (unbroken / fit.BEST).read_bytes()
    fitted(unbroken, renditions)
    assert (unbroken / fit.BEST).read_bytes() == before
    assert len(log(unbroken)) == 2


@pytest.mark.slow
def test_the_loss_falls_and_the_best_state_is_the_one_kept(tmp_path, renditions):
    config = replace(CONFIG, steps=60, check_every=15, learning_rate=3e-3, warmup=5)
    best = fitted(tmp_path, renditions, config)
    lines = log(tmp_path)
    assert [line["step"] for line in lines] == [15, 30, 45, 60]
    assert lines[-1]["loss"] < 0.8 * lines[0]["loss"]
    system = system_of(config)
    tower = system.network()
    tower.load_state_dict(torch.load(best, weights_only=True))
    (kept,) = [line for line in lines if line["kept"]][-1:]
    assert kept["validation_auc"] == max(line["validation_auc"] for line in lines) > 0.9
    checked = Validation(system, config, renditions, CPU).check(tower)
    assert checked.auc == pytest.approx(kept["validation_auc"], abs=1e-3)
    assert checked.loss == pytest.approx(kept["validation_loss"], abs=1e-3)


def test_without_anything_to_validate_on_it_stops_and_says_so(tmp_path, renditions):
    with pytest.raises(UsageError) as caught:
        fit.train(
            CONFIG,
            training=renditions,
            validation=[made("anchor", role="anchor"), made("good", role="positive")],
            run=tmp_path,
            device=CPU,
        )
    assert caught.value.code == "nothing_to_validate"


def test_the_rate_warms_up_and_falls():
    (weight,) = torch.nn.Linear(1, 1, bias=False).parameters()
    optimiser = torch.optim.AdamW([weight])
    config = FitConfig(learning_rate=1e-3, last_rate=1e-5, warmup=10, steps=110)
    rates = []
    for step in range(110):
        fit._set_rate(optimiser, config, step)
        rates.append(optimiser.param_groups[0]["lr"])
    assert rates[0] == pytest.approx(1e-4)
    assert max(rates) == rates[10] == pytest.approx(1e-3)
    assert rates[60] == pytest.approx((1e-3 + 1e-5) / 2, rel=0.02)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(1e-5, rel=0.1)
