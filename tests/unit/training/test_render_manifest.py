"""Recordings of one's own, listed in a manifest, rendered as those of the corpora are."""

from __future__ import annotations

import io
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
import soxr
from asa_training.__main__ import main
from asa_training.config import FitConfig
from asa_training.corpus import of_split, pairs
from asa_training.manifest import Row, write_manifest
from asa_training.recipe import RECIPE, read_recipe, recipe_of, write_recipe
from asa_training.render.batch import read_manifest
from asa_training.render.calls import read_calls
from asa_training.render.own import of_manifest
from asa_training.render.source import load_sources
from asa_training.verifying import verified
from carried import ROOT, SINGING

from asa_desktop.core.audio import sha256
from asa_desktop.core.errors import AsaError

SECTION = "## Rendering your own recordings"
RATE = 44_100
SECONDS = 4.0


def voice(name: str) -> np.ndarray:
    """Four seconds of carried singing at 44.1 kHz, (n,)."""
    sound, rate = soundfile.read(SINGING / f"{name}.flac", stop=round(SECONDS * 16_000))
    return soxr.resample(sound, rate, RATE)


def row(path: str, singer: str, **more: str) -> Row:
    return Row(**{"path": path, "singer": singer, "song": "Lied", "split": "train", **more})


ROWS = [
    row("anna.wav", "Anna Ö.", licence="CC BY 4.0", part="1"),
    row("duo.wav#left", "Ben", split="test", part="1"),
    row("duo.wav#right", "王", song="歌", split="validation", licence="all rights reserved"),
    row("silent.wav", "s1"),
    row("short.wav", "s2"),
    row("text.wav", "s3"),
    row("mono.wav#right", "s4"),
    row("other.wav", "s5", sha256="0" * 64),
    row("spare.wav", "s6", split=""),
    row("missing.wav", "s7"),
]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of recordings, good and bad ones; its table is own.csv."""
    folder = tmp_path_factory.mktemp("own")
    pjs, nit, vocadito = (voice(name) for name in ("pjs001", "nit_029", "vocadito_1"))
    soundfile.write(folder / "anna.wav", np.stack([pjs, pjs], axis=1), RATE)
    soundfile.write(folder / "duo.wav", np.stack([nit, vocadito], axis=1), RATE)
    soundfile.write(folder / "silent.wav", np.zeros(RATE), RATE)
    soundfile.write(folder / "short.wav", pjs[: RATE // 20], RATE)
    (folder / "text.wav").write_text("no sound")
    for name in ("mono", "other", "spare"):
        soundfile.write(folder / f"{name}.wav", pjs[:RATE], RATE)
    write_manifest(folder / "own.csv", ROWS)
    return folder


def render(own: Path, out: Path, split: str, *more: str) -> int:
    words = ("--manifest", own / "own.csv", "--split", split, "--out", out, *more)
    small = ("--engine", "psola", "--per-source", 2, "--workers", 1)
    return main(["render", *(str(word) for word in (*words, *small))])


@pytest.fixture(scope="module")
def rendered(own: Path, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """All three splits, and what was said of each."""
    out = tmp_path_factory.mktemp("R")
    said = {}
    for split in ("train", "validation", "test"):
        lines = io.StringIO()
        with redirect_stdout(lines), redirect_stderr(lines):
            assert render(own, out / split, split) == 0
        said[split] = lines.getvalue()
    return SimpleNamespace(out=out, said=said)


def sources(folder: Path) -> list[dict]:
    return [fact["source"] for fact in read_manifest(folder)]


def test_a_row_is_rendered_in_its_split_and_keeps_its_licence(own: Path, rendered) -> None:
    (one, _again) = sources(rendered.out / "train")
    assert (one["id"], one["corpus"]) == ("Anna_Ö-Lied_1", "own.csv")
    assert (one["singer"], one["song"], one["part"]) == ("Anna Ö.", "Lied", "1")
    assert (one["licence"], one["split"]) == ("CC BY 4.0", "train")
    assert one["sha256"] == sha256(own / "anna.wav")
    assert one["end"] - one["start"] == pytest.approx(SECONDS, abs=0.02)
    assert {each["licence"] for each in sources(rendered.out / "validation")} == {
        "all rights reserved"
    }
    assert {each["licence"] for each in sources(rendered.out / "test")} == {"unknown"}
    assert {each["id"] for each in sources(rendered.out / "validation")} == {"王-歌"}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("s1-Lied", 'silent.wav" is too short, silent or no singing'),
        ("s2-Lied", 'short.wav" is too short, silent or no singing'),
        ("s3-Lied", 'text.wav" is no sound that can be read'),
        ("s4-Lied", 'mono.wav" has no right channel'),
        ("s5-Lied", 'other.wav" is not the file that the manifest lists'),
    ],
)
def test_what_cannot_be_rendered_is_said_and_the_rest_is_done(rendered, name, why) -> None:
    (line,) = (each for each in rendered.said["train"].splitlines() if f"{name}: " in each)
    assert "0 made, 0 kept" in line
    assert why in line
    assert "2 renditions made, 0 kept, 5 recordings failed" in rendered.said["train"]


def test_what_the_table_lacks_is_said(rendered) -> None:
    assert "Rows without a split, which are in none: 1 (spare.wav)." in rendered.said["train"]
    assert "row 11, path: there is no file missing.wav" in rendered.said["train"]
    assert "The same song in several splits" in rendered.said["test"]
    assert "The same singer" not in rendered.said["test"]


def test_a_channel_is_a_recording_of_its_own(own: Path, tmp_path: Path) -> None:
    found, _ = of_manifest(own / "own.csv")
    both = {one.channel: one for one in found if one.channel and one.path.name == "duo.wav"}
    (left,), (right,) = (load_sources(both[side], kept=tmp_path) for side in ("left", "right"))
    for source, name in ((left, "nit_029"), (right, "vocadito_1")):
        sound, _ = soundfile.read(SINGING / f"{name}.flac", stop=source.audio.size)
        # Twice resampled and rounded to 16 bits.
        assert np.corrcoef(source.audio, sound)[0, 1] > 0.999
    assert not np.array_equal(left.f0, right.f0)
    assert left.sha256 == right.sha256
    assert left.content != right.content


def test_pairs_of_singers_come_from_the_table_too(own: Path) -> None:
    found, _ = of_manifest(own / "own.csv")
    assert [[one.singer for one in each] for each in pairs(found)] == [["Anna Ö.", "Ben"]]


def test_a_second_call_makes_nothing(own: Path, rendered, capsys) -> None:
    before = read_calls(rendered.out / "test")
    assert render(own, rendered.out / "test", "test") == 0
    assert "0 renditions made, 2 kept" in capsys.readouterr().out
    assert read_calls(rendered.out / "test") == before


def test_a_licence_that_was_mended_reaches_what_is_rendered(own: Path, tmp_path: Path) -> None:
    out, table = tmp_path / "R", tmp_path / "own.csv"
    changed = []
    for licence in ("CC BY 4.0", "CC BY 4.0", "CC BY-SA 4.0"):
        write_manifest(table, [replace(ROWS[0], licence=licence)])
        assert render(own, out, "train", "--manifest", str(table), "--root", str(own)) == 0
        assert {each["licence"] for each in sources(out)} == {licence}
        changed.append([{path: path.stat().st_mtime_ns for path in out.glob(f"*/*.{kind}")}
                        for kind in ("flac", "json")])  # fmt: skip
    (sounds, truths), again, (mended, told) = changed
    assert again == [sounds, truths]
    assert mended == sounds
    assert told.keys() == truths.keys()
    assert told != truths


def test_renditions_are_verified_against_the_table_that_they_come_from(
    own: Path, rendered, tmp_path: Path, capsys
) -> None:
    words = ["verify-renders", "--renders", str(rendered.out / "test"), "--sample", "1"]
    assert main([*words, "--manifest", str(own / "own.csv")]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("psola: 1 renditions")
    assert float(first.split("pitch ")[1].split(" cents")[0]) < 8
    write_manifest(own / "less.csv", [ROWS[0]])
    assert main([*words, "--manifest", str(own / "less.csv")]) == 2
    assert "does not have Ben-Lied_1, which was rendered" in capsys.readouterr().err


def test_the_folder_names_no_place_and_the_command_says_what_it_was(own: Path, rendered) -> None:
    (call,) = read_calls(rendered.out / "test")
    assert shlex.split(call.command(data="DATA", out="R/test"))[2:6] == [
        "--manifest", "own.csv", "--root", "DATA",
    ]  # fmt: skip
    (used,) = call.recordings
    assert (used.path, used.singer, used.licence) == ("duo.wav#left", "Ben", "unknown")
    for path in rendered.out.rglob("*.json*"):
        assert str(own) not in path.read_text("utf-8")


def test_the_root_may_be_another_folder(own: Path, tmp_path: Path, capsys) -> None:
    write_manifest(tmp_path / "far.csv", [ROWS[0]])
    words = ["--manifest", str(tmp_path / "far.csv"), "--root", str(own), "--split", "train"]
    small = ["--engine", "psola", "--per-source", "1", "--workers", "1"]
    assert main(["render", *words, *small, "--out", str(tmp_path / "R")]) == 0
    assert "Anna_Ö-Lied_1: 1 made" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rows", "more", "said"),
    [
        ([row("anna.wav", "a b"), row("spare.wav", "A_B")], (), "would both be called A_B-Lied"),
        ([row("anna.wav", "a")], ("--only", "b"), "has no recording of the split train"),
        ([row("anna.wav", "a", split="test")], (), "has no recording of the split train"),
        ([row("silent.wav", "a")], (), "nothing could be rendered: "),
        ([row("anna.wav", "ä" * 101)], (), "their names are too long: 1 (anna.wav)"),
    ],
)
def test_a_table_that_cannot_be_rendered_is_one_sentence(
    own: Path, tmp_path: Path, capsys, rows: Sequence[Row], more: Sequence[str], said: str
) -> None:
    write_manifest(own / "bad.csv", rows)
    words = ["--manifest", str(own / "bad.csv"), "--split", "train", "--workers", "1", *more]
    assert main(["render", *words, "--out", str(tmp_path / "R")]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert "Traceback" not in captured.err
    assert not list(tmp_path.glob("R/*/*.flac"))


@pytest.mark.parametrize("place", ["../anna.wav", "/anna.wav", "link.wav"])
def test_nothing_outside_the_root_is_rendered(own: Path, tmp_path: Path, capsys, place) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "link.wav").symlink_to(own / "anna.wav")
    (inner / "own.csv").write_text(f"path,singer,song,split\n{place},a,b,train\n")
    assert render(inner, tmp_path / "R", "train") == 2
    assert "row 2, path: " in capsys.readouterr().err
    assert not (tmp_path / "R").exists()


def test_either_corpora_or_a_table(tmp_path: Path, capsys) -> None:
    for words in ([], ["--data", "d", "--manifest", "m.csv"]):
        with pytest.raises(SystemExit):
            main(["render", "--split", "train", "--out", str(tmp_path), *words])


@pytest.fixture
def recipe(rendered, tmp_path: Path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "config.json").write_text(json.dumps(FitConfig(id="toy").to_dict()))
    (run / "log.jsonl").write_text(
        json.dumps({"step": 1, "kept": True, "seconds": 1.0, "on": "x cpu", "threads": 2}) + "\n"
    )
    folders = {"renders": "train", "validation": "validation", "test": "test"}
    places = {name: rendered.out / split for name, split in folders.items()}
    found = recipe_of(run, **places, precision="float16")
    write_recipe(tmp_path / RECIPE, found)
    assert read_recipe(tmp_path / RECIPE) == found
    return found


def test_a_model_is_made_again_without_the_table(own: Path, recipe) -> None:
    (corpus,) = recipe.corpora
    assert corpus.name == "own.csv"
    assert corpus.licence == "CC BY 4.0, all rights reserved, unknown"
    listed, _ = of_manifest(own / "own.csv")
    # One file was not the listed one when it was rendered, and the recipe says what it was.
    wanted = {one.id: replace(one, listed="") for one in listed if one.split is not None}
    assert verified(recipe, own) == wanted
    assert {one.id for one in of_split(wanted.values(), "test")} == {"Ben-Lied_1"}


def test_recordings_that_changed_or_went_stop_it(own: Path, recipe, tmp_path: Path) -> None:
    def code() -> str:
        with pytest.raises(AsaError) as caught:
            verified(recipe, tmp_path / "copy")
        return caught.value.code

    copy = tmp_path / "copy"
    copy.mkdir()
    for path in own.glob("*.wav"):
        (copy / path.name).write_bytes(path.read_bytes())
    assert len(verified(recipe, copy)) == 8
    (copy / "anna.wav").write_bytes(b"other")
    assert code() == "corpus_file_differs"
    (copy / "anna.wav").unlink()
    (copy / "anna.wav").symlink_to(own / "anna.wav")
    assert code() == "corpus_file_missing", "a link that leads out is not followed"


@pytest.mark.parametrize(
    ("name", "value"), [("path", "../x.wav"), ("path", "/x.wav"), ("id", "../x")]
)
def test_a_recipe_that_leads_outside_is_refused(recipe, tmp_path: Path, name, value) -> None:
    corpus = recipe.corpora[0]
    files = (replace(corpus.files[0], **{name: value}), *corpus.files[1:])
    write_recipe(
        tmp_path / RECIPE,
        replace(recipe, corpora=(replace(corpus, files=files),)),
    )
    with pytest.raises(AsaError) as caught:
        read_recipe(tmp_path / RECIPE)
    assert caught.value.code == "recipe_broken"
    assert "would lead out of its folder" in str(caught.value.facts["why"])


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(sys.platform == "win32", reason="it is written for a shell")
def test_the_walk_of_the_readme_runs_as_written_and_the_model_is_made_again(tmp_path: Path) -> None:
    text = (ROOT / "training" / "README.md").read_text("utf-8").split(f"{SECTION}\n", 1)[1]
    block = re.search(r"^```\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)[1]
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    (tmp_path / "training").symlink_to(ROOT / "training")
    command = f"{shlex.quote(sys.executable)} -m asa_training"
    again = block.splitlines()[-1].removesuffix(" --dry-run")
    script = re.sub(r"^asa-train\b", command, f"{block}{again}\n", flags=re.MULTILINE)
    ran = subprocess.run(
        ["sh", "-ec", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, f"{ran.stdout}{ran.stderr}"
    assert "the weights are the same, byte for byte" in ran.stdout
    card = json.loads((tmp_path / "R/model/card.json").read_text("utf-8"))
    assert card["licence"] == "CC BY-SA 4.0"
    assert [each["singer"] for each in card["training"]["data"]] == ["Koguchi"]
