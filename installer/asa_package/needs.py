"""What the frozen program wants of a Linux system: libraries by name, and the oldest glibc.

The libraries are those that the set-up asks for (`asa_setup.system_libraries`), as the frozen
folder leaves the same ones to the system.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from asa_setup.system_libraries import QT, QT_ON_A_SCREEN, SOUND, Library, Plugin

from asa_package import tree

_GLIBC = re.compile(rb"GLIBC_2\.(\d+)\b")
_ELF = b"\x7fELF"

RUN_TIME = (
    Library("libstdc++.so.6", "libstdc++6"),
    Library("libgcc_s.so.1", "libgcc-s1"),
    Library("libz.so.1", "zlib1g"),
    Library("libexpat.so.1", "libexpat1"),
    # What Python's ssl is linked to, for the list of releases.
    Library("libssl.so.3", "libssl3"),
    Library("libcrypto.so.3", "libssl3"),
)
# Parts of Qt that the set-up does not ask for, as they are missed only where they are used.
QT_BESIDES = (
    Library("libgssapi_krb5.so.2", "libgssapi-krb5-2"),
    Library("libwayland-client.so.0", "libwayland-client0"),
    Library("libwayland-cursor.so.0", "libwayland-cursor0"),
    Library("libwayland-egl.so.1", "libwayland-egl1"),
)
# Fedora's and openSUSE's packages are found through the names of the libraries themselves.
_RPM_BITS = "()(64bit)"


def libraries() -> tuple[Library, ...]:
    """Every shared library that the system has to have."""
    parts = (*SOUND, *QT, *QT_ON_A_SCREEN, *QT_BESIDES, *RUN_TIME)
    return tuple(part for part in parts if isinstance(part, Library))


def debian(glibc: int) -> tuple[str, ...]:
    """What a .deb depends on. `glibc` is the minor version of 2.x."""
    names = list(dict.fromkeys(library.package for library in libraries()))
    plugins = [part.package for part in SOUND if isinstance(part, Plugin)]
    return (
        f"libc6 (>= 2.{glibc})",
        *sorted(names),
        # Where PipeWire brought its own plugin for ALSA, a second one would be in its way.
        *(f"{name} | pipewire-alsa" for name in plugins),
        "fonts-dejavu-core",
    )


RECOMMENDED = ("ffmpeg", "fonts-noto-cjk", "ca-certificates")


def fedora(glibc: int) -> tuple[str, ...]:
    """What an .rpm requires, by the names of libraries, which are the same in all RPM systems.

    `glibc` is the minor version of 2.x.
    """
    return (
        f"libc.so.6(GLIBC_2.{glibc})(64bit)",
        *(f"{library.soname}{_RPM_BITS}" for library in libraries()),
    )


def glibc(folder: Path) -> int:
    """The newest glibc that anything in the folder asks for: y of 2.y."""
    return max(_asked(path) for path in tree.files(folder))


def _asked(path: Path) -> int:
    if path.is_symlink():
        return 0
    with path.open("rb") as file:
        if file.read(4) != _ELF:
            return 0
        return newest(_blocks(file))


def _blocks(file: object, size: int = 1 << 22) -> Iterable[bytes]:
    """The file in blocks that overlap, so that no name is cut."""
    before = b""
    while block := file.read(size):
        yield before + block
        before = block[-16:]


def newest(blocks: Iterable[bytes]) -> int:
    """y of the newest GLIBC_2.y that is named; 0 where none is."""
    return max((int(y) for block in blocks for y in set(_GLIBC.findall(block))), default=0)
