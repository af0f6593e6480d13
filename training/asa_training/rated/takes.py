"""Recordings in folders, and files that are there whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from asa_desktop.core.errors import PlaceError
from asa_desktop.core.songs.places import AUDIO, suffix


def takes_in(places: Iterable[Path]) -> list[Path]:
    """Recordings named one by one, and all recordings below folders, in the order of their paths.

    Files are told by their suffix, hidden ones are passed over.

    Raises
    ------
    PlaceError
        ``missing_file`` where a place does not exist, ``no_recordings`` where none is found.
    """
    places = list(places)
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            found += sorted(path for path in place.rglob("*") if _is_recording(path, place))
        elif place.exists():
            found.append(place)
        else:
            raise PlaceError("missing_file", path=place)
    if not found:
        raise PlaceError("no_recordings", path=places[0] if places else Path())
    return list(dict.fromkeys(found))


def _is_recording(path: Path, below: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(below).parts)
    return not hidden and suffix(path) in AUDIO and path.is_file()
