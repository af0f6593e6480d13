"""A run's settings from TOML."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from asa_training.config import FitConfig, read_config

from asa_desktop.core.errors import AsaError
from asa_desktop.core.models import SYSTEMS
from asa_desktop.core.networks.cnnsa import TowerConfig

CONFIGS = sorted((Path(__file__).resolve().parents[3] / "training" / "configs").glob("*.toml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_the_shipped_settings_are_read(path):
    config = read_config(path)
    assert config.id == path.stem
    assert config.system in path.stem
    assert config.steps > config.warmup
    assert TowerConfig.from_dict(config.to_dict()["network"]) == config.network


def test_what_is_not_said_keeps_its_default(tmp_path):
    path = tmp_path / "short.toml"
    path.write_text('steps = 7\n[network]\nwidth = 16\npositions = "learnt"\n')
    assert read_config(path) == FitConfig(
        steps=7, network=TowerConfig(width=16, positions="learnt")
    )


def named(name: str) -> FitConfig:
    return read_config(Path(name))


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_papers_numbers(system):
    config = named(f"paper-{system}")
    assert config.system == system
    assert config.learning_rate == (1e-7 if system == "embdirect" else 1e-6)
    assert (config.optimiser, config.schedule, config.warmup) == ("adam", "constant", 0)
    assert (config.clips, config.epochs, config.patience) == (128, 200, 5)
    assert (config.choose, config.weight_decay, config.clip_norm) == ("loss", 0, 0)
    assert config.key == ("own" if system in ("direct", "embdirect") else "song")
    assert (config.roll_cents, config.slip_frames, config.views) == (0, 0, (0.0,))
    if system in ("rori", "racc"):
        assert (config.towers, config.margin, config.margin_fixed) == ("two", "fixed", 1.0)
        assert (config.draw, config.performances, config.strangers) == ("pairs", 2, 0)
    else:
        assert (config.draw, config.performances) == ("any", 1)
    # The original tower: 10.55 million weights, no positions, a CLS vector that is not learnt.
    assert config.network == TowerConfig(
        width=128, feed_forward=1024, layers=2, heads=8, embedding=128, positions="none",
        cls="fixed",
    )  # fmt: skip


@pytest.mark.parametrize("system", SYSTEMS)
def test_our_own_settings(system):
    config, rori = named(system), named("rori")
    assert (config.optimiser, config.schedule) == ("adamw", "cosine")
    assert (config.towers, config.margin) == ("shared", "graded")
    assert config.views == rori.views
    if system == "embdirect":
        assert (Path(config.tower_from) / "card.json").is_file()
    else:
        assert config.network == rori.network
        assert config.network.width == 32
    assert config.key == {"rori": "removed", "delta": "removed", "racc": "song"}.get(system, "own")
    assert config.features.key_removed == (config.key == "removed")


def test_a_run_is_remembered_and_may_be_of_an_older_version():
    config = named("paper-rori")
    assert FitConfig.from_record(json.loads(json.dumps(config.to_dict()))) == config
    old = {"id": "x", "seed": 3, "views": [0], "started_from": {"id": "y"}}
    assert FitConfig.from_record(old) == FitConfig(id="x", seed=3)


def test_a_tower_is_looked_for_from_the_settings_own_folder(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('system = "embdirect"\ntower_from = "../runs/rori"')
    assert Path(read_config(path).tower_from) == tmp_path / "../runs/rori"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("stepps = 7", "config_broken"),
        ("steps = ", "config_broken"),
        ("[network]\nwidth = 0", "network_unknown"),
        ("[network]\nlength = 3", "network_unknown"),
        ('system = "oracle"', "config_broken"),
        ('towers = "three"', "config_broken"),
        ('draw = "best"', "config_broken"),
        ('optimiser = "sgd"', "config_broken"),
        ("clips = 0", "config_broken"),
        ("performances = 1", "config_broken"),
        ('draw = "pairs"\nperformances = 3', "config_broken"),
        ('margin = "fixed"', "config_broken"),
    ],
)
def test_what_does_not_fit_is_said(tmp_path, text, code):
    path = tmp_path / "broken.toml"
    path.write_text(text)
    with pytest.raises(AsaError) as caught:
        read_config(path)
    assert caught.value.code == code


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(AsaError) as caught:
        read_config(tmp_path / "none.toml")
    assert caught.value.code == "config_broken"
    assert caught.value.facts["path"] == tmp_path / "none.toml"
