"""Every defect comes out as strongly as asked, by itself, and the truth says where and how."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from asa_training.render.curves import Curves, draw_curves
from asa_training.render.plan import DEFECTS, Harmless, Plan, Severities
from asa_training.render.truth import HELD_OVER, SILENCED, STEP_S, Truth, realised
from asa_training.render.truth_of_curves import truth_of
from asa_training.segment import cents_of, find_notes
from hypothesis import given, settings
from hypothesis import strategies as st
from singing_voice import FRAME_S, Array, melody_f0

_DEGREES = np.random.default_rng(5).integers(0, 12, 30)
_TUNE = [
    (
        0.0 if n % 9 == 8 else 220 * 2 ** (((_DEGREES[n] + 5 * n) % 12) / 12),
        0.3 + 0.02 * (n % 7) + (0.4 if n % 4 == 1 else 0.0),
    )
    for n in range(30)
]
F0 = melody_f0(_TUNE)
CENTS = cents_of(F0)
NOTES = find_notes(F0)
LEVEL = -20 + 6 * np.sin(np.arange(F0.size) / 150)
LENT = Harmless(lent_vibrato_cents=50.0)
NONE = Severities()
EDITED = Harmless(
    transpose_cents=-200.0,
    vibrato=1.2,
    wobble_cents=5.0,
    sway_s=0.08,
    lent_vibrato_cents=60.0,
    swell_db=3.0,
    tone=0.1,
    trim_s=0.03,
    scoop_cents=50.0,
    unsteady_cents=5.0,
)


@lru_cache(maxsize=256)
def curves_of(seed: int, harmless: Harmless = LENT, severities: Severities = NONE) -> Curves:
    plan = Plan(role="negative", engine="none", seed=seed, severities=severities, harmless=harmless)
    return draw_curves(plan, cents=CENTS, notes=NOTES, level_db=LEVEL)


def truth(curves: Curves) -> Truth:
    return truth_of(curves, f0=F0, notes=NOTES, transpose_cents=0.0)


def strength(name: str, severity: float, seed: int) -> dict[str, float]:
    asked = replace(Severities(), **{name: severity})
    return realised(truth(curves_of(seed, LENT, asked)), 0.0, 99.0)


@pytest.mark.parametrize("name", DEFECTS)
def test_more_asked_is_more_realised_and_of_nothing_else(name: str) -> None:
    for seed in range(6):
        rows = [strength(name, severity, seed) for severity in (0.0, 0.15, 0.4, 0.7, 1.0)]
        strengths = [row[name] for row in rows]
        assert strengths[0] == 0.0
        assert np.all(np.diff(strengths) > 0)
        assert all(row[other] == 0.0 for row in rows for other in DEFECTS if other != name)
    assert 0.6 < np.median([strength(name, 1.0, seed)[name] for seed in range(12)]) < 1.4


@given(seed=st.integers(0, 2**31 - 1))
@settings(max_examples=15, deadline=None)
def test_harmless_edits_are_no_defects(seed: int) -> None:
    found = realised(truth(curves_of(seed, EDITED)), 0.0, 99.0)
    assert all(found[name] == 0.0 for name in DEFECTS)
    assert found["vibrato_notes"] > 0


PARTS = {
    "off_pitch": "off_pitch",
    "drift": "drift",
    "timing": "defect_shift",
    "wrong_notes": "wrong_notes",
    "scoops": "scoops",
    "dynamics": "gain_db",
    "tone": "tone",
    "held": "dropped",
    "unsteady": "unsteady",
}


@given(
    seed=st.integers(0, 2**31 - 1),
    strengths=st.lists(st.floats(0.05, 1.0), min_size=10, max_size=10),
    changed=st.sampled_from(DEFECTS),
)
@settings(max_examples=25, deadline=None)
def test_one_severity_moves_its_own_curve_alone(
    seed: int, strengths: list[float], changed: str
) -> None:
    asked = Severities(**dict(zip(DEFECTS, strengths, strict=True)))
    without = replace(asked, **{changed: 0.0})
    full, less = curves_of(seed, EDITED, asked), curves_of(seed, EDITED, without)
    for name, part in PARTS.items():
        same = np.array_equal(getattr(full, part), getattr(less, part))
        if name != changed:
            assert same
    if changed != "vibrato":
        assert np.array_equal(full.vibrato.defect, less.vibrato.defect)
    else:
        assert not less.vibrato.defect.any()
    assert np.array_equal(full.in_tune, less.in_tune)
    assert np.array_equal(full.swell_db, less.swell_db)


def test_severity_zero_leaves_pitch_time_and_loudness_alone() -> None:
    curves = curves_of(3, Harmless())
    assert not curves.cents.any()
    assert not curves.gain_db.any()
    assert not curves.silence.any()
    assert not curves.tone.any()
    assert curves.source_time == pytest.approx(np.arange(F0.size) * FRAME_S, abs=1e-9)


def band(curve: Array, low: float, high: float) -> float:
    power = np.abs(np.fft.rfft(curve * np.hanning(curve.size))) ** 2
    hz = np.fft.rfftfreq(curve.size, FRAME_S)
    return float(power[(hz >= low) & (hz <= high)].sum() / power[hz > 0.3].sum())


def long_note_pitch(seed: int, vibrato: float) -> tuple[Array, str]:
    f0 = melody_f0([(330.0, 2.5)])
    cents, notes = cents_of(f0), find_notes(f0)
    plan = Plan(
        role="negative",
        engine="none",
        seed=seed,
        severities=Severities(vibrato=vibrato),
        harmless=LENT,
    )
    curves = draw_curves(plan, cents=cents, notes=notes)
    return curves.cents[80:-40], curves.vibrato.kinds[0]


def test_a_lent_vibrato_is_a_natural_one_and_what_comes_instead_is_not() -> None:
    kinds = set()
    for seed in range(30):
        natural, _ = long_note_pitch(seed, 0.0)
        assert band(natural, 4.5, 7.5) > 0.8
        assert 35 < np.percentile(np.abs(natural), 95) < 75
        gone, kind = long_note_pitch(seed, 1.0)
        kinds.add(kind)
        assert np.std(gone) > 3.0  # nobody holds a note like a machine
        if kind in ("missing", "slow"):
            assert band(gone, 4.5, 8.0) < 0.25
        elif kind == "fast":
            assert band(gone, 8.0, 13.0) > 0.5
    assert kinds == {"missing", "slow", "fast", "irregular"}


def test_without_vibrato_there_is_none_to_take() -> None:
    asked = Severities(vibrato=1.0)
    found = realised(truth(curves_of(1, Harmless(), asked)), 0.0, 99.0)
    assert found["vibrato"] == found["vibrato_notes"] == 0.0
    assert not curves_of(1, Harmless(), asked).vibrato.defect.any()


def test_the_source_s_own_vibrato_is_found_and_taken() -> None:
    f0 = melody_f0([(330.0, 1.5), (440.0, 1.5)], vibrato_cents=60)
    cents, notes = cents_of(f0), find_notes(f0)
    plan = Plan(
        role="negative", engine="none", seed=2, severities=Severities(vibrato=0.8), harmless=LENT
    )
    curves = draw_curves(plan, cents=cents, notes=notes)
    assert not any(curves.vibrato.lent)
    assert curves.vibrato.extent == pytest.approx([60, 60], rel=0.2)
    made = truth_of(curves, f0=f0, notes=notes, transpose_cents=0.0)
    assert realised(made, 0.0, 3.0)["vibrato"] == pytest.approx(0.8)


def test_flattened_loudness_is_flatter() -> None:
    for seed in range(40):
        curves = curves_of(seed, LENT, Severities(dynamics=0.9))
        spread = np.std((LEVEL + curves.gain_db)[F0 > 0]) / np.std(LEVEL[F0 > 0])
        if curves.kinds["dynamics"] == "flat":
            assert spread < 0.2
        elif curves.kinds["dynamics"] == "jumping":
            assert spread > 1.0


def test_syllables_are_dropped_cut_and_held_over_where_the_truth_says() -> None:
    kinds = set()
    for seed in range(12):
        curves = curves_of(seed, LENT, Severities(held=0.9))
        made = truth(curves)
        held = made.track("held")
        for note in made.notes:
            kinds.add(note.held)
            inside = slice(round(note.start / STEP_S) + 1, round(note.end / STEP_S) - 1)
            if note.held == "dropped":
                assert np.all(held[inside] == SILENCED)
                assert not any(made.voiced[inside])
            elif note.held == "cut":
                assert 0.25 < np.mean(held[inside] == SILENCED) < 0.85
            elif note.held == "over":
                assert note.over_s > 0
                assert held[round((note.end - note.over_s / 2) / STEP_S)] == HELD_OVER
            else:
                assert not np.any(held[inside])
        assert np.all(np.diff(curves.out_time) >= 0)
    assert kinds == {"", "dropped", "cut", "over"}


@given(seed=st.integers(0, 2**31 - 1))
@settings(max_examples=20, deadline=None)
def test_time_runs_forward_with_every_defect_at_its_worst(seed: int) -> None:
    curves = curves_of(seed, EDITED, Severities(*[1.0] * len(DEFECTS)))
    assert np.all(np.diff(curves.out_time) >= 0)
    assert np.all(np.diff(curves.source_time) >= -1e-9)
    assert np.all(np.isfinite(curves.cents))


def test_the_truth_of_all_survives_json() -> None:
    made = truth(curves_of(4, EDITED, Severities(*[0.7] * len(DEFECTS))))
    assert set(made.kinds) == {"drift", "dynamics", "tone"}
    again = Truth.from_json(json.loads(json.dumps(made.to_json())))
    assert again == made
    assert realised(again, 1.0, 4.0) == realised(made, 1.0, 4.0)


def test_a_silenced_window_is_held_wrong_and_nothing_else() -> None:
    made = Truth(
        seconds=1.0,
        transpose_cents=0.0,
        notes=(),
        voiced=(False,) * 20,
        held=(SILENCED,) * 20,
        off_pitch=(100.0,) * 20,
    )
    found = realised(made, 0.0, 1.0)
    assert found["held"] > 1
    assert found["off_pitch"] == 0.0
