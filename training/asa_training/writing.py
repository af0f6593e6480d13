"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from asa_desktop.core.errors import place_error


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file beside its place and rename it: whoever reads never meets half of it.

    Raises PlaceError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        fill(handle, Path(name), path, write)
    except OSError as error:
        raise place_error(error, path) from error


def fill(handle: int, part: Path, path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write to an open file and give it its name; nothing is left of it where that fails.

    `handle` is that of `part`, on the file system of `path`. Raises OSError.
    """
    try:
        with os.fdopen(handle, "wb") as stream:
            write(stream)
            stream.flush()
            # Or the name could outlive a power cut, and the bytes not.
            os.fsync(stream.fileno())
        part.chmod(0o644)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write text whole, as UTF-8. Raises PlaceError."""
    write_whole(path, lambda stream: stream.write(text.encode("utf-8")))
