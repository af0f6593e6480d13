"""Folders that come out the same wherever they are made, and how large they are."""

from __future__ import annotations

import io
import os
import sys
import tarfile
import time
from pathlib import Path

import pytest
from asa_package import sizes, tree

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="rights and links of POSIX")


def grown(folder: Path, *, backwards: bool = False) -> Path:
    """A small program, its files made in one order or the other."""
    files = {"asa": 30, "_internal/torch/lib.so": 500, "_internal/numpy.libs/blas.so": 200}
    files |= {"_internal/numpy/core.so": 100, "_internal/libffi.so.8": 7}
    for name in sorted(files, reverse=backwards):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * files[name])
    (folder / "_internal" / "libffi.so").symlink_to("libffi.so.8")
    (folder / "asa").chmod(0o711)
    return folder


def test_the_same_files_give_the_same_tar(tmp_path: Path) -> None:
    one = grown(tmp_path / "one")
    other = grown(tmp_path / "other", backwards=True)
    os.utime(other / "asa", (time.time(), 1_000_000))
    (other / "_internal" / "torch" / "lib.so").chmod(0o600)
    assert tree.packed(one, epoch=86_400) == tree.packed(other, epoch=86_400)


def test_a_tar_keeps_links_and_who_may_start(tmp_path: Path) -> None:
    stream = io.BytesIO(tree.packed(grown(tmp_path / "x"), epoch=86_400))
    with tarfile.open(fileobj=stream) as archive:
        entries = {entry.name: entry for entry in archive}
    assert list(entries) == sorted(entries, key=lambda name: name.split("/"))
    assert {entry.mtime for entry in entries.values()} == {86_400}
    assert {(entry.uid, entry.gid, entry.uname) for entry in entries.values()} == {(0, 0, "")}
    assert entries["asa"].mode == 0o755
    assert entries["_internal/torch/lib.so"].mode == 0o644
    assert entries["_internal/libffi.so"].linkname == "libffi.so.8"


def test_settled_all_bear_one_time_and_one_of_two_rights(tmp_path: Path) -> None:
    folder = grown(tmp_path / "x")
    tree.settle(folder, 86_400)
    paths = [folder, *tree.everything(folder)]
    assert {path.lstat().st_mtime for path in paths} == {86_400}
    assert (folder / "asa").stat().st_mode & 0o777 == 0o755
    assert (folder / "_internal/libffi.so.8").stat().st_mode & 0o777 == 0o644


def test_a_copy_is_whole(tmp_path: Path) -> None:
    source = grown(tmp_path / "x")
    tree.copy(source, tmp_path / "y")
    assert tree.packed(source, epoch=1) == tree.packed(tmp_path / "y", epoch=1)
    assert tree.megabytes(source) == pytest.approx(837e-6)


def test_the_table_names_the_largest_first(tmp_path: Path) -> None:
    folder = grown(tmp_path / "x")
    assert sizes.shares(folder) == {"torch": 500, "numpy": 300, "asa": 30, "libffi.so.8": 7}
    package = tmp_path / "asa.deb"
    package.write_bytes(b"x" * 3_000_000)
    lines = sizes.table(folder, packages=[package]).splitlines()
    assert lines[0].endswith("installed, in 5 files")
    assert [line.split()[-1] for line in lines if "%" in line] == [
        "torch", "numpy", "asa", "libffi.so.8",
    ]  # fmt: skip
    assert lines[-1].split() == ["3.0", "MB", "asa.deb"]
