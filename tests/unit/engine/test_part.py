from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from disks import make_read_only, small_disk
from hypothesis import given
from hypothesis import strategies as st

from asa_desktop.core.errors import AudioError, PlaceError
from asa_desktop.engine import part
from asa_desktop.engine.part import (
    PartWriter,
    part_info,
    read_blocks,
    read_part_note,
    read_pcm,
    write_part_note,
)

RATE = 48000


def ramp(start: int, count: int) -> np.ndarray:
    """Samples that all differ and that 24 bits hold exactly."""
    return ((np.arange(start, start + count) % (1 << 24) - (1 << 23)) / (1 << 23)).astype("f4")


def ours(path: Path) -> np.ndarray:
    return np.concatenate([np.empty(0, np.float32), *read_blocks(path)])


def theirs(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32")[0]


@given(st.lists(st.lists(st.floats(width=32), max_size=40), max_size=6))
def test_what_is_sung_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, blocks: list[list[float]]
) -> None:
    path = tmp_path_factory.mktemp("part") / "a.w64"
    with PartWriter(path, rate=RATE) as writer:
        for block in blocks:
            writer.append(np.array(block, np.float32))
        given_in = np.array([one for block in blocks for one in block], np.float32)
        sane = np.where(np.isfinite(given_in), given_in, 0).astype(np.float64)
        wanted = np.clip(sane, -1, 1 - 2**-23)
        got = ours(path)  # while it is still growing
        assert part_info(path) == (RATE, len(wanted))
        assert len(got) == len(wanted)
        assert np.abs(got - wanted).max(initial=0) <= 2**-24
        np.testing.assert_array_equal(theirs(path), got)


@pytest.mark.parametrize("closed", [False, True])
def test_every_moment_of_it_can_be_read_by_others_too(tmp_path: Path, closed: bool) -> None:
    path = tmp_path / "a.w64"
    writer = PartWriter(path, rate=44100)
    for start in range(0, 300_000, 100_000):
        writer.append(ramp(start, 100_000))
    writer.silence(70_000)
    assert writer.frames == 370_000
    if closed:
        writer.sync()
        writer.close()
        writer.close()
    wanted = np.concatenate([ramp(0, 300_000), np.zeros(70_000, np.float32)])
    np.testing.assert_array_equal(ours(path), wanted)
    np.testing.assert_array_equal(theirs(path), wanted)
    assert soundfile.info(path).samplerate == 44100
    writer.close()


def test_a_torn_frame_at_the_end_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.w64"
    with PartWriter(path, rate=RATE) as writer:
        writer.append(ramp(0, 1000))
    for torn in (1, 2):
        with path.open("ab") as file:
            file.write(b"x")
        assert part_info(path) == (RATE, 1000), torn
        np.testing.assert_array_equal(ours(path), ramp(0, 1000))
        np.testing.assert_array_equal(theirs(path), ramp(0, 1000))


def test_a_part_longer_than_its_head_promised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part, "_PROMISED", 3000)
    path = tmp_path / "a.w64"
    with PartWriter(path, rate=RATE) as writer:
        for start in range(0, 9000, 900):
            writer.append(ramp(start, 900))
            np.testing.assert_array_equal(theirs(path), ramp(0, start + 900))
    np.testing.assert_array_equal(ours(path), ramp(0, 9000))


