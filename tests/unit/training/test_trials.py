"""Trials: networks that differ in one thing, trained alike, and the table of them."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from asa_training.__main__ import main
from asa_training.config import FitConfig, read_config
from asa_training.evaluate import ClipRow
from asa_training.features import Rendition
from asa_training.grades import COLUMNS
from asa_training.trials import command
from asa_training.trials.measures import Measured, of_pairs, of_tables
from asa_training.trials.pairs import real_pairs, shares_in_order
from asa_training.trials.table import write_tables
from asa_training.trials.trial import SUBSETS, of_channels, of_configs, varied
from made_renditions import scene

from asa_desktop.core.alignment.warp import Warp
from asa_desktop.core.errors import UsageError

TOML = """
seed = 1
steps = 4
clips = 2
performances = 3
warmup = 1
check_every = 2
[network]
width = 4
feed_forward = 8
layers = 1
heads = 2
embedding = 8
"""


def test_the_subsets_are_the_papers_and_f0_and_nothing_else_differs():
    config = read_config(Path("rori"))
    trials = of_channels(config)
    assert [trial.name for trial in trials] == list(SUBSETS)
    assert [len(trial.config.network.channels) for trial in trials] == [1, 2, 3, 5, 1]
    assert trials[3].config == config
    for trial in trials:
        whole = replace(trial.config.network, channels=config.network.channels)
        assert replace(trial.config, network=whole) == config


def test_variations_of_a_configuration():
    config = read_config(Path("rori"))
    fixed = varied(config, "margin=fixed,margin_fixed=0.3,strangers=0")
    assert (fixed.margin, fixed.margin_fixed, fixed.strangers) == ("fixed", 0.3, 0)
    assert varied(config, "network.width=64").network.width == 64
    assert varied(config, 'network.positions="none"').network.positions == "none"
    assert varied(config, "network.cls=fixed, draw=any").network.cls == "fixed"
    some = varied(config, 'network.channels=["spec","f0"]')
    assert some.network.channels == ("spec", "f0")
    assert varied(config, "views=[0,100],seed=3").views == (0, 100)


@pytest.mark.parametrize(
    "text", ["width", "colour=1", "network.width=-1", "network.colour=1", "margin=wide", "clips=0"]
)
def test_what_is_no_variation_is_said(text):
    with pytest.raises(UsageError) as caught:
        varied(FitConfig(), text)
    assert (caught.value.code, caught.value.facts["text"]) == ("trial_broken", text)


def test_two_trials_of_one_name_are_refused():
    read = [(Path("a/x.toml"), FitConfig()), (Path("b/x.toml"), FitConfig())]
    with pytest.raises(UsageError) as caught:
        of_configs(read, [])
    assert caught.value.code == "trials_of_one_name"


def row(source: str, cosine: float, severity: float = 0.0, defect: str = "drift") -> ClipRow:
    columns = np.zeros(len(COLUMNS), np.float32)
    columns[COLUMNS.index(defect)] = severity
    return ClipRow(
        source=source,
        singer="s",
        take=f"{source}-{cosine}",
        anchor="a",
        role="negative" if severity else "positive",
        asked=frozenset({defect} if severity else ()),
        severity=columns,
        cosine=cosine,
    )


def test_auc_is_the_mean_over_seeds_and_drawn_over_sources():
    right = [each for name in "abcde" for each in (row(name, 0.9), row(name, 0.1, 0.5))]
    wrong = [each for name in "abcde" for each in (row(name, 0.1), row(name, 0.9, 0.5))]
    both = of_tables([right, wrong])["AUC drift"]
    assert (both.value, both.count, both.sources) == (0.5, 5, 5)
    assert both.interval == (0.5, 0.5), "both seeds are seen on the same draws"
    one = of_tables([right])["AUC drift"]
    assert one.value == 1.0
    gap, low, high = one.above(both)
    assert (gap, low, high) == (0.5, 0.5, 0.5)
    assert np.isnan(of_tables([right])["AUC timing"].value)


def test_few_sources_have_no_interval():
    good = [row(name, 0.9) for name in "abcdef"]
    few = of_tables([[*good, *(row(name, 0.1, 0.5) for name in "abcd")]])["AUC drift"]
    assert (few.value, few.sources) == (1.0, 4)
    assert np.isnan(few.interval).all()
    assert np.isnan(few.above(few)[1:]).all()
    enough = of_tables([[*good, *(row(name, 0.1, 0.5) for name in "abcde")]])["AUC drift"]
    assert enough.interval == (1.0, 1.0)


def test_an_auc_of_sources_that_differ_has_an_interval():
    rng = np.random.default_rng(0)
    rows = [
        row(f"s{n}", float(rng.normal(0.5 * (not severity), 0.5)), severity)
        for n in range(8)
        for severity in (0.0, 0.5)
        for _ in range(3)
    ]
    one = of_tables([rows])["AUC drift"]
    low, high = one.interval
    assert low < one.value < high
    assert 0.02 < high - low < 0.7


def sung(part: str, singer: str, *, source: str) -> list[Rendition]:
    return [
        replace(each, source=f"{source}-{singer}", name=f"{singer}/{each.name}", song=part)
        for each in scene(source, singer=singer)
    ]


@pytest.fixture
def alike(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Alignment is tested elsewhere: here everything lies where it is."""
    asked: list[str] = []
    ends = np.array([0.0, 100.0], np.float32)

    def align(take, reference):
        asked.append("asked")
        return Warp(ends, ends, (), (), 0.0, 1.0)

    monkeypatch.setattr("asa_training.trials.pairs.align", align)
    return asked


