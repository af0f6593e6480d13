"""Writing files so that a kill, a full disk or a power cut leaves the old one or the new one."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from asa_desktop.core.errors import PlaceError, place_error

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TEMPORARY = ".tmp"
_BLOCK = 1 << 20


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` last through a power cut, where folders can be synced."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        # Some network file systems refuse this; the rename itself still stands.
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def replacing(path: Path, *, lasting: bool = True) -> Iterator[BinaryIO]:
    """Open a new file beside `path` that takes its name only when the block ends well.

    With `lasting` the bytes are on the disk before the name changes. Raises `OSError`.
    """
    temporary = path.with_name(f".{path.name[:80]}.{secrets.token_hex(4)}{TEMPORARY}")
    try:
        with temporary.open("xb") as stream:
            yield stream
            stream.flush()
            if lasting:
                os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    if lasting:
        sync_folder(path.parent)


def write_bytes(path: Path, content: bytes) -> None:
    """Put `content` at `path`, whole or not at all. Raises `PlaceError`."""
    try:
        with replacing(path) as stream:
            stream.write(content)
    except OSError as error:
        raise place_error(error, path) from error


def write_wav(path: Path, samples: NDArray[np.floating], *, rate: int) -> None:
    """Put a short sound at `path`, whole or not at all. Shape: (n,). Raises `PlaceError`."""
    import soundfile

    encoded = io.BytesIO()
    soundfile.write(encoded, samples, rate, format="WAV", subtype="FLOAT")
    write_bytes(path, encoded.getvalue())


def sha256_of(path: Path) -> str:
    """Hex digest of a file's bytes. Raises `PlaceError`."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise place_error(error, path) from error


def copy_verified(
    source: Path, target: Path, *, progress: Callable[[float], None] = lambda share: None
) -> str:
    """Copy the bytes of `source` to `target`, read the copy back, and return its sha256.

    `progress` is told the share that is written; what it raises ends the copying, and nothing of
    the copy stays.

    Raises
    ------
    PlaceError
        ``missing_file``, ``is_folder``, ``not_a_file`` and the like for `source`, ``disk_full``
        and the like for `target`; ``copy_differs`` when the disk gives back other bytes than it
        was given.
    """
    try:
        if source.is_dir():
            raise PlaceError("is_folder", path=source)
        if source.exists() and not source.is_file():
            raise PlaceError("not_a_file", path=source)  # a pipe would be waited for
        reader = source.open("rb")
    except OSError as error:
        raise place_error(error, source) from error
    except ValueError as error:  # a NUL in the name
        raise PlaceError("missing_file", path=source) from error
    digest = hashlib.sha256()
    with reader:
        try:
            with replacing(target) as stream:
                size, done = max(os.fstat(reader.fileno()).st_size, 1), 0
                while block := _read(reader, source):
                    digest.update(block)
                    stream.write(block)
                    done += len(block)
                    progress(min(done / size, 1.0))
                stream.flush()
                os.fsync(stream.fileno())
                if sha256_of(Path(stream.name)) != digest.hexdigest():
                    raise PlaceError("copy_differs", path=target)
        except OSError as error:
            raise place_error(error, target) from error
    return digest.hexdigest()


def _read(stream: BinaryIO, path: Path) -> bytes:
    # Apart from the writing, so that a dying USB stick is not taken for a full disk.
    try:
        return stream.read(_BLOCK)
    except OSError as error:
        raise place_error(error, path) from error
