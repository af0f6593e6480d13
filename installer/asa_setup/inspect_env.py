"""Report on an environment from inside: its Python, what is installed, what is damaged.

Run by the environment's own interpreter (`python -I inspect_env.py`), prints JSON. It reads the
folders itself: quicker than importlib.metadata, and it sees half-installed packages.
"""

from __future__ import annotations

import csv
import json
import os
import re
import sys
import sysconfig
from pathlib import Path


def _entries(folder: str, seen: dict[str, frozenset[str]]) -> frozenset[str]:
    """The names in a folder, each folder read once."""
    if folder not in seen:
        try:
            seen[folder] = frozenset(os.listdir(folder))  # noqa: PTH208 - twice as quick here
        except OSError:
            seen[folder] = frozenset()
    return seen[folder]


def complete(site: Path, record: Path, seen: dict[str, frozenset[str]]) -> bool:
    """Whether every file that a wheel's RECORD names is there (compiled files may be absent)."""
    try:
        with record.open(encoding="utf-8", newline="") as lines:
            names = [row[0] for row in csv.reader(lines) if row]
    except (OSError, csv.Error, UnicodeDecodeError):
        return False
    for name in names:
        if not name.endswith(".pyc"):
            folder, _, base = name.rpartition("/")
            if base not in _entries(os.path.normpath(f"{site}/{folder}"), seen):
                return False
    return bool(names)


def survey(site: Path) -> dict[str, object]:
    """Installed names with their versions, and the names whose files are not all there."""
    installed: dict[str, str] = {}
    damaged: list[str] = []
    seen: dict[str, frozenset[str]] = {}
    for info in sorted(site.glob("*.dist-info")):
        name, _, version = info.name.removesuffix(".dist-info").rpartition("-")
        name = re.sub(r"[-_.]+", "-", name).lower()
        if name in installed or not complete(site, info / "RECORD", seen):
            damaged.append(name)
        installed[name] = version
    return {"installed": installed, "damaged": damaged}


if __name__ == "__main__":
    here = {"python": ".".join(map(str, sys.version_info[:2])), "prefix": sys.prefix}
    print(json.dumps(here | survey(Path(sysconfig.get_path("purelib")))))
