"""What a folder of renditions says of how it was filled."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from asa_training.corpus import of_split, recordings
from asa_training.render.calls import CALLS, Call, read_calls, remember, used

from asa_desktop.core.errors import PlaceError


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in ("pjs001", "pjs002"):
        place = tmp_path / "data" / "pjs" / name / f"{name}_song.flac"
        place.parent.mkdir(parents=True)
        place.write_bytes(name.encode())
    return tmp_path / "data"


def test_calls_are_kept_in_their_order_and_the_same_one_once(data: Path, tmp_path: Path) -> None:
    first = Call(
        "train", engine=("world", "psola"), recordings=used(of_split(recordings(data), "train"))
    )
    second = Call("train", seed=2, only=("pjs001",), accompany=True)
    for call in (first, first, second, second, first):
        remember(tmp_path / "out", call)
    assert read_calls(tmp_path / "out") == [first, second, first]
    assert str(tmp_path) not in (tmp_path / "out" / CALLS).read_text("utf-8")
    assert [one.path for one in first.recordings] == [
        "pjs/pjs001/pjs001_song.flac",
        "pjs/pjs002/pjs002_song.flac",
    ]


def test_a_recording_that_changed_makes_another_call(data: Path) -> None:
    before = used(of_split(recordings(data), "train"))
    (data / "pjs" / "pjs001" / "pjs001_song.flac").write_bytes(b"other")
    after = used(of_split(recordings(data), "train"))
    assert [one.sha256 == other.sha256 for one, other in zip(before, after, strict=True)] == [
        False,
        True,
    ]


def test_a_call_as_it_was_typed() -> None:
    call = Call("test", engine=("psola",), per_source=11, probes=1, seed=3, exclude=("a b", "c"))
    assert shlex.split(call.command(data="DATA", out="R/test")) == [
        "asa-train", "render", "--data", "DATA", "--out", "R/test", "--split", "test",
        "--engine", "psola", "--per-source", "11", "--probes", "1", "--seed", "3",
        "--exclude", "a b", "c",
    ]  # fmt: skip
    assert Call("train", accompany=True).command(data="D", out="O").endswith("train --accompany")


@pytest.mark.parametrize("line", ["{", "[]", '{"split": "train", "colour": 1}', "7"])
def test_a_damaged_list_is_said(tmp_path: Path, line: str) -> None:
    assert read_calls(tmp_path) == []
    (tmp_path / CALLS).write_text(f"{line}\n")
    with pytest.raises(PlaceError) as caught:
        read_calls(tmp_path)
    assert caught.value.code == "calls_broken"
