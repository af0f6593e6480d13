"""One mix taken apart into a folder: by the worker, or out of the cache."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from asa_desktop.core.audio import sha256
from asa_desktop.core.errors import AsaError, Cancelled, PlaceError, SeparationError
from asa_desktop.core.separation.parts import (
    ACCOMPANIMENT,
    NOTE,
    TEMPORARY,
    VOCAL,
    Note,
    beside,
    is_done,
    key_of,
    read_note,
    refuse_target,
)
from asa_desktop.services.files import copy_verified
from asa_desktop.services.paths import Places, private_folder
from asa_desktop.services.processes import end, ending, spawned
from asa_desktop.services.separation.source import Source
from asa_desktop.services.separation.weights import wanted_weights

log = logging.getLogger(__name__)

Main = Callable[[Connection, Path, Path, Path, str], None]
Progress = Callable[[float], None]
Cancel = Callable[[], bool]

LIMIT_BYTES = 2 * 1024**3
FILES = (VOCAL, ACCOMPANIMENT, NOTE)
_LOOK_S = 0.1
_STALE_S = 24 * 3600.0
_ROOM = 1 << 30  # the cache leaves so much of the disk alone


@dataclass(frozen=True, slots=True)
class Separated:
    """Where the parts are. `kept`: they were there already, in the folder or in the cache."""

    folder: Path
    note: Note
    kept: bool


def work_main(connection: Connection, mix: Path, folder: Path, weights: Path, device: str) -> None:
    """The process that computes. Its modules are imported there alone."""
    from asa_desktop.services.separation.worker import main

    main(connection, mix, folder, weights, device)


def separate(
    mix: Path,
    folder: Path,
    *,
    places: Places,
    source: Source,
    weights: Path | None = None,
    device: str = "auto",
    progress: Progress = lambda share: None,
    cancelled: Cancel = lambda: False,
    main: Main = work_main,
    fill: Callable[[Path], object] = lambda folder: None,
) -> Separated:
    """Voice and accompaniment of `mix` in a new `folder`: all of it, or nothing.

    A folder that holds them already is left as it is. `fill` may put more into the folder before
    it takes its name.

    Raises
    ------
    AudioError, PlaceError
        As `audio.decode`; ``in_the_way``, ``missing_folder``, ``disk_full`` and the like.
    SeparationError
        Those of `wanted_weights` and of `parts_of`; ``separation_died``.
    Cancelled
        When `cancelled` said so.
    """
    path, digest = wanted_weights(places, source, given=weights)
    key = key_of(sha256(mix), digest)
    if is_done(folder, key) and (note := read_note(folder)) is not None:
        return Separated(folder, note, kept=True)
    refuse_target(folder)
    _clear_left(folder.absolute().parent)
    cache = _Cache(places.cache / "separations")
    with beside(folder) as temporary:
        kept = cache.take(key, temporary, progress=progress, cancelled=cancelled)
        if not kept:
            _computed(
                mix, temporary, path, device, progress=progress, cancelled=cancelled, main=main
            )
            cache.put(key, temporary)
        note = read_note(temporary)
        if note is None:
            raise PlaceError("io_failed", path=folder / NOTE, why="it could not be read back")
        fill(temporary)
    return Separated(folder, note, kept=kept)


def _computed(
    mix: Path,
    folder: Path,
    weights: Path,
    device: str,
    *,
    progress: Progress,
    cancelled: Cancel,
    main: Main,
) -> None:
    """Have the worker do it; a stop ends its process, for a segment can take many seconds."""
    process, connection = spawned(main, mix, folder, weights, device, name="asa-separation")
    try:
        while True:
            while not connection.poll(_LOOK_S):
                if cancelled():
                    raise Cancelled
            said = connection.recv()
            if isinstance(said, AsaError):
                raise said
            if isinstance(said, Note):
                return
            progress(float(said))
            if cancelled():
                raise Cancelled
    except (EOFError, OSError) as error:
        raise SeparationError("separation_died", path=mix, **ending(process).facts) from error
    finally:
        connection.close()
        if process.is_alive():
            process.terminate()
        end(process)


def _clear_left(parent: Path) -> None:
    """Remove what a worker left that went down with the program, a day later."""
    with contextlib.suppress(OSError):
        for one in parent.glob(f".*{TEMPORARY}"):
            if one.is_dir() and time.time() - one.stat().st_mtime > _STALE_S:
                shutil.rmtree(one, ignore_errors=True)


class _Cache:
    """Parts by their key; all of it can be made again, so that no trouble here is an error."""

    def __init__(self, folder: Path, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._folder, self._limit = folder, limit_bytes

    def take(self, key: str, to: Path, *, progress: Progress, cancelled: Cancel) -> bool:
        """Copy the parts of this key; False where there are none, or damaged ones."""
        here = self._folder / key
        if read_note(here) is None:
            return False

        def heed(share: float) -> None:
            if cancelled():
                raise Cancelled
            progress(share)

        if not is_done(here, key):
            log.warning("kept parts %s are damaged", key)
            shutil.rmtree(here, ignore_errors=True)
            return False
        for name in FILES:
            copy_verified(here / name, to / name, progress=heed)
        with contextlib.suppress(OSError):
            os.utime(here)  # its last use, by which the oldest are found
        return True

    def put(self, key: str, parts: Path) -> None:
        """Keep a copy where there is plenty of room for it."""
        try:
            size = sum((parts / name).stat().st_size for name in FILES)
            private_folder(self._folder)
            if size > self._limit or shutil.disk_usage(self._folder).free < size + _ROOM:
                return
            here = self._folder / key
            if here.exists():
                shutil.rmtree(here, ignore_errors=True)
            _clear_left(self._folder)
            with beside(here) as temporary:
                for name in FILES:
                    copy_verified(parts / name, temporary / name)
            self._thin(keep=here)
        except (OSError, AsaError) as error:
            log.warning("parts are not kept: %s", error)

    def _thin(self, *, keep: Path) -> None:
        entries = sorted(self._entries())
        total = sum(size for _, size, _ in entries)
        for _, size, folder in entries:
            if total <= self._limit:
                return
            if folder != keep:
                shutil.rmtree(folder, ignore_errors=True)
                total -= size

    def _entries(self) -> Iterator[tuple[float, int, Path]]:
        for folder in self._folder.iterdir():
            with contextlib.suppress(OSError):  # another process may have thinned it
                if folder.is_dir() and not folder.name.startswith("."):
                    size = sum(one.stat().st_size for one in folder.iterdir())
                    yield folder.stat().st_mtime, size, folder
