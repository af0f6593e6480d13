"""Packs of models from anybody: what is wrong with one is said, and nothing leads out of them."""

from __future__ import annotations

import io
import json
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from material import read_card, write_card

from asa_desktop.core.errors import AsaError, PlaceError
from asa_desktop.core.model_pack import INDEX, is_model_id, read_pack, unpack, write_pack
from asa_desktop.core.models import validate_model


@pytest.fixture
def pack(untrained: Path, tmp_path: Path) -> Path:
    folder = shutil.copytree(untrained, tmp_path / "one")
    (folder / "notes.txt").write_text("not ours to give away")
    path = tmp_path / "pack.zip"
    with path.open("wb") as stream:
        write_pack([validate_model(folder)], stream)
    return path


def rewritten(pack: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    """The pack with its entries changed."""
    with zipfile.ZipFile(pack) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    with zipfile.ZipFile(pack, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return pack


def code_of(pack: Path) -> str:
    with pytest.raises(AsaError) as caught:
        read_pack(pack)
    return caught.value.code


def test_a_pack_is_unpacked_as_it_was_packed(pack, untrained, tmp_path):
    read = read_pack(pack)
    assert set(read.models) == {"untrained"}
    assert set(read.models["untrained"]) == {"card.json", "weights.safetensors"}
    (tmp_path / "out").mkdir()
    unpack(read, "untrained", tmp_path / "out")
    for name in read.models["untrained"]:
        assert (tmp_path / "out" / name).read_bytes() == (untrained / name).read_bytes()
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_the_same_models_give_the_same_bytes(pack, untrained):
    again = io.BytesIO()
    write_pack([validate_model(untrained)], again)
    assert again.getvalue() == pack.read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "../card.json", "untrained/../../card.json", "/etc/passwd", "C:/card.json",
        "untrained\\card.json", "untrained/run.py", "untrained/sub/card.json", "card.json",
        "nul/card.json", "..", "untrained/", ".hidden/card.json", "UNTRAINED/card.json",
    ],
)  # fmt: skip
def test_an_entry_that_has_no_place_is_refused(pack, name):
    assert code_of(rewritten(pack, lambda entries: entries.update({name: b"x"}))) == "pack_hostile"


def test_a_link_is_refused(pack):
    with zipfile.ZipFile(pack, "a") as archive:
        entry = zipfile.ZipInfo("other/card.json")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    assert code_of(pack) == "pack_hostile"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_entry_that_comes_twice_is_refused(pack):
    with zipfile.ZipFile(pack, "a") as archive:
        archive.writestr("untrained/card.json", "{}")
    assert code_of(pack) == "pack_hostile"


def test_more_entries_than_models_have_are_refused(pack):
    def many(entries: dict[str, bytes]) -> None:
        entries.update({f"m{number}/card.json": b"{}" for number in range(500)})

    assert code_of(rewritten(pack, many)) == "pack_hostile"


def changed_index(change: Callable[[dict], object]) -> Callable[[dict[str, bytes]], None]:
    def apply(entries: dict[str, bytes]) -> None:
        index = json.loads(entries[INDEX])
        change(index)
        entries[INDEX] = json.dumps(index).encode()

    return apply


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (changed_index(lambda index: index.update(schema=2)), "pack_version"),
        (changed_index(lambda index: index.pop("schema")), "pack_version"),
        (changed_index(lambda index: index.update(models={})), "pack_broken"),
        (changed_index(lambda index: index.update(models=[])), "pack_broken"),
        (changed_index(lambda index: index.update(models={"untrained": "x"})), "pack_broken"),
        (changed_index(lambda index: index["models"]["untrained"].pop("card.json")), "pack_broken"),
        (changed_index(lambda index: index["models"].update(other={})), "pack_broken"),
        (lambda entries: entries.pop(INDEX), "pack_broken"),
        (lambda entries: entries.pop("untrained/weights.safetensors"), "pack_broken"),
        (lambda entries: entries.update({INDEX: b"{"}), "pack_broken"),
        (lambda entries: entries.update({INDEX: b"[]"}), "pack_broken"),
        (lambda entries: entries.update({INDEX: b" " * (2 << 20)}), "pack_broken"),
    ],
)
def test_an_index_that_does_not_fit_is_refused(pack, change, code):
    assert code_of(rewritten(pack, change)) == code


def test_what_is_no_zip_is_said(pack, tmp_path):
    content = pack.read_bytes()
    for name, part in (("empty", b""), ("text", b"hello"), ("cut", content[:-40])):
        (tmp_path / name).write_bytes(part)
        assert code_of(tmp_path / name) == "pack_broken"
    with pytest.raises(PlaceError) as caught:
        read_pack(tmp_path / "nowhere.zip")
    assert caught.value.code == "missing_file"


def test_a_file_that_is_not_the_packed_one_is_not_written(pack, tmp_path):
    rewritten(pack, lambda entries: entries.update({"untrained/card.json": b"{}"}))
    (tmp_path / "out").mkdir()
    with pytest.raises(AsaError) as caught:
        unpack(read_pack(pack), "untrained", tmp_path / "out")
    assert caught.value.code == "pack_changed"
    assert caught.value.facts["name"] == "untrained/card.json"
    assert not (tmp_path / "out" / "card.json").exists()


def test_a_file_that_swells_is_not_unpacked(pack, tmp_path):
    with zipfile.ZipFile(pack) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, b"\0" * (30 << 20) if name.endswith("card.json") else content)
    assert pack.stat().st_size < 1 << 20
    (tmp_path / "out").mkdir()
    with pytest.raises(AsaError) as caught:
        unpack(read_pack(pack), "untrained", tmp_path / "out")
    assert caught.value.code == "pack_broken"
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("rori-1", True), ("a", True), ("A_b.c+d-2", True), ("x" * 64, True), ("x" * 65, False),
        ("", False), (".", False), ("..", False), ("-x", False), ("x.", False), ("a/b", False),
        ("con", False), ("NUL.txt", False), ("com1", False), ("コン", False), ("a b", False),
    ],
)  # fmt: skip
def test_which_ids_may_be_folders(name, fits):
    assert is_model_id(name) is fits


def test_models_of_one_id_make_no_pack(untrained, tmp_path):
    other = shutil.copytree(untrained, tmp_path / "other")
    with pytest.raises(ValueError, match="ids"):
        write_pack([validate_model(untrained), validate_model(other)], io.BytesIO())
    write_card(other, {**read_card(other), "id": "../x"})
    with pytest.raises(ValueError, match="ids"):
        write_pack([validate_model(other)], io.BytesIO())
