"""Recordings of one's own, as a manifest lists them, in place of the corpora.

A row is a recording, its split the one in the table. Its id, by which its renditions are named, is
made of singer, song, part and take; its corpus is the table's file name.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from asa_desktop.core.errors import UsageError
from asa_training.corpus import SPLITS, Recording
from asa_training.importers.layout import UNKNOWN, counted
from asa_training.manifest import Row, inspect_manifest
from asa_training.manifest.places import split_place

_LONGEST = 200
"""Bytes of an id: a folder's name has 255 at most, and pieces of a recording are numbered."""


def of_manifest(path: Path, *, root: Path | None = None) -> tuple[list[Recording], list[str]]:
    """(the recordings that the rows name, sentences on what is left out or shared by splits).

    Rows with a fault are left out, and so are rows whose names are too long for a folder.

    Raises
    ------
    UsageError
        ``ids_collide`` where two rows would have one id; as `inspect_manifest`.
    PlaceError
        As `inspect_manifest`.
    """
    found = inspect_manifest(path, root=root)
    rows: dict[str, Row] = {}
    long = []
    for row in found.manifest.rows:
        name = id_of(row)
        if len(name.encode()) > _LONGEST:
            long.append(row.path)
            continue
        other = rows.setdefault(name.casefold(), row)
        if other is not row:
            raise UsageError("ids_collide", path=path, one=other.path, other=row.path, id=name)
    recordings = [
        Recording(
            id=id_of(row),
            path=found.manifest.file(row),
            place=row.path,
            corpus=path.name,
            singer=row.singer,
            song=row.song,
            part=row.part,
            licence=row.licence or UNKNOWN,
            split=next((split for split in SPLITS if split == row.split), None),
            listed=row.sha256,
            channel=split_place(row.path)[1],
        )
        for row in rows.values()
    ]
    return sorted(recordings, key=lambda one: one.id), [
        *(fault.sentence for fault in found.faults),
        *counted(long, "Rows left out, since their names are too long"),
        *counted(
            [one.place for one in recordings if one.split is None],
            "Rows without a split, which are in none",
        ),
        *shared_by_splits(recordings),
    ]


def id_of(row: Row) -> str:
    """The id of a row's recording: letters and digits of any script, ``_`` between names."""
    sung = "_".join(filter(None, (_plain(each) for each in (row.song, row.part, row.take))))
    return f"{_plain(row.singer)}-{sung}"


def shared_by_splits(recordings: Sequence[Recording]) -> list[str]:
    """A sentence where singers are in several splits, and one where songs are."""
    said = []
    for what in ("singer", "song"):
        splits: dict[str, set[str]] = defaultdict(set)
        for one in recordings:
            if one.split is not None:
                splits[getattr(one, what)].add(one.split)
        shared = sorted(name for name, of in splits.items() if len(of) > 1)
        said += counted(
            shared,
            f"The same {what} in several splits, and `asa-train export` refuses a test that shares"
            f" one with training or validation",
        )
    return said


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "_", unicodedata.normalize("NFC", name)).strip("_")
