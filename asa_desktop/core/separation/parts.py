"""A mix on the disk becomes two recordings on the disk: all of it, or nothing."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asa_desktop.core.audio import sha256
from asa_desktop.core.errors import (
    AsaError,
    Cancelled,
    PlaceError,
    SeparationError,
    place_error,
)
from asa_desktop.core.flac import CheckedFlac
from asa_desktop.core.separation.mix import Survey, survey, taken_apart
from asa_desktop.core.separation.overlap import OVERLAP, on_device
from asa_desktop.core.separation.weights import read_network

if TYPE_CHECKING:
    from asa_desktop.core.separation.overlap import Separate
    from asa_desktop.core.separation.weights import Network

VOCAL, ACCOMPANIMENT, NOTE = "vocal.flac", "accompaniment.flac", "separation.json"
"""Names by which a song's folder knows its parts, and the note of how they were made."""

TEMPORARY = ".separating"
STEP = 1
"""Goes up when the same mix and weights would give other parts: then nothing kept is used."""

_ROOM = 64 << 20  # left free beside the parts
_SURVEY_SHARE = 0.02
_LONGEST_NOTE = 1 << 16

Progress = Callable[[float], None]
Stopped = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Note:
    """How parts were made. `key` says it all: the same key, the same parts."""

    key: str
    mix: str
    mix_sha256: str
    weights_sha256: str
    rate: int
    channels: int
    frames: int
    vocal_sha256: str
    accompaniment_sha256: str
    step: int = STEP
    overlap: float = OVERLAP
    demucs: str = ""


def key_of(mix_sha256: str, weights_sha256: str) -> str:
    """By which parts are found again: the mix and the weights by content, and the settings."""
    settings = [mix_sha256, weights_sha256, STEP, OVERLAP]
    return hashlib.sha256(json.dumps(settings).encode()).hexdigest()


def read_note(folder: Path) -> Note | None:
    """The note of a folder of parts; None where there is none that can be read."""
    path = folder / NOTE
    try:
        if path.stat().st_size > _LONGEST_NOTE:
            return None
        return _note(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def is_done(folder: Path, key: str) -> bool:
    """Whether the parts of this key are in a folder, unchanged."""
    note = read_note(folder)
    if note is None or note.key != key:
        return False
    wanted = {VOCAL: note.vocal_sha256, ACCOMPANIMENT: note.accompaniment_sha256}
    try:
        return all(sha256(folder / name) == digest for name, digest in wanted.items())
    except PlaceError:
        return False


def refuse_target(folder: Path) -> None:
    """Say before the work what would be said after it.

    Raises PlaceError ``in_the_way`` where something is there that is no empty folder,
    ``missing_folder`` where the folder that it will lie in is not.
    """
    try:
        if os.path.lexists(folder) and not (folder.is_dir() and not any(folder.iterdir())):
            raise PlaceError("in_the_way", path=folder)
        if not folder.parent.is_dir():
            raise PlaceError("missing_folder", path=folder.parent)
    except OSError as error:
        raise place_error(error, folder) from error
    except ValueError as error:  # a NUL in the name
        raise PlaceError("missing_folder", path=folder) from error


@contextlib.contextmanager
def beside(folder: Path) -> Iterator[Path]:
    """A new folder that takes the place of `folder` when the block ends well, else goes.

    Raises PlaceError as `refuse_target`, and ``no_rights``, ``disk_full`` and the like.
    """
    refuse_target(folder)
    temporary = folder.with_name(f".{folder.name[:80]}.{secrets.token_hex(4)}{TEMPORARY}")
    try:
        temporary.mkdir()
        yield temporary
        if folder.is_dir():
            folder.rmdir()  # it is empty, and Windows renames onto nothing
        temporary.rename(folder)
    except OSError as error:
        raise place_error(error, folder) from error
    except AsaError as error:  # its words name the place that was asked for
        at = error.facts.get("path")
        if isinstance(at, Path) and at.is_relative_to(temporary):
            error.facts["path"] = folder / at.relative_to(temporary)
        raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def parts_of(
    mix: Path,
    folder: Path,
    weights: Path,
    *,
    device: str = "auto",
    progress: Progress = lambda share: None,
    stopped: Stopped = lambda: False,
) -> Note:
    """Separate `mix` into an existing `folder`, which its caller throws away where this fails.

    What can be wrong is found in this order: the mix, the room on the disk, the weights.

    Raises
    ------
    AudioError, PlaceError
        As `audio.decode` and `CheckedFlac`.
    SeparationError
        ``mix_silent``, ``separation_room``, ``separation_memory``, those of `read_network`.
    Cancelled
        When `stopped` said so, asked for between segments.
    """
    digest = sha256(mix)
    known = survey(mix)
    progress(_SURVEY_SHARE)
    refuse_crowded(folder, known)
    network = read_network(weights)
    return written(
        mix, folder, known, network, on_device(network, device),
        mix_sha256=digest, progress=progress, stopped=stopped,
    )  # fmt: skip


def written(
    mix: Path,
    folder: Path,
    known: Survey,
    network: Network,
    separate: Separate,
    *,
    mix_sha256: str,
    progress: Progress = lambda share: None,
    stopped: Stopped = lambda: False,
) -> Note:
    """As `parts_of`, of a mix that was surveyed, with a network that is there."""
    done = 0
    form = {"rate": known.rate, "channels": known.channels}
    with (
        CheckedFlac(folder / VOCAL, **form) as vocal,
        CheckedFlac(folder / ACCOMPANIMENT, **form) as accompaniment,
    ):
        for sung, played in taken_apart(mix, known, network, _heeding(separate, stopped)):
            vocal.write(sung)
            accompaniment.write(played)
            done += sung.shape[1]
            progress(_SURVEY_SHARE + (1 - _SURVEY_SHARE) * done / known.frames)
        note = Note(
            key=key_of(mix_sha256, network.sha256),
            mix=mix.name,
            mix_sha256=mix_sha256,
            weights_sha256=network.sha256,
            frames=known.frames,
            vocal_sha256=vocal.finish(),
            accompaniment_sha256=accompaniment.finish(),
            demucs=_version(),
            **form,
        )
    try:
        (folder / NOTE).write_text(json.dumps(asdict(note), indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise place_error(error, folder / NOTE) from error
    return note


def _heeding(separate: Separate, stopped: Stopped) -> Separate:
    def heeded(segment: Any) -> Any:
        if stopped():
            raise Cancelled
        return separate(segment)

    return heeded


def refuse_crowded(folder: Path, known: Survey) -> None:
    """Raise SeparationError ``separation_room`` where the parts might not fit on the disk."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise place_error(error, folder) from error
    if free < known.most_bytes + _ROOM:
        needed = (known.most_bytes + _ROOM) >> 20
        raise SeparationError("separation_room", path=folder, free_mb=free >> 20, needed_mb=needed)


def _version() -> str:
    try:
        return version("demucs")
    except PackageNotFoundError:
        return ""


def _note(kept: Any) -> Note:
    if not isinstance(kept, dict):
        raise TypeError("not ours")
    note = Note(**kept)
    texts = (note.key, note.mix, note.mix_sha256, note.weights_sha256, note.vocal_sha256,
             note.accompaniment_sha256, note.demucs)  # fmt: skip
    numbers = (note.rate, note.channels, note.frames, note.step)
    if not all(isinstance(one, str) for one in texts) or not all(
        type(one) is int for one in numbers
    ):
        raise TypeError("not ours")
    return note
