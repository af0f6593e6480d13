from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from disks import make_read_only, small_disk
from hypothesis import given
from hypothesis import strategies as st

from asa_desktop.core import guarded
from asa_desktop.core.audio import decode
from asa_desktop.core.errors import AsaError, AudioError, PlaceError, UsageError
from asa_desktop.engine import finish
from asa_desktop.engine.beside import TAKE_NOTE, take_note_path
from asa_desktop.engine.finish import finish_part, holds_same, refuse_target, timing_of
from asa_desktop.engine.messages import Gap
from asa_desktop.engine.part import PartWriter, part_note_path, read_blocks, write_part_note
from asa_desktop.services.library.recordings import NOTE as LIBRARY_NOTE

RATE = 48000
TIMING = {
    "latency_s": 0.0321,
    "clock_ratio": 1.000208,
    "start_s": 12.5,
    "gaps": [[1.0, 2.5]],
    "delay_from": "chirps",
}


def write(path: Path, frames: int) -> np.ndarray:
    noise = np.random.default_rng(frames).normal(0, 0.3, frames).astype(np.float32)
    noise[:2] = [-1, 1][:frames]  # the ends of what 24 bits hold
    with PartWriter(path, rate=RATE) as writer:
        writer.append(noise)
    write_part_note(path, {"song_id": 1})
    return np.concatenate([np.empty(0, np.float32), *read_blocks(path)])


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def fails(part: Path, target: Path, *, note_path: Path | None = None) -> AsaError:
    """The error; what was sung is untouched, and nothing new lies about."""
    before = part.read_bytes(), names(part.parent), names(target.parent)
    with pytest.raises(AsaError) as caught:
        finish_part(part, target, note=TIMING, note_path=note_path)
    assert (part.read_bytes(), names(part.parent), names(target.parent)) == before
    return caught.value


