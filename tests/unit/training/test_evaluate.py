"""Measures of a tower: AUC, what is selected at a severity, the table of clips."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from asa_training.evaluate import (
    ClipRow,
    auc,
    auc_at,
    clean,
    clip_table,
    cosines,
    graded,
    order_of,
    select,
)
from asa_training.grades import COLUMNS
from hypothesis import given
from hypothesis import strategies as st
from made_renditions import made, scene, small_scene

LEVELS = st.lists(st.integers(0, 8).map(lambda k: k / 8), min_size=1, max_size=30)


@given(LEVELS, LEVELS)
def test_auc_is_the_share_of_pairs_in_order(good, poor):
    pairs = [
        1.0 if better > worse else 0.5 if better == worse else 0.0
        for better, worse in itertools.product(good, poor)
    ]
    assert auc(np.array(good), np.array(poor)) == pytest.approx(np.mean(pairs))
    assert auc(np.array(poor), np.array(good)) == pytest.approx(1 - np.mean(pairs))


def test_auc_of_nothing_is_not_a_number():
    assert np.isnan(auc(np.array([]), np.array([1.0])))
    assert np.isnan(auc(np.array([1.0]), np.array([])))


def row(cosine: float = 0.0, *, role: str = "negative", asked: tuple[str, ...] = (), **severity):
    values = np.array([severity.get(name, 0.0) for name in COLUMNS], np.float32)
    return ClipRow(
        source="s",
        singer="one",
        take="t",
        anchor="a",
        role=role,
        asked=frozenset(asked),
        severity=values,
        cosine=cosine,
    )


def test_only_clips_with_one_defect_at_that_severity_are_selected():
    table = [
        row(0, asked=("off_pitch",), off_pitch=0.45),
        row(1, asked=("off_pitch",), off_pitch=0.61),
        row(2, asked=("off_pitch",), off_pitch=0.5, timing=0.9),
        row(3, asked=("off_pitch", "timing"), off_pitch=0.5, timing=0.5),
        row(4, asked=("timing",), timing=0.5),
        row(5, asked=("drift",), drift=0.55),
        row(6, asked=("drift",), off_pitch=0.5),
        row(7, role="positive", off_pitch=0.5),
        row(8, role="probe_poor", asked=("off_pitch",), off_pitch=0.5),
        row(9, asked=("wrong_notes",), wrong_notes=3.0),
    ]

    def chosen(*defects: str, severity: float = 0.5) -> list[float]:
        return [each.cosine for each in select(table, defects, severity=severity)]

    assert chosen("off_pitch") == [0, 2]
    assert chosen("off_pitch", "drift") == [0, 2, 5]
    assert chosen("timing") == [4]
    assert chosen("off_pitch", severity=0.7) == [1]
    assert chosen("wrong_notes", severity=1.0) == [9]
    assert [each.cosine for each in clean(table)] == [7]
    assert graded(table, "worst")[2] == pytest.approx(0.9)
    assert graded(table)[9] == 1.0
    assert graded([]).shape == (0,)


def test_a_network_is_ranked_by_the_severity_of_what_it_says_little_of():
    severity = np.array([0.0, 0.2, 0.5, 0.9], np.float32)
    assert order_of(np.array([0.9, 0.8, 0.1, -0.3]), severity) == pytest.approx(1.0)
    assert order_of(np.array([-0.3, 0.1, 0.8, 0.9]), severity) == pytest.approx(-1.0)
    assert order_of(np.full(4, 0.3), severity) == 0.0
    assert np.isnan(order_of(np.arange(4.0), np.zeros(4, np.float32)))
    assert np.isnan(order_of(np.zeros(1), severity[:1]))


def test_auc_at_a_severity_by_hand():
    table = [
        *(row(value, role="positive") for value in (0.9, 0.7)),
        *(row(value, asked=("drift",), drift=0.5) for value in (0.8, 0.1)),
        row(0.99, asked=("drift",), drift=0.9),
    ]
    assert auc_at(table, ("drift",), severity=0.5) == pytest.approx(3 / 4)


class Mean(torch.nn.Module):
    """A tower that sees a clip as the first rows of its chroma."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images[:, 1].flatten(1) - 0.5


