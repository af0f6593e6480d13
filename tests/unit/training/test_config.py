"""A run's settings from TOML."""

from __future__ import annotations

from pathlib import Path

import pytest
from asa_training.config import FitConfig, read_config

from asa_desktop.core.errors import AsaError
from asa_desktop.core.networks.cnnsa import TowerConfig

CONFIGS = sorted((Path(__file__).resolve().parents[3] / "training" / "configs").glob("*.toml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_the_shipped_settings_are_read(path):
    config = read_config(path)
    assert config.id.startswith("rori")
    assert config.steps > config.warmup
    assert TowerConfig.from_dict(config.to_dict()["network"]) == config.network


def test_what_is_not_said_keeps_its_default(tmp_path):
    path = tmp_path / "short.toml"
    path.write_text('steps = 7\n[network]\nwidth = 16\npositions = "learnt"\n')
    assert read_config(path) == FitConfig(
        steps=7, network=TowerConfig(width=16, positions="learnt")
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("stepps = 7", "config_broken"),
        ("steps = ", "config_broken"),
        ("[network]\nwidth = 0", "network_unknown"),
        ("[network]\nlength = 3", "network_unknown"),
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
