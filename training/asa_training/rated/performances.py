"""Rated performances and what the systems say of them: the values that everything here reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from asa_desktop.core.types import FloatArray

Better = Literal["high", "low"]


@dataclass(frozen=True, slots=True)
class Said:
    """What one system says of one performance: raw `value` in `unit`, `score` 0 to 100.

    `better` tells which way the value goes. Where there is neither, `reason` is a code.
    """

    value: float | None = None
    score: float | None = None
    unit: str = ""
    better: Better = "high"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """All systems on one performance, of how many recordings and scored clips.

    `embeddings` are those of the scored clips where a model looked at them. Shape: (clips, E).
    """

    said: Mapping[str, Said]
    rows: int = 1
    clips: int = 0
    embeddings: FloatArray | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Rated:
    """One performance with the people's ratings of the one target that is evaluated.

    `human` is their mean as the manifest gives it, `judges` each one's own where it is known.
    """

    song: str
    singer: str
    human: float
    heard: Heard
    take: str = ""
    judges: Mapping[str, float] = field(default_factory=dict)
