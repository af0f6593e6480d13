"""How a model came about, as a manifest: written, read again, and held against the corpora."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from asa_training.config import FitConfig
from asa_training.corpus import of_split, recordings
from asa_training.recipe import (
    RECIPE,
    Golden,
    Recipe,
    commands,
    read_recipe,
    recipe_of,
    write_recipe,
)
from asa_training.render.calls import Call, remember, used
from asa_training.verifying import other_versions, verified

from asa_desktop.core.errors import AsaError

FILES = (
    "pjs/pjs001/pjs001_song.flac",
    "pjs/pjs002/pjs002_song.flac",
    "makam/guelcin/02_Kimseye_1.flac",
    "nit_song070/nit_029.flac",
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in FILES:
        place = tmp_path / "data" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(name.encode())
    return tmp_path / "data"


def rendered(data: Path, work: Path, **changes: object) -> dict[str, Path]:
    """Folders that say how they were filled."""
    folders = {}
    for split, name in (("train", "renders"), ("validation", "validation"), ("test", "test")):
        folders[name] = work / split
        call = Call(split, seed=3, recordings=used(of_split(recordings(data), split)))
        remember(folders[name], replace(call, **changes))
    return folders


def run_of(work: Path, **record: object) -> Path:
    run = work / "run"
    run.mkdir(parents=True, exist_ok=True)
    config = {**FitConfig(id="toy", seed=4).to_dict(), "config_file": "toy.toml", **record}
    (run / "config.json").write_text(json.dumps(config))
    line = {"step": 1, "kept": True, "seconds": 7.5, "on": "x cpu", "threads": 2}
    (run / "log.jsonl").write_text(json.dumps(line) + "\n")
    return run


@pytest.fixture
def recipe(data: Path, tmp_path: Path) -> Recipe:
    folders = rendered(data, tmp_path)
    return recipe_of(run_of(tmp_path), **folders, precision="float16")


def test_what_was_written_is_read_again(recipe, tmp_path):
    golden = Golden("demo/takes/x.flac", "demo/x", "ab" * 32, {0: 81.5, 12: 3.0})
    whole = replace(recipe, golden=(golden,), weights_sha256="cd" * 32)
    write_recipe(tmp_path / RECIPE, whole)
    assert read_recipe(tmp_path / RECIPE) == whole
    assert str(tmp_path) not in (tmp_path / RECIPE).read_text("utf-8")


def test_it_is_made_from_what_the_folders_and_the_run_say(recipe):
    assert [(each.name, len(each.files)) for each in recipe.corpora] == [
        ("makam", 1), ("nit_song070", 1), ("pjs", 2),
    ]  # fmt: skip
    assert recipe.made == {"seconds": 7.5, "on": ["x cpu"], "threads": [2]}
    assert [leg.seed for leg in recipe.legs] == [4]
    assert commands(recipe)[0] == (
        "asa-train render --data DATA --out R/train --split train --seed 3"
    )
    assert "--config toy.toml" in commands(recipe)[4]


def test_the_command_names_a_precision_that_is_not_the_usual_one(data, tmp_path, recipe):
    assert not any("--precision" in line for line in commands(recipe))
    run = run_of(tmp_path, precision="32")
    found = recipe_of(run, **rendered(data, tmp_path), precision="float16")
    assert "--precision 32" in commands(found)[4]


def test_a_run_that_began_with_another_has_two_legs(data, tmp_path):
    before = FitConfig(id="toy", seed=1, steps=70).to_dict()
    run = run_of(tmp_path, started_from={**before, "best": {"step": 60}})
    found = recipe_of(run, **rendered(data, tmp_path), precision="float16")
    assert [(leg.seed, leg.steps) for leg in found.legs] == [(1, 70), (4, FitConfig().steps)]
    assert "--start R/toy-1/best.pt" in commands(found)[5]


def test_what_nobody_could_make_again_has_no_manifest(data, tmp_path):
    run = run_of(tmp_path)
    folders = rendered(data, tmp_path)
    with pytest.raises(AsaError) as caught:
        recipe_of(run, **{**folders, "test": tmp_path / "unknown"}, precision="float16")
    assert (caught.value.code, caught.value.facts["path"]) == (
        "calls_unknown",
        tmp_path / "unknown",
    )
    run = run_of(tmp_path, system="racc")
    with pytest.raises(AsaError) as caught:
        recipe_of(run, **folders, precision="float16")
    assert caught.value.code == "accompaniment_by_hand"
    accompanied = rendered(data, tmp_path / "music", accompany=True)
    assert recipe_of(run, **accompanied, precision="float16").legs[0].system == "racc"


def code_of(recipe: Recipe, data: Path) -> str:
    with pytest.raises(AsaError) as caught:
        verified(recipe, data)
    return caught.value.code


def test_the_corpora_are_held_against_it(recipe, data):
    assert len(verified(recipe, data)) == 4
    (data / "pjs/pjs999").mkdir()
    (data / "pjs/pjs999/pjs999_song.flac").write_bytes(b"one more is nobody's business")
    assert "pjs-pjs_male-pjs999" not in verified(recipe, data)
    path = data / FILES[0]
    path.write_bytes(b"other")
    assert code_of(recipe, data) == "corpus_file_differs"
    said: list[str] = []
    assert len(verified(recipe, data, say=said.append)) == 4
    assert len(said) == 1
    path.unlink()
    assert code_of(recipe, data) == "corpus_file_missing"
    (data / FILES[3]).unlink()
    (data / "nit_song070").rmdir()
    assert code_of(recipe, data) == "corpus_missing"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda values: values.update(schema=2), "recipe_version"),
        (lambda values: values.pop("schema"), "recipe_broken"),
        (lambda values: values.pop("legs"), "recipe_broken"),
        (lambda values: values.update(legs=[]), "recipe_broken"),
        (lambda values: values["corpora"][0].update(sha256="0" * 64), "recipe_broken"),
        (lambda values: values["corpora"][0].update(files=[]), "recipe_broken"),
        (lambda values: values["renders"]["test"][0].update(recordings=["x"]), "recipe_broken"),
        (lambda values: values["renders"].pop("test"), "recipe_broken"),
        (lambda values: values.update(golden=[{}]), "recipe_broken"),
        (lambda values: values.update(corpora=7), "recipe_broken"),
    ],
)
def test_a_manifest_that_does_not_hold_together_is_refused(recipe, tmp_path, change, code):
    values = recipe.to_dict()
    values = json.loads(json.dumps(values))
    change(values)
    (tmp_path / RECIPE).write_text(json.dumps(values))
    with pytest.raises(AsaError) as caught:
        read_recipe(tmp_path / RECIPE)
    assert caught.value.code == code


def test_other_versions_are_said(recipe):
    assert other_versions(recipe) == []
    (line,) = other_versions(replace(recipe, versions={**recipe.versions, "torch": "0.1"}))
    assert "torch" in line
    assert "(was 0.1)" in line
