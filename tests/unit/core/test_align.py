"""The key of a take: found whatever the octave, the wrong notes and the gaps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tracks import pitch_of

from asa_desktop.core.align import key_cents, key_of, tune

NAN = np.nan


def melody(rng: np.random.Generator, frames: int = 400) -> np.ndarray:
    """Cents of a melody with vibrato, in notes of 20 frames, a fifth of them rests."""
    notes = 5700 + 100 * rng.integers(-7, 8, frames // 20).astype(float)
    notes[rng.random(len(notes)) < 0.2] = NAN
    notes[:3] = 5700
    return np.repeat(notes, 20) + 30 * np.sin(np.arange(frames) * 1.1)


@given(
    key=st.floats(-1800, 1800),
    wrong=st.floats(0, 0.33),
    scatter=st.floats(0, 25),
    seed=st.integers(0, 10_000),
)
def test_the_key_is_found_among_wrong_notes(key, wrong, scatter, seed):
    rng = np.random.default_rng(seed)
    reference = melody(rng)
    notes = len(reference) // 20
    off = rng.normal(0, scatter, notes)
    chosen = rng.permutation(notes)[: int(wrong * notes)]
    # Wrong notes go astray in many ways, at least by a semitone.
    off[chosen] = rng.choice([-1, 1], len(chosen)) * rng.integers(1, 6, len(chosen)) * 100.0
    sung = reference + key + np.repeat(off, 20)
    found = key_of(sung.astype(np.float32), reference.astype(np.float32))
    assert found is not None
    assert abs(found - key) < 12 + 1.5 * scatter


@given(share=st.floats(0, 0.4), octave=st.sampled_from([-1200, 1200]), key=st.integers(-700, 700))
def test_octave_errors_of_the_tracker_do_not_move_it(share, octave, key):
    rng = np.random.default_rng(1)
    reference = melody(rng)
    sung = reference + key + octave * (rng.random(len(reference)) < share)
    found = key_of(sung.astype(np.float32), reference.astype(np.float32))
    assert found == pytest.approx(key, abs=6)


@given(
    shift=st.integers(-3, 3), factor=st.sampled_from([0.5, 1.0, 2.0]), extra=st.integers(-50, 50)
)
def test_of_two_tracks_of_different_length(shift, factor, extra):
    cents = melody(np.random.default_rng(2))
    hz = np.where(np.isfinite(cents), 10 * 2 ** (np.nan_to_num(cents) / 1200), 0)
    sung = hz * factor * 2 ** (shift / 12)
    sung = sung[:extra] if extra < 0 else np.append(sung, np.full(extra, 100.0))
    found = key_cents(pitch_of(sung), pitch_of(hz))
    assert found == pytest.approx(100 * shift + 1200 * np.log2(factor), abs=1)


def test_too_little_in_common_has_no_key():
    one, other = np.full(100, NAN), np.full(100, 5000.0)
    one[:14] = 5000
    assert key_of(one.astype(np.float32), other.astype(np.float32)) is None
    one[14] = 5000
    assert key_of(one.astype(np.float32), other.astype(np.float32)) == pytest.approx(0)
    assert key_cents(pitch_of(np.zeros(200)), pitch_of(np.full(200, 220.0))) is None
    assert key_cents(pitch_of([]), pitch_of(np.full(200, 220.0))) is None


def test_tune_is_the_share_within_150_cents_and_half_of_the_correlation():
    steps = np.repeat([0, 400, 700, 200], 20)
    reference = pitch_of(220 * 2 ** (steps / 1200))
    off = np.repeat([300, 300, 300, 500], 20)
    # Three of four notes lie in the key of 300 cents; the last is 200 over it.
    found = tune(pitch_of(220 * 2 ** ((steps + off) / 1200)), reference)
    assert found == pytest.approx(0.75 + 0.5 * np.corrcoef(steps, steps + off)[0, 1], abs=1e-3)
    # An octave more is the same note, though the curve leaps there.
    octave = np.repeat([0, 0, 0, 1200], 20)
    folded = tune(pitch_of(220 * 2 ** ((steps + octave) / 1200)), reference)
    assert folded == pytest.approx(1 + 0.5 * np.corrcoef(steps, steps + octave)[0, 1], abs=1e-3)


def test_a_tune_upside_down_has_no_less_than_nothing_for_its_course():
    steps = np.repeat([0, 300, 600, 900], 20)
    found = tune(pitch_of(220 * 2 ** (-steps / 1200)), pitch_of(220 * 2 ** (steps / 1200)))
    assert found == pytest.approx(0.5), "two of four notes agree, and the course counts nothing"
    drone = tune(pitch_of(np.full(80, 220.0)), pitch_of(220 * 2 ** (steps / 1200)))
    assert drone == pytest.approx(0.25)


def test_too_little_in_common_has_no_tune():
    assert tune(pitch_of([]), pitch_of(np.full(99, 220.0))) is None
    assert tune(pitch_of(np.zeros(99)), pitch_of(np.full(99, 220.0))) is None
    assert tune(pitch_of(np.full(59, 220.0)), pitch_of(np.full(99, 220.0))) is None
    assert tune(pitch_of(np.full(60, 220.0)), pitch_of(np.full(99, 220.0))) == pytest.approx(1.0)


@given(key=st.floats(-1300, 1300), seed=st.integers(0, 99))
def test_a_take_follows_its_own_melody_in_any_key(key, seed):
    cents = melody(np.random.default_rng(seed))
    hz = np.where(np.isfinite(cents), 10 * 2 ** (np.nan_to_num(cents) / 1200), 0)
    assert tune(pitch_of(hz * 2 ** (key / 1200)), pitch_of(hz)) == pytest.approx(1.5, abs=1e-3)
