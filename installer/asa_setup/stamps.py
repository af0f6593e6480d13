"""The note in .venv that says what was installed, so that a second start takes no time."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from pathlib import Path

from asa_setup.layout import Layout, Machine


@dataclass(frozen=True)
class Stamp:
    """What an environment holds; without a fingerprint it was begun and not finished."""

    venv: str = ""  # where it was made: environments do not survive being moved
    gpu: bool = False
    groups: tuple[str, ...] = ()
    fingerprint: str = ""
    installed: dict[str, str] = field(default_factory=dict)  # name -> version, when finished
    libraries_refused: tuple[str, ...] = ()  # system packages not to be had

    def finished(self, groups: Collection[str], fingerprint: str) -> bool:
        """Whether all of these groups were completely installed from the same locks."""
        return self.fingerprint == fingerprint and set(groups) <= set(self.groups)


def read(path: Path) -> Stamp:
    """The note, or an empty one when there is none or it is damaged."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        lists = {name: tuple(told[name]) for name in ("groups", "libraries_refused")}
        return Stamp(**told | lists)
    except (OSError, ValueError, TypeError, KeyError):
        return Stamp()


def write(path: Path, stamp: Stamp) -> None:
    """Write the note whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(asdict(stamp), indent=1), encoding="utf-8")
    part.replace(path)


def fingerprint(layout: Layout, machine: Machine, *, gpu: bool) -> str:
    """A hash of all that decides what is installed: locks, project, Python, system, GPU or not."""
    project = tomllib.loads((layout.root / "pyproject.toml").read_text(encoding="utf-8"))
    told = [
        machine.system,
        machine.architecture,
        machine.python,
        "gpu" if gpu else "cpu",
        json.dumps(project.get("project"), sort_keys=True),
        json.dumps(project.get("tool", {}).get("hatch"), sort_keys=True),
    ]
    for lock in sorted(layout.locks.glob("*.txt")):
        told += [lock.name, lock.read_text(encoding="utf-8")]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()
