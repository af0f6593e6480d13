"""The table, and what every system said of every performance, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from asa_training.rated.agreement import DRAWS, MEASURES, Agreement
from asa_training.rated.compare import FITTED, Line, Scope, Table
from asa_training.rated.judges import HumanLine
from asa_training.rated.performances import Said
from asa_training.rated.table import HUMAN, MIX, NOT_STATED, PAIRWISE

COLUMNS = (
    "system", "unit", "by", "measure", "scope", "song", "n", "singers", "value", "low", "high",
    "lowest_judge", "highest_judge", "missing", "target", "draws", "seed", "variants",
)  # fmt: skip


def table_csv(table: Table) -> str:
    """One line a system, measure and scope; the human line as a system of its own."""
    return _csv(COLUMNS, _table_rows(table))


def _table_rows(table: Table) -> Iterator[dict[str, object]]:
    common = {
        "target": table.target,
        "draws": DRAWS,
        "seed": table.seed,
        "variants": NOT_STATED if table.variants is None else table.variants,
    }
    scopes: tuple[Scope, ...] = (None, *table.songs)
    for measure in MEASURES:
        for scope in scopes:
            place = {
                "measure": measure,
                "scope": MIX if scope is None else "song",
                "song": scope or "",
                **common,
            }
            for line in table.lines:
                yield {**place, **_of_line(line, line.cells[measure, scope])}
            yield from ({**place, **row} for row in _of_people(table.human[measure, scope]))


def _of_line(line: Line, found: Agreement) -> dict[str, object]:
    return {
        "system": line.system,
        "unit": line.unit,
        "by": line.by,
        "n": found.n,
        "singers": found.singers,
        "value": _digits(found.value),
        "low": _digits(found.low),
        "high": _digits(found.high),
        "missing": " ".join(f"{code}:{count}" for code, count in sorted(line.reasons.items())),
    }


def _of_people(line: HumanLine) -> Iterator[dict[str, object]]:
    counted = {"n": line.n, "singers": line.singers}
    yield {
        "system": HUMAN,
        **counted,
        "value": _digits(line.value),
        "low": _digits(line.low),
        "high": _digits(line.high),
        "lowest_judge": _digits(line.lowest),
        "highest_judge": _digits(line.highest),
    }
    yield {"system": PAIRWISE, **counted, "value": _digits(line.pairwise)}


def performances_csv(table: Table) -> str:
    """One line a performance: the people's mean, each judge, each system's value and score."""
    systems = [line for line in table.lines if line.by != FITTED]
    fitted = [line for line in table.lines if line.by == FITTED]
    columns = ["song", "singer", "take", "human", *(f"judge:{judge}" for judge in table.judges)]
    columns += ["recordings", "clips", "fault"]
    for line in systems:
        columns += [f"{line.system}:{part}" for part in ("value", "score", "reason")]
    columns += [f"{line.system}:fitted" for line in fitted]
    rows: list[dict[str, object]] = []
    for place, each in enumerate(table.rated):
        row: dict[str, object] = {
            "song": each.song,
            "singer": each.singer,
            "take": each.take,
            "human": _digits(each.human),
            "recordings": each.heard.rows,
            "clips": each.heard.clips,
            "fault": each.heard.fault or "",
        }
        row |= {f"judge:{judge}": _digits(rating) for judge, rating in each.judges.items()}
        for line in systems:
            said = each.heard.said.get(line.system, Said())
            row[f"{line.system}:value"] = _digits(said.value)
            row[f"{line.system}:score"] = _digits(said.score)
            row[f"{line.system}:reason"] = said.reason or ""
        row |= {f"{line.system}:fitted": _digits(float(line.oriented[place])) for line in fitted}
        rows.append(row)
    return _csv(columns, rows)


def _digits(value: float | None) -> str:
    """Six significant digits; empty where there is no number."""
    return "" if value is None or value != value else f"{value:.6g}"


def _csv(columns: Sequence[str], rows: Iterable[dict[str, object]]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()