def facts_of(renditions: list[Rendition], parts: dict[str, str]) -> list[dict]:
    return [
        {
            "source": {
                "id": source, "song": renditions[0].song, "singer": source, "part": part,
            },
            "plan": {"engine": "world"},
        }
        for source, part in parts.items()
    ]  # fmt: skip


def test_pairs_are_two_singers_of_one_part_each_once_the_anchor(alike):
    renditions = [*sung("song", "x", source="s0"), *sung("song", "y", source="s0")]
    parts = {"s0-x": "verse", "s0-y": "verse"}
    pairs = real_pairs(renditions, facts_of(renditions, parts))
    assert [pair.renditions[0].singer for pair in pairs] == ["x", "y"]
    assert {each.singer for each in pairs[0].renditions[1:]} == {"y"}
    assert len(pairs[0].good) == 3
    assert len(alike) == 2
    for other in ({"s0-x": "verse", "s0-y": "chorus"}, {"s0-x": "", "s0-y": ""}):
        assert real_pairs(renditions, facts_of(renditions, other)) == []


def test_an_accompaniment_is_no_singer_of_a_pair(alike):
    sides = [sung("song", name, source="s0") for name in ("x", "y")]
    renditions = [
        each
        for side in sides
        for each in (replace(side[0], role="accompaniment", singer="", song=""), *side)
    ]
    pairs = real_pairs(renditions, facts_of(renditions, {"s0-x": "v", "s0-y": "v"}))
    assert [pair.renditions[0].singer for pair in pairs] == ["x", "y"]
    assert all(each.role != "accompaniment" for pair in pairs for each in pair.renditions)


def test_the_share_in_order_counts_good_takes_above_worse_ones(alike):
    renditions = [*sung("song", "x", source="s0"), *sung("song", "y", source="s0")]
    pairs = real_pairs(renditions, facts_of(renditions, {"s0-x": "v", "s0-y": "v"}))

    def judged(sign: float):
        def table(rows):
            return [
                row("s0", sign * (each.role == "positive"), 0.5)
                if each.role == "anchor"
                else replace(row("s0", sign * (each.role == "positive")), take=each.name)
                for each in rows
            ]

        return table

    right, wrong = (shares_in_order(pairs, judged(sign)) for sign in (1.0, -1.0))
    assert of_pairs([right]).value == 1.0
    assert of_pairs([wrong]).value == 0.0
    assert of_pairs([right]).count == right[:, 1].sum() > 0
    assert of_pairs([right, wrong]).value == 0.5


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, alike):
    """Folders that hold made renditions."""
    tested = [*sung("song", "x", source="s0"), *sung("song", "y", source="s0")]
    folders = {"train": scene("a"), "validation": scene("b"), "test": tested}
    monkeypatch.setattr(command, "load", lambda folder, cache, spec: folders[folder.name])
    facts = {
        "train": facts_of(folders["train"], {"a": ""}),
        "test": facts_of(tested, {"s0-x": "v", "s0-y": "v"}),
    }
    monkeypatch.setattr(command, "read_manifest", lambda folder: facts[folder.name])
    (tmp_path / "toy.toml").write_text(TOML)
    return tmp_path


