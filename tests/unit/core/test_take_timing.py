"""Takes that lie off their song's clock: read, put right, and judged as if they did not."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from carried import ROOT, SINGING
from hypothesis import given, settings
from hypothesis import strategies as st
from material import TUNE, sing

from asa_desktop.core import analyse
from asa_desktop.core.audio import mono_16k, sha256
from asa_desktop.core.songs import load_song
from asa_desktop.core.take_timing import (
    heard_part,
    on_song_clock,
    overlaps,
    read_timing,
    unheard,
    with_delay,
)
from asa_desktop.core.types import Analysis, Melody, Note, Song, TakeTiming

RATE = 16_000


def take(folder: Path, samples: np.ndarray, comment: str | None = None) -> Path:
    path = folder / "take.flac"
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_24") as sound:
        if comment is not None:
            sound.comment = comment
        sound.write(samples)
    return path


def said(**timing: object) -> str:
    return json.dumps({"asa": timing}, separators=(",", ":"))


def late(samples: np.ndarray, seconds: float) -> np.ndarray:
    return np.concatenate([np.zeros(round(seconds * RATE), np.float32), samples])


def faster_clock(samples: np.ndarray, ratio: float) -> np.ndarray:
    """What a microphone whose clock runs `ratio` times as fast would have recorded."""
    return np.asarray(soxr.resample(samples, RATE, RATE * ratio, quality="VHQ"), np.float32)


# Reading


def test_what_was_written_is_read(tmp_path: Path) -> None:
    comment = said(
        latency_s=0.0321, clock_ratio=1.000208, start_s=12, gaps=[[1, 2.5]], delay_from="chirps"
    )
    timing, notices = read_timing(take(tmp_path, sing(0.5), comment))
    assert timing == TakeTiming(0.0321, 1.000208, 12.0, ((1.0, 2.5),), "chirps")
    assert notices == ()
    given = with_delay(timing, 0.05)
    assert (given.latency_s, given.delay_from, given.start_s) == (0.05, "given", 12.0)


@pytest.mark.parametrize("comment", [None, "sung on Monday", "[1]", '{"other": 1}', "{" * 9000])
def test_other_peoples_comments_are_none_of_ours(tmp_path: Path, comment: str | None) -> None:
    assert read_timing(take(tmp_path, sing(0.2), comment)) == (TakeTiming(), ())


def test_a_file_that_cannot_be_read_has_no_timing(tmp_path: Path) -> None:
    (tmp_path / "text.flac").write_text("not sound")
    for path in (tmp_path / "text.flac", tmp_path / "gone.flac", tmp_path):
        assert read_timing(path) == (TakeTiming(), ())


@pytest.mark.parametrize(
    "timing",
    [
        5,
        [1],
        {"latency_s": "0.03"},
        {"latency_s": True},
        {"latency_s": math.nan},
        {"latency_s": math.inf},
        {"latency_s": 10**400},
        {"latency_s": 60},
        {"latency_s": None},
        {"clock_ratio": 0},
        {"clock_ratio": 2},
        {"start_s": -1},
        {"start_s": 1e9},
        {"gaps": 3},
        {"gaps": [[1]]},
        {"gaps": [[2, 1]]},
        {"gaps": [[1, 2, 3]]},
        {"gaps": [["a", "b"]]},
        {"gaps": [[0, 1]] * 20_000},
    ],
    ids=str,
)
def test_what_cannot_be_is_passed_over_with_a_notice(tmp_path: Path, timing: object) -> None:
    path = take(tmp_path, sing(0.2), json.dumps({"asa": timing}))
    found, notices = read_timing(path)
    assert found == TakeTiming()
    assert [(each.code, each.facts["file"]) for each in notices] == [
        ("timing_unusable", "take.flac")
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["latency_s", "clock_ratio", "start_s", "gaps", "delay_from"]), inner
        )
    ),
    max_leaves=8,
)


@settings(max_examples=60)
@given(value=JSON)
def test_no_comment_brings_it_down(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    timing, _ = read_timing(take(folder, np.zeros(100, np.float32), json.dumps({"asa": value})))
    assert -1 <= timing.latency_s <= 5
    assert 0.99 <= timing.clock_ratio <= 1.01
    assert all(0 <= start <= end for start, end in timing.gaps)
    moved = on_song_clock(np.ones(200, np.float32), TakeTiming(timing.latency_s), rate=100)
    assert len(moved)


# Putting right


def test_without_timing_the_samples_are_the_same() -> None:
    samples = sing(1.0)
    assert np.array_equal(on_song_clock(samples, TakeTiming(), rate=RATE), samples)


@pytest.mark.parametrize(
    ("latency_s", "start_s", "expected"), [(0.08, 0, 0.42), (0.08, 2, 2.42), (-0.03, 0, 0.53)]
)
def test_a_click_lands_where_it_was_sung(latency_s: float, start_s: float, expected: float) -> None:
    samples = np.zeros(RATE, np.float32)
    samples[RATE // 2] = 1
    moved = on_song_clock(samples, TakeTiming(latency_s, start_s=start_s), rate=RATE)
    assert int(np.argmax(moved)) == round(expected * RATE)


@pytest.mark.parametrize("ratio", [1.000208, 0.999792])
def test_half_an_hour_of_drift_is_put_right_to_a_sample(ratio: float) -> None:
    rate, seconds = 1000, 1800
    samples = np.zeros(round(seconds * rate * ratio) + 2000, np.float32)
    places = (0.2, 5.0, 900.0, 1799.0)
    for place in places:
        at = (place * ratio + 0.1) * rate
        near = np.arange(-40, 41) + round(at)
        samples[near] += np.sinc((near - at) / 4) * np.hanning(81)
    moved = on_song_clock(samples, TakeTiming(0.1, ratio), rate=rate)
    for place in places:
        window = moved[round(place * rate) - 30 : round(place * rate) + 30]
        assert abs(int(np.argmax(window)) - 30) <= 1


def test_a_drift_that_nobody_hears_is_left_alone() -> None:
    samples = sing(5.0)
    assert np.array_equal(on_song_clock(samples, TakeTiming(0, 1.000208), rate=RATE), samples)


def test_a_delay_longer_than_the_take_leaves_silence() -> None:
    moved = on_song_clock(sing(0.5), TakeTiming(2.0), rate=RATE)
    assert len(moved)
    assert not moved.any()


def test_gaps_lie_on_the_songs_clock() -> None:
    timing = TakeTiming(0.1, 1.0, 10.0, ((2.1, 3.1),))
    ((start, end),) = unheard(timing)
    assert (start, end) == (pytest.approx(12.0), pytest.approx(13.0))
    assert overlaps(12.9, 15, ((start, end),))
    assert not overlaps(13.1, 15, ((start, end),))
    notes = tuple(Note(at, at + 0.5, 60) for at in (1.0, 11.0, 11.8, 12.4, 13.5))
    kept = heard_part(Melody(notes, 0.2), ((start, end),), offset_s=0.0, start_s=10.0)
    assert [note.start for note in kept.notes] == [11.0, 13.5]
    assert heard_part(Melody(notes, 0.2), (), offset_s=0.0, start_s=0.0).notes == notes


# Judging


def sung() -> np.ndarray:
    return mono_16k(SINGING / "pjs001.flac")


SONG = Song(title="A song", vocal=SINGING / "pjs001.flac")


@pytest.fixture(scope="module")
def plain(model, tmp_path_factory) -> Analysis:  # type: ignore[no-untyped-def]
    return analyse(take(tmp_path_factory.mktemp("plain"), sung()), SONG, model=model)


def assert_alike(one: Analysis, other: Analysis, *, cosine: float, score: float) -> None:
    ours = {each.clip.index: each for each in one.clips}
    theirs = {each.clip.index: each for each in other.clips}
    for index in ours.keys() & theirs.keys():
        assert (ours[index].score is None) == (theirs[index].score is None)
        if ours[index].cosine is not None:
            assert ours[index].cosine == pytest.approx(theirs[index].cosine, abs=cosine)
            assert ours[index].score == pytest.approx(theirs[index].score, abs=score)
    assert one.alignment.key == pytest.approx(other.alignment.key, abs=0.05)


def test_a_late_take_scores_as_if_it_came_in_time(plain, model, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = take(tmp_path, late(sung(), 0.08))
    before = sha256(path)
    found = analyse(path, SONG, model=model, timing=TakeTiming(0.08, delay_from="chirps"))
    assert_alike(found, plain, cosine=0.001, score=0.2)
    assert found.timing.latency_s == 0.08
    assert sha256(path) == before
    left = analyse(path, SONG, model=model)
    assert left.clips[0].cosine != pytest.approx(plain.clips[0].cosine, abs=0.002)


def test_a_drifting_take_is_its_own_equal_once_put_right(model, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    itself = Song(title="Itself", vocal=SINGING / "pjs001.flac")
    path = take(tmp_path, late(faster_clock(sung(), 1.008), 0.08))
    right = analyse(path, itself, model=model, timing=TakeTiming(0.08, 1.008))
    wrong = analyse(path, itself, model=model, timing=TakeTiming(0.08))
    assert len(right.clips) == 2
    assert all(each.cosine > 0.999 for each in right.clips)
    assert wrong.clips[1].cosine < 0.995
    assert abs(right.alignment.key) < 0.02 < abs(wrong.alignment.key)


def test_a_take_from_the_middle_of_the_song(model, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    itself = Song(title="Itself", vocal=SINGING / "pjs001.flac")
    start_s = 94 * 512 / RATE - 0.5
    path = take(tmp_path, sung()[round(start_s * RATE) :])
    found = analyse(path, itself, model=model, timing=TakeTiming(start_s=start_s))
    assert [each.clip.index for each in found.clips] == [0, 1]
    assert found.clips[0].reason == "not_sung"
    assert found.clips[1].cosine > 0.97
    elsewhere = analyse(path, itself, model=model, timing=TakeTiming(start_s=start_s + 0.3))
    assert elsewhere.clips[1].cosine is None or elsewhere.clips[1].cosine < 0.95
    later = analyse(path, itself, model=model, timing=TakeTiming(start_s=4.0))
    assert later.clips[0].clip.index == 1


def test_two_delays_of_one_file_are_two_analyses(plain, model, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    kept: dict[str, object] = {}

    class Cache:
        get = staticmethod(kept.get)
        put = staticmethod(kept.__setitem__)

    path = take(tmp_path, late(sung(), 0.08))
    wrong = analyse(path, SONG, model=model, cache=Cache())
    right = analyse(path, SONG, model=model, cache=Cache(), timing=TakeTiming(0.08))
    assert right.clips[0].cosine != pytest.approx(wrong.clips[0].cosine, abs=1e-4)
    assert_alike(right, plain, cosine=0.003, score=0.5)


def test_clips_in_a_gap_are_not_scored(plain, model, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = take(tmp_path, sung())
    found = analyse(path, SONG, model=model, timing=TakeTiming(gaps=((1.0, 1.2),)))
    assert [each.reason for each in found.clips] == ["gap", plain.clips[1].reason]
    assert found.clips[0].score is None
    assert found.clips[1].score == pytest.approx(plain.clips[1].score, abs=0.01)
    assert found.overall.score == pytest.approx(plain.clips[1].score, abs=8)
    everywhere = analyse(path, SONG, model=model, timing=TakeTiming(gaps=((1.0, 8.0),)))
    assert (everywhere.status, everywhere.reason) == ("not_scored", "gap")


def test_notes_that_could_not_be_heard_count_neither_way(tmp_path: Path) -> None:
    notes = tuple(
        Note(0.8 * index, 0.8 * index + 0.72, float(TUNE[index % len(TUNE)]), line=index // 4)
        for index in range(14)
    )
    song = Song(title="Notes", melody=Melody(notes, beat_s=0.18))
    voice = sing(12.0)
    whole = analyse(take(tmp_path, voice), song, model=None)
    voice[round(6.1 * RATE) : round(8.9 * RATE)] = 0
    path = take(tmp_path, voice)
    missed = analyse(path, song, model=None)
    away = analyse(path, song, model=None, timing=TakeTiming(gaps=((6.1, 8.9),)))
    assert missed.overall.score < whole.overall.score - 10
    assert away.overall.score == pytest.approx(whole.overall.score, abs=4)
    assert [each.clip.index for each in away.clips if each.reason == "gap"] == [2]
    nothing = analyse(path, song, model=None, timing=TakeTiming(gaps=((0.0, 13.0),)))
    assert (nothing.status, nothing.overall.score) == ("not_scored", None)
    shifted = analyse(take(tmp_path, late(voice, 0.2)), song, model=None, timing=TakeTiming(0.2))
    assert shifted.overall.score == pytest.approx(missed.overall.score, abs=1)


@pytest.mark.slow
@pytest.mark.parametrize("ratio", [1.000208, 0.999792])
def test_the_demo_take_late_and_drifting(model, tmp_path: Path, ratio: float) -> None:  # type: ignore[no-untyped-def]
    song = load_song(ROOT / "resources" / "demo" / "pjs-medley")
    bundled = ROOT / "resources" / "demo" / "takes" / "pjs-medley.flac"
    plain = analyse(bundled, song, model=model)
    path = take(tmp_path, late(faster_clock(mono_16k(bundled), ratio), 0.08))
    found = analyse(path, song, model=model, timing=TakeTiming(0.08, ratio))
    assert_alike(found, plain, cosine=0.01, score=2)
    assert found.overall.score == pytest.approx(plain.overall.score, abs=0.3)
