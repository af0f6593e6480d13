"""The scale of the score, from means of takes that were spoilt alike."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
from asa_training import overall_scale
from asa_training.__main__ import main
from asa_training.overall_scale import scale_of
from asa_training.render.draw import draw_plans
from hypothesis import example, given
from hypothesis import strategies as st

from asa_desktop.core.assess import overall
from asa_desktop.core.errors import AudioError, UsageError
from asa_desktop.core.types import Attribute, Overall

MEANS = st.lists(st.floats(1, 84), min_size=5, max_size=30)


@given(MEANS, MEANS)
@example([44.53] * 5, [44.5] * 5)  # apart, but not where a knot is rounded
def test_the_median_take_gets_what_it_should(half, whole):
    means = {0.5: half, 1.0: whole}
    low, middle = (round(float(np.median(means[each])), 1) for each in (1.0, 0.5))
    if not low < middle < 85:
        with pytest.raises(UsageError) as caught:
            scale_of(means)
        assert caught.value.code == "model_orders_nothing"
        return
    scale = scale_of(means)
    assert overall.on_scale(middle, scale) == pytest.approx(55)
    assert overall.on_scale(low, scale) == pytest.approx(25)
    assert overall.on_scale(85, scale) == 85
    assert overall.on_scale(100, scale) == 100
    points = [overall.on_scale(mean, scale) for mean in range(101)]
    assert points == sorted(points)


def test_too_few_takes_make_no_scale():
    with pytest.raises(UsageError) as caught:
        scale_of({0.5: [60.0] * 9, 1.0: [30.0] * 4})
    assert caught.value.facts == {"count": 4, "least": 5}
    with pytest.raises(UsageError):
        scale_of({})


def test_the_bundled_scorer_is_one_that_the_command_writes():
    scale = overall.SCALE
    assert scale[0] == (0, 0)
    assert scale[-2:] == ((85, 85), (100, 100))
    assert [score for _, score in scale] == [0, 25, 55, 85, 100]
    assert [mean for mean, _ in scale] == sorted({mean for mean, _ in scale})


def test_the_design_spoils_all_that_counts_alike():
    plans = draw_plans(
        engines=["world"], seed=1, source_id="a", count=8, probes=0, median_hz=200, design="alike"
    )
    asked = [each.severities for each in plans[2:]]
    assert [each.off_pitch for each in asked] == [0.0, 0.5, 1.0] * 2
    assert [each.timing for each in asked] == [each.vibrato for each in asked]
    assert [each.timing for each in asked] == [each.off_pitch for each in asked]
    assert [each.role for each in plans[2:5]] == ["positive", "negative", "negative"]
    assert not any(each.tone or each.dynamics or each.held for each in asked)


def facts(count: int) -> list[dict]:
    plans = [0.0, 0.5, 1.0] * count
    return [
        {
            "source": {"id": "s", "singer": "one", "recording": "r"},
            "plan": {"engine": "world", "severities": {"off_pitch": severity}},
        }
        for severity in plans
    ]


def test_the_command_writes_a_card_and_counts_who_was_turned_away(tmp_path, monkeypatch, capsys):
    def made(folder, facts, *, model):
        for number, one in enumerate(facts):
            severity = one["plan"]["severities"]["off_pitch"]
            value = 90 - 50 * severity + number % 3
            sung = SimpleNamespace(
                attributes={"intonation": Attribute(value, 20.0, "cents", 1.0)},
                clips=(),
                overall=Overall(value, None, None),
            )
            yield one, AudioError("not_audio", path=folder) if number == 4 else sung

    monkeypatch.setattr(overall_scale, "beside_anchor", made)
    monkeypatch.setattr(overall_scale, "read_manifest", lambda folder: facts(7))
    model = SimpleNamespace(card=SimpleNamespace(id="rori-9"))
    monkeypatch.setattr("asa_desktop.core.load_model", lambda *_, **__: model)
    out = tmp_path / "overall.json"
    told = ["--renders", str(tmp_path / "alike"), "--model", "m", "--id", "overall-9"]
    assert main(["overall", *told, "--out", str(out)]) == 0
    card = json.loads(out.read_text("utf-8"))
    assert card["weights"] == dict(overall.WEIGHTS)
    assert card["made"]["turned_away"] == 1
    assert card["made"]["takes"]["0.5"]["median"] == pytest.approx(55)
    assert card["made"]["takes"]["1"]["median"] == pytest.approx(25)
    assert card["made"]["takes"]["0"]["takes"] == 7
    assert "severity 0.5" in capsys.readouterr().out