def shared(folder: Path) -> list[str]:
    return [
        "--renders", str(folder / "train"), "--validation", str(folder / "validation"),
        "--test", str(folder / "test"), "--cache", str(folder / "c"), "--out", str(folder / "out"),
        "--device", "cpu",
    ]  # fmt: skip


def test_an_ablation_trains_each_subset_and_writes_one_table(bench, capsys):
    words = ["ablate", "--config", str(bench / "toy.toml"), *shared(bench), "--seeds", "1", "2"]
    assert main(words) == 0
    printed = capsys.readouterr().out
    runs = sorted(path.name for path in (bench / "out").iterdir() if path.is_dir())
    assert runs == sorted(
        f"{name.replace(' ', '-')}-seed{seed}" for name in SUBSETS for seed in (1, 2)
    )
    best = torch.load(bench / "out" / "spec+f0-seed2" / "best.pt", weights_only=True)
    assert len(best["norm.weight"]) == 2, "there are no weights for what is left out"
    with (bench / "out" / "table.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {each["trial"] for each in rows} == set(SUBSETS)
    measures = {each["measure"] for each in rows}
    assert {"AUC off pitch", "AUC timing", "real pairs of singers in order"} <= measures
    pooled = [each for each in rows if each["measure"] == "AUC pitch defects, pooled"]
    assert all(0 <= float(each["value"]) <= 1 for each in pooled)
    assert {(each["sources"], each["low"]) for each in pooled} == {("2", "")}
    assert pooled[0]["over_first"] == "0.0000"
    assert (bench / "out" / "table.md").read_text() in printed
    log = (bench / "out" / "spec-seed1" / "log.jsonl").read_bytes()
    table = (bench / "out" / "table.csv").read_bytes()
    assert main(words) == 0
    assert (bench / "out" / "spec-seed1" / "log.jsonl").read_bytes() == log, "not trained twice"
    assert (bench / "out" / "table.csv").read_bytes() == table


def test_configurations_are_compared_as_they_are_named(bench):
    words = [
        "compare", "--configs", str(bench / "toy.toml"), *shared(bench), "--steps", "2",
        "--vary", "margin=fixed,margin_fixed=0.7,strangers=0", "network.width=8",
    ]  # fmt: skip
    assert main(words) == 0
    text = (bench / "out" / "table.md").read_text()
    head = next(line for line in text.splitlines() if line.startswith("| measure"))
    assert head.split(" | ")[2:] == [
        "toy", "margin=fixed,margin_fixed=0.7,strangers=0", "network.width=8 |",
    ]  # fmt: skip
    assert "2 steps" in text


def test_what_was_trained_on_is_no_test(bench, monkeypatch, capsys):
    known = facts_of(scene("a"), {"a": ""})
    known[0]["source"]["singer"] = "x"
    monkeypatch.setattr(command, "read_manifest", lambda folder: known)
    assert main(["ablate", "--config", str(bench / "toy.toml"), *shared(bench)]) == 2
    assert "share a singer with training or validation: x" in capsys.readouterr().err


def test_a_mark_stands_where_the_difference_is_sure(tmp_path):
    def measured(value: float, spread: float) -> Measured:
        return Measured(value, value + spread * np.linspace(-1, 1, 500), 7, 5)

    few = measured(0.7, 0.01)
    results = {
        "a": {"m": measured(0.5, 0.01)},
        "b": {"m": measured(0.6, 0.01)},
        "c": {"m": measured(0.5, 0.2)},
        "d": {"m": Measured(float("nan"), np.full(500, np.nan), 0, 0)},
    }
    results["e"] = {"m": replace(few, sources=4)}
    text = write_tables(tmp_path, results, remarks="Made up.")
    assert "| m | 7 | 0.500 [0.491, 0.509] | 0.600 [0.591, 0.609] + |" in text
    assert "| 0.500 [0.310, 0.690] | - | 0.700 (few) |" in text
