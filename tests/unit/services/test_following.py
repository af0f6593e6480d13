"""A part that grows is analysed on the way, and in the end as the whole take would be."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile
from carried import SINGING

from asa_desktop.core import analyse
from asa_desktop.core.audio import resample
from asa_desktop.core.errors import AudioError, Cancelled
from asa_desktop.core.types import Analysis, Song, TakeTiming
from asa_desktop.engine.finish import finish_part
from asa_desktop.engine.part import PartWriter, part_note_path, write_part_note
from asa_desktop.services import following
from asa_desktop.services.analyst_messages import Analysed, ClipDone, Event
from asa_desktop.services.following import Following

RATE = 44_100
SONG = Song(title="A song", vocal=SINGING / "pjs001.flac")


class Cache(dict):
    def put(self, key: str, arrays: Mapping[str, np.ndarray]) -> None:
        self[key] = arrays


@pytest.fixture(scope="module")
def known() -> Cache:
    return Cache()


@pytest.fixture(scope="module")
def samples(sound) -> np.ndarray:
    return resample(sound("pjs001"), rate=16_000, to=RATE)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(following, "LOOK_S", 0.0)


class Singer:
    """A part under way, who follows it, and what that says."""

    def __init__(self, folder: Path, model, known, *, timing: TakeTiming | None = None) -> None:
        self.folder = folder
        self.model, self.known = model, known
        self.part = folder / "take.part.w64"
        self.target = folder / "take.flac"
        self.told: list[Event] = []
        self.cancelled = False
        self.follower = Following(
            7,
            self.part,
            SONG,
            model=model,
            cache=known,
            timing=timing,
            send=self.told.append,
            breathe=self._breathe,
        )
        self.writer: PartWriter | None = None

    def _breathe(self) -> None:
        if self.cancelled:
            raise Cancelled

    def begin(self, **note: float) -> None:
        self.writer = PartWriter(self.part, rate=RATE)
        self.note(**note)

    def note(self, **note: object) -> None:
        write_part_note(self.part, {"latency_s": 0.0, "target": "x", **note})

    def sing(self, samples: np.ndarray, pieces: int = 8) -> None:
        assert self.writer is not None
        for piece in np.array_split(samples, pieces):
            self.writer.append(piece)
            assert not self.follower.step()

    def stop(self, **note: object) -> Path:
        """As the engine ends a take: the note is complete, then the FLAC is made of the part."""
        assert self.writer is not None
        self.writer.close()
        self.note(duration_s=self.writer.frames / RATE, **note)
        return self.target

    def wrap_up(self, **note: object) -> None:
        finish_part(self.part, self.target, note=note, note_path=None)

    def end(self, timing: TakeTiming | None = None) -> Analysis:
        self.follower.ended(self.target, timing or TakeTiming())
        assert self.follower.step()
        assert isinstance(self.told[-1], Analysed)
        assert self.told[-1].job == 7
        return self.told[-1].analysis

    def wanted(self, timing: TakeTiming | None = None) -> Analysis:
        return analyse(
            self.target,
            SONG,
            model=self.model,
            cache=self.known,
            timing=timing,
            systems=("all",),
        )


@pytest.fixture
def singer(tmp_path, model, known) -> Singer:
    return Singer(tmp_path, model, known)


def plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        return (value.shape, value.tobytes())
    if dataclasses.is_dataclass(value):
        return [plain(getattr(value, each.name)) for each in dataclasses.fields(value)]
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, tuple) else value


def assert_same(found: Analysis, wanted: Analysis) -> None:
    assert found.take == wanted.take
    assert found.overall.score == wanted.overall.score
    for each in dataclasses.fields(Analysis):
        if each.name != "timings":
            ours, theirs = (plain(getattr(one, each.name)) for one in (found, wanted))
            assert ours == theirs, each.name


def of(events: list[Event], kind: type) -> list:
    return [event for event in events if isinstance(event, kind)]


def counting(monkeypatch) -> list[str]:
    """Which takes were analysed from their beginning."""
    whole: list[str] = []

    def counted(take: Path, *rest: object, **named: object) -> Analysis:
        whole.append(take.name)
        return analyse(take, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(following, "analyse", counted)
    return whole


def test_it_equals_the_analysis_of_the_take(singer, samples, monkeypatch):
    whole = counting(monkeypatch)
    assert not singer.follower.step(), "the part is not there yet"
    singer.begin()
    singer.sing(samples)
    singer.stop()
    singer.wrap_up()
    assert not singer.part.exists(), "only the take has its end"
    assert_same(singer.end(), singer.wanted())
    assert not whole


def test_clips_are_told_on_the_way(singer, samples):
    singer.begin()
    singer.sing(samples, pieces=20)
    clips = of(singer.told, ClipDone)
    assert {each.clip.clip.index for each in clips} >= {0}
    assert all(each.provisional and each.clip.score is not None for each in clips)
    singer.stop()
    singer.wrap_up()
    final = {each.clip.index: each.score for each in singer.end().clips}
    for each in clips:
        assert each.clip.score == pytest.approx(final[each.clip.clip.index], abs=30)


def test_the_review_is_there_before_the_take_is_written(singer, samples, monkeypatch):
    whole = counting(monkeypatch)
    singer.begin(latency_s=0.1)
    singer.sing(samples)
    singer.stop(latency_s=0.1, gaps=[[1.0, 1.5]], delay_from="chirps")
    _still(singer)
    fed: list[int] = []
    monkeypatch.setattr(
        following.LiveAnalysis, "so_far", lambda *_, **__: fed.append(1) or pytest.fail("again")
    )
    singer.wrap_up()
    timing = TakeTiming(latency_s=0.1, gaps=((1.0, 1.5),), delay_from="chirps")
    found = singer.end(timing)
    monkeypatch.undo()
    wanted = singer.wanted(timing)
    assert wanted.clips[0].reason == "gap"
    assert_same(found, wanted)
    assert not whole


def _still(singer: Singer) -> None:
    """Let the follower see that the part is whole."""
    assert not singer.follower.step()
    assert singer.follower._guess is not None


def test_a_pause_that_looked_like_the_end(singer, samples, monkeypatch):
    whole = counting(monkeypatch)
    singer.begin()
    singer.sing(samples[: 4 * RATE])
    assert singer.writer is not None
    singer.note(duration_s=singer.writer.frames / RATE)
    _still(singer)
    singer.sing(samples[4 * RATE :])
    singer.stop()
    singer.wrap_up()
    assert_same(singer.end(), singer.wanted())
    assert not whole


@pytest.mark.parametrize(
    "timing", [TakeTiming(latency_s=0.2), TakeTiming(clock_ratio=1.002)], ids=["delay", "clock"]
)
def test_another_timing_in_the_end_costs_a_run_but_is_right(singer, samples, monkeypatch, timing):
    whole = counting(monkeypatch)
    singer.begin()
    singer.sing(samples)
    singer.stop()
    singer.wrap_up()
    assert_same(singer.end(timing), singer.wanted(timing))
    assert whole == ["take.flac"]


def test_gaps_and_source_of_the_delay_cost_nothing(singer, samples, monkeypatch):
    whole = counting(monkeypatch)
    singer.begin(latency_s=0.1)
    singer.sing(samples)
    singer.stop(latency_s=0.1)
    _still(singer)
    singer.wrap_up()
    timing = TakeTiming(latency_s=0.1, gaps=((4.0, 4.5),), delay_from="given")
    assert_same(singer.end(timing), singer.wanted(timing))
    assert not whole


def test_a_part_that_moves(singer, samples, tmp_path):
    singer.begin()
    singer.sing(samples[: 3 * RATE])
    elsewhere = tmp_path / "elsewhere.part.w64"
    assert singer.writer is not None
    singer.writer.move(elsewhere)
    singer.part.unlink()
    part_note_path(singer.part).unlink()
    assert not singer.follower.step(), "not there: waited for"
    singer.follower.part = singer.part = elsewhere
    singer.sing(samples[3 * RATE :])
    singer.stop()
    singer.wrap_up()
    assert_same(singer.end(), singer.wanted())


def test_a_part_that_vanished_is_finished_from_the_take(singer, samples):
    singer.begin()
    singer.sing(samples[: 3 * RATE])
    assert singer.writer is not None
    singer.writer.append(samples[3 * RATE :])
    singer.stop()
    singer.wrap_up()
    assert_same(singer.end(), singer.wanted())


def test_a_take_that_was_never_seen_growing(singer, samples):
    soundfile.write(singer.target, samples, RATE, subtype="PCM_24")
    assert_same(singer.end(), singer.wanted())


def test_another_recording_than_was_heard(singer, samples, monkeypatch):
    whole = counting(monkeypatch)
    singer.begin()
    singer.sing(samples)
    soundfile.write(singer.target, samples[: 7 * RATE], RATE, subtype="PCM_24")
    assert_same(singer.end(), singer.wanted())
    assert whole == ["take.flac"]


def test_the_note_says_how_the_take_lies(singer, samples):
    singer.begin(latency_s=0.25, start_s=0.5)
    singer.sing(samples)
    singer.stop()
    singer.wrap_up()
    timing = TakeTiming(latency_s=0.25, start_s=0.5)
    assert singer.follower._live is not None
    assert singer.follower._live.fits(timing)
    assert_same(singer.end(timing), singer.wanted(timing))


def test_a_note_that_comes_after_the_part_is_waited_for(singer, samples, monkeypatch):
    whole = counting(monkeypatch)
    singer.writer = PartWriter(singer.part, rate=RATE)
    singer.sing(samples[:RATE])
    assert not singer.told
    singer.note(latency_s=0.25)
    singer.sing(samples[RATE:])
    assert of(singer.told, ClipDone)
    singer.stop(latency_s=0.25)
    singer.wrap_up()
    timing = TakeTiming(latency_s=0.25)
    assert_same(singer.end(timing), singer.wanted(timing))
    assert not whole


def test_a_take_that_cannot_be_read_is_said(singer, samples):
    singer.begin()
    singer.sing(samples[:RATE])
    singer.target.write_bytes(b"not a sound" * 100)
    with pytest.raises(AudioError) as caught:
        singer.end()
    assert caught.value.code == "not_audio"


def test_longer_than_a_take_may_be(singer, samples, monkeypatch):
    monkeypatch.setattr(following, "MAX_MINUTES", 0.05)
    singer.begin()
    with pytest.raises(AudioError) as caught:
        singer.sing(samples)
    assert caught.value.code == "too_long"


def test_cancelled(singer, samples):
    singer.begin()
    singer.sing(samples[:RATE])
    singer.cancelled = True
    with pytest.raises(Cancelled):
        singer.sing(samples[RATE:])


@pytest.mark.parametrize("note", [b"", b"{", b'{"latency_s": "x", "gaps": 5}', b"[]"])
def test_a_note_that_makes_no_sense_is_no_note(singer, samples, note, monkeypatch):
    monkeypatch.setattr(following, "_NOTE_S", 0.0)
    singer.begin()
    part_note_path(singer.part).write_bytes(note)
    singer.sing(samples)
    assert not singer.follower.step()
    singer.stop()
    singer.wrap_up()
    assert_same(singer.end(), singer.wanted())
