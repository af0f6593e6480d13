"""Who sings where nobody says so, and the name that stands for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asa_desktop.services.library import Library, PersonRow

FIRST_SINGER = "Me"
"""Kept for somebody whose name nobody wrote, in every language; the window says it in its own."""


def singer_names(library: Library) -> list[str]:
    """All whom the library knows."""
    return [one.name for one in library.people()]


def singer(library: Library, name: str = "") -> PersonRow:
    """Who sings: the named person, else whoever `likely_singer` names."""
    return library.add_person(name=name.strip() or likely_singer(library))


def likely_singer(library: Library) -> str:
    """Who sings where nobody says so: whoever sang here last, else a name that stands for them.

    Takes that were brought in tell nothing: they are other people's.
    """
    sung = (take for take in library.takes() if take.source == "recorded")
    last = next(sung, None)
    return last.singer if last is not None else FIRST_SINGER
