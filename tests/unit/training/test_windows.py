"""Batches: the same for the same number, graded by what was realised."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from asa_training.features import GRID
from asa_training.grades import COLUMNS
from asa_training.keys import cents_off, within_octave
from asa_training.labels import is_good, is_poor, severity_of_score, weak_label
from asa_training.windows import Sampler, by_source
from hypothesis import given
from hypothesis import strategies as st
from made_renditions import FRAMES, WINDOWS, made, scene, small_scene


@pytest.fixture(scope="module")
def sources():
    return by_source([*scene("a"), *scene("b")])


def sampler(sources, seed: int = 1) -> Sampler:
    return Sampler(sources, seed=seed, clips=6, performances=4, grade="worst")


def test_a_batch_depends_on_seed_and_number_alone(sources):
    first = sampler(sources)
    later = sampler(sources)
    wanted = [first.batch(number) for number in range(4)]
    for number in (3, 0, 2):
        again = later.batch(number)
        np.testing.assert_array_equal(again.images, wanted[number].images)
        np.testing.assert_array_equal(again.severity, wanted[number].severity)
    assert not np.array_equal(wanted[0].images, wanted[1].images)
    assert not np.array_equal(sampler(sources, seed=2).batch(0).images, wanted[0].images)


def test_a_batch_is_an_anchor_and_its_performances(sources):
    batch = sampler(sources).batch(0)
    assert batch.images.shape == (6, 5, 5, 96, 94)
    assert batch.severity.shape == (6, 4)
    assert batch.images.dtype == batch.severity.dtype == np.float32
    # One or two good performances a clip, the others poor ones without repetition.
    for row in batch.severity:
        assert 1 <= np.sum(row == 0) <= 2
        poor = row[row > 0]
        assert len(set(poor.tolist())) == len(poor)


def test_the_poorer_a_performance_the_further_it_is_from_its_anchor(sources):
    many = [sampler(sources).batch(number) for number in range(6)]
    severity = np.concatenate([each.severity.ravel() for each in many])
    away = np.concatenate(
        [
            np.abs(each.images[:, 1:, 1] - each.images[:, :1, 1]).mean(axis=(2, 3)).ravel()
            for each in many
        ]
    )
    assert away[severity > 0.9].mean() > away[severity == 0].mean()


def test_the_severity_is_that_of_the_window_that_is_cut():
    anchor = made("anchor", role="anchor", strays=0.0)
    rising = np.zeros((WINDOWS, len(COLUMNS)), np.float32)
    rising[:, 2] = np.arange(WINDOWS) / 20
    good = made("good", role="positive")
    poor = [replace(made(f"poor{n}", severity=0.5), severity=rising) for n in range(3)]
    # Frame numbers instead of sound tell where a clip was cut.
    clock = np.broadcast_to(np.arange(FRAMES, dtype=np.float32), (96, FRAMES))
    stamped = [
        replace(each, features=replace(each.features, mel=clock)) for each in (anchor, good, *poor)
    ]
    batch = sampler(by_source(stamped)).batch(3)
    starts = batch.images[:, :, 0, 0, 0]
    for row, severity in zip(starts, batch.severity, strict=True):
        assert np.ptp(row) <= 4  # two frames either way around one place
        (value,) = set(severity[severity > 0].tolist()) or {0.0}
        assert np.abs(row - value * 20 * GRID).max() <= 2.01


def test_clips_start_where_the_anchor_sings():
    hz = np.where(np.arange(FRAMES) < 100, 0.0, 220.0).astype(np.float32)
    scenes = scene("a")
    anchor = replace(scenes[0], features=replace(scenes[0].features, pitch=_with(scenes[0], hz)))
    (source,) = by_source([anchor, *scenes[1:]])
    assert len(source.starts)
    for start in source.starts:
        assert np.mean(hz[start : start + 94] > 0) >= 0.4
        assert start % GRID == 0
        assert start + 94 <= FRAMES
    mute = replace(anchor, features=replace(anchor.features, pitch=_with(anchor, 0 * hz)))
    assert by_source([mute, *scenes[1:]]) == []


def _with(rendition, hz):
    return replace(rendition.features.pitch, hz=hz)


def test_sources_that_cannot_teach_are_left_out():
    whole = scene("a")
    assert [len(by_source(part)) for part in (whole, whole[1:], whole[:2], [])] == [1, 0, 0, 0]
    probes = [each for each in whole if each.role.startswith("probe")]
    assert by_source([whole[0], *probes]) == []
    (source,) = by_source(whole)
    assert all(each.role in ("positive", "negative") for each in source.performances)


def test_a_weak_label_is_the_severity_turned_round():
    assert [weak_label(severity) for severity in (0.0, 0.25, 1.0)] == [100, 75, 0]
    assert severity_of_score(80.0) == pytest.approx(0.2)
    edges = np.array([79.99, 80.0, 80.01, 39.99, 40.0, 40.01], np.float32)
    severity = severity_of_score(edges).astype(np.float32)
    assert is_good(severity).tolist() == [False, True, True, False, False, False]
    assert is_poor(severity).tolist() == [False, False, False, True, False, False]


def drawn(renditions, role="anchor", **more):
    given = {"seed": 1, "clips": 6, "performances": 2, "grade": "worst", **more}
    return Sampler(by_source(renditions, role=role), **given)


def test_pairs_are_one_good_and_one_poor_by_their_labels(sources):
    found = np.concatenate(
        [drawn(scene("a"), draw="pairs").batch(number).severity for number in range(3)]
    )
    assert (found[:, 0] <= 0.2).all()
    assert (found[:, 1] > 0.6).all()
    assert len(set(found[:, 1].tolist())) > 1
    mild = [each for each in scene("a") if not each.asked or max(each.asked.values()) < 0.6]
    assert drawn(mild, draw="pairs").windows == 0
    assert drawn(mild, draw="graded").windows == WINDOWS


def test_pairs_come_from_windows_that_have_both():
    anchor, good = made("anchor", role="anchor"), made("good", role="positive")
    rising = np.zeros((WINDOWS, len(COLUMNS)), np.float32)
    rising[WINDOWS // 2 :, 0] = 1.0
    poor = replace(made("poor", severity=1.0), severity=rising)
    found = drawn([anchor, good, poor], draw="pairs")
    assert found.windows == WINDOWS - WINDOWS // 2
    for number in range(3):
        assert (found.batch(number).severity == [0.0, 1.0]).all()


def test_any_performance_may_be_drawn_alone():
    found = drawn(scene("a"), draw="any", performances=1)
    severity = np.concatenate([found.batch(number).severity for number in range(6)])
    assert severity.shape == (36, 1)
    assert 0 < (severity == 0).mean() < 1


def test_systems_that_compare_with_nothing_need_no_anchor():
    takes = [each for each in scene("a") if each.role != "anchor"]
    assert by_source(takes) == []
    batch = drawn(takes, role=None, key="own").batch(0)
    assert batch.images.shape == (6, 2, 5, 96, 94)
    assert batch.severity.shape == (6, 2)


def test_an_accompaniment_may_be_the_anchor():
    (source,) = by_source(small_scene("a"), role="accompaniment")
    assert [each.role for each in source.anchors] == ["accompaniment"]
    assert source.sung.role == "anchor"
    assert len(source.starts) == WINDOWS, "where the voice sings, for the music has no pitch"
    assert by_source([*scene("a")], role="accompaniment") == []
    still = {"roll_cents": 0, "slip_frames": 0, "key": "song"}
    batch = drawn(small_scene("a"), role="accompaniment", **still).batch(0)
    music = source.anchors[0].features
    images = [music.image(int(start)) for start in source.starts]
    for each in batch.images[:, 0]:
        assert any(np.array_equal(each, image) for image in images)


def test_nothing_is_varied_where_nothing_is_to_be():
    anchor, good, poor = made("anchor", role="anchor"), made("g", role="positive"), made("p")
    still = {"roll_cents": 0, "slip_frames": 0, "key": "own"}
    batch = drawn([anchor, good, poor], **still).batch(0)
    starts = by_source([anchor, good, poor])[0].starts
    whole = [[each.features.image(int(at)) for each in (anchor, good, poor)] for at in starts]
    for row in batch.images:
        assert any(np.array_equal(row, np.stack(each)) for each in whole)


def transposed(name: str, cents: float, **more):
    """As the renderer would: the pitch moves, and the rendition says by how much."""
    plain = made(name, **more)
    hz = plain.features.pitch.hz * np.float32(2 ** (cents / 1200))
    pitch = replace(plain.features.pitch, hz=hz)
    features = replace(plain.features, pitch=pitch)
    return replace(plain, features=features, transpose_cents=cents)


def test_what_is_taken_off_a_take_by_hand():
    anchor = transposed("anchor", -300.0, role="anchor")
    high, low = transposed("high", 200.0), transposed("low", 100.0 - 1200.0)
    assert cents_off(high, anchor, "removed") == pytest.approx(500, abs=1)
    assert cents_off(low, anchor, "removed") == pytest.approx(-800, abs=1)
    # In the song's key, but in the octave in which it was sung.
    assert cents_off(high, anchor, "song") == pytest.approx(500)
    assert cents_off(low, anchor, "song") == pytest.approx(400)
    for key in ("own", "removed", "song"):
        assert cents_off(high, None, key) == 0
    assert cents_off(high, anchor, "own") == 0


@given(st.floats(-2400, 2400))
def test_octaves_stay(cents):
    rest = within_octave(cents)
    assert -600 <= rest < 600
    assert (cents - rest) / 1200 == pytest.approx(round((cents - rest) / 1200), abs=1e-6)


def test_sources_with_too_few_takes_are_passed_over():
    few = [made("anchor", role="anchor"), made("g", role="positive"), made("p", severity=1.0)]
    assert drawn(few).windows == WINDOWS
    assert drawn(few, performances=3).windows == 0
    assert drawn(few, performances=3, draw="any").windows == 0
    both = drawn([*few, *scene("b")], performances=3)
    assert both.windows == WINDOWS
    assert both.batch(0).severity.shape == (6, 3)
