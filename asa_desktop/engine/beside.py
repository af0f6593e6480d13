"""Small files that the engine leaves beside a take: whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asa_desktop.core.errors import place_error

TEMPORARY = ".tmp"
TAKE_NOTE = ".take.json"


def take_note_path(target: Path) -> Path:
    """Where the library looks for the note of a finished take without a row."""
    return target.with_name(target.name + TAKE_NOTE)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Put `value` at `path`, flushed, under a temporary name first. Raises `PlaceError`."""
    temporary = temporary_beside(path)
    try:
        with temporary.open("xb") as stream:
            stream.write(json.dumps(value, default=str).encode())
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise place_error(error, path) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def temporary_beside(path: Path) -> Path:
    """A name in the same folder that nobody else uses."""
    return path.with_name(f".{path.name[:80]}.{secrets.token_hex(4)}{TEMPORARY}")


def sync_folder(folder: Path) -> None:
    """Make a new name in `folder` outlast a power cut, where folders can be synced."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems refuse this
            os.fsync(handle)
    finally:
        os.close(handle)
