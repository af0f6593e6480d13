"""The numbers of a table, counted by hand; asa_training.report."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from asa_training.evaluate import ClipRow
from asa_training.grades import COLUMNS
from asa_training.render.plan import DEFECTS
from asa_training.report import curve, summary, take_pairs

from asa_desktop.core.assess.score_map import ScoreMap

# A score is a hundred times the cosine.
PLAIN = ScoreMap.from_knots([(0.0, 0.0), (1.0, 100.0)])

_STARTS = itertools.count()


def row(
    cosine: float,
    *,
    take: str,
    role: str = "positive",
    severity: float = 0.0,
    defect: str = "off_pitch",
    source: str = "s",
    singer: str = "one",
) -> ClipRow:
    values = np.zeros(len(COLUMNS), np.float32)
    values[COLUMNS.index(defect)] = severity
    return ClipRow(
        source=source,
        singer=singer,
        take=take,
        anchor=f"{source}-anchor",
        role=role,
        asked=frozenset({defect}) if role == "negative" else frozenset(),
        severity=values,
        cosine=cosine,
        start=next(_STARTS),
    )


def poor(cosine: float, *, take: str = "poor", severity: float = 0.5, **more: str) -> ClipRow:
    return row(cosine, take=take, role="negative", severity=severity, **more)


def test_takes_are_means_over_clips_compared_within_their_source():
    table = [
        row(0.9, take="good"),
        row(0.7, take="good"),  # 80
        row(0.5, take="other good"),  # 50
        poor(0.3),
        poor(0.5),  # 40
        poor(0.6, take="poorer", severity=0.4),
        poor(0.6, take="poorer", severity=0.6),  # 60, on average of severity 0.5
        poor(0.0, take="too poor", severity=0.9),
        poor(0.0, take="late", defect="timing"),
        row(0.1, take="elsewhere", source="t"),
    ]
    found = take_pairs(table, PLAIN)
    # 80-40, 80-60, 50-40, 50-60; the source t has a good take alone.
    assert found == {
        "pairs": 4,
        "in_order": 0.75,
        "median_gap": 15.0,
        "median_good": 50.0,
    }


def test_the_curve_is_the_median_score_at_each_severity():
    table = [
        *(row(value, take="good") for value in (0.8, 0.9, 1.0)),
        *(poor(value, severity=0.5) for value in (0.3, 0.4)),
        poor(0.6, severity=0.32, defect="drift"),
    ]
    found = curve(table, PLAIN)
    assert found["off_pitch"] == {
        "0.0": 90.0, "0.1": None, "0.3": None, "0.5": 35.0, "0.7": None, "0.9": None,
    }  # fmt: skip
    assert found["drift"]["0.3"] == 60.0
    assert list(found) == list(DEFECTS)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(3)
    made = []
    for number in range(8):
        source, singer = f"s{number}", f"singer{number % 2}"
        place = {"source": source, "singer": singer}
        for _ in range(4):
            made.append(row(rng.normal(0.8, 0.08), take=f"g{number}", **place))
            made.append(poor(rng.normal(0.65, 0.1), take=f"p{number}", **place))
        made.append(row(0.7, take="pg", role="probe_good", **place))
        made.append(row(0.7, take="pp", role="probe_poor", **place))
    return made


def test_the_summary_holds_together(table):
    found = summary(table, PLAIN)
    assert (found["clips"], found["sources"]) == (80, 8)
    assert found["singers"] == ["singer0", "singer1"]
    assert found["clips_at_0.5"] == 32
    low, high = found["auc_pitch_0.5_interval"]
    assert 0.5 < low < found["auc_pitch_0.5"] < high < 1
    assert found["auc_each_0.5"]["off_pitch"] == found["auc_pitch_0.5"]
    assert found["probe"] == {"auc": 0.5, "good": 8, "poor": 8}
    assert set(found["auc_by_singer"]) == {"singer0", "singer1"}
    assert summary(table, PLAIN) == found


def test_what_was_not_there_to_measure_is_null_and_never_nan(table):
    found = summary(table, PLAIN)
    assert found["auc_each_0.5"]["timing"] is None
    json.dumps(found, allow_nan=False)
    bare = summary([row(0.8, take="good")], PLAIN)
    assert bare["auc_pitch_0.5"] is None
    assert bare["auc_pitch_0.5_interval"] == [None, None]
    assert bare["takes"]["in_order"] is None
    json.dumps(bare, allow_nan=False)
    without_good = summary([poor(0.3)], PLAIN)
    assert without_good["takes"]["median_good"] is None
    json.dumps(without_good, allow_nan=False)
