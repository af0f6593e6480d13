"""What there is to prepare: renditions, the recordings of a manifest, or any recordings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from asa_desktop.core.songs.places import AUDIO, suffix
from asa_training.manifest import inspect_manifest
from asa_training.manifest.places import split_place
from asa_training.rated.takes import takes_in

ACCOMPANIMENT = "accompaniment"


@dataclass(frozen=True, slots=True)
class Recording:
    """One sound: a file, or a channel of it (``a.wav#right``).

    `listed` is the sha256 that a manifest gives the file, `truth` the .json beside a rendition.
    """

    place: str
    listed: str = ""
    truth: Path | None = None

    @property
    def file(self) -> Path:
        """The file, without the channel."""
        return Path(split_place(self.place)[0])

    def key(self, digest: str) -> str:
        """The name of its features: the file's sha256, and the channel."""
        channel = split_place(self.place)[1]
        return f"{digest}-{channel}" if channel else digest


def of_renders(folder: Path) -> list[Recording]:
    """All renditions of a folder and the accompaniments beside them, in the order of their paths.

    An accompaniment has no truth.
    """
    return [
        Recording(
            place=str(path),
            truth=None if path.stem == ACCOMPANIMENT else path.with_suffix(".json"),
        )
        for path in sorted(folder.glob("*/*.flac"))
    ]


def of_manifest(path: Path, *, root: Path | None = None) -> tuple[list[Recording], list[str]]:
    """(every sound that the rows name, one sentence for each fault of the manifest).

    A row's own recording, its references and its accompaniment; F0 tracks and notes are no sound.
    Rows with a fault are left out. Raises UsageError and PlaceError as `inspect_manifest`.
    """
    found = inspect_manifest(path, root=root)
    manifest = found.manifest
    listed: dict[str, str] = {}
    for row in manifest.rows:
        for column, place in row.places:
            if is_sound(place):
                whole = column == "path" and row.sha256
                listed[place] = row.sha256 if whole else listed.get(place, "")
    recordings = [Recording(str(manifest.root / place), sha) for place, sha in listed.items()]
    return recordings, [fault.sentence for fault in found.faults]


def of_places(places: Iterable[Path]) -> list[Recording]:
    """Recordings, and all those below folders. Raises PlaceError as `takes_in`."""
    return [Recording(str(path)) for path in takes_in(places)]


def is_sound(place: str) -> bool:
    """Whether a place is sound, rather than an F0 track or notes, by its name."""
    return suffix(Path(split_place(place)[0])) in AUDIO
