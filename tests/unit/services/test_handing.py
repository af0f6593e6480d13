"""What one start may say to another, and where they meet."""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from asa_desktop.services import handing
from asa_desktop.services.handing import (
    GREETING,
    LONGEST_PATH,
    MOST_BYTES,
    MOST_PATHS,
    meeting_of,
    packed,
    runtime_folder,
    unpacked,
)

posix = pytest.mark.skipif(sys.platform == "win32", reason="rights work differently there")


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(handing.sys, "platform", "linux")
    with tempfile.TemporaryDirectory(prefix="asa") as folder:  # short: a socket's address is
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder, "asa-desktop")


def said(*paths: object) -> bytes:
    return GREETING + json.dumps(list(paths)).encode() + b"\n"


def test_paths_come_out_as_they_went_in(tmp_path: Path) -> None:
    odd = Path(os.fsdecode(b'/music/\xff\xfe\n".wav'))
    paths = (tmp_path / "Zoë 歌.wav", odd, tmp_path)
    assert unpacked(packed(paths)) == paths
    assert unpacked(packed([])) == ()
    assert packed(paths).count(b"\n") == 1


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"GET / HTTP/1.1\r\n",
        GREETING,
        GREETING + b"\n",
        GREETING + b"[]",
        GREETING + b"{}\n",
        GREETING + b"[1]\n",
        GREETING + b"[\xff]\n",
        GREETING + b"[" * 100_000 + b"\n",
        said(None),
        said("song.txt"),
        said("../song.txt"),
        said("/music/a\0b"),
        said("/music", "song.txt"),
        said("/" + "a" * LONGEST_PATH),
        said(*["/a"] * (MOST_PATHS + 1)),
        said("/" + "a" * 4000) + b" " * MOST_BYTES + b"\n",
    ],
)
def test_anything_else_is_passed_over_whole(line: bytes) -> None:
    assert unpacked(line) is None


def test_what_is_too_much_is_left_out_before_it_is_said() -> None:
    many = [Path(f"/music/{number}") for number in range(MOST_PATHS + 50)]
    assert unpacked(packed(many)) == tuple(many[:MOST_PATHS])
    long = [Path("/" + f"{number}" * 3900) for number in range(1, 9)] * 32
    found = unpacked(packed(long))
    assert found is not None
    assert 0 < len(found) < len(long)
    assert unpacked(packed([Path("relative"), Path("/" + "a" * LONGEST_PATH), Path("/a")])) == (
        Path("/a"),
    )


@posix
def test_the_folder_is_this_users_alone(runtime: Path) -> None:
    assert runtime_folder() == runtime
    assert stat.S_IMODE(runtime.stat().st_mode) == 0o700
    runtime.chmod(0o755)
    assert runtime_folder() is None
    runtime.rmdir()
    runtime.write_text("")
    assert runtime_folder() is None
    runtime.unlink()
    runtime.symlink_to(runtime.parent)
    assert runtime_folder() is None


@posix
def test_each_home_has_its_own_meeting_place(runtime: Path) -> None:
    one, other = meeting_of(Path("/home/zoe")), meeting_of(Path("/home/ada"))
    assert one is not None
    assert other is not None
    assert one != other
    assert one == meeting_of(Path("/home/zoe"))
    assert Path(one.address).parent == runtime


@posix
def test_an_address_that_is_too_long_is_none(
    runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = runtime.parent / ("deep" * 25)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    assert meeting_of(Path("/home/zoe")) is None
