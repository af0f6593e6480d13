"""One table of all trials: `table.csv` with every number, `table.md` to be read."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from pathlib import Path

from asa_training.trials.measures import Measured
from asa_training.writing import write_text

COLUMNS = (
    "measure", "trial", "value", "low", "high", "n", "sources", "over_first", "over_first_low",
    "over_first_high",
)  # fmt: skip

Results = Mapping[str, Mapping[str, Measured]]
"""By trial, then by measure; the first trial is what the others are compared with."""


def write_tables(out: Path, results: Results, *, remarks: str) -> str:
    """Write both; the text of the second. Raises PlaceError."""
    write_text(out / "table.csv", _csv(results))
    text = _markdown(results, remarks)
    write_text(out / "table.md", text)
    return text


def _csv(results: Results) -> str:
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(COLUMNS)
    first = next(iter(results.values()))
    for measure in first:
        for trial, measured in results.items():
            one = measured[measure]
            numbers = (one.value, *one.interval, one.count, one.sources, *one.above(first[measure]))
            writer.writerow([measure, trial, *(_cell(each) for each in numbers)])
    return page.getvalue()


def _cell(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    return f"{value:.4f}" if math.isfinite(value) else ""


def _markdown(results: Results, remarks: str) -> str:
    names = list(results)
    first = results[names[0]]
    lines = [
        remarks,
        "",
        f"| measure | n | {' | '.join(names)} |",
        f"|---|---|{'---|' * len(names)}",
    ]
    lines += [
        f"| {measure} | {first[measure].count} | "
        + " | ".join(_said(results[name][measure], first[measure]) for name in names)
        + " |"
        for measure in first
    ]
    return "\n".join(lines) + "\n"


def _said(one: Measured, first: Measured) -> str:
    """The value with its interval, and a mark where it differs surely from the first trial's."""
    if not math.isfinite(one.value):
        return "-"
    low, high = one.interval
    if not math.isfinite(low):
        return f"{one.value:.3f} (few)"
    _gap, least, most = one.above(first)
    mark = "+" if least > 0 else "-" if most < 0 else ""
    return f"{one.value:.3f} [{low:.3f}, {high:.3f}]{' ' + mark if mark else ''}"
