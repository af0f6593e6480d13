"""The weights in the user's own folder: whether they are there, and how they come there.

Nothing is fetched unless somebody said yes; who calls `fetched` has asked.
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from asa_desktop.core.errors import Cancelled, PlaceError, SeparationError, place_error
from asa_desktop.core.separation import weights as core_weights
from asa_desktop.frozen import frozen
from asa_desktop.services.files import copy_verified, sha256_of, sync_folder
from asa_desktop.services.paths import Places, private_folder
from asa_desktop.services.processes import end, spawned
from asa_desktop.services.separation.source import Source

log = logging.getLogger(__name__)

Main = Callable[[Connection, Source, Path], None]
Progress = Callable[[float], None]
Cancel = Callable[[], bool]

STALL_S = 90.0
"""How long nothing may come before the fetching is given up."""

PART = ".part"
_LOOK_S = 0.1
_LARGEST_WORD = 1 << 12


def require_demucs() -> None:
    """Say in one sentence what is missing: SeparationError ``no_demucs``, ``no_demucs_packaged``.

    demucs itself, with its torch, is never imported in here.
    """
    try:
        core_weights.require_demucs()
    except SeparationError:
        if frozen():
            raise SeparationError("no_demucs_packaged") from None
        raise


def kept_weights(places: Places, source: Source) -> Path:
    """Where the weights lie, or would."""
    return places.home / "separation" / source.name


def are_there(places: Places, source: Source) -> bool:
    """Whether the weights were fetched; their content is looked at when they are used."""
    try:
        return kept_weights(places, source).stat().st_size == source.size
    except OSError:
        return False


def wanted_weights(
    places: Places, source: Source, *, given: Path | None = None
) -> tuple[Path, str]:
    """The file to separate by, and its sha256: the one that was given, else ours.

    Raises
    ------
    SeparationError
        ``no_demucs``, ``no_demucs_packaged``; ``no_weights`` where they have not been fetched;
        ``fetched_changed`` where ours are no longer what was fetched.
    PlaceError
        ``missing_file`` and the like.
    """
    require_demucs()
    if given is not None:
        if given.is_dir():
            raise PlaceError("is_folder", path=given)
        return given, sha256_of(given)
    if not are_there(places, source):
        raise SeparationError("no_weights", address=source.address, size_mb=source.megabytes)
    path = kept_weights(places, source)
    digest = sha256_of(path)
    if digest != source.sha256:
        raise SeparationError("fetched_changed", path=path)
    return path, digest


def taken_in(
    places: Places, source: Source, file: Path, *, progress: Progress = lambda share: None
) -> Path:
    """Copy weights that somebody has already into the user's folder, if they are these very ones.

    Raises SeparationError ``weights_other``, and PlaceError.
    """
    if sha256_of(file) != source.sha256:
        raise SeparationError("weights_other", path=file, name=source.name)
    target = kept_weights(places, source)
    private_folder(target.parent)
    copy_verified(file, target, progress=progress)
    return target


def fetch_main(connection: Connection, source: Source, part: Path) -> None:
    """The process that fetches. Its modules are imported there alone: they open sockets."""
    from asa_desktop.services.separation.fetching import main

    main(connection, source, part)


def fetched(
    places: Places,
    source: Source,
    *,
    progress: Progress = lambda share: None,
    cancelled: Cancel = lambda: False,
    main: Main = fetch_main,
    stall_s: float = STALL_S,
) -> Path:
    """Fetch the weights, compare them, and put them into the user's folder; where they lie.

    What came until a stop or a broken line is kept beside, and gone on with the next time. What
    came whole and is not what was asked for is thrown away.

    Raises
    ------
    SeparationError
        ``weights_unreached``, ``weights_refused``.
    PlaceError
        What the disk says.
    Cancelled
        When `cancelled` said so.
    """
    target = kept_weights(places, source)
    private_folder(target.parent)
    part = target.with_name(target.name + PART)
    _run(source, part, progress=progress, cancelled=cancelled, main=main, stall_s=stall_s)
    try:
        size = part.stat().st_size
        if size < source.size:
            raise SeparationError("weights_unreached", address=source.address, why="cut")
        if size > source.size or sha256_of(part) != source.sha256:
            part.unlink()
            raise SeparationError("weights_refused", address=source.address)
        part.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise place_error(error, target) from error
    log.info("weights for separating fetched from %s", source.host)
    return target


def _run(
    source: Source, part: Path, *, progress: Progress, cancelled: Cancel, main: Main, stall_s: float
) -> None:
    """Have the other process fill the part; of what it says only how far it is is believed."""
    process, connection = spawned(main, source, part, name="asa-weights")
    heard = time.monotonic()
    try:
        while True:
            if cancelled():
                raise Cancelled
            if not connection.poll(_LOOK_S):
                if time.monotonic() - heard > stall_s:
                    raise _unreached(source, "time")
                continue
            word = json.loads(connection.recv_bytes(_LARGEST_WORD))
            heard = time.monotonic()
            if not isinstance(word, dict):
                raise ValueError("no word")
            if not word:
                return
            if "why" in word:
                raise _fault(source, part, word)
            progress(min(max(float(word["got"]) / source.size, 0.0), 1.0))
    except (
        EOFError, OSError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError,
    ) as error:  # fmt: skip
        raise _unreached(source, type(error).__name__) from error
    finally:
        connection.close()
        if process.is_alive():
            process.terminate()
        end(process)


def _fault(source: Source, part: Path, word: dict[str, object]) -> PlaceError | SeparationError:
    said = str(word["why"])[:40]
    if said == "disk":
        number = word.get("errno")
        return place_error(OSError(number if isinstance(number, int) else errno.EIO, "disk"), part)
    if said == "size":  # more than there can be: not what was asked for
        with contextlib.suppress(OSError):
            part.unlink()
        return SeparationError("weights_refused", address=source.address)
    return _unreached(source, said)


def _unreached(source: Source, why: str) -> SeparationError:
    log.info("no weights from %s: %s", source.host, why)
    return SeparationError("weights_unreached", address=source.address, why=why)
