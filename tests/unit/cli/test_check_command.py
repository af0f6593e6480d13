"""`asa check` and the parts of `asa self-test`."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from asa_desktop.cli import app, check, selftest
from asa_desktop.core.errors import ModelError
from asa_desktop.services.findings import Finding
from asa_desktop.services.library import Library
from asa_desktop.services.library.database import FILE
from tests import material

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder, and one sound model (nobody looks into its weights here)."""
    monkeypatch.setenv("ASA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(check, "model_folders", lambda: (tmp_path / "rori",))
    monkeypatch.setattr(check, "validate_model", lambda folder: None)
    return tmp_path / "home"


def test_nothing_is_made_where_there_is_no_library(home: Path, capsys: Captured) -> None:
    assert app.run(["check"]) == 0
    assert "There is no library yet" in capsys.readouterr().out
    assert not home.exists()


def test_a_sound_library(home: Path, capsys: Captured) -> None:
    Library.open(home / "library").close()
    assert app.run(["check"]) == 0
    printed = capsys.readouterr()
    assert "things found: 0." in printed.out
    assert "rori: sound." in printed.out
    assert printed.err == ""


def test_a_damaged_library_is_said_and_can_go_back(home: Path, capsys: Captured) -> None:
    with Library.open(home / "library", daily_backup=True) as library:
        library.add_person(name="Ada")
    with Library.open(home / "library", daily_backup=True):
        pass  # makes today's backup
    path = home / "library" / FILE
    path.write_bytes(b"SQLite format 3\0" + b"nonsense" * 500)
    assert app.run(["check"]) == 2
    printed = capsys.readouterr()
    assert "is damaged; run `asa check --repair` to go back to its backup" in printed.out
    assert len(printed.err.splitlines()) == 1
    assert app.run(["check", "--repair"]) == 0
    printed = capsys.readouterr()
    assert "This was put right." in printed.out
    assert printed.err == ""
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT name FROM people").fetchall() == [("Ada",)]
    database.close()


def test_a_model_that_is_not_sound(
    home: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> None:
        raise ModelError("weights_missing", path=folder / "weights.safetensors")

    monkeypatch.setattr(check, "validate_model", refuse)
    assert app.run(["check"]) == 2
    assert "are missing; install the model again" in capsys.readouterr().out


def test_findings_that_stay_are_counted(
    home: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [
        Finding("part_left", {"path": home / "a"}),
        Finding("copy_left", {"path": home / "b"}, repaired=True),
    ]
    monkeypatch.setattr(check, "check_library", lambda folder, **how: found)
    (home / "library").mkdir(parents=True)
    assert app.run(["check"]) == 2
    printed = capsys.readouterr()
    assert "things found: 2." in printed.out
    assert "repair: 1;" in printed.err


def test_drifting_changes_pitch_and_hardly_timing() -> None:
    """The instantaneous pitch of a steady tone swings by what is asked for, and nothing else."""
    rate = 16_000
    t = np.arange(rate * 5) / rate
    tone = np.sin(2 * np.pi * 220 * t, dtype=np.float64).astype(np.float32)[None]
    drifted = selftest.drifting(tone, rate)
    assert drifted.shape == tone.shape
    crossings = np.flatnonzero((drifted[0, :-1] < 0) & (drifted[0, 1:] >= 0))
    semitones = 12 * np.log2(rate / np.diff(crossings) / 220)
    assert np.percentile(semitones, 98) == pytest.approx(selftest.DRIFT_SEMITONES, abs=0.25)
    expected = np.arange(len(crossings)) / 220
    assert np.abs(crossings / rate - expected).max() < 0.045


def test_self_test_tells_good_from_bad(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def fails(folder: Path) -> str:
        raise selftest._Failed("as bundled 40, made to drift 60")

    good = selftest._Check("one", lambda folder: "fine")
    monkeypatch.setattr(selftest, "_CHECKS", (good, selftest._Check("two", fails)))
    assert app.run(["self-test"]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("ok   one: fine (")
    assert printed[1].startswith("FAIL two: as bundled 40, made to drift 60 (")
    monkeypatch.setattr(selftest, "_CHECKS", (good,))
    assert app.run(["self-test"]) == 0


def test_self_test_tells_signatures_apart_and_finds_what_speaks_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = selftest._updates(tmp_path)
    assert re.fullmatch(r"signatures are .*, \w+ \d[\w.]* is there; .*", seen), seen
    monkeypatch.setattr(selftest, "_RFC_8032_SIGNED", "00" * 64)
    with pytest.raises(selftest._Failed, match="signatures"):
        selftest._updates(tmp_path)


def test_self_test_tries_a_library_of_its_own(tmp_path: Path) -> None:
    assert selftest._library(tmp_path) == "made, written and read"
    assert (tmp_path / "library" / FILE).exists()


def test_material_is_what_it_says() -> None:
    assert material.sing(2).shape == (32_000,)
    assert np.abs(material.sing(2)).max() == pytest.approx(0.3)
