"""Training on a table: every system, resumed and shared; what the run and its model remember."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile
import torch
from asa_training import fit
from asa_training.__main__ import main
from asa_training.export import export
from asa_training.hub import write_hub
from asa_training.labelled import Labelled
from asa_training.learnt import Origin, by_marks_alone, learnt_of, without_singers
from asa_training.marked.table import from_manifest
from asa_training.parts import keep_recordings, read_parts, read_recordings
from carried import ROOT
from made_renditions import scene, small_scene
from marked_table import CONFIG, Table, table

from asa_desktop.core.errors import UsageError
from asa_desktop.core.model_published import RECORDINGS, read_published
from asa_desktop.core.models import load_model

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Table:
    return table(tmp_path_factory.mktemp("t"), songs=2, singers=4)


def trained(made: Table, run: Path, *, target: str = "overall", minutes=None, start=None, **config):
    config = replace(CONFIG, **{"id": "tiny", **config})
    training, validation = from_manifest(
        made.path, root=None, target=target, cache=made.cache, config=config
    )
    return fit.train(
        config, training=training, validation=validation, run=run, device=CPU, minutes=minutes,
        start=start,
    )  # fmt: skip


def weights(run: Path) -> list[torch.Tensor]:
    return list(torch.load(run / "checkpoint.pt", weights_only=True)["network"].values())


@pytest.mark.parametrize("system", ["rori", "racc", "direct", "delta"])
def test_a_run_that_was_broken_off_ends_with_the_same_bits(made, tmp_path, system):
    trained(made, tmp_path / "whole", system=system)
    trained(made, tmp_path / "broken", system=system, minutes=1e-9)
    trained(made, tmp_path / "broken", system=system)
    one, other = weights(tmp_path / "whole"), weights(tmp_path / "broken")
    assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))
    lines = [json.loads(line) for line in (tmp_path / "whole" / "log.jsonl").open()]
    assert all(line["validation_rank"] is not None for line in lines)


def test_what_was_learnt_from_is_written_down(made, tmp_path):
    trained(made, tmp_path)
    listed = read_recordings(tmp_path)
    assert len(listed) == 2 * 4 * 2 + 2
    ran = subprocess.run(
        ["sha256sum", "--check", "--quiet", tmp_path / RECORDINGS], cwd=made.root, check=False
    ) if shutil.which("sha256sum") else None  # fmt: skip
    assert ran is None or ran.returncode == 0
    (part,) = read_parts(tmp_path)
    assert part["training"]["recordings"] == part["validation"]["recordings"] == 10
    assert len(part["training"]["sha256"]) == 64
    record = json.loads((tmp_path / "config.json").read_text())
    assert record["marks"] == {"manifest": "m.csv", "target": "overall"}
    assert record["learnt"]["songs"] == ["song0", "song1"]
    assert {each["licence"] for each in record["learnt"]["from"]} == {"CC BY 4.0"}


def test_a_run_goes_on_with_the_marks_that_it_began_with(made, tmp_path):
    trained(made, tmp_path, steps=3)
    renditions = small_scene("a")
    with pytest.raises(UsageError) as caught:
        fit.train(replace(CONFIG, id="tiny"), training=renditions, validation=renditions,
                  run=tmp_path, device=CPU)  # fmt: skip
    assert (caught.value.code, caught.value.facts["what"]) == ("run_of_another", "marks")


def test_a_table_that_changed_is_told_of_and_nothing_is_forgotten(made, tmp_path, capsys):
    trained(made, tmp_path, steps=3)
    fewer = replace(made, rows=[row for row in made.rows if row.singer != "train0"])
    before = made.path.read_text("utf-8")
    fewer.write()
    capsys.readouterr()
    trained(made, tmp_path)
    made.path.write_text(before, "utf-8")
    assert "not as in the part before step 3: training" in capsys.readouterr().out
    assert f"{made.rows[0].sha256}  {made.rows[0].path}" in read_recordings(tmp_path)
    record = json.loads((tmp_path / "config.json").read_text())
    assert [each["singer"] for each in record["learnt"]["from"]] == [f"train{n}" for n in range(4)]


def test_a_run_that_is_over_learns_of_nobody_more(made, tmp_path):
    fewer = replace(made, rows=[row for row in made.rows if row.singer != "train0"])
    before = made.path.read_text("utf-8")
    fewer.write()
    trained(made, tmp_path, steps=3)
    record = (tmp_path / "config.json").read_text()
    made.path.write_text(before, "utf-8")
    trained(made, tmp_path, steps=3)
    assert (tmp_path / "config.json").read_text() == record
    assert "train0" not in record


def test_names_with_odd_ends_of_lines_stay_whole(tmp_path):
    clips = Labelled(
        scores=[1.0],
        places=[],
        cut=lambda number: None,
        origin=Origin("m.csv", "overall", (), (), files=(("a\u2028/b\u2028", "0" * 64),)),
    )
    keep_recordings(tmp_path, [clips], before=[])
    assert read_recordings(tmp_path) == ["0" * 64 + "  a\u2028/b\u2028"]
    assert read_recordings(tmp_path / "nothing") == []


def test_a_run_that_begins_with_another_remembers_its_recordings(made, tmp_path):
    trained(made, tmp_path / "first", steps=1)
    renditions = small_scene("a")
    config = replace(CONFIG, steps=1)
    fit.train(config, training=renditions, validation=renditions, run=tmp_path / "next",
              device=CPU, start=tmp_path / "first" / "best.pt")  # fmt: skip
    assert read_recordings(tmp_path / "next") == read_recordings(tmp_path / "first")


def exported(made: Table, tmp_path: Path, system: str, test: list) -> dict:
    trained(made, tmp_path / "run", system=system)
    return export(
        tmp_path / "run", tmp_path / "m", training=[], validation=scene("a"), test=test
    )  # fmt: skip


def test_the_model_says_what_it_learnt_from(made, tmp_path):
    card = exported(made, tmp_path, "delta", scene("b", singer="two"))
    assert load_model(tmp_path / "m", device="cpu").card.licence == "CC BY 4.0"
    assert "people's marks of overall" in card["scale"]
    (data,) = card["training"]["data"]
    assert (data["singers"], data["recordings"], data["licence"]) == (4, 8, "CC BY 4.0")
    assert "train0" not in json.dumps(card), "no names of singers"
    text = (tmp_path / "m" / "MODEL_CARD.md").read_text("utf-8")
    assert "no listener gave" not in text
    assert "| m.csv | overall | 4 | 8 |" in text
    digests = (tmp_path / "m" / RECORDINGS).read_text().split()
    assert made.rows[0].sha256 in digests
    assert all(len(each) == 64 for each in digests)
    write_hub(tmp_path / "m", tmp_path / "hub")
    assert (tmp_path / "hub" / RECORDINGS).read_text().split() == digests
    assert read_published(tmp_path / "hub").passed_over == ()


def test_an_unknown_licence_is_said(tmp_path):
    made = table(tmp_path / "t", songs=1, singers=2, licence="")
    card = exported(made, tmp_path, "direct", scene("b", singer="two"))
    assert "unknown" in card["licence"]
    assert main(["export", "--hf", "--model", str(tmp_path / "m"), "--out", str(tmp_path / "h")])


@pytest.mark.parametrize(
    ("name", "source", "singer"),
    [("singer", "b", "train1"), ("singer", "b", "validation1"), ("song", "song1", "two")],
)
def test_a_test_on_the_same_people_or_songs_is_refused(made, tmp_path, name, source, singer):
    with pytest.raises(UsageError) as caught:
        exported(made, tmp_path, "direct", scene(source, singer=singer))
    assert caught.value.code == "test_was_trained_on"
    assert caught.value.facts["what"] == name
    assert not (tmp_path / "m").exists()


@pytest.mark.slow
def test_two_processes_have_the_loss_of_one(made, tmp_path):
    (tmp_path / "c.toml").write_text(
        'system = "rori"\nsteps = 4\nclips = 4\nperformances = 2\nwarmup = 1\ncheck_every = 2\n'
        'norms = "fixed"\nprecision = "32"\n[network]\nwidth = 4\nfeed_forward = 8\nlayers = 1\n'
        "heads = 2\nembedding = 8\ndropout = 0.0\n"
    )
    losses = []
    for devices in (1, 2):
        run = tmp_path / str(devices)
        words = ["train", "--config", tmp_path / "c.toml", "--manifest", made.path, "--cache",
                 made.cache, "--run", run, "--device", "cpu", "--devices", devices]  # fmt: skip
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), f"{ROOT}/training"])}
        ran = subprocess.run(
            [sys.executable, "-m", "asa_training", *map(str, words)],
            capture_output=True, text=True, check=False, env=environ,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr
        lines = (run / "steps.csv").read_text().splitlines()[1:]
        losses.append([float(line.split(",")[1]) for line in lines])
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)


def test_real_singing_from_a_folder_of_takes(tmp_path, capsys):
    """Original and takes of it at other speeds, so in other keys and tempi; one other song."""
    singing = ROOT / "tests" / "data" / "singing"
    sound, rate = soundfile.read(singing / "pjs001.flac")
    folder = tmp_path / "exam"
    for name, speed in (("anna", 1.06), ("ben", 0.95), ("cleo", 1.02)):
        (folder / name).mkdir(parents=True)
        soundfile.write(folder / name / "t.flac", sound, round(rate * speed))
    (folder / "dora").mkdir()
    shutil.copyfile(singing / "nit_029.flac", folder / "dora" / "t.flac")
    shutil.copyfile(singing / "pjs001.flac", folder / "reference.flac")
    (folder / "marks.csv").write_text(
        "file,overall [1-5],split\nanna/t,5,train\nben/t,1,train\ndora/t,2,train\n"
        "cleo/t,4,validation\n"
    )
    cache, manifest = str(tmp_path / "cache"), str(folder / "m.csv")
    assert main(["import", "takes", str(folder), "--out", manifest]) == 0
    assert main(["prepare", "--manifest", manifest, "--cache", cache, "--workers", "1"]) == 0
    capsys.readouterr()
    said: list[str] = []
    config = replace(CONFIG, system="rori")
    training, validation = from_manifest(
        Path(manifest), root=None, target="overall", cache=Path(cache), config=config,
        tell=said.append,
    )  # fmt: skip
    assert any("not found in their references, and left out: dora/t.flac" in each for each in said)
    assert len(set(training.takes)) == 2
    assert sorted(set(training.scores.tolist())) == [0.0, 100.0]
    assert set(validation.places) <= set(training.places)
    for number in range(len(training.scores)):
        own, original = training.cut(number), training.reference(number)
        stranger = training.reference((number + 1) % len(training.scores))
        near, far = (float(abs(own[3] - each[3]).mean()) for each in (original, stranger))
        assert near < far, "the pitch is the original's at the same place, key and tempo forgiven"


def test_a_tower_that_learnt_from_marks_is_remembered(made, tmp_path):
    trained(made, tmp_path / "tower", system="rori", steps=1)
    renditions = small_scene("a")
    config = replace(CONFIG, system="embdirect", tower_from=str(tmp_path / "tower"), steps=1)
    fit.train(config, training=renditions, validation=renditions, run=tmp_path / "run", device=CPU)
    assert read_recordings(tmp_path / "run") == read_recordings(tmp_path / "tower")
    record = json.loads((tmp_path / "run" / "config.json").read_text())
    (learnt,) = learnt_of(record)
    assert (learnt.manifest, learnt.songs) == ("m.csv", ("song0", "song1"))
    assert not by_marks_alone(record)
    assert "train0" in json.dumps(record)
    assert "train0" not in json.dumps(without_singers(record))


def test_renditions_that_a_tower_learnt_from_are_asked_for(made, tmp_path):
    """Their licence is the weights', too, and a run's record does not know it."""
    renditions = small_scene("a")
    config = replace(CONFIG, steps=1)
    fit.train(config, training=renditions, validation=renditions, run=tmp_path / "tower",
              device=CPU)  # fmt: skip
    trained(made, tmp_path / "run", system="embdirect", tower_from=str(tmp_path / "tower"), steps=1)
    record = json.loads((tmp_path / "run" / "config.json").read_text())
    assert not by_marks_alone(record)
    known = {**record, "tower": {**record["tower"], "licence": "CC BY-SA 4.0"}}
    assert by_marks_alone(known), "a model says it itself"
