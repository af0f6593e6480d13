"""`asa-train prepare` of manifests and of any recordings; what cannot be read is named."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
import time
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from asa_training.__main__ import main
from asa_training.manifest import Row, write_manifest
from asa_training.prepared import command
from asa_training.prepared import store as store_module
from asa_training.prepared.digests import Digests, stamp_of
from asa_training.prepared.job import HERE, Means
from asa_training.prepared.store import PARTS, Store, read_npz
from carried import ROOT, SINGING

from asa_desktop.core.audio import sha256
from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.features.track import TrackFeatures, track_features

SPEC = FeatureSpec()


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command without workers, which are looked at elsewhere."""
    monkeypatch.setattr(command, "Means", lambda workers, dask: Means(workers=HERE, dask=dask))


@pytest.fixture
def corpus(tmp_path):
    """A folder with two takes, one of them in stereo, and an accompaniment."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    shutil.copy(SINGING / "vocadito_1.flac", folder / "one.flac")
    samples, rate = soundfile.read(SINGING / "pjs001.flac")
    soundfile.write(folder / "two.flac", np.stack([samples * 0.1, samples], axis=1), rate)
    shutil.copy(SINGING / "nit_029.flac", folder / "music.flac")
    return folder


def prepare(*words: object) -> int:
    return main(["prepare", *map(str, words)])


def entries(cache) -> list[str]:
    folder = cache / SPEC.track_key
    return sorted(f"{path.parent.name}{path.stem}" for path in folder.rglob("*.npz"))


def test_a_manifest_with_channels_and_accompaniments(tmp_path, corpus, sound, crepe, capsys):
    one = sha256(corpus / "one.flac")
    rows = [
        Row("one.flac", "anna", "a", sha256=one, accompaniment="music.flac"),
        Row("two.flac#right", "ben", "a", reference=("one.flac", "notes.txt")),
    ]
    (corpus / "notes.txt").write_text("no sound")
    write_manifest(corpus / "m.csv", rows)
    cache = tmp_path / "cache"
    assert prepare("--manifest", corpus / "m.csv", "--cache", cache) == 0
    said = capsys.readouterr().out
    assert "3 recordings: 3 written" in said.splitlines()
    assert "times real time; an hour of audio took" in said
    digests = {name: sha256(corpus / f"{name}.flac") for name in ("one", "two", "music")}
    right = f"{digests['two']}-right"
    assert entries(cache) == sorted([digests["one"], right, digests["music"]])
    kept = read_npz(Store(cache, SPEC).features(right))
    own = track_features(sound("pjs001"), SPEC, crepe.activation)
    np.testing.assert_allclose(TrackFeatures.from_arrays(kept, SPEC).mel, own.mel, atol=0.1)
    assert prepare("--manifest", corpus / "m.csv", "--cache", cache) == 0
    assert "3 recordings: 3 there already" in capsys.readouterr().out.splitlines()


def test_what_cannot_be_read_is_named_at_the_end(tmp_path, corpus, capsys):
    (corpus / "text.wav").write_text("this is no sound")
    (corpus / "empty.wav").write_bytes(b"")
    cut = (corpus / "music.flac").read_bytes()
    (corpus / "cut.flac").write_bytes(cut[: len(cut) // 2])
    rows = [
        Row("one.flac", "anna", "a", sha256="0" * 64),
        *(Row(name, name, "b") for name in ("text.wav", "empty.wav", "cut.flac", "music.flac")),
        Row("gone.flac", "carl", "c"),
    ]
    lines = [",".join(("path", "sha256", "singer", "song"))]
    lines += [",".join((row.path, row.sha256, row.singer, row.song)) for row in rows]
    (corpus / "m.csv").write_text("\n".join(lines) + "\n")
    assert prepare("--manifest", corpus / "m.csv", "--cache", tmp_path / "cache") == 2
    said = capsys.readouterr()
    assert "5 recordings: 1 written, 4 not prepared" in said.out.splitlines()
    named = said.err.splitlines()
    assert len(named) == 5
    assert "row 7, path: there is no file gone.flac" in named[0]
    for name, why in (
        ("one.flac", "another sha256"),
        ("text.wav", "no sound"),
        ("empty.wav", "is empty"),
        ("cut.flac", "ends before its time"),
    ):
        assert sum(name in line and why in line for line in named) == 1, name
    assert entries(tmp_path / "cache") == [sha256(corpus / "music.flac")]


def test_the_same_bytes_under_two_names_are_kept_once(tmp_path, corpus, capsys):
    shutil.copy(corpus / "one.flac", corpus / "copy.flac")
    words = ("--recordings", corpus / "one.flac", corpus / "copy.flac")
    assert prepare(*words, "--cache", tmp_path / "cache") == 0
    assert "2 recordings: 1 written, 1 there already" in capsys.readouterr().out.splitlines()
    assert entries(tmp_path / "cache") == [sha256(corpus / "one.flac")]


def test_the_example_of_the_help_works_as_printed(tmp_path, monkeypatch, capsys):
    with pytest.raises(SystemExit):
        main(["prepare", "--help"])
    printed = capsys.readouterr().out
    line = next(line for line in printed.splitlines() if "--recordings resources" in line)
    (tmp_path / "resources").symlink_to(ROOT / "resources")
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(line)[1:]) == 0
    assert "1 recordings: 1 written" in capsys.readouterr().out.splitlines()


def test_nothing_to_prepare_is_told(tmp_path, capsys):
    assert prepare("--cache", tmp_path) == 2
    assert capsys.readouterr().err.startswith("asa-train: Nothing to prepare: give --renders")
    (tmp_path / "none").mkdir()
    assert prepare("--cache", tmp_path, "--renders", tmp_path / "none") == 2
    assert "holds no renditions" in capsys.readouterr().err


def test_without_dask_a_sentence_says_so(tmp_path, corpus, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "distributed", None)
    words = ("--recordings", corpus, "--cache", tmp_path / "cache", "--dask", "local")
    assert prepare(*words) == 2
    assert capsys.readouterr().err.startswith("asa-train: --dask needs Dask; run `pip install")


def test_a_cluster_that_does_not_answer_is_told(tmp_path, corpus, monkeypatch, capsys):
    from asa_training.prepared import cluster

    monkeypatch.setattr(cluster, "_PATIENCE_S", 1)
    words = ("--recordings", corpus, "--cache", tmp_path / "cache", "--dask", "tcp://127.0.0.1:9")
    assert prepare(*words) == 2
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in capsys.readouterr().err


def test_a_file_is_hashed_again_when_it_changed(tmp_path):
    path, store = tmp_path / "a.wav", Store(tmp_path / "cache", SPEC)
    path.write_bytes(b"one")
    digests = Digests(store.root)
    digests.learn(path, stamp_of(path), sha256(path))
    assert digests.known(path) is None, "a file this young may change unseen"
    hour = time.time() - 3600
    os.utime(path, (hour, hour))
    digests.learn(path, stamp_of(path), sha256(path))
    digests.save(store)
    with (store.root / "files.jsonl").open("a") as file:
        file.write("half a li")
    again = Digests(store.root)
    assert again.known(path) == sha256(path)
    path.write_bytes(b"two")
    assert again.known(path) is None
    assert again.of(path) == sha256(path)


def test_the_same_arrays_are_the_same_bytes_at_any_time(tmp_path, monkeypatch):
    arrays = {"a": np.arange(6).reshape(2, 3), "b": np.zeros(0, np.float16)}
    store = Store(tmp_path, SPEC)
    store.write_arrays(tmp_path / "one.npz", arrays)
    monkeypatch.setattr(time, "time", lambda: 2e9)
    store.write_arrays(tmp_path / "two.npz", arrays)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    with np.load(tmp_path / "one.npz") as back:
        np.testing.assert_equal({name: back[name] for name in back.files}, arrays)


def test_a_job_of_no_workers_is_refused(tmp_path):
    with pytest.raises(SystemExit):
        prepare("--recordings", tmp_path, "--cache", tmp_path, "--workers", "0")


def test_a_folder_that_another_job_takes_along_is_made_again(tmp_path, monkeypatch):
    store, calls = Store(tmp_path, SPEC), []

    def swept(**words: object) -> tuple[int, str]:
        if not calls:
            (tmp_path / PARTS).rmdir()
        calls.append(words)
        return tempfile.mkstemp(**words)

    monkeypatch.setattr(store_module, "tempfile", SimpleNamespace(mkstemp=swept))
    store.write_arrays(tmp_path / "a.npz", {"a": np.zeros(3)})
    assert len(calls) == 2
    assert (tmp_path / "a.npz").exists()
