"""A plain folder of takes with a table of marks, as a teacher keeps them: ``marks.csv``.

Our own layout. The table (marks.csv, or the only .csv in the folder) has a column ``file`` with
the recordings' names, with or without suffix; separator, line ends, encoding and decimal sign as
the spreadsheet wrote them. Further columns, all optional:

- ``singer`` (or student, name): otherwise the folder a take lies in, or the take's own name;
- ``song``: otherwise the folder's name; ``part``, ``take``, ``reference``, ``accompaniment``,
  ``licence``, ``split`` as in the manifest;
- ``judge Anna``, ``judge 2``, ...: one judge's marks;
- ``judge mean`` (or average, median, total): ``overall``, where no column is called so;
- any other column with numbers: a dimension, such as overall, pitch, rhythm.

A header may give its scale: ``overall [1-5]``, ``judge Anna (1-5)``. Without a column ``overall``
it is the mean of the judges. ``reference.*`` and ``accompaniment.*`` in the folder itself are
every take's reference and accompaniment, unless the table says otherwise.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from asa_desktop.core.errors import UsageError
from asa_desktop.core.songs.places import key
from asa_training.importers.layout import UNKNOWN, Imported, Layout, below, counted, imported
from asa_training.importers.layout import sounds as recordings
from asa_training.importers.mast import mean_of_people
from asa_training.importers.sheets import number, read_sheet
from asa_training.manifest.cells import SEPARATOR, read_scale
from asa_training.manifest.values import OVERALL, Row, Scale

NAME = "takes"
_PLAIN = ("song", "part", "take", "reference", "accompaniment", "split")
_CALLED = {
    **{name: name for name in _PLAIN},
    **dict.fromkeys(("file", "path", "filename", "recording"), "file"),
    **dict.fromkeys(("singer", "student", "name"), "singer"),
    **dict.fromkeys(("licence", "license"), "licence"),
}
_JUDGE = re.compile(r"(judge|rater)(?:[\s_:.-]+|(?=[0-9]))(.+)")
_OF_JUDGES = re.compile(r"(?:judge|rater)s?[\s_:.-]+(?:mean|average|avg|median|total)")
_SCALED = re.compile(r"(.*?)\s*[\[(]([^\[\]()]*)[\])]")


@dataclass(frozen=True, slots=True)
class _Column:
    """What a column of marks holds: a judge's or a dimension's."""

    name: str
    is_judge: bool
    scale: Scale | None


@dataclass(frozen=True, slots=True)
class _Marks:
    """One line of the table: plain values by the manifest's column, and marks."""

    plain: Mapping[str, str]
    scores: Mapping[str, float]
    scales: Mapping[str, Scale]
    judges: Mapping[str, float]


def read(source: Path) -> Imported:
    """Every take below the folder, marked or not."""
    table = _table(source)
    common = {what: _common(source, what) for what in ("reference", "accompaniment")}
    takes = [
        path for path in recordings(source, "**/*") if below(path, source) not in common.values()
    ]
    marks, notices = _marks(table)
    found, lost = _matched(marks, takes, source)
    rows = [_row(path, source, found.get(path), common) for path in takes]
    notices += [
        *counted(
            [below(path, source) for path in takes if path not in found], "Takes without marks"
        ),
        *counted(lost, "Names in the table that are no recordings here"),
    ]
    return imported(NAME, source, _told_apart(rows), notices, looked_for="recording")


def _table(source: Path) -> Path:
    tables = sorted(
        path for path in source.glob("*") if path.suffix.lower() == ".csv" and path.name[0] != "."
    )
    named = [path for path in tables if path.name.lower() == "marks.csv"]
    chosen = named or tables
    if not chosen:
        raise UsageError("marks_missing", path=source)
    if len(chosen) > 1:
        found = tuple(path.name for path in chosen)
        raise UsageError("marks_ambiguous", path=source, found=found)
    return chosen[0]


def _common(source: Path, what: str) -> str:
    found = recordings(source, f"{what}.*")
    return below(found[0], source) if found else ""


def _marks(table: Path) -> tuple[list[tuple[str, _Marks]], list[str]]:
    """(file, marks) of every line, and what could not be used."""
    lines = read_sheet(table)
    header = lines[0] if lines else []
    called = [_CALLED.get(cell.casefold(), "") for cell in header]
    if "file" not in called:
        raise UsageError("marks_without_files", path=table)
    columns, spare = _columns(header, called)
    found: list[tuple[str, _Marks]] = []
    odd: list[str] = []
    for at, line in enumerate(lines[1:], start=2):
        if len(line) > len(header):
            raise UsageError(
                "table_ragged", path=table, row=at, count=len(line), columns=len(header)
            )
        cells = [*line, *[""] * (len(header) - len(line))]
        plain = {name: cell for name, cell in zip(called, cells, strict=True) if name and cell}
        rated = [
            (column, cell) for column, cell in zip(columns, cells, strict=True) if column and cell
        ]
        odd += [f"{each.name}: {cell}" for each, cell in rated if number(cell) is None]
        if "file" in plain:
            found.append((plain["file"], _rated(plain, rated)))
    return found, [
        *counted(list(dict.fromkeys(odd)), "Marks left out, since they are no numbers"),
        *counted(spare, "Columns left out, since another is overall"),
    ]


