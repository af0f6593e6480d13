"""A system by the name in its configuration."""

from __future__ import annotations

from asa_desktop.core.errors import UsageError
from asa_desktop.core.models import TRIPLETS
from asa_training.config import FitConfig
from asa_training.systems.base import System
from asa_training.systems.headed import Rating
from asa_training.systems.towers import Trained
from asa_training.systems.triplets import Triplets


def system_of(config: FitConfig, *, trained: Trained | None = None) -> System:
    """The system that a configuration names.

    `trained` is the tower for EmbDirect (`read_tower`), whose shape the configuration has to have
    taken over (`standing_on`). Raises UsageError ``tower_unnamed`` where it is not given.
    """
    if config.system in TRIPLETS:
        return Triplets(config)
    if config.system == "embdirect":
        if trained is None:
            raise UsageError("tower_unnamed")
        return Rating(config, trained.tower)
    return Rating(config)
