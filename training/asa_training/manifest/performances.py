"""Rows become performances: what one singer sang of one song in one take, perhaps in parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from asa_training.manifest.faults import Fault
from asa_training.manifest.values import Manifest, Row, Scale, in_order

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Performance:
    """The rows of one singer, song and take, in the order of their parts, and their rating.

    `referenced` tells that another row names one of these rows as its reference: a teacher's or
    professional's singing, or a piano rendition.
    """

    song: str
    singer: str
    take: str
    rows: tuple[Row, ...]
    scores: Mapping[str, float] = field(default_factory=dict)
    scales: Mapping[str, Scale] = field(default_factory=dict)
    judges: Mapping[str, float] = field(default_factory=dict)
    referenced: bool = False

    @property
    def split(self) -> str:
        """The split of its rows."""
        return next((row.split for row in self.rows if row.split), "")


def key_of(row: Row) -> Key:
    """What tells performances apart: (song, singer, take)."""
    return (row.song, row.singer, row.take)


def performances(manifest: Manifest) -> list[Performance]:
    """All performances, in the order in which they first come, those without rating among them."""
    grouped: dict[Key, list[Row]] = {}
    for row in manifest.rows:
        grouped.setdefault(key_of(row), []).append(row)
    named = {place for row in manifest.rows for place in row.reference}
    return [_performance(key, rows, named) for key, rows in grouped.items()]


def _performance(key: Key, rows: list[Row], named: set[str]) -> Performance:
    scores: dict[str, float] = {}
    scales: dict[str, Scale] = {}
    judges: dict[str, float] = {}
    for row in rows:
        # They agree, or the manifest would not have been read.
        scores.update(row.scores)
        scales.update(row.scales)
        judges.update(row.judges)
    song, singer, take = key
    return Performance(
        song=song,
        singer=singer,
        take=take,
        rows=tuple(sorted(rows, key=lambda row: in_order(row.part))),
        scores=scores,
        scales=scales,
        judges=judges,
        referenced=any(row.path in named for row in rows),
    )


def disagreements(numbered: Iterable[tuple[int, Row]]) -> list[Fault]:
    """The faults between rows: the same recording or part twice, two ratings or splits of one."""
    found: list[Fault] = []
    check = _Seen(found)
    for number, row in numbered:
        key = key_of(row)
        check.once(number, "path", ("path", row.path), "path_twice", place=row.path)
        check.once(
            number, "part", ("part", *key, row.part), "part_twice",
            song=row.song, singer=row.singer,
        )  # fmt: skip
        if row.sha256 and "#" not in row.path:
            check.once(number, "sha256", ("bytes", row.sha256), "bytes_twice", place=row.path)
        if row.split:
            check.same(number, "split", ("split", *key), row.split, "split_differs")
        for name in ("scores", "scales", "judges"):
            column = "judges" if name == "judges" else "scores"
            for rated, value in getattr(row, name).items():
                check.same(
                    number, column, (name, *key, rated), value, "rating_differs", name=rated,
                )  # fmt: skip
    return found


class _Seen:
    """What was seen in which row."""

    def __init__(self, found: list[Fault]) -> None:
        self._found = found
        self._values: dict[tuple[str, ...], tuple[int, object]] = {}

    def once(
        self, number: int, column: str, what: tuple[str, ...], code: str, **facts: object
    ) -> None:
        """Keep a fault where `what` comes a second time."""
        if what in self._values:
            other = self._values[what][0]
            self._found.append(Fault(number, column, code, {"other": other, **facts}))
        else:
            self._values[what] = (number, None)

    def same(
        self,
        number: int,
        column: str,
        what: tuple[str, ...],
        value: object,
        code: str,
        **facts: object,
    ) -> None:
        """Keep a fault where `what` has another value than before."""
        other, before = self._values.setdefault(what, (number, value))
        if before != value:
            self._found.append(Fault(number, column, code, {"other": other, **facts}))
