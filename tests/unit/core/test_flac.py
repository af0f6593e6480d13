"""FLAC written piece by piece is whole and compared, or not there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from disks import small_disk
from hypothesis import given
from hypothesis import strategies as st

from asa_desktop.core import guarded
from asa_desktop.core.errors import AudioError, PlaceError
from asa_desktop.core.flac import CheckedFlac

FULL = 1 << 23


@given(
    sizes=st.lists(st.integers(1, 3000), min_size=1, max_size=5),
    channels=st.integers(1, 2),
    rate=st.sampled_from([8_000, 44_100, 96_000]),
)
def test_every_step_comes_back(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], channels: int, rate: int
) -> None:
    rng = np.random.default_rng(len(sizes))
    pieces = [rng.integers(-FULL, FULL, (channels, n), dtype=np.int32) for n in sizes]
    path = tmp_path_factory.mktemp("flac") / "a.flac"
    with CheckedFlac(path, rate=rate, channels=channels) as file:
        for one in pieces:
            file.write(one)
        digest = file.finish()
    assert len(digest) == 64
    back, read_rate = soundfile.read(path, dtype="int32", always_2d=True)
    whole = np.concatenate([np.zeros((channels, 0), np.int32), *pieces], axis=1)
    assert read_rate == rate
    assert np.array_equal(back.T >> 8, whole)


def test_what_is_not_finished_goes(tmp_path: Path) -> None:
    def broken_off() -> None:
        with CheckedFlac(tmp_path / "a.flac", rate=8_000, channels=1) as file:
            file.write(np.ones((1, 100), np.int32))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "a.flac").write_text("mine")
    with pytest.raises(PlaceError, match="in_the_way"):
        CheckedFlac(tmp_path / "a.flac", rate=8_000, channels=1)
    assert (tmp_path / "a.flac").read_text() == "mine"


def write(path: Path, steps: np.ndarray, *, times: int = 1) -> None:
    with CheckedFlac(path, rate=44_100, channels=len(steps)) as file:
        for _ in range(times):
            file.write(steps)
        file.finish()


def test_a_disk_that_forgets_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(file: guarded.GuardedFile) -> None:
        content = bytearray((tmp_path / "a.flac").read_bytes())
        content[-20] ^= 1
        (tmp_path / "a.flac").write_bytes(content)

    monkeypatch.setattr(guarded.GuardedFile, "sync", forgetful)
    with pytest.raises(AudioError, match="write_check_failed"):
        write(tmp_path / "a.flac", np.arange(9000, dtype=np.int32)[None] * 900)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(-FULL, FULL, (2, 200_000), dtype=np.int32)
    with small_disk(tmp_path / "disk", kilobytes=1024) as disk:
        with pytest.raises(PlaceError, match="disk_full"):
            write(disk / "a.flac", noise, times=10)
        assert list(disk.glob("*.flac")) == []
