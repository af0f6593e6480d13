"""vocadito: ``Audio/vocadito_<n>.wav`` and ``vocadito_metadata.csv``, which says who sings.

Layout and licence (CC BY 4.0) from mirdata (github.com/mir-dataset-loaders/mirdata at 16d4eff,
datasets/vocadito.py and datasets/indexes/vocadito_index_1.json); zenodo.org/record/5578807,
Bittner et al. 2021. The same files lying flat, the folders' names before theirs, are read, too.
The F0 and note annotations are of the takes themselves and so no reference.
"""

from __future__ import annotations

from pathlib import Path

from asa_training.importers import corpora
from asa_training.importers.layout import Imported, Layout, counted, imported, sounds
from asa_training.importers.sheets import read_sheet

NAME = "vocadito"
_METADATA = ("vocadito_metadata.csv", "vocadito_vocadito_metadata.csv")


def read(source: Path) -> Imported:
    """All clips; a clip that the metadata do not list has its own name for a singer."""
    singers = _singers(source)
    rows, unlisted = [], []
    for path in sounds(source, "Audio/vocadito_*.*", "vocadito_*.*"):
        singer = singers.get(path.stem.removeprefix("vocadito_"))
        if singer is None:
            unlisted.append(path.stem)
        name = f"vocadito_{singer}" if singer else path.stem
        rows.append(corpora.row(path, source, name=NAME, singer=name, song=path.stem))
    notices = counted(unlisted, "Clips that the metadata do not list, each a singer of its own")
    return imported(NAME, source, rows, notices, looked_for="Audio/vocadito_*.wav")


def _singers(source: Path) -> dict[str, str]:
    """Who sings each track, by its number."""
    for name in _METADATA:
        if (source / name).is_file():
            lines = read_sheet(source / name)
            header = [cell.strip() for cell in lines[0]] if lines else []
            if "track_id" in header and "singer_id" in header:
                track, singer = header.index("track_id"), header.index("singer_id")
                return {
                    line[track].strip(): line[singer].strip()
                    for line in lines[1:]
                    if len(line) > max(track, singer)
                }
    return {}


LAYOUT = Layout(NAME, "40 solo clips by 29 singers", corpora.LICENCES[NAME], read)