@pytest.fixture(scope="module")
def table():
    return clip_table(Mean(), [*scene("a"), *scene("b")], device=torch.device("cpu"))


def test_every_whole_window_of_every_performance_is_in_the_table(table):
    # 200 frames hold two windows; 14 performances a source, against their own anchor alone.
    assert len(table) == 2 * 2 * 14
    assert {(each.source, each.anchor) for each in table} == {
        ("a", "a/anchor.flac"),
        ("b", "b/anchor.flac"),
    }
    assert all(each.role != "anchor" for each in table)


def test_the_cosine_falls_as_severity_grows(table):
    steps = [cosines(select(table, ("off_pitch",), severity=at)).mean() for at in (0.25, 0.5, 1)]
    assert cosines(clean(table)).mean() > steps[0] > steps[1] > steps[2]
    assert auc_at(table, ("off_pitch",), severity=0.5) == 1.0


def test_the_key_of_a_performance_is_removed():
    def transposed(name: str, semitones: int):
        from dataclasses import replace

        plain = made(name, role="positive", strays=0.0)
        features = plain.features
        pitch = replace(features.pitch, hz=features.pitch.hz * np.float32(2 ** (semitones / 12)))
        chroma = np.roll(features.chroma, 8 * semitones, axis=0)
        return replace(plain, features=replace(features, pitch=pitch, chroma=chroma))

    found = clip_table(
        Mean(),
        [made("anchor", role="anchor"), transposed("up", 4), transposed("down", -7)],
        device=torch.device("cpu"),
    )
    assert cosines(found) == pytest.approx(np.ones(4), abs=1e-5)


class Level(torch.nn.Module):
    """A head that says the mean of the chroma. (B, 5, 96, 94) -> (B,)."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images[:, 1].mean(dim=(1, 2))


def table_of(system: str, network: torch.nn.Module, renditions, **more):
    return clip_table(network, renditions, device=torch.device("cpu"), system=system, **more)


def test_a_head_rates_each_take_once_and_needs_no_anchor():
    renditions = small_scene("a")
    takes = [each for each in renditions if each.role in ("positive", "negative")]
    found = table_of("direct", Level(), takes, key="own")
    assert len(found) == 2 * len(takes)
    assert {each.anchor for each in found} == {""}
    for each in found:
        (take,) = (one for one in takes if one.name == each.take)
        wanted = take.features.chroma[:, each.start : each.start + 94].mean()
        assert each.cosine == pytest.approx(float(wanted), abs=1e-5)
    takes_of = {each.take for each in table_of("direct", Level(), renditions, key="own")}
    assert takes_of == {each.name for each in takes}, "no anchor, no accompaniment"


def test_delta_is_take_less_anchor():
    renditions = small_scene("a")
    (anchor,) = (each for each in renditions if each.role == "anchor")
    (take,) = (each for each in renditions if each.name == "a/poor2.flac")
    rows = [row for row in table_of("delta", Level(), renditions) if row.take == take.name]
    assert [row.anchor for row in rows] == [anchor.name] * 2
    for row in rows:
        ours, theirs = (
            each.features.chroma[:, row.start : row.start + 94].mean() for each in (take, anchor)
        )
        assert row.cosine == pytest.approx(float(ours - theirs), abs=1e-5)


def test_racc_compares_with_the_accompaniment_which_has_no_pitch():
    renditions = small_scene("a")
    found = table_of("racc", Mean(), renditions, key="song")
    assert {each.anchor for each in found} == {"a/accompaniment.flac"}
    assert len(found) == 2 * 5
    assert {each.role for each in found} == {"positive", "negative"}
    assert table_of("racc", Mean(), scene("a"), key="song") == []


def test_two_towers_look_at_different_sides():
    from asa_desktop.core.networks.cnnsa import TowerConfig
    from asa_desktop.core.networks.heads import TwoTowers

    network = TwoTowers(TowerConfig(width=4, feed_forward=8, layers=1, heads=2, embedding=8))
    network.performance, network.reference = Mean(), Flipped()
    alike = [made("anchor", role="anchor"), made("same", role="positive", strays=0.0)]
    assert cosines(table_of("rori", network, alike)) == pytest.approx(-np.ones(2), abs=1e-5)


class Flipped(Mean):
    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return -super().forward(images)
