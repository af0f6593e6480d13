"""One severity for a clip, out of eleven columns of what was done to it."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from asa_training.grades import COLUMNS, Grade, grade_of
from asa_training.render.attributes_of_defects import heard_severity
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

ROWS = hnp.arrays(np.float32, (5, len(COLUMNS)), elements=st.floats(0, 3, width=32))


def row(**severity: float) -> np.ndarray:
    return np.array([severity.get(name, 0.0) for name in COLUMNS], np.float32)


@given(ROWS)
def test_a_grade_is_between_0_and_1_and_that_of_its_row(rows):
    for grade in get_args(Grade):
        found = grade_of(rows, grade)
        assert found.shape == (5,)
        assert found.dtype == np.float32
        assert (found >= 0).all()
        assert (found <= 1).all()
        assert [grade_of(each, grade) for each in rows] == pytest.approx(found)


@given(ROWS)
def test_the_grade_heard_is_the_renditions_own_severity(rows):
    for each, found in zip(rows, grade_of(rows), strict=True):
        realised = dict(zip(COLUMNS, each.tolist(), strict=True))
        assert found == pytest.approx(min(heard_severity(realised), 1.0), rel=1e-5)


def test_what_the_score_does_not_count_is_no_fault():
    spoilt = row(tone=1.0, dynamics=1.0, unsteady=1.0, scoops=1.0, vibrato_notes=0.4)
    assert grade_of(spoilt) == 0.0
    assert grade_of(spoilt, "worst") == 0.0


def test_the_worst_is_the_worst_and_intonation_is_that_alone():
    assert grade_of(row(timing=0.7, off_pitch=0.2), "worst") == pytest.approx(0.7)
    assert grade_of(row(timing=0.7, off_pitch=0.2), "intonation") == pytest.approx(0.2)
    assert grade_of(row(off_pitch=0.3, drift=0.4), "intonation") == pytest.approx(0.5)


def test_one_attribute_alone_hears_no_other():
    spoilt = row(timing=0.7, vibrato=0.3, off_pitch=0.2, vibrato_notes=0.4)
    assert grade_of(spoilt, "rhythm") == pytest.approx(0.7)
    assert grade_of(spoilt, "vibrato") == pytest.approx(0.3)


def test_vibrato_weighs_only_where_there_was_one_to_lose():
    without = grade_of(row(off_pitch=0.5))
    assert without > grade_of(row(off_pitch=0.5, vibrato_notes=0.5))
    assert grade_of(row(vibrato=1.0, vibrato_notes=0.5)) > grade_of(row(timing=0.5))
