"""What is how large inside: the table of `package sizes`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from asa_package import tree

INSIDE = "_internal"
LARGEST = 20


def shares(folder: Path) -> Counter[str]:
    """Bytes by part: a package's folder under _internal with its own libraries, or a file."""
    total: Counter[str] = Counter()
    for path in tree.files(folder):
        if not path.is_symlink():
            total[_part(path.relative_to(folder).parts)] += path.stat().st_size
    return total


def _part(parts: tuple[str, ...]) -> str:
    if parts[0] != INSIDE or len(parts) == 1:
        return parts[0]
    inner = parts[1:]
    if len(inner) == 1:
        return inner[0]
    return inner[0].removesuffix(".libs")


def table(folder: Path, *, packages: Iterable[Path] = ()) -> str:
    """The installed size, the largest parts, the largest files and the finished packages."""
    by_part = shares(folder)
    total = sum(by_part.values())
    files = sorted(
        ((path.stat().st_size, path) for path in tree.files(folder) if not path.is_symlink()),
        key=lambda each: (-each[0], each[1]),
    )
    lines = [f"{_mb(total)}  installed, in {len(files)} files", "", "by part:"]
    largest = sorted(by_part.items(), key=lambda each: (-each[1], each[0]))[:LARGEST]
    lines += [f"{_mb(size)}  {size / total:5.1%}  {name}" for name, size in largest]
    lines += ["", "by file:"]
    lines += [f"{_mb(size)}  {path.relative_to(folder)}" for size, path in files[:LARGEST]]
    made = [path for path in packages if path.is_file()]
    if made:
        lines += ["", "packages:", *(f"{_mb(path.stat().st_size)}  {path.name}" for path in made)]
    return "\n".join(lines)


def _mb(size: int) -> str:
    return f"{size / 1e6:9.1f} MB"
