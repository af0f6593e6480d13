"""What every importer is: a name, a licence, and a function from a folder to rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from asa_desktop.core.errors import UsageError
from asa_desktop.core.songs.places import SOUND, suffix
from asa_training.manifest.values import Row, in_order

UNKNOWN = "unknown"
"""The licence where the source states none."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an importer found: rows with paths below the source and no sha256 yet.

    `notices` are sentences about what was left out or guessed.
    """

    rows: tuple[Row, ...]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout. `read` raises UsageError ``layout_not_found`` where a folder is none such."""

    name: str
    holds: str
    licence: str
    read: Callable[[Path], Imported]


def sounds(source: Path, *patterns: str) -> list[Path]:
    """The recordings that match, as people sort them; hidden files are passed over."""
    found = {
        path
        for pattern in patterns
        for path in source.glob(pattern)
        if suffix(path) in SOUND and not is_hidden(path, source) and path.is_file()
    }
    return sorted(found, key=lambda path: in_order(below(path, source)))


def is_hidden(path: Path, source: Path) -> bool:
    """Whether a part of the path below `source` begins with a dot, as copies by macOS do."""
    return any(part.startswith(".") for part in path.relative_to(source).parts)


def below(path: Path, source: Path) -> str:
    """The path below `source`, written with ``/``."""
    return path.relative_to(source).as_posix()


def imported(
    name: str, source: Path, rows: Iterable[Row], notices: Sequence[str] = (), *, looked_for: str
) -> Imported:
    """The rows with their notices. Raises UsageError ``layout_not_found`` where there are none."""
    listed = tuple(rows)
    if not listed:
        raise UsageError("layout_not_found", path=source, layout=name, looked_for=looked_for)
    return Imported(listed, tuple(notices))


def counted(names: Sequence[str], what: str) -> list[str]:
    """One sentence for many names, ``Takes without marks: 7 (a, b, c, d, e, ...).``; or none."""
    if not names:
        return []
    shown = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    return [f"{what}: {len(names)} ({shown})."]


_SHOWN = 5
