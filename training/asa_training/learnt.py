"""What a run has learnt from marked recordings: who sings, of which licence, under which sha256.

A run's record keeps it, so that its export says it and refuses a test on the same people; the
model's card has numbers alone, since names may tell who sang.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

_STANDS_ON = ("started_from", "tower")
"""The entries of a record that are of other runs."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What is learnt from one singer's recordings of one licence."""

    singer: str
    licence: str
    recordings: int
    seconds: float


@dataclass(frozen=True, slots=True)
class LearntFrom:
    """A manifest's part in a training: marks of what, which songs, and from whom.

    `chosen_by` are the singers of the validation, whose songs are among `songs`.
    """

    manifest: str
    target: str
    songs: tuple[str, ...]
    learnt: tuple[Learnt, ...]
    chosen_by: tuple[str, ...] = ()

    @property
    def singers(self) -> set[str]:
        """All who sang in training or validation."""
        return {one.singer for one in self.learnt} | {*self.chosen_by}


@dataclass(frozen=True, slots=True)
class Origin(LearntFrom):
    """The same, with (path, sha256) of all sounds that went into it, references too."""

    files: tuple[tuple[str, str], ...] = ()


def record_of_marked(training: Origin, validation: Origin) -> dict[str, Any]:
    """Plain values for a run's record."""
    return {
        "marks": {"manifest": training.manifest, "target": training.target},
        "learnt": {
            "songs": sorted({*training.songs, *validation.songs}),
            "from": [asdict(each) for each in training.learnt],
            "chosen_by": sorted(validation.singers),
        },
    }


def with_earlier(learnt: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """What a run's record says that it has learnt, with what it had learnt before it went on."""
    each = {(one["singer"], one["licence"]): one for one in (*before["from"], *learnt["from"])}
    return {
        "songs": sorted({*before["songs"], *learnt["songs"]}),
        "from": [each[key] for key in sorted(each)],
        "chosen_by": sorted({*before["chosen_by"], *learnt["chosen_by"]}),
    }


def learnt_of(record: Mapping[str, Any]) -> tuple[LearntFrom, ...]:
    """What a run's record says of marked recordings, and those of runs that it stands on."""
    found: tuple[LearntFrom, ...] = ()
    for name in _STANDS_ON:
        if name in record:
            found += learnt_of(record[name])
    if "marks" not in record:
        return found
    learnt = record["learnt"]
    here = LearntFrom(
        songs=tuple(learnt["songs"]),
        learnt=tuple(Learnt(**each) for each in learnt["from"]),
        chosen_by=tuple(learnt["chosen_by"]),
        **record["marks"],
    )
    return (*found, here)


def by_marks_alone(record: Mapping[str, Any]) -> bool:
    """Whether a run and the runs that it stands on learnt from marked recordings and nothing else.

    A tower out of a model's folder brings its licence along; of a run's it hangs on what that
    learnt from.
    """
    before = [record[name] for name in _STANDS_ON if name in record]
    return "marks" in record and all(each.get("licence") or by_marks_alone(each) for each in before)


def without_singers(record: Mapping[str, Any]) -> dict[str, Any]:
    """A run's record as a card may tell it."""
    return {
        name: without_singers(value) if name in _STANDS_ON else value
        for name, value in record.items()
        if name != "learnt"
    }


def data_of_marked(marked: Sequence[LearntFrom]) -> list[dict[str, Any]]:
    """For the card: one entry a manifest and licence, with numbers of singers and recordings."""
    found = []
    for each in marked:
        by_licence: dict[str, list[Learnt]] = defaultdict(list)
        for one in each.learnt:
            by_licence[one.licence].append(one)
        found += [
            {
                "corpus": each.manifest,
                "marks": each.target,
                "licence": licence,
                "singers": len(some),
                "recordings": sum(one.recordings for one in some),
                "seconds": round(sum(one.seconds for one in some), 1),
            }
            for licence, some in sorted(by_licence.items())
        ]
    return found
