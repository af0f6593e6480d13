"""A training run's settings, read from TOML and stored with the run."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from asa_desktop.core.errors import UsageError
from asa_desktop.core.networks.cnnsa import TowerConfig


@dataclass(frozen=True, slots=True)
class FitConfig:
    """What `asa-train train` needs to know.

    `steps` counts batches; `views` are the transpositions (cents) in which the exported model looks
    at every clip; `strangers` weighs the loss that keeps other songs away.
    """

    id: str = "rori"
    system: str = "rori"
    seed: int = 1
    steps: int = 2000
    clips: int = 24
    performances: int = 5
    learning_rate: float = 5e-4
    last_rate: float = 1e-5
    warmup: int = 100
    weight_decay: float = 1e-4
    margin_slope: float = 2.5
    margin_most: float = 1.5
    strangers: float = 1.0
    check_every: int = 200
    views: tuple[float, ...] = (0.0,)
    network: TowerConfig = field(default_factory=TowerConfig)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for the run's record and the card."""
        return asdict(self)


def read_config(path: Path) -> FitConfig:
    """Read a TOML file; raises UsageError ``config_broken`` naming what does not fit."""
    try:
        values = tomllib.loads(path.read_text("utf-8"))
        network = TowerConfig.from_dict(values.pop("network", {}))
        values["views"] = tuple(float(view) for view in values.get("views", [0.0]))
        return FitConfig(network=network, **values)
    except (OSError, TypeError, ValueError) as fault:
        raise UsageError("config_broken", path=path, fault=str(fault)) from None
