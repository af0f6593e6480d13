"""Plans: drawn from a seed, independent of the role, and the same after a trip through text."""

from __future__ import annotations

import json
from dataclasses import astuple, replace

import numpy as np
import pytest
from asa_training.render.draw import Design, draw_plans
from asa_training.render.plan import DEFECTS, Plan, Severities


def plans(
    count: int = 14,
    *,
    source: str = "one",
    probes: int = 0,
    seed: int = 3,
    design: Design = "turn",
) -> list[Plan]:
    return draw_plans(
        engines=("world",),
        seed=seed,
        source_id=source,
        count=count,
        probes=probes,
        median_hz=220.0,
        design=design,
    )


@pytest.fixture(scope="module")
def many() -> list[Plan]:
    return [one for n in range(90) for one in plans(source=f"source {n}", probes=1)]


def test_the_same_seed_draws_the_same_plans_and_another_does_not() -> None:
    assert plans() == plans()
    assert plans(seed=4) != plans()
    assert plans(source="two") != plans()


def test_a_plan_survives_json(many: list[Plan]) -> None:
    for one in many[:40]:
        assert Plan.from_json(json.loads(json.dumps(one.to_json()))) == one


def test_roles_are_shared_out() -> None:
    roles = [one.role for one in plans(14, probes=2)]
    counts = {role: roles.count(role) for role in roles}
    assert counts == {
        "anchor": 2,
        "positive": 4,
        "negative": 8,
        "probe_good": 2,
        "probe_poor": 2,
    }


def test_only_negatives_are_poor(many: list[Plan]) -> None:
    for one in many:
        assert any(astuple(one.severities)) == (one.role == "negative")


def test_every_source_shows_each_defect() -> None:
    for n in range(20):
        poor = [one.severities for one in plans(17, source=str(n)) if one.role == "negative"]
        for name in DEFECTS:
            assert any(getattr(one, name) > 0 for one in poor)


def test_severities_fill_their_range_and_are_drawn_apart(many: list[Plan]) -> None:
    poor = np.array([astuple(one.severities) for one in many if one.role == "negative"])
    alone = (poor > 0).sum(axis=1) == 1
    assert 0.5 < alone.mean() < 0.7
    strong = poor[alone].max(axis=1)
    assert np.percentile(strong, [10, 50, 90]) == pytest.approx([0.15, 0.525, 0.9], abs=0.04)
    for column in range(len(DEFECTS)):
        mine = strong[poor[alone, column] > 0]
        assert np.percentile(mine, [10, 50, 90]) == pytest.approx([0.15, 0.525, 0.9], abs=0.2)
    for a in range(len(DEFECTS)):
        for b in range(a):
            both = (poor[:, a] > 0) & (poor[:, b] > 0)
            # no common skill: knowing one severity says nothing about another
            assert abs(np.corrcoef(poor[both, a], poor[both, b])[0, 1]) < 0.6


@pytest.mark.parametrize(
    "what",
    [
        *("transpose_cents", "vibrato", "wobble_cents", "sway_s", "lent_vibrato_cents"),
        *("swell_db", "tone", "trim_s", "scoop_cents", "unsteady_cents"),
    ],
)
def test_harmless_edits_do_not_tell_good_from_poor(many: list[Plan], what: str) -> None:
    from scipy.stats import ks_2samp

    good = [getattr(one.harmless, what) for one in many if one.role == "positive"]
    poor = [getattr(one.harmless, what) for one in many if one.role == "negative"]
    assert ks_2samp(good, poor).pvalue > 0.001


def test_the_channel_does_not_tell_good_from_poor(many: list[Plan]) -> None:
    from scipy.stats import ks_2samp

    for read in (
        lambda one: one.channel.level_db,
        lambda one: one.channel.noise_db or -99.0,
        lambda one: one.channel.reverb_s or 0.0,
        lambda one: float(len(one.channel.filters)),
    ):
        good = [read(one) for one in many if one.role == "positive"]
        poor = [read(one) for one in many if one.role == "negative"]
        assert ks_2samp(good, poor).pvalue > 0.001


def test_the_key_follows_the_plan_and_the_sound() -> None:
    one = plans()[3]
    key = one.key("ab", 0.0, 10.0)
    assert key == Plan.from_json(one.to_json()).key("ab", 0.0, 10.0)
    others = [
        replace(one, seed=one.seed + 1).key("ab", 0.0, 10.0),
        replace(one, severities=Severities(drift=0.01)).key("ab", 0.0, 10.0),
        replace(one, renderer=one.renderer + 1).key("ab", 0.0, 10.0),
        one.key("cd", 0.0, 10.0),
        one.key("ab", 0.0, 11.0),
    ]
    assert len({key, *others}) == 6


def test_the_grid_draws_every_severity_by_itself() -> None:
    drawn = [one for n in range(60) for one in plans(14, source=str(n), design="grid")]
    roles = [one.role for one in drawn]
    assert roles.count("anchor") == 120
    asked = np.array([astuple(one.severities) for one in drawn if one.role != "anchor"])
    assert asked.shape == (720, len(DEFECTS))
    assert np.mean(asked > 0, axis=0) == pytest.approx(np.full(len(DEFECTS), 0.5), abs=0.08)
    assert np.max(np.abs(np.corrcoef(asked.T) - np.eye(len(DEFECTS)))) < 0.16
    strong = asked[asked > 0]
    assert np.percentile(strong, [0, 50, 100]) == pytest.approx([0.05, 0.525, 1.0], abs=0.03)
    assert all(
        any(astuple(one.severities)) == (one.role == "negative")
        for one in drawn
        if one.role != "anchor"
    )


def test_the_voices_of_one_source_share_their_vibrato() -> None:
    lent = [[one.harmless.lent_vibrato_cents for one in plans(source=str(n))] for n in range(40)]
    given = [one for one in lent if max(one) > 0]
    assert 0.5 < len(given) / len(lent) < 1.0
    for one in given:
        assert 25 < min(one) <= max(one) < 93
        assert max(one) / min(one) < 1.4


def test_the_misalignment_is_as_wide_as_asked_for() -> None:
    few = draw_plans(
        engines=("world",),
        seed=1,
        source_id="a",
        count=40,
        probes=0,
        median_hz=220.0,
        sway_s=0.01,
    )
    assert 0 < max(one.harmless.sway_s for one in few) <= 0.01
    assert 0.06 < max(one.harmless.sway_s for one in plans(40)) <= 0.08


def test_engines_share_every_role() -> None:
    def drawn(*engines: str) -> list[Plan]:
        return draw_plans(
            engines=engines, seed=1, source_id="a", count=40, probes=4, median_hz=220.0
        )

    both = drawn("world", "vocoder")
    assert [one.engine for one in both if one.role == "anchor"] == ["world", "vocoder"]
    for role in ("positive", "negative"):
        assert {one.engine for one in both if one.role == role} == {"world", "vocoder"}
    # who sings changes nothing about what is sung
    assert [replace(one, engine="world") for one in both] == drawn("world")
