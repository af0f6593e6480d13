"""From a data folder to renditions on disk, and again without doing it twice."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from asa_training.corpus import of_split, recordings
from asa_training.render.batch import Job, read_manifest, read_rendition, render_all, run_job
from asa_training.render.command import register
from asa_training.render.engines import engine
from asa_training.render.plan import DEFECTS
from asa_training.render.rendition import Singer
from asa_training.render.source import load_sources
from asa_training.render.truth import realised
from asa_training.segment import find_notes, track_f0
from singing_voice import RATE, melody_f0, sing

from asa_desktop.core.errors import PlaceError


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for name in ("pjs001", "pjs002"):
        place = folder / "pjs" / name / f"{name}_song.flac"
        place.parent.mkdir(parents=True)
        soundfile.write(place, sing(melody_f0()), RATE)
    broken = folder / "pjs" / "pjs003" / "pjs003_song.flac"
    broken.parent.mkdir()
    broken.write_bytes(b"not a sound")
    return folder


def jobs(data: Path, out: Path, *, count: int = 6, seed: int = 1) -> list[Job]:
    return [
        Job(recording=one, out=out, engines=("psola",), count=count, probes=1, seed=seed)
        for one in of_split(recordings(data), "train")
    ]


@pytest.fixture(scope="module")
def rendered(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    results = render_all(jobs(data, out), workers=1)
    assert [(one.made, one.kept) for one in results] == [(8, 0), (8, 0), (0, 0)]
    assert "is no sound that can be read" in results[2].fault
    return out


def test_renditions_share_one_clock_and_tell_what_they_are(data: Path, rendered: Path) -> None:
    sounds = sorted(rendered.glob("pjs-pjs_male-pjs001/*.flac"))
    assert len(sounds) == 8
    source = soundfile.info(of_split(recordings(data), "train")[0].path)
    for path in sounds:
        info = soundfile.info(path)
        assert (info.samplerate, info.channels) == (RATE, 1)
        assert info.frames == source.frames
        facts, plan, truth = read_rendition(path)
        assert path.stem.startswith(f"{plan.role}-")
        assert path.stem.endswith(facts["key"])
        assert facts["source"]["licence"] == "CC BY-SA 4.0"
        assert facts["source"]["singer"] == "pjs_male"
        measured = realised(truth, 0.0, truth.seconds)
        assert facts["realised"] == pytest.approx(measured, abs=1e-4)
        asked = plan.to_json()["severities"]
        for name in DEFECTS:
            # a tune without long notes has no vibrato to lose
            if name != "vibrato" or measured["vibrato_notes"] > 0:
                assert (measured[name] > 0) == (asked[name] > 0)


def test_the_manifest_lists_them_all(rendered: Path) -> None:
    lines = [json.loads(one) for one in (rendered / "manifest.jsonl").read_text().splitlines()]
    assert len(lines) == 16
    assert all((rendered / one["path"]).exists() for one in lines)
    assert not list(rendered.rglob(".*.part"))


def test_a_second_run_makes_nothing_and_a_lost_one_comes_back(data: Path, rendered: Path) -> None:
    job = jobs(data, rendered)[0]
    lost = sorted(rendered.glob("pjs-pjs_male-pjs001/positive-*.flac"))[0]
    before = lost.read_bytes()
    lost.unlink()
    done = run_job(job)
    assert (done.made, done.kept) == (1, 7)
    assert lost.read_bytes() == before
    assert run_job(job).made == 0


def test_another_seed_replaces_what_was_there(data: Path, tmp_path: Path) -> None:
    first = jobs(data, tmp_path, count=2)[0]
    run_job(first)
    old = {path.name for path in tmp_path.glob("*/*.flac")}
    run_job(jobs(data, tmp_path, count=2, seed=2)[0])
    new = {path.name for path in tmp_path.glob("*/*.flac")}
    assert len(new) == len(old) == 4
    assert not old & new


def test_the_truth_is_in_the_sound(data: Path, tmp_path: Path) -> None:
    from asa_training.render.plan import Harmless, Plan, Severities

    source = load_sources(of_split(recordings(data), "train")[0])[0]
    plan = Plan(
        role="negative",
        engine="world",
        seed=11,
        severities=Severities(off_pitch=0.6, timing=0.5),
        harmless=Harmless(transpose_cents=250.0, restored=True),
    )
    sound, truth = Singer(source, engine("world")).dry(plan)
    heard = track_f0(sound, RATE)
    cents = 1200 * np.log2(np.maximum(heard, 1) / 55)
    for one in truth.notes:
        middle = slice(round((one.start + 0.1) / 0.005), round((one.end - 0.08) / 0.005))
        wanted = one.cents + one.off_cents + 250.0
        assert np.median(cents[middle]) == pytest.approx(wanted, abs=8)
    starts = [one.start for one in find_notes(heard)]
    for one in truth.notes:
        assert min(abs(one.start - found) for found in starts) < 0.04


def command(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())
    return parser.parse_args(["render", *arguments])


def test_the_command_renders_a_split(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out")
    args = command(
        *("--data", str(data), "--out", out, "--split", "train", "--engine", "psola"),
        *("--per-source", "2", "--workers", "1", "--exclude", "pjs002"),
        *("--design", "grid", "--sway", "0.02", "--accompany"),
    )
    assert args.run(args) == 0
    music = tmp_path / "out" / "pjs-pjs_male-pjs001" / "accompaniment.flac"
    source = soundfile.info(of_split(recordings(data), "train")[0].path)
    assert soundfile.info(music).frames == source.frames
    printed = capsys.readouterr().out
    assert "pjs-pjs_male-pjs001: 2 made, 0 kept" in printed
    assert "pjs002" not in printed
    assert "2 renditions made, 0 kept, 1 recordings failed" in printed


def test_the_command_says_when_nothing_could_be_rendered(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = command(
        *("--data", str(data), "--out", str(tmp_path), "--split", "train", "--workers", "1"),
        *("--exclude", "pjs001", "pjs002"),
    )
    assert args.run(args) == 2
    assert "is no sound that can be read" in capsys.readouterr().err


def test_verifying_measures_the_sound_and_the_severities(
    data: Path, rendered: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())
    args = parser.parse_args(
        ["verify-renders", "--data", str(data), "--renders", str(rendered), "--sample", "2"]
    )
    assert args.run(args) == 0
    first, *others = capsys.readouterr().out.splitlines()
    assert first.startswith("psola: ")
    assert float(first.split("pitch ")[1].split(" cents")[0]) < 8
    assert [line.split(":")[0] for line in others] == list(DEFECTS)
    assert all("unasked at most 0.00" in line for line in others)


def test_verifying_needs_a_rendered_folder(data: Path, tmp_path: Path) -> None:
    with pytest.raises(PlaceError, match="renders_missing"):
        read_manifest(tmp_path)
