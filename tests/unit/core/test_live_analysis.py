"""A take that is analysed while it is sung comes out as if it had been analysed afterwards."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile
from carried import SINGING, SPOKEN
from material import TUNE, sing

from asa_desktop.core import analyse
from asa_desktop.core.errors import Cancelled, PlaceError
from asa_desktop.core.live_analysis import LiveAnalysis
from asa_desktop.core.types import Analysis, Melody, Note, Song, TakeTiming

RATE = 16_000


class Cache(dict):
    """A feature cache in memory."""

    def put(self, key: str, arrays: Mapping[str, np.ndarray]) -> None:
        self[key] = arrays


@pytest.fixture(scope="module")
def known() -> Cache:
    return Cache()


def plain(value: object) -> object:
    """Values that can be compared to the bit."""
    if isinstance(value, np.ndarray):
        return (value.shape, value.tobytes())
    if dataclasses.is_dataclass(value):
        return [plain(getattr(value, each.name)) for each in dataclasses.fields(value)]
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, tuple) else value


def same(one: Analysis, other: Analysis) -> bool:
    return plain(dataclasses.replace(one, timings={})) == plain(
        dataclasses.replace(other, timings={})
    )


def song() -> Song:
    return Song(title="A song", vocal=SINGING / "pjs001.flac")


@pytest.fixture(scope="module")
def long_song(sound, tmp_path_factory) -> Song:
    """A song whose vocal goes on for longer than the takes."""
    vocal = np.tile(np.concatenate([sound("pjs001"), sound("vocadito_1")]), 2)
    path = tmp_path_factory.mktemp("song") / "vocal.wav"
    soundfile.write(path, vocal, RATE)
    return Song(title="A long song", vocal=path)


def written(folder: Path, samples: np.ndarray) -> Path:
    path = folder / "take.wav"
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    return path


def long_singing(sound, seconds: int = 24) -> np.ndarray:
    """Real singing of two voices one after the other, the second softer."""
    one, two = sound("pjs001"), 0.4 * sound("nit_029")
    return np.tile(np.concatenate([one, two]), 3)[: seconds * RATE].astype(np.float32)


def sung(live: LiveAnalysis, samples: np.ndarray, *, seed: int, asking: float = 0.0) -> None:
    """Feed in pieces of random sizes, and ask now and then."""
    rng = np.random.default_rng(seed)
    at = 0
    while at < len(samples):
        size = int(rng.integers(1, 20_000))
        live.feed(samples[at : at + size])
        at += size
        if rng.random() < asking:
            live.so_far("take.wav")


@pytest.mark.parametrize("seed", range(3))
def test_in_random_pieces_it_equals_the_analysis_of_the_whole(
    tmp_path, sound, long_song, model, known, seed
):
    samples = long_singing(sound)
    take = written(tmp_path, samples)
    wanted = analyse(take, long_song, model=model, cache=known)
    assert wanted.status == "scored"
    assert len(wanted.clips) == 7
    live = LiveAnalysis(long_song, model=model, cache=known)
    sung(live, samples, seed=seed, asking=0.1 * seed)
    assert same(live.finish("take.wav"), wanted)


def test_against_notes_and_without_anything(tmp_path, model):
    samples = sing(7.0)
    take = written(tmp_path, samples)
    notes = tuple(
        Note(0.8 * index, 0.8 * index + 0.72, float(TUNE[index % len(TUNE)]), line=index // 4)
        for index in range(8)
    )
    for tune in (
        Song(title="Notes", melody=Melody(notes=notes, beat_s=0.18)),
        Song(title="Bare"),
    ):
        for chosen in (model, None):
            live = LiveAnalysis(tune, model=chosen)
            sung(live, samples, seed=1, asking=0.3)
            assert same(live.finish("take.wav"), analyse(take, tune, model=chosen))


@pytest.mark.parametrize(
    "samples",
    [np.zeros(0), np.zeros(6 * RATE), sing(2.0), sing(9.0, seed=3)],
    ids=["nothing", "silence", "short", "long"],
)
@pytest.mark.parametrize("latency", [0.31, -0.4])
def test_the_timing_is_taken_off(tmp_path, model, known, samples, latency):
    samples = samples.astype(np.float32)
    take = written(tmp_path, samples if len(samples) else np.zeros(1, np.float32))
    timing = TakeTiming(latency_s=latency, gaps=((0.5, 0.9),), clock_ratio=1.00001)
    before = TakeTiming(latency_s=latency)
    live = LiveAnalysis(song(), model=model, cache=known, timing=before)
    sung(live, samples if len(samples) else np.zeros(1, np.float32), seed=5)
    assert live.fits(timing)
    wanted = analyse(take, song(), model=model, cache=known, timing=timing)
    assert same(live.finish("take.wav", timing=timing), wanted)
    if len(wanted.clips) and wanted.status == "scored":
        assert wanted.clips[0].reason == "gap"


def test_another_delay_or_clock_does_not_fit(model, known):
    live = LiveAnalysis(song(), model=model, cache=known, timing=TakeTiming(latency_s=0.1))
    live.feed(sing(9.0))
    assert live.fits(TakeTiming(latency_s=0.1, delay_from="chirps"))
    for other in (
        TakeTiming(latency_s=0.101),
        TakeTiming(latency_s=0.1, start_s=1.0),
        TakeTiming(latency_s=0.1, clock_ratio=1.001),
    ):
        assert not live.fits(other)
        with pytest.raises(ValueError, match="timing"):
            live.finish("take.wav", timing=other)


def test_a_take_from_the_middle_of_the_song(tmp_path, sound, model, known):
    samples = sound("nit_029")
    timing = TakeTiming(start_s=4.0)
    live = LiveAnalysis(song(), model=model, cache=known, timing=timing)
    assert live.frames > 90, "what lies before it is silence, and known"
    sung(live, samples, seed=2)
    wanted = analyse(written(tmp_path, samples), song(), model=model, cache=known, timing=timing)
    assert same(live.finish("take.wav"), wanted)


def test_clips_are_scored_on_the_way_and_hardly_change(sound, long_song, model, known):
    samples = long_singing(sound)
    live = LiveAnalysis(long_song, model=model, cache=known)
    early: dict[int, float] = {}
    for piece in np.array_split(samples, 16):
        live.feed(piece)
        assert live.heard <= len(samples)
        for each in live.so_far("take.wav").clips:
            if each.clip.index < live.clips - 1 and each.score is not None:
                early.setdefault(each.clip.index, each.score)
    final = {each.clip.index: each.score for each in live.finish("take.wav").clips}
    assert set(early) >= {0, 1, 2, 3}
    assert all(abs(score - final[index]) < 25 for index, score in early.items())


def test_the_network_sees_a_clip_once(sound, model, known, monkeypatch):
    samples = long_singing(sound, 12)
    seen: list[int] = []
    embed = type(model).embed
    monkeypatch.setattr(
        type(model), "embed", lambda self, images: seen.append(len(images)) or embed(self, images)
    )
    live = LiveAnalysis(song(), model=model, cache=known)
    seen.clear()
    live.feed(samples)
    live.so_far("take.wav")
    assert seen
    seen.clear()
    live.finish("take.wav")
    assert not seen


def test_speech_is_told_in_the_end(sound, model, known):
    live = LiveAnalysis(song(), model=model, cache=known)
    live.feed(sound(SPOKEN))
    assert live.finish("x").reason == "speech"


def test_what_progress_raises_ends_it(sound, model, known):
    stopped = False

    def progress(stage: str, share: float) -> None:
        if stopped:
            raise Cancelled

    live = LiveAnalysis(song(), model=model, cache=known, progress=progress)
    live.feed(sound("pjs001"))
    stopped = True
    with pytest.raises(Cancelled):
        live.so_far("x")
    stopped = False
    assert live.finish("x").status == "scored"


def test_a_vocal_that_is_not_there_is_said_before_the_song(tmp_path, model):
    with pytest.raises(PlaceError):
        LiveAnalysis(Song(title="Gone", vocal=tmp_path / "gone.flac"), model=model)
