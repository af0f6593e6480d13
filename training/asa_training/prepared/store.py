"""The cache on the disk: features by the content of the sound, severities by that of the truth.

``<cache>/<track key>/ab/cdef....npz`` are the features of the sound whose file has the sha256
``abcdef...``; one channel of a stereo file has ``-left`` or ``-right`` behind it. What was realised
in a rendition hangs on its truth and not on its sound alone, so it stands apart, by the hash of
both: ``<cache>/<track key>-severity-<columns>/ab/cdef....npz``. So does how a take was laid beside
its reference (``-laid``), by the hash of what was laid and how.

A file is written under another name, flushed to the disk and renamed: it is there whole or not at
all. The same content gives the same bytes, whoever writes it, and as often as it is written.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import socket
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.errors import PlaceError, place_error
from asa_desktop.core.features.spec import FeatureSpec
from asa_training.grades import COLUMNS
from asa_training.writing import fill

PARTS = ".parts"
"""The folder of files that are being written, within the cache."""

_STALE_S = 3600.0
_UNIX = 3
_PART = re.compile(r"(.+)-(\d+)-[^-]+\.part")

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Store:
    """The cache in a folder, for one specification."""

    root: Path
    spec: FeatureSpec

    def features(self, key: str) -> Path:
        """Where the features of a sound lie, there or not."""
        return self.root / self.spec.track_key / key[:2] / f"{key[2:]}.npz"

    def severity(self, key: str, truth: str) -> Path:
        """Where the severities of a rendition lie: of a sound, and the sha256 of its truth."""
        # Of renditions with fewer defects than there are now the severities are counted again.
        folder = f"{self.spec.track_key}-severity-{len(COLUMNS)}"
        name = hashlib.sha256(f"{key} {truth}".encode()).hexdigest()
        return self.root / folder / name[:2] / f"{name[2:]}.npz"

    def laid(self, name: str) -> Path:
        """Where it lies how a recording was laid beside another; `name` tells both and the way."""
        digest = hashlib.sha256(name.encode()).hexdigest()
        return self.root / f"{self.spec.track_key}-laid" / digest[:2] / f"{digest[2:]}.npz"

    def write(self, place: Path, write: Callable[[BinaryIO], object]) -> None:
        """Write a file whole or not at all. Raises PlaceError."""
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            handle, part = self._begun()
            fill(handle, part, place, write)
        except OSError as error:
            raise place_error(error, place) from error

    def _begun(self) -> tuple[int, Path]:
        """A new file to write to, open, and its name. Raises OSError."""
        parts = self.root / PARTS
        prefix = f"{_host()}-{os.getpid()}-"
        for last in (False, False, True):
            parts.mkdir(parents=True, exist_ok=True)
            try:
                handle, name = tempfile.mkstemp(dir=parts, prefix=prefix, suffix=".part")
            except FileNotFoundError:  # another job has ended just now, and taken the folder along
                if last:
                    raise
            else:
                return handle, Path(name)
        raise AssertionError("the last try returns or raises")

    def write_arrays(self, place: Path, arrays: Arrays) -> None:
        """Write arrays whole or not at all. Raises PlaceError."""
        self.write(place, lambda stream: write_npz(stream, arrays))

    def sweep(self) -> int:
        """Remove what workers left half written that no longer run; how many files it was."""
        swept = 0
        for part in _listed(self.root / PARTS):
            if _is_left_over(part):
                with contextlib.suppress(OSError):  # another job may have been quicker
                    part.unlink()
                    swept += 1
        with contextlib.suppress(OSError):  # while another job writes it is not empty
            (self.root / PARTS).rmdir()
        return swept


def write_npz(stream: BinaryIO, arrays: Arrays) -> None:
    """As `np.savez`, with the same bytes on every system and at any time."""
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            about = zipfile.ZipInfo(f"{name}.npy")  # says 1980
            about.create_system = _UNIX
            about.external_attr = 0o600 << 16
            with archive.open(about, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)


def read_npz(place: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a file of the cache.

    Raises PlaceError: ``entry_damaged`` where they cannot be read, ``missing_file`` without a file.
    """
    try:
        with np.load(place, allow_pickle=False) as kept:
            return {name: kept[name] for name in kept.files}
    except OSError as error:
        raise place_error(error, place) from error
    except (ValueError, EOFError, KeyError, zipfile.BadZipFile, zipfile.LargeZipFile) as error:
        raise PlaceError("entry_damaged", path=place) from error


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9.]", "_", socket.gethostname()) or "here"


def _listed(folder: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from sorted(folder.glob("*.part"))


def _is_left_over(part: Path) -> bool:
    match = _PART.fullmatch(part.name)
    try:
        old = time.time() - part.stat().st_mtime > _STALE_S
    except OSError:
        return False
    # Of another machine's processes nothing is known but how long they have written.
    return old if match is None or match[1] != _host() else old or not _runs(int(match[2]))


def _runs(pid: int) -> bool:
    if sys.platform == "win32":
        return False  # what another process writes cannot be removed there
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
