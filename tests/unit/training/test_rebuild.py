"""A model made again: from a few seconds of voice, by the manifest that its export wrote."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
import soundfile
from asa_training.__main__ import main
from asa_training.golden import resources
from asa_training.learner import Learner
from asa_training.recipe import RECIPE, read_recipe
from asa_training.verifying import verified
from asa_training.windows import Batch
from singing_voice import RATE, TUNE, melody_f0, sing
from torch import Tensor

TAKE = resources() / "demo" / "takes" / "pjs-medley.flac"
SONG = resources() / "demo" / "pjs-medley"
VOICES = {
    "pjs/pjs001/pjs001_song.flac": 1.0,
    "pjs/pjs002/pjs002_song.flac": 1.2,
    "pjs/pjs003/pjs003_song.flac": 0.9,
    "makam/guelcin/02_Kimseye_1.flac": 1.1,
    "nit_song070/nit_029.flac": 1.3,
}
CONFIG = """
id = "toy"
system = "direct"
choose = "loss"
draw = "any"
seed = 3
steps = 12
clips = 4
performances = 1
warmup = 2
check_every = 4
[network]
width = 8
feed_forward = 16
layers = 1
heads = 2
embedding = 8
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def asa_train(*words: object) -> None:
    assert main([str(word) for word in words]) == 0


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for seed, (name, higher) in enumerate(VOICES.items()):
        place = folder / name
        place.parent.mkdir(parents=True)
        tune = [(hz * higher, seconds) for hz, seconds in (*TUNE, *TUNE[::-1])]
        soundfile.write(place, sing(melody_f0(tune, vibrato_cents=30), seed=seed), RATE)
    return folder


