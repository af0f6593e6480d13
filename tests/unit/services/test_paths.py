from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from asa_desktop.core.errors import PlaceError
from asa_desktop.services import paths
from asa_desktop.services.paths import places, private_folder


def test_asa_home_holds_everything_and_nothing_is_made(home: Path) -> None:
    here = places()
    for folder in (here.library, here.logs, here.models, here.settings, here.features):
        assert folder.is_relative_to(home)
    assert not home.exists()


def test_without_asa_home_the_systems_folders_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    import platformdirs

    monkeypatch.setenv("ASA_HOME", "  ")
    assert places().home == platformdirs.user_data_path("ASA Desktop", appauthor=False)
    assert places().home.name == "ASA Desktop"
    assert not places().cache.is_relative_to(places().home) or sys.platform == "win32"


def test_a_relative_asa_home_does_not_move_with_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASA_HOME", "mine")
    before = places()
    assert before.home == tmp_path / "mine"
    monkeypatch.setenv("ASA_HOME", "~nobody-of-this-name/x")
    assert places().home.is_absolute()


@pytest.mark.skipif(sys.platform == "win32", reason="modes mean nothing here")
def test_a_fresh_folder_is_private_and_an_old_one_is_left(tmp_path: Path) -> None:
    fresh = private_folder(tmp_path / "a" / "b")
    assert stat.S_IMODE(fresh.stat().st_mode) == 0o700
    old = tmp_path / "old"
    old.mkdir(mode=0o755)
    private_folder(old)
    assert stat.S_IMODE(old.stat().st_mode) == 0o755
    assert list(fresh.iterdir()) == []


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for wanted in (tmp_path / "file", tmp_path / "file" / "folder"):
        with pytest.raises(PlaceError) as caught:
            private_folder(wanted)
        assert caught.value.code == "in_the_way"
        assert caught.value.facts["path"] == tmp_path / "file"


def test_a_folder_that_is_closed_to_us(closed_folder: Path) -> None:
    for wanted in (closed_folder, closed_folder / "new"):
        with pytest.raises(PlaceError) as caught:
            private_folder(wanted)
        assert caught.value.code == "no_rights"


def test_resources_and_models_are_found_in_the_checkout() -> None:
    root = Path(paths.__file__).resolve().parents[2]
    if not (root / "pyproject.toml").is_file():
        pytest.skip("installed")
    assert paths.resources() == root / "resources"
    assert paths.models() == root / "models"


def test_a_wheel_and_a_frozen_bundle_are_searched_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "asa_desktop"
    wheel = package / "_bundled" / "models"
    wheel.mkdir(parents=True)
    monkeypatch.setattr(paths, "__file__", str(package / "services" / "paths.py"))
    assert paths.models() == wheel
    frozen = tmp_path / "unpacked" / "asa_desktop" / "_bundled" / "models"
    frozen.mkdir(parents=True)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path / "unpacked"), raising=False)
    assert paths.models() == frozen
    with pytest.raises(PlaceError) as caught:
        paths.resources()
    assert caught.value.code == "bundled_missing"


def test_models_of_the_user_follow_the_bundled_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundled = tmp_path / "bundled"
    monkeypatch.setattr(paths, "models", lambda: bundled)
    for folder in (bundled / "rori", bundled / "a", places().models / "mine"):
        folder.mkdir(parents=True)
        (folder / "card.json").write_text("{}")
    (bundled / "no card").mkdir()
    assert [one.name for one in paths.bundled_models()] == ["a", "rori"]
    assert [one.name for one in paths.model_folders()] == ["a", "rori", "mine"]
