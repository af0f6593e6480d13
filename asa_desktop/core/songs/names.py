"""Title and artist out of the names of files and folders."""

from __future__ import annotations

import re

from asa_desktop.core.songs.melody import plain

_BACKING = re.compile(
    r"karaoke|instrumental|\binstr\b|accompan|backing|playback|minus ?one|off ?vocal|no ?vocals?",
    re.IGNORECASE,
)
_VOCAL = re.compile(r"\bvocals?( only)?\b|\bvoc\b|a ?capp?ella", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")


def is_backing(stem: str) -> bool:
    """Whether a file's name says that it is an accompaniment."""
    return bool(_BACKING.search(stem.replace("_", " ")))


def is_vocal(stem: str) -> bool:
    """Whether a file's name says that it is the voice alone."""
    return not is_backing(stem) and bool(_VOCAL.search(stem.replace("_", " ")))


def title_and_artist(name: str) -> tuple[str, str]:
    """(title, artist) of "Artist - Title"; ("name", "") where it has no such form.

    Track numbers before it and brackets like "(Karaoke Version)" after it are no part of it.

    >>> title_and_artist("01 - Nena - 99 Luftballons [Karaoke]")
    ('99 Luftballons', 'Nena')
    """
    text = plain(name if " " in name else name.replace("_", " "))
    bare = _BRACKETS.sub(lambda m: "" if is_backing(m[0]) or is_vocal(m[0]) else m[0], text)
    parts = [part.strip() for part in re.split(r"\s+[-–—]\s+", bare) if part.strip()]
    if len(parts) > 2 and parts[0].isdecimal():
        parts = parts[1:]
    if len(parts) > 2 and is_backing(parts[-1]):  # "Artist - Title - Karaoke"
        parts = parts[:-1]
    if len(parts) < 2:
        return bare.strip() or text or name, ""
    return " - ".join(parts[1:]), parts[0]
