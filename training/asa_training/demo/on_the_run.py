"""A cleaned copy of "On the run" (Joshua Morin): tags of files that are not there are left out."""

from __future__ import annotations

import shutil
from pathlib import Path

from asa_desktop.core.errors import PlaceError
from asa_training.demo.folder import song_toml, write_text

SLUG = "on-the-run"
KEPT = ("audio.ogg", "license.txt")
FILE_TAGS = ("COVER", "BACKGROUND", "VIDEO")


def copy_on_the_run(source: Path, out: Path) -> Path:
    """Copy the song into ``out/on-the-run``; sound and licence stay as they are.

    Raises
    ------
    PlaceError
        ``missing_file`` with `path`: the source lacks one of its three files.
    """
    for name in (*KEPT, "song.txt"):
        if not (source / name).is_file():
            raise PlaceError("missing_file", path=source / name)
    folder = out / SLUG
    folder.mkdir(parents=True, exist_ok=True)
    for name in KEPT:
        part = folder / f"{name}.part"
        shutil.copyfile(source / name, part)
        part.replace(folder / name)
    text = (source / "song.txt").read_text(encoding="utf-8-sig")
    write_text(folder / "song.txt", without_missing(text, folder))
    card = song_toml(title="On the run", artist="Joshua Morin", language="en")
    write_text(folder / "song.toml", card)
    return folder


def without_missing(text: str, folder: Path) -> str:
    """An UltraStar text without the tags of pictures and videos that `folder` does not hold."""
    kept = []
    for line in text.splitlines():
        tag, _, name = line.lstrip("#").partition(":")
        missing = line.startswith("#") and tag.strip().upper() in FILE_TAGS
        if missing and not (folder / name.strip()).is_file():
            continue
        kept.append(line)
    return "\n".join(kept) + "\n"