def _columns(
    header: Sequence[str], called: Sequence[str]
) -> tuple[list[_Column | None], list[str]]:
    """The columns of marks, None for others, and those that only repeat what judges say."""
    columns = [None if plain else _column(cell) for cell, plain in zip(header, called, strict=True)]
    is_known = any(column and not column.is_judge and column.name == OVERALL for column in columns)
    spare = []
    for at, column in enumerate(columns):
        if column is None or column.is_judge or not _OF_JUDGES.fullmatch(column.name):
            continue
        if is_known:
            spare.append(header[at])
        columns[at] = None if is_known else replace(column, name=OVERALL)
        is_known = True
    return columns, spare


def _rated(plain: Mapping[str, str], rated: Sequence[tuple[_Column, str]]) -> _Marks:
    known = [(column, value) for column, cell in rated if (value := number(cell)) is not None]
    judges = {column.name: value for column, value in known if column.is_judge}
    scores = {column.name: value for column, value in known if not column.is_judge}
    scales = {
        column.name: column.scale for column, _ in known if column.scale and not column.is_judge
    }
    if judges and OVERALL not in scores:
        scores[OVERALL] = mean_of_people(judges)
        theirs = {column.scale for column, _ in known if column.is_judge}
        if len(theirs) == 1 and (scale := theirs.pop()):
            scales[OVERALL] = scale
    return _Marks(plain, scores, scales, judges)


def _column(header: str) -> _Column:
    match = _SCALED.fullmatch(header)
    scale = read_scale(match[2]) if match else None
    name = match[1] if match and scale else header
    plain = " ".join(re.sub(r"[=;\[\]]", " ", name).split()).casefold()
    judge = _JUDGE.fullmatch(plain)
    if judge is None or _OF_JUDGES.fullmatch(plain):
        return _Column(plain, False, scale)
    # "judge 1" is judge1: a bare or last _1 would mean the first round of one judge.
    called = f"{judge[1]}{judge[2]}" if judge[2].isdecimal() else judge[2]
    return _Column(called, True, scale)


def _matched(
    marks: Sequence[tuple[str, _Marks]], takes: Sequence[Path], source: Path
) -> tuple[dict[Path, _Marks], list[str]]:
    """The marks of each take, and the names that are none; a name may leave out folder, suffix."""
    by_name: dict[str, list[Path]] = {}
    for path in takes:
        whole = below(path, source)
        for name in {whole, whole.removesuffix(path.suffix), path.name, path.stem}:
            by_name.setdefault(key(name), []).append(path)
    found: dict[Path, _Marks] = {}
    lost: list[str] = []
    for name, marked in marks:
        paths = by_name.get(key(name.replace("\\", "/")), [])
        if len(paths) == 1 and paths[0] not in found:
            found[paths[0]] = marked
        else:
            lost.append(f"{name} ({'twice' if paths else 'missing'})")
    return found, lost


def _row(path: Path, source: Path, marks: _Marks | None, common: Mapping[str, str]) -> Row:
    folder = path.parent.relative_to(source).parts
    marked = marks or _Marks({}, {}, {}, {})
    said = marked.plain
    reference = said.get("reference", common["reference"])
    return Row(
        path=below(path, source),
        singer=said.get("singer", folder[-1] if folder else path.stem),
        song=said.get("song", source.resolve().name or "song"),
        part=said.get("part", ""),
        take=said.get("take", ""),
        reference=tuple(each.strip() for each in reference.split(SEPARATOR) if each.strip()),
        accompaniment=said.get("accompaniment", common["accompaniment"]),
        scores=marked.scores,
        scales=marked.scales,
        judges=marked.judges,
        licence=said.get("licence", UNKNOWN),
        split=said.get("split", ""),
    )


def _told_apart(rows: Sequence[Row]) -> list[Row]:
    """Rows that would be one performance twice get their file's name as take.

    Where names are not enough, since folders hold files of one name, it is the path.
    """
    told = list(rows)
    for name in (_stem, _path_without_suffix, _path):
        times = Counter(_performance(row) for row in told)
        told = [
            row if times[_performance(row)] == 1 else replace(row, take=name(row)) for row in told
        ]
    return told


def _performance(row: Row) -> tuple[str, ...]:
    return row.singer, row.song, row.take, row.part


def _stem(row: Row) -> str:
    return Path(row.path).stem


def _path_without_suffix(row: Row) -> str:
    return row.path.removesuffix(Path(row.path).suffix)


def _path(row: Row) -> str:
    return row.path


LAYOUT = Layout(NAME, "a folder of takes and a table of marks", UNKNOWN, read)
