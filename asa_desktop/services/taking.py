"""A take between the library and the engine: where it grows, what it becomes, whose it is."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from asa_desktop.core.errors import PlaceError, UsageError
from asa_desktop.engine.messages import Finished, Job
from asa_desktop.services.library import Library, TakeRow
from asa_desktop.services.library.recordings import Recordings
from asa_desktop.services.part_row import plan_file, plan_take
from asa_desktop.services.parts import list_take
from asa_desktop.services.paths import places

_PART_BYTES, _TAKE_BYTES = 3.0, 3.0  # a frame of 24 bits; FLAC is smaller, but not of noise
_SPARE_BYTES = 64 * 1024**2
_OPEN_END_S = 600.0


@dataclass(frozen=True, slots=True)
class Delay:
    """The round trip that a take is shifted by; None in `seconds` leaves it to the time stamps.

    `stamp_s` is what the stamps said when it was calibrated.
    """

    seconds: float | None = None
    source: Literal["stamps", "chirps", "taps", "given"] = "stamps"
    stamp_s: float | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What plays while somebody sings: files at the stream's rate, and how loud each is."""

    backing: Path | None = None
    voice: Path | None = None
    backing_gain: float = 1.0
    voice_gain: float = 0.0
    start_s: float = 0.0
    end_s: float | None = None


def begin_take(
    library: Library | None,
    *,
    song: int | None = None,
    person: int | None = None,
    out: Path | None = None,
    title: str = "",
    singer: str = "",
    heard: Heard,
    delay: Delay,
) -> Job:
    """What the engine has to know for a take that goes to the library, or to the file `out`.

    The library's take needs `song` and `person`, rows of it; of a file `title` and `singer` are
    remembered while it is a part. That grows in the user's library either way, so that a broken
    one is found again.

    Raises
    ------
    UsageError
        ``take_without_song``, ``take_kind``.
    LibraryError
        ``song_unknown``, ``person_unknown``.
    PlaceError
        ``missing_folder``, ``in_the_way``, ``no_rights`` and the like.
    """
    if out is not None:
        parts = (library.recordings if library else Recordings(places().library)).parts
        plan = plan_file(out, parts=parts, song_title=title, singer=singer)
    elif library is None or song is None or person is None:
        raise UsageError("take_without_song")
    else:
        plan = plan_take(library, song=song, person=person)
    return Job(
        part=plan.part,
        target=plan.target,
        note=plan.note,
        note_path=plan.note_path,
        accompaniment=heard.backing,
        vocal=heard.voice,
        accompaniment_gain=heard.backing_gain,
        vocal_gain=heard.voice_gain,
        start_s=heard.start_s,
        end_s=heard.end_s,
        delay_s=delay.seconds,
        delay_from=delay.source,
        delay_stamp_s=delay.stamp_s,
    )


def end_take(library: Library, finished: Finished) -> TakeRow:
    """Give a take that lies in the library's folder its row.

    Raises `LibraryError` or `PlaceError`; then file and note stay, of which `asa check` makes the
    take.
    """
    return list_take(library, finished.path, sha256=finished.sha256)


def refuse_little_room(*folders: Path, rate: int, seconds: float | None) -> None:
    """See before the song that a take of so many seconds (None: open end) fits on the disks.

    Raises `PlaceError` ``disk_low`` with both sizes in MB.
    """
    length = _OPEN_END_S if seconds is None else seconds
    needed = (_PART_BYTES + _TAKE_BYTES) * rate * length + _SPARE_BYTES
    for folder in folders:
        try:
            free = shutil.disk_usage(folder).free
        except OSError:
            continue  # a disk that does not tell is no reason not to sing
        if free < needed:
            facts = {"needed_mb": round(needed / 1e6), "free_mb": round(free / 1e6)}
            raise PlaceError("disk_low", path=folder, **facts)
