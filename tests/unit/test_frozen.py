"""What the frozen program leaves to the programs it starts, and where libraries keep things."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from asa_desktop import frozen


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    return tmp_path


def test_other_programs_do_not_get_our_libraries(inside: Path) -> None:
    ours = str(inside / "PySide6" / "Qt" / "plugins")
    environ = {"LD_LIBRARY_PATH": str(inside), "QT_PLUGIN_PATH": ours, "HOME": "/home/me"}
    frozen.free_others(environ)
    assert environ == {"HOME": "/home/me"}


def test_what_the_user_had_set_comes_back(inside: Path) -> None:
    environ = {"LD_LIBRARY_PATH": f"{inside}:/mine", "LD_LIBRARY_PATH_ORIG": "/mine"}
    environ["QT_PLUGIN_PATH"] = "/my/plugins"
    frozen.free_others(environ)
    assert environ == {"LD_LIBRARY_PATH": "/mine", "QT_PLUGIN_PATH": "/my/plugins"}


def test_from_sources_nothing_is_touched(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", False, raising=False)
    environ = {"LD_LIBRARY_PATH": "/mine", "LD_LIBRARY_PATH_ORIG": ""}
    before = dict(environ)
    frozen.free_others(environ)
    frozen.keep_caches(environ)
    assert environ == before


def test_caches_are_the_users_and_not_made_in_advance(home: Path, inside: Path) -> None:
    environ = {"MPLCONFIGDIR": "/chosen"}
    frozen.keep_caches(environ)
    assert environ == {"NUMBA_CACHE_DIR": str(home / "cache" / "numba"), "MPLCONFIGDIR": "/chosen"}
    assert not home.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="rights are asked otherwise there")
def test_where_the_home_cannot_be_written_the_caches_go_elsewhere(
    inside: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASA_HOME", str(tmp_path / "a file" / "home"))
    (tmp_path / "a file").write_text("in the way")
    environ: dict[str, str] = {}
    frozen.keep_caches(environ)
    folder = Path(environ["NUMBA_CACHE_DIR"]).parent
    assert folder.is_dir()
    assert os.access(folder, os.W_OK)
    assert not folder.is_relative_to(tmp_path / "a file")
    folder.rmdir()
