"""One file that unpacks itself into the user's own folder and starts: for any Linux, no rights."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from pathlib import Path

from asa_setup.failures import SetupError
from asa_setup.talk import say

from asa_package import desktop, needs, place, tree
from asa_package.place import Workshop

_BLOCK = 1 << 20
# The script holds its own length: room for that number, however long.
_ROOM = 12


def squeezed(frozen: Path, into: Path, *, squeeze: str, epoch: int) -> None:
    """Write the folder as a compressed tar. `squeeze` is such as ``xz:6`` or ``zstd:19``."""
    method, _, level = squeeze.partition(":")
    # One thread for gzip; xz and zstd give the same bytes with any number above one.
    threads = {"xz": ("-T2",), "zstd": ("-T2", "-q")}.get(method, ("-n",))
    command = (method, f"-{level}", *threads, "-c")
    try:
        with into.open("wb") as target:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=target)
            assert process.stdin is not None
            with process.stdin as stream:
                tree.pack(frozen, stream, epoch=epoch)
            status = process.wait()
    except FileNotFoundError:
        raise SetupError(f"No portable file was made: there is no {method} here.") from None
    if status:
        raise SetupError(f"No portable file was made: {method} failed with status {status}.")


def digest(path: Path) -> str:
    """The file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def head(facts: dict[str, str]) -> bytes:
    """The script before the archive, which knows its own length in bytes."""
    blank = desktop.filled("portable.sh", skip="0" * _ROOM, **facts).encode()
    length = str(len(blank))
    # Leading zeros would make it an octal number for the shell.
    filled = desktop.filled("portable.sh", skip=length, **facts).encode()
    return filled + b"\n" * (len(blank) - len(filled))


def make(shop: Workshop, frozen: Path, *, squeeze: str) -> Path:
    """Write the .run into dist; its path."""
    method = squeeze.partition(":")[0]
    archive = shop.build / f"portable{shop.variant}.tar.{method}"
    squeezed(frozen, archive, squeeze=squeeze, epoch=place.epoch(shop.root))
    facts = {
        "version": place.version(shop.root),
        "variant": shop.variant,
        "machine": platform.machine(),
        "squeezer": method,
        "sum": digest(archive),
        "glibc": str(needs.glibc(frozen)),
        "kilobytes": str(round(tree.megabytes(frozen) * 1.05e3)),
        "libraries": " ".join(f"{one.soname}:{one.package}" for one in needs.libraries()),
    }
    shop.dist.mkdir(parents=True, exist_ok=True)
    name = f"{place.NAME}{shop.variant}-{facts['version']}-linux-{facts['machine']}.run"
    made = shop.dist / name
    with made.open("wb") as target, archive.open("rb") as source:
        target.write(head(facts))
        while block := source.read(_BLOCK):
            target.write(block)
    made.chmod(0o755)
    archive.unlink()
    say(f"{made.name}: {made.stat().st_size / 1e6:.1f} MB")
    return made