@pytest.fixture(scope="module")
def model(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """By the commands one after the other; pjs003 is left out of the training."""
    work = tmp_path_factory.mktemp("first")
    (work / "toy.toml").write_text(CONFIG)
    for split, engine, more in (
        ("train", "world", ("--exclude", "pjs003")),
        ("validation", "world", ()),
        ("test", "psola", ("--probes", 1)),
    ):
        asa_train(
            "render", "--data", data, "--split", split, "--engine", engine, "--per-source", 7,
            "--seed", 5, "--workers", 1, "--out", work / split, *more,
        )  # fmt: skip
    folders = [work / split for split in ("train", "validation", "test")]
    asa_train("prepare", "--renders", *folders, "--cache", work / "c", "--workers", 1)
    shared = ("--renders", folders[0], "--validation", folders[1], "--cache", work / "c")
    asa_train("train", "--config", work / "toy.toml", *shared, "--run", work / "run")
    asa_train(
        "export", "--run", work / "run", *shared, "--test", folders[2], "--out", work / "toy",
        "--golden", TAKE, SONG,
    )  # fmt: skip
    return work / "toy"


@pytest.fixture(scope="module")
def rebuilt(model: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made again in a folder of its own, stopped once in the middle of the training."""
    work = tmp_path_factory.mktemp("again")
    step = Learner.training_step

    def stopped(learner: Learner, batch: Batch, number: int) -> Tensor:
        if learner.step == 6:
            raise KeyboardInterrupt
        return step(learner, batch, number)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Learner, "training_step", stopped)
        assert rebuild(model / RECIPE, data, work) == 130
    assert not (work / "model").exists()
    assert rebuild(model / RECIPE, data, work) == 0
    return work


def rebuild(recipe: Path, data: Path, work: Path, *more: str) -> int:
    words = ("--manifest", recipe, "--data", data, "--work", work, "--workers", 1, *more)
    return main(["rebuild", *(str(word) for word in words)])


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_card_and_its_manifest_tell_how_the_model_came_about(model: Path) -> None:
    made = json.loads((model / "card.json").read_text("utf-8"))["made"]
    assert [each["name"] for each in made["corpora"]] == ["makam", "nit_song070", "pjs"]
    assert made["corpora"][2]["files"] == 2
    assert made["seconds"] > 0
    assert made["versions"]["torch"]
    assert made["manifest"] == RECIPE
    assert made["commands"][0] == (
        "asa-train render --data DATA --out R/train --split train --per-source 7 --seed 5"
        " --exclude pjs003"
    )
    assert any("--config toy.toml" in line for line in made["commands"])
    text = (model / RECIPE).read_text("utf-8")
    assert str(model.parent) not in text
    assert "/tmp" not in text
    recipe = read_recipe(model / RECIPE)
    assert recipe.weights_sha256 == digest(model / "weights.safetensors")
    assert len(recipe.golden[0].clips) > 3


def test_a_corpus_is_named_by_what_sha256sum_says_of_its_files(model: Path, data: Path) -> None:
    (pjs,) = (each for each in read_recipe(model / RECIPE).corpora if each.name == "pjs")
    names = [name for name in VOICES if name.startswith("pjs/") and "003" not in name]
    listed = "".join(f"{digest(data / name)}  {name}\n" for name in sorted(names))
    assert pjs.sha256 == hashlib.sha256(listed.encode()).hexdigest()


def test_what_is_made_again_is_the_same_byte_for_byte(model: Path, rebuilt: Path) -> None:
    name = "weights.safetensors"
    assert digest(model / name) == digest(rebuilt / "model" / name)
    one, other = (
        json.loads((each / "card.json").read_text("utf-8")) for each in (model, rebuilt / "model")
    )
    assert one["evaluation"] == other["evaluation"]
    assert one["made"]["commands"][:4] == other["made"]["commands"][:4]


def test_a_second_call_goes_on_where_the_first_one_stopped(
    model: Path, rebuilt: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = (rebuilt / "run-1" / "log.jsonl").read_bytes()
    assert rebuild(model / RECIPE, data, rebuilt) == 0
    printed = capsys.readouterr().out
    assert "0 renditions made" in printed
    assert "byte for byte" in printed
    assert f"all {len(read_recipe(model / RECIPE).golden[0].clips)} lie within 1 point" in printed
    assert (rebuilt / "run-1" / "log.jsonl").read_bytes() == log


def test_a_score_that_lies_off_is_said(
    model: Path, rebuilt: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = json.loads((model / RECIPE).read_text("utf-8"))
    clips = values["golden"][0]["clips"]
    first = next(iter(clips))
    clips[first] += 1.2
    (tmp_path / RECIPE).write_text(json.dumps(values))
    assert rebuild(tmp_path / RECIPE, data, rebuilt) == 2
    printed = capsys.readouterr()
    assert printed.out.count("<- off") == 1
    assert f"1 of {len(clips)} golden scores lie off by more than 1.0 point" in printed.err


def test_what_is_wrong_with_the_corpora_is_one_sentence(
    model: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copytree(data, tmp_path / "data")
    shutil.copy(copy / "pjs/pjs001/pjs001_song.flac", copy / "pjs/pjs002/pjs002_song.flac")

    def said() -> str:
        assert rebuild(model / RECIPE, copy, tmp_path / "work") == 2
        return capsys.readouterr().err

    assert "1 of 2 files of pjs are not those that the model was trained on" in said()
    lines: list[str] = []
    found = verified(read_recipe(model / RECIPE), copy, say=lines.append)
    assert len(found) == 4
    assert len(lines) == 1
    assert "1 of 2 files of pjs are not those" in lines[0]
    (copy / "pjs/pjs001/pjs001_song.flac").unlink()
    missing = said()
    assert "1 of 2 files of pjs are missing" in missing
    assert "pjs001_song.flac" in missing
    shutil.rmtree(copy / "nit_song070")
    assert "There is no" in (sentence := said())
    assert "NIT-SONG070" in sentence
    assert not (tmp_path / "work" / "train").exists(), "nothing is rendered before"


@pytest.mark.parametrize("wrong", ["hash", "schema", "json", "empty"])
def test_a_manifest_that_contradicts_itself_is_refused(
    model: Path, data: Path, tmp_path: Path, wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    values = json.loads((model / RECIPE).read_text("utf-8"))
    if wrong == "hash":
        values["corpora"][0]["files"][0]["sha256"] = "0" * 64
    elif wrong == "schema":
        values["schema"] = 99
    elif wrong == "empty":
        values = {"schema": 1}
    text = "{" if wrong == "json" else json.dumps(values)
    (tmp_path / RECIPE).write_text(text)
    assert rebuild(tmp_path / RECIPE, data, tmp_path / "work") == 2
    said = capsys.readouterr().err
    assert ("is of version 99" if wrong == "schema" else "is no manifest to rebuild by") in said


def test_a_dry_run_prints_the_plan_and_does_nothing(
    model: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rebuild(model / RECIPE, data, tmp_path / "work", "--dry-run") == 0
    printed = capsys.readouterr().out
    assert "toy, by 1 training run(s) on 4 recordings" in printed
    assert "[8/8] golden scores of 1 bundled take(s) compared" in printed
    assert "asa-train export" in printed
    assert not (tmp_path / "work").exists()
