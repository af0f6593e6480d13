"""Recordings that were under way when the program died: found, finished, put away.

The engine leaves a part and a note in the library's folder of parts (see `engine.part`). What
needs numpy is imported only where there is one.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from asa_desktop.core.errors import AsaError, LibraryError, place_error
from asa_desktop.engine.held import hold, is_held
from asa_desktop.services.files import sha256_of, sync_folder
from asa_desktop.services.library import Library, TakeRow
from asa_desktop.services.library.recordings import NOTE
from asa_desktop.services.library.text import stamp
from asa_desktop.services.part_row import SUFFIX, moment_of, names_of, row_of, text_of
from asa_desktop.services.paths import private_folder

log = logging.getLogger(__name__)

_SETTLED_S = 10.0


@dataclass(frozen=True, slots=True)
class PartLeft:
    """A recording that nobody finished.

    `song_title` and `singer` are empty where its note does not tell; `complete` says that
    `recover_part` needs no more than the part itself. `started_at` is UTC, ISO 8601.
    """

    path: Path
    seconds: float
    song_title: str
    singer: str
    started_at: str
    complete: bool


def parts_left(library: Library) -> tuple[PartLeft, ...]:
    """The parts that can be recovered: not held by a living engine, not empty, not finished.

    Call `take_in_finished` before.
    """
    found = []
    for part in _parts(library):
        if is_held(part):
            continue
        from asa_desktop.engine.part import part_info, read_part_note

        try:
            rate, frames = part_info(part)
        except AsaError as error:
            log.warning("part left out: %s", error)
            continue
        note = read_part_note(part) or {}
        if frames and finished_take(library, part, note) is None:
            found.append(_left(library, part, note, seconds=frames / rate))
    return tuple(found)


def recover_part(
    library: Library, part: Path, *, song: int | None = None, person: int | None = None
) -> TakeRow:
    """Finish `part` into the library: its file, then its row, then the part goes.

    `song` and `person` are needed only where its note does not tell, and go before the note.
    A part whose take is there already gives that take.

    Raises
    ------
    LibraryError
        ``part_unnamed`` if song or person is not known; ``song_unknown``, ``person_unknown``.
    PlaceError
        ``part_held`` while it is being recorded; ``disk_full`` and the like.
    AudioError
        ``not_a_part``, ``nothing_recorded``, ``write_check_failed``. The part stays, but for one
        that is empty.
    """
    from asa_desktop.engine.finish import drop_part, finish_part
    from asa_desktop.engine.part import part_info, read_part_note

    with hold(part):
        note = read_part_note(part) or {}
        rate, frames = part_info(part)
        given = {"song_id": song, "person_id": person}
        named = {**note, **{name: value for name, value in given.items() if value is not None}}
        row = row_of(library, part, named, rate=rate, frames=frames)
        folder = private_folder(library.recordings.folder)
        target = finished_take(library, part, note)
        if target is not None and target.parent in (folder, library.recordings.trash):
            if _take_of(library, target) is None:
                library.recordings.write_note(target.name, row)
            take = list_take(library, target)
            drop_part(part)
            return take
        target = folder / _name(library, note, recorded=moment_of(part, note, frames / rate))
        sha256 = finish_part(part, target, note=row, note_path=folder / (target.name + NOTE))
    return list_take(library, target, sha256=sha256)


def finish_left(library: Library, part: Path) -> Path:
    """Finish a part as its note says: into the library, else to the file that was asked for.

    Where a file of that name has come, a number is added. Returns where the take is. Raises as
    `recover_part`, with ``part_unnamed`` where the note tells neither.
    """
    from asa_desktop.engine.finish import drop_part, finish_part
    from asa_desktop.engine.part import read_part_note

    note = read_part_note(part) or {}
    wanted = _wanted(note)
    if wanted is None or "song_id" in note or wanted.parent == library.recordings.folder:
        return library.audio(recover_part(library, part))
    with hold(part):
        if (take := finished_take(library, part, note)) is not None:
            drop_part(part)
            return take
        target = _free(wanted)
        finish_part(part, target, note=note, note_path=None)
    return target


def discard_part(library: Library, part: Path) -> Path:
    """Put a part and its note into the trash folder, which the user empties; where it is now.

    Raises `PlaceError`: ``part_held``, ``missing_file``, ``no_rights`` and the like.
    """
    from asa_desktop.engine.part import part_note_path

    trash = private_folder(library.recordings.trash)
    with hold(part):
        target = trash / part.name
        if target.exists():
            target = trash / f"{part.stem}-{secrets.token_hex(4)}{part.suffix}"
        try:
            part.replace(target)
        except OSError as error:
            raise place_error(error, part) from error
        with contextlib.suppress(OSError):  # there may be none
            part_note_path(part).replace(part_note_path(target))
    sync_folder(trash)
    return target


def take_in_finished(library: Library) -> list[TakeRow]:
    """Give rows to finished takes whose window died first, and drop their parts; at each start.

    Quick where there is nothing of the kind. What cannot be taken in is left to `asa check`.
    """
    taken = []
    for name in library.recordings.notes():
        path = library.recordings.folder / name
        if not path.exists() or not _is_ours(library, path):
            continue
        try:
            known = _take_of(library, path) is not None
            take = list_take(library, path)
        except AsaError as error:
            log.warning("%s not taken in: %s", path, error)
        else:
            taken += [] if known else [take]
    for part in _parts(library):
        taken += _without_its_part(library, part)
    return taken


def list_take(library: Library, path: Path, *, sha256: str | None = None) -> TakeRow:
    """The row of a file in recordings/, made of the note beside it if there is none yet.

    Two programs may do so at once. Raises ``note_unusable`` or `PlaceError`.
    """
    take = _take_of(library, path)
    if take is None:
        try:
            return library.take_from_note(path.name, sha256=sha256 or sha256_of(path))
        except LibraryError:
            take = _take_of(library, path)
            if take is None:
                raise
    library.recordings.drop_note(path.name)
    return take


def finished_take(library: Library, part: Path, note: Mapping[str, Any]) -> Path | None:
    """Where the take lies that `part` has become already, sample by sample, if it has."""
    wanted = _wanted(note)
    if wanted is None:
        return None
    recordings = library.recordings
    places = (wanted, recordings.folder / wanted.name, recordings.trash / wanted.name)
    for place in places:
        if place.is_file():
            from asa_desktop.engine.finish import holds_same

            if holds_same(part, place):
                return place
    return None


def _parts(library: Library) -> Iterator[Path]:
    folder = library.recordings.parts
    if folder.is_dir():
        yield from sorted(one for one in folder.glob(f"*{SUFFIX}") if one.is_file())


def _without_its_part(library: Library, part: Path) -> list[TakeRow]:
    """Drop a part that a kill left beside its finished take; that take if it had no row yet."""
    from asa_desktop.engine.part import read_part_note

    try:
        take = finished_take(library, part, read_part_note(part) or {})
        if take is None or is_held(part):
            return []
        known = _take_of(library, take) is not None
        finish_left(library, part)
    except AsaError as error:
        log.warning("part stays: %s", error)
        return []
    row = _take_of(library, take)
    return [] if known or row is None else [row]


def _left(library: Library, part: Path, note: Mapping[str, Any], *, seconds: float) -> PartLeft:
    title, singer = names_of(library, note)
    return PartLeft(
        path=part,
        seconds=seconds,
        song_title=title or text_of(note, "song_title"),
        singer=singer or text_of(note, "singer"),
        started_at=stamp(moment_of(part, note, seconds)),
        complete=bool(title and singer),
    )


def _wanted(note: Mapping[str, Any]) -> Path | None:
    target = note.get("target")
    return Path(target) if isinstance(target, str) and "\0" not in target else None


def _name(library: Library, note: Mapping[str, Any], *, recorded: datetime) -> str:
    """The name that was planned, where it is still free."""
    recordings, wanted = library.recordings, _wanted(note)
    if wanted is not None and wanted.parent == recordings.folder:
        taken = (recordings.folder / wanted.name).exists() or _take_of(library, wanted) is not None
        if not taken:
            return wanted.name
    return recordings.new_name(recorded=recorded, suffix=".flac")


def _free(target: Path) -> Path:
    number = 1
    free = target
    while free.exists():
        number += 1
        free = target.with_name(f"{target.stem}-{number}{target.suffix}")
    return free


def _take_of(library: Library, path: Path) -> TakeRow | None:
    both = (*library.takes(), *library.takes(removed=True))
    return next((take for take in both if take.file == path.name), None)


def _is_ours(library: Library, path: Path) -> bool:
    """Whether the file is a finished take of the engine's, or an import that nobody is at."""
    note = library.recordings.read_note(path.name)
    if note is not None and "target" in note:
        return True
    try:
        return time.time() - path.stat().st_mtime > _SETTLED_S
    except OSError:
        return False