@pytest.fixture
def part(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    (tmp_path / "takes").mkdir()
    return tmp_path / "parts" / "a.w64"


@pytest.mark.parametrize("suffix", [".flac", ".FLAC", ".wav"])
@pytest.mark.parametrize("frames", [1, 300_000])
def test_a_take_is_the_part_sample_by_sample(
    part: Path, tmp_path: Path, suffix: str, frames: int
) -> None:
    sung = write(part, frames)
    target = tmp_path / "takes" / f"Zoë 1{suffix}"
    sha256 = finish_part(part, target, note=TIMING, note_path=None)
    assert hashlib.sha256(target.read_bytes()).hexdigest() == sha256
    sound = soundfile.SoundFile(target)
    assert (sound.format, sound.subtype, sound.samplerate) == (suffix[1:].upper(), "PCM_24", RATE)
    np.testing.assert_array_equal(sound.read(dtype="float32"), sung)
    np.testing.assert_array_equal(decode(target).samples, sung[None])
    assert timing_of(target) == TIMING
    assert names(tmp_path / "takes") == [target.name]
    assert names(part.parent) == []


def test_the_note_lies_where_the_library_looks(part: Path, tmp_path: Path) -> None:
    assert TAKE_NOTE == LIBRARY_NOTE
    write(part, 1000)
    target = tmp_path / "takes" / "a.flac"
    gaps = (Gap(1.0, 2.5, 1.7, "lost"), Gap(3.0, 3.0, 0.2, "moved"))
    note = {**TIMING, "gaps": gaps, "song_id": 3}
    finish_part(part, target, note=note, note_path=take_note_path(target))
    kept = json.loads((tmp_path / "takes" / "a.flac.take.json").read_text())
    assert kept == {**TIMING, "song_id": 3, "gaps": "[[1.0, 2.5], [3.0, 3.0]]"}
    assert timing_of(target) == {**TIMING, "gaps": [[1.0, 2.5], [3.0, 3.0]]}


def test_a_part_cut_in_mid_frame_is_finished(part: Path, tmp_path: Path) -> None:
    sung = write(part, 5000)
    os.truncate(part, part.stat().st_size - 2)
    finish_part(part, tmp_path / "a.flac", note={}, note_path=None)
    np.testing.assert_array_equal(soundfile.read(tmp_path / "a.flac")[0], sung[:-1])


def test_nothing_recorded_leaves_nothing(part: Path, tmp_path: Path) -> None:
    write(part, 0)
    target = tmp_path / "takes" / "a.flac"
    with pytest.raises(AudioError, match="nothing_recorded") as caught:
        finish_part(part, target, note={}, note_path=take_note_path(target))
    assert caught.value.facts == {"path": target}
    assert names(part.parent) == names(target.parent) == []


def test_nothing_is_written_over(part: Path, tmp_path: Path) -> None:
    write(part, 1000)
    target = tmp_path / "takes" / "a.flac"
    target.write_bytes(b"sung before")
    error = fails(part, target, note_path=take_note_path(target))
    assert (type(error), error.code) == (PlaceError, "in_the_way")
    assert target.read_bytes() == b"sung before"


@pytest.mark.parametrize("links", [True, False])
def test_nothing_is_written_over_that_comes_meanwhile(
    part: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    write(part, 1000)
    target = tmp_path / "takes" / "a.flac"
    real = finish.write_json

    def meanwhile(path: Path, value: Any) -> None:
        real(path, value)
        target.write_bytes(b"somebody else's")

    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(finish, "write_json", meanwhile)
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    with pytest.raises(PlaceError, match="in_the_way"):
        finish_part(part, target, note={}, note_path=take_note_path(target))
    assert names(target.parent) == ["a.flac"]
    assert target.read_bytes() == b"somebody else's"
    assert part.exists()
    monkeypatch.setattr(finish, "write_json", real)
    finish_part(part, target.with_name("b.flac"), note={}, note_path=None)
    assert names(target.parent) == ["a.flac", "b.flac"]


def test_other_kinds_of_file_and_missing_folders_are_refused(part: Path, tmp_path: Path) -> None:
    write(part, 1000)
    error = fails(part, tmp_path / "takes" / "a.mp3")
    assert (type(error), error.code) == (UsageError, "take_kind")
    with pytest.raises(PlaceError, match="missing_folder") as caught:
        finish_part(part, tmp_path / "no" / "a.flac", note={}, note_path=None)
    assert caught.value.facts == {"path": tmp_path / "no"}
    assert part.exists()
    refuse_target(tmp_path / "takes" / "a.flac")
    assert names(tmp_path / "takes") == []


@pytest.mark.parametrize("kilobytes", [4, 64, 400, 800])
def test_a_full_disk_keeps_the_part(part: Path, tmp_path: Path, kilobytes: int) -> None:
    write(part, 400_000)
    for suffix in (".flac", ".wav"):
        with small_disk(tmp_path / "disk", kilobytes=kilobytes) as disk:
            error = fails(part, disk / f"a{suffix}")
            assert (error.code, error.facts) == ("disk_full", {"path": disk / f"a{suffix}"})


def test_a_disk_too_full_for_the_note_keeps_the_part(
    part: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(part, 1000)

    def refuse(path: Path, value: object) -> None:
        raise PlaceError("disk_full", path=path)

    monkeypatch.setattr(finish, "write_json", refuse)
    target = tmp_path / "takes" / "a.flac"
    assert fails(part, target, note_path=take_note_path(target)).code == "disk_full"


def test_a_disk_that_cannot_be_written_keeps_the_part(part: Path, tmp_path: Path) -> None:
    write(part, 1000)
    with small_disk(tmp_path / "disk", kilobytes=400) as disk:
        make_read_only(disk)
        assert fails(part, disk / "a.flac").code == "read_only"


def test_missing_rights_keep_the_part(
    part: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(part, 1000)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "touch", refuse)
    assert fails(part, tmp_path / "takes" / "a.flac").code == "no_rights"


@pytest.mark.parametrize("fault", ["sample", "longer", "shorter", "flush"])
def test_what_does_not_read_back_the_same_is_no_take(
    part: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    write(part, 100_000)
    real = finish.read_pcm
    passes = []

    def other_than_written(path: Path) -> Iterator[np.ndarray]:
        passes.append(path)
        for number, block in enumerate(real(path)):
            wrong = len(passes) == 1 and number == 1
            if wrong and fault == "shorter":
                return
            if wrong and fault == "sample":
                block[-1] ^= 256
            yield block
            if wrong and fault == "longer":
                yield block[:1]

    if fault == "flush":
        monkeypatch.setattr(guarded.os, "fsync", _no_flush)
    else:
        monkeypatch.setattr(finish, "read_pcm", other_than_written)
    error = fails(part, tmp_path / "takes" / "a.flac")
    assert error.code == ("io_failed" if fault == "flush" else "write_check_failed")


def _no_flush(handle: int) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_a_take_that_is_finished_already_is_known(part: Path, tmp_path: Path) -> None:
    write(part, 70_000)
    copy = part.read_bytes()
    take = tmp_path / "a.flac"
    finish_part(part, take, note={}, note_path=None)
    assert not holds_same(part, take)
    part.write_bytes(copy)
    assert holds_same(part, take)
    assert not holds_same(part, tmp_path / "no.flac")
    part.write_bytes(copy[:-3])
    assert not holds_same(part, take)
    part.write_bytes(copy[:-1] + bytes([copy[-1] ^ 1]))
    assert not holds_same(part, take)
    assert not holds_same(take, take)


FINISHER = """
import sys
from pathlib import Path
from asa_desktop.engine.finish import finish_part
print("go", flush=True)
target = Path(sys.argv[2])
finish_part(Path(sys.argv[1]), target, note={}, note_path=target.with_name("note"))
print("done", flush=True)
"""


def test_kill_at_any_moment_leaves_part_or_take(tmp_path: Path) -> None:
    chance = random.Random(3)
    for number in range(6):
        folder = tmp_path / str(number)
        (folder / "takes").mkdir(parents=True)
        part, target = folder / "a.w64", folder / "takes" / "a.flac"
        sung = write(part, 1_000_000)
        with subprocess.Popen(
            [sys.executable, "-c", FINISHER, str(part), str(target)], stdout=subprocess.PIPE
        ) as finisher:
            assert finisher.stdout is not None
            finisher.stdout.readline()
            time.sleep(chance.uniform(0, 0.4))
            finisher.kill()
        if target.exists():
            np.testing.assert_array_equal(soundfile.read(target, dtype="float32")[0], sung)
            assert target.with_name("note").exists()
        else:
            assert part_note_path(part).exists()
            for left in (folder / "takes").iterdir():
                left.unlink()
            finish_part(part, target, note={}, note_path=None)
            np.testing.assert_array_equal(soundfile.read(target, dtype="float32")[0], sung)


numbers = st.floats(-1e6, 1e6) | st.integers(-100, 100)
anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(
    latency=numbers,
    ratio=st.floats(0.9, 1.1),
    gaps=st.lists(st.tuples(numbers, numbers), max_size=50),
    others=st.dictionaries(st.sampled_from([*TIMING, "song_id"]), anything),
)
def test_the_comment_says_what_the_note_said_and_nothing_senseless(
    tmp_path_factory: pytest.TempPathFactory,
    latency: float,
    ratio: float,
    gaps: list[tuple[float, float]],
    others: dict[str, Any],
) -> None:
    path = tmp_path_factory.mktemp("timing") / "a.flac"
    note = {"latency_s": latency, "clock_ratio": ratio, "gaps": gaps}
    _with_comment(path, finish.timing_comment(note))
    assert timing_of(path) == {**note, "gaps": [list(gap) for gap in gaps]}
    path.unlink()
    _with_comment(path, finish.timing_comment(others))
    for name, value in (timing_of(path) or {}).items():
        assert isinstance(value, {"gaps": list, "delay_from": str}.get(name, (int, float)))


def _with_comment(path: Path, comment: str) -> None:
    with soundfile.SoundFile(path, "w", RATE, 1, subtype="PCM_24") as sound:
        sound.comment = comment
        sound.write(np.zeros(10))


@pytest.mark.parametrize(
    "comment",
    [" ", "lovely!", "[]", "{}", '{"asa": 3}', "[" * 100_000, '{"asa": {"latency_s": 1e999}}'],
)
def test_other_comments_tell_nothing(tmp_path: Path, comment: str) -> None:
    path = tmp_path / "a.flac"
    _with_comment(path, comment)
    assert not timing_of(path)


def test_what_is_no_sound_tells_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    assert timing_of(path) is None
    path.write_bytes(b"fLaC but not really")
    assert timing_of(path) is None
    assert timing_of(tmp_path) is None