@pytest.mark.parametrize("kind", ["nothing", "short", "text", "wav", "stereo", "16", "their"])
def test_other_files_are_no_parts(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.w64"
    sound = np.zeros((100, 2 if kind == "stereo" else 1))
    if kind in ("wav", "stereo", "16"):
        form, bits = ("WAV", "PCM_24") if kind == "wav" else ("W64", "PCM_24")
        soundfile.write(path, sound, RATE, format=form, subtype="PCM_16" if kind == "16" else bits)
    elif kind == "their":
        path.write_bytes(b"riff" + bytes(200))
    else:
        path.write_bytes({"nothing": b"", "short": b"riff" * 20, "text": b"a text " * 99}[kind])
    with pytest.raises(AudioError, match="not_a_part") as caught:
        part_info(path)
    assert caught.value.facts == {"path": path}
    with pytest.raises(AudioError):
        list(read_blocks(path))


@pytest.mark.parametrize(("at", "value"), [(44, b"\xff" * 4), (-8, b"\xff" * 8)])
def test_a_head_that_promises_the_impossible_is_refused(
    tmp_path: Path, at: int, value: bytes
) -> None:
    path = tmp_path / "a.w64"
    with PartWriter(path, rate=RATE) as writer:
        writer.append(ramp(0, 100))
    content = bytearray(path.read_bytes())
    place = at if at > 0 else part._HEAD.size + at
    content[place : place + len(value)] = value
    path.write_bytes(content)
    with pytest.raises(AudioError, match="not_a_part"):
        part_info(path)


def test_no_file_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.w64"
    path.write_bytes(b"sung before")
    with pytest.raises(PlaceError, match="in_the_way"):
        PartWriter(path, rate=RATE)
    assert path.read_bytes() == b"sung before"
    with pytest.raises(PlaceError, match="missing_file"):
        PartWriter(tmp_path / "no" / "a.w64", rate=RATE)
    with pytest.raises(PlaceError, match="missing_file"):
        part_info(tmp_path / "no")


class Disk:
    """A disk whose writes are short, and which refuses what is over its room."""

    def __init__(self, room: int, refusal: int, most: int = 1 << 30) -> None:
        self.room, self.refusal, self.most = room, refusal, most
        self.real: Callable[[int, bytes], int] = os.write

    def write(self, handle: int, content: bytes) -> int:
        some = min(len(content), self.room, self.most)
        if some == 0:
            raise OSError(self.refusal, os.strerror(self.refusal))
        self.room -= some
        return self.real(handle, bytes(content[:some]))


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EACCES, "no_rights"),
        (errno.EROFS, "read_only"),
        (errno.EIO, "io_failed"),
    ],
)
@pytest.mark.parametrize("room", [0, 1, 2, 3, 1000])
def test_a_refused_write_keeps_whole_frames_and_goes_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: int, code: str, room: int
) -> None:
    path = tmp_path / "a.w64"
    writer = PartWriter(path, rate=RATE)
    writer.append(ramp(0, 500))
    disk = Disk(room, refusal, most=7)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", disk.write)
        with pytest.raises(PlaceError) as caught:
            writer.append(ramp(500, 500))
    assert (caught.value.code, caught.value.facts["path"]) == (code, path)
    assert writer.frames == 500 + room // 3
    assert (path.stat().st_size - 104) % 3 == 0
    np.testing.assert_array_equal(ours(path), ramp(0, writer.frames))
    writer.append(ramp(writer.frames, 100))
    writer.close()
    np.testing.assert_array_equal(ours(path), ramp(0, writer.frames))
    np.testing.assert_array_equal(theirs(path), ramp(0, writer.frames))


def test_a_disk_that_takes_nothing_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with PartWriter(tmp_path / "a.w64", rate=RATE) as writer:
        monkeypatch.setattr(os, "write", lambda handle, content: 0)
        with pytest.raises(PlaceError, match="io_failed"):
            writer.append(ramp(0, 10))
        monkeypatch.undo()


