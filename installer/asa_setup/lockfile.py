"""Reading the lock files: pinned requirements with hashes, and who wants each.

The universal lock lists everything; `closure` follows its "# via" notes so that `run` takes
what the program needs and `test` the rest, from one file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from asa_setup.failures import SetupError

PROGRAM = "program"
DEVELOPER = "developer"
PACKAGE = "package"

_PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)"
    r"(?:\s*;\s*(?P<marker>[^\\]+?))?\s*\\?$"
)
_HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})\b")


@dataclass(frozen=True)
class Pin:
    """One locked requirement."""

    name: str  # normalised
    version: str
    marker: str  # "" when it holds everywhere
    hashes: tuple[str, ...]
    wanted_by: tuple[str, ...]  # package names, or PROGRAM, DEVELOPER, PACKAGE for the inputs

    @property
    def text(self) -> str:
        """The requirement as pip reads it in hash-checking mode."""
        head = f"{self.name}=={self.version}" + (f" ; {self.marker}" if self.marker else "")
        return " \\\n    ".join([head, *(f"--hash={value}" for value in self.hashes)])


def normalised(name: str) -> str:
    """A package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _wanted_by(comments: list[str]) -> tuple[str, ...]:
    """The parents in the comment lines below a pin: `via x`, or `via` and one a line."""
    words = [line.removeprefix("via").strip() for line in comments]
    parents = [re.sub(r"^-r (\w+)\.in$", r"\1", word) for word in words if word]
    return tuple(normalised(parent) for parent in parents if not parent.startswith("-c "))


def parse(text: str) -> tuple[Pin, ...]:
    """All pins of a lock file's text, in its order."""
    pins: list[Pin] = []
    head: re.Match[str] | None = None
    hashes: list[str] = []
    comments: list[str] = []

    def finish() -> None:
        if head is not None:
            marker = (head["marker"] or "").strip()
            name = normalised(head["name"])
            pins.append(Pin(name, head["version"], marker, tuple(hashes), _wanted_by(comments)))

    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("#"):
            if head is not None and line.startswith(" "):
                comments.append(stripped.lstrip("# "))
        elif stripped.startswith("--hash"):
            hashes += _HASH.findall(stripped)
        elif stripped:
            finish()
            head, hashes, comments = _PIN.match(stripped), [], []
            if head is None:
                raise SetupError(f"A lock in installer/locks is damaged near {stripped!r}.")
    finish()
    return tuple(pins)


def read(path: Path) -> tuple[Pin, ...]:
    """All pins of a lock file."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SetupError(f"{path} is missing: fetch the whole project again.") from None


def closure(pins: Iterable[Pin], *roots: str) -> tuple[Pin, ...]:
    """The pins that the inputs `roots` bring, directly or through one another."""
    pins = tuple(pins)
    wanted = set(roots)
    while True:
        more = {pin.name for pin in pins if wanted.intersection(pin.wanted_by)} - wanted
        if not more:
            return tuple(pin for pin in pins if pin.name in wanted)
        wanted |= more
