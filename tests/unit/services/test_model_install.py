"""Models out of packs, in the user's own folder: all of them or none."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
from carried import bundled_models
from material import read_card, untrained_model, write_card

from asa_desktop.cli import app
from asa_desktop.core.errors import ModelError, PlaceError
from asa_desktop.core.model_pack import write_pack
from asa_desktop.core.models import validate_model
from asa_desktop.services import model_install
from asa_desktop.services.model_install import install_pack
from asa_desktop.services.model_list import known_models, model_folder

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASA_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "models"


def packed(path: Path, *folders: Path) -> Path:
    with path.open("wb") as stream:
        write_pack([validate_model(folder) for folder in folders], stream)
    return path


def named(untrained: Path, folder: Path, name: str, **changes: object) -> Path:
    """A copy of a model under another id."""
    shutil.copytree(untrained, folder)
    write_card(folder, {**read_card(folder), "id": name, **changes})
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@pytest.fixture
def two(untrained: Path, tmp_path: Path) -> Path:
    one, other = (named(untrained, tmp_path / name, name) for name in ("one", "other"))
    return packed(tmp_path / "two.zip", one, other)


def test_the_models_of_a_pack_are_found_by_their_ids(home, two, tmp_path):
    found = install_pack(two)
    assert [(each.id, each.kept) for each in found] == [("one", False), ("other", False)]
    assert model_folder("other") == home / "other" == found[1].folder
    assert {"one", "other"} < {each.id for each in known_models()}
    assert contents(home / "one") == contents(tmp_path / "one")
    assert {path.name for path in home.iterdir()} == {"one", "other"}, "nothing else is left"


def test_the_very_same_model_is_left_as_it_is(home, two):
    install_pack(two)
    before = (home / "one" / "card.json").stat().st_mtime_ns
    assert [each.kept for each in install_pack(two)] == [True, True]
    assert (home / "one" / "card.json").stat().st_mtime_ns == before


def test_a_damaged_model_is_put_right_with_replace(home, two):
    install_pack(two)
    whole = contents(home)
    (home / "one" / "weights.safetensors").write_bytes(b"x")
    with pytest.raises(ModelError) as caught:
        install_pack(two)
    assert caught.value.code == "model_there"
    assert [each.kept for each in install_pack(two, replace=True)] == [False, True]
    assert contents(home) == whole


def test_another_model_of_the_same_id_stays_unless_it_may_go(home, two, untrained, tmp_path):
    install_pack(two)
    before = contents(home)
    third = named(untrained, tmp_path / "third", "third")
    other = named(untrained, tmp_path / "another", "other", scale="another one")
    pack = packed(tmp_path / "new.zip", third, other)
    with pytest.raises(ModelError) as caught:
        install_pack(pack)
    assert (caught.value.code, caught.value.facts) == ("model_there", {"model": "other"})
    assert contents(home) == before, "not even the third one"
    install_pack(pack, replace=True)
    assert validate_model(home / "other").scale == "another one"
    assert (home / "third").is_dir()


def test_a_bundled_model_stays(home, tmp_path, untrained):
    bundled = bundled_models()[0]
    (kept,) = install_pack(packed(tmp_path / "same.zip", bundled))
    assert kept.kept
    assert kept.folder.name == bundled.name
    pack = packed(tmp_path / "p.zip", named(untrained, tmp_path / "x", bundled.name))
    for replace in (False, True):
        with pytest.raises(ModelError) as caught:
            install_pack(pack, replace=replace)
        assert caught.value.code == "model_bundled"
    assert not home.exists(), "nothing is left, not even a folder"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"schema": 99}, "card_version"),
        ({"system": "oracle"}, "system_unknown"),
        ({"features": {}}, "features_unknown"),
        ({"weights": {"sha256": "0" * 64}}, "weights_changed"),
        ({"id": "yet-another"}, "pack_broken"),
    ],
)
def test_a_model_that_the_program_would_not_open_is_not_installed(
    home, untrained, tmp_path, monkeypatch, change, code
):
    good = validate_model(named(untrained, tmp_path / "good", "good"))
    bad = validate_model(named(untrained, tmp_path / "bad", "bad"))
    write_card(tmp_path / "bad", {**read_card(tmp_path / "bad"), **change})
    with (tmp_path / "p.zip").open("wb") as stream:
        write_pack([good, bad], stream)
    with pytest.raises(ModelError) as caught:
        install_pack(tmp_path / "p.zip")
    assert caught.value.code == code
    assert ".adding" not in str(caught.value), "the place where it was looked at is gone"
    assert not home.exists(), "nothing is left, not even a folder"


def test_where_a_move_fails_all_is_as_it_was(home, two, untrained, tmp_path, monkeypatch):
    install_pack(two)
    before = contents(home)
    one = named(untrained, tmp_path / "new-one", "one", scale="new")
    other = named(untrained, tmp_path / "new-other", "other", scale="new")
    pack = packed(tmp_path / "new.zip", one, other)
    rename, done = Path.rename, []

    def failing(self, target):
        done.append(target)
        if len(done) == 4:
            raise PermissionError(13, "said by the system")
        return rename(self, target)

    monkeypatch.setattr(model_install.Path, "rename", failing)
    with pytest.raises(PlaceError) as caught:
        install_pack(pack, replace=True)
    assert caught.value.code == "no_rights"
    assert contents(home) == before


def test_the_commands_say_what_they_did(home, two, tmp_path, capsys: Captured):
    assert app.run(["models", "list"]) == 0
    before = capsys.readouterr().out
    assert "rori, licence" in before
    assert "came with the program" in before
    assert app.run(["models", "add", str(two)]) == 0
    printed = capsys.readouterr().out
    assert "one is installed at " in printed
    assert "`asa analyze --model other` uses it." in printed
    assert app.run(["models", "add", str(two)]) == 0
    assert "one is there already, the very same." in capsys.readouterr().out
    assert app.run(["models", "list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert any(line.startswith("other: rori, licence none, for tests, at ") for line in listed)
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    assert app.run(["models", "add", str(tmp_path / "bad.zip")]) == 2
    said = capsys.readouterr().err
    assert "is no pack of models, or a damaged one; get it again." in said
    assert len(said.splitlines()) == 1
    assert app.run(["models"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_downloaded_folder_is_installed_and_what_lies_beside_it_stays(
    home, untrained, tmp_path, capsys: Captured
):
    folder = named(untrained, tmp_path / "downloaded", "fetched")
    (folder / "README.md").write_text("# fetched")
    (folder / "pytorch_model.bin").write_bytes(b"cos\nsystem\n")
    assert app.run(["models", "add", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "fetched is installed at " in said
    assert "not read: pytorch_model.bin" in said
    assert model_folder("fetched") == home / "fetched"
    assert set(contents(home)) == {
        "fetched/card.json", "fetched/weights.safetensors", "fetched/MODEL_CARD.md"
    }  # fmt: skip
    assert app.run(["models", "add", str(folder)]) == 0
    assert "fetched is there already, the very same." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"schema": 99}, "card_version"),
        ({"features": {}}, "features_unknown"),
        ({"id": "../bad"}, "card_broken"),
        ({"weights": {"sha256": "0" * 64}}, "weights_changed"),
    ],
)
def test_a_folder_that_the_program_would_not_open_is_not_installed(
    home, untrained, tmp_path, change, code
):
    folder = named(untrained, tmp_path / "downloaded", "bad", **change)
    with pytest.raises(ModelError) as caught:
        install_pack(folder)
    assert caught.value.code == code
    assert ".adding" not in str(caught.value)
    assert not home.exists()


@pytest.mark.parametrize("kind", ["folder", "pack"])
def test_weights_of_another_format_are_not_installed(home, untrained, tmp_path, kind):
    pickled = b"\x80\x04\x95cposix\nsystem\n"
    digest = {"sha256": hashlib.sha256(pickled).hexdigest()}
    folder = named(untrained, tmp_path / "downloaded", "bad", weights=digest)
    (folder / "weights.safetensors").write_bytes(pickled)
    place = folder if kind == "folder" else packed(tmp_path / "p.zip", folder)
    with pytest.raises(ModelError) as caught:
        install_pack(place)
    assert caught.value.code == "weights_format"
    assert not home.exists()


def test_a_broken_card_is_named_in_the_list(home, capsys: Captured):
    (home / "odd").mkdir(parents=True)
    (home / "odd" / "card.json").write_text("{")
    assert app.run(["models", "list"]) == 2
    assert "odd: The model card" in capsys.readouterr().out


def test_packs_are_made_on_the_training_side(home, untrained, tmp_path, capsys: Captured):
    from asa_training.__main__ import main

    model = untrained_model(tmp_path / "mine", name="mine")
    out = tmp_path / "pack.zip"
    assert main(["pack", str(model), str(untrained), "--out", str(out)]) == 0
    assert "mine, untrained" in capsys.readouterr().out
    assert [each.id for each in install_pack(out)] == ["mine", "untrained"]
    copy = shutil.copytree(model, tmp_path / "copy")
    assert main(["pack", str(model), str(copy), "--out", str(tmp_path / "twice.zip")]) == 2
    assert "Two of the models are called mine" in capsys.readouterr().err
    write_card(copy, {**read_card(copy), "id": "a/b"})
    assert main(["pack", str(copy), "--out", str(tmp_path / "bad.zip")]) == 2
    assert "The id a/b cannot be a folder's name" in capsys.readouterr().err
    assert not (tmp_path / "twice.zip").exists()
    assert not (tmp_path / "bad.zip").exists()
