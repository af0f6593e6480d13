from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from asa_desktop.core.errors import PlaceError
from asa_desktop.services import files
from asa_desktop.services.files import copy_verified, replacing, sha256_of, write_bytes


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_copy_has_the_same_bytes_and_says_their_sha256(tmp_path: Path) -> None:
    content = os.urandom(3_000_001)
    source = tmp_path / "Ä täke ß.wav"
    source.write_bytes(content)
    digest = copy_verified(source, tmp_path / "copy")
    assert digest == hashlib.sha256(content).hexdigest() == sha256_of(source)
    assert (tmp_path / "copy").read_bytes() == content
    assert names(tmp_path) == ["copy", "Ä täke ß.wav"]


def test_a_copy_that_reads_back_differently_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "take.wav"
    source.write_bytes(b"sung")
    monkeypatch.setattr(files, "sha256_of", lambda path: "another")
    with pytest.raises(PlaceError) as caught:
        copy_verified(source, tmp_path / "copy")
    assert caught.value.code == "copy_differs"
    assert names(tmp_path) == ["take.wav"]


@pytest.mark.parametrize(
    ("name", "code"),
    [("nowhere.wav", "missing_file"), ("", "is_folder"), ("a\0b", "missing_file")],
)
def test_what_cannot_be_copied_is_named(tmp_path: Path, name: str, code: str) -> None:
    with pytest.raises(PlaceError) as caught:
        copy_verified(tmp_path / name, tmp_path / "copy")
    assert caught.value.code == code
    assert names(tmp_path) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PlaceError) as caught:
        copy_verified(tmp_path / "pipe", tmp_path / "copy")
    assert caught.value.code == "not_a_file"


def test_a_full_disk_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.json"
    write_bytes(path, b"old")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(PlaceError) as caught:
        write_bytes(path, b"new")
    assert (caught.value.code, caught.value.facts["path"]) == ("disk_full", path)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["settings.json"]


def test_a_really_full_disk(tmp_path: Path, small_disk: Path) -> None:
    source = tmp_path / "take.wav"
    source.write_bytes(bytes(2_000_000))
    with pytest.raises(PlaceError) as caught:
        copy_verified(source, small_disk / "copy")
    assert caught.value.code == "disk_full"
    assert names(small_disk) == []


def test_an_interruption_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def interrupted() -> None:
        with replacing(path) as stream:
            stream.write(b"half of the n")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_no_rights_are_named(closed_folder: Path) -> None:
    with pytest.raises(PlaceError) as caught:
        write_bytes(closed_folder / "file", b"x")
    assert caught.value.code == "no_rights"
