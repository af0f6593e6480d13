"""Clips of a table: cut as the program cuts them, found once, read within bounds."""

from __future__ import annotations

import pickle
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from asa_training import labelled
from asa_training.labelled import Labelled, LabelledSampler
from asa_training.loader import Loader
from asa_training.marked import laying, tracks
from asa_training.marked.laying import Laid, Lay, laid, lay_all, read_laid
from asa_training.marked.table import from_manifest
from asa_training.marked.tracks import Tracks, size_of
from asa_training.prepared.crew import Done
from asa_training.windows import WHOLE
from marked_table import CONFIG, SPEC, Table, slower, sung, table, tune

from asa_desktop.core import placing
from asa_desktop.core.align import key_cents
from asa_desktop.core.alignment.warp import on_reference_clock
from asa_desktop.core.clips import cut_clips, unfit
from asa_desktop.core.errors import PlaceError


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Table:
    """Songs whose takes are in step, and one free take of each: slower, and in another key."""
    found = table(tmp_path_factory.mktemp("t"), songs=2, singers=2)
    for song in range(2):
        free = slower(sung(tune(song), 7 + song), 0.9, semitones=3)
        found.row("free", f"song{song}", 4.9, features=free)
    found.row("lost", "song0", 2, features=tune(55))
    found.row("unprepared", "song0", 2)
    found.write()
    return found


def read(made: Table, **config) -> tuple[Labelled, Labelled, list[str]]:
    said: list[str] = []
    both = from_manifest(
        made.path, root=None, target="overall", cache=made.cache,
        config=replace(CONFIG, **config), tell=said.append,
    )  # fmt: skip
    return (*both, said)


def lays(made: Table, singer: str, song: str = "song0") -> Lay:
    key = {row.path: row.sha256 for row in made.rows}
    vocal = made.sound(f"{song}.flac", None)
    return Lay(take=key[f"{singer}/{song}.flac"], needs="vocal", vocal=vocal, compared=vocal)


@pytest.mark.parametrize("singer", ["free", "train0"])
def test_a_clip_is_the_one_that_the_program_cuts(made, singer):
    lay = lays(made, singer)
    take, vocal = (tracks.read_track(made.store, key) for key in (lay.take, lay.vocal))
    placed = placing.beside_vocal(take, vocal)
    assert placed.in_step == (singer != "free")
    found = laid(made.store, lay)
    wanted = [c.index * 94 for c in cut_clips(placed.track) if not unfit(c, placed.track, vocal)]
    assert found.starts.tolist() == wanted != []
    cents = key_cents(placed.track.pitch, vocal.pitch)
    assert found.cents == cents
    if singer == "free":
        assert cents == pytest.approx(300, abs=20)
    for start in wanted:
        np.testing.assert_array_equal(
            found.cut(take, start, key_removed=True), placed.track.image(start, cents=cents)
        )
        np.testing.assert_array_equal(
            found.cut(take, start, key_removed=False), placed.track.image(start)
        )


def test_over_an_accompaniment_a_take_in_step_is_forgiven_octaves_alone(tmp_path):
    made = table(tmp_path, songs=1, singers=1)
    high = slower(tune(0), 1.0, semitones=14)
    made.row("high", "song0", 3, features=high)
    lay = lays(made, "high")
    assert laid(made.store, lay).cents == pytest.approx(1400, abs=20)
    assert laid(made.store, replace(lay, accompanied=True)).cents == 1200


def test_part_of_a_track_is_laid_as_the_whole_is(made):
    lay = lays(made, "free")
    take, vocal = (tracks.read_track(made.store, key) for key in (lay.take, lay.vocal))
    warp = placing.beside_vocal(take, vocal).laid
    whole = on_reference_clock(take, warp, frames=300)
    part = on_reference_clock(take, warp, frames=94, first=101)
    for name in ("mel", "chroma", "tempo", "activation"):
        np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[:, 101:195])
    np.testing.assert_array_equal(part.pitch.hz, whole.pitch.hz[101:195])


def test_how_a_take_was_laid_is_read_back(made):
    lay = lays(made, "free")
    found = laid(made.store, lay)
    again = Laid.from_arrays(found.to_arrays())
    take = tracks.read_track(made.store, lay.take)
    start = int(found.starts[0])
    np.testing.assert_array_equal(
        again.cut(take, start, key_removed=True), found.cut(take, start, key_removed=True)
    )
    assert (again.cents, again.found) == (found.cents, True)


def test_what_cannot_be_learnt_from_is_said(made):
    said = read(made)[2]
    assert any("1 of 8 recordings of train are not prepared" in each for each in said)
    assert any(each.startswith("not found in their references") and "lost/" in each
               for each in said)  # fmt: skip


def test_labels_places_and_references(made):
    training, validation, _ = read(made)
    assert len(training.scores) == len(training.places) == len(training.takes)
    assert set(np.round(training.scores, 2).tolist()) == {10.0, 95.0, 97.5}
    # Whoever sings there: the free ones, too, are on the reference's clock.
    at: dict[str, set[int]] = {}
    for place, take in zip(training.places, training.takes, strict=True):
        at.setdefault(place, set()).add(int(take))
    assert max(len(each) for each in at.values()) == 3
    assert set(validation.places) <= set(at)
    assert all("song0" in each or "song1" in each for each in at)
    number = training.places.index(next(each for each in at if each.startswith("song1")))
    vocal = tracks.read_track(made.store, made.sound("song1.flac", None))
    start = round(float(training.places[number].split(", ")[-1][:-2]) / SPEC.hop_s)
    np.testing.assert_array_equal(training.reference(number), vocal.image(start))


