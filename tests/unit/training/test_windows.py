"""Batches: the same for the same number, graded by what was realised."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from asa_training.features import GRID
from asa_training.windows import Sampler, by_source, severity_of
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from made_renditions import FRAMES, WINDOWS, made, scene


@pytest.fixture(scope="module")
def sources():
    return by_source([*scene("a"), *scene("b")])


def sampler(sources, seed: int = 1) -> Sampler:
    return Sampler(sources, seed=seed, clips=6, performances=4)


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


@given(hnp.arrays(np.float32, (7, 4), elements=st.floats(0, 3, width=32)))
def test_a_windows_severity_is_its_worst_defect_at_most_one(rows):
    wanted = [min(max(row), 1.0) for row in rows.tolist()]
    np.testing.assert_allclose(severity_of(rows), wanted)
    np.testing.assert_allclose(severity_of(rows[0]), wanted[0])


def test_the_severity_is_that_of_the_window_that_is_cut():
    anchor = made("anchor", role="anchor", strays=0.0)
    rising = np.zeros((WINDOWS, 4), np.float32)
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
