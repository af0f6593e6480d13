"""The whole comparison: signs, what is missing, and table, CSV and page that say so."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from asa_training.rated.compare import compare
from asa_training.rated.figures import draw
from asa_training.rated.page import page
from asa_training.rated.performances import Heard, Said
from asa_training.rated.severity import Point
from asa_training.rated.sheets import performances_csv, table_csv
from asa_training.rated.table import HUMAN, PAIRWISE, cell, foot, number, text
from made_ratings import made


@pytest.fixture(scope="module")
def rated():
    return made()


@pytest.fixture(scope="module")
def table(rated):
    return compare(rated, target="overall", seed=1, variants=7)


def line_of(table, name):
    return next(line for line in table.lines if line.system == name)


def test_every_system_and_the_fits_have_all_cells(table):
    names = [line.system for line in table.lines]
    assert names[:6] == ["near", "far", "mapped", "coin", "partial", "silent"]
    assert len(names) == 9
    wanted = {
        (measure, scope) for measure in ("pearson", "spearman") for scope in (None, "Alpha", "Beta")
    }
    assert all(set(line.cells) == wanted for line in table.lines)
    assert set(table.human) == wanted


def test_less_is_better_is_negated_and_scores_stand_in_for_values(table):
    near, far = line_of(table, "near"), line_of(table, "far")
    assert (near.by, far.by) == ("value", "-value")
    assert line_of(table, "mapped").by == "score"
    assert line_of(table, "silent").by == "–"
    assert np.allclose(far.oriented, near.oriented - 7)
    there, here = far.cells["pearson", None], near.cells["pearson", None]
    assert (there.value, there.low, there.n) == pytest.approx((here.value, here.low, here.n))
    assert near.cells["pearson", None].value > 0.9


def test_the_correlations_are_those_of_numpy(table, rated):
    human = [each.human for each in rated]
    near = [each.heard.said["near"].value for each in rated]
    mix = line_of(table, "near").cells["pearson", None]
    assert mix.value == pytest.approx(np.corrcoef(near, human)[0, 1])
    assert (mix.n, mix.singers) == (20, 20)
    alpha = line_of(table, "near").cells["pearson", "Alpha"]
    assert alpha.value == pytest.approx(np.corrcoef(near[:10], human[:10])[0, 1])
    assert alpha.n == 10


def test_what_is_missing_is_counted_with_its_reason(table):
    partial, silent = line_of(table, "partial"), line_of(table, "silent")
    assert partial.cells["pearson", None].n == 10
    assert dict(partial.reasons) == {"too_short": 10}
    assert silent.cells["spearman", None].value is None
    assert dict(silent.reasons) == {"no_melody": 20}
    assert table.unfitted == ("partial", "silent")


def test_a_performance_that_could_not_be_read_is_missing_everywhere(rated):
    broken = replace(rated[0], heard=Heard(said={}, fault="not_audio"))
    table = compare([broken, *rated[1:]], target="overall", seed=1)
    assert line_of(table, "near").cells["pearson", None].n == 19
    assert dict(line_of(table, "near").reasons) == {"not_audio": 1}
    fitted = [line for line in table.lines if line.by == "fitted"]
    assert fitted, "the others can be fitted on"
    for line in fitted:
        assert line.cells["pearson", None].n == 19
        assert dict(line.reasons) == {"not_audio": 1}
    assert "Of 20 performances 1 without (not_audio): not readable." in foot(table)


def test_numbers_that_are_none_are_no_numbers(rated):
    odd = replace(
        rated[0],
        heard=replace(
            rated[0].heard, said={**rated[0].heard.said, "near": Said(value=float("inf"))}
        ),
    )
    table = compare([odd, *rated[1:]], target="overall", seed=1)
    assert line_of(table, "near").cells["pearson", None].n == 19
    assert line_of(table, "near").cells["pearson", None].value > 0.9


def test_one_song_has_no_fits(rated):
    table = compare(rated[:10], target="overall", seed=1)
    assert [line.by for line in table.lines].count("fitted") == 0
    assert table.songs == ("Alpha",)


def test_the_same_seed_gives_the_same_table_and_another_another(rated, table):
    again = compare(rated, target="overall", seed=1, variants=7)
    assert table_csv(again) == table_csv(table)
    other = compare(rated, target="overall", seed=2, variants=7)
    near, moved = line_of(table, "near"), line_of(other, "near")
    assert near.cells["pearson", None].value == moved.cells["pearson", None].value
    assert near.cells["pearson", None].low != moved.cells["pearson", None].low


def test_numbers_as_they_are_printed():
    assert [number(value) for value in (0.652, -0.222, 1.0, -1.0, -0.001, 0.999)] == [
        ".65", "-.22", "1.00", "-1.00", ".00", "1.00",
    ]  # fmt: skip


def test_every_number_of_the_text_has_its_interval_and_n(table):
    shown = text(table)
    near = cell(line_of(table, "near").cells["pearson", None])
    assert near.endswith("(20)")
    assert "[" in near
    row = next(line for line in shown.splitlines() if line.startswith("near "))
    assert near in row
    silent = next(line for line in shown.splitlines() if line.startswith("silent "))
    assert silent.split()[1:3] == ["–", "(0)"]
    assert "Variants tried before this one: 7." in shown
    assert "silent: 20 without (no_melody)." in shown
    assert HUMAN in shown
    assert PAIRWISE in shown


def test_unsaid_variants_are_said_to_be_unsaid(rated):
    assert "Variants tried before this one: not stated." in text(
        compare(rated[:10], target="overall", seed=1)
    )


def test_many_songs_are_summed_up_on_the_terminal():
    table = compare(made([f"song{k}" for k in range(8)], each=5), target="overall", seed=1)
    short, long = text(table, whole=False), text(table)
    assert "songs: median, lowest to highest (songs)" in short
    assert "song7" not in short
    assert "song7" in long
    values = [line_of(table, "near").cells["pearson", song].value for song in table.songs]
    assert f"{number(np.median(values))}, {number(min(values))} to {number(max(values))} (8)" in (
        short
    )


def test_the_csv_holds_every_cell(table):
    rows = list(csv.DictReader(io.StringIO(table_csv(table))))
    assert len(rows) == 2 * 3 * (len(table.lines) + 2)
    near = next(
        row
        for row in rows
        if (row["system"], row["measure"], row["song"]) == ("near", "spearman", "Beta")
    )
    wanted = line_of(table, "near").cells["spearman", "Beta"]
    assert float(near["value"]) == pytest.approx(wanted.value, abs=1e-5)
    assert (near["n"], near["scope"], near["variants"], near["by"]) == ("10", "song", "7", "value")
    silent = next(row for row in rows if row["system"] == "silent")
    assert (silent["value"], silent["n"], silent["missing"]) == ("", "0", "no_melody:20")
    people = [row for row in rows if row["system"] == HUMAN and row["measure"] == "pearson"]
    assert [row["scope"] for row in people] == ["mix", "song", "song"]
    assert all(float(row["lowest_judge"]) <= float(row["value"]) for row in people)


def test_each_performance_has_its_values_beside_the_human_mean(table, rated):
    rows = list(csv.DictReader(io.StringIO(performances_csv(table))))
    assert len(rows) == 20
    for row, each in zip(rows, rated, strict=True):
        assert (row["song"], row["singer"]) == (each.song, each.singer)
        assert float(row["human"]) == pytest.approx(each.human, rel=1e-5)
        assert float(row["judge:b"]) == pytest.approx(each.judges["b"], rel=1e-5)
        assert float(row["far:value"]) == pytest.approx(each.heard.said["far"].value, rel=1e-5)
        assert row["silent:value"] == ""
        assert row["silent:reason"] == "no_melody"
        assert np.isfinite(float(row["linear in all, ridge:fitted"]))


class Counting(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.cells = 0

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.cells += tag == "td"
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_startendtag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


CURVES = {"off_pitch": (Point(0.0, 9, 90, 80, 95), Point(0.5, 0), Point(0.9, None, 20))}


def test_the_page_is_whole_and_holds_everything(rated, recwarn):
    strange = [replace(each, song=f"<b>{each.song} & $x_1$ 歌") for each in rated]
    table = compare(strange, target="overall", seed=1)
    drawings = draw(table, CURVES)
    assert [each.name for each in drawings] == ["forest", "agreement", "clips", "severity"]
    for each in drawings:
        ElementTree.fromstring(each.svg)
    whole = page(table, drawings, {"manifest": "a<b>.csv"})
    seen = Counting()
    seen.feed(whole)
    assert not seen.open
    assert len(seen.ids) == len(set(seen.ids))
    assert seen.cells == 2 * (len(table.lines) + 3) * 4
    assert "<b>" not in whole
    assert "歌" in drawings[1].svg
    assert not recwarn
    assert "http" not in whole.replace("http://www.w3.org", "")


def test_without_embeddings_and_curves_there_are_no_such_figures(rated):
    bare = [replace(each, heard=replace(each.heard, embeddings=None)) for each in rated]
    table = compare(bare, target="overall", seed=1)
    assert [each.name for each in draw(table, {})] == ["forest", "agreement"]


def test_drawing_is_repeatable_and_leaves_no_settings_behind(table):
    import matplotlib

    before = dict(matplotlib.rcParams)
    first = [each.svg for each in draw(table, {})]
    assert first == [each.svg for each in draw(table, {})]
    assert dict(matplotlib.rcParams) == before
