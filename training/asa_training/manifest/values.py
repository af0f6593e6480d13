"""The frozen values of a manifest: a row, all rows with their root, and places within files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from asa_desktop.core.types import FloatArray, PitchTrack
from asa_training.corpus import SPLITS
from asa_training.manifest.f0 import open_f0
from asa_training.manifest.places import file_of
from asa_training.manifest.sound import voice_16k

COLUMNS = (
    "path", "sha256", "singer", "song", "part", "take", "reference", "accompaniment", "scores",
    "judges", "licence", "split",
)  # fmt: skip
REQUIRED = ("path", "singer", "song")
KNOWN_SPLITS = ("", *SPLITS)
OVERALL = "overall"

Scale = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Row:
    """One recording; the manifest's docstring says what the columns mean.

    `scales` holds (lowest, highest) of those scores whose scale is known.
    """

    path: str
    singer: str
    song: str
    sha256: str = ""
    part: str = ""
    take: str = ""
    reference: tuple[str, ...] = ()
    accompaniment: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)
    scales: Mapping[str, Scale] = field(default_factory=dict)
    judges: Mapping[str, float] = field(default_factory=dict)
    licence: str = ""
    split: str = ""

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """(column, place) of everything that the row names."""
        named = [("path", self.path), *(("reference", place) for place in self.reference)]
        return (*named, ("accompaniment", self.accompaniment)) if self.accompaniment else (*named,)


@dataclass(frozen=True, slots=True)
class Manifest:
    """Rows, whose paths are below `root`."""

    root: Path
    rows: tuple[Row, ...]

    def file(self, place: Row | str) -> Path:
        """The file of a row's recording, or of a place that a row names, without its member."""
        return file_of(self._name(place), self.root)

    def open_f0(self, place: Row | str) -> PitchTrack:
        """The F0 track at a place that `is_f0`. Raises AudioError or PlaceError as `open_f0`."""
        return open_f0(self.root / self._name(place))

    def voice_16k(self, place: Row | str) -> FloatArray:
        """The sound at a place, mono at 16 kHz: (n,). Raises as `core.audio.decode`."""
        return voice_16k(self.root / self._name(place))

    def _name(self, place: Row | str) -> str:
        return place.path if isinstance(place, Row) else place


def in_order(part: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts parts as people count: ``2_zemin`` before ``10_nakarat``."""
    pieces = re.findall(r"[0-9]+|[^0-9]+", part)
    return tuple(_piece(piece) for piece in pieces)


def _piece(piece: str) -> tuple[int, int, str]:
    # By length, then by digits: a number may be too long for int().
    bare = piece.lstrip("0")
    return (0, len(bare), bare) if piece[0] in "0123456789" else (1, 0, piece)
