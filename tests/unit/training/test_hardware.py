"""What a run can be done on, and what is said where it cannot."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from asa_training.config import FitConfig
from asa_training.hardware import ALONE, Hardware, begun_as_first, refuse_unfit
from asa_training.sentences import SENTENCES, say

from asa_desktop.core.errors import UsageError

CPU, GPU, MPS = (torch.device(name) for name in ("cpu", "cuda", "mps"))
CONFIG = FitConfig(clips=24)
VARIABLES = ("RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID", "WORLD_SIZE")


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


@pytest.mark.parametrize(
    ("config", "device", "hardware", "code"),
    [
        (CONFIG, CPU, Hardware(devices=5), "clips_uneven"),
        (CONFIG, GPU, Hardware(devices=3), "devices_missing"),
        (CONFIG, MPS, Hardware(devices=2), "devices_missing"),
        (replace(CONFIG, precision="16-mixed"), CPU, ALONE, "half_needs_gpu"),
        (replace(CONFIG, precision="16-mixed"), MPS, ALONE, "half_needs_gpu"),
        (replace(CONFIG, norms="sync"), CPU, Hardware(devices=2), "sync_needs_gpus"),
    ],
)
def test_what_cannot_be_is_one_sentence(config, device, hardware, code):
    with pytest.raises(UsageError) as caught:
        refuse_unfit(config, device, hardware)
    assert caught.value.code == code
    assert code in SENTENCES
    assert "?" not in say(caught.value)


@pytest.mark.parametrize(
    ("config", "device", "hardware"),
    [
        (CONFIG, CPU, ALONE),
        (CONFIG, MPS, ALONE),
        (CONFIG, CPU, Hardware(devices=2, nodes=3)),
        (replace(CONFIG, precision="16-mixed", norms="sync"), GPU, Hardware(devices=2, nodes=2)),
        (replace(CONFIG, norms="sync"), CPU, ALONE),
    ],
)
def test_what_can_be_is_let_through(config, device, hardware):
    refuse_unfit(config, device, hardware)


def test_processes_that_were_begun_have_to_be_those_asked_for(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "4")
    refuse_unfit(CONFIG, CPU, Hardware(devices=2, nodes=2))
    with pytest.raises(UsageError) as caught:
        refuse_unfit(CONFIG, CPU, ALONE)
    assert caught.value.facts == {"asked": 1, "begun": 4}


@pytest.mark.parametrize(
    ("variables", "first"),
    [
        ({}, True),
        ({"LOCAL_RANK": "1"}, False),
        ({"LOCAL_RANK": "0", "NODE_RANK": "1"}, False),
        ({"RANK": "3", "LOCAL_RANK": "0"}, False),
        ({"RANK": "0", "LOCAL_RANK": "0"}, True),
        ({"SLURM_PROCID": "2"}, False),
    ],
)
def test_which_process_was_begun_as_the_first(monkeypatch, variables, first):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert begun_as_first() == first


def test_who_draws_the_batches(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 16)
    assert ALONE.drawing(CPU) == 0
    assert ALONE.drawing(GPU) == 8
    assert Hardware(devices=4).drawing(GPU) == 3
    assert Hardware(loaders=0).drawing(GPU) == 0
