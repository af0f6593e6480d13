"""What an environment holds, asked from its own interpreter, and dropping what is broken."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from asa_setup.layout import Layout
from asa_setup.lockfile import Pin, normalised
from asa_setup.processes import clean_environment
from asa_setup.stamps import Stamp

_INSPECTOR = Path(__file__).with_name("inspect_env.py")


@dataclass(frozen=True)
class State:
    """The environment's Python ("3.11"), versions by name, and names whose files are not whole."""

    python: str
    installed: dict[str, str]
    damaged: frozenset[str] = frozenset()

    def only(self, names: Collection[str]) -> State:
        """The same, of these packages alone; what a user added is none of our business."""
        kept = {name: version for name, version in self.installed.items() if name in names}
        return State(self.python, kept, self.damaged.intersection(names))

    def lacks(self, pin: Pin) -> bool:
        """Whether a pin is absent, damaged or there in another version."""
        return self.installed.get(pin.name) != pin.version or pin.name in self.damaged

    def keeps(self, stamp: Stamp) -> bool:
        """Whether everything of the last set-up is still there, whole."""
        return (
            bool(stamp.installed)
            and stamp.installed.items() <= self.installed.items()
            and self.damaged.isdisjoint(stamp.installed)
        )


def inspect(layout: Layout) -> State | None:
    """Ask the environment's interpreter; None when it does not start."""
    try:
        reply = subprocess.run(
            [layout.python, "-I", _INSPECTOR],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
            env=clean_environment(),
        )
        told = json.loads(reply.stdout)
        return State(told["python"], told["installed"], frozenset(told["damaged"]))
    except (OSError, ValueError, KeyError, subprocess.SubprocessError):
        return None


def site_packages(layout: Layout) -> Path:
    """The folder of the environment's packages."""
    if layout.windows:
        return layout.venv / "Lib" / "site-packages"
    return next(layout.venv.glob("lib/python*/site-packages"), layout.venv / "lib")


def forget(site: Path, names: Collection[str]) -> None:
    """Drop the notes of half-installed packages, so that pip installs them again."""
    for info in site.glob("*.dist-info"):
        name, _, _ = info.name.removesuffix(".dist-info").rpartition("-")
        if normalised(name) in names:
            shutil.rmtree(info)
    for leftover in site.glob("~*"):  # what an interrupted pip had moved aside
        shutil.rmtree(leftover, ignore_errors=True)
