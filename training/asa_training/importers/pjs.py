"""PJS: ``pjs001/pjs001_song.wav`` with ``pjs001.mid`` and ``pjs001.musicxml`` beside it.

Layout and licence (CC BY-SA 4.0) from the corpus' own README.md and file tree,
PJS_corpus_ver1.1, as stored in github.com/justln1113/TEST at b0e7a37; Koguchi and Takamichi 2020.
``_speech`` files are read, not sung, and left out. Each song has its notes as reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from asa_training.importers import corpora
from asa_training.importers.layout import Imported, Layout, below, imported, sounds
from asa_training.manifest.values import Row

NAME = "pjs"


def read(source: Path) -> Imported:
    """All songs of the folder that holds pjs001, pjs002, ..."""
    return imported(NAME, source, _rows(source), looked_for="pjs*/pjs*_song.wav")


def _rows(source: Path) -> Iterator[Row]:
    for path in sounds(source, "pjs*/pjs*_song.*"):
        song = path.parent.name
        notes = (path.with_name(f"{song}{kind}") for kind in (".mid", ".musicxml"))
        reference = [below(file, source) for file in notes if file.is_file()]
        yield corpora.row(
            path, source, name=NAME, singer="pjs_male", song=song, reference=tuple(reference[:1])
        )


LAYOUT = Layout(
    NAME, "100 short Japanese songs by one man, with MIDI", corpora.LICENCES[NAME], read
)
