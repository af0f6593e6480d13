"""The table as text for a terminal: never a correlation without its interval and its n."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from asa_training.rated.agreement import DRAWS, MEASURES, Agreement, Measure
from asa_training.rated.compare import FITTED, Line, Scope, Table
from asa_training.rated.judges import HumanLine, person_of

Found = TypeVar("Found")

HUMAN = "one judge against the others"
RANGE = "  lowest to highest judge"
PAIRWISE = "two judges, mean of all pairs"
NOT_STATED = "not stated"
MIX = "mix"
_ABREAST = 3
_FEW = 6
_SURE = 10
_TITLES = {"pearson": "Pearson r", "spearman": "Spearman rho"}


def text(table: Table, *, whole: bool = True) -> str:
    """All of it in words and columns; unless `whole`, many songs are summed up in one column."""
    blocks = [heading(table)]
    for measure in MEASURES:
        title = _TITLES[measure]
        if not whole and len(table.songs) > _FEW:
            blocks.append(_block(table, title, [_Scoped(measure, None), _Summed(measure)]))
            continue
        scopes: list[Scope] = [None, *table.songs]
        for start in range(0, len(scopes), _ABREAST):
            chosen = scopes[start : start + _ABREAST]
            blocks.append(_block(table, title, [_Scoped(measure, scope) for scope in chosen]))
    notes = foot(table)
    if not whole and len(table.songs) > _FEW:
        notes.insert(1, "Each song's own cells are in table.csv and report.html (--out).")
    return "\n\n".join([*blocks, "\n".join(notes)]) + "\n"


def heading(table: Table) -> str:
    """What was compared with whom."""
    people = len({person_of(judge) for judge in table.judges})
    judges = f"{people} judges" if people else "judges not known singly"
    return (
        f"Agreement with people ({table.target}): {len(table.rated)} performances,"
        f" {table.singers} singers, {len(table.songs)} songs, {judges}"
    )


def foot(table: Table) -> list[str]:
    """What has to be known to read the numbers."""
    variants = NOT_STATED if table.variants is None else str(table.variants)
    lines = [
        "Each cell: correlation [95 % interval] number of performances."
        f" Interval: bootstrap over singers, {DRAWS} draws, seed {table.seed}.",
        "by: value = as it is; -value = negated, since less is better; score = mapped to 0-100;"
        " fitted = scaled, chosen and fitted on the other songs alone (leave one song out).",
        f"Variants tried before this one: {variants}.",
    ]
    if len({person_of(judge) for judge in table.judges}) < len(table.judges):
        lines.append("Judges whose names differ by a last _1, _2 alone are rounds of one person.")
    if len(table.judges) > 1 and len({person_of(judge) for judge in table.judges}) == 1:
        lines.append("So there is one judge and no human line; name judges apart for one.")
    cells = [found for line in table.lines for found in line.cells.values()]
    if any(found.low is not None and found.singers < _SURE for found in cells):
        lines.append(f"Intervals over fewer than {_SURE} singers are too narrow to lean on.")
    if any(line.by == FITTED for line in table.lines):
        lines.append("Intervals of fitted lines hold the fits as they are.")
    if table.unfitted:
        lines.append(f"Not in the fitted lines, incomplete: {', '.join(table.unfitted)}.")
    faults = Counter(each.heard.fault for each in table.rated if each.heard.fault is not None)
    if faults:
        lines.append(f"Of {len(table.rated)} performances {reasons(faults)}: not readable.")
    lines += [f"{line.system}: {reasons(line.reasons)}." for line in table.lines if line.reasons]
    return lines


def reasons(counted: Mapping[str, int]) -> str:
    """Why performances are missing, and how many for each reason."""
    return ", ".join(f"{count} without ({code})" for code, count in sorted(counted.items()))


def cell(found: Agreement) -> str:
    """One correlation with its interval and n."""
    if found.value is None:
        return f"– ({found.n})"
    return f"{number(found.value)} {span(found.low, found.high)} ({found.n})"


def span(low: float | None, high: float | None) -> str:
    """An interval, or a dash in brackets where there is none."""
    return "[–]" if low is None or high is None else f"[{number(low)}, {number(high)}]"


def number(value: float) -> str:
    """Two digits without the leading zero, as correlations are printed: .65, -.22, 1.00."""
    shown = f"{value:.2f}".replace("-0.00", "0.00")
    return shown.replace("0.", ".", 1) if abs(float(shown)) < 1 else shown


def human_cell(line: HumanLine) -> str:
    """The human line's cell."""
    if line.value is None:
        return f"– ({line.n})"
    return f"{number(line.value)} {span(line.low, line.high)} ({line.n})"


def range_cell(line: HumanLine) -> str:
    """The lowest and the highest judge, and n."""
    if line.lowest is None or line.highest is None:
        return f"– ({line.n})"
    return f"{number(line.lowest)} to {number(line.highest)} ({line.n})"


def pairwise_cell(line: HumanLine) -> str:
    """Two judges, and n."""
    return f"– ({line.n})" if line.pairwise is None else f"{number(line.pairwise)} ({line.n})"


@dataclass(frozen=True, slots=True)
class _Scoped:
    """A column of the table: one song, or the mix."""

    measure: Measure
    scope: Scope

    @property
    def title(self) -> str:
        return MIX if self.scope is None else self.scope

    def of_line(self, line: Line) -> str:
        return cell(line.cells[self.measure, self.scope])

    def of_people(self, table: Table) -> list[str]:
        line = table.human[self.measure, self.scope]
        return [human_cell(line), range_cell(line), pairwise_cell(line)]


@dataclass(frozen=True, slots=True)
class _Summed:
    """A column that sums up all songs: their median, the lowest and highest, how many."""

    measure: Measure

    @property
    def title(self) -> str:
        return "songs: median, lowest to highest (songs)"

    def of_line(self, line: Line) -> str:
        return over_songs([found.value for found in self._of_songs(line.cells)])

    def of_people(self, table: Table) -> list[str]:
        lines = self._of_songs(table.human)
        return [
            over_songs([line.value for line in lines]),
            "",
            over_songs([line.pairwise for line in lines]),
        ]

    def _of_songs(self, cells: Mapping[tuple[Measure, Scope], Found]) -> list[Found]:
        return [
            found
            for (measure, scope), found in cells.items()
            if measure == self.measure and scope is not None
        ]


def over_songs(values: Sequence[float | None]) -> str:
    """The median over songs, the lowest and the highest, and how many songs have one."""
    known = [value for value in values if value is not None]
    if not known:
        return "– (0)"
    middle = number(statistics.median(known))
    return f"{middle}, {number(min(known))} to {number(max(known))} ({len(known)})"


def _block(table: Table, title: str, columns: Sequence[_Scoped | _Summed]) -> str:
    rows = [[title, *(column.title for column in columns), "by"]]
    rows += [
        [line.system, *(column.of_line(line) for column in columns), line.by]
        for line in table.lines
    ]
    people = [column.of_people(table) for column in columns]
    for place, name in enumerate((HUMAN, RANGE, PAIRWISE)):
        rows.append([name, *(each[place] for each in people), ""])
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        "  ".join(words.ljust(width) for words, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    rule = "-" * max(len(line) for line in lines)
    return "\n".join([lines[0], rule, *lines[1:-3], rule, *lines[-3:]])