def test_a_full_disk_keeps_what_was_sung(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", kilobytes=1024) as disk:
        path = disk / "a.w64"
        with PartWriter(path, rate=RATE) as writer:
            with pytest.raises(PlaceError, match="disk_full"):
                writer.append(ramp(0, 1 << 20))
            kept = writer.frames
            assert 300_000 < kept < 1 << 20
            writer.sync()
        np.testing.assert_array_equal(ours(path), ramp(0, kept))
        np.testing.assert_array_equal(theirs(path), ramp(0, kept))
        with pytest.raises(PlaceError, match="disk_full"):
            PartWriter(disk / "b.w64", rate=RATE)
        assert not (disk / "b.w64").exists()


def test_a_disk_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", kilobytes=64) as disk:
        make_read_only(disk)
        with pytest.raises(PlaceError, match="read_only"):
            PartWriter(disk / "a.w64", rate=RATE)


@pytest.mark.skipif(os.name == "nt", reason="open files cannot be deleted there")
def test_a_part_whose_folder_is_deleted_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "parts" / "a.w64"
    path.parent.mkdir()
    with PartWriter(path, rate=RATE) as writer:
        writer.append(ramp(0, 100_000))
        shutil.rmtree(path.parent)
        writer.append(ramp(100_000, 50_000))
        writer.sync()
        writer.append(ramp(150_000, 50_000))
        path.rename(tmp_path / "elsewhere.w64")
        writer.sync()
        writer.append(ramp(200_000, 1))
    np.testing.assert_array_equal(ours(path), ramp(0, 200_001))
    np.testing.assert_array_equal(theirs(path), ramp(0, 200_001))
    np.testing.assert_array_equal(ours(tmp_path / "elsewhere.w64"), ramp(0, 200_000))


def test_a_part_moves_to_another_disk_when_its_own_is_full(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", kilobytes=256) as disk:
        with PartWriter(disk / "a.w64", rate=RATE) as writer:
            with pytest.raises(PlaceError, match="disk_full"):
                writer.append(ramp(0, 200_000))
            writer.move(tmp_path / "b.w64")
            writer.append(ramp(writer.frames, 200_000 - writer.frames))
        np.testing.assert_array_equal(ours(tmp_path / "b.w64"), ramp(0, 200_000))


def test_it_takes_no_more_memory_the_longer_it_gets(tmp_path: Path) -> None:
    path = tmp_path / "a.w64"
    tracemalloc.start()
    try:
        with PartWriter(path, rate=RATE) as writer:
            writer.silence(RATE * 600)
            writer.append(np.broadcast_to(np.float32(0.25), RATE * 60))
        assert sum(len(block) for block in read_pcm(path)) == RATE * 660
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()


SINGER = """
import sys, time
from pathlib import Path
import numpy as np
from asa_desktop.engine.part import PartWriter
def ramp(start, count):
    return ((np.arange(start, start + count) % (1 << 24) - (1 << 23)) / (1 << 23)).astype("f4")
with PartWriter(Path(sys.argv[1]), rate=48000) as writer:
    while True:
        writer.append(ramp(writer.frames, 480))
        print(writer.frames, flush=True)
        time.sleep(0.002)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are read differently there")
def test_kill_at_any_moment_leaves_all_that_was_written(tmp_path: Path) -> None:
    chance = random.Random(7)
    for number in range(4):
        paths = [tmp_path / f"{number}-{one}.w64" for one in range(5)]
        singers = [
            subprocess.Popen([sys.executable, "-c", SINGER, str(path)], stdout=subprocess.PIPE)
            for path in paths
        ]
        for path, singer in zip(paths, singers, strict=True):
            assert singer.stdout is not None
            singer.stdout.readline()
            time.sleep(chance.uniform(0, 0.05))
            singer.kill()
            told = [int(line) for line in singer.communicate()[0].split(b"\n")[:-1] if line]
            rate, frames = part_info(path)
            assert rate == RATE
            assert frames >= max(told, default=480)  # far less than a second short: nothing is
            np.testing.assert_array_equal(ours(path), ramp(0, frames))
            np.testing.assert_array_equal(theirs(path), ramp(0, frames))


def test_a_note_is_kept_beside_the_part(tmp_path: Path) -> None:
    path = tmp_path / "a.w64"
    assert read_part_note(path) is None
    write_part_note(path, {"song_id": 3, "target": tmp_path / "Zoë.flac"})
    write_part_note(path, {"song_id": 4, "target": tmp_path / "Zoë.flac"})
    assert read_part_note(path) == {"song_id": 4, "target": str(tmp_path / "Zoë.flac")}
    assert [one.name for one in tmp_path.iterdir()] == ["a.w64.json"]
    for damaged in (b"", b"{", b"[]", b"\xff", b"[" * 100_000):
        (tmp_path / "a.w64.json").write_bytes(damaged)
        assert read_part_note(path) is None
    with pytest.raises(PlaceError, match="missing_file"):
        write_part_note(tmp_path / "no" / "a.w64", {})
