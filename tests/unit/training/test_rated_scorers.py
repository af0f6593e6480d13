"""Rows of a manifest scored as one performance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from asa_training.manifest import Manifest, Row, performances
from asa_training.rated import analysing
from asa_training.rated.analysing import MemoryCache
from asa_training.rated.scorers import Scorer
from rated_tree import mast_tree
from singing_voice import RATE, melody_f0, sing

from asa_desktop.core.types import Melody, Note, Song

NOTES = (Note(0.0, 2.0, 57.0), Note(2.0, 4.0, 59.0))
HZ = np.repeat([220.0, 246.94], 63)
SONG = Song(title="Two notes", melody=Melody(NOTES, beat_s=0.5))
NAMES = ("peakBW", "dtw_pitch", "usdx")


def test_the_cache_forgets_the_longest_unused():
    cache = MemoryCache(most=2)
    for name in "abac":
        cache.put(name, {name: np.zeros(1)})
        cache.get("a")
    assert cache.get("b") is None
    assert cache.get("a") is not None
    assert cache.get("c") is not None


@pytest.fixture(scope="module")
def f0(tmp_path_factory) -> Manifest:
    folder = tmp_path_factory.mktemp("f0")
    mast_tree(folder / "mast", melodies=1, singers=3, references=2)
    names = np.load(folder / "mast" / "f0_hz.npz").files
    sung = [f"f0_hz.npz#{name}" for name in names if "_per" in name]
    played = tuple(f"f0_hz.npz#{name}" for name in names if "_ref" in name)
    rows = [Row(place, f"s{k}", "tune", reference=played) for k, place in enumerate(sung)]
    return Manifest(folder / "mast", tuple(rows))


def test_the_nearest_of_several_references_counts(f0):
    def distances(references):
        rows = tuple(replace(row, reference=references) for row in f0.rows)
        chosen = Manifest(f0.root, rows)
        scorer = Scorer(chosen, models=[], systems=["dtw_pitch"])
        return [scorer(each).said["dtw_pitch"].value for each in performances(chosen)]

    both = f0.rows[0].reference
    one, other = distances(both[:1]), distances(both[1:])
    assert distances(both) == pytest.approx(np.minimum(one, other))
    assert not np.allclose(one, other)


def test_parts_of_one_performance_become_one(f0):
    parts = [replace(row, singer="one", part=str(k)) for k, row in enumerate(f0.rows)]
    whole = Manifest(f0.root, tuple(parts))
    (performance,) = performances(whole)
    heard = Scorer(whole, models=[], systems=["dtw_pitch", "usdx"])(performance)
    each = [
        Scorer(f0, models=[], systems=["dtw_pitch"])(one).said["dtw_pitch"].value
        for one in performances(f0)
    ]
    assert heard.rows == 3
    assert min(each) < heard.said["dtw_pitch"].value < max(each)
    assert heard.said["usdx"].reason == "needs_notes"
    assert heard.embeddings is None


def test_a_recording_that_cannot_be_read_is_a_fault_and_no_end(tmp_path):
    (tmp_path / "broken.wav").write_bytes(b"no sound")
    manifest = Manifest(tmp_path, (Row("broken.wav", "s", "tune"),))
    heard = Scorer(manifest, models=[], systems=["peakBW"])(performances(manifest)[0])
    assert (heard.said, heard.fault) == ({}, "not_audio")


@pytest.mark.slow
def test_one_channel_of_a_stereo_file_is_the_reference(tmp_path: Path, monkeypatch):
    voice = sing(melody_f0([(220.0, 1.0), (247.0, 1.0), (277.0, 1.5)]))
    hum = 0.3 * np.sin(2 * np.pi * 50 * np.arange(len(voice)) / RATE)
    soundfile.write(tmp_path / "song.wav", np.stack([hum, voice], axis=1), RATE)
    soundfile.write(tmp_path / "take.wav", voice, RATE)
    row = Row("take.wav", "s", "tune", reference=("song.wav#right",))
    manifest = Manifest(tmp_path, (row,))
    seen: list[Song] = []
    real = analysing.systems_of

    def watched(take, names, *, song, **how):
        seen.append(song)
        return real(take, names, song=song, **how)

    monkeypatch.setattr(analysing, "systems_of", watched)
    heard = Scorer(manifest, models=[], systems=["dtw_pitch"])(performances(manifest)[0])
    assert heard.said["dtw_pitch"].value < 0.05
    assert seen[0].vocal != tmp_path / "song.wav"
    assert heard.clips == 0
