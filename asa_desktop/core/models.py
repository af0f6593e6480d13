"""Trained models: a folder with weights.safetensors and card.json, checked before use.

A model may come from anybody, so nothing in it is executed: weights are safetensors, the card is
JSON that must say what this program knows, and the weights' bytes must be those the card names.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from asa_desktop.core.assess.score_map import ScoreMap
from asa_desktop.core.errors import ModelError, place_error
from asa_desktop.core.features.spec import FeatureSpec

if TYPE_CHECKING:
    from asa_desktop.core.networks.runner import Model

CARD_SCHEMA = 1
CARD = "card.json"
WEIGHTS = "weights.safetensors"
_MAX_CARD_BYTES = 1 << 20
_MAX_WEIGHT_BYTES = 1 << 30
_TEXTS = ("id", "system", "licence", "scale")

Needs = Literal["nothing", "vocal", "accompaniment"]
Towers = Literal["shared", "two"]

SYSTEMS: Mapping[str, Needs] = {
    "rori": "vocal",
    "racc": "accompaniment",
    "direct": "nothing",
    "delta": "vocal",
    "embdirect": "nothing",
}
"""The trainable systems (Zhang et al., ISMIR 2021) and what each compares a take with."""

TRIPLETS = ("rori", "racc")
"""Those that score by the cosine of two embeddings; the others say the score themselves."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a model says of itself.

    `scale` is the sentence on what its scores mean, `views` the transpositions in cents in which
    every clip is looked at, `towers` whether take and reference pass the same network. `score_map`
    makes a score of the cosine, or of the share of 100 that a head says.
    """

    id: str
    system: str
    features: FeatureSpec
    network: Mapping[str, Any]
    views: tuple[float, ...]
    score_map: ScoreMap
    weights_sha256: str
    licence: str
    scale: str
    values: Mapping[str, Any]
    folder: Path
    towers: Towers = "shared"

    @property
    def needs(self) -> Needs:
        """What the model compares a take with."""
        return SYSTEMS[self.system]


def validate_model(folder: Path) -> ModelCard:
    """Read a model's card and check it against this program and its weights' bytes.

    Raises
    ------
    ModelError
        ``model_missing``, ``card_broken``, ``card_version``, ``features_unknown``,
        ``network_unknown``, ``system_unknown``, ``score_map_broken``, ``weights_missing``,
        ``weights_changed``.
    PlaceError
        When the card or the weights cannot be read.
    """
    card = read_card(folder)
    weights = folder / WEIGHTS
    try:
        size = weights.stat().st_size
        if size > _MAX_WEIGHT_BYTES:
            raise ModelError("weights_changed", path=weights)
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    except FileNotFoundError:
        raise ModelError("weights_missing", path=weights) from None
    except OSError as error:
        raise place_error(error, weights) from None
    if digest != card.weights_sha256:
        raise ModelError("weights_changed", path=weights)
    return card


def refuse_other_formats(weights: Path) -> None:
    """See that a file called .safetensors is one: every tensor's place lies within the file.

    Raises ModelError ``weights_format``, and PlaceError.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(weights, framework="numpy"):
            pass
    except SafetensorError:
        raise ModelError("weights_format", path=weights) from None
    except OSError as error:
        raise place_error(error, weights) from None


def read_card(folder: Path) -> ModelCard:
    """Read and check the card alone."""
    path = folder / CARD
    try:
        if path.stat().st_size > _MAX_CARD_BYTES:
            raise ModelError("card_broken", path=path)
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise ModelError("model_missing", path=folder) from None
    except OSError as error:
        raise place_error(error, path) from None
    return parse_card(content, folder)


def parse_card(content: bytes, folder: Path) -> ModelCard:
    """Check a card that was read; `folder` is where it lies, for the card and for what is said."""
    path = folder / CARD
    try:
        values = json.loads(content.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ModelError("card_broken", path=path) from None
    if not isinstance(values, dict):
        raise ModelError("card_broken", path=path)
    if values.get("schema") != CARD_SCHEMA:
        raise ModelError("card_version", path=path, found=str(values.get("schema"))[:20])
    if not all(isinstance(values.get(name), str) and values[name] for name in _TEXTS):
        raise ModelError("card_broken", path=path)
    if values["system"] not in SYSTEMS:
        raise ModelError("system_unknown", path=path, system=values["system"][:40])
    network, weights = values.get("network"), values.get("weights")
    score_map = values.get("score_map")
    if not (
        isinstance(network, dict) and isinstance(weights, dict) and isinstance(score_map, dict)
    ):
        raise ModelError("card_broken", path=path)
    return ModelCard(
        id=values["id"],
        system=values["system"],
        features=FeatureSpec.from_dict(values.get("features", {})),
        network=network,
        views=_views(values.get("views", [0]), path),
        score_map=ScoreMap.from_knots(score_map.get("knots", ())),
        weights_sha256=str(weights.get("sha256")),
        licence=values["licence"],
        scale=values["scale"],
        values=values,
        folder=folder,
        towers=_towers(values.get("towers", "shared")),
    )


def _views(values: Any, path: Path) -> tuple[float, ...]:
    """Up to 16 transpositions within an octave."""
    fits = isinstance(values, list) and 0 < len(values) <= 16
    if not fits or not all(type(each) in (int, float) and abs(each) <= 1200 for each in values):
        raise ModelError("card_broken", path=path)
    return tuple(float(each) for each in values)


def _towers(value: Any) -> Towers:
    if value not in ("shared", "two"):
        raise ModelError("network_unknown")
    towers: Towers = value
    return towers


def _no_constant(text: str) -> float:
    value = float(text)
    if math.isfinite(value):
        return value
    raise ValueError(text)


def load_model(folder: Path, *, device: str = "auto") -> Model:
    """Check a model and make it ready on a device (``auto``, ``cpu``, ``cuda`` or ``mps``)."""
    from asa_desktop.core.networks.runner import Model

    return Model.load(validate_model(folder), device=device)
