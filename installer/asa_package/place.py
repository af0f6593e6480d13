"""Where packages are made: an environment of their own, the frozen folder, the finished files."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

from asa_setup.layout import Layout

NAME = "asa-desktop"
TITLE = "ASA Desktop"
COMMAND = "asa"
# Whoever publishes the program puts an address of their own in place of these two: a domain read
# from its end, and where mail is answered. Until then they are names that nobody can own.
IDENTIFIER = "local.asa_desktop.AsaDesktop"
MAINTAINER = "The ASA Desktop authors <asa-desktop@invalid>"
# Zip archives know no earlier time.
_EARLIEST = 315_532_800


@dataclass(frozen=True)
class Workshop(Layout):
    """A checkout in which packages are made. Its environment holds nothing of a developer's."""

    gpu: bool = False

    @property
    def venv(self) -> Path:
        """The environment that is frozen; the developer's own .venv is left alone."""
        return self.build / ("venv-gpu" if self.gpu else "venv")

    @property
    def build(self) -> Path:
        """Everything on the way."""
        return self.root / "build" / "package"

    @property
    def frozen(self) -> Path:
        """The folder that runs by itself: every package holds it."""
        return self.build / ("frozen-gpu" if self.gpu else "frozen") / NAME

    @property
    def work(self) -> Path:
        """PyInstaller's own folder; `contents.json` in it tells where every file is from."""
        return self.build / ("work-gpu" if self.gpu else "work")

    @property
    def contents(self) -> Path:
        """What the frozen folder was put together from: see `asa_package.contents`."""
        return (
            self.work / "asa" / "contents.json"
        )  # PyInstaller puts the name of the recipe between

    @property
    def dist(self) -> Path:
        """The finished packages."""
        return self.root / "dist"

    @property
    def variant(self) -> str:
        """What a file's name says of the build."""
        return "-gpu" if self.gpu else ""


def version(root: Path) -> str:
    """The program's version, read without importing it."""
    text = (root / "asa_desktop" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        raise ValueError("asa_desktop/__init__.py names no version")
    return found[1]


def summary(root: Path) -> str:
    """The program in one sentence."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["description"])


def homepage(root: Path) -> str:
    """The project's page; "" while pyproject.toml names none."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project.get("urls", {}).get("Homepage", ""))


def epoch(root: Path) -> int:
    """The time that everything in a package bears, so that the same source gives the same bytes.

    Seconds since 1970: SOURCE_DATE_EPOCH, else the last commit's, else the earliest a zip knows.
    """
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    if told.isdigit():
        return max(int(told), _EARLIEST)
    reply = subprocess.run(
        ["git", "log", "-1", "--format=%ct"],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    stamp = reply.stdout.strip()
    return max(int(stamp), _EARLIEST) if stamp.isdigit() else _EARLIEST
