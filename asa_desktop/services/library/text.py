"""Names, paths and times in the form in which the library keeps them."""

from __future__ import annotations

import os
import unicodedata
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from asa_desktop.core.errors import PlaceError
from asa_desktop.services.paths import resources

_BUNDLED = "bundled:"


def tidy(text: str) -> str:
    """A name on one line: composed (NFC), blanks single, nothing that cannot be shown or kept.

    File systems hand out decomposed names, command lines lone surrogates, pasted text tabs.
    """
    whole = text.encode("utf-8", "replace").decode("utf-8")
    shown = "".join(one if unicodedata.category(one) != "Cc" else " " for one in whole)
    return unicodedata.normalize("NFC", " ".join(shown.split()))


def same_name(text: str) -> str:
    """What two spellings of one person's name have in common: all but case."""
    return unicodedata.normalize("NFC", tidy(text).casefold())


def searchable(text: str) -> str:
    """Text without case and accents, so that "arzte" finds "Ärzte"."""
    apart = unicodedata.normalize("NFKD", tidy(text).casefold())
    return "".join(one for one in apart if not unicodedata.combining(one))


def location_of(path: Path) -> str | bytes:
    """A song's path as it is stored.

    What came with the program is stored relative to it, for the program moves with every update.
    Names that are no text (old zips on Linux) are stored as the bytes they are.
    """
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - a link is kept as the user chose it
    try:
        inside = whole.relative_to(resources())
    except (ValueError, PlaceError):
        name = str(whole)
    else:
        name = _BUNDLED + inside.as_posix()
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name)
    return name


def path_of(location: str | bytes) -> Path:
    """The path that `location_of` stored, on this installation."""
    if isinstance(location, bytes):
        return Path(os.fsdecode(location))
    if location.startswith(_BUNDLED):
        inside = PurePosixPath(location.removeprefix(_BUNDLED))
        try:
            return resources() / inside
        except PlaceError:
            return Path(inside)
    return Path(location)


def stamp(moment: datetime | None = None) -> str:
    """A moment, by default now, as UTC to the millisecond: what is stored and sorted by."""
    utc = (moment or datetime.now(UTC)).astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"
