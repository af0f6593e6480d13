"""A mix separated by the worker, or out of the cache; whatever happens, all of it or nothing."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest
import soundfile
from disks import small_disk
from tiny_demucs import needs_demucs, quick_worker, write_mix, write_safetensors

from asa_desktop.core import audio
from asa_desktop.core.errors import AsaError, AudioError, Cancelled, PlaceError
from asa_desktop.core.separation import weights as core_weights
from asa_desktop.core.separation.mix import survey
from asa_desktop.core.separation.parts import ACCOMPANIMENT, NOTE, VOCAL
from asa_desktop.services.paths import Places
from asa_desktop.services.processes import end, spawned
from asa_desktop.services.separation import stems
from asa_desktop.services.separation.source import Source
from asa_desktop.services.separation.stems import separate

NOWHERE = Source("w", "https://example.org/w", 1, "0" * 64)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(home=tmp_path / "home", cache=tmp_path / "cache")


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that stands for weights: the worker of most tests only takes its hash."""
    monkeypatch.setattr(core_weights, "find_spec", lambda name: object())
    path = tmp_path / "weights" / "tiny"
    path.parent.mkdir()
    path.write_bytes(b"weights")
    return path


@pytest.fixture
def mix(tmp_path: Path) -> Path:
    return write_mix(tmp_path / "in" / "mix.wav")


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def made(mix: Path, folder: Path, places: Places, weights: Path, **how: object) -> object:
    how = {"main": quick_worker, **how}
    return separate(
        mix, folder, places=places, source=NOWHERE, weights=weights, device="cpu", **how
    )


def refused(mix: Path, folder: Path, places: Places, weights: Path, **how: object) -> AsaError:
    with pytest.raises(AsaError) as caught:
        made(mix, folder, places, weights, **how)
    return caught.value


def never(*anything: object) -> None:
    raise AssertionError("computed again")


@needs_demucs
def test_the_worker_itself(tmp_path: Path, places: Places, mix: Path) -> None:
    digest = write_safetensors(tmp_path / "w")
    shares: list[float] = []
    separated = made(mix, tmp_path / "out", places, tmp_path / "w",
                     main=stems.work_main, progress=shares.append)  # fmt: skip
    assert separated.note.weights_sha256 == digest
    assert names(tmp_path / "out") == sorted([VOCAL, ACCOMPANIMENT, NOTE])
    assert shares


def test_parts_are_made_once(tmp_path: Path, places: Places, tiny: Path, mix: Path) -> None:
    shares: list[float] = []
    before = mix.read_bytes()
    first = made(mix, tmp_path / "one", places, tiny, progress=shares.append)
    assert not first.kept
    assert names(tmp_path / "one") == sorted([VOCAL, ACCOMPANIMENT, NOTE])
    assert shares
    assert shares == sorted(shares)
    again = made(mix, tmp_path / "one", places, tiny, main=never)
    assert again.kept
    # Another name and another place, but the same bytes: out of the cache.
    moved = tmp_path / "elsewhere.wav"
    moved.write_bytes(before)
    third = made(moved, tmp_path / "two", places, tiny, main=never)
    assert third.kept
    for name in (VOCAL, ACCOMPANIMENT):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    # Changing one's own copy changes nothing that is kept.
    assert not (tmp_path / "two" / VOCAL).samefile(tmp_path / "one" / VOCAL)
    assert mix.read_bytes() == before


def test_other_weights_or_another_mix_are_computed(
    tmp_path: Path, places: Places, tiny: Path, mix: Path
) -> None:
    keys = {made(mix, tmp_path / "one", places, tiny).note.key}
    (tmp_path / "other").write_bytes(b"other weights")
    second = made(mix, tmp_path / "two", places, tmp_path / "other")
    third = made(write_mix(tmp_path / "b.wav", level=0.2), tmp_path / "three", places, tiny)
    assert not second.kept
    assert not third.kept
    assert len(keys | {second.note.key, third.note.key}) == 3


def test_damaged_parts_in_the_cache_are_made_anew(
    tmp_path: Path, places: Places, tiny: Path, mix: Path
) -> None:
    made(mix, tmp_path / "one", places, tiny)
    [kept] = (places.cache / "separations").iterdir()
    content = bytearray((kept / VOCAL).read_bytes())
    content[-9] ^= 1
    (kept / VOCAL).write_bytes(content)
    assert not made(mix, tmp_path / "two", places, tiny).kept
    assert made(mix, tmp_path / "three", places, tiny, main=never).kept


def test_the_longest_unused_parts_go_from_the_cache(tmp_path: Path) -> None:
    cache = stems._Cache(tmp_path / "cache", limit_bytes=250)
    for number, key in enumerate(("a", "b", "c")):
        parts = tmp_path / key
        parts.mkdir()
        for name in stems.FILES:
            (parts / name).write_bytes(b"x" * 33)
        cache.put(key, parts)
        assert (tmp_path / "cache" / key).is_dir()
        os.utime(tmp_path / "cache" / key, (number, number))
    assert names(tmp_path / "cache") == ["b", "c"]


