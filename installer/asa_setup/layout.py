"""Where things lie in a checkout, per system."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Machine:
    """The interpreter and system that the environment is made for."""

    system: str  # sys.platform: linux, darwin, win32
    architecture: str  # platform.machine(): x86_64, aarch64, arm64, AMD64
    python: str  # "3.11"

    @classmethod
    def here(cls) -> Machine:
        """The one that runs this."""
        major, minor = sys.version_info[:2]
        return cls(sys.platform, platform.machine(), f"{major}.{minor}")

    @property
    def windows(self) -> bool:
        """True on Windows, where environments are laid out differently."""
        return self.system == "win32"


@dataclass(frozen=True)
class Layout:
    """The paths of one checkout."""

    root: Path
    windows: bool = os.name == "nt"

    @property
    def venv(self) -> Path:
        """The environment; nothing outside it is written, but for pip's own cache."""
        return self.root / ".venv"

    @property
    def scripts(self) -> Path:
        """Folder of the environment's commands."""
        return self.venv / ("Scripts" if self.windows else "bin")

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.scripts / ("python.exe" if self.windows else "python")

    def command(self, name: str) -> Path:
        """The path of an installed command such as `lint-imports`."""
        return self.scripts / (f"{name}.exe" if self.windows else name)

    @property
    def stamp(self) -> Path:
        """What was last installed here."""
        return self.venv / "asa-setup.json"

    @property
    def log(self) -> Path:
        """Everything pip and apt printed in the last set-up."""
        return self.venv / "asa-setup.log"

    @property
    def locks(self) -> Path:
        """The lock files."""
        return self.root / "installer" / "locks"

    @property
    def pip_wheel(self) -> Path:
        """The pip that is carried along: no python3-venv and no system pip is needed."""
        wheels = sorted((self.root / "installer" / "wheels").glob("pip-*-py3-none-any.whl"))
        return wheels[-1] if wheels else self.root / "installer" / "wheels" / "pip.whl"
