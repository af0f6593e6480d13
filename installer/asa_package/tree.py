"""A folder of files that is the same wherever it is made: order, times, rights, links, sizes."""

from __future__ import annotations

import io
import os
import shutil
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_PLAIN, _RUNS, _FOLDER = 0o644, 0o755, 0o755


def files(folder: Path) -> Iterator[Path]:
    """Every file and link below a folder, by name."""
    yield from sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())


def everything(folder: Path) -> list[Path]:
    """Files, links and folders below a folder, parents first."""
    return sorted(folder.rglob("*"))


def settle(folder: Path, epoch: int) -> None:
    """Give everything the time `epoch` (seconds since 1970) and one of two rights."""
    for path in [*everything(folder), folder]:
        if path.is_symlink():
            if os.utime in os.supports_follow_symlinks:
                os.utime(path, (epoch, epoch), follow_symlinks=False)
            continue
        if path.is_dir():
            path.chmod(_FOLDER)
        else:
            runs = path.stat().st_mode & stat.S_IXUSR
            path.chmod(_RUNS if runs else _PLAIN)
        os.utime(path, (epoch, epoch))


def copy(source: Path, target: Path) -> None:
    """A copy with links kept; the disk's blocks are shared where that is possible."""

    def link(one: str, other: str) -> str:
        try:
            os.link(one, other, follow_symlinks=False)
        except OSError:
            shutil.copy2(one, other, follow_symlinks=False)
        return other

    shutil.copytree(source, target, symlinks=True, copy_function=link, dirs_exist_ok=True)


def megabytes(folder: Path) -> float:
    """The sizes of all files, each counted once, in millions of bytes."""
    seen: set[tuple[int, int]] = set()
    total = 0
    for path in files(folder):
        told = path.lstat()
        if not path.is_symlink() and (told.st_dev, told.st_ino) not in seen:
            seen.add((told.st_dev, told.st_ino))
            total += told.st_size
    return total / 1e6


def pack(folder: Path, into: IO[bytes], *, epoch: int, prefix: str = "") -> None:
    """Write a folder as a tar stream: by name, owned by root, all of one time."""
    with tarfile.open(fileobj=into, mode="w|", format=tarfile.GNU_FORMAT) as archive:
        for path in everything(folder):
            name = path.relative_to(folder).as_posix()
            entry = tarfile.TarInfo(f"{prefix}{name}")
            entry.mtime = epoch
            if path.is_symlink():
                entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, os.readlink(path), 0o777  # noqa: PTH115
                archive.addfile(entry)
            elif path.is_dir():
                entry.type, entry.mode = tarfile.DIRTYPE, _FOLDER
                archive.addfile(entry)
            else:
                told = path.stat()
                entry.size = told.st_size
                entry.mode = _RUNS if told.st_mode & stat.S_IXUSR else _PLAIN
                with path.open("rb") as content:
                    archive.addfile(entry, content)


def packed(folder: Path, *, epoch: int) -> bytes:
    """`pack` into memory, for small folders."""
    stream = io.BytesIO()
    pack(folder, stream, epoch=epoch)
    return stream.getvalue()