def test_what_needs_nothing_has_no_reference_and_what_needs_music_has_that(made):
    training, _, _ = read(made, system="direct")
    assert training.reference is None
    assert not training.places, "nothing is paired"
    lost = [row for row in made.rows if row.singer == "lost"]
    assert lost[0].sha256 in {digest for _, digest in training.origin.files}
    training, _, said = read(made, system="racc")
    assert any("name no sound as accompaniment" in each for each in said)
    music = {made.sound(f"music{song}.flac", None) for song in range(2)}
    assert music < {digest for _, digest in training.origin.files}
    image = training.reference(0)
    assert any(np.array_equal(image, tracks.read_track(made.store, key).image(0)) for key in music)


def test_nothing_is_laid_twice(made, monkeypatch):
    one = read(made)

    def again(*_):
        raise AssertionError("laid again")

    monkeypatch.setattr(laying.placing, "beside_vocal", again)
    other = read(made)
    assert one[0].places == other[0].places
    assert not any("laid out" in each for each in other[2])


def test_a_take_that_cannot_be_laid_is_told_of(tmp_path):
    made = table(tmp_path, songs=1, singers=2)
    entry = made.store.features(made.rows[0].sha256)
    entry.write_bytes(b"torn")
    training, _, said = read(made)
    assert len(set(training.takes)) == 1
    assert any(each.startswith(made.rows[0].path) and "is damaged" in each for each in said)


def test_workers_do_it_where_there_are_many(made, monkeypatch):
    asked = []

    def work_off(work, tasks, *, workers):
        asked.append(workers)
        yield from (Done(task, work(task), 0) for task in tasks[1:])
        yield Done(tasks[0], None, 3)

    monkeypatch.setattr(laying, "work_off", work_off)
    monkeypatch.setattr(laying, "_FEW", 0)
    some = [lays(made, f"train{n}") for n in range(2)]
    outcomes = list(lay_all(made.store, [*some, some[0]], workers=9))
    assert asked == [2]
    assert [each.fault is None for each in outcomes] == [True, False]
    assert isinstance(outcomes[1].fault, PlaceError)
    assert read_laid(made.store, outcomes[0].lay).found


def test_tracks_hold_what_they_may(made):
    keys = [row.sha256 for row in made.rows if row.singer.startswith("train")]
    size = size_of(tracks.read_track(made.store, keys[0]))
    held = Tracks(made.store, most=2 * size)
    for key in (keys[0], keys[1], keys[0], keys[2], keys[0]):
        held.of(key)
    assert held.read == 3
    held.of(keys[1])
    assert held.read == 4


def draw_an_epoch(data: Labelled) -> None:
    sampler = LabelledSampler(data, seed=1, size=8, paired=False, compared=True)
    for number in range(-(-sampler.windows // 8)):
        assert sampler.batch(number).images.shape == (8, 2, 5, 96, 94)


def test_memory_does_not_grow_with_the_table(tmp_path, monkeypatch):
    """Nine times the takes, of which an epoch reads each once, at the same peak."""
    monkeypatch.setattr(labelled, "TOGETHER", 3)
    peaks, reads = [], []
    for songs in (2, 18):
        made = table(tmp_path / str(songs), songs=songs, singers=2, frames=600)
        training, _, _ = read(made)
        clips = training.cut.__self__
        size = size_of(tracks.read_track(made.store, made.rows[0].sha256))
        clips.tracks = Tracks(made.store, most=7 * size)
        tracemalloc.start()
        draw_an_epoch(training)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        reads.append(clips.tracks.read / len(set(training.takes)))
    assert reads[1] < 2.2, "a take and its reference, once an epoch"
    assert peaks[1] < 1.3 * peaks[0]


def test_processes_draw_the_same_batches(made):
    """Forked, or sent to them as where processes are spawned."""
    training, _, _ = read(made)
    sampler = LabelledSampler(training, seed=1, size=4, paired=True, compared=True)
    wanted = [sampler.batch(n) for n in range(3)]
    sent = pickle.loads(pickle.dumps(sampler))
    drawn = list(Loader(sampler, first=0, last=3, share=WHOLE, workers=2))
    for number, each in enumerate(wanted):
        for other in (sent.batch(number), drawn[number]):
            np.testing.assert_array_equal(other.images, each.images)
            np.testing.assert_array_equal(other.severity, each.severity)


def test_the_cache_may_lose_what_it_had(made, tmp_path):
    other = table(tmp_path, songs=1, singers=1)
    training, _, _ = read(other, system="delta")
    other.store.features(other.rows[0].sha256).unlink()
    with pytest.raises(PlaceError):
        training.cut(0)


def test_paths_are_kept_below_the_root(made):
    training, _, _ = read(made)
    names = {name for name, _ in training.origin.files}
    assert {"song0.flac", "free/song0.flac"} < names
    assert not any(Path(name).is_absolute() for name in names)
