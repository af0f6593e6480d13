"""The frozen tower of EmbDirect, out of a run or a model folder of a triplet system."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch

from asa_desktop.core.errors import UsageError
from asa_desktop.core.models import CARD, TRIPLETS, validate_model
from asa_desktop.core.networks.cnnsa import Tower
from asa_desktop.core.networks.heads import build_network, performance_tower
from asa_desktop.core.networks.runner import read_network
from asa_training.config import FitConfig

BEST = "best.pt"
CONFIG = "config.json"


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained performance tower: whose it is, and the hash of the file it came from.

    Of a model folder also its licence, whom it names, and who sang what it learnt from: all of
    that holds for a model that stands on it. A run does not know them.
    """

    tower: Tower
    id: str
    sha256: str
    licence: str = ""
    attribution: tuple[str, ...] = ()
    singers: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """All but the tower, for the run's record and the card."""
        return {each.name: getattr(self, each.name) for each in fields(self)[1:]}


def read_tower(path: Path) -> Trained:
    """Read the performance tower of a run (its best state so far) or of a model folder.

    Raises
    ------
    UsageError
        ``tower_missing`` where the folder holds neither; ``tower_of_another`` where it holds
        another system than `rori` or `racc`.
    ModelError
        When the model folder, or the run's network, is not one that this program knows.
    """
    if (path / CARD).exists():
        card = validate_model(path)
        _only_triplets(card.system, path)
        data = card.values.get("training", {}).get("data", [])
        return Trained(
            performance_tower(read_network(card)),
            card.id,
            card.weights_sha256,
            licence=card.licence,
            attribution=tuple(card.values.get("attribution", ())),
            singers=tuple(each["singer"] for each in data if "singer" in each),
        )
    try:
        config = FitConfig.from_record(json.loads((path / CONFIG).read_text("utf-8")))
        content = (path / BEST).read_bytes()
    except (OSError, TypeError, ValueError):
        raise UsageError("tower_missing", path=path) from None
    _only_triplets(config.system, path)
    network = build_network(config.system, config.network, towers=config.built)
    network.load_state_dict(torch.load(path / BEST, map_location="cpu", weights_only=True))
    return Trained(performance_tower(network), config.id, hashlib.sha256(content).hexdigest())


def standing_on(config: FitConfig, trained: Trained) -> FitConfig:
    """The configuration with the shape of the tower that it stands on."""
    return replace(config, network=trained.tower.config)


def _only_triplets(system: str, path: Path) -> None:
    if system not in TRIPLETS:
        raise UsageError("tower_of_another", path=path, system=system)
