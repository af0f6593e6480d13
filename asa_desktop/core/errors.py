"""The family of errors that a user can do something about.

Below the surface an error is a code and facts; `asa_desktop.words` puts it into one sentence.
Anything else that escapes is our own fault.
"""

from __future__ import annotations

import errno
from pathlib import Path

Fact = str | int | float | Path | tuple[str, ...]


class AsaError(Exception):
    """A fault in what came in or in the surroundings.

    Parameters
    ----------
    code
        What is wrong, e.g. ``"not_audio"``; unique within the whole program.
    facts
        What the sentence needs, e.g. ``path=...``; no wording for users.
    """

    def __init__(self, code: str, /, **facts: Fact) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def __reduce__(self) -> tuple[object, ...]:
        # Facts cross process borders; the default would lose them.
        return (_rebuild, (type(self), self.code, self.facts))

    def __str__(self) -> str:
        listed = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code} ({listed})" if listed else self.code


def _rebuild(kind: type[AsaError], code: str, facts: dict[str, Fact]) -> AsaError:
    return kind(code, **facts)


class AudioError(AsaError):
    """A recording that cannot be read as sound, or whose sound cannot be used."""


class SongError(AsaError):
    """A song folder, or one of its notes, lyrics or tag files, that cannot be used."""


class ModelError(AsaError):
    """A model, its card or its weights that this program cannot or must not use."""


class PlaceError(AsaError):
    """A file or folder that is missing, closed to us or full; a device that is not there."""


class LibraryError(AsaError):
    """The library of songs and takes cannot be opened, or does not hold what was asked for."""


class SeparationError(AsaError):
    """A mix that cannot be taken apart, or what that needs and is not there."""


class UpdateError(AsaError):
    """The list of releases cannot be had, or is not to be believed."""


class UsageError(AsaError):
    """A request that contradicts itself, such as a song and a reference at once."""


class Cancelled(AsaError):  # noqa: N818 - not an error of anybody's
    """The user stopped the job."""

    def __init__(self, code: str = "cancelled", /, **facts: Fact) -> None:
        super().__init__(code, **facts)


_PLACE_CODES = {
    errno.ENOENT: "missing_file",
    errno.ENOTDIR: "missing_file",
    errno.ELOOP: "missing_file",
    errno.ENAMETOOLONG: "name_too_long",
    errno.EISDIR: "is_folder",
    errno.EACCES: "no_rights",
    errno.EPERM: "no_rights",
    errno.EROFS: "read_only",
    errno.ENOSPC: "disk_full",
    getattr(errno, "EDQUOT", errno.ENOSPC): "disk_full",
    errno.EFBIG: "file_too_big",
    errno.EEXIST: "in_the_way",
}


def place_error(error: OSError, path: Path) -> PlaceError:
    """The fault in the surroundings that `error` stands for; ``io_failed`` where none is known."""
    code = _PLACE_CODES.get(error.errno or 0)
    if code is None:
        return PlaceError("io_failed", path=path, why=error.strerror or type(error).__name__)
    return PlaceError(code, path=path)
