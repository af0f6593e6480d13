"""What `asa_training.corpus` knows of the corpora that training stands on."""

from __future__ import annotations

from pathlib import Path

from asa_training import corpus
from asa_training.manifest.values import Row

LICENCES = corpus.LICENCES
MAKAM_SONGS = corpus.MAKAM_SONGS


def row(
    path: Path, source: Path, *, name: str, singer: str, song: str, part: str = "",
    reference: tuple[str, ...] = (),
) -> Row:  # fmt: skip
    """A row of a known corpus, with its licence and the split in which training holds it."""
    return Row(
        path=path.relative_to(source).as_posix(),
        singer=singer,
        song=song,
        part=part,
        reference=reference,
        licence=LICENCES[name],
        split=corpus.split_of(name, singer=singer, song=song) or "",
    )
