"""What a model was made from and with: corpora by their files' hashes, packages by version."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from asa_training.corpus import LICENCES
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


@dataclass(frozen=True, slots=True)
class Corpus:
    """The recordings of one corpus that were used."""

    name: str
    edition: str
    licence: str
    files: tuple[Used, ...]

    @property
    def sha256(self) -> str:
        """The hash of the list of files as `sha256sum` writes it, in the order of the paths."""
        lines = (f"{one.sha256}  {one.path}\n" for one in self.files)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, with the hash."""
        return {**asdict(self), "sha256": self.sha256}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Corpus:
        """Read what `to_dict` gave. Raises TypeError, ValueError or KeyError where it is not."""
        files = tuple(Used(**each) for each in values["files"])
        found = cls(values["name"], values["edition"], values["licence"], files)
        if not files or found.sha256 != values["sha256"]:
            raise ValueError(f"the files of {found.name} are not those of its sha256")
        return found


def corpora_of(calls: Iterable[Call]) -> tuple[Corpus, ...]:
    """The corpora that calls of `render` drew on; of a file that changed, as it was last."""
    files = {one.path: one for call in calls for one in call.recordings}
    names = sorted({_corpus(path) for path in files})
    return tuple(
        Corpus(
            name=name,
            edition=EDITIONS.get(name, name),
            licence=LICENCES.get(name, ""),
            files=tuple(files[path] for path in sorted(files) if _corpus(path) == name),
        )
        for name in names
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


def _corpus(path: str) -> str:
    return path.split("/", 1)[0]
