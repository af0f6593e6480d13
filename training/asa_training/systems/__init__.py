"""The five trainable systems: what each builds, minimises and says of a clip."""

from asa_training.systems.base import System
from asa_training.systems.chosen import system_of

__all__ = ["System", "system_of"]
