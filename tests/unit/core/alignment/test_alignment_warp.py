"""A warp: reading it both ways, its line, and a take laid on the reference's clock."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tracks import SPEC, track

from asa_desktop.core.alignment.warp import IN_STEP_S, Warp, on_reference_clock

HOP = SPEC.hop_s


def warp(reference, take, *, missing=(), added=()) -> Warp:
    return Warp(
        reference_s=np.asarray(reference, dtype=np.float32),
        take_s=np.asarray(take, dtype=np.float32),
        missing=missing,
        added=added,
        key_cents=0.0,
        confidence=1.0,
    )


def line(offset: float, tempo: float, *, seconds: float = 20.0) -> Warp:
    clock = np.arange(0, seconds, 0.128)
    return warp(clock, offset + clock / tempo)


@given(
    steps=st.lists(st.tuples(st.floats(0.05, 2), st.floats(0.05, 2)), min_size=2, max_size=20),
    at=st.floats(-5, 50),
)
def test_both_ways_are_inverse(steps, at):
    knots = np.cumsum(np.array(steps), axis=0)
    found = warp(knots[:, 0], knots[:, 1])
    assert found.reference_at(found.take_at(at)) == pytest.approx(at, abs=1e-3)
    assert found.take_at(found.reference_at(at)) == pytest.approx(at, abs=1e-3)


def test_it_is_read_between_and_beyond_the_knots():
    found = warp([0, 1, 2, 3], [10, 11, 12, 13.5])
    assert found.take_at([0.5, 2.5]).tolist() == [10.5, 12.75]
    assert found.take_at([-2.0, 4.0]) == pytest.approx([8.0, 14.5])
    assert found.reference_at(9.0) == pytest.approx(-1.0)


@given(offset=st.floats(-30, 30), tempo=st.floats(0.55, 1.9))
def test_offset_and_tempo_are_those_of_the_line(offset, tempo):
    found = line(offset, tempo)
    assert found.tempo == pytest.approx(tempo, rel=1e-3)
    if not found.in_step:
        assert found.offset_s == pytest.approx(offset, abs=0.02)


def test_tempo_is_not_moved_by_a_leap_or_by_a_held_note():
    clock = np.arange(0, 20, 0.128)
    take = clock / 1.1
    take[clock > 12] += 6.0
    take[(clock > 3) & (clock < 3.5)] += np.linspace(0, 0.2, 4)
    assert warp(clock, take).tempo == pytest.approx(1.1, rel=0.005)
    # A phrase cut out of the take: the knots after it lie 4 s earlier.
    kept = (clock < 8) | (clock > 12)
    cut = np.where(clock > 12, clock / 0.9 - 4 / 0.9 + 0.01, clock / 0.9)
    assert warp(clock[kept], cut[kept]).tempo == pytest.approx(0.9, rel=0.005)


@pytest.mark.parametrize(
    ("offset", "tempo", "scatter", "expected"),
    [
        (0.0, 1.0, 0.0, True),
        (4.2, 1.0, 0.1, True),
        (-3.0, 1.005, 0.1, True),
        (0.0, 1.03, 0.0, False),
        (0.0, 0.95, 0.0, False),
        (0.0, 1.0, 0.4, False),
    ],
)
def test_in_step(offset, tempo, scatter, expected):
    clock = np.arange(0, 20, 0.128)
    # Early and late notes of half a second, as a singer has them.
    late = scatter * np.sign(np.sin(clock * 2 * np.pi))
    knots = np.maximum.accumulate(offset + clock / tempo + late) + 1e-3 * clock
    assert warp(clock, knots).in_step is expected


def test_in_step_counts_what_was_left_out_of_the_time():
    clock = np.arange(0, 20, 0.128)
    silent = warp(clock, clock + 1, missing=((8.0, 12.0),))
    assert silent.in_step
    assert silent.offset_s == pytest.approx(1.0, abs=1e-3)
    kept = (clock < 8) | (clock > 12)
    assert not warp(clock[kept], (clock - 3.9 * (clock > 12))[kept]).in_step
    assert IN_STEP_S < 1


def test_unbent_is_the_offset_alone():
    clock = np.arange(0, 20, 0.128)
    bent = warp(clock, clock + 2 + 0.1 * np.sin(clock), missing=((3.0, 4.0),))
    found = bent.unbent()
    assert found.take_at([-1.0, 5.0, 60.0]) == pytest.approx([1.0, 7.0, 62.0], abs=0.01)
    assert found.tempo == pytest.approx(1.0, abs=1e-5)
    assert (found.missing, found.key_cents) == ((), 0.0)
    assert found.in_step


def test_the_identity_changes_nothing():
    take = track(220 * 2 ** (np.arange(300) % 40 / 480))
    same = on_reference_clock(take, line(0, 1), frames=300)
    assert np.array_equal(same.mel, take.mel)
    assert np.array_equal(same.tempo, take.tempo)
    assert np.array_equal(same.activation, take.activation)
    assert np.array_equal(same.voicing.frames, take.voicing.frames)
    assert same.pitch.hz == pytest.approx(take.pitch.hz, rel=1e-5)


def test_a_take_that_comes_later_is_moved_and_filled_with_silence():
    take = track(np.linspace(200, 300, 250))
    moved = on_reference_clock(take, line(50 * HOP, 1.0), frames=300)
    assert moved.frames == 300
    assert np.array_equal(moved.mel[:, :200], take.mel[:, 50:])
    assert (moved.mel[:, 200:] == SPEC.mel_floor_db).all()
    assert not moved.voicing.frames[200:].any()
    assert not moved.pitch.hz[200:].any()
    assert not moved.activation[:, 200:].any()
    assert moved.pitch.hz[:200] == pytest.approx(take.pitch.hz[50:], rel=1e-4)


def test_pitch_between_frames_follows_cents_and_no_leap():
    # The reference's frame n lies at the take's frame n + 0.4.
    later = warp([0, 10], [0.4 * HOP, 10 + 0.4 * HOP])
    hz = np.array([200, 210, 0, 400, 200, 0], dtype=float)
    got = on_reference_clock(track(hz), later, frames=5).pitch.hz
    assert got[0] == pytest.approx(200 * (210 / 200) ** 0.4, rel=1e-4)
    assert got[1] == pytest.approx(210)  # the next has no pitch, this one is nearer
    assert got[2] == 0
    assert got[3] == pytest.approx(400)  # an octave is no glide
    assert got[4] == pytest.approx(200)


def test_missing_and_added_are_silent():
    take = track(np.full(300, 220.0))
    found = warp([0, 3, 6, 9.6], [0, 3, 6, 9.6], missing=((2.0, 3.0),), added=((5.0, 6.0),))
    laid = on_reference_clock(take, found, frames=300)
    clock = np.arange(300) * HOP
    gone = ((clock >= 2) & (clock < 3)) | ((clock >= 5) & (clock < 6))
    assert np.array_equal(laid.pitch.hz > 0, ~gone)
    assert np.array_equal(laid.voicing.frames, ~gone)
    assert (laid.chroma[:, gone] == 0).all()


def test_tempo_rows_turn_with_the_tempo():
    take = track(np.full(400, 220.0))
    rows = np.zeros_like(take.tempo)
    rows[40] = 1.0  # 30 bpm x 2 ** (40 / 96)
    faster = on_reference_clock(replace(take, tempo=rows), line(0, 2 ** (12 / 96)), frames=400)
    assert set(np.flatnonzero(faster.tempo[:, 100])) == {28}
