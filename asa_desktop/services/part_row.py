"""What a part and its note tell about the take that it was to become."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from asa_desktop.core.errors import LibraryError, place_error
from asa_desktop.services.library import Library
from asa_desktop.services.library.recordings import NOTE
from asa_desktop.services.library.text import stamp, tidy
from asa_desktop.services.paths import private_folder

SUFFIX = ".w64"
_NUMBERS = ("latency_s", "clock_ratio", "start_s", "xruns")
_TEXTS = ("title", "device", "delay_from")
_MOST = 1e9
_MOST_ROWS = 1 << 62


@dataclass(frozen=True, slots=True)
class PlannedTake:
    """What a `Job` of the engine needs so that a kill loses nothing: names and the note."""

    part: Path
    target: Path
    note: Mapping[str, Any]
    note_path: Path | None


def plan_take(library: Library, *, song: int, person: int, title: str = "") -> PlannedTake:
    """A take into the library.

    Raises `LibraryError` ``song_unknown``, ``person_unknown``; `PlaceError` where the folders
    cannot be written.
    """
    library.song(song)
    library.person(person)
    now = datetime.now(UTC)
    target = private_folder(library.recordings.folder) / library.recordings.new_name(
        recorded=now, suffix=".flac"
    )
    note = {
        "song_id": song,
        "person_id": person,
        "title": tidy(title),
        "source": "recorded",
        "recorded_at": stamp(now),
        "target": str(target),
    }
    part = private_folder(library.recordings.parts) / f"{target.stem}{SUFFIX}"
    return PlannedTake(part, target, note, target.with_name(target.name + NOTE))


def plan_file(target: Path, *, parts: Path, song_title: str = "", singer: str = "") -> PlannedTake:
    """A take into a file of the user's choice; `parts` is the library's folder of parts.

    Raises `UsageError` ``take_kind``; `PlaceError` ``missing_folder``, ``in_the_way`` and the
    like.
    """
    from asa_desktop.engine.finish import refuse_target

    whole = target.absolute()
    refuse_target(whole)
    now = datetime.now(UTC)
    note = {
        "song_title": tidy(song_title),
        "singer": tidy(singer),
        "recorded_at": stamp(now),
        "target": str(whole),
    }
    name = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}{SUFFIX}"
    return PlannedTake(private_folder(parts) / name, whole, note, None)


def row_of(
    library: Library, part: Path, note: Mapping[str, Any], *, rate: int, frames: int
) -> dict[str, Any]:
    """The take's row: what its note tells, as far as it makes sense, and what the part tells."""
    from asa_desktop.engine.timing import pairs

    try:
        song, person = _number(note, "song_id"), _number(note, "person_id")
    except LibraryError as error:
        raise LibraryError("part_unnamed", path=part) from error
    library.song(song)
    library.person(person)
    return {
        **{name: note[name] for name in _NUMBERS if _is_number(note.get(name))},
        **{name: note[name] for name in _TEXTS if isinstance(note.get(name), str)},
        "gaps": json.dumps(pairs(note.get("gaps"))),
        "song_id": song,
        "person_id": person,
        "source": "recorded",
        "duration_s": frames / rate,
        "sample_rate": rate,
        "recorded_at": stamp(moment_of(part, note, frames / rate)),
    }


def moment_of(part: Path, note: Mapping[str, Any], seconds: float) -> datetime:
    """When the singing began, from the note or from the file's age."""
    with contextlib.suppress(KeyError, TypeError, ValueError, OverflowError):
        return datetime.fromisoformat(note["recorded_at"]).astimezone(UTC)
    try:
        ended = part.stat().st_mtime
    except OSError as error:
        raise place_error(error, part) from error
    return datetime.fromtimestamp(ended, UTC) - timedelta(seconds=seconds)


def names_of(library: Library, note: Mapping[str, Any]) -> tuple[str, str]:
    """The song's title and the singer's name, empty where the library does not know them."""
    title = singer = ""
    with contextlib.suppress(LibraryError):
        title = library.song(_number(note, "song_id")).title
    with contextlib.suppress(LibraryError):
        singer = library.person(_number(note, "person_id")).name
    return title, singer


def text_of(note: Mapping[str, Any], name: str) -> str:
    """A text of the note, empty where it holds none."""
    value = note.get(name)
    return tidy(value) if isinstance(value, str) else ""


def _number(note: Mapping[str, Any], name: str) -> int:
    value = note.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _MOST_ROWS:
        raise LibraryError("part_unnamed")
    return value


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -_MOST < value < _MOST  # false for what is no number too
