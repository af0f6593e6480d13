"""What a library holds, read past the program: two of them can be compared."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TAKES = """
SELECT t.file, t.sha256, t.title, t.latency_s, t.recorded_at, p.name, s.location
FROM takes t JOIN people p ON p.id = t.person_id JOIN songs s ON s.id = t.song_id
"""
_ANALYSES = """
SELECT a.id, t.file, a.status, a.score, a.model, a.program, a.document,
    (SELECT count(*) FROM clip_results r WHERE r.analysis_id = a.id)
FROM analyses a JOIN takes t ON t.id = a.take_id
"""


@dataclass(frozen=True)
class Facts:
    """Rows as they are in the file, and the recordings whose bytes are not those of their row."""

    version: int
    sound: bool
    takes: frozenset[tuple[Any, ...]]
    analyses: frozenset[tuple[Any, ...]]
    differing: tuple[str, ...]

    @property
    def scores(self) -> list[float]:
        """Of the analyses that have one, rounded."""
        return sorted(round(row[3]) for row in self.analyses if row[3] is not None)

    def keeps(self, before: Facts) -> bool:
        """Whether all of an earlier state is still there as it was."""
        return before.takes <= self.takes and before.analyses <= self.analyses

    def __str__(self) -> str:
        return (
            f"form {self.version}, {len(self.takes)} takes, {len(self.analyses)} analyses,"
            f" scores {self.scores}"
        )


def facts(library: Path) -> Facts:
    """Look into the library in this folder; nothing in it is touched."""
    found = _read(library / "library.sqlite")
    return Facts(*found, tuple(sorted(_differing(library / "recordings", found[2]))))


def backups(library: Path) -> dict[str, Facts]:
    """What the backups beside it hold, by their names."""
    paths = sorted((library / "backups").glob("library-*.sqlite"))
    return {path.name: Facts(*_read(path), ()) for path in paths}


def _read(path: Path) -> tuple[int, bool, frozenset[Any], frozenset[Any]]:
    with tempfile.TemporaryDirectory() as name:
        for each in path.parent.glob(f"{path.name}*"):
            shutil.copyfile(each, Path(name) / each.name)
        with contextlib.closing(sqlite3.connect(Path(name) / path.name)) as database:
            (version,) = database.execute("PRAGMA user_version").fetchone()
            (state,) = database.execute("PRAGMA integrity_check").fetchone()
            takes = frozenset(database.execute(_TAKES).fetchall())
            analyses = frozenset(database.execute(_ANALYSES).fetchall())
    return version, state == "ok", takes, analyses


def _differing(folder: Path, takes: frozenset[tuple[Any, ...]]) -> list[str]:
    wrong = []
    for file, sha256, *_ in takes:
        path = folder / file
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            wrong.append(file)
    return wrong
