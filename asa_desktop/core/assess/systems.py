"""Every transparent system behind one interface: evidence in, raw value and mapped score out.

They stand in the order of the table in Zhang, Jiang, Jiang and Hu, ISMIR 2021: the pitch histogram
with the measures that the paper only mentions, dynamic time warping, then the karaoke profiles.
Scores run from 0 to 100, and a better value never scores less; they are made to be read, not to be
compared between systems. Where their constants come from stands with each map.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal, Protocol

from asa_desktop.core.assess.evidence import Evidence
from asa_desktop.core.assess.from_histogram import HISTOGRAM_SYSTEMS
from asa_desktop.core.assess.from_notes import NOTE_SYSTEMS
from asa_desktop.core.assess.from_warping import WARPING_SYSTEMS
from asa_desktop.core.errors import UsageError
from asa_desktop.core.types import SystemScore


class System(Protocol):
    """One way to assess a take.

    Where the evidence lacks what it needs, the score and the value are None and `reason` is a
    code: ``needs_reference``, ``needs_notes``, ``needs_sound``, ``needs_alignment``,
    ``too_little_pitch``, ``reference_silent``, ``silence`` or ``too_few_onsets``.
    """

    @property
    def name(self) -> str:
        """As in the paper."""

    @property
    def unit(self) -> str:
        """Of the raw value; empty where it has none."""

    @property
    def better(self) -> Literal["high", "low"]:
        """Which raw value is the better one."""

    @property
    def needs(self) -> frozenset[str]:
        """Fields of `Evidence`; `melody` stands in for a reference's pitch and onsets."""

    def __call__(self, evidence: Evidence) -> SystemScore:
        """The raw value and its score, or the reason why there is none."""


SYSTEMS: Mapping[str, System] = MappingProxyType(
    {system.name: system for system in (*HISTOGRAM_SYSTEMS, *WARPING_SYSTEMS, *NOTE_SYSTEMS)}
)
"""Every transparent system by its name."""


def run_systems(evidence: Evidence, names: Iterable[str] | None = None) -> dict[str, SystemScore]:
    """What the named systems say, in that order; all of them where none are named.

    Raises
    ------
    UsageError
        ``unknown_system`` with `name` and `known`.
    """
    wanted = tuple(SYSTEMS) if names is None else tuple(names)
    for name in wanted:
        if name not in SYSTEMS:
            raise UsageError("unknown_system", name=name, known=tuple(SYSTEMS))
    return {name: SYSTEMS[name](evidence) for name in wanted}
