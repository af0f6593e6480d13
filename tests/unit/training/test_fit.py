"""Training: it learns, and a run that was interrupted ends as if it had not been."""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import replace

import pytest
import torch
from asa_training import fit, pace, progress
from asa_training.checkpoints import CHECKPOINT, took
from asa_training.config import FitConfig
from asa_training.learner import Learner
from asa_training.optimising import set_rate
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


NEVER_THE_SAME = ("seconds", "waiting", "clips_per_second", "memory_mib")


def log(folder) -> list[dict]:
    """The log without what is never the same."""
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [{name: line[name] for name in line if name not in NEVER_THE_SAME} for line in lines]


def assert_same_end(one, other) -> None:
    """Two runs' folders: the same bits in the checkpoint, and the same best state."""
    ours, theirs = checkpoint(one), checkpoint(other)
    for state in (ours["state"], theirs["state"]):
        assert state.pop("seconds") > 0
    assert ours["state"] == theirs["state"]
    for name, value in ours["network"].items():
        assert torch.equal(theirs["network"][name], value), name
    for key, moments in ours["optimiser"]["state"].items():
        for name, value in moments.items():
            assert torch.equal(theirs["optimiser"]["state"][key][name], value), name
    assert torch.equal(ours["rng"], theirs["rng"])
    best = [torch.load(folder / fit.BEST, weights_only=True) for folder in (one, other)]
    assert all(torch.equal(best[1][name], value) for name, value in best[0].items())


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory, renditions):
    folder = tmp_path_factory.mktemp("unbroken")
    fitted(folder, renditions)
    return folder


def test_a_run_that_ran_out_of_time_goes_on_as_if_it_had_not(tmp_path, renditions, unbroken):
    fitted(tmp_path, renditions, minutes=1e-9)
    assert checkpoint(tmp_path)["state"]["step"] == 1
    assert (tmp_path / fit.BEST).exists(), "something to go on with"
    fitted(tmp_path, renditions)
    assert_same_end(unbroken, tmp_path)
    assert [line["step"] for line in log(tmp_path)] == [1, 3, 6]


def test_the_same_seed_gives_the_same_bits(tmp_path, renditions, unbroken):
    fitted(tmp_path, renditions)
    assert_same_end(unbroken, tmp_path)
    assert not torch.are_deterministic_algorithms_enabled(), "left as it was found"


def test_the_time_of_all_its_parts_is_counted(tmp_path, renditions, monkeypatch):
    seconds = iter(range(10_000))
    for module in (pace, progress):
        monkeypatch.setattr(module, "monotonic", lambda: float(next(seconds)))
    fitted(tmp_path, renditions, minutes=1e-9)
    first = took(tmp_path)["seconds"]
    assert first > 0
    fitted(tmp_path, renditions)
    whole = took(tmp_path)
    lines = [json.loads(line)["seconds"] for line in (tmp_path / "log.jsonl").open()]
    assert lines == sorted(lines)
    assert lines[0] == first < lines[-1] == whole["seconds"]
    assert whole["on"][0].endswith(" cpu")
    assert whole["threads"] == [torch.get_num_threads()]


def test_a_run_that_was_killed_goes_on_from_its_checkpoint(
    tmp_path, renditions, unbroken, monkeypatch
):
    step = Learner.training_step

    def killed(learner, batch, number):
        if learner.step == 5:
            raise KeyboardInterrupt
        return step(learner, batch, number)

    monkeypatch.setattr(Learner, "training_step", killed)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        fitted(tmp_path, renditions)
    assert signal.getsignal(signal.SIGINT) == before
    assert checkpoint(tmp_path)["state"]["step"] == 3
    monkeypatch.setattr(Learner, "training_step", step)
    fitted(tmp_path, renditions)
    assert_same_end(unbroken, tmp_path)
    assert log(tmp_path) == log(unbroken)


@pytest.mark.skipif(sys.platform == "win32", reason="there SIGTERM ends a program at once")
def test_a_run_that_was_asked_to_end_says_so_and_goes_on(tmp_path, renditions, unbroken):
    step = Learner.training_step

    def asked(learner, batch, number):
        if learner.step == 4:
            os.kill(os.getpid(), signal.SIGTERM)
        return step(learner, batch, number)

    before = signal.getsignal(signal.SIGTERM)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Learner, "training_step", asked)
        with pytest.raises(SystemExit) as left:
            fitted(tmp_path, renditions)
    assert left.value.code == 143
    assert signal.getsignal(signal.SIGTERM) == before
    fitted(tmp_path, renditions)
    assert_same_end(unbroken, tmp_path)


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
        set_rate(optimiser, config, step)
        rates.append(optimiser.param_groups[0]["lr"])
    assert rates[0] == pytest.approx(1e-4)
    assert max(rates) == rates[10] == pytest.approx(1e-3)
    assert rates[60] == pytest.approx((1e-3 + 1e-5) / 2, rel=0.02)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(1e-5, rel=0.1)
