"""Read a manifest with all that is wrong in it, and write one that reads back the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from asa_desktop.core.audio import sha256
from asa_desktop.core.errors import PlaceError, UsageError
from asa_training.manifest import places
from asa_training.manifest.cells import cells_of, row_of, surviving
from asa_training.manifest.faults import MOST_FAULTS, Fault
from asa_training.manifest.performances import disagreements
from asa_training.manifest.tables import MOST_ROWS, Table, read_table, write_table
from asa_training.manifest.values import COLUMNS, REQUIRED, Manifest, Row
from asa_training.sentences import Sentence

_LISTED = 20


@dataclass(frozen=True, slots=True)
class Inspected:
    """The rows that can be used, and every fault of the others, in the order of the rows."""

    manifest: Manifest
    faults: tuple[Fault, ...]


def read_manifest(path: Path, *, root: Path | None = None, verify: bool = False) -> Manifest:
    """Read a manifest without faults.

    Parameters
    ----------
    root
        The folder below which its paths lie; the manifest's own if None.
    verify
        Also compare every file's bytes with its sha256.

    Raises
    ------
    UsageError
        ``manifest_faulty`` with the first faults as sentences, and what `inspect_manifest` raises.
    PlaceError
        Where the manifest is missing or closed to us.
    """
    found = inspect_manifest(path, root=root, verify=verify)
    if found.faults:
        raise _faulty(path, found.faults)
    return found.manifest


def inspect_manifest(path: Path, *, root: Path | None = None, verify: bool = False) -> Inspected:
    """Read what can be read and collect every fault; parameters as of `read_manifest`.

    Raises
    ------
    UsageError
        Where the file as a whole cannot be read: ``manifest_kind``, ``manifest_too_large``,
        ``manifest_not_utf8``, ``manifest_empty``, ``manifest_broken``, ``manifest_needs_pyarrow``.
    PlaceError
        Where the manifest is missing or closed to us.
    """
    path = Path(path)
    root = path.parent if root is None else Path(root)
    faults: list[Fault] = []
    numbered = _rows(path, read_table(path, faults), faults)
    faults += disagreements(numbered)
    faults += _on_disk(numbered, root, verify=verify)
    if not numbered and not faults:
        raise UsageError("manifest_empty", path=path)
    bad = {fault.row for fault in faults}
    usable = tuple(row for number, row in numbered if number not in bad)
    return Inspected(Manifest(root, usable), tuple(sorted(faults, key=lambda each: each.row)))


def write_manifest(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as .csv or .parquet, whole or not at all.

    Raises
    ------
    UsageError
        ``manifest_faulty`` where a row would not be read back as it is, ``manifest_kind``,
        ``manifest_needs_pyarrow``.
    PlaceError
        Where it cannot be written.
    """
    faults = [*surviving(rows), *disagreements(enumerate(rows, start=2))]
    if faults:
        raise _faulty(path, faults)
    write_table(path, [cells_of(row) for row in rows])


def _faulty(path: Path, faults: Sequence[Fault]) -> UsageError:
    told = tuple(fault.sentence for fault in faults[:_LISTED])
    return UsageError(
        "manifest_faulty", path=path, count=len(faults), first=Sentence(told[0]), faults=told
    )


def _rows(path: Path, table: Table, faults: list[Fault]) -> list[tuple[int, Row]]:
    """The rows that can be used, with their numbers."""
    faults += _of_header(table.header)
    if faults:
        return []
    rows: list[tuple[int, Row]] = []
    for number, cells in table.rows:
        if len(rows) >= MOST_ROWS:
            raise UsageError("manifest_too_large", path=path, limit=f"{MOST_ROWS} rows")
        if len(faults) >= MOST_FAULTS:
            faults.append(Fault(number, "", "too_many", {"count": MOST_FAULTS}))
            break
        if any(cell.strip() for cell in cells[len(table.header) :]):
            facts = {"count": len(cells), "columns": len(table.header)}
            faults.append(Fault(number, "", "cells_extra", facts))
            continue
        row = row_of(dict(zip(table.header, cells, strict=False)), number, faults)
        if row is not None:
            rows.append((number, row))
    return rows


def _of_header(header: Sequence[str]) -> list[Fault]:
    counted = Counter(header)
    twice = [Fault(1, name, "column_twice", {"name": name}) for name, n in counted.items() if n > 1]
    unknown = [
        Fault(1, name, "column_unknown", {"name": name or '""', "known": COLUMNS})
        for name in counted
        if name not in COLUMNS
    ]
    missing = [
        Fault(1, name, "column_missing", {"name": name}) for name in REQUIRED if name not in counted
    ]
    return [*unknown, *twice, *missing]


def _on_disk(numbered: Iterable[tuple[int, Row]], root: Path, *, verify: bool) -> list[Fault]:
    """The faults of files: missing, outside, of other bytes."""
    faults: list[Fault] = []
    disk = places.Disk(root)
    digests: dict[Path, str] = {}
    known: dict[str, str | None] = {}
    for number, row in numbered:
        for column, place in row.places:
            if place not in known:
                known[place] = disk.fault(place)
            if code := known[place]:
                faults.append(Fault(number, column, code, {"place": _told(place, code)}))
        if verify and known[row.path] is None:
            faults += _of_bytes(number, row, places.file_of(row.path, root), digests)
    return faults


def _told(place: str, code: str) -> str:
    """What a sentence names: the file where it is missing, else the whole place."""
    return places.split_place(place)[0] if code in ("file_missing", "not_a_file") else place


def _of_bytes(number: int, row: Row, file: Path, digests: dict[Path, str]) -> list[Fault]:
    if not row.sha256:
        return [Fault(number, "sha256", "sha256_missing")]
    if file not in digests:
        try:
            digests[file] = sha256(file)
        except PlaceError:
            return [Fault(number, "path", "file_missing", {"place": row.path})]
    if digests[file] == row.sha256:
        return []
    facts = {"place": row.path, "found": digests[file][:12]}
    return [Fault(number, "sha256", "sha256_differs", facts)]
