"""MTG makam a cappella sections: ``<singer>/<song>_<number>_<section>.wav``.

Layout from the file tree of github.com/MTG/turkish-makam-acapella-sections-dataset, read at
0f77f81 and 93e02cc; songs and licence as `asa_training.corpus` knows them. Two prefixes of that
tree are not in our copy: ``Kimseye``/``kimseye_whole_last`` is Kimseye etmem (its cuts continue
those of ``Melihat_Gulses``, to the microsecond), sung by idil.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from asa_training.importers import corpora
from asa_training.importers.layout import Imported, Layout, below, counted, imported, sounds
from asa_training.manifest.values import Row

NAME = "makam"

_SONGS = {
    **corpora.MAKAM_SONGS,
    "kimseye_whole_last": corpora.MAKAM_SONGS["Melihat_Gulses"],
    "Kimseye": corpora.MAKAM_SONGS["Melihat_Gulses"],
}
_SECTION = re.compile(r"(.+?)_((?:[0-9]+|[Pp]art[0-9]+)_.*)")


def read(source: Path) -> Imported:
    """All sections of the folder that holds the singers' folders."""
    found = [(path, *_song_and_part(path.stem)) for path in sounds(source, "*/*")]
    unknown = sorted({song for _, song, _, known in found if not known})
    rows = _rows(source, [(path, song, part) for path, song, part, _ in found if part])
    bare = [below(path, source) for path, _, part, _ in found if not part]
    notices = [
        *counted(unknown, "Songs that our table does not know, under their file's name"),
        *counted(bare, "Left out, since not called <song>_<number>_<section>"),
    ]
    return imported(NAME, source, rows, notices, looked_for="<singer>/<song>_<number>_<section>")


def _rows(source: Path, found: list[tuple[Path, str, str]]) -> Iterator[Row]:
    for path, song, part in found:
        yield corpora.row(path, source, name=NAME, singer=path.parent.name, song=song, part=part)


def _song_and_part(stem: str) -> tuple[str, str, bool]:
    """(song, section, whether the song is known); the section is empty where there is none.

    Two sections may bear the same name; the time in the mix, which stays in it, tells them apart.
    """
    for prefix, song in _SONGS.items():
        if stem.startswith(f"{prefix}_"):
            return song, stem[len(prefix) + 1 :], True
    match = _SECTION.fullmatch(stem)
    return (match[1], match[2], False) if match else (stem, "", True)


LAYOUT = Layout(
    NAME, "sections of Turkish makam songs by several singers", corpora.LICENCES[NAME], read
)
