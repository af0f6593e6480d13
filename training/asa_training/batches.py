"""What a system is trained on: batches from renditions, or from clips that people labelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from asa_desktop.core.errors import UsageError
from asa_desktop.core.models import SYSTEMS, TRIPLETS, Needs
from asa_training.config import FitConfig
from asa_training.features import ACCOMPANIMENT, Rendition
from asa_training.labelled import Labelled, LabelledSampler
from asa_training.windows import WHOLE, Batch, Sampler, Share, by_source

ROLES: Mapping[Needs, str | None] = {
    "nothing": None,
    "vocal": "anchor",
    "accompaniment": ACCOMPANIMENT,
}
"""The role of the renditions that a system compares with, by what it needs."""

Data = Sequence[Rendition] | Labelled


class Batches(Protocol):
    """Batch k is the same whenever it is asked for."""

    @property
    def windows(self) -> int:
        """How many windows there are: what an epoch goes through."""

    def batch(self, number: int, share: Share = WHOLE) -> Batch:
        """The batch with this number, or one process's share of it."""


def role_of(system: str) -> str | None:
    """The role of the renditions that a system compares with; None where it needs none."""
    return ROLES[SYSTEMS[system]]


def batches_of(data: Data, config: FitConfig, *, seed: int) -> Batches:
    """Batches as the configuration wants them; there may be no window in them.

    Raises UsageError ``reference_missing`` where labelled clips come without what the system
    compares with.
    """
    role = role_of(config.system)
    if isinstance(data, Labelled):
        if role is not None and data.reference is None:
            raise UsageError("reference_missing", system=config.system)
        return LabelledSampler(
            data,
            seed=seed,
            size=config.clips,
            paired=config.system in TRIPLETS,
            compared=role is not None,
        )
    return Sampler(
        by_source(data, role=role),
        seed=seed,
        clips=config.clips,
        performances=config.performances,
        draw=config.draw,
        grade=config.grade,
        key=config.key,
        roll_cents=config.roll_cents,
        key_error_cents=config.key_error_cents,
        slip_frames=config.slip_frames,
    )


def without_accompaniment(renditions: Sequence[Rendition]) -> list[str]:
    """The sources of which there is no accompaniment: `racc` has to pass them over."""
    there = {each.source for each in renditions if each.role == ACCOMPANIMENT}
    return sorted({each.source for each in renditions} - there)
