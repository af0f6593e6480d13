"""Kept features and embeddings of songs, so that a song is worked through once.

Everything here can be made again: trouble of any kind means "not kept", never an error.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asa_desktop.core.errors import PlaceError
from asa_desktop.services.files import TEMPORARY, replacing
from asa_desktop.services.paths import private_folder

if TYPE_CHECKING:
    import numpy as np

    Arrays = Mapping[str, np.ndarray[Any, Any]]

log = logging.getLogger(__name__)

LIMIT_BYTES = 2 * 1024**3
_KEY = "__key__"
_STALE_S = 3600.0


class FeatureStore:
    """A folder of .npz files, one a key, of at most `limit_bytes`; the longest unused go first."""

    def __init__(self, folder: Path, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self.folder = folder
        self.limit_bytes = limit_bytes

    def get(self, key: str) -> dict[str, np.ndarray[Any, Any]] | None:
        """The arrays kept under `key`, or None; a damaged entry is removed."""
        import numpy as np

        path = self._path(key)
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as kept:
                arrays = {name: kept[name] for name in kept.files}
            if bytes(arrays.pop(_KEY)) != _mark(key, arrays):
                raise ValueError("not the entry that was put there")
        except FileNotFoundError:
            return None
        except Exception as error:  # whatever a damaged file provokes in zip or npy readers
            log.warning("kept features %s cannot be used: %r", path.name, error)
            _remove(path)
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # its last use, by which the oldest are found
        return arrays

    def has(self, key: str) -> bool:
        """Whether something is kept under this key, readable or not."""
        return self._path(key).is_file()

    def put(self, key: str, arrays: Arrays) -> None:
        """Keep `arrays` under `key` if there is room for them."""
        import numpy as np

        if _KEY in arrays or any(array.dtype.hasobject for array in arrays.values()):
            raise ValueError("only plain arrays can be kept")
        if sum(array.nbytes for array in arrays.values()) > self.limit_bytes:
            return
        path = self._path(key)
        marked = {_KEY: np.frombuffer(_mark(key, arrays), np.uint8), **arrays}
        try:
            private_folder(path.parent)
            # A torn file fails its checksum when it is read: no need to wait for the disk.
            with replacing(path, lasting=False) as stream:
                _write_npz(stream, marked)
        except (OSError, PlaceError) as error:
            log.warning("%s is not kept: %s", path.name, error)
            return
        self._thin(keep=path)

    def clear(self) -> None:
        """Remove everything kept."""
        for path, _ in self._files():
            _remove(path)

    def size_bytes(self) -> int:
        """How much is kept."""
        return sum(status.st_size for _, status in self._files())

    def _path(self, key: str) -> Path:
        name = hashlib.sha256(key.encode()).hexdigest()
        return self.folder / name[:2] / f"{name}.npz"

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        for pattern in ("??/*.npz", f"??/.*{TEMPORARY}"):
            for path in self.folder.glob(pattern):
                with contextlib.suppress(OSError):  # another process may have thinned it
                    yield path, path.stat()

    def _thin(self, *, keep: Path) -> None:
        entries = []
        for path, status in self._files():
            if path.suffix == TEMPORARY:
                if time.time() - status.st_mtime > _STALE_S:
                    _remove(path)
            else:
                entries.append((status.st_mtime, status.st_size, path))
        total = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if total <= self.limit_bytes:
                return
            if path != keep:
                _remove(path)
                total -= size


def _mark(key: str, names: Iterable[str]) -> bytes:
    # The names too: a zip whose folder is damaged may forget one without a word.
    return json.dumps([key, *sorted(names)]).encode()


def _write_npz(stream: Any, arrays: Arrays) -> None:
    import zipfile

    import numpy as np

    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asanyarray(array), allow_pickle=False)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