def test_what_is_there_stays(tmp_path: Path, places: Places, tiny: Path, mix: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine")
    assert refused(mix, tmp_path / "out", places, tiny, main=never).code == "in_the_way"
    assert names(tmp_path / "out") == ["mine"]
    made(mix, tmp_path / "song", places, tiny)
    (tmp_path / "song" / VOCAL).write_bytes(b"changed")
    assert refused(mix, tmp_path / "song", places, tiny, main=never).code == "in_the_way"
    assert (tmp_path / "song" / VOCAL).read_bytes() == b"changed"


def wrong_mixes(folder: Path) -> dict[str, str]:
    (folder / "text.wav").write_text("la la la")
    (folder / "empty.wav").touch()
    soundfile.write(folder / "silent.wav", np.zeros((8000, 2)), 8000)
    soundfile.write(folder / "six.wav", np.zeros((800, 6)), 8000)
    return {"text.wav": "not_audio", "empty.wav": "empty_file", "silent.wav": "mix_silent",
            "six.wav": "too_many_channels", "none.wav": "missing_file"}  # fmt: skip


def test_mixes_that_cannot_be_separated(tmp_path: Path, places: Places, tiny: Path) -> None:
    for name, code in wrong_mixes(tmp_path).items():
        error = refused(tmp_path / name, tmp_path / "out", places, tiny, main=stems.work_main)
        assert (error.code, error.facts.get("path")) == (code, tmp_path / name)
        assert not (tmp_path / "out").exists()
    assert not any(one.name.startswith(".") for one in tmp_path.iterdir())


def endless(connection: Connection, mix: Path, folder: Path, weights: Path, device: str) -> None:
    (folder / VOCAL).write_bytes(b"half")
    connection.send(0.1)
    time.sleep(60)


def killed(connection: Connection, mix: Path, folder: Path, weights: Path, device: str) -> None:
    (folder / VOCAL).write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)


def falls(connection: Connection, mix: Path, folder: Path, weights: Path, device: str) -> None:
    raise RuntimeError("a fault of ours")


def full(connection: Connection, mix: Path, folder: Path, weights: Path, device: str) -> None:
    connection.send(PlaceError("disk_full", path=folder / VOCAL))


def test_a_stop_ends_the_worker_and_leaves_nothing(
    tmp_path: Path, places: Places, tiny: Path, mix: Path
) -> None:
    said: list[float] = []
    began = time.monotonic()
    with pytest.raises(Cancelled):
        made(mix, tmp_path / "out", places, tiny, main=endless,
             progress=said.append, cancelled=lambda: bool(said))  # fmt: skip
    assert time.monotonic() - began < 50  # it did not wait for the worker's end
    assert set(names(tmp_path)) <= {"in", "weights", "home of Zoë"}


@pytest.mark.skipif(os.name == "nt", reason="no such signals")
def test_a_worker_that_dies_is_told(tmp_path: Path, places: Places, tiny: Path, mix: Path) -> None:
    error = refused(mix, tmp_path / "out", places, tiny, main=killed)
    assert (error.code, error.facts["signal"]) == ("separation_died", "SIGKILL")
    error = refused(mix, tmp_path / "out", places, tiny, main=falls)
    assert (error.code, error.facts.get("signal")) == ("separation_died", None)
    assert not (tmp_path / "out").exists()


def test_a_full_disk_names_the_place(tmp_path: Path, places: Places, tiny: Path, mix: Path) -> None:
    error = refused(mix, tmp_path / "out", places, tiny, main=full)
    assert (error.code, error.facts["path"]) == ("disk_full", tmp_path / "out" / VOCAL)


def test_too_little_room_is_told_before_the_work(
    tmp_path: Path, places: Places, tiny: Path, mix: Path
) -> None:
    with small_disk(tmp_path / "disk", kilobytes=2048) as disk:
        error = refused(mix, disk / "out", places, tiny, main=stems.work_main)
        assert error.code == "separation_room"
        assert list(disk.iterdir()) == []


def test_a_cache_that_cannot_be_used_costs_nothing(
    tmp_path: Path, places: Places, tiny: Path, mix: Path
) -> None:
    blocked = replace(places, cache=mix)  # a file
    assert not made(mix, tmp_path / "out", blocked, tiny).kept
    assert (tmp_path / "out" / VOCAL).exists()


def test_what_a_crash_left_goes_a_day_later(
    tmp_path: Path, places: Places, tiny: Path, mix: Path
) -> None:
    old, new = tmp_path / ".a.1.separating", tmp_path / ".b.2.separating"
    for one in (old, new):
        one.mkdir()
    os.utime(old, (1, 1))
    made(mix, tmp_path / "out", places, tiny)
    assert not old.exists()
    assert new.exists()


def test_a_worker_ends_with_whoever_started_it(tmp_path: Path, tiny: Path, places: Places) -> None:

    mix = write_mix(tmp_path / "long.wav", seconds=120.0)
    (tmp_path / "out").mkdir()
    process, connection = spawned(
        stems.work_main, mix, tmp_path / "out", tiny, "cpu", name="asa-separation"
    )
    time.sleep(0.5)
    connection.close()
    process.join(60)
    assert process.exitcode is not None
    end(process)


def test_too_long_mixes_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio, "MAX_MINUTES", 0.01)
    with pytest.raises(AudioError, match="too_long"):
        survey(write_mix(tmp_path / "a.wav"))
