"""Models from hubs: what a folder or a zip of one says of itself is held to what it holds."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from material import read_card, write_card

from asa_desktop.core.errors import AsaError
from asa_desktop.core.model_pack import Pack, write_pack
from asa_desktop.core.model_published import (
    Published,
    copy_published,
    read_models,
    read_published,
)
from asa_desktop.core.models import validate_model

HASHED = ("card.json", "weights.safetensors", "rebuild.json")


def indexed(folder: Path, **changes: object) -> None:
    """Write a config.json that fits the folder, but for the changes."""
    files = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in HASHED
        if (folder / name).is_file()
    }
    index = {"model_type": "asa-desktop", "asa_layout": 1, "files": files, **changes}
    (folder / "config.json").write_text(json.dumps(index), encoding="utf-8")


@pytest.fixture
def folder(untrained: Path, tmp_path: Path) -> Path:
    made = shutil.copytree(untrained, tmp_path / "downloaded")
    (made / "rebuild.json").write_text("{}")
    (made / "README.md").write_text("# untrained")
    (made / ".gitattributes").write_text("*.safetensors filter=lfs")
    (made / "LICENSE").write_text("as you like")
    indexed(made)
    return made


def zipped(folder: Path, path: Path, *, top: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for each in sorted(folder.rglob("*")):
            archive.write(each, f"{top}{each.relative_to(folder).as_posix()}")
    return path


def code_of(path: Path, *, copied: bool = False) -> str:
    with tempfile.TemporaryDirectory() as target, pytest.raises(AsaError) as caught:
        _ = copy_published(read_published(path), Path(target)) if copied else read_published(path)
    return caught.value.code


def copied(path: Path, target: Path) -> dict[str, bytes]:
    target.mkdir()
    copy_published(read_published(path), target)
    return {each.name: each.read_bytes() for each in target.iterdir()}


def test_a_folder_and_zips_of_it_give_the_same_model(folder, tmp_path):
    wanted = {name: (folder / name).read_bytes() for name in HASHED}
    wanted["MODEL_CARD.md"] = b"# untrained"
    places = [
        folder,
        zipped(folder, tmp_path / "flat.zip"),
        zipped(folder, tmp_path / "deep.zip", top="untrained-main/"),
    ]
    for number, place in enumerate(places):
        found = read_models(place)
        assert isinstance(found, Published)
        assert list(found.models) == ["untrained"]
        assert found.passed_over == ()
        assert copied(place, tmp_path / f"out-{number}") == wanted
        assert validate_model(tmp_path / f"out-{number}").id == "untrained"


def test_the_programs_own_folders_of_models_need_no_index(folder, tmp_path):
    (folder / "config.json").unlink()
    (folder / "MODEL_CARD.md").write_text("# the card")
    found = copied(folder, tmp_path / "out")
    assert found["MODEL_CARD.md"] == b"# the card"
    (folder / "weights.safetensors").write_bytes(b"x")
    assert code_of(folder, copied=True) == "weights_changed"


def test_a_pack_is_still_a_pack(untrained, tmp_path):
    with (tmp_path / "pack.zip").open("wb") as stream:
        write_pack([validate_model(untrained)], stream)
    assert isinstance(read_models(tmp_path / "pack.zip"), Pack)
    (tmp_path / "text.zip").write_text("no zip")
    with pytest.raises(AsaError) as caught:
        read_models(tmp_path / "text.zip")
    assert caught.value.code == "pack_broken"


def test_what_else_lies_there_is_named_and_never_read(folder, tmp_path):
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04cos\nsystem\n")
    (folder / "modeling.py").write_text("raise SystemExit('run')")
    (folder / "pictures").mkdir()
    (folder / "pictures" / "curve.png").write_bytes(b"png")
    (folder / ".cache").mkdir()
    for place in (folder, zipped(folder, tmp_path / "m.zip", top="m/")):
        found = read_published(place)
        assert found.passed_over == ("modeling.py", "pictures", "pytorch_model.bin")
    assert set(copied(folder, tmp_path / "out")) == {*HASHED, "MODEL_CARD.md"}
    for number in range(9):
        (folder / f"{number}.pkl").write_bytes(b"x")
    assert len(read_published(folder).passed_over) == 6, "some of them, and ..."


def without(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).unlink()


def written(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(content)


def card(**changes: object) -> Callable[[Path], object]:
    return lambda folder: (
        write_card(folder, {**read_card(folder), **changes}),
        indexed(folder),
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (without("card.json"), "model_missing"),
        (without("weights.safetensors"), "weights_missing"),
        (written("card.json", b"{"), "card_broken"),
        (written("card.json", b" " * (2 << 20)), "pack_broken"),
        (card(schema=99), "card_version"),
        (card(schema=None), "card_version"),
        (card(id="../x"), "card_broken"),
        (card(id=7), "card_broken"),
        (card(system="oracle"), "system_unknown"),
        (card(features={}), "features_unknown"),
        (card(scale="another, and the index knows"), None),
        (written("config.json", b"{"), "pack_broken"),
        (written("config.json", b"[" * 100_000), "pack_broken"),
        (written("config.json", b'{"model_type": "bert"}'), None),
        (lambda folder: indexed(folder, asa_layout=2), "pack_version"),
        (lambda folder: indexed(folder, files=[]), "pack_broken"),
        (lambda folder: indexed(folder, files={}), "pack_changed"),
        (written("rebuild.json", b"[]"), "pack_changed"),
        (written("README.md", b"edited on the hub"), None),
        (written("README.md", b" " * (2 << 20)), "pack_broken"),
        (written("weights.safetensors", b"x"), "weights_changed"),
        (
            written("weights.safetensors", b"version https://git-lfs.github.com/spec/v1\nsize 9"),
            "weights_pointer",
        ),
    ],
)
def test_what_does_not_fit_is_refused(folder, tmp_path, change, code):
    change(folder)
    places = [folder]
    if (folder / "card.json").exists():  # else it is no zip of a model
        places.append(zipped(folder, tmp_path / "m.zip"))
    for number, place in enumerate(places):
        if code is None:
            assert "card.json" in copied(place, tmp_path / f"out-{number}")
        else:
            assert code_of(place, copied=True) == code


def test_a_card_that_is_not_the_indexs_is_refused(folder):
    write_card(folder, {**read_card(folder), "scale": "another"})
    assert code_of(folder) == "pack_changed"


@pytest.mark.parametrize("name", ["weights.safetensors", "card.json", "README.md", "other"])
def test_links_are_not_followed(folder, tmp_path, name):
    secret = tmp_path / "secret"
    secret.write_text("of somebody's")
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(secret)
    assert code_of(folder) == "model_link"


def test_a_name_that_is_no_file_is_not_waited_for(folder):
    (folder / "README.md").unlink()
    os.mkfifo(folder / "README.md")
    assert code_of(folder, copied=True) in ("pack_hostile", "io_failed")
    (folder / "README.md").unlink()
    (folder / "README.md").mkdir()
    assert code_of(folder, copied=True) == "is_folder"


@pytest.mark.parametrize(
    "name",
    ["../evil", "/etc/cron.d/evil", "C:/evil", "m\\evil", "a/../../evil", "a//evil", "a/./evil",
     "CARD.json", "new\nline"],
)  # fmt: skip
def test_an_entry_that_leads_out_of_a_zip_is_refused(folder, tmp_path, name):
    path = zipped(folder, tmp_path / "m.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "x")
    assert code_of(path) == "pack_hostile"


def test_a_link_in_a_zip_is_refused(folder, tmp_path):
    path = zipped(folder, tmp_path / "m.zip")
    with zipfile.ZipFile(path, "a") as archive:
        entry = zipfile.ZipInfo("pictures")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    assert code_of(path) == "pack_hostile"


def test_a_zip_of_two_models_is_no_model(folder, tmp_path):
    path = zipped(folder, tmp_path / "m.zip", top="one/")
    with zipfile.ZipFile(path, "a") as archive:
        archive.write(folder / "card.json", "two/card.json")
    assert code_of(path) == "model_missing"


NAMES = st.text(st.sampled_from("ab./\\:-\n "), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(names=st.lists(NAMES, max_size=4, unique=True), cut=st.integers(0, 300))
def test_whatever_a_zip_is_called_inside_nothing_is_written_elsewhere(untrained, names, cut):
    with tempfile.TemporaryDirectory() as made:
        here = Path(made, "inner", "place")
        here.mkdir(parents=True)
        path = zipped(untrained, here / "m.zip")
        with zipfile.ZipFile(path, "a") as archive:
            for name in names:
                archive.writestr(name, "x")
        path.write_bytes(path.read_bytes()[: -cut or None])
        target = here / "out"
        target.mkdir()
        with contextlib.suppress(AsaError):
            copy_published(read_published(path), target)
        assert {each.name for each in target.iterdir()} <= {*HASHED, "MODEL_CARD.md"}
        assert sorted(each.name for each in here.iterdir()) == ["m.zip", "out"]
        assert [each.name for each in Path(made).iterdir()] == ["inner"]
