"""What is tried: configurations by name, each with the seeds that it is trained with."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from asa_desktop.core.errors import AsaError, UsageError
from asa_desktop.core.networks.cnnsa import TowerConfig
from asa_training.config import FitConfig

SUBSETS: Mapping[str, tuple[str, ...]] = {
    "spec": ("spec",),
    "spec+f0": ("spec", "f0"),
    "spec+f0+chroma": ("spec", "chroma", "f0"),
    "all five": ("spec", "chroma", "tchroma", "f0", "tempo"),
    "f0": ("f0",),
}
"""The channels of the paper's ablation (Zhang et al., ISMIR 2021), and F0 alone."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One line of a comparison."""

    name: str
    config: FitConfig

    def folder(self, out: Path, seed: int) -> Path:
        """Where it is trained with a seed."""
        return out / f"{re.sub(r'[^A-Za-z0-9.=+_-]+', '-', self.name)}-seed{seed}"

    def seeded(self, seed: int) -> FitConfig:
        """Its configuration with a seed."""
        return replace(self.config, seed=seed)


def of_channels(config: FitConfig) -> list[Trial]:
    """The same network on each of `SUBSETS`: what is left out, the network has no weights for."""
    return [
        Trial(name, replace(config, network=replace(config.network, channels=channels)))
        for name, channels in SUBSETS.items()
    ]


def of_configs(configs: Iterable[tuple[Path, FitConfig]], vary: Sequence[str]) -> list[Trial]:
    """Each configuration by its file's name, then variations of the first one.

    A variation is `name=value` or several of them with commas between; `network.width=64` and the
    like reach into the network. Raises UsageError ``trial_broken`` or ``trials_of_one_name``.
    """
    trials = [Trial(path.stem, config) for path, config in configs]
    trials += [Trial(text, varied(trials[0].config, text)) for text in vary]
    names = [trial.name for trial in trials]
    if twice := [name for name in names if names.count(name) > 1]:
        raise UsageError("trials_of_one_name", name=twice[0])
    return trials


def varied(config: FitConfig, text: str) -> FitConfig:
    """A configuration with some of its entries changed. Raises UsageError ``trial_broken``."""
    plain: dict[str, Any] = {}
    network = config.network.to_dict()
    for part in _parts(text):
        name, given, value = part.partition("=")
        if not given:
            raise UsageError("trial_broken", text=text, why="it has no =")
        inside = name.startswith("network.")
        (network if inside else plain)[name.removeprefix("network.").strip()] = _value(value)
    try:
        return replace(config, network=TowerConfig.from_dict(network), **plain)
    except AsaError:
        raise UsageError("trial_broken", text=text, why="there is no such network") from None
    except (TypeError, ValueError) as fault:
        raise UsageError("trial_broken", text=text, why=str(fault)) from None


def _parts(text: str) -> list[str]:
    """Between the commas that stand outside brackets."""
    return [part.strip() for part in re.split(r",(?![^\[]*\])", text)]


def _value(text: str) -> Any:
    """As TOML reads it; a bare word is a text."""
    try:
        value = tomllib.loads(f"value = {text.strip()}")["value"]
    except tomllib.TOMLDecodeError:
        return text.strip()
    return tuple(value) if isinstance(value, list) else value
