"""What the program noticed about its own surroundings and has to tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from asa_desktop.core.errors import Fact


@dataclass(frozen=True, slots=True)
class Finding:
    """A code and its facts, worded elsewhere; `repaired` when it has been put right already."""

    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    repaired: bool = False
