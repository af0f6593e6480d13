"""A model as a hub takes it, read by the hub's own library, and the way back into the program."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from asa_training import export
from asa_training.__main__ import main
from asa_training.hub import LICENCE_TEXTS, write_hub
from carried import ROOT
from material import read_card, untrained_model, write_card

from asa_desktop.cli import app
from asa_desktop.core.models import validate_model
from asa_desktop.services.model_install import install_pack

RORI = ROOT / "models" / "rori-3"
MACHINE_PATH = re.compile(r"(?:^|[\s\"'`(=])(?:/(?:home|root|tmp|work|Users|opt|mnt)/|[A-Za-z]:\\)")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASA_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "models"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("hub") / "rori-3"
    assert main(["export", "--hf", "--model", str(RORI), "--out", str(out)]) == 0
    return out


def another(hub: Path, folder: Path, name: str = "rori-mine") -> Path:
    """The same model under an id that did not come with the program, as a hub's folder."""
    model = shutil.copytree(RORI, folder / "model")
    write_card(model, {**read_card(model), "id": name})
    write_hub(model, folder / name)
    return folder / name


def test_the_folder_holds_what_a_hub_wants_and_nothing_of_this_machine(hub):
    assert {path.name for path in hub.iterdir()} == {
        ".gitattributes", "LICENSE", "README.md", "card.json", "config.json", "rebuild.json",
        "weights.safetensors",
    }  # fmt: skip
    for path in hub.iterdir():
        if path.suffix != ".safetensors":
            assert not MACHINE_PATH.search(path.read_text("utf-8")), path.name
    assert "filter=lfs" in (hub / ".gitattributes").read_text()
    assert validate_model(hub).id == "rori-3"
    for name in ("card.json", "rebuild.json", "weights.safetensors"):
        assert (hub / name).read_bytes() == (RORI / name).read_bytes()


def test_the_head_is_yaml_that_says_what_the_card_says(hub):
    _, head, _ = re.split(r"^---$", (hub / "README.md").read_text("utf-8"), flags=re.M, maxsplit=2)
    values = yaml.safe_load(head)
    card = read_card(RORI)
    assert values["license"] == "cc-by-sa-4.0"
    assert set(values["language"]) == {"ja", "tr"}
    assert values["datasets"] == sorted({each["corpus"] for each in card["training"]["data"]})
    (model,) = values["model-index"]
    measured = [each["value"] for each in model["results"][0]["metrics"]]
    assert measured[0] == card["evaluation"]["auc_pitch_0.5"]
    assert measured[-1] == card["evaluation"]["rank"]


def test_the_hubs_own_library_reads_it(hub):
    huggingface_hub = pytest.importorskip("huggingface_hub")
    read = huggingface_hub.ModelCard.load(hub / "README.md")
    assert read.data.license == "cc-by-sa-4.0"
    assert read.data.model_name == "rori-3"
    assert read.data.library_name == "asa-desktop"
    results = read.data.eval_results
    evaluation = read_card(RORI)["evaluation"]
    assert {each.metric_type for each in results} == {"roc_auc", "spearmanr"}
    assert results[0].metric_value == evaluation["auc_pitch_0.5"]
    assert yaml.safe_load(read.data.to_yaml()), "and writes it again"
    huggingface_hub.utils.validate_repo_id(f"somebody/{read.data.model_name}")
    assert json.loads((hub / "config.json").read_text())["model_type"] == "asa-desktop"


def test_the_licence_stands_there_in_full_with_those_to_be_named(hub):
    text = (hub / "LICENSE").read_text("utf-8")
    assert "Attribution-ShareAlike 4.0 International" in text
    assert "Section 8 -- Interpretation." in text
    for line in read_card(RORI)["attribution"]:
        assert f"- {line}\n" in text


def test_both_licences_are_whole():
    folder = ROOT / "training" / "asa_training" / "licences"
    assert {path.name for path in folder.iterdir()} == set(LICENCE_TEXTS.values())
    for name in LICENCE_TEXTS.values():
        text = (folder / name).read_text("utf-8")
        sections = re.findall(r"^Section (\d) -- ", text, flags=re.M)
        assert sections == list("12345678")
        assert text.endswith("Creative Commons may be contacted at creativecommons.org.\n")


