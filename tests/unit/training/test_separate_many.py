"""Many mixes taken apart: laid out as they lay, gone on with, the bad ones said at the end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from asa_training import separate
from asa_training.__main__ import main
from tiny_demucs import needs_demucs, scaled, stand_in, write_mix, write_safetensors

from asa_desktop.core.errors import UsageError
from asa_desktop.core.separation.parts import ACCOMPANIMENT, NOTE, VOCAL


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A network that costs nothing, and how often it was run."""
    ran: list[int] = []

    def half(segment: np.ndarray) -> np.ndarray:
        ran.append(1)
        return scaled(0.5)(segment)

    monkeypatch.setattr(separate, "read_network", lambda path: stand_in(sha256="w"))
    monkeypatch.setattr(separate, "on_device", lambda network, device: half)
    return ran


def corpus(folder: Path) -> Path:
    write_mix(folder / "one" / "mix.wav", seconds=0.5)
    write_mix(folder / "two" / "mix.flac", seconds=0.5, rate=48_000, channels=1)
    return folder


def asked(folder: Path, *more: str) -> int:
    return main(["separate", str(folder), "--out", str(folder.parent / "apart"),
                 "--weights", "w", *more])  # fmt: skip


def test_parts_lie_as_the_mixes_lay(
    tmp_path: Path, quick: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    mixes = corpus(tmp_path / "mixes")
    assert asked(mixes) == 0
    assert capsys.readouterr().out.endswith("2 separated, 0 were there already, 0 could not be\n")
    for name, suffix in (("one", "wav"), ("two", "flac")):
        folder = tmp_path / "apart" / name / "mix"
        assert {one.name for one in folder.iterdir()} == {VOCAL, ACCOMPANIMENT, NOTE}
        parts = [soundfile.read(folder / part, dtype="int32")[0] >> 8
                 for part in (VOCAL, ACCOMPANIMENT)]  # fmt: skip
        whole = soundfile.read(mixes / name / f"mix.{suffix}", dtype="int32")[0] >> 8
        assert np.array_equal(sum(parts), whole)


def test_a_second_call_goes_on(
    tmp_path: Path, quick: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    mixes = corpus(tmp_path / "mixes")
    assert asked(mixes) == 0
    quick.clear()
    write_mix(mixes / "three.wav", seconds=0.5, level=0.2)
    assert asked(mixes) == 0
    assert capsys.readouterr().out.endswith("1 separated, 2 were there already, 0 could not be\n")
    assert 0 < len(quick) < 12


def test_bad_mixes_are_said_and_the_rest_is_done(
    tmp_path: Path, quick: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    mixes = corpus(tmp_path / "mixes")
    (mixes / "bad.wav").write_text("la la la")
    soundfile.write(mixes / "silent.wav", np.zeros((800, 2)), 8000)
    assert asked(mixes) == 2
    out, err = capsys.readouterr()
    assert out.endswith("2 separated, 0 were there already, 2 could not be\n")
    assert len(err.splitlines()) == 2
    assert "bad.wav" in err
    assert "is silent" in err
    assert not (tmp_path / "apart" / "bad").exists()


def test_parts_of_another_mix_are_not_written_over(
    tmp_path: Path, quick: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    mixes = corpus(tmp_path / "mixes")
    assert asked(mixes) == 0
    before = (tmp_path / "apart" / "one" / "mix" / VOCAL).read_bytes()
    write_mix(mixes / "one" / "mix.wav", seconds=0.5, level=0.1)
    assert asked(mixes) == 2
    assert (tmp_path / "apart" / "one" / "mix" / VOCAL).read_bytes() == before


def test_two_of_one_name_are_refused(tmp_path: Path, quick: list[int]) -> None:
    for name in ("a.wav", "a.flac"):
        write_mix(tmp_path / name, seconds=0.1)
    with pytest.raises(UsageError, match="mixes_of_one_name"):
        separate.folders_of([tmp_path], tmp_path / "out")


@needs_demucs
def test_with_a_network(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "w")
    write_mix(tmp_path / "a.wav", seconds=1.0)
    words = ["separate", str(tmp_path / "a.wav"), "--out", str(tmp_path / "out")]
    assert main([*words, "--weights", str(tmp_path / "w"), "--device", "cpu"]) == 0
    assert (tmp_path / "out" / "a" / VOCAL).exists()
    (tmp_path / "w").write_bytes(b"no weights")
    assert main([*words, "--weights", str(tmp_path / "w")]) == 2
