"""Which weights are used for separating, where they lie, and by what they are known.

demucs 4.1 takes its network from this repository, whichever bytes lie there; here they are pinned.
The size and the sha256 below are those that several public projects independently note for this
file; nobody could fetch it where this program was made. Bytes that differ are refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

_REVISION = "bf35a81b663819a8255c8fefee17f9d812b786b5"


@dataclass(frozen=True, slots=True)
class Source:
    """One file of weights. Only tests have `local` ones: plain http, from this machine alone.

    `certificates` is a file of authorities to be trusted beside the system's.
    """

    name: str
    address: str
    size: int
    sha256: str
    local: bool = False
    certificates: str = ""

    @property
    def host(self) -> str:
        return urlsplit(self.address).hostname or ""

    @property
    def megabytes(self) -> int:
        return round(self.size / 1e6)


HTDEMUCS = Source(
    name="htdemucs-955717e8.safetensors",
    address=f"https://huggingface.co/adefossez/HTDemucs/resolve/{_REVISION}/955717e8.safetensors",
    size=84_025_440,
    sha256="d9fa14133cfcc034a6758923bb3a8ca9f8dfd0b582134643bbf83f72c17576dd",
)


def usual() -> Source:
    """The weights that are fetched where nothing else is said."""
    return HTDEMUCS
