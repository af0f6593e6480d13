"""A training run's settings, read from TOML and stored with the run."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from asa_desktop.core.errors import UsageError
from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.models import SYSTEMS, TRIPLETS, Towers
from asa_desktop.core.networks.cnnsa import TowerConfig
from asa_training.grades import Grade

CONFIGS = Path(__file__).resolve().parents[1] / "configs"

Start = Literal["shared", "two", "two_alike"]
Draw = Literal["graded", "pairs", "any"]
Margin = Literal["graded", "fixed"]
Optimiser = Literal["adamw", "adam"]
Schedule = Literal["cosine", "constant"]
Choice = Literal["rank", "auc", "loss"]
Key = Literal["removed", "song", "own"]
Precision = Literal["32", "bf16-mixed", "16-mixed"]
Norms = Literal["batch", "sync", "fixed"]

_CHOICES = {
    "system": tuple(SYSTEMS),
    "towers": get_args(Start),
    "draw": get_args(Draw),
    "margin": get_args(Margin),
    "optimiser": get_args(Optimiser),
    "schedule": get_args(Schedule),
    "choose": get_args(Choice),
    "grade": get_args(Grade),
    "precision": get_args(Precision),
    "norms": get_args(Norms),
}


@dataclass(frozen=True, slots=True)
class FitConfig:
    """What `asa-train train` needs to know. Every field is an entry of the TOML file.

    Network: `towers` is "shared", "two" or "two_alike" (two that start from the same weights), for
    `rori` and `racc`; `tower_from` the run or model folder whose tower `embdirect` stands on.

    Data: a batch holds `clips` windows with `performances` takes of each. They are drawn "graded"
    (one or two good ones, the others poor), as "pairs" (a good and a poor one by the paper's
    labels: 80 and more, under 40) or "any". `grade` is the severity of a clip (`grades.grade_of`)
    that margins and labels are made of. `roll_cents`, `key_error_cents` and `slip_frames` bound
    what is varied at random; `views` are the transpositions (cents) in which the exported model
    looks at every clip. `key_removed` false leaves every take in the song's key (`keys`).

    Loss of triplets: the margin is "graded", min(margin_most, margin_slope x gap in severity), or
    "fixed" at `margin_fixed`; `strangers` weighs the loss that keeps other songs away.

    Length: `steps` batches with a check every `check_every`, or `epochs` with a check after each,
    where that is not 0. `patience` checks without a lower validation loss end the run; 0 never.
    The state is kept that orders the validation clips best by `grade` ("rank": Spearman), that has
    the best AUC of clips without a fault above those half off pitch ("auc"), or the lowest loss
    (`choose`).

    Means: `precision` is that of the networks' forward and backward passes ("bf16-mixed" and
    "16-mixed" keep the weights in 32 bits). `norms` is what batch norm goes by: each process's own
    clips ("batch"), those of all ("sync", on GPUs), or the running means that it began with
    ("fixed"). A checkpoint is written every `checkpoint_every` steps beside those at checks; 0
    writes none between them.
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
    towers: Start = "shared"
    tower_from: str = ""
    draw: Draw = "graded"
    key_removed: bool = True
    roll_cents: int = 500
    key_error_cents: float = 12.0
    slip_frames: int = 2
    margin: Margin = "graded"
    margin_fixed: float = 1.0
    optimiser: Optimiser = "adamw"
    schedule: Schedule = "cosine"
    clip_norm: float = 1.0
    epochs: int = 0
    patience: int = 0
    choose: Choice = "rank"
    grade: Grade = "heard"
    precision: Precision = "bf16-mixed"
    norms: Norms = "batch"
    checkpoint_every: int = 100

    def __post_init__(self) -> None:
        """Raise ValueError for what no run could mean."""
        for name, known in _CHOICES.items():
            if getattr(self, name) not in known:
                raise ValueError(f"{name} is one of {', '.join(known)}")
        for name in ("clips", "performances", "check_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is at least 1")
        if self.checkpoint_every < 0:
            raise ValueError("checkpoint_every is 0 or more")
        least = 2 if self.system in TRIPLETS else 1
        if self.performances < least or (self.draw == "pairs" and self.performances != 2):
            raise ValueError("triplets need two performances or more, pairs just two")
        if self.margin == "fixed" and self.strangers:
            raise ValueError("strangers are graded; with a fixed margin set strangers to 0")

    @property
    def key(self) -> Key:
        """What becomes of a take's key; see `key_of`."""
        return key_of(self.system, key_removed=self.key_removed)

    @property
    def built(self) -> Towers:
        """What `towers` comes to, whatever they started from."""
        return "shared" if self.towers == "shared" else "two"

    @property
    def features(self) -> FeatureSpec:
        """The specification that the run's model is shown."""
        return FeatureSpec(key_removed=self.key == "removed")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for the run's record and the card."""
        return {**asdict(self), "network": self.network.to_dict()}

    @classmethod
    def from_record(cls, values: Mapping[str, Any]) -> FitConfig:
        """Read a run's record, of whatever version: what it does not say keeps its default."""
        known = {name: values[name] for name in _names(cls) if name in values}
        known["network"] = TowerConfig.from_dict(known.get("network", {}))
        known["views"] = tuple(float(view) for view in known.get("views", [0.0]))
        return cls(**known)


def key_of(system: str, *, key_removed: bool) -> Key:
    """What becomes of a take's key: measured against the original and removed, or the song's.

    Always the song's over an accompaniment, where another key is wrong and there is no pitch to
    measure it against, and the take's own where there is no reference at all.
    """
    if SYSTEMS[system] == "nothing":
        return "own"
    if SYSTEMS[system] == "accompaniment":
        return "song"
    return "removed" if key_removed else "song"


def _names(cls: type[FitConfig]) -> list[str]:
    return [each.name for each in fields(cls)]


def read_config(path: Path) -> FitConfig:
    """Read a TOML file, or one of configs/ by its name alone (``paper-rori``).

    `tower_from` is read from the file's own folder. Raises UsageError ``config_broken`` naming
    what does not fit.
    """
    path = _found(path)
    try:
        values = tomllib.loads(path.read_text("utf-8"))
        network = TowerConfig.from_dict(values.pop("network", {}))
        values["views"] = tuple(float(view) for view in values.get("views", [0.0]))
        if values.get("tower_from"):
            values["tower_from"] = str(path.parent / values["tower_from"])
        return FitConfig(network=network, **values)
    except (OSError, TypeError, ValueError) as fault:
        raise UsageError("config_broken", path=path, fault=str(fault)) from None


def _found(path: Path) -> Path:
    named = CONFIGS / f"{path.name}.toml"
    return named if not path.exists() and len(path.parts) == 1 and named.exists() else path