def blocks(hub: Path, kind: str) -> list[str]:
    text = (hub / "README.md").read_text("utf-8").split("## How to use")[1]
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, flags=re.M | re.S)


def test_the_commands_of_the_readme_work_as_printed(hub, home, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(another(hub, tmp_path))
    (block,) = blocks(Path(), "")
    lines = block.splitlines()
    assert [line.split()[0] for line in lines] == ["asa", "asa"]
    for line in lines:
        assert app.run(line.split()[1:]) == 0
    assert "rori-mine is installed at " in capsys.readouterr().out
    assert validate_model(home / "rori-mine").id == "rori-mine"


@pytest.mark.slow
def test_the_python_of_the_readme_works_as_printed(hub, home, monkeypatch, capsys):
    monkeypatch.chdir(hub)
    (block,) = blocks(Path(), "python")
    exec(compile(block, "README.md", "exec"), {})
    assert "Overall(score=" in capsys.readouterr().out


def test_a_zip_of_it_comes_back_as_the_same_model(hub, home, tmp_path):
    folder = another(hub, tmp_path)
    for number, root in enumerate((folder, folder.parent)):
        base = folder.name if root == folder.parent else None
        zipped = shutil.make_archive(str(tmp_path / f"{number}"), "zip", root, base)
        (found,) = install_pack(Path(zipped))
        assert (found.id, found.kept, found.passed_over) == ("rori-mine", number > 0, ())
    for name in ("card.json", "weights.safetensors", "rebuild.json"):
        assert (home / "rori-mine" / name).read_bytes() == (folder / name).read_bytes()
    assert (home / "rori-mine" / "MODEL_CARD.md").read_text("utf-8").startswith("---\n")


def test_the_bundled_model_is_known_again(hub, home):
    (found,) = install_pack(hub)
    assert found.kept
    assert not home.exists()


def test_an_unchanged_model_gives_the_same_bytes(hub, tmp_path):
    write_hub(RORI, tmp_path / "again")
    for path in hub.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--hf", "--model", "nowhere"], '"nowhere" holds no model (no card.json)'),
        (["--hf", "--model", "bare"], "The licence of the weights (none, for tests)"),
        (["--hf", "--model", "lacking"], "lacks what a README is made of"),
        (["--model", "bare"], "--model goes with --hf"),
        (["--hf", "--model", "bare", "--run", "R"], "--model goes with --hf and without --run"),
        (["--hf"], "with --run, --renders, --validation, --test, --cache, too"),
        (["--run", "R"], "with --renders, --validation, --test, --cache, too"),
    ],
)
def test_what_cannot_be_a_hubs_folder_is_said_in_one_line(
    tmp_path, monkeypatch, capsys, words, said
):
    monkeypatch.chdir(tmp_path)
    untrained_model(tmp_path / "bare")
    lacking = untrained_model(tmp_path / "lacking")
    write_card(lacking, {**read_card(lacking), "licence": "CC BY 4.0"})
    assert main(["export", "--out", "out", *words]) == 2
    errors = capsys.readouterr().err
    assert said in errors
    assert errors.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("status", [0, 2])
def test_a_run_becomes_a_hubs_folder_at_once_or_not_at_all(tmp_path, monkeypatch, status):
    def exported(_args: object, out: Path) -> int:
        shutil.copytree(RORI, out)
        return status

    monkeypatch.setattr(export, "_export_run", exported)
    words = ["--run", "R", "--renders", "T", "--validation", "V", "--test", "T", "--cache", "C"]
    out = tmp_path / "hub" / "rori-3"
    assert main(["export", "--hf", "--out", str(out), *words]) == status
    if status:
        assert not out.exists()
    else:
        assert validate_model(out).id == "rori-3"
        assert (out / "README.md").is_file()
        assert not (out / "MODEL_CARD.md").exists(), "the hub shows README.md"
