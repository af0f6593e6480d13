"""Takes as the window lists them, and what is done with one besides singing it."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from asa_desktop.core.errors import AsaError, PlaceError
from asa_desktop.services.files import copy_verified, sha256_of, write_bytes
from asa_desktop.services.reading import Cancel, Progress, looked_at

if TYPE_CHECKING:
    from asa_desktop.core.types import TakeTiming
    from asa_desktop.services.library import Library, TakeRow

log = logging.getLogger(__name__)

WHERE = ".where.json"
"""Beside the place of a removed recording in the trash folder: where the system's bin has it."""

UNKNOWN_PLACE = Path()
"""Where a recording lies that the system's bin took without saying where."""

SystemBin = Callable[[Path], Path | None]
"""Moves a file to the system's bin; where it is then, None where that is not known or not done."""


@dataclass(frozen=True, slots=True)
class TakeEntry:
    """A take, the how manieth it is of this singer with this song, and why it has no score."""

    take: TakeRow
    number: int
    reason: str


def take_entries(library: Library, *, removed: bool = False) -> list[TakeEntry]:
    """The takes, or the removed ones, the newest first."""
    listed = library.takes(removed=removed)
    both = sorted(
        (*listed, *library.takes(removed=not removed)), key=lambda one: (one.recorded_at, one.id)
    )
    count: dict[tuple[int, int], int] = {}
    number = {}
    for take in both:
        pair = take.song, take.person
        number[take.id] = count[pair] = count.get(pair, 0) + 1
    return [TakeEntry(take, number[take.id], _reason(library, take)) for take in listed]


def _reason(library: Library, take: TakeRow) -> str:
    if take.status != "not_scored":
        return ""
    newest = library.analyses(take=take.id)
    return (newest[0].reason or "") if newest else ""


# The bin


def bin_take(library: Library, take: int, system_bin: SystemBin) -> Path:
    """Take a take off the list and give its recording to the system's bin; where it is then.

    It goes by way of the library's trash folder, and stays there where the system has no bin; a
    note says where it went, so that `unbin_take` finds it. Restored by the system itself it comes
    back to the trash folder.
    """
    row = library.remove_take(take)
    file = library.audio(row)
    if file.parent != library.recordings.trash or not file.is_file():
        return file  # gone, or stuck where it was: `asa check` sees to that
    note = file.with_name(file.name + WHERE)
    with contextlib.suppress(AsaError):  # a full disk must not keep anything out of the bin
        write_bytes(note, _where(UNKNOWN_PLACE))
    place = system_bin(file)
    with contextlib.suppress(AsaError, OSError):
        if place is None:
            note.unlink(missing_ok=True)
        else:
            write_bytes(note, _where(place))
    return file if place is None else place


def _where(place: Path) -> bytes:
    return json.dumps({"path": str(place)}).encode()


def unbin_take(library: Library, take: int) -> TakeRow:
    """Bring a removed take back to the list, from the system's bin too.

    Raises `PlaceError` ``bin_emptied`` where its recording is in neither, ``bin_elsewhere`` where
    the bin has it and did not say under which name.
    """
    row = library.take(take)
    if not row.removed:
        return row
    recordings = library.recordings
    home = recordings.trash / row.file
    if not home.exists() and not (recordings.folder / row.file).exists():
        place = _binned(home)
        if place == UNKNOWN_PLACE:
            raise PlaceError("bin_elsewhere", name=row.file)
        if place is None or not place.is_file() or sha256_of(place) != row.sha256:
            raise PlaceError("bin_emptied", name=row.file)
        copy_verified(place, home)  # the bin may lie on another disk
        with contextlib.suppress(OSError):
            place.unlink()
        _forget_in_bin(place)
    restored = library.restore_take(take)
    with contextlib.suppress(OSError):
        home.with_name(home.name + WHERE).unlink()
    return restored


def _binned(home: Path) -> Path | None:
    try:
        kept = json.loads(home.with_name(home.name + WHERE).read_bytes())
        return Path(kept["path"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _forget_in_bin(place: Path) -> None:
    """Drop what the bin of the freedesktop.org kind noted about a file that left it."""
    if place.parent.name == "files":
        with contextlib.suppress(OSError):
            (place.parent.parent / "info" / f"{place.name}.trashinfo").unlink()


# Recordings from elsewhere


@dataclass(frozen=True, slots=True)
class RecordingFacts:
    """A recording that can be read to its end. `timing` is what this program noted in it, if so."""

    path: Path
    seconds: float
    rate: int
    timing: TakeTiming


def read_recordings(
    files: Sequence[Path], *, progress: Progress | None = None, cancelled: Cancel | None = None
) -> list[RecordingFacts | AsaError]:
    """Read each recording through, in a process of its own. Raises `Cancelled`."""
    return looked_at(files, recording_facts, progress=progress, cancelled=cancelled)


def recording_facts(file: Path) -> RecordingFacts:
    """Read one recording through. Raises as `core.audio.decode`."""
    from asa_desktop.core.audio import decoding
    from asa_desktop.core.take_timing import read_timing

    with decoding(file) as stream:
        frames = sum(block.shape[1] for block in stream.blocks)
        rate = stream.rate
    timing, _ = read_timing(file)
    return RecordingFacts(file, frames / rate, rate, timing)


def bring_in(library: Library, facts: RecordingFacts, *, song: int, singer: str) -> TakeRow:
    """Copy a recording into the library as somebody's take; both begin together.

    A take that this program made keeps its own delay. Raises ``name_empty`` and what
    `import_take` raises.
    """
    timing = facts.timing
    return library.import_take(
        song=song,
        person=library.add_person(name=singer).id,
        file=facts.path,
        duration_s=facts.seconds,
        sample_rate=facts.rate,
        latency_s=timing.latency_s,
        clock_ratio=timing.clock_ratio,
        start_s=timing.start_s,
        delay_from=timing.delay_from,
        gaps=timing.gaps,
    )


def edit_take(library: Library, take: int, *, title: str, singer: str) -> TakeRow:
    """Give a take a title and a singer. Raises ``name_empty``, ``take_unknown``."""
    person = library.add_person(name=singer)
    library.rename_take(take, title=title)
    return library.give_take(take, person=person.id)
