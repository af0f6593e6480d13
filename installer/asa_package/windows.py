"""The installer for Windows, by NSIS: for one user, and recordings stay when it goes.

The script compiles anywhere; its payload is frozen on Windows. Neither was run on Windows.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from asa_setup.failures import SetupError
from asa_setup.talk import say

from asa_package import desktop, freeze, icons, place
from asa_package.place import Workshop

ENDINGS = ("flac", "wav", "mp3", "ogg", "opus", "aiff", "m4a", "mid", "kar", "musicxml", "mxl")
SIGN = "ASA_SIGN_WINDOWS"
"""A command that signs the file named after it, such as signtool with its options."""


def _with(ending: str, order: str, value: str = "") -> str:
    """A line on who else may open files of this kind."""
    key = f"Software\\Classes\\.{ending}\\OpenWithProgids"
    return f'  {order} HKCU "{key}" "${{CLASS}}"{value}'


def script(shop: Workshop, payload: Path, *, outfile: Path, icon: Path) -> str:
    """The NSIS script that packs `payload`."""
    version = place.version(shop.root)
    numbers = [*version.split("."), "0", "0", "0", "0"][:4]
    offered = [_with(end, "WriteRegStr", ' ""') for end in ENDINGS]
    withdrawn = [_with(end, "DeleteRegValue") for end in ENDINGS]
    return desktop.filled(
        "setup.nsi",
        version=version,
        numbers=".".join(part if part.isdigit() else "0" for part in numbers),
        outfile=str(outfile),
        icon=str(icon),
        licence=str(shop.root / "LICENSE"),
        payload=str(payload),
        openwith="\n".join(offered),
        closewith="\n".join(withdrawn),
    )


def make(shop: Workshop, frozen: Path) -> Path:
    """Write the installer into dist; its path. On Windows alone, as its payload is frozen there."""
    if os.name != "nt":
        raise SetupError(
            "The installer for Windows is made there: PyInstaller freezes for the system it runs "
            "on. `package windows --try` compiles the script around an empty payload."
        )
    signed(shop, frozen / f"{place.COMMAND}.exe")
    return signed(shop, compiled(shop, frozen))


def signed(shop: Workshop, file: Path) -> Path:
    """The file, signed where there is a command for it."""
    signer = os.environ.get(SIGN, "")
    if signer:
        freeze.run((*signer.split(), file), shop=shop, failing=f"{file.name} was not signed")
    else:
        say(f"Left out: sign {file.name} ({SIGN} names no command): Windows will warn")
    return file


def attempt(shop: Workshop) -> Path:
    """Compile the script around a payload that stands for the program: does NSIS take it?"""
    payload = shop.build / "stand-in"
    (payload / "_internal").mkdir(parents=True, exist_ok=True)
    for name in ("asa.exe", "LICENSE", "THIRD_PARTY.txt", "sbom.cdx.json", "_internal/base.zip"):
        (payload / name).write_text("stands for the real one\n", encoding="utf-8")
    return compiled(shop, payload, mark="-stand-in")


def compiled(shop: Workshop, payload: Path, *, mark: str = "") -> Path:
    """The installer around `payload`. Raises SetupError without makensis."""
    tool = shutil.which("makensis")
    if tool is None:
        raise SetupError("The installer needs NSIS: install it (makensis has to be on the PATH).")
    shop.dist.mkdir(parents=True, exist_ok=True)
    made = shop.dist / f"{place.NAME}-{place.version(shop.root)}-windows{mark}-setup.exe"
    icon = icons.for_system(shop, "win32")
    assert icon is not None
    text = script(shop, payload, outfile=made, icon=icon)
    recipe = shop.build / "setup.nsi"
    recipe.write_text(text, encoding="utf-8-sig")
    freeze.run((tool, "-V2", "-WX", recipe), shop=shop, failing="No installer was made")
    say(f"{made.name}: {made.stat().st_size / 1e6:.1f} MB")
    return made
