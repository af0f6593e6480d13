"""Files handed from a second start of the program to the first: where, and what may be said.

The place is a socket in a folder that only this user can enter. What is said is one line: a
greeting and a list of absolute paths. Anything else is passed over whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

GREETING = b"asa-files 1 "
TAKEN = b"taken\n"
MOST_PATHS, LONGEST_PATH, MOST_BYTES = 256, 4096, 1 << 18
_FOLDER = "asa-desktop"
_LONGEST_ADDRESS = 100
"""Unix allows 104 to 108 bytes for the address of a socket."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where the starts of one user with one home meet: a lock, and the address of the first."""

    lock: Path
    address: str


def meeting_of(home: Path) -> Meeting | None:
    """Where to meet; None where there is no folder that is this user's alone."""
    folder = runtime_folder()
    if folder is None:
        return None
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    if sys.platform == "win32":  # a pipe has no folder, and is this user's by its access list
        return Meeting(folder / f"{name}.lock", f"{_FOLDER}-{name}")
    address = folder / f"{name}.sock"
    if len(os.fsencode(address)) > _LONGEST_ADDRESS:
        return None
    return Meeting(folder / f"{name}.lock", str(address))


def runtime_folder() -> Path | None:
    """The user's folder for what lasts as long as the session (0700), made where it is not there.

    None where it cannot be made, or is somebody else's, a link, or open to others.
    """
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    if sys.platform.startswith("linux") and base and Path(base).is_dir():
        folder = Path(base) / _FOLDER
    else:
        owner = f"-{os.getuid()}" if hasattr(os, "getuid") else ""
        folder = Path(tempfile.gettempdir()) / f"{_FOLDER}{owner}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    if not stat.S_ISDIR(found.st_mode):
        return None
    if hasattr(os, "geteuid") and (found.st_uid != os.geteuid() or found.st_mode & 0o077):
        return None
    return folder


def packed(paths: Sequence[Path]) -> bytes:
    """The line that says these paths; those beyond what may be said are left out."""
    said: list[str] = []
    for path in paths[:MOST_PATHS]:
        if not _may_be_said(str(path)):
            continue
        said.append(str(path))
        if len(_line(said)) > MOST_BYTES:
            said.pop()
            break
    return _line(said)


def unpacked(line: bytes) -> tuple[Path, ...] | None:
    """The paths that a line says; None where it is not one of ours, or says too much."""
    if len(line) > MOST_BYTES or not line.startswith(GREETING) or line.find(b"\n") != len(line) - 1:
        return None
    try:
        said = json.loads(line[len(GREETING) :].decode("ascii"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, list) or len(said) > MOST_PATHS:
        return None
    if not all(isinstance(one, str) and _may_be_said(one) for one in said):
        return None
    return tuple(Path(one) for one in said)


def _line(said: list[str]) -> bytes:
    return GREETING + json.dumps(said).encode("ascii") + b"\n"


def _may_be_said(path: str) -> bool:
    return "\0" not in path and len(path) <= LONGEST_PATH and Path(path).is_absolute()
