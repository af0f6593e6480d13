"""The curves that an engine follows, and the truth that is read off them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from asa_training.render.centre import mode_of
from asa_training.render.curves import Curves, draw_curves
from asa_training.render.intonation import OFF_PITCH_CAP
from asa_training.render.plan import DEFECTS, Harmless, Plan, Severities
from asa_training.render.rhythm import TIMING_S
from asa_training.render.truth import STEP_S, Truth, realised
from asa_training.render.truth_of_curves import truth_of
from asa_training.segment import cents_of, find_notes
from hypothesis import given, settings
from hypothesis import strategies as st
from singing_voice import FRAME_S, melody_f0

from asa_desktop.core.medians import weighted_median

_DEGREES = np.random.default_rng(5).integers(0, 12, 30)
_TUNE = [
    (0.0 if n % 9 == 8 else 220 * 2 ** (((_DEGREES[n] + 5 * n) % 12) / 12), 0.3 + 0.02 * (n % 7))
    for n in range(30)
]
F0 = melody_f0(_TUNE)
CENTS = cents_of(F0)
NOTES = find_notes(F0)
CLOCK = np.arange(F0.size) * FRAME_S


def plan_of(seed: int = 0, harmless: Harmless | None = None, **severities: float) -> Plan:
    return Plan(
        role="negative",
        engine="none",
        seed=seed,
        severities=Severities(**severities),
        harmless=harmless or Harmless(),
    )


def curves_of(seed: int = 0, harmless: Harmless | None = None, **severities: float) -> Curves:
    return draw_curves(plan_of(seed, harmless, **severities), cents=CENTS, notes=NOTES)


def truth(curves: Curves, transpose: float = 0.0) -> Truth:
    return truth_of(curves, f0=F0, notes=NOTES, transpose_cents=transpose)


def test_nothing_asked_changes_nothing() -> None:
    curves = curves_of()
    assert not curves.cents.any()
    assert curves.source_time == pytest.approx(CLOCK, abs=1e-9)
    found = realised(truth(curves), 0.0, 5.0)
    assert {k: v for k, v in found.items() if k != "voiced"} == dict.fromkeys(
        [*DEFECTS, "pitch", "vibrato_notes"], 0.0
    )


@given(seed=st.integers(0, 2**31 - 1), severity=st.floats(0.05, 1.0))
@settings(max_examples=40, deadline=None)
def test_off_pitch_keeps_the_key_and_its_bounds(seed: int, severity: float) -> None:
    off = curves_of(seed, off_pitch=severity).note_off
    lengths = np.array([one.end - one.start for one in NOTES])
    assert np.max(np.abs(off)) <= OFF_PITCH_CAP
    assert abs(weighted_median(off, lengths)) < 1e-6
    assert abs(mode_of(off, lengths)) < 60
    assert weighted_median(np.abs(off), lengths) <= 150 * severity + 1e-6


@pytest.mark.parametrize("severity", [0.1, 0.3, 0.5])
def test_off_pitch_comes_out_as_asked(severity: float) -> None:
    sizes = [realised(truth(curves_of(n, off_pitch=severity)), 0, 99) for n in range(12)]
    assert np.median([one["off_pitch"] for one in sizes]) == pytest.approx(severity, rel=0.12)


@given(seed=st.integers(0, 2**31 - 1), severity=st.floats(0.0, 1.0), sway=st.floats(0, 0.08))
@settings(max_examples=40, deadline=None)
def test_time_runs_forward_and_the_length_stays(seed: int, severity: float, sway: float) -> None:
    curves = curves_of(seed, Harmless(sway_s=sway), timing=severity)
    assert np.all(np.diff(curves.out_time) >= 0)
    assert np.all(np.diff(curves.source_time) >= -1e-9)
    assert curves.out_time[0] == pytest.approx(0.0, abs=0.005)
    assert curves.out_time[-1] == pytest.approx(CLOCK[-1], abs=0.02)
    assert np.max(np.abs(curves.defect_shift)) <= 2 * TIMING_S + 1e-9
    # what is harmless stays within its bound, and only it is not called a defect
    assert np.max(np.abs(curves.out_time - CLOCK - curves.defect_shift)) <= sway + 1e-6


def test_onsets_move_by_what_the_truth_says() -> None:
    curves = curves_of(4, timing=0.8)
    moved = truth(curves)
    for before, after in zip(NOTES, moved.notes, strict=True):
        assert after.start - before.start == pytest.approx(after.shift_s, abs=0.002)
    assert np.ptp([one.shift_s for one in moved.notes]) > 0.15


@given(seed=st.integers(0, 2**31 - 1), severity=st.floats(0.05, 1.0))
@settings(max_examples=40, deadline=None)
def test_drift_is_slow_bounded_and_keeps_a_key(seed: int, severity: float) -> None:
    drift = curves_of(seed, drift=severity).drift
    assert np.ptp(drift) <= 2 * 260 * severity + 1e-6
    assert np.max(np.abs(np.diff(drift))) / FRAME_S < 500  # cents a second
    assert abs(mode_of(drift[F0 > 0])) < 6


@given(seed=st.integers(0, 2**31 - 1), severity=st.floats(0.05, 1.0))
@settings(max_examples=40, deadline=None)
def test_wrong_notes_are_whole_semitones_and_as_many_as_asked(seed: int, severity: float) -> None:
    wrong = curves_of(seed, wrong_notes=severity).note_wrong
    assert (wrong != 0).sum() == max(1, round(severity * 0.6 * len(NOTES)))
    assert set(np.abs(wrong[wrong != 0])) <= {100.0, 200.0, 300.0, 400.0}


def test_each_defect_is_drawn_by_itself() -> None:
    alone, mixed = curves_of(9, drift=0.6), curves_of(9, drift=0.6, off_pitch=0.9, timing=0.7)
    assert np.array_equal(alone.drift, mixed.drift)
    assert np.array_equal(curves_of(9, timing=0.7).out_time, mixed.out_time)


def test_harmless_edits_are_not_in_the_truth() -> None:
    edits = Harmless(transpose_cents=-321.0, vibrato=1.3, wobble_cents=7, sway_s=0.07)
    found = realised(truth(curves_of(2, edits), -321.0), 0.0, 9.0)
    assert found["off_pitch"] == found["drift"] == found["timing"] == found["pitch"] == 0.0
    inside = curves_of(2, edits).in_tune[F0 > 0] + 321.0
    assert np.percentile(np.abs(inside), 99) <= 15.0


def test_vibrato_is_made_deeper_and_shallower() -> None:
    f0 = melody_f0([(330.0, 2.0)], vibrato_cents=60)
    cents, notes = cents_of(f0), find_notes(f0)
    for factor in (0.75, 1.3):
        plan = plan_of(harmless=Harmless(vibrato=factor))
        sung = cents + draw_curves(plan, cents=cents, notes=notes).cents
        depth = np.ptp(sung[100:300]) / np.ptp(cents[100:300])
        assert depth == pytest.approx(factor, abs=0.08)


def made_up(**tracks: list[float]) -> Truth:
    n = len(next(iter(tracks.values())))
    flat = dict.fromkeys(("off_pitch", "drift", "wrong_notes", "shift_s"), (0.0,) * n)
    return Truth(
        seconds=n * STEP_S,
        transpose_cents=0.0,
        notes=(),
        voiced=(True,) * n,
        **{**flat, **{k: tuple(v) for k, v in tracks.items()}},
    )


def test_realised_measures_by_hand() -> None:
    made = made_up(off_pitch=[0.0] * 60 + [75.0, -75.0] * 10)
    assert realised(made, 3.0, 4.0)["off_pitch"] == pytest.approx(0.5)
    assert realised(made, 0.0, 3.0)["off_pitch"] == 0.0
    # a drift is measured from where the take stays longest, wherever that lies
    sunk = made_up(drift=[40.0] * 60 + [-110.0] * 20)
    assert realised(sunk, 3.0, 4.0)["drift"] == pytest.approx(1.0, abs=0.04)
    assert realised(sunk, 0.0, 3.0)["drift"] == pytest.approx(0.0, abs=0.04)
    wrong = made_up(wrong_notes=[0.0] * 14 + [-200.0] * 6)
    assert realised(wrong, 0.0, 1.0)["wrong_notes"] == pytest.approx(0.5)
    late = made_up(shift_s=[0.05] * 60 + [0.175] * 20)
    assert realised(late, 3.0, 4.0)["timing"] == pytest.approx(1.0)
    assert realised(late, 0.0, 3.0)["timing"] == pytest.approx(0.0)


def test_a_window_without_voice_has_no_severity() -> None:
    made = made_up(off_pitch=[100.0] * 20)
    assert set(realised(made, 5.0, 8.0).values()) == {0.0}


def test_the_truth_survives_json() -> None:
    made = truth(curves_of(3, off_pitch=0.5, timing=0.5, drift=0.2, wrong_notes=0.3), 12.0)
    again = Truth.from_json(json.loads(json.dumps(made.to_json())))
    assert again == made
    assert realised(again, 1.0, 4.0) == realised(made, 1.0, 4.0)
