"""Cells of text become the values of a row, and back; every fault on the way is kept."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from asa_training.manifest import places
from asa_training.manifest.faults import Fault
from asa_training.manifest.values import COLUMNS, KNOWN_SPLITS, OVERALL, REQUIRED, Row, Scale

SEPARATOR = "|"

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_ENTRY = re.compile(r"([^=;\[\]]+)=([^=;\[\]]*)(?:\[([^\[\]]*)\])?")
_SCALE = re.compile(rf"\s*({_NUMBER})\s*[-–]\s*({_NUMBER})\s*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Wrong(NamedTuple):
    """A fault before it is known where it stands."""

    code: str
    facts: dict[str, object]


@dataclass(slots=True)
class Ratings:
    """What a cell of scores or judges holds, and what is wrong in it."""

    numbers: dict[str, float] = field(default_factory=dict)
    scales: dict[str, Scale] = field(default_factory=dict)
    faults: list[Wrong] = field(default_factory=list)

    def wrong(self, code: str, **facts: object) -> None:
        """Keep a fault."""
        self.faults.append(Wrong(code, facts))


def row_of(cells: Mapping[str, str], number: int, faults: list[Fault]) -> Row | None:
    """A row from its cells by column; faults join `faults`. None where it cannot be used."""
    before = len(faults)

    def wrong(column: str, code: str, **facts: object) -> None:
        faults.append(Fault(number, column, code, facts))

    text = {name: cells.get(name, "").strip() for name in COLUMNS}
    for name, cell in text.items():
        if not places.is_text(cell):
            wrong(name, "cell_not_text", value=cell)
        elif not cell and name in REQUIRED:
            wrong(name, "cell_empty")
    sha256 = text["sha256"].lower()
    if sha256 and not _SHA256.fullmatch(sha256):
        wrong("sha256", "sha256_malformed", value=sha256)
    if text["split"] not in KNOWN_SPLITS:
        wrong("split", "split_unknown", value=text["split"])
    reference = tuple(each.strip() for each in text["reference"].split(SEPARATOR) if each.strip())
    scores = read_ratings(text["scores"], kind="scores")
    judges = read_ratings(text["judges"], kind="judges", scale=scores.scales.get(OVERALL))
    for name, ratings in (("scores", scores), ("judges", judges)):
        for each in ratings.faults:
            wrong(name, each.code, **each.facts)
    row = Row(
        path=text["path"],
        singer=text["singer"],
        song=text["song"],
        sha256=sha256,
        part=text["part"],
        take=text["take"],
        reference=reference,
        accompaniment=text["accompaniment"],
        scores=scores.numbers,
        scales=scores.scales,
        judges=judges.numbers,
        licence=text["licence"],
        split=text["split"],
    )
    for name, place in row.places:
        if place and (code := places.written_fault(place)):
            wrong(name, code, place=place)
    return row if len(faults) == before else None


def read_ratings(
    cell: str, *, kind: Literal["scores", "judges"], scale: Scale | None = None
) -> Ratings:
    """``overall=3.4 [1-5]; pitch=4``: names, numbers and, of scores, their scales."""
    ratings = Ratings()
    for entry in cell.split(";"):
        if not entry.strip():
            continue
        match = _ENTRY.fullmatch(entry.strip())
        if match is None:
            ratings.wrong("entry_shape", value=entry.strip())
            continue
        name, written, span = match[1].strip(), match[2].strip(), match[3]
        number = _number(name, written, ratings)
        if name in ratings.numbers:
            ratings.wrong("entry_twice", name=name)
            continue
        if number is None:
            continue
        ratings.numbers[name] = number
        if span is not None and kind == "judges":
            ratings.wrong("scale_unexpected", name=name)
        elif span is not None:
            _keep_scale(name, span, ratings)
        if kind == "judges" and scale and not scale[0] <= number <= scale[1]:
            ratings.wrong("judge_off_scale", name=name, value=written, scale=shown_scale(scale))
    return ratings


def read_scale(span: str) -> Scale | None:
    """(lowest, highest) of ``1-5``; None where it is no scale."""
    match = _SCALE.fullmatch(span)
    if match is None:
        return None
    low, high = float(match[1]), float(match[2])
    return (low, high) if low < high and math.isfinite(high - low) else None


def _number(name: str, written: str, ratings: Ratings) -> float | None:
    if not written:
        ratings.wrong("number_missing", name=name)
    elif written.lower().lstrip("+-") in ("nan", "inf", "infinity"):
        ratings.wrong("number_not_finite", name=name, value=written)
    elif re.fullmatch(_NUMBER, written):
        number = float(written)
        if math.isfinite(number):
            return number
        ratings.wrong("number_not_finite", name=name, value=written)
    elif re.fullmatch(r"[+-]?[0-9]+,[0-9]+", written):
        ratings.wrong("number_comma", value=written)
    else:
        ratings.wrong("number_unreadable", value=written)
    return None


def _keep_scale(name: str, span: str, ratings: Ratings) -> None:
    scale = read_scale(span)
    if scale is None:
        ratings.wrong("scale_unreadable", value=span)
        return
    ratings.scales[name] = scale
    number = ratings.numbers[name]
    if not scale[0] <= number <= scale[1]:
        ratings.wrong("off_scale", name=name, value=shown(number), scale=shown_scale(scale))


def cells_of(row: Row) -> dict[str, str]:
    """A row as cells by column, in the order of the columns."""
    held: dict[str, str] = {name: getattr(row, name) for name in COLUMNS if name not in _COMPOSED}
    held["reference"] = SEPARATOR.join(row.reference)
    held["scores"] = "; ".join(
        f"{name}={shown(number)}{_bracketed(row.scales.get(name))}"
        for name, number in row.scores.items()
    )
    held["judges"] = "; ".join(f"{name}={shown(number)}" for name, number in row.judges.items())
    return {name: held[name] for name in COLUMNS}


_COMPOSED = ("reference", "scores", "judges")


def surviving(rows: Sequence[Row]) -> list[Fault]:
    """The faults of rows that are about to be written, where row 2 is the first of them.

    A row that would be read back as another is a fault, too.
    """
    faults: list[Fault] = []
    for number, row in enumerate(rows, start=2):
        cells = cells_of(row)
        back = row_of(cells, number, faults)
        if back is not None and back != row:
            again = cells_of(back)
            changed = [
                name
                for name in COLUMNS
                if again[name] != cells[name] or getattr(back, name) != getattr(row, name)
            ]
            column = changed[0] if changed else "scores"
            faults.append(Fault(number, column, "cell_changes", {"value": cells[column]}))
    return faults


def shown(number: float) -> str:
    """The shortest text that is read back as the same number."""
    return repr(float(number)).removesuffix(".0")


def shown_scale(scale: Scale) -> str:
    """``1-5``."""
    return f"{shown(scale[0])}-{shown(scale[1])}"


def _bracketed(scale: Scale | None) -> str:
    return f" [{shown_scale(scale)}]" if scale else ""
