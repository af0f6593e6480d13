"""Features of takes as files: what is in them, and that they are made once."""

from __future__ import annotations

import argparse
import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from asa_training.rated import feature_files
from asa_training.rated.feature_files import file_names
from carried import SINGING
from singing_voice import RATE, melody_f0, sing

from asa_desktop.core.features.spec import CHANNELS, FeatureSpec


def command(*words: object) -> int:
    parser = argparse.ArgumentParser()
    feature_files.register(parser.add_subparsers(required=True))
    args = parser.parse_args(["features", *(str(word) for word in words)])
    return args.run(args)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("features")
    takes = folder / "takes"
    takes.mkdir()
    soundfile.write(takes / "steady.wav", sing(melody_f0([(220.0, 1.5), (0.0, 0.3)])), RATE)
    (takes / "broken.wav").write_bytes(b"no sound at all")
    assert command(takes, "--out", folder / "out") == 2
    return folder


def test_f0_is_that_of_the_voice(exported):
    with (exported / "out" / "steady.f0.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["time_s", "hz", "confidence"]
    times = np.array([float(row["time_s"]) for row in rows])
    hz = np.array([float(row["hz"]) for row in rows])
    assert np.diff(times) == pytest.approx(np.full(len(times) - 1, 0.032), abs=2e-4)
    middle = hz[(times > 0.3) & (times < 1.2)]
    assert np.abs(1200 * np.log2(middle / 220)).max() < 20
    assert (hz[times > 1.7] == 0).all()


def test_notes_are_those_that_were_sung(exported):
    with (exported / "out" / "steady.notes.csv").open(newline="") as file:
        (note,) = csv.DictReader(file)
    assert float(note["start_s"]) == pytest.approx(0.0, abs=0.06)
    assert float(note["end_s"]) == pytest.approx(1.5, abs=0.06)
    assert float(note["midi"]) == pytest.approx(57.0, abs=0.05)
    assert float(note["confidence"]) > 0.8


def test_all_channels_are_there_with_the_specification_beside_them(exported):
    about = json.loads((exported / "out" / "steady.json").read_text("utf-8"))
    assert FeatureSpec.from_dict(about["features"]) == FeatureSpec()
    assert about["take"] == "steady.wav"
    with np.load(exported / "out" / "steady.npz") as arrays:
        assert set(arrays.files) == {*CHANNELS, "time_s", "hz", "confidence", "voiced"}
        assert set(about["arrays"]) == set(arrays.files)
        for name in CHANNELS:
            assert arrays[name].shape == (96, about["frames"])


def test_what_cannot_be_read_is_said_and_makes_no_file(exported, capsys):
    assert command(exported / "takes", "--out", exported / "out") == 2
    said = capsys.readouterr()
    assert "broken.wav: not_audio" in said.err
    assert "1 there already" in said.out
    assert not list((exported / "out").glob("broken*"))


def test_f0_alone_has_no_channels_and_new_bytes_are_done_anew(exported, tmp_path, capsys):
    take = tmp_path / "steady.wav"
    shutil.copy(exported / "takes" / "steady.wav", take)
    assert command(take, "--out", tmp_path / "out", "--f0-only") == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"steady.f0.csv", "steady.notes.csv", "steady.json"}
    whole = (exported / "out" / "steady.f0.csv").read_text()
    assert (tmp_path / "out" / "steady.f0.csv").read_text() == whole
    soundfile.write(take, sing(melody_f0([(330.0, 1.0)])), RATE)
    assert command(take, "--out", tmp_path / "out", "--f0-only") == 0
    assert (tmp_path / "out" / "steady.f0.csv").read_text() != whole


def test_nothing_old_stands_beside_new_files(exported, tmp_path, monkeypatch):
    take, out = exported / "takes" / "steady.wav", tmp_path / "out"
    shutil.copytree(exported / "out", out)
    assert command(take, "--out", out, "--f0-only") == 0
    assert {path.name for path in out.iterdir()} == {
        "steady.f0.csv", "steady.notes.csv", "steady.json",
    }  # fmt: skip

    def stops(notes):
        raise RuntimeError

    monkeypatch.setattr(feature_files, "notes_csv", stops)
    with pytest.raises(RuntimeError):
        command(take, "--out", out)
    assert not (out / "steady.json").exists()


def test_takes_of_one_name_get_numbers():
    takes = [Path("x/a.wav"), Path("y/A.flac"), Path("z/a-2.wav"), Path("z/b.wav")]
    assert file_names(takes) == ["a", "A-2", "a-2-2", "b"]


@pytest.mark.slow
def test_real_singing_comes_out_as_the_program_sees_it(tmp_path, features_of):
    take = next(iter(sorted(SINGING.glob("*.flac"))))
    assert command(take, "--out", tmp_path) == 0
    track = features_of(take.stem)
    with np.load(tmp_path / f"{take.stem}.npz") as arrays:
        assert np.array_equal(arrays["hz"], track.pitch.hz)
        image = track.image(0)
        for row, name in enumerate(CHANNELS):
            assert arrays[name][:, :94] == pytest.approx(image[row], abs=1e-5)
