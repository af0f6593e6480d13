"""The knots of the score map."""

from __future__ import annotations

import numpy as np
import pytest
from asa_training.evaluate import ClipRow
from asa_training.grades import COLUMNS
from asa_training.scores import fit_score_map
from hypothesis import given
from hypothesis import strategies as st

from asa_desktop.core.errors import UsageError


def rows(*medians: float, defect: str = "off_pitch") -> list[ClipRow]:
    """Three clips around each median, of severity 0, 0.5 and 1."""
    made = []
    for severity, median in zip((0.0, 0.5, 1.0), medians, strict=True):
        for off in (-0.01, 0.0, 0.01):
            values = np.zeros(len(COLUMNS), np.float32)
            values[COLUMNS.index(defect)] = severity
            made.append(
                ClipRow(
                    source="s",
                    singer="one",
                    take=f"{severity}",
                    anchor="a",
                    role="negative" if severity else "positive",
                    asked=frozenset({defect} if severity else ()),
                    severity=values,
                    cosine=median + off,
                )
            )
    return made


def test_the_medians_get_90_50_and_10():
    to_score = fit_score_map(rows(0.9, 0.6, 0.2))
    assert [to_score(cosine) for cosine in (0.9, 0.6, 0.2)] == pytest.approx([90, 50, 10])
    # The ends run on with the slope of their neighbours: 40 points in 0.3 above, 0.4 below.
    assert to_score(0.9 + 0.3 / 4) == pytest.approx(100)
    assert to_score(0.2 - 0.4 / 4) == pytest.approx(0)
    assert to_score(0.9375) == pytest.approx(95, abs=0.1)
    assert (to_score(1.0), to_score(-1.0)) == (100, 0)


@given(
    st.lists(
        st.integers(-900, 999).map(lambda k: k / 1000), min_size=3, max_size=3, unique=True
    ).map(sorted),
    st.sampled_from(["off_pitch", "drift", "wrong_notes"]),
)
def test_whatever_the_medians_the_map_rises(medians, defect):
    low, middle, high = medians
    to_score = fit_score_map(rows(high, middle, low, defect=defect))
    cosines, scores = zip(*to_score.knots, strict=True)
    assert list(cosines) == sorted(set(cosines))
    assert list(scores) == sorted(scores)
    assert all(-1 <= cosine <= 1 for cosine in cosines)
    assert to_score(middle) == pytest.approx(50, abs=2)


@pytest.mark.parametrize(
    "medians", [(0.5, 0.6, 0.7), (0.9, 0.2, 0.6), (0.6, 0.9, 0.2), (0.5, 0.5, 0.5)]
)
def test_medians_out_of_order_are_refused(medians):
    with pytest.raises(UsageError) as caught:
        fit_score_map(rows(*medians))
    assert caught.value.code == "model_orders_nothing"


@pytest.mark.parametrize("missing", ["positive", "negative"])
def test_nothing_at_a_severity_is_refused(missing):
    with pytest.raises(UsageError):
        fit_score_map([row for row in rows(0.9, 0.6, 0.2) if row.role != missing])


def test_timing_has_no_part_in_the_scale():
    with pytest.raises(UsageError):
        fit_score_map(rows(0.9, 0.6, 0.2, defect="timing"))
