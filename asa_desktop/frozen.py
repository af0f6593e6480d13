"""What only the frozen program has to see to: what its starter left, and caches of libraries.

Does nothing where Python runs the program from its sources.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import MutableMapping
from pathlib import Path

_OF_THE_STARTER = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "QT_PLUGIN_PATH", "QML2_IMPORT_PATH")


def frozen() -> bool:
    """Whether this is the frozen program."""
    return bool(getattr(sys, "frozen", False))


def free_others(environ: MutableMapping[str, str] = os.environ) -> None:
    """Take the starter's search paths out of the environment, before anybody inherits them.

    Ours were read when the process began. Another program that we start (ffmpeg, a browser, a
    file manager) would take our libraries for its own and break.
    """
    inside = getattr(sys, "_MEIPASS", None)
    if not frozen() or inside is None:
        return
    for name in _OF_THE_STARTER:
        before = environ.pop(f"{name}_ORIG", None)
        if before:
            environ[name] = before
        elif _leads_inside(environ.get(name, ""), Path(inside)):
            del environ[name]


def _leads_inside(value: str, folder: Path) -> bool:
    return any(Path(part).is_relative_to(folder) for part in value.split(os.pathsep) if part)


def keep_caches(environ: MutableMapping[str, str] = os.environ) -> None:
    """Give libraries a folder of the user's for what they keep; nothing is made yet.

    numba keeps what it compiled beside the source where it can, which nobody may write in an
    installed program, and refuses to be imported where it can write nowhere at all.
    """
    if not frozen():
        return
    from asa_desktop.services.paths import places

    cache = places().cache
    if not _writable(cache):
        import atexit

        cache = Path(tempfile.mkdtemp(prefix="asa-cache-"))
        atexit.register(shutil.rmtree, cache, ignore_errors=True)
    for name, folder in (("NUMBA_CACHE_DIR", "numba"), ("MPLCONFIGDIR", "matplotlib")):
        environ.setdefault(name, str(cache / folder))


def _writable(folder: Path) -> bool:
    """Whether a folder, or the nearest there is above it, may be written."""
    nearest = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    return nearest.is_dir() and os.access(nearest, os.W_OK)
