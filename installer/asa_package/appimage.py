"""The AppImage: a folder in the layout of AppDir, packed by appimagetool where that is there.

appimagetool is in no package index; the release's workflow fetches it. Not tried.
"""

from __future__ import annotations

import platform
import shutil
from pathlib import Path

from asa_setup.failures import SetupError
from asa_setup.talk import say

from asa_package import desktop, freeze, place, tree
from asa_package.place import Workshop

_RUN = f"""\
#!/bin/sh
here=${{APPDIR:-$(dirname "$(readlink -f "$0")")}}
exec "$here/usr/lib/{place.NAME}/{place.COMMAND}" "$@"
"""


def folder(shop: Workshop, frozen: Path) -> Path:
    """The AppDir."""
    made = shop.build / f"{place.NAME}{shop.variant}.AppDir"
    shutil.rmtree(made, ignore_errors=True)
    library = made / "usr" / "lib" / place.NAME
    library.parent.mkdir(parents=True)
    tree.copy(frozen, library)
    desktop.install(shop, made / "usr", command=place.COMMAND)
    (made / f"{place.NAME}.desktop").write_text(desktop.entry(place.COMMAND), encoding="utf-8")
    icons = made / "usr/share/icons/hicolor"
    shutil.copyfile(icons / f"256x256/apps/{place.NAME}.png", made / f"{place.NAME}.png")
    (made / ".DirIcon").symlink_to(f"{place.NAME}.png")
    start = made / "AppRun"
    start.write_text(_RUN, encoding="utf-8")
    start.chmod(0o755)
    tree.settle(made, place.epoch(shop.root))
    return made


def make(shop: Workshop, frozen: Path) -> Path:
    """Write the .AppImage into dist; its path. Raises SetupError without appimagetool."""
    packed = folder(shop, frozen)
    tool = shutil.which("appimagetool")
    if tool is None:
        raise SetupError(
            f"{packed} is ready, but there is no appimagetool here, which no package index has: "
            "get it from the AppImage project, or let the release's workflow do it."
        )
    shop.dist.mkdir(parents=True, exist_ok=True)
    version = place.version(shop.root)
    made = shop.dist / f"{place.NAME}{shop.variant}-{version}-{platform.machine()}.AppImage"
    freeze.run((tool, "--no-appstream", packed, made), shop=shop, failing="No AppImage was made")
    say(f"{made.name}: {made.stat().st_size / 1e6:.1f} MB")
    return made
