"""From a part to the finished take: encoded, read back, compared, and only then in its place."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from asa_desktop.core.errors import AudioError, PlaceError, UsageError, place_error
from asa_desktop.core.guarded import GuardedFile
from asa_desktop.engine.beside import sync_folder, temporary_beside, write_json
from asa_desktop.engine.part import part_info, part_note_path, read_pcm
from asa_desktop.engine.timing import pairs, timing_comment
from asa_desktop.engine.timing import timing_of as timing_of  # beside its writer

KINDS = (".flac", ".wav")
_LONGEST_WAV = (1 << 32) - (1 << 16)


def refuse_target(target: Path) -> None:
    """Say before the song what would be said after it.

    Raises
    ------
    UsageError
        ``take_kind`` if its name ends neither in .flac nor in .wav.
    PlaceError
        ``missing_folder``, ``in_the_way``, ``no_rights``, ``read_only`` and the like.
    """
    if target.suffix.lower() not in KINDS:
        raise UsageError("take_kind", path=target)
    if not target.parent.is_dir():
        raise PlaceError("missing_folder", path=target.parent)
    if os.path.lexists(target):
        raise PlaceError("in_the_way", path=target)
    trial = temporary_beside(target)
    try:
        trial.touch(mode=0o600, exist_ok=False)
        trial.unlink()
    except OSError as error:
        raise place_error(error, target) from error


def finish_part(
    part: Path, target: Path, *, note: Mapping[str, Any], note_path: Path | None
) -> str:
    """Make the take at `target` (24-bit FLAC, or WAV by its name) of `part`, which then goes.

    Whatever is raised leaves the part as it is and nothing at `target`; only a part without a
    single sample goes. A kill at any moment leaves the part, the take or both.

    Parameters
    ----------
    note
        What is known about the take; its timing goes into the file as a comment too.
    note_path
        Where the library wants the note until the take has its row; None for no note.

    Returns
    -------
    str
        The sha256 of the file at `target`.

    Raises
    ------
    AudioError
        ``nothing_recorded``, ``write_check_failed`` or ``not_a_part``.
    PlaceError
        ``disk_full``, ``missing_folder``, ``in_the_way``, ``no_rights`` and the like.
    UsageError
        ``take_kind``.
    """
    rate, frames = part_info(part)
    if frames == 0:
        drop_part(part)
        raise AudioError("nothing_recorded", path=target)
    refuse_target(target)
    temporary = temporary_beside(target)
    noted = False
    try:
        sha256 = _encode(part, temporary, target, rate=rate, frames=frames, note=note)
        if note_path is not None:
            write_json(note_path, _as_row(note))
            noted = True
        _put_in_place(temporary, target)
    except BaseException as error:
        _drop(temporary)
        if noted and note_path is not None:
            _drop(note_path)
        if isinstance(error, OSError):
            raise place_error(error, target) from error
        raise
    with contextlib.suppress(OSError):
        sync_folder(target.parent)
    drop_part(part)
    return sha256


def holds_same(part: Path, take: Path) -> bool:
    """Whether `take` holds sample by sample what `part` holds: it is finished already."""
    try:
        rate, _ = part_info(part)
        return _is_same(part, take, rate=rate)
    except (OSError, PlaceError, AudioError):
        return False


def drop_part(part: Path) -> None:
    """Remove a part whose sound is elsewhere, and its note."""
    _drop(part)
    _drop(part_note_path(part))


def _encode(
    part: Path, temporary: Path, target: Path, *, rate: int, frames: int, note: Mapping[str, Any]
) -> str:
    """Write and check the new file, flushed to the disk; its sha256."""
    kind = target.suffix.lower().removeprefix(".").upper()
    if kind == "WAV" and frames * 3 > _LONGEST_WAV:
        kind = "RF64"
    with GuardedFile(temporary) as file:
        try:
            with soundfile.SoundFile(file, "w", rate, 1, subtype="PCM_24", format=kind) as sound:
                sound.comment = timing_comment(note)
                for block in read_pcm(part):
                    sound.write(block)
                    file.check()
        except soundfile.LibsndfileError as error:
            file.check()
            raise AudioError("write_check_failed", path=target) from error
        file.sync()
    if not _is_same(part, temporary, rate=rate):
        raise AudioError("write_check_failed", path=target)
    with temporary.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _is_same(part: Path, take: Path, *, rate: int) -> bool:
    try:
        with soundfile.SoundFile(take) as sound:
            if (sound.samplerate, sound.channels) != (rate, 1):
                return False
            for block in read_pcm(part):
                if not np.array_equal(sound.read(len(block), dtype="int32"), block):
                    return False
            return len(sound.read(1, dtype="int32")) == 0
    except (soundfile.LibsndfileError, AssertionError):
        return False


def _put_in_place(temporary: Path, target: Path) -> None:
    """Give the new file its name, without ever replacing what has come there meanwhile."""
    if os.name != "nt":
        try:
            os.link(temporary, target)
        except FileExistsError:
            raise
        except OSError:
            pass  # no such thing on this disk
        else:
            _drop(temporary)
            return
        if os.path.lexists(target):
            raise PlaceError("in_the_way", path=target)
    temporary.rename(target)  # on Windows this never replaces


def _as_row(note: Mapping[str, Any]) -> dict[str, Any]:
    """The note as the library keeps it, where gaps are JSON in themselves."""
    return {**note, "gaps": json.dumps(pairs(note.get("gaps")))}


def _drop(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
