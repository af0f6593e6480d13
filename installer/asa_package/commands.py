"""`bootstrap.py package`: which packages there are, and what is asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from asa_setup.failures import UsageError
from asa_setup.talk import say

from asa_package import appimage, deb, freeze, macos, portable, rpm, sizes, windows
from asa_package.place import Workshop

USAGE = """\
Makes packages of the program, into dist.

  bootstrap.py package KIND [--gpu] [--again] [--quick]

  deb        Debian 12, Ubuntu 24.04 and newer
  rpm        Fedora, openSUSE and their like
  portable   one file for any Linux, which unpacks itself into the user's folder
  appimage   the same as an AppImage; needs appimagetool
  windows    an installer, on Windows with NSIS; --try compiles its script anywhere
  macos      a .dmg, on a Mac
  folder     the frozen folder alone, which all of these hold
  sizes      what is how large in it

  --gpu      torch with CUDA (Linux, several gigabytes)
  --again    freeze the program anew; else the folder that is there is taken
  --quick    hardly compress: for trying
"""

# Measured, see docs/packages.md.
SQUEEZE = {"deb": "zstd:9", "portable": "xz:2", "rpm": "zstd:9"}
QUICK = {"deb": "zstd:3", "portable": "zstd:3", "rpm": "zstd:fastest"}
KINDS = ("deb", "rpm", "portable", "appimage", "windows", "macos", "folder", "sizes")


@dataclass(frozen=True)
class Wish:
    """What was asked for."""

    kind: str
    gpu: bool = False
    again: bool = False
    quick: bool = False
    attempt: bool = False


def parse(words: Sequence[str]) -> Wish | None:
    """Read the words after `package`; None where help is wanted. Raises UsageError."""
    options = {word for word in words if word.startswith("-")}
    kinds = [word for word in words if not word.startswith("-")]
    if options & {"-h", "--help"} or kinds == ["help"]:
        return None
    unknown = options - {"--gpu", "--again", "--quick", "--try"}
    if unknown or len(kinds) != 1 or kinds[0] not in KINDS:
        raise UsageError(f"Say which package: `bootstrap.py package {'|'.join(KINDS)}`, or --help.")
    wish = Wish(
        kinds[0],
        gpu="--gpu" in options,
        again="--again" in options,
        quick="--quick" in options,
        attempt="--try" in options,
    )
    if wish.attempt and wish.kind != "windows":
        raise UsageError("--try belongs to `package windows`.")
    if wish.gpu and not sys.platform.startswith("linux"):
        raise UsageError("--gpu is offered on Linux only so far: leave it out.")
    return wish


def run(words: Sequence[str], root: Path) -> int:
    """Make what is asked for; the exit status. Raises SetupError."""
    wish = parse(words)
    if wish is None:
        print(USAGE, end="")
        return 0
    shop = Workshop(root, gpu=wish.gpu)
    if wish.attempt:
        freeze.tools(shop)
        windows.attempt(shop)
        return 0
    frozen = freeze.ready(shop, again=wish.again)
    if wish.kind == "sizes":
        print(sizes.table(frozen, packages=sorted(shop.dist.glob("*"))))
    elif wish.kind != "folder":
        _make(wish, shop, frozen)
    return 0


def _make(wish: Wish, shop: Workshop, frozen: Path) -> Path:
    squeeze = (QUICK if wish.quick else SQUEEZE).get(wish.kind, "")
    makers: dict[str, Callable[[], Path]] = {
        "deb": lambda: deb.make(shop, frozen, squeeze=squeeze),
        "rpm": lambda: rpm.make(shop, frozen, squeeze=squeeze),
        "portable": lambda: portable.make(shop, frozen, squeeze=squeeze),
        "appimage": lambda: appimage.make(shop, frozen),
        "windows": lambda: windows.make(shop, frozen),
        "macos": lambda: macos.make(shop, frozen),
    }
    made = makers[wish.kind]()
    say(f"SHA-256 {portable.digest(made)}  {made.name}")
    return made
