"""What a model was made from and with: corpora by their files' hashes, packages by version."""

from __future__ import annotations

import hashlib
import platform
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from asa_training.corpus import LICENCES
from asa_training.manifest.places import split_place, written_fault
from asa_training.render.calls import Call, Used

EDITIONS: Mapping[str, str] = {
    "pjs": "PJS corpus 1.1 (Koguchi and Takamichi, 2020), mono FLAC at 24 kHz",
    "makam": "MTG turkish-makam-acapella-sections-dataset, mono FLAC at 24 kHz",
    "nit_song070": "NIT-SONG070 (Nagoya Institute of Technology), mono FLAC at 48 kHz",
    "vocadito": "vocadito (Bittner et al., 2021), mono FLAC at 44.1 kHz",
}
PACKAGES = (
    "asa-desktop", "torch", "numpy", "scipy", "librosa", "soxr", "soundfile", "torchcrepe",
    "pyworld-prebuilt", "webrtcvad-wheels", "safetensors", "lightning",
)  # fmt: skip
_IS_ID = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class Corpus:
    """The recordings of one corpus, or of one manifest, that were used."""

    name: str
    edition: str
    licence: str
    files: tuple[Used, ...]

    @property
    def is_manifest(self) -> bool:
        """Whether a manifest listed them: its rows are told in full."""
        return all(one.singer for one in self.files)

    @property
    def sha256(self) -> str:
        """The hash of the list of files as `sha256sum` writes it, in the order of the paths."""
        files = {split_place(one.path)[0]: one.sha256 for one in self.files}
        lines = (f"{files[path]}  {path}\n" for path in sorted(files))
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, with the hash."""
        files = [one.to_dict() for one in self.files]
        return {**asdict(self), "files": files, "sha256": self.sha256}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Corpus:
        """Read what `to_dict` gave. Raises TypeError, ValueError or KeyError where it is not."""
        files = tuple(Used(**each) for each in values["files"])
        found = cls(values["name"], values["edition"], values["licence"], files)
        if not files or found.sha256 != values["sha256"]:
            raise ValueError(f"the files of {found.name} are not those of its sha256")
        for one in files:
            if written_fault(one.path) or (found.is_manifest and not _IS_ID.fullmatch(one.id)):
                raise ValueError(f"{one.id} would lead out of its folder")
        return found


def corpora_of(calls: Iterable[Call]) -> tuple[Corpus, ...]:
    """The corpora and manifests that calls of `render` drew on.

    Of a file that changed, as it was last.
    """
    files: dict[str, dict[str, Used]] = defaultdict(dict)
    for call in calls:
        for one in call.recordings:
            files[call.manifest or one.path.split("/", 1)[0]][one.path] = one
    return tuple(
        _corpus(name, [files[name][path] for path in sorted(files[name])]) for name in sorted(files)
    )


def _corpus(name: str, files: Sequence[Used]) -> Corpus:
    own = sorted({one.licence for one in files if one.licence})
    return Corpus(
        name=name,
        edition=f"recordings listed in {name}" if own else EDITIONS.get(name, name),
        licence=", ".join(own) if own else LICENCES.get(name, ""),
        files=tuple(files),
    )


def versions() -> dict[str, str]:
    """Python and the packages that numbers hang on."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
