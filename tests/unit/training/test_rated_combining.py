"""Several recordings, clips and references become one word: by hand."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from asa_training.rated.combining import nearest, of_model, over_recordings, scored_clips

from asa_desktop.core.types import Clip, ClipScore, SystemScore


def said(value=None, score=None, reason=None):
    return SystemScore(score=score, value=value, unit="cents", reason=reason)


def analysis(*clips, model="rori-1", reason=None):
    """Only what is looked at: the clips, which model, and why there are no scores."""
    scored = tuple(
        ClipScore(Clip(k, 3.0 * k, 3.0 * k + 3, 1, 1), score, cosine=cosine)
        for k, (score, cosine) in enumerate(clips)
    )
    return SimpleNamespace(clips=scored, model=model, reason=reason)


def test_recordings_weigh_as_long_as_they_are_sung():
    found = over_recordings(
        [said(10.0, 50.0), said(40.0, 20.0)], [1.0, 2.0], unit="cents", better="low"
    )
    assert found.value == pytest.approx(30.0)
    assert found.score == pytest.approx(30.0)
    assert (found.unit, found.better, found.reason) == ("cents", "low", None)


def test_what_is_silent_does_not_pull_the_mean():
    found = over_recordings(
        [said(10.0), said(reason="too_short"), None], [1.0, 50.0, 50.0], unit="", better="high"
    )
    assert (found.value, found.score, found.reason) == (10.0, None, None)


def test_recordings_without_any_pitch_count_alike():
    found = over_recordings([said(1.0), said(2.0)], [0.0, 0.0], unit="", better="high")
    assert found.value == pytest.approx(1.5)


def test_a_value_of_nothing_is_a_value():
    found = over_recordings([said(0.0)], [1.0], unit="", better="high")
    assert found.value == 0.0


def test_the_commonest_reason_is_told():
    found = over_recordings(
        [said(reason="too_short"), said(reason="no_melody"), said(reason="no_melody")],
        [1.0, 1.0, 1.0],
        unit="",
        better="high",
    )
    assert (found.value, found.score, found.reason) == (None, None, "no_melody")
    assert over_recordings([None], [1.0], unit="", better="high").reason == "not_said"


def test_a_models_score_is_the_mean_over_all_clips_of_all_recordings():
    analyses = [
        analysis((90.0, 0.9), (60.0, 0.6), (None, None)),
        analysis((30.0, 0.3)),
        analysis(reason="too_short", model=None),
    ]
    lines = of_model("rori-1", analyses)
    assert lines["rori-1"].score == pytest.approx(60.0)
    assert lines["rori-1"].value is None
    assert lines["rori-1 cosine"].value == pytest.approx(0.6)
    assert scored_clips(analyses) == 3


def test_what_another_system_scored_is_not_the_models():
    lines = of_model("rori-1", [analysis((90.0, None), model=None, reason="no_notes")])
    assert lines.keys() == {"rori-1"}
    assert (lines["rori-1"].score, lines["rori-1"].reason) == (None, "no_notes")


def test_the_reference_that_suits_best_counts_whichever_way_is_better():
    each = [
        {"far": said(5.0, 50.0), "peaks": said(0.2)},
        {"far": said(3.0, 70.0), "peaks": said(0.9), "notes": said(reason="no_melody")},
        {"far": said(reason="silent"), "notes": said(score=12.0)},
    ]
    found = nearest(each, {"far": "low", "peaks": "high", "notes": "high"})
    assert (found["far"].value, found["far"].score) == (3.0, 70.0)
    assert found["peaks"].value == 0.9
    assert found["notes"].score == 12.0
